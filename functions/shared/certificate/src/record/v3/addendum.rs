//! An addendum: what came after another certificate's outcome was settled (P-065, Q-28).

use domain::{BounceKind, Serial, Sha256Digest};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::contract::AnswerSection;
use super::outcome::OutcomeWords;
use crate::record::codec::{digest, named, text};

/// What came after the outcome of another certificate was settled. The rest of its evidence
/// tells again who sent what to whom; the message itself is in the main certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AddendumSection {
    /// The certificate that it adds to.
    pub main: MainCertificate,
    /// The message that it is about, which that certificate holds.
    #[serde(rename = "UserContentInfo")]
    pub message: MessageElsewhere,
    /// What came afterwards.
    pub added: Added,
}

/// What an addendum certifies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Added {
    /// An answer to a contract (P-065).
    Answer(Box<AnswerSection>),
    /// A report that a registered mail was not delivered.
    Bounce(Box<BounceSection>),
}

/// A report that a mail was not delivered, in the words of the server that gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct BounceSection {
    /// The outcome that the main certificate tells, which stays as it is.
    pub main_outcome: OutcomeWords,
    /// What the report says about the address.
    #[serde(with = "named")]
    pub kind: BounceKind,
    /// Enhanced status code (RFC 3463), when given.
    pub status: Option<String>,
    /// The server's own words, when given.
    pub diagnostic: Option<String>,
    /// Who told the service, e.g. `Amazon SES`.
    pub source: String,
    /// When it was reported, by the clock of the source.
    #[serde(rename = "EventTime")]
    pub at: Timestamp,
    /// When the service wrote it down.
    #[serde(rename = "RecordingTime")]
    pub recorded_at: Timestamp,
}

/// By what a message is known that is in another certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct MessageElsewhere {
    /// Decoded subject; empty when there is none.
    pub subject: String,
    /// The `Message-ID` field.
    #[serde(rename = "MessageIdentifier")]
    pub message_id: Option<String>,
    /// Size of the message, in bytes.
    pub size_bytes: u64,
    /// Its SHA-256.
    #[serde(with = "digest")]
    pub digest: Sha256Digest,
}

/// The certificate that an addendum adds to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct MainCertificate {
    /// Its serial.
    #[serde(rename = "EvidenceIdentifier", with = "text")]
    pub serial: Serial,
    /// SHA-256 of the signed file, which links the addendum to it.
    #[serde(with = "digest")]
    pub digest: Sha256Digest,
    /// When it was issued.
    #[serde(rename = "IssueTime")]
    pub issued_at: Timestamp,
}
