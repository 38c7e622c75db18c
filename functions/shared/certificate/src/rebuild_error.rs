//! Why a certificate could not be made again.

use crate::error::Error;
use crate::record_error::RecordError;

/// Why a certificate could not be made again.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// `evidence.json` could not be read.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The certificate was made with a template that is not known.
    #[error("rebuild a certificate of a known template: this one is of template {0}")]
    Template(String),
    /// `evidence.json` is not spelled as this service spells it, so it was not made by it.
    #[error("compare evidence.json with the one spelling that its content has")]
    Spelling,
    /// A file is not the one that `evidence.json` names, or is missing.
    #[error("match the file {0} with evidence.json")]
    File(String),
    /// The files do not fit the evidence, or the pages could not be made.
    #[error(transparent)]
    Render(#[from] Error),
}
