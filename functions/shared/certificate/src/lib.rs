//! Evidence to PDF/A-3b: what is known about one dispatch becomes the pages of its certificate,
//! with the original message embedded byte for byte (X-5).
//!
//! [`render`] is a pure function: the same [`Evidence`], bytes and fonts give the same file,
//! byte for byte. This crate has no clock, no randomness, no AWS, no network and reads no files;
//! fonts come in as a [`paper::FontSet`]. It does not decide anything about a dispatch
//! and claims nothing that the evidence does not say (X-9): fixed texts live in `template`.
//!
//! The way of a certificate: [`Evidence`] becomes a document (blocks of text in which every
//! character is one that the fonts can show, `template`), the crate `paper` makes pages of it and a
//! PDF/A-3b of these, and the embedded files are put into that (`embed`). The same document becomes
//! plain text for tests ([`text_of`]).
//!
//! One of the embedded files is `evidence.json`: the evidence itself ([`Record`], X-6). From it and
//! the embedded mails [`rebuild`] makes the same bytes again (X-7). A certificate names the
//! versions of its record and of its template, and is read and made again by these: `formats` lists
//! them.
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

mod embed;
mod embedded;
mod error;
mod formats;
mod limits;
mod purpose;
mod rebuild;
mod rebuild_error;
mod record;
mod record_error;
mod render;
#[cfg(any(test, feature = "testing"))]
pub mod sample;
mod signature_words;
mod summary;
mod template;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
mod timeline;

pub use embedded::{Embedded, EmbeddedMail};
pub use error::Error;
pub use formats::{FROZEN, RECORD_VERSION, TEMPLATE_VERSION, VersionedRecord};
pub use limits::*;
pub use purpose::Purpose;
pub use rebuild::{Rebuilt, rebuild, rebuild_named};
pub use rebuild_error::RebuildError;
pub use record::v3::{
    Added, AddendumSection, AnswerLink, AnswerMail, AnswerRoad, AnswerSection, AnswerSms,
    AttachmentRow, BodyText, BounceSection, ChannelRow, ChannelState, ContractSection,
    DeliveredMessage, DeliveredSms, EventRow, Evidence, HopRow, Issuer, MailFile, MailOrigin,
    MailSection, MainCertificate, Message, MessageElsewhere, NamedAuthority, NamedRoot, Notices,
    Origin, OtherMail, OutcomeWords, Party, ProductEvidence, Proof, Record, Reply, Sender,
    ToldAgain, UnshownPartRow, other_mail_name,
};
pub use record::{FileRow, IssuerClaim, SenderClaim};
pub use record_error::RecordError;
pub use render::{render, render_around, text_of};
pub use signature_words::{CertifiedThing, SignatureWords};
pub use summary::{Summary, SummaryEvent};
pub use template::t2026_12::words_of_signature;
pub use timeline::{CLOCK_DIFFERENCE_MAX, Timeline};
