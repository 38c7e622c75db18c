//! The room of answers: what comes back to an offer, on which road, and what shows who gave it.

use jiff::Timestamp;

use crate::{
    AuthenticationEvidence, AutomaticMail, EmailAddress, InboundMessageId, MobileNumber, Named,
    Progress, Recipient,
};

/// What came back to an offer, or to its certificate (P-024, P-065). Quoted, never interpreted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// On which road.
    pub road: AnswerRoad,
    /// Who gave it, as far as it can be told.
    pub standing: AnswerStanding,
    /// What was brought to show that the recipient gave it.
    pub proof: AnswerProof,
    /// When it reached us, by the clock of the receiving service.
    pub received_at: Timestamp,
    /// Its words, verbatim; cut at [`ANSWER_TEXT_BYTES_MAX`](crate::limits::ANSWER_TEXT_BYTES_MAX)
    /// where the whole mail is kept beside it.
    pub text: String,
    /// What was found when its sender was authenticated; mail only.
    pub authentication: Option<Box<AuthenticationEvidence>>,
}

/// On which road an answer came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnswerRoad {
    /// A mail to the reply address, or one that refers to our message (P-044).
    Mail {
        /// Which.
        inbound: InboundMessageId,
        /// The one mailbox of its From, when it has one.
        from: Option<EmailAddress>,
    },
    /// An SMS to our number.
    Sms {
        /// The carrier's sender number.
        from: MobileNumber,
        /// Our number, as the carrier names it.
        to: String,
        /// The provider's id of it.
        message_id: String,
    },
    /// The page behind the link.
    Link {
        /// Which button was pressed.
        choice: Choice,
        /// The address the request came from.
        source_ip: String,
        /// Who says so.
        seen_by: SeenBy,
        /// What the browser calls itself.
        user_agent: String,
    },
}

/// Who says from which address a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeenBy {
    /// Our web server, which it was connected to.
    WebServer,
    /// The CDN in front of our web server, which proved that it is the operator's.
    Cdn,
}

impl AnswerRoad {
    /// The stable name used in stored items and shown to operators.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Mail { .. } => "mail",
            Self::Sms { .. } => "sms",
            Self::Link { .. } => "link",
        }
    }
}

impl SeenBy {
    /// Everybody who may say so.
    pub const ALL: [Self; 2] = [Self::WebServer, Self::Cdn];
}

impl Named for SeenBy {
    const VALUES: &'static [Self] = &Self::ALL;

    // Used in stored items and in evidence.
    fn name(self) -> &'static str {
        match self {
            Self::WebServer => "web_server",
            Self::Cdn => "cdn",
        }
    }
}

/// What was chosen on the page behind the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// "I agree".
    Agree,
    /// "I decline".
    Decline,
    /// Only a text.
    Text,
}

impl Choice {
    /// Every choice there is.
    pub const ALL: [Self; 3] = [Self::Agree, Self::Decline, Self::Text];
}

impl Named for Choice {
    const VALUES: &'static [Self] = &Self::ALL;

    // Used in the page's form and in stored items.
    fn name(self) -> &'static str {
        match self {
            Self::Agree => "agree",
            Self::Decline => "decline",
            Self::Text => "text",
        }
    }
}

/// Whether an answer can be the recipient's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerStanding {
    /// It came from the address or number that the offer went to, or through its link, and with a
    /// proof that counted then.
    Recipient,
    /// It came in the recipient's name, and nothing shows that they gave it: quoted,
    /// but it answers nothing.
    Unauthenticated,
    /// It came from another address: quoted, but it answers nothing.
    AnotherAddress,
    /// No person wrote it.
    Automatic(AutomaticMail),
    /// There is neither a word nor a file in it: it states no will.
    Empty,
    /// Malware was found in it; its content is not passed on.
    Malware,
}

impl AnswerStanding {
    /// Every standing there is.
    pub const ALL: [Self; 10] = [
        Self::Recipient,
        Self::Unauthenticated,
        Self::AnotherAddress,
        Self::Empty,
        Self::Malware,
        Self::Automatic(AutomaticMail::NullReturnPath),
        Self::Automatic(AutomaticMail::AutoSubmitted),
        Self::Automatic(AutomaticMail::Precedence),
        Self::Automatic(AutomaticMail::MailingList),
        Self::Automatic(AutomaticMail::DeliveryReport),
    ];
}

impl Named for AnswerStanding {
    const VALUES: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        match self {
            Self::Recipient => "recipient",
            Self::Unauthenticated => "unauthenticated",
            Self::AnotherAddress => "another_address",
            Self::Empty => "empty",
            Self::Malware => "malware",
            Self::Automatic(AutomaticMail::NullReturnPath) => "automatic_null_return_path",
            Self::Automatic(AutomaticMail::AutoSubmitted) => "automatic_auto_submitted",
            Self::Automatic(AutomaticMail::Precedence) => "automatic_precedence",
            Self::Automatic(AutomaticMail::MailingList) => "automatic_mailing_list",
            Self::Automatic(AutomaticMail::DeliveryReport) => "automatic_delivery_report",
        }
    }
}

/// What was brought to show that the recipient gave an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerProof {
    /// Nothing.
    Nothing,
    /// The token of the offer. Mails are embedded in certificates unchanged, so it proves nothing
    /// from the moment on in which the contract is settled.
    OfferToken,
    /// The token of a [`CopyToken`], which proves nothing after the recipient's next answer.
    CopyToken {
        /// As in the token.
        after_answers: u32,
    },
    /// A DKIM signature that is aligned with the recipient's address and covers what is relied on
    ///
    Signature,
    /// The sender number that the carrier gave, which nobody verified.
    CallerId,
}

impl AnswerProof {
    /// One of each kind.
    pub const ALL: [Self; 5] = [
        Self::Nothing,
        Self::OfferToken,
        Self::CopyToken { after_answers: 0 },
        Self::Signature,
        Self::CallerId,
    ];

    /// Whether it shows that the recipient gave an answer that reached us at `received_at`.
    #[must_use]
    pub fn counts(self, progress: &Progress, received_at: Timestamp) -> bool {
        match self {
            Self::Nothing => false,
            // What reached us before the settlement was written by somebody who had the offer, even
            // when it is read after it.
            Self::OfferToken => progress
                .settled
                .is_none_or(|settled| received_at < settled.at),
            Self::CopyToken { after_answers } => after_answers == progress.answers_taken,
            Self::Signature | Self::CallerId => true,
        }
    }
}

impl Named for AnswerProof {
    const VALUES: &'static [Self] = &Self::ALL;

    // Used in stored items.
    fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::OfferToken => "offer_token",
            Self::CopyToken { .. } => "copy_token",
            Self::Signature => "signature",
            Self::CallerId => "caller_id",
        }
    }
}

impl Answer {
    /// Whether the person that the offer went to gave it (P-024: any text is an answer).
    #[must_use]
    pub fn is_of_recipient(&self) -> bool {
        self.standing == AnswerStanding::Recipient
    }

    /// The answer with the standing that its proof gives it. What comes in the recipient's name
    /// without a proof that counts is not theirs.
    #[must_use]
    pub fn weighed(&self, progress: &Progress) -> Self {
        let is_in_their_name = matches!(
            self.standing,
            AnswerStanding::Recipient | AnswerStanding::Unauthenticated
        );
        let standing = match (
            is_in_their_name,
            self.proof.counts(progress, self.received_at),
        ) {
            (false, _) => self.standing,
            (true, true) => AnswerStanding::Recipient,
            (true, false) => AnswerStanding::Unauthenticated,
        };
        Self {
            standing,
            ..self.clone()
        }
    }

    /// Whether somebody may have given it from this address: the offer went there.
    #[must_use]
    pub fn comes_from(recipient: &Recipient, from: Option<&EmailAddress>) -> bool {
        from.is_some() && recipient.mail() == from
    }
}
