//! Evidence to PDF/A-3b: what is known about one dispatch becomes the pages of its certificate,
//! with the original message embedded byte for byte (X-5).
//!
//! [`render`] is a pure function: the same [`Evidence`], bytes and fonts give the same file,
//! byte for byte. This crate has no clock, no randomness, no AWS, no network and reads no files;
//! fonts come in as bytes, once, as a [`FontSet`]. It does not decide anything about a dispatch
//! and claims nothing that the evidence does not say (X-9): fixed texts live in `wording`.
//!
//! The way of a certificate: [`Evidence`] becomes a `Document` (blocks of text in which every
//! character is one that the fonts can show, `compose`), the document becomes pages (`layout`),
//! pages become PDF/A-3b (`pdf`), and the embedded files are put into it (`embed`). The same
//! document becomes plain text for tests ([`text_of`]).
//!
//! ```no_run
//! use certificate::{Embedded, Error, Evidence, Font, FontRole, FontSet, render};
//! use std::sync::Arc;
//!
//! # fn example(evidence: Evidence, message: &[u8]) -> Result<(), Error> {
//! let bytes: &[u8] = include_bytes!("lib.rs"); // a font file
//! let fonts = FontSet::new(vec![Font { bytes: Arc::new(bytes), role: FontRole::Regular }])?;
//! let embedded = Embedded { original_eml: message, html_part: None };
//! let pdf: Vec<u8> = render(&evidence, embedded, &fonts)?;
//! # Ok(())
//! # }
//! ```

mod compose;
mod document;
mod embed;
mod evidence;
mod fonts;
mod layout;
mod limits;
mod pdf;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
mod times;
mod typeset;
mod visible;
mod wording;

use embed::Surroundings;

pub use evidence::{
    AttachmentRow, Authentication, BodySource, DeliveredMessage, EventRow, Evidence, Issuer,
    Message, OutcomeWords, Party, Sender, SignatureRow,
};
pub use fonts::{FONT_FILES, Font, FontRole, FontSet};
pub use limits::*;
pub use wording::TEMPLATE_VERSION;

/// Why a certificate could not be made. None of these depends on what a sender wrote: every text
/// has a form that can be shown.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// One of the font files is damaged.
    #[error("read the font given as {0:?}")]
    Font(FontRole),
    /// There is no [`FontRole::Regular`] font, or more than one.
    #[error("choose the regular font: exactly one must be given")]
    NoRegularFont,
    /// The PDF library refused the pages, for instance because they break a rule of PDF/A-3b.
    #[error("write the pages as PDF/A-3b: {0}")]
    Pdf(String),
    /// The PDF library's output is not laid out the way embedding expects.
    #[error("embed the original message: {0}")]
    Embed(&'static str),
}

/// The bytes that are embedded in the certificate, unchanged and uncompressed.
#[derive(Debug, Clone, Copy)]
pub struct Embedded<'a> {
    /// The message as received, embedded as `original.eml` (X-5). [`Message::digest`] is its
    /// SHA-256. Attachments are inside it and are not embedded twice.
    pub original_eml: &'a [u8],
    /// The HTML part of the message, transfer decoding undone, embedded as `body.html` (I-069).
    pub html_part: Option<&'a [u8]>,
}

/// Makes the certificate, unsigned: PDF/A-3b, classic cross-reference table, no object streams.
///
/// # Errors
/// When a font is damaged or the PDF library refuses the pages; see [`Error`].
pub fn render(
    evidence: &Evidence,
    embedded: Embedded<'_>,
    fonts: &FontSet,
) -> Result<Vec<u8>, Error> {
    let surroundings = render_surroundings(evidence, embedded, fonts)?;
    Ok(surroundings.with(embedded.original_eml))
}

/// Makes the same certificate in the memory of the message, which at megabytes costs less than
/// new memory.
///
/// # Errors
/// As [`render`].
pub fn render_around(
    evidence: &Evidence,
    original_eml: Vec<u8>,
    html_part: Option<&[u8]>,
    fonts: &FontSet,
) -> Result<Vec<u8>, Error> {
    let embedded = Embedded {
        original_eml: &original_eml,
        html_part,
    };
    let surroundings = render_surroundings(evidence, embedded, fonts)?;
    Ok(surroundings.around(original_eml))
}

fn render_surroundings(
    evidence: &Evidence,
    embedded: Embedded<'_>,
    fonts: &FontSet,
) -> Result<Surroundings, Error> {
    let document = compose::compose(evidence, embedded.html_part.is_some(), fonts);
    let pages = layout::lay_out(&document, fonts);
    let files = embed::files(evidence, embedded);
    let draft = pdf::write(evidence, &pages, &files, fonts)?;
    embed::put_in(&draft, &files)
}

/// The content of the certificate as plain text, made from the same document as the pages.
/// `fonts` decide which characters are shown by their code point (X-8).
#[must_use]
pub fn text_of(evidence: &Evidence, has_html_part: bool, fonts: &FontSet) -> String {
    compose::compose(evidence, has_html_part, fonts).to_text()
}
