//! Puts the embedded files into a written PDF, at the cost of at most one copy.
//!
//! The PDF library would hash an embedded file twice, to find equal objects and to make the file
//! identifier, and copy it three times; at 5 MiB that takes longer than everything else. So it
//! gets a short stand-in that names the file's digest, and here the stand-in is exchanged for the
//! file: the stream's data, its two length entries (ISO 32000-1, 7.3.8.2 and 7.11.4) and the
//! offsets of the cross-reference table (7.5.4) change, nothing else. A test compares the result
//! with a file that the library wrote on its own.

use std::borrow::Cow;

use domain::Sha256Digest;
use jiff::Timestamp;
use memchr::memmem;
use paper::{Attachment, Relation};
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::record::file_row::FileRow;

/// A file to embed.
pub(crate) struct File<'a> {
    pub(crate) name: Cow<'static, str>,
    pub(crate) media_type: &'static str,
    pub(crate) description: &'static str,
    pub(crate) relation: Relation,
    /// When it reached the service, or was made.
    pub(crate) modified_at: Timestamp,
    pub(crate) bytes: Cow<'a, [u8]>,
    pub(crate) digest: Sha256Digest,
    /// What the PDF library embeds in its place.
    pub(crate) stand_in: Vec<u8>,
}

impl File<'_> {
    pub(crate) fn row(&self) -> FileRow {
        FileRow {
            name: self.name.to_string(),
            content_type: self.media_type.to_owned(),
            size_bytes: u64::try_from(self.bytes.len()).unwrap_or(u64::MAX),
            digest: self.digest,
        }
    }

    /// What is attached to the pages in its place.
    pub(crate) fn attachment(&self) -> Attachment {
        Attachment {
            name: self.name.to_string(),
            media_type: self.media_type.to_owned(),
            description: self.description.to_owned(),
            relation: self.relation,
            modified_at: self.modified_at,
            content: self.stand_in.clone(),
        }
    }
}

/// The digest of some bytes.
pub(crate) fn digest_of(bytes: &[u8]) -> Sha256Digest {
    Sha256Digest::new(Sha256::digest(bytes).into())
}

/// No text of a page can be mistaken for it: page contents are compressed.
pub(crate) const STAND_IN: &str = "akashi-stand-in-for";

/// A finished certificate but for the original message: what stands before and behind it. Where
/// there is none, all of it stands behind.
pub(crate) struct Surroundings {
    before: Vec<u8>,
    behind: Vec<u8>,
}

impl Surroundings {
    /// The certificate, at the cost of one copy of the message.
    pub(crate) fn with(&self, original: &[u8]) -> Vec<u8> {
        self.parts(original).concat()
    }

    /// The certificate in its parts.
    pub(crate) fn parts<'s>(&'s self, original: &'s [u8]) -> [&'s [u8]; 3] {
        [&self.before, original, &self.behind]
    }

    /// The certificate in the message's own memory. New memory for a large message costs more
    /// than moving the message in the old one.
    pub(crate) fn around(&self, mut original: Vec<u8>) -> Vec<u8> {
        let (shift, length) = (self.before.len(), original.len());
        original.reserve_exact(shift + self.behind.len());
        original.resize(shift + length, 0);
        original.copy_within(..length, shift);
        let start = original.iter_mut().zip(&self.before);
        start.for_each(|(to, from)| *to = *from);
        original.extend_from_slice(&self.behind);
        original
    }
}

/// Exchanges each stand-in for its file, but for the bytes of the original message.
pub(crate) fn put_in(pdf: &[u8], files: &[File<'_>]) -> Result<Surroundings, Error> {
    let table = read_table(pdf)?;
    let mut edits = Vec::new();
    for file in files {
        let is_original = file.name == ORIGINAL;
        push_edits(pdf, &table.offsets, file, is_original, &mut edits)?;
    }
    edits.sort_by_key(|edit| edit.start);
    let mut before = None;
    let mut result = Vec::with_capacity(pdf.len() + 64);
    let mut copied = 0;
    for edit in &edits {
        result.extend_from_slice(pdf.get(copied..edit.start).ok_or(UNEXPECTED)?);
        if edit.is_original {
            before = Some(std::mem::take(&mut result));
        } else {
            result.extend_from_slice(&edit.replacement);
        }
        copied = edit.end;
    }
    result.extend_from_slice(pdf.get(copied..table.entries_start).ok_or(UNEXPECTED)?);
    for (entry, offset) in pdf
        .get(table.entries_start..table.entries_end)
        .ok_or(UNEXPECTED)?
        .chunks(ENTRY_LENGTH)
        .zip(&table.offsets)
    {
        match offset {
            None => result.extend_from_slice(entry),
            Some(offset) => {
                let moved = moved(*offset, &edits);
                result.extend_from_slice(format!("{moved:010}").as_bytes());
                result.extend_from_slice(entry.get(10..).ok_or(UNEXPECTED)?);
            }
        }
    }
    result.extend_from_slice(
        pdf.get(table.entries_end..table.pointer_start)
            .ok_or(UNEXPECTED)?,
    );
    let start = moved(table.start, &edits);
    result.extend_from_slice(start.to_string().as_bytes());
    result.extend_from_slice(pdf.get(table.pointer_end..).ok_or(UNEXPECTED)?);
    Ok(Surroundings {
        before: before.unwrap_or_default(),
        behind: result,
    })
}

/// The one file that is not copied.
pub(crate) const ORIGINAL: &str = "original.eml";

const UNEXPECTED: Error = Error::Embed("the PDF library wrote an unexpected structure");

/// Length of an entry of the cross-reference table, ISO 32000-1, 7.5.4.
const ENTRY_LENGTH: usize = 20;

/// The cross-reference table and the pointer to it.
struct Table {
    start: usize,
    entries_start: usize,
    entries_end: usize,
    /// Where each object begins; `None` for free entries.
    offsets: Vec<Option<usize>>,
    pointer_start: usize,
    pointer_end: usize,
}

/// Bytes of the PDF that become others.
struct Edit<'a> {
    start: usize,
    end: usize,
    replacement: Cow<'a, [u8]>,
    /// Whether the replacement is the original message, which is put in last.
    is_original: bool,
}

fn read_table(pdf: &[u8]) -> Result<Table, Error> {
    let keyword = b"startxref\n";
    let pointer_start = memmem::rfind(pdf, keyword)
        .ok_or(UNEXPECTED)?
        .saturating_add(keyword.len());
    let (start, digits) = number(pdf, pointer_start)?;
    let pointer_end = pointer_start + digits;
    let head = b"xref\n0 ";
    if !pdf.get(start..).is_some_and(|rest| rest.starts_with(head)) {
        return Err(UNEXPECTED);
    }
    let (count, digits) = number(pdf, start + head.len())?;
    let entries_start = start + head.len() + digits + 1;
    let entries_end = entries_start.saturating_add(count.saturating_mul(ENTRY_LENGTH));
    let entries = pdf.get(entries_start..entries_end).ok_or(UNEXPECTED)?;
    let mut offsets = Vec::with_capacity(count);
    for entry in entries.chunks(ENTRY_LENGTH) {
        let (offset, digits) = number(entry, 0)?;
        let in_use = entry.get(17) == Some(&b'n');
        if digits != 10 {
            return Err(UNEXPECTED);
        }
        offsets.push(in_use.then_some(offset));
    }
    Ok(Table {
        start,
        entries_start,
        entries_end,
        offsets,
        pointer_start,
        pointer_end,
    })
}

/// The stream's data and the two places that say its length.
fn push_edits<'a>(
    pdf: &[u8],
    offsets: &[Option<usize>],
    file: &'a File<'_>,
    is_original: bool,
    edits: &mut Vec<Edit<'a>>,
) -> Result<(), Error> {
    let start = memmem::find(pdf, &file.stand_in).ok_or(UNEXPECTED)?;
    let object = offsets
        .iter()
        .flatten()
        .filter(|offset| **offset < start)
        .max();
    let object = *object.ok_or(UNEXPECTED)?;
    let head = pdf.get(object..start).ok_or(UNEXPECTED)?;
    for key in ["/Length ", "/Size "] {
        let at = memmem::find(head, key.as_bytes()).ok_or(UNEXPECTED)? + object + key.len();
        let (length, digits) = number(pdf, at)?;
        if length != file.stand_in.len() {
            return Err(UNEXPECTED);
        }
        let replacement = file.bytes.len().to_string().into_bytes().into();
        edits.push(Edit {
            start: at,
            end: at + digits,
            replacement,
            is_original: false,
        });
    }
    let end = start + file.stand_in.len();
    edits.push(Edit {
        start,
        end,
        replacement: file.bytes.as_ref().into(),
        is_original,
    });
    Ok(())
}

/// Where a byte of the written PDF stands after the edits before it.
fn moved(offset: usize, edits: &[Edit<'_>]) -> usize {
    let before = edits.iter().filter(|edit| edit.end <= offset);
    before.fold(offset, |at, edit| {
        at + edit.replacement.len() - (edit.end - edit.start)
    })
}

/// The decimal number at a place, and how many digits it has.
fn number(bytes: &[u8], at: usize) -> Result<(usize, usize), Error> {
    let digits = bytes.get(at..).ok_or(UNEXPECTED)?;
    let count = digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let text = digits
        .get(..count)
        .and_then(|digits| std::str::from_utf8(digits).ok());
    let value = text.and_then(|text| text.parse().ok()).ok_or(UNEXPECTED)?;
    Ok((value, count))
}
