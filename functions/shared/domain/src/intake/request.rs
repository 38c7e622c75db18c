//! What an inbound mail asks for, as the rules see it.

use jiff::Timestamp;

use crate::{
    Account, AccountId, AllowlistEntry, Authentication, Balance, Coverage, Destinations,
    EmailAddress, HeaderField, Recipient,
};

/// What the rules need to know of an inbound mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundMessage {
    /// Whether it is automatic mail, which is never answered.
    pub automatic: Option<AutomaticMail>,
    /// The one mailbox of the one From field, if there is one.
    pub from: Option<EmailAddress>,
    /// What is asked for, and for whom.
    pub request: Request,
    /// Raw MIME as received, without the trace fields that SES put on top.
    pub size_bytes: u64,
    /// SES's verdict.
    pub virus: VirusVerdict,
    /// What DKIM and SPF say of it.
    pub authentication: Authentication,
    /// Where the service's address stands.
    pub addressed: Addressed,
    /// The fields that stand more than once and may stand once.
    pub repeated_fields: Vec<HeaderField>,
    /// How many SMS the account has asked for today.
    pub sms_today: u32,
    /// When SES received it: the age of a signature counts to then.
    pub received_at: Timestamp,
}

/// What a mail asks for, as it stands there, before anything is accepted. It is not a
/// [`Product`](crate::Product): it may ask for two at once, or for recipients that cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Registered mail to the recipients in TO (I-061..I-063).
    Mail(ToRecipients),
    /// A contract with each of the destinations in the subject (I-019, P-010).
    Contract {
        /// Whose contract address it was sent to.
        account: AccountId,
        /// What the subject names.
        destinations: Destinations,
    },
    /// Both at once, which nobody can mean.
    Mixed(AccountId),
}

/// The TO header field, read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ToRecipients {
    /// Each address once, in order, first spelling kept, our own addresses left out.
    pub recipients: Vec<EmailAddress>,
    /// How many of our own service addresses stood in TO.
    pub service_addresses: usize,
    /// What stood in TO and is no address, as shown to the sender.
    pub unreadable: Vec<String>,
}

/// Signs of mail that no person wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AutomaticMail {
    /// Empty envelope return path: a bounce.
    NullReturnPath,
    /// `Auto-Submitted` other than `no` (RFC 3834).
    AutoSubmitted,
    /// `Precedence: bulk`, `junk` or `list`.
    Precedence,
    /// `List-Id` (RFC 2919).
    MailingList,
    /// `multipart/report` (RFC 6522): a server's report about a delivery, or a mailer's read
    /// receipt. Only asked of answers.
    DeliveryReport,
}

/// SES's malware verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VirusVerdict {
    /// Malware was found.
    Fail,
    /// It was looked for and not found.
    Pass,
    /// SES could not tell, or was not asked.
    Unknown,
}

/// In which fields the service's address stands, which the mail came to; in none of them, when it
/// came by Bcc.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Addressed {
    /// It stands in To.
    pub in_to: bool,
    /// It stands in Cc.
    pub in_cc: bool,
}

/// What is known about the sender: only a sender on the allowlist has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The allowlist entry.
    pub entry: AllowlistEntry,
    /// The account that pays.
    pub account: Account,
    /// Its points.
    pub balance: Balance,
}

impl Addressed {
    pub(super) fn is_covered(self, coverage: &Coverage) -> bool {
        (self.in_to && coverage.covers(HeaderField::To))
            || (self.in_cc && coverage.covers(HeaderField::Cc))
    }
}

impl Request {
    /// Whether the sender's account is the one whose contract address was used (P-011).
    pub(super) fn is_for(&self, sender: &AccountId) -> bool {
        match self {
            Self::Mail(_) => true,
            Self::Contract { account, .. } | Self::Mixed(account) => account == sender,
        }
    }

    /// Whom a mail of this request would go to.
    #[must_use]
    pub fn recipients(&self) -> Vec<Recipient> {
        match self {
            Self::Mail(to) => to.recipients.iter().cloned().map(Recipient::Mail).collect(),
            Self::Contract { destinations, .. } => destinations.recipients.clone(),
            Self::Mixed(_) => Vec::new(),
        }
    }
}
