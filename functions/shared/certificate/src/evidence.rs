//! What a certificate is made from: plain data, already decided, filled in by the workflow.

mod contract;

use domain::{EmailAddress, EtsiEvent, Points, Recipient, Serial, Sha256Digest, ZoneName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::codec::{
    digest, event_id, octets, octets_option, points, recipient, text, text_option, zone,
};
use crate::limits::{BODY_TEXT_BYTES_MAX, DELIVERED_BYTES_MAX};

pub use contract::{
    AddendumSection, AnswerLink, AnswerMail, AnswerRoad, AnswerSection, AnswerSms, ChannelRow,
    ChannelState, ContractSection, DeliveredSms, HopRow, MainCertificate, Proof, Reply,
};

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
    /// Who wrote (I-007).
    #[serde(rename = "SenderDetails")]
    pub sender: Sender,
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
    /// The message as received from the sender. An addendum names it by subject, id and digest.
    #[serde(rename = "UserContentInfo")]
    pub message: Message,
    /// Its parts other than the body, in order, the same content twice being two rows.
    pub attachments: Vec<AttachmentRow>,
    /// Which product, and what only that one has (I-004).
    pub product: ProductEvidence,
    /// Who vouches for the sender's address.
    pub authentication: Authentication,
    /// What was seen, in order (I-011).
    pub events: Vec<EventRow>,
    /// Who issues the certificate.
    #[serde(rename = "EvidenceIssuerDetails")]
    pub issuer: Issuer,
}

/// What a certificate says of its product, and of no other (I-004). The record names the products
/// by these words of its own, which stay when [`domain::Product`] changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProductEvidence {
    /// Registered mail, with the message as handed over for delivery: the sending is certified.
    Mail(DeliveredMessage),
    /// A registered contract: the sending and the reply (I-073).
    Contract(Box<ContractSection>),
    /// An answer that came after the certificate of a contract (P-065).
    Addendum(Box<AddendumSection>),
}

impl Evidence {
    /// Whether the message as received is embedded. An addendum leaves that to the certificate that
    /// it adds to.
    #[must_use]
    pub fn embeds_original(&self) -> bool {
        match &self.product {
            ProductEvidence::Mail(_) | ProductEvidence::Contract(_) => true,
            ProductEvidence::Addendum(_) => false,
        }
    }

    /// The mail that was handed over for delivery, if the certificate tells of one. An addendum
    /// leaves that to the certificate that it adds to.
    #[must_use]
    pub fn delivered(&self) -> Option<&DeliveredMessage> {
        match &self.product {
            ProductEvidence::Mail(delivered) => Some(delivered),
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
            ProductEvidence::Addendum(addendum) => Some(&addendum.answer),
        }
    }
}

/// An outcome in words that claim exactly what was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct OutcomeWords {
    /// The stable name, e.g. `relayed`.
    pub code: String,
    /// In Japanese.
    pub japanese: String,
    /// In English.
    pub english: String,
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

/// The message as received from the sender.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Message {
    /// Decoded subject; empty when there is none.
    pub subject: String,
    /// The `Message-ID` field.
    #[serde(rename = "MessageIdentifier")]
    pub message_id: Option<String>,
    /// The `Date` field as written by the sender's side.
    pub date_header: Option<String>,
    /// The text of the body (I-008), decoded.
    pub body_text: BodyText,
    /// Where that text comes from.
    pub body_source: BodySource,
    /// How the text was decoded, e.g. `ISO-2022-JP, as labelled`.
    pub body_charset: String,
    /// Size of `original.eml`, in bytes.
    pub size_bytes: u64,
    /// SHA-256 of `original.eml`.
    #[serde(with = "digest")]
    pub digest: Sha256Digest,
    /// The whole header block, byte for byte (I-010).
    #[serde(with = "octets")]
    pub raw_header: Vec<u8>,
    /// What could not be decoded, one sentence each.
    pub damages: Vec<String>,
}

/// The text of a body, or its beginning: a page shows no more of it than
/// [`BODY_LINES_MAX`](crate::BODY_LINES_MAX) lines, and all of it is in the embedded mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct BodyText {
    text: String,
    /// Of the whole text, in UTF-8.
    size_bytes: u64,
}

impl BodyText {
    /// Keeps the first [`BODY_TEXT_BYTES_MAX`] bytes of a text, and the size of all of it.
    #[must_use]
    pub fn new(mut text: String) -> Self {
        let size_bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
        text.truncate(text.floor_char_boundary(BODY_TEXT_BYTES_MAX));
        Self { text, size_bytes }
    }

    /// What is kept of the text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Size of the whole text in UTF-8, in bytes.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }
}

/// Where the text of a body comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BodySource {
    /// The plain text part.
    PlainText,
    /// The HTML part, shown as text, because there is no plain text (I-069).
    HtmlAsText,
    /// The message has no text.
    Empty,
}

/// One part of the message that is not its body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AttachmentRow {
    /// The file name as sent, decoded.
    pub name_as_sent: Option<String>,
    /// A safe name, unique within the message.
    pub embedded_name: String,
    /// The media type as labelled.
    pub content_type: String,
    /// The `Content-ID`, by which HTML refers to inline parts.
    pub content_id: Option<String>,
    /// Size of the decoded content, in bytes.
    pub size_bytes: u64,
    /// SHA-256 of the decoded content.
    #[serde(with = "digest")]
    pub digest: Sha256Digest,
    /// Whether it is meant to be shown inside the body.
    pub is_inline: bool,
    /// Whether it could not be decoded to its end.
    pub damaged: bool,
}

/// The message that was handed over for delivery to the recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeliveredMessage {
    /// Its size, in bytes.
    pub size_bytes: u64,
    /// Its SHA-256.
    #[serde(with = "digest")]
    pub digest: Sha256Digest,
    /// The provider's id for it; `None` when the provider never confirmed it.
    pub provider_message_id: Option<String>,
    /// Its header block, byte for byte; `None` where the message could not be read when the
    /// certificate was made.
    #[serde(with = "octets_option")]
    pub raw_header: Option<Vec<u8>>,
}

impl DeliveredMessage {
    /// Whether the message itself is embedded: where it could be read and is no larger than
    /// [`DELIVERED_BYTES_MAX`].
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        self.raw_header.is_some() && self.size_bytes <= DELIVERED_BYTES_MAX
    }
}

/// Who vouches for the sender's address, as verified when the message was received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Authentication {
    /// Every DKIM signature, in the order of the header.
    #[serde(rename = "DKIM")]
    pub signatures: Vec<SignatureRow>,
    /// Which of them the trust check relied on, an index into `signatures`.
    pub relied_on: Option<usize>,
    /// The SPF result, in the words of whoever checked it.
    #[serde(rename = "SPF")]
    pub spf: String,
    /// The header fields that only SPF vouched for when the message was taken in.
    #[serde(rename = "VouchedBySPF")]
    pub by_spf: Vec<String>,
    /// What servers on the way sealed; `None` for a mail that was received before the service
    /// checked that.
    #[serde(rename = "ARC")]
    pub arc: Option<ArcChain>,
}

/// The seals of servers on the way (RFC 8617). Nobody is trusted because of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ArcChain {
    /// The result, with the reason of a failure; `none` where there is no chain.
    pub result: String,
    /// What each server added, the first one's first.
    pub sets: Vec<ArcRow>,
}

/// What one server added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ArcRow {
    /// Its place, counted from 1.
    pub instance: u32,
    /// Its seal over what it and the servers before it added.
    pub seal: ArcSignatureRow,
    /// Its signature over the message; only that of the newest is verified.
    pub message_signature: Option<ArcSignatureRow>,
}

/// One signature of a server, and the DNS records it was verified with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ArcSignatureRow {
    /// The signing domain, `d=`.
    pub domain: String,
    /// The selector, `s=`.
    pub selector: String,
    /// The algorithm, e.g. `rsa-sha256`.
    pub algorithm: String,
    /// The result, with the reason of a failure.
    pub result: String,
    /// The DNS name that was asked.
    #[serde(rename = "DNSName")]
    pub dns_name: String,
    /// The TXT records that DNS answered, each as one text.
    #[serde(rename = "DNSRecords")]
    pub dns_records: Vec<String>,
    /// When DNS was asked.
    #[serde(rename = "LookupTime")]
    pub looked_up_at: Timestamp,
}

/// One DKIM signature and the DNS records it was verified with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct SignatureRow {
    /// The signing domain, `d=`.
    pub domain: String,
    /// The selector, `s=`.
    pub selector: String,
    /// The algorithm, e.g. `rsa-sha256`.
    pub algorithm: String,
    /// The result, with the reason of a failure.
    pub result: String,
    /// Whether the domain is the one of From: `exact`, `relaxed` or `none`.
    pub alignment: String,
    /// The DNS name that was asked.
    #[serde(rename = "DNSName")]
    pub dns_name: String,
    /// The TXT records that DNS answered, each as one text.
    #[serde(rename = "DNSRecords")]
    pub dns_records: Vec<String>,
    /// When DNS was asked.
    #[serde(rename = "LookupTime")]
    pub looked_up_at: Timestamp,
    /// The header fields of which it covers every instance, of those that the trust check relies on
    ///
    #[serde(rename = "CoveredFields")]
    pub covered: Vec<String>,
    /// Those of which it leaves an instance uncovered.
    #[serde(rename = "UncoveredFields")]
    pub uncovered: Vec<String>,
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
}

/// Who issues the certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Issuer {
    /// The operator's name.
    pub operator: String,
    /// The domain of the service.
    pub service_domain: String,
    /// What the service is there for.
    pub purpose: Purpose,
}

/// What a service issues certificates for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// To be evidence.
    Evidence,
    /// To be tried: each page says so.
    #[serde(rename = "TEST")]
    Test,
}
