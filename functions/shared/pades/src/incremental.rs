//! Incremental updates (ISO 32000-1 section 7.5.6): read what is needed, append the rest.
//!
//! Only the trailer, cross-reference entries and the few objects on the way to the first page are
//! read, so the cost does not grow with the file. Classic cross-reference tables only: that is
//! what the drafts have, and what an update of this crate adds.

use crate::Error;
use crate::syntax::{Dictionary, Lexer, Object, Reference, Value, is_space};
use std::ops::Range;

/// `startxref`, an offset, `%%EOF` and ends of lines fit into the last this many bytes.
const TAIL_BYTES: usize = 64;
/// A signature, its DSS and a yearly archive timestamp for a century stay below this.
const REVISIONS_MAX: usize = 256;
/// Nodes between the catalog and the first page.
const PAGE_TREE_DEPTH_MAX: usize = 32;
/// Bytes of one entry of a cross-reference table.
const ENTRY_BYTES: usize = 20;
const END_OF_FILE: &[u8] = b"%%EOF";

/// A PDF with one or more revisions, read lazily.
pub(crate) struct Document<'a> {
    bytes: &'a [u8],
    /// Newest first; never empty.
    revisions: Vec<Revision>,
    /// Of the newest revision.
    pub(crate) trailer: Dictionary,
}

/// One revision's cross-reference table and end.
struct Revision {
    sections: Vec<Section>,
    xref_at: usize,
    /// Behind `%%EOF`.
    end: usize,
}

struct Section {
    first: u64,
    count: u64,
    entries_at: usize,
}

impl<'a> Document<'a> {
    /// Reads the trailers and tables of all revisions, which must cover the file to its last byte.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        if !bytes.starts_with(b"%PDF-") {
            return Err(Error::Pdf {
                at: 0,
                problem: "this is not a PDF",
            });
        }
        let xref_at = last_xref_offset(bytes)?;
        let (newest, trailer) = read_revision(bytes, xref_at)?;
        if !matches!(bytes.get(newest.end..), Some(b"" | b"\n" | b"\r" | b"\r\n")) {
            return Err(Error::Pdf {
                at: newest.end,
                problem: "bytes follow the last revision",
            });
        }
        let mut revisions = vec![newest];
        let mut previous = previous_xref(&trailer, xref_at)?;
        while let Some(xref_at) = previous {
            if revisions.len() == REVISIONS_MAX {
                return Err(Error::Pdf {
                    at: xref_at,
                    problem: "too many revisions",
                });
            }
            let (revision, trailer) = read_revision(bytes, xref_at)?;
            previous = previous_xref(&trailer, xref_at)?;
            revisions.push(revision);
        }
        Ok(Self {
            bytes,
            revisions,
            trailer,
        })
    }

    pub(crate) fn revision_count(&self) -> usize {
        self.revisions.len()
    }

    /// Where each revision ends, behind its `%%EOF`, the oldest first.
    pub(crate) fn revision_ends(&self) -> Vec<usize> {
        let newest_first = self.revisions.iter();
        newest_first.rev().map(|revision| revision.end).collect()
    }

    /// Where the newest revision's cross-reference table starts.
    fn xref_at(&self) -> usize {
        self.revisions
            .first()
            .map_or(0, |revision| revision.xref_at)
    }

    /// Length of the file before the first [`Update`], which starts with one line end.
    pub(crate) fn first_revision_length(&self) -> usize {
        let end = self.revisions.last().map_or(0, |revision| revision.end);
        let behind = self.bytes.get(end..).unwrap_or_default();
        let line_ends = behind
            .iter()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'))
            .count();
        end + line_ends.saturating_sub(1)
    }

    /// Reads the object that `reference` names in the newest revision that has it.
    pub(crate) fn object(&self, reference: Reference) -> Result<Object, Error> {
        let mut lexer = Lexer::new(self.bytes, self.offset(reference)?);
        let number = lexer.unsigned()?;
        let generation = lexer.unsigned()?;
        if number != u64::from(reference.number) || generation != u64::from(reference.generation) {
            return Err(lexer.error("another object stands here"));
        }
        lexer.keyword(b"obj")?;
        let object = lexer.object()?;
        lexer.keyword(b"endobj")?;
        Ok(object)
    }

    /// Reads an object that must be a dictionary.
    pub(crate) fn dictionary(
        &self,
        reference: Reference,
    ) -> Result<(Dictionary, Range<usize>), Error> {
        let object = self.object(reference)?;
        let Value::Dictionary(dictionary) = object.value else {
            return Err(Error::Pdf {
                at: object.span.start,
                problem: "not a dictionary",
            });
        };
        Ok((dictionary, object.span))
    }

    /// The bytes of a stream that no filter changes.
    pub(crate) fn stream(&self, reference: Reference) -> Result<&'a [u8], Error> {
        let mut lexer = Lexer::new(self.bytes, self.offset(reference)?);
        let number = lexer.unsigned()?;
        let generation = lexer.unsigned()?;
        if number != u64::from(reference.number) || generation != u64::from(reference.generation) {
            return Err(lexer.error("another object stands here"));
        }
        lexer.keyword(b"obj")?;
        let Value::Dictionary(dictionary) = lexer.object()?.value else {
            return Err(lexer.error("not a stream"));
        };
        if dictionary.get(b"Filter").is_some() || dictionary.get(b"F").is_some() {
            return Err(lexer.error("a stream is encoded or elsewhere"));
        }
        lexer.keyword(b"stream")?;
        let behind = self.bytes.get(lexer.at..).unwrap_or_default();
        let line_end = match behind {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            _ => return Err(lexer.error("a stream does not start on a line of its own")),
        };
        let start = lexer.at + line_end;
        let content = dictionary
            .integer(b"Length")
            .and_then(|length| usize::try_from(length).ok())
            .and_then(|length| self.bytes.get(start..start.checked_add(length)?))
            .ok_or_else(|| lexer.error("a stream has no length, or another one"))?;
        lexer.at = start + content.len();
        lexer.keyword(b"endstream")?;
        lexer.keyword(b"endobj")?;
        Ok(content)
    }

    fn offset(&self, reference: Reference) -> Result<usize, Error> {
        let number = u64::from(reference.number);
        for section in self
            .revisions
            .iter()
            .flat_map(|revision| &revision.sections)
        {
            let Some(index) = number.checked_sub(section.first) else {
                continue;
            };
            if index >= section.count {
                continue;
            }
            let entry_at = usize::try_from(index)
                .ok()
                .and_then(|index| {
                    index
                        .checked_mul(ENTRY_BYTES)?
                        .checked_add(section.entries_at)
                })
                .unwrap_or(usize::MAX);
            let mut lexer = Lexer::new(self.bytes, entry_at);
            let offset = lexer.unsigned()?;
            let generation = lexer.unsigned()?;
            lexer.keyword(b"n")?;
            if generation != u64::from(reference.generation) {
                return Err(lexer.error("an object has another generation"));
            }
            return usize::try_from(offset).map_err(|_| lexer.error("an offset is too large"));
        }
        Err(Error::Pdf {
            at: self.xref_at(),
            problem: "an object is missing",
        })
    }

    pub(crate) fn root(&self) -> Result<Reference, Error> {
        self.trailer.reference(b"Root").ok_or(Error::Pdf {
            at: self.xref_at(),
            problem: "the trailer has no /Root",
        })
    }

    /// Walks from the catalog down the first kids.
    pub(crate) fn first_page(&self, catalog: &Dictionary) -> Result<Reference, Error> {
        let missing = Error::Pdf {
            at: self.xref_at(),
            problem: "there is no first page",
        };
        let Some(mut node) = catalog.reference(b"Pages") else {
            return Err(missing);
        };
        for _ in 0..PAGE_TREE_DEPTH_MAX {
            let (dictionary, _) = self.dictionary(node)?;
            if dictionary.name(b"Type") == Some(b"Page") {
                return Ok(node);
            }
            match dictionary
                .array(b"Kids")
                .and_then(<[Object]>::first)
                .map(|kid| &kid.value)
            {
                Some(Value::Reference(kid)) => node = *kid,
                Some(_) | None => return Err(missing),
            }
        }
        Err(missing)
    }
}

fn last_xref_offset(bytes: &[u8]) -> Result<usize, Error> {
    const KEYWORD: &[u8] = b"startxref";
    let from = bytes.len().saturating_sub(TAIL_BYTES);
    let tail = bytes.get(from..).unwrap_or_default();
    let found = tail
        .windows(KEYWORD.len())
        .rposition(|window| window == KEYWORD);
    let Some(index) = found else {
        return Err(Error::Pdf {
            at: from,
            problem: "the file does not end with startxref",
        });
    };
    let mut lexer = Lexer::new(bytes, from + index);
    lexer.keyword(KEYWORD)?;
    let offset = lexer.unsigned()?;
    usize::try_from(offset).map_err(|_| lexer.error("an offset is too large"))
}

fn read_revision(bytes: &[u8], xref_at: usize) -> Result<(Revision, Dictionary), Error> {
    let mut lexer = Lexer::new(bytes, xref_at);
    if lexer.keyword(b"xref").is_err() {
        return Err(lexer.error("no classic cross-reference table stands here"));
    }
    let mut sections = Vec::new();
    while lexer.keyword(b"trailer").is_err() {
        let first = lexer.unsigned()?;
        let count = lexer.unsigned()?;
        lexer.skip_space();
        let entries_at = lexer.at;
        let end = usize::try_from(count)
            .ok()
            .and_then(|count| count.checked_mul(ENTRY_BYTES)?.checked_add(entries_at))
            .filter(|end| *end <= bytes.len())
            .ok_or_else(|| lexer.error("a cross-reference table does not end"))?;
        sections.push(Section {
            first,
            count,
            entries_at,
        });
        lexer.at = end;
    }
    let trailer_at = lexer.at;
    let Value::Dictionary(trailer) = lexer.object()?.value else {
        return Err(Error::Pdf {
            at: trailer_at,
            problem: "the trailer is not a dictionary",
        });
    };
    lexer.keyword(b"startxref")?;
    if usize::try_from(lexer.unsigned()?) != Ok(xref_at) {
        return Err(lexer.error("startxref does not name its own table"));
    }
    Ok((
        Revision {
            sections,
            xref_at,
            end: end_of_file(bytes, lexer.at)?,
        },
        trailer,
    ))
}

/// Takes white space and `%%EOF`.
fn end_of_file(bytes: &[u8], mut at: usize) -> Result<usize, Error> {
    while bytes.get(at).is_some_and(|byte| is_space(*byte)) {
        at += 1;
    }
    if !bytes
        .get(at..)
        .is_some_and(|rest| rest.starts_with(END_OF_FILE))
    {
        return Err(Error::Pdf {
            at,
            problem: "%%EOF is missing",
        });
    }
    Ok(at + END_OF_FILE.len())
}

/// `/Prev` must lead towards the start of the file, so that a loop is impossible.
fn previous_xref(trailer: &Dictionary, xref_at: usize) -> Result<Option<usize>, Error> {
    if trailer.get(b"XRefStm").is_some() {
        return Err(Error::Pdf {
            at: xref_at,
            problem: "the file is a hybrid-reference file",
        });
    }
    if trailer.get(b"Prev").is_none() {
        return Ok(None);
    }
    trailer
        .integer(b"Prev")
        .and_then(|previous| usize::try_from(previous).ok())
        .filter(|previous| *previous < xref_at)
        .map(Some)
        .ok_or(Error::Pdf {
            at: xref_at,
            problem: "/Prev does not lead to an older revision",
        })
}

/// An object's new version: its old bytes with some inserted.
#[derive(Clone, Debug)]
pub(crate) struct Insertion {
    pub(crate) object: Reference,
    /// The object's value in the file.
    pub(crate) value: Range<usize>,
    /// Within `value`.
    pub(crate) at: usize,
}

/// What an update must know of the revision that it extends, without borrowing the file.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    length: usize,
    xref_at: usize,
    size: u32,
    root: Reference,
    info: Option<Reference>,
    /// The first, permanent element of `/ID`, as it stands in the file.
    id: Option<Range<usize>>,
}

impl Base {
    pub(crate) fn of(document: &Document<'_>) -> Result<Self, Error> {
        let at = document.xref_at();
        let trailer = &document.trailer;
        let size = trailer
            .integer(b"Size")
            .and_then(|size| u32::try_from(size).ok())
            // Behind it the update needs a few numbers of its own.
            .filter(|size| *size < u32::MAX / 2)
            .ok_or(Error::Pdf {
                at,
                problem: "the trailer has no /Size",
            })?;
        let sections = document
            .revisions
            .iter()
            .flat_map(|revision| &revision.sections);
        if sections.map(|section| section.first + section.count).max() > Some(u64::from(size)) {
            return Err(Error::Pdf {
                at,
                problem: "/Size is too small",
            });
        }
        let id = trailer
            .array(b"ID")
            .and_then(<[Object]>::first)
            .map(|id| id.span.clone());
        Ok(Self {
            length: document.bytes.len(),
            xref_at: at,
            size,
            root: document.root()?,
            info: trailer.reference(b"Info"),
            id,
        })
    }

    pub(crate) fn length(&self) -> usize {
        self.length
    }

    pub(crate) fn id(&self) -> Option<Range<usize>> {
        self.id.clone()
    }
}

/// The bytes that are appended to a file as one new revision.
pub(crate) struct Update<'a> {
    base: &'a Base,
    original: &'a [u8],
    bytes: Vec<u8>,
    next_number: u32,
    written: Vec<(Reference, usize)>,
}

impl<'a> Update<'a> {
    pub(crate) fn new(base: &'a Base, original: &'a [u8]) -> Self {
        // An object must start on its own line (ISO 19005-3 section 6.1.9). The line end is there
        // in any case, so that it is always known where the original stopped.
        Self {
            base,
            original,
            bytes: b"\n".to_vec(),
            next_number: base.size,
            written: Vec::new(),
        }
    }

    /// The name of a new object.
    pub(crate) fn new_reference(&mut self) -> Reference {
        let number = self.next_number;
        self.next_number += 1;
        Reference {
            number,
            generation: 0,
        }
    }

    /// Writes an object and returns where its content starts in the finished file.
    pub(crate) fn write(&mut self, reference: Reference, content: &[u8]) -> usize {
        self.written
            .push((reference, self.base.length + self.bytes.len()));
        let Reference { number, generation } = reference;
        self.bytes
            .extend_from_slice(format!("{number} {generation} obj\n").as_bytes());
        let at = self.base.length + self.bytes.len();
        self.bytes.extend_from_slice(content);
        self.bytes.extend_from_slice(b"\nendobj\n");
        at
    }

    /// Writes the new version of an object of the original.
    pub(crate) fn insert(&mut self, insertion: &Insertion, text: &str) {
        let at = insertion.at..insertion.at;
        self.rewrite(insertion.object, &insertion.value, &[(at, text.to_owned())]);
    }

    /// Writes the new version of an object of the original, whose value stands at `value`, with
    /// other texts at some places within it, first to last.
    pub(crate) fn rewrite(
        &mut self,
        object: Reference,
        value: &Range<usize>,
        edits: &[(Range<usize>, String)],
    ) {
        let part = |range: Range<usize>| self.original.get(range).unwrap_or_default();
        let mut content = Vec::with_capacity(value.len() + 64);
        let mut copied = value.start;
        for (place, text) in edits {
            content.extend_from_slice(part(copied..place.start));
            content.extend_from_slice(text.as_bytes());
            copied = place.end;
        }
        content.extend_from_slice(part(copied..value.end));
        self.write(object, &content);
    }

    /// Adds the table and the trailer. `changing_id` is the second element of `/ID`.
    pub(crate) fn finish(mut self, changing_id: [u8; 16]) -> Vec<u8> {
        let xref_at = self.base.length + self.bytes.len();
        self.written.sort_by_key(|(reference, _)| reference.number);
        let mut text = String::from("xref\n");
        for run in self
            .written
            .chunk_by(|(a, _), (b, _)| a.number + 1 == b.number)
        {
            let first = run.first().map_or(0, |(reference, _)| reference.number);
            text.push_str(&format!("{first} {}\n", run.len()));
            for (reference, offset) in run {
                text.push_str(&format!("{offset:010} {:05} n\r\n", reference.generation));
            }
        }
        let Reference { number, generation } = self.base.root;
        text.push_str(&format!(
            "trailer\n<</Size {}/Root {number} {generation} R",
            self.next_number
        ));
        if let Some(Reference { number, generation }) = self.base.info {
            text.push_str(&format!("/Info {number} {generation} R"));
        }
        self.bytes.extend_from_slice(text.as_bytes());
        if let Some(id) = &self.base.id {
            self.bytes.extend_from_slice(b"/ID[");
            self.bytes
                .extend_from_slice(self.original.get(id.clone()).unwrap_or_default());
            let changing: String = changing_id
                .iter()
                .map(|byte| format!("{byte:02X}"))
                .collect();
            self.bytes
                .extend_from_slice(format!("<{changing}>]").as_bytes());
        }
        let previous = self.base.xref_at;
        let end = format!("/Prev {previous}>>\nstartxref\n{xref_at}\n%%EOF\n");
        self.bytes.extend_from_slice(end.as_bytes());
        self.bytes
    }
}
