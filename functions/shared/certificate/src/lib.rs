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
//! One of the embedded files is `evidence.json`: the evidence itself ([`Record`], X-6). From it and
//! the embedded mails [`rebuild`] makes the same bytes again (X-7).
//!
//! ```no_run
//! use certificate::{Embedded, EmbeddedMail, Error, Evidence, Font, FontRole, FontSet, render};
//! use std::sync::Arc;
//!
//! # fn example(evidence: Evidence, message: &[u8]) -> Result<(), Error> {
//! let bytes: &[u8] = include_bytes!("lib.rs"); // a font file
//! let fonts = FontSet::new(vec![Font { bytes: Arc::new(bytes), role: FontRole::Regular }])?;
//! let original = EmbeddedMail { eml: message, html_part: None };
//! let embedded = Embedded { original: Some(original), ..Embedded::default() };
//! let pdf: Vec<u8> = render(&evidence, embedded, &fonts)?;
//! # Ok(())
//! # }
//! ```

mod compose;
mod document;
mod embed;
mod evidence;
mod fonts;
mod json;
mod layout;
mod limits;
mod pdf;
mod qr;
mod rebuild;
#[cfg(any(test, feature = "testing"))]
pub mod sample;
mod scripts;
#[cfg(test)]
mod tests;
mod times;
mod typeset;
mod visible;
mod wording;

use embed::{File, Surroundings};

pub use evidence::{
    AddendumSection, AnswerLink, AnswerMail, AnswerRoad, AnswerSection, AnswerSms, ArcChain,
    ArcRow, ArcSignatureRow, AttachmentRow, Authentication, BodySource, BodyText, ChannelRow,
    ChannelState, ContractSection, DeliveredMessage, DeliveredSms, EventRow, Evidence, HopRow,
    Issuer, MainCertificate, Message, OutcomeWords, Party, ProductEvidence, Proof, Purpose, Reply,
    Sender, SignatureRow,
};
pub use fonts::{FONT_FILES, Font, FontRole, FontSet};
pub use json::{FileRow, RECORD_VERSION, Record, RecordError};
pub use limits::*;
pub use rebuild::{RebuildError, Rebuilt, rebuild, rebuild_named};
pub use scripts::Script;
pub use wording::TEMPLATE_VERSION;

/// Why a certificate could not be made. None of these depends on what a sender wrote: every text
/// has a form that can be shown.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// One of the font files is damaged, or could not be read when it was needed.
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
    /// The mails to embed are not those that the evidence speaks of.
    #[error("match the mails to embed with the evidence: {0}")]
    Mismatch(&'static str),
}

/// The mails that are embedded in the certificate.
#[derive(Debug, Clone, Copy, Default)]
pub struct Embedded<'a> {
    /// The message as received from the sender, embedded as `original.eml` (X-5), its HTML part as
    /// `body.html`; `None` in an addendum, whose main certificate has them.
    pub original: Option<EmbeddedMail<'a>>,
    /// The mail as it was handed over for delivery, embedded as `delivered.eml` where
    /// [`DeliveredMessage::is_embedded`].
    pub delivered: Option<&'a [u8]>,
    /// The answer, if it was a mail, embedded as `answer.eml`, its HTML part as `answer.html`.
    pub answer: Option<EmbeddedMail<'a>>,
}

/// A mail to embed, unchanged and uncompressed.
#[derive(Debug, Clone, Copy)]
pub struct EmbeddedMail<'a> {
    /// The mail as received; [`Message::digest`] is its SHA-256. Attachments are inside it and are
    /// not embedded twice.
    pub eml: &'a [u8],
    /// Its HTML part, transfer decoding undone (I-069).
    pub html_part: Option<&'a [u8]>,
}

/// Makes the certificate, unsigned: PDF/A-3b, classic cross-reference table, no object streams.
///
/// # Errors
/// When a font is damaged, the PDF library refuses the pages, or the mails are not those that the
/// evidence speaks of; see [`Error`].
pub fn render(
    evidence: &Evidence,
    embedded: Embedded<'_>,
    fonts: &FontSet,
) -> Result<Vec<u8>, Error> {
    let surroundings = render_surroundings(evidence, embedded, fonts)?;
    let original = embedded.original.map(|mail| mail.eml);
    Ok(surroundings.with(original.unwrap_or_default()))
}

/// Makes the same certificate in the memory of the sender's message, which at megabytes costs
/// less than new memory. `beside` has the other mails.
///
/// # Errors
/// As [`render`].
pub fn render_around(
    evidence: &Evidence,
    original_eml: Vec<u8>,
    html_part: Option<&[u8]>,
    beside: Embedded<'_>,
    fonts: &FontSet,
) -> Result<Vec<u8>, Error> {
    let original = EmbeddedMail {
        eml: &original_eml,
        html_part,
    };
    let embedded = Embedded {
        original: Some(original),
        ..beside
    };
    let surroundings = render_surroundings(evidence, embedded, fonts)?;
    Ok(surroundings.around(original_eml))
}

fn render_surroundings(
    evidence: &Evidence,
    embedded: Embedded<'_>,
    fonts: &FontSet,
) -> Result<Surroundings, Error> {
    embed::check(evidence, embedded)?;
    let files = embed::files(evidence, embedded);
    let rows: Vec<FileRow> = files.iter().map(File::row).collect();
    let document = compose::compose(evidence, &rows, fonts);
    let pages = layout::lay_out(&document, fonts);
    fonts.require_whole()?;
    let draft = pdf::write(evidence, &pages, &files, fonts)?;
    embed::put_in(&draft, &files)
}

/// The content of the certificate as plain text, made from the same document as the pages.
/// `fonts` decide which characters are shown by their code point (X-8).
#[must_use]
pub fn text_of(evidence: &Evidence, embedded: Embedded<'_>, fonts: &FontSet) -> String {
    let files = embed::files(evidence, embedded);
    let rows: Vec<FileRow> = files.iter().map(File::row).collect();
    compose::compose(evidence, &rows, fonts).to_text()
}
