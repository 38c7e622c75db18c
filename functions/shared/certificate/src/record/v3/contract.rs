//! A registered contract: the offer with its terms and roads, and the answer (I-073, P-033, P-034).

use domain::limits::MESSAGE_SIZE_BYTES_MAX;
use domain::{
    AnswerDeadline, AuthenticationEvidence, Channel, Choice, EmailAddress, MobileNumber,
    OfferOrder, SeenBy,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::authentication;
use super::message::{AttachmentRow, DeliveredMessage, Message};
use crate::record::codec::{deadline, named, text};

/// A registered contract: the offer is part 1 of its certificate, the answer part 2 (P-067).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ContractSection {
    /// The offer as received from the sender.
    #[serde(rename = "UserContentInfo")]
    pub message: Message,
    /// Its parts other than the body, in order.
    pub attachments: Vec<AttachmentRow>,
    /// How long the offer waited for its answer.
    #[serde(rename = "DeadlineHours", with = "deadline")]
    pub deadline: AnswerDeadline,
    /// Until when an answer counted.
    #[serde(rename = "AnswerUntilTime")]
    pub answer_until: Timestamp,
    /// In which order the roads were taken, when there are two (P-022).
    #[serde(with = "named")]
    pub order: OfferOrder,
    /// What became of the offer on each road that was to be taken, in the order of the sending.
    pub channels: Vec<ChannelRow>,
    /// The mail that was handed over for delivery; `None` when none was.
    pub mail: Option<DeliveredMessage>,
    /// The SMS that was handed over for delivery; `None` when none was.
    pub sms: Option<DeliveredSms>,
    /// What came back.
    pub reply: Reply,
}

/// What came back to an offer, or why nothing did (P-050, P-051). Each of them has words of its
/// own, which say what was seen and nothing about its effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// The recipient answered.
    Answered(Box<AnswerSection>),
    /// The deadline passed without an answer (NORESPMAIL, I-074).
    None,
    /// Neither the address nor the number exists, as far as they were tried (NOEX).
    NoSuchDestination,
    /// The offer reached the recipient's side on no road, and for a reason that says nothing about
    /// whether the address or number exists.
    Undelivered,
}

/// What became of an offer on one road. Its destination is the recipient's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ChannelRow {
    /// Which road.
    #[serde(with = "named")]
    pub channel: Channel,
    /// What is known.
    pub state: ChannelState,
    /// When that was seen, by the clock of its source; `None` when nothing was seen.
    #[serde(rename = "EventTime")]
    pub at: Option<Timestamp>,
    /// The provider's own words, e.g. the answer `250 2.0.0 OK` or the reason of a failure.
    pub detail: Option<String>,
}

/// What is known about an offer on one road, claiming no more than was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChannelState {
    /// The recipient's mail exchanger answered 250, or the carrier reported that it took the SMS.
    Accepted,
    /// The address, its domain or the number does not exist.
    NotExisting,
    /// It failed for a reason that says nothing about the address or number.
    Undelivered,
    /// The service did not try; the detail says why.
    NotAttempted,
    /// The provider took it, or may have; nothing was heard since.
    Unconfirmed,
}

impl ChannelState {
    /// Every state there is.
    pub const ALL: [Self; 5] = [
        Self::Accepted,
        Self::NotExisting,
        Self::Undelivered,
        Self::NotAttempted,
        Self::Unconfirmed,
    ];
}

/// The SMS that was handed over for delivery to the recipient (P-040).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeliveredSms {
    /// Its text, verbatim.
    pub text: String,
    /// How the text goes over the air, e.g. `UCS-2`.
    pub encoding: String,
    /// In how many parts.
    pub parts: u16,
    /// Who sent it for us, e.g. `Amazon SNS`.
    pub provider: String,
    /// The provider's id for it; `None` when the provider never confirmed it.
    pub provider_message_id: Option<String>,
    /// The recipient's carrier, where the provider names it (P-066).
    pub carrier: Option<String>,
}

/// What the recipient answered, quoted and never interpreted (P-024, P-034, P-047).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AnswerSection {
    /// When it reached us, by the clock of the receiving service.
    #[serde(rename = "ReceptionTime")]
    pub received_at: Timestamp,
    /// What shows that the recipient gave it.
    pub proof: Proof,
    /// The road that it took, and what is known because of it.
    pub road: AnswerRoad,
}

/// What shows that the recipient gave an answer. The outcome's line says it in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    /// Nothing does.
    None,
    /// Whoever answered knew the reply address or link of the offer.
    OfferToken,
    /// Whoever answered knew the reply address or link of the recipient's copy of the certificate.
    CopyToken,
    /// The mail has a DKIM signature that is aligned with the recipient's address.
    AlignedSignature,
    /// The carrier gave the mobile number of the offer as the sender; nobody verified it.
    CallerId,
}

impl Proof {
    /// Every proof there is.
    pub const ALL: [Self; 5] = [
        Self::None,
        Self::OfferToken,
        Self::CopyToken,
        Self::AlignedSignature,
        Self::CallerId,
    ];
}

/// The road of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AnswerRoad {
    /// A mail; its bytes are embedded as `answer.eml`.
    Mail(Box<AnswerMail>),
    /// An SMS to our number.
    Sms(AnswerSms),
    /// The page behind the link.
    Link(AnswerLink),
}

/// An answer by mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AnswerMail {
    /// The one mailbox of its From.
    #[serde(with = "text")]
    pub from: EmailAddress,
    /// The name written beside it, decoded.
    pub display_name: Option<String>,
    /// The mail as received; [`Message::digest`] is the SHA-256 of `answer.eml`.
    pub message: Message,
    /// Its parts other than the body, in order.
    pub attachments: Vec<AttachmentRow>,
    /// Who vouches for its sender's address.
    #[serde(with = "authentication")]
    pub authentication: AuthenticationEvidence,
    /// The way that its Received fields describe, the newest first, as they stand (P-047).
    pub hops: Vec<HopRow>,
}

/// One Received field (RFC 5321, section 4.4), parsed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct HopRow {
    /// What the sending side calls itself.
    pub from_name: Option<String>,
    /// The IP address it came from, as the receiving side wrote it down.
    #[serde(rename = "FromIP")]
    pub from_ip: Option<String>,
    /// The receiving side.
    pub by: Option<String>,
    /// When, by the clock of the receiving side.
    #[serde(rename = "Time")]
    pub at: Option<Timestamp>,
    /// Whether our own receiving service wrote it. All others are claims of servers on the way,
    /// and of whoever could invent such servers.
    pub is_attested: bool,
}

/// An answer by SMS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AnswerSms {
    /// The sender number that the carrier gave.
    #[serde(with = "text")]
    pub from: MobileNumber,
    /// Our number, as the provider names it.
    pub to: String,
    /// Its words, verbatim.
    pub text: String,
    /// Who received it for us.
    pub provider: String,
    /// The provider's id for it.
    pub provider_message_id: Option<String>,
    /// The carrier that it came through, where the provider names it (P-066).
    pub carrier: Option<String>,
}

/// An answer on the page behind the link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AnswerLink {
    /// Which button was pressed.
    #[serde(with = "named")]
    pub choice: Choice,
    /// What the button said, as it was shown; quoted.
    pub label: String,
    /// The text typed beside it, verbatim; may be empty.
    pub text: String,
    /// The IP address the request came from.
    #[serde(rename = "SourceIP")]
    pub source_ip: String,
    /// Who says so: our web server, or the CDN in front of it.
    #[serde(rename = "SourceIPSeenBy", with = "named")]
    pub source_ip_seen_by: SeenBy,
    /// What the browser called itself.
    pub user_agent: Option<String>,
}

impl AnswerSection {
    /// The answer as a mail, if it was one.
    #[must_use]
    pub fn mail(&self) -> Option<&AnswerMail> {
        match &self.road {
            AnswerRoad::Mail(mail) => Some(mail),
            AnswerRoad::Sms(_) | AnswerRoad::Link(_) => None,
        }
    }
}

impl AnswerMail {
    /// Whether the mail itself is embedded. Mail from outside may have 40 MB; a certificate that
    /// holds it could be sent to nobody. What is larger than a mail of our customers may be is
    /// certified by its digest, header and text, and the certificate says so.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        self.message.size_bytes <= MESSAGE_SIZE_BYTES_MAX
    }
}
