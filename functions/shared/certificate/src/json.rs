//! The evidence as JSON: `evidence.json`, embedded in each certificate, from which its pages
//! can be made again.
//!
//! Names of fields are those of ETSI EN 319 522-3 where it has one (EvidenceIdentifier,
//! ERDSEventId, EventTime, SubmissionTime ...), names of events those of its vocabulary. Both are
//! borrowed; no conformance is claimed. `evidence.schema.json` in this crate describes the file.
//!
//! One record has one spelling: fields in the order of the structs, two spaces of indentation,
//! one line feed at the end. [`crate::rebuild`] takes no other.

use serde::{Deserialize, Serialize};

use crate::evidence::Evidence;
use crate::file_row::FileRow;
use crate::limits::RECORD_BYTES_MAX;

/// Version of the format. Another version has other fields, and is not read.
pub const RECORD_VERSION: u32 = 2;

/// The content of `evidence.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The template that the pages were made with; equals [`crate::TEMPLATE_VERSION`] when this
    /// version of the crate can make them again.
    pub template_version: String,
    /// What the certificate says.
    pub evidence: Evidence,
    /// What is embedded in it, `evidence.json` itself left out.
    pub files: Vec<FileRow>,
}

/// Why bytes are no `evidence.json` that this version reads.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// It is larger than [`RECORD_BYTES_MAX`].
    #[error("read an evidence.json of at most {RECORD_BYTES_MAX} bytes: this one has {0}")]
    TooLarge(usize),
    /// It has another version.
    #[error("read an evidence.json of version {RECORD_VERSION}: this one has version {0}")]
    Version(u64),
    /// It is no JSON, or a field is missing, unknown or of another kind.
    #[error("read evidence.json")]
    Content(#[source] serde_json::Error),
}

impl Record {
    /// The bytes of `evidence.json`; the same record always gives the same ones.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        to_json(&self.template_version, &self.evidence, &self.files)
    }

    /// Reads `evidence.json`. Never panics, whatever the bytes are.
    ///
    /// # Errors
    /// When it is too large, of another version, or not what [`Self::to_json`] writes; other white
    /// space and other orders of fields are read.
    pub fn from_json(bytes: &[u8]) -> Result<Self, RecordError> {
        if bytes.len() > RECORD_BYTES_MAX {
            return Err(RecordError::TooLarge(bytes.len()));
        }
        let Head { version } = serde_json::from_slice(bytes).map_err(RecordError::Content)?;
        if version != u64::from(RECORD_VERSION) {
            return Err(RecordError::Version(version));
        }
        let read: Read = serde_json::from_slice(bytes).map_err(RecordError::Content)?;
        Ok(Self {
            template_version: read.template_version,
            evidence: read.evidence,
            files: read.files,
        })
    }
}

/// As [`Record::to_json`], from parts.
pub(crate) fn to_json(template_version: &str, evidence: &Evidence, files: &[FileRow]) -> Vec<u8> {
    let written = Written {
        version: RECORD_VERSION,
        vocabulary: VOCABULARY,
        not_captured: NotCaptured {
            delivered_message: NO_DELIVERED_MESSAGE,
        },
        template_version,
        evidence,
        files,
    };
    // Strings, numbers and lists written to memory: nothing here can fail.
    let mut bytes = serde_json::to_vec_pretty(&written).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

const VOCABULARY: &str = "Names of events and fields follow the vocabulary of ETSI EN 319 522; \
                          no conformance is claimed.";
const NO_DELIVERED_MESSAGE: &str = "embedded as delivered.eml, unless it is larger than 1 MiB, \
                                    because it holds the original again, or could not be read; \
                                    its size and digest are in this file";

/// Only the version, whatever else there is.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "Version")]
    version: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Written<'a> {
    version: u32,
    vocabulary: &'static str,
    not_captured: NotCaptured<&'static str>,
    template_version: &'a str,
    evidence: &'a Evidence,
    files: &'a [FileRow],
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Read {
    #[serde(rename = "Version")]
    _version: u32,
    #[serde(rename = "Vocabulary")]
    _vocabulary: String,
    #[serde(rename = "NotCaptured")]
    _not_captured: NotCaptured<String>,
    template_version: String,
    evidence: Evidence,
    files: Vec<FileRow>,
}

/// What no certificate has, and why: a blank would leave open whether it was lost.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct NotCaptured<Text> {
    delivered_message: Text,
}
