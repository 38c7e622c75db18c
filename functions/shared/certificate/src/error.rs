//! Why a certificate could not be made.

/// Why a certificate could not be made. None of these depends on what a sender wrote: every text
/// has a form that can be shown.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The pages could not be made.
    #[error(transparent)]
    Paper(#[from] paper::Error),
    /// The PDF library's output is not laid out the way embedding expects.
    #[error("embed the original message: {0}")]
    Embed(&'static str),
    /// The mails to embed are not those that the evidence speaks of.
    #[error("match the mails to embed with the evidence: {0}")]
    Mismatch(&'static str),
}
