//! `evidence.json` of this version.
//!
//! Names of fields are those of ETSI EN 319 522-3 where it has one (EvidenceIdentifier,
//! ERDSEventId, EventTime, SubmissionTime ...), names of events those of its vocabulary. Both are
//! borrowed; no conformance is claimed. `schema/evidence-3.json` in this crate describes the file.
//!
//! One record has one spelling: fields in the order of the structs, two spaces of indentation,
//! one line feed at the end. A rebuild takes no other.

use serde::{Deserialize, Serialize};

use super::evidence::Evidence;
use crate::record::file_row::FileRow;

/// Version of this format.
pub(crate) const RECORD_VERSION: u32 = 3;

/// The content of `evidence.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The template that the pages were made with.
    pub template_version: String,
    /// What the certificate says.
    pub evidence: Evidence,
    /// What is embedded in it, `evidence.json` itself left out.
    pub files: Vec<FileRow>,
}

impl Record {
    /// The bytes of `evidence.json`; the same record always gives the same ones.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        spell(&self.template_version, &self.evidence, &self.files)
    }
}

/// As [`Record::to_json`], from parts.
pub(crate) fn spell(template_version: &str, evidence: &Evidence, files: &[FileRow]) -> Vec<u8> {
    let written = Written {
        version: RECORD_VERSION,
        vocabulary: VOCABULARY,
        template_version,
        evidence,
        files,
    };
    // Strings, numbers and lists written to memory: nothing here can fail.
    let mut bytes = serde_json::to_vec_pretty(&written).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// Reads what [`spell`] writes; other white space and other orders of fields are read as well.
pub(crate) fn read(bytes: &[u8]) -> Result<Record, serde_json::Error> {
    let read: Read = serde_json::from_slice(bytes)?;
    Ok(Record {
        template_version: read.template_version,
        evidence: read.evidence,
        files: read.files,
    })
}

const VOCABULARY: &str = "Names of events and fields follow the vocabulary of ETSI EN 319 522; \
                          no conformance is claimed.";

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Written<'a> {
    version: u32,
    vocabulary: &'static str,
    template_version: &'a str,
    evidence: &'a Evidence,
    files: &'a [FileRow],
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Read {
    /// Of this format.
    #[serde(rename = "Version")]
    _version: u32,
    /// Where the names come from.
    #[serde(rename = "Vocabulary")]
    _vocabulary: String,
    /// The template that the pages were made with.
    template_version: String,
    /// What the certificate says.
    evidence: Evidence,
    /// What is embedded in the certificate beside this file.
    files: Vec<FileRow>,
}
