//! Evidence to PDF/A-3b: what is known about one dispatch becomes the pages of its certificate,
//! with the original message embedded byte for byte (X-5).
//!
//! [`render`] is a pure function: the same [`Evidence`], bytes and fonts give the same file,
//! byte for byte. This crate has no clock, no randomness, no AWS, no network and reads no files;
//! fonts come in as bytes, once, as a [`paper::FontSet`]. It does not decide anything about a dispatch
//! and claims nothing that the evidence does not say (X-9): fixed texts live in `wording`.
//!
//! The way of a certificate: [`Evidence`] becomes a document (blocks of text in which every
//! character is one that the fonts can show, `compose`), the crate `paper` makes pages of it and a
//! PDF/A-3b of these, and the embedded files are put into that (`embed`). The same document becomes
//! plain text for tests ([`text_of`]).
//!
//! One of the embedded files is `evidence.json`: the evidence itself ([`Record`], X-6). From it and
//! the embedded mails [`rebuild`] makes the same bytes again (X-7).
//!
//! ```no_run
//! use certificate::{Embedded, EmbeddedMail, Error, Evidence, render};
//! use paper::FontSet;
//!
//! # fn example(evidence: Evidence, message: &[u8], fonts: &FontSet) -> Result<(), Error> {
//! let original = EmbeddedMail { eml: message, html_part: None };
//! let embedded = Embedded { original: Some(original), ..Embedded::default() };
//! let pdf: Vec<u8> = render(&evidence, embedded, fonts)?;
//! # Ok(())
//! # }
//! ```

mod codec;
mod compose;
mod embed;
mod embedded;
mod error;
mod evidence;
mod file_row;
mod json;
mod limits;
mod rebuild;
mod render;
#[cfg(any(test, feature = "testing"))]
pub mod sample;
#[cfg(test)]
mod tests;
mod wording;

pub use embedded::{Embedded, EmbeddedMail};
pub use error::Error;
pub use evidence::{
    AddendumSection, AnswerLink, AnswerMail, AnswerRoad, AnswerSection, AnswerSms, ArcChain,
    ArcRow, ArcSignatureRow, AttachmentRow, Authentication, BodySource, BodyText, ChannelRow,
    ChannelState, ContractSection, DeliveredMessage, DeliveredSms, EventRow, Evidence, HopRow,
    Issuer, MainCertificate, Message, OutcomeWords, Party, ProductEvidence, Proof, Purpose, Reply,
    Sender, SignatureRow,
};
pub use file_row::FileRow;
pub use json::{RECORD_VERSION, Record, RecordError};
pub use limits::*;
pub use rebuild::{RebuildError, Rebuilt, rebuild, rebuild_named};
pub use render::{render, render_around, text_of};
pub use wording::TEMPLATE_VERSION;
