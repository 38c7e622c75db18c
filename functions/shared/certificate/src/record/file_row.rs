//! What a certificate says of the files in it.

use domain::Sha256Digest;
use serde::{Deserialize, Serialize};

/// An embedded file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct FileRow {
    /// Its name within the certificate, e.g. `original.eml`.
    pub name: String,
    /// Its media type.
    pub content_type: String,
    /// In bytes.
    pub size_bytes: u64,
    /// Its SHA-256.
    #[serde(with = "super::codec::digest")]
    pub digest: Sha256Digest,
}
