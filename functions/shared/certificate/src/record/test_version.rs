//! A second version of the record, for tests only: it says one thing more, and in another order. It
//! shows that two versions are read, verified and made again side by side.

use serde::{Deserialize, Serialize};

use super::file_row::FileRow;
use super::v3::{self, Evidence};
use crate::embed::File;
use crate::embedded::Embedded;

/// A number that no version will have.
pub(crate) const VERSION: u32 = 1_000_000;

/// The content of its `evidence.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What it says beside the evidence.
    pub remark: String,
    /// What is embedded in the certificate, `evidence.json` itself left out.
    pub files: Vec<FileRow>,
    /// The template that the pages were made with.
    pub template_version: String,
    /// What the certificate says.
    pub evidence: Evidence,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Written<'a> {
    version: u32,
    remark: &'a str,
    files: &'a [FileRow],
    template_version: &'a str,
    evidence: &'a Evidence,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Read {
    #[serde(rename = "Version")]
    _version: u32,
    remark: String,
    files: Vec<FileRow>,
    template_version: String,
    evidence: Evidence,
}

/// Reads what [`Record::to_json`] writes.
pub(crate) fn read(bytes: &[u8]) -> Result<Record, serde_json::Error> {
    let read: Read = serde_json::from_slice(bytes)?;
    Ok(Record {
        remark: read.remark,
        files: read.files,
        template_version: read.template_version,
        evidence: read.evidence,
    })
}

impl Record {
    /// The bytes of `evidence.json`, on one line.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let written = Written {
            version: VERSION,
            remark: &self.remark,
            files: &self.files,
            template_version: &self.template_version,
            evidence: &self.evidence,
        };
        serde_json::to_vec(&written).unwrap_or_default()
    }

    /// The files of its certificate, `evidence.json` last.
    pub(crate) fn whole<'a>(&self, embedded: Embedded<'a>) -> Vec<File<'a>> {
        let mut files = v3::mails(&self.evidence, embedded);
        files.push(v3::record_file(self.to_json(), &self.evidence));
        files
    }
}
