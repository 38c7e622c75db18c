//! How the pages of a certificate are made from its record. Each version of a template is a module
//! with its own sections, words and renderer, so that a frozen one stays as it is.

pub(crate) mod t2026_12;
#[cfg(any(test, feature = "testing"))]
pub(crate) mod test_versions;

use paper::{Document, FontSet};

use crate::embed::File;
use crate::error::Error;
use crate::record::file_row::FileRow;

/// Makes the PDF of a certificate, with a stand-in for each embedded file.
pub(crate) type Draw<Evidence> = fn(&Evidence, &[File<'_>], &FontSet) -> Result<Vec<u8>, Error>;

/// A version of the pages of one version of the record.
pub(crate) struct Template<Evidence> {
    /// Printed on each certificate (S-027), and written into its record.
    pub(crate) version: &'static str,
    /// What the pages say; every evidence has a document.
    pub(crate) document: fn(&Evidence, &[FileRow], &FontSet) -> Document,
    /// Its renderer: a library that writes other bytes belongs to another version.
    pub(crate) draw: Draw<Evidence>,
}
