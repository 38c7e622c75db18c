//! Documents to pages to PDF/A-3b, in Japanese and English, with every script that mail has.
//!
//! A [`Document`] is a sequence of blocks whose texts went through a [`Screen`], so that the fonts
//! can show every character of them (X-8). [`lay_out`] makes pages of it, [`write`] makes a file of
//! these, with files attached; [`Document::to_text`] is the same content as plain text. The file is
//! tagged: its structure says what each piece is, in which language, and in which order it is read.
//!
//! Pure functions: the same document and fonts give the same bytes on every machine (X-7). This
//! crate has no clock, no randomness, no AWS and no network, knows nothing of certificates, and
//! reads files only with the feature `files`, which loads a [`FontSet`] from a folder.
//!
//! What its bytes are is part of what a certificate is: a change here, or of the libraries below,
//! that changes a byte is a new version of the certificate's template.
//!
//! ```no_run
//! use paper::{Block, Document, Extent, FontSet, Lines, Properties, Quotation, Words};
//!
//! # fn example(fonts: &FontSet, properties: &Properties) -> Result<(), paper::Error> {
//! let mut screen = fonts.screen();
//! let text = screen.show("Dear 髙橋", Lines::Text, Extent { lines_max: 40, width: 48.0 });
//! let document = Document {
//!     title: Words::new("手紙", "Letter"),
//!     number: "1".to_owned(),
//!     banner: None,
//!     blocks: vec![Block::Quotation { text, kind: Quotation::Body }],
//! };
//! let pages = paper::lay_out(&document, fonts);
//! let pdf: Vec<u8> = paper::write(properties, &pages, &[], fonts)?;
//! # Ok(())
//! # }
//! ```

mod document;
mod error;
mod faces;
#[cfg(feature = "files")]
mod files;
mod fonts;
mod languages;
mod layout;
mod pages;
mod pdf;
mod qr;
mod role;
mod scripts;
mod structure;
mod tags;
#[cfg(test)]
mod tests;
mod times;
mod title_bar;
mod typeset;
mod visible;
mod words;

pub use document::{Bilingual, Block, Column, Document, Field, Quotation, Row, Tone, Value};
pub use error::Error;
pub use faces::{FONT_FILES, Font};
#[cfg(feature = "files")]
pub use files::fonts_in;
pub use fonts::FontSet;
pub use layout::lay_out;
pub use pages::{PAGE_HEIGHT, PAGE_WIDTH, Page, Pages, Rule};
pub use pdf::{Attachment, Properties, Relation, write};
pub use role::FontRole;
pub use scripts::Script;
pub use typeset::Line;
pub use visible::{Cut, Extent, Lines, Screen, Shown};
pub use words::Words;
