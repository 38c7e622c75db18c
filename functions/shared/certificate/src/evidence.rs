//! What a certificate is made from: plain data, already decided, filled in by the workflow.

mod contract;

use domain::{EmailAddress, Points, Recipient, Serial, Sha256Digest, ZoneName};
use jiff::Timestamp;

pub use contract::{
    AddendumSection, AnswerLink, AnswerMail, AnswerRoad, AnswerSection, AnswerSms, ChannelRow,
    ChannelState, ContractSection, DeliveredSms, HopRow, MainCertificate, Reply,
};

/// Everything that one certificate says, apart from its fixed texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Printed on each page.
    pub serial: Serial,
    /// When this certificate was made; also the PDF's creation date.
    pub issued_at: Timestamp,
    /// The account's zone: each time is printed in UTC and in it (I-006).
    pub zone: ZoneName,
    /// When the message was accepted for sending (I-051).
    pub accepted_at: Timestamp,
    /// When the outcome was settled.
    pub settled_at: Timestamp,
    /// How the dispatch ended, in honest words.
    pub outcome: OutcomeWords,
    /// The customer who pays (P-046).
    pub account: Party,
    /// Who wrote (I-007).
    pub sender: Sender,
    /// Whom this dispatch went to (I-007, I-061).
    pub recipient: Recipient,
    /// What it cost.
    pub price: Points,
    /// Version of the rules that were applied (S-027).
    pub rules_version: String,
    /// Version of the price table that was applied (S-027).
    pub price_table_version: String,
    /// The message as received from the sender. An addendum names it by subject, id and digest.
    pub message: Message,
    /// Its parts other than the body, in order, the same content twice being two rows.
    pub attachments: Vec<AttachmentRow>,
    /// Which product, and what only that one has (I-004).
    pub product: Product,
    /// Who vouches for the sender's address.
    pub authentication: Authentication,
    /// What was seen, in order (I-011).
    pub events: Vec<EventRow>,
    /// Who issues the certificate.
    pub issuer: Issuer,
}

/// Which product a certificate belongs to (I-004).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Product {
    /// Registered mail, with the message as handed over for delivery: the sending is certified.
    Mail(DeliveredMessage),
    /// A registered contract: the sending and the reply (I-073).
    Contract(Box<ContractSection>),
    /// An answer that came after the certificate of a contract (P-065).
    Addendum(Box<AddendumSection>),
}

impl Evidence {
    /// The recipient's answer, if the certificate holds one.
    pub(crate) fn answer(&self) -> Option<&AnswerSection> {
        match &self.product {
            Product::Mail(_) => None,
            Product::Contract(contract) => match &contract.reply {
                Reply::Answered(answer) => Some(answer),
                Reply::None | Reply::NoSuchDestination | Reply::Undelivered => None,
            },
            Product::Addendum(addendum) => Some(&addendum.answer),
        }
    }
}

/// An outcome in words that claim exactly what was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeWords {
    /// The stable name, e.g. `relayed`.
    pub code: String,
    /// In Japanese.
    pub japanese: String,
    /// In English.
    pub english: String,
}

/// A customer as registered (I-031).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Company name.
    pub company: String,
    /// Person in charge.
    pub contact: String,
    /// The account's own mail address, if one is registered.
    pub address: Option<EmailAddress>,
}

/// The author of the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The one mailbox of From.
    pub address: EmailAddress,
    /// The name written beside it, decoded.
    pub display_name: Option<String>,
}

/// The message as received from the sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Decoded subject; empty when there is none.
    pub subject: String,
    /// The `Message-ID` field.
    pub message_id: Option<String>,
    /// The `Date` field as written by the sender's side.
    pub date_header: Option<String>,
    /// The text of the body (I-008), decoded.
    pub body_text: String,
    /// Where that text comes from.
    pub body_source: BodySource,
    /// How the text was decoded, e.g. `ISO-2022-JP, as labelled`.
    pub body_charset: String,
    /// Size of `original.eml`, in bytes.
    pub size_bytes: u64,
    /// SHA-256 of `original.eml`.
    pub digest: Sha256Digest,
    /// The whole header block, byte for byte (I-010).
    pub raw_header: Vec<u8>,
    /// What could not be decoded, one sentence each.
    pub damages: Vec<String>,
}

/// Where the text of a body comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodySource {
    /// The plain text part.
    PlainText,
    /// The HTML part, shown as text, because there is no plain text (I-069).
    HtmlAsText,
    /// The message has no text.
    Empty,
}

/// One part of the message that is not its body.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    pub digest: Sha256Digest,
    /// Whether it is meant to be shown inside the body.
    pub is_inline: bool,
    /// Whether it could not be decoded to its end.
    pub damaged: bool,
}

/// The message that was handed over for delivery to the recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveredMessage {
    /// Its size, in bytes.
    pub size_bytes: u64,
    /// Its SHA-256.
    pub digest: Sha256Digest,
    /// The provider's id for it; `None` when the provider never confirmed it.
    pub provider_message_id: Option<String>,
}

/// Who vouches for the sender's address, as verified when the message was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authentication {
    /// Every DKIM signature, in the order of the header.
    pub signatures: Vec<SignatureRow>,
    /// Which of them the trust check relied on, an index into `signatures`.
    pub relied_on: Option<usize>,
    /// The SPF result, in the words of whoever checked it.
    pub spf: String,
}

/// One DKIM signature and the DNS records it was verified with.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    pub dns_name: String,
    /// The TXT records that DNS answered, each as one text.
    pub dns_records: Vec<String>,
    /// When DNS was asked.
    pub looked_up_at: Timestamp,
}

/// One line of the communication log (I-011).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// When it happened, by the clock of its source.
    pub at: Timestamp,
    /// When the service wrote it down.
    pub recorded_at: Timestamp,
    /// Who saw it, e.g. `Amazon SES`.
    pub source: String,
    /// Its stable name, e.g. `delivered`.
    pub name: String,
    /// Its name in the vocabulary of ETSI EN 319 522, if it has one.
    pub etsi: Option<&'static str>,
    /// What happened, in Japanese.
    pub description_japanese: String,
    /// What happened, in English.
    pub description_english: String,
    /// Whether it came after the outcome was settled, and so changed nothing.
    pub is_supplementary: bool,
    /// The source's own record, unchanged; `None` for the service's own events.
    pub verbatim: Option<String>,
}

/// Who issues the certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// The operator's name.
    pub operator: String,
    /// The domain of the service.
    pub service_domain: String,
}
