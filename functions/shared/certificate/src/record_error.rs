//! Why an `evidence.json` could not be read.

use crate::limits::{RECORD_BYTES_MAX, RECORD_DEPTH_MAX, RECORD_VALUES_MAX};

/// Why bytes are no `evidence.json` that this program reads.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// It is larger than [`RECORD_BYTES_MAX`].
    #[error("read an evidence.json of at most {RECORD_BYTES_MAX} bytes: this one has {0}")]
    TooLarge(usize),
    /// It holds more than [`RECORD_VALUES_MAX`] values.
    #[error("read an evidence.json of at most {RECORD_VALUES_MAX} values")]
    TooManyValues,
    /// Its values nest deeper than [`RECORD_DEPTH_MAX`].
    #[error("read an evidence.json whose values nest at most {RECORD_DEPTH_MAX} deep")]
    TooDeep,
    /// It has a version that is not known.
    #[error("read an evidence.json of a known version: this one has version {0}")]
    Version(u64),
    /// It is no JSON, or a field is missing, unknown or of another kind.
    #[error("read evidence.json")]
    Content(#[source] serde_json::Error),
}
