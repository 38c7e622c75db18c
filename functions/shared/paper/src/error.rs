//! Why a document could not be made.

use std::path::PathBuf;

use crate::role::FontRole;

/// Why a document could not be made. None of these depends on what a text says: every text has a
/// form that can be shown.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// One of the font files is damaged, or could not be read when it was needed.
    #[error("read the font given as {0:?}")]
    Font(FontRole),
    /// There is no [`FontRole::Regular`] font, or more than one.
    #[error("choose the regular font: exactly one must be given")]
    NoRegularFont,
    /// A font file is not there, or cannot be read.
    #[error("read the font file {}", path.display())]
    FontFile {
        /// Where it should be.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The PDF library refused the pages, for instance because they break a rule of PDF/A-3b.
    #[error("write the pages as PDF/A-3b: {0}")]
    Pdf(String),
    /// The PDF library refused a file that is attached.
    #[error("attach a file: {0}")]
    Attachment(&'static str),
}
