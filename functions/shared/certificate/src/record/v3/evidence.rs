//! All that a certificate says.

use domain::{
    AuthenticationEvidence, EmailAddress, EtsiEvent, Points, Recipient, Serial, Sha256Digest,
    ZoneName,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::addendum::{Added, AddendumSection};
use super::authentication;
use super::contract::{AnswerSection, ContractSection, Reply};
use super::message::{AttachmentRow, DeliveredMessage, Message};
use super::other_mail::OtherMail;
use super::outcome::OutcomeWords;
use crate::purpose::Purpose;
use crate::record::codec::{digest, event_id, points, recipient, text, text_option, zone};

/// Everything that one certificate says, apart from its fixed texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Evidence {
    /// Printed on each page.
    #[serde(rename = "EvidenceIdentifier", with = "text")]
    pub serial: Serial,
    /// When this certificate was made; also the PDF's creation date.
    #[serde(rename = "IssueTime")]
    pub issued_at: Timestamp,
    /// The version of the service's readers: by them the values that follow from embedded files and
    /// from providers' records were read. 0 where some were read by earlier ones.
    pub reader_version: u32,
    /// The address that the pages print, where a holder compares the file with what was issued.
    pub check_address: String,
    /// The account's zone: each time is printed in UTC and in it (I-006).
    #[serde(rename = "TimeZone", with = "zone")]
    pub zone: ZoneName,
    /// When the message was accepted for sending (I-051).
    #[serde(rename = "SubmissionTime")]
    pub accepted_at: Timestamp,
    /// When the outcome was settled.
    #[serde(rename = "SettlementTime")]
    pub settled_at: Timestamp,
    /// How the dispatch ended, in honest words.
    pub outcome: OutcomeWords,
    /// The customer who pays (P-046).
    pub account: Party,
    /// Whom this dispatch went to (I-007, I-061).
    #[serde(rename = "RecipientDetails", with = "recipient")]
    pub recipient: Recipient,
    /// What it cost.
    #[serde(rename = "PricePoints", with = "points")]
    pub price: Points,
    /// Version of the rules that were applied (S-027).
    pub rules_version: String,
    /// Version of the price table that was applied (S-027).
    pub price_table_version: String,
    /// How it came in, and what only that way has.
    pub origin: Origin,
    /// Which product, and what only that one has (I-004).
    pub product: ProductEvidence,
    /// What was seen, in order (I-011).
    pub events: Vec<EventRow>,
    /// Who issues the certificate.
    #[serde(rename = "EvidenceIssuerDetails")]
    pub issuer: Issuer,
}

/// How a dispatch came in, by words of the record's own. The API and the pages of the service will
/// be others; they have no mail, and so neither a mailbox nor signatures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// By a mail to an address of the service.
    Mail(Box<MailOrigin>),
}

/// Who wrote the mail by which a dispatch came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct MailOrigin {
    /// Its author (I-007).
    #[serde(rename = "SenderDetails")]
    pub sender: Sender,
    /// Who vouches for the author's address.
    #[serde(with = "authentication")]
    pub authentication: AuthenticationEvidence,
}

/// What a certificate says of its product, and of no other (I-004). The record names the products
/// by these words of its own, which stay when [`domain::Product`] changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProductEvidence {
    /// Registered mail: the sending is certified.
    Mail(Box<MailSection>),
    /// A registered contract: the sending and the reply (I-073).
    Contract(Box<ContractSection>),
    /// What came after another certificate's outcome was settled (P-065, Q-28).
    Addendum(Box<AddendumSection>),
}

impl ProductEvidence {
    /// The subject of what was to be sent; empty where it has none.
    #[must_use]
    pub fn subject(&self) -> &str {
        match self {
            Self::Mail(mail) => &mail.message.subject,
            Self::Contract(contract) => &contract.message.subject,
            Self::Addendum(addendum) => &addendum.message.subject,
        }
    }

    /// SHA-256 of what was to be sent, as it came from the sender.
    #[must_use]
    pub fn content_digest(&self) -> Sha256Digest {
        match self {
            Self::Mail(mail) => mail.message.digest,
            Self::Contract(contract) => contract.message.digest,
            Self::Addendum(addendum) => addendum.message.digest,
        }
    }
}

/// A registered mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct MailSection {
    /// The message as received from the sender.
    #[serde(rename = "UserContentInfo")]
    pub message: Message,
    /// Its parts other than the body, in order, the same content twice being two rows.
    pub attachments: Vec<AttachmentRow>,
    /// The message as handed over for delivery.
    pub delivered: DeliveredMessage,
}

impl Evidence {
    /// The message as received from the sender, if it is embedded: an addendum leaves that to the
    /// certificate that it adds to.
    #[must_use]
    pub fn message(&self) -> Option<&Message> {
        match &self.product {
            ProductEvidence::Mail(mail) => Some(&mail.message),
            ProductEvidence::Contract(contract) => Some(&contract.message),
            ProductEvidence::Addendum(_) => None,
        }
    }

    /// The mail that was handed over for delivery, if the certificate tells of one. An addendum
    /// leaves that to the certificate that it adds to.
    #[must_use]
    pub fn delivered(&self) -> Option<&DeliveredMessage> {
        match &self.product {
            ProductEvidence::Mail(mail) => Some(&mail.delivered),
            ProductEvidence::Contract(contract) => contract.mail.as_ref(),
            ProductEvidence::Addendum(_) => None,
        }
    }

    /// The recipient's answer, if the certificate holds one.
    #[must_use]
    pub fn answer(&self) -> Option<&AnswerSection> {
        match &self.product {
            ProductEvidence::Mail(_) => None,
            ProductEvidence::Contract(contract) => match &contract.reply {
                Reply::Answered(answer) => Some(answer),
                Reply::None | Reply::NoSuchDestination | Reply::Undelivered => None,
            },
            ProductEvidence::Addendum(addendum) => match &addendum.added {
                Added::Answer(answer) => Some(answer),
                Added::Bounce(_) => None,
            },
        }
    }
}

/// A customer as registered (I-031).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Party {
    /// Company name.
    pub company: String,
    /// Person in charge.
    pub contact: String,
    /// The account's own mail address, if one is registered.
    #[serde(with = "text_option")]
    pub address: Option<EmailAddress>,
}

/// The author of the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Sender {
    /// The one mailbox of From.
    #[serde(with = "text")]
    pub address: EmailAddress,
    /// The name written beside it, decoded.
    pub display_name: Option<String>,
}

/// One line of the communication log (I-011).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct EventRow {
    /// When it happened, by the clock of its source.
    #[serde(rename = "EventTime")]
    pub at: Timestamp,
    /// When the service wrote it down.
    #[serde(rename = "RecordingTime")]
    pub recorded_at: Timestamp,
    /// Who saw it, e.g. `Amazon SES`.
    pub source: String,
    /// Its stable name, e.g. `delivered`.
    pub name: String,
    /// Its name in the vocabulary of ETSI EN 319 522, if it has one.
    #[serde(rename = "ERDSEventId", with = "event_id")]
    pub etsi: Option<EtsiEvent>,
    /// What happened, in Japanese.
    pub description_japanese: String,
    /// What happened, in English.
    pub description_english: String,
    /// Whether it came after the outcome was settled, and so changed nothing.
    pub is_supplementary: bool,
    /// The provider's id of the message that the report named, where it is another than ours, or
    /// where ours was learned from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported_message_id: Option<String>,
    /// The source's own record, unchanged; `None` for the service's own events.
    pub verbatim: Option<String>,
    /// The words of what came back and answers nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quoted: Option<String>,
    /// The mail that these words stand in, if they came by mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_mail: Option<OtherMail>,
    /// Who else told of the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_told: Vec<ToldAgain>,
}

/// The same event, as somebody else told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ToldAgain {
    /// When it happened, by the clock of this source.
    #[serde(rename = "EventTime")]
    pub at: Timestamp,
    /// When the service wrote it down.
    #[serde(rename = "RecordingTime")]
    pub recorded_at: Timestamp,
    /// Who told of it.
    pub source: String,
    /// The source's own record, unchanged; `None` for the service's own.
    pub verbatim: Option<String>,
}

/// Who issues the certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Issuer {
    /// The operator's name.
    pub operator: String,
    /// The domain of the service.
    pub service_domain: String,
    /// The fingerprint of the certificate that the file is signed with: the SHA-256 of its DER.
    #[serde(rename = "SignerSha256", with = "digest")]
    pub signer: Sha256Digest,
    /// The timestamp authorities that are asked. A reader who trusts only one of them learns
    /// from here that the other one is no stranger.
    pub timestamp_authorities: Vec<NamedAuthority>,
    /// What the service is there for.
    pub purpose: Purpose,
}

/// A timestamp authority, and what its tokens lead to. Two authorities are two by their roots, and
/// never by their names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct NamedAuthority {
    /// As the operator calls it.
    pub name: String,
    /// Each of its tokens leads to one of these.
    pub roots: Vec<NamedRoot>,
}

/// A root of a timestamp authority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct NamedRoot {
    /// Its subject as in RFC 4514, for people.
    pub subject: String,
    /// The SHA-256 of its DER, by which it is known.
    #[serde(rename = "Sha256", with = "digest")]
    pub fingerprint: Sha256Digest,
}
