//! The revisions of the file, each byte of them accounted for.
//!
//! Every revision has a classic cross-reference table that names exactly the objects that stand in
//! it, one behind the other with nothing between them. So there is no object that one reader finds
//! and another does not: hybrid tables, object streams, repairs and hidden objects (shadow attacks)
//! have no place to be in.

use crate::limits::{REVISIONS_MAX, TRAILER_VALUE_BYTES_MAX, TRAILER_VALUES_MAX, limit};
use crate::object::{
    Deviation, Dictionary, Object, Reader, Reference, TOO_MANY_OBJECTS, TOO_MUCH_MEMORY, Value,
    is_space,
};
use crate::work::Work;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Bytes of one entry of a cross-reference table.
const ENTRY_BYTES: usize = 20;
const FREE_ENTRY: &[u8] = b"0000000000 65535 f";
const TRAILER_KEYS: [&str; 5] = ["Size", "Root", "Info", "ID", "Prev"];

/// The file, oldest revision first.
pub(crate) struct File<'a> {
    pub(crate) pdf: &'a [u8],
    /// Never empty.
    pub(crate) revisions: Vec<Revision>,
    /// The catalog, the same object in all revisions.
    pub(crate) root: Reference,
    /// Values of all objects.
    values: usize,
    kept: Kept,
}

/// The memory that objects take which were asked for. All others were read, found well built, and
/// forgotten: millions of small dictionaries would take a gigabyte.
struct Kept {
    bytes: AtomicUsize,
    is_exhausted: AtomicBool,
}

/// What one incremental update wrote.
pub(crate) struct Revision {
    /// From its first byte to behind its last; together they are the whole file.
    pub(crate) span: Range<usize>,
    objects: BTreeMap<u32, Stored>,
    /// Objects that are embedded files.
    pub(crate) embedded_files: usize,
    trailer: Dictionary,
    /// One above the largest number that is in use up to here.
    pub(crate) size: usize,
}

/// An object, read again when somebody asks for it first.
struct Stored {
    at: usize,
    read: OnceLock<Option<Box<Object>>>,
}

impl Revision {
    /// The numbers of its objects, in order.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u32> {
        self.objects.keys().copied()
    }
}

/// A table and its trailer.
struct Table {
    xref_at: usize,
    /// Number and offset.
    entries: Vec<(u32, usize)>,
    trailer: Dictionary,
    /// Behind `%%EOF`.
    end: usize,
}

impl<'a> File<'a> {
    /// Reads all revisions.
    pub(crate) fn read(pdf: &'a [u8]) -> Result<Self, Deviation> {
        let header_end = read_header(pdf)?;
        let tables = read_tables(pdf)?;
        let mut revisions: Vec<Revision> = Vec::with_capacity(tables.len());
        let (mut start, mut values_left) = (0, limit(Work::Values));
        for table in tables {
            let body = if start == 0 { header_end } else { start };
            let (objects, embedded_files) = read_objects(pdf, body, &table, &mut values_left)?;
            let end = end_of_revision(pdf, table.end);
            let size = check_size(&table, revisions.last())?;
            revisions.push(Revision {
                span: start..end,
                objects,
                embedded_files,
                trailer: table.trailer,
                size,
            });
            start = end;
        }
        if start != pdf.len() {
            return Err(Deviation {
                at: start,
                problem: "bytes follow the last revision",
            });
        }
        let root = check_trailers(&revisions)?;
        Ok(Self {
            pdf,
            revisions,
            root,
            values: limit(Work::Values) - values_left,
            kept: Kept {
                bytes: AtomicUsize::new(0),
                is_exhausted: AtomicBool::new(false),
            },
        })
    }

    /// What was spent.
    pub(crate) fn work(&self) -> [(Work, usize); 3] {
        let objects = self.revisions.iter();
        let objects = objects.map(|revision| revision.objects.len()).sum();
        [
            (Work::Objects, objects),
            (Work::Values, self.values),
            (Work::ValueBytes, self.kept.bytes.load(Ordering::Relaxed)),
        ]
    }

    /// Says so if objects were asked for that take too much memory: they seemed to be missing.
    pub(crate) fn check_memory(&self) -> Result<(), Deviation> {
        if self.kept.is_exhausted.load(Ordering::Relaxed) {
            return Err(Deviation {
                at: 0,
                problem: TOO_MUCH_MEMORY,
            });
        }
        Ok(())
    }

    /// An object that one revision wrote.
    pub(crate) fn written<'s>(&self, revision: &'s Revision, number: u32) -> Option<&'s Object> {
        self.stored(number, revision.objects.get(&number)?)
    }

    fn stored<'s>(&self, number: u32, stored: &'s Stored) -> Option<&'s Object> {
        let read = || {
            let mut values_left = limit(Work::Values);
            let mut reader = Reader::new(self.pdf, stored.at);
            let (object, size) = reader.indirect(number, &mut values_left).ok()?;
            let before = self
                .kept
                .bytes
                .fetch_add(size.memory_bytes, Ordering::Relaxed);
            if before.saturating_add(size.memory_bytes) > limit(Work::ValueBytes) {
                self.kept.is_exhausted.store(true, Ordering::Relaxed);
                return None;
            }
            Some(Box::new(object))
        };
        stored.read.get_or_init(read).as_deref()
    }

    /// The object as a reader of the revisions up to and including `revision` sees it.
    pub(crate) fn object(&self, revision: usize, reference: Reference) -> Option<&Object> {
        let seen = self.revisions.get(..=revision)?;
        let mut newest_first = seen.iter().rev();
        let stored = newest_first.find_map(|revision| revision.objects.get(&reference.0));
        self.stored(reference.0, stored?)
    }

    /// Does a reader of the revisions up to and including `revision` see such an object?
    pub(crate) fn has_object(&self, revision: usize, number: u32) -> bool {
        let seen = self.revisions.get(..=revision).unwrap_or_default();
        seen.iter()
            .any(|revision| revision.objects.contains_key(&number))
    }

    pub(crate) fn dictionary(&self, revision: usize, reference: Reference) -> Option<&Dictionary> {
        self.object(revision, reference)?.dictionary()
    }

    /// The catalog of a revision.
    pub(crate) fn catalog(&self, revision: usize) -> Option<&Dictionary> {
        self.dictionary(revision, self.root)
    }

    pub(crate) fn bytes(&self, range: &Range<usize>) -> &'a [u8] {
        self.pdf.get(range.clone()).unwrap_or_default()
    }
}

/// `%PDF-1.7` and a comment of four bytes that say that the file is binary.
fn read_header(pdf: &[u8]) -> Result<usize, Deviation> {
    let problem = "the file does not start as a PDF of this service does";
    let mut reader = Reader::new(pdf, 0);
    reader.exactly(b"%PDF-1.7\n%", problem)?;
    match reader.rest() {
        [a, b, c, d, b'\n', ..] if [a, b, c, d].iter().all(|byte| **byte >= 0x80) => {
            Ok(reader.at + 5)
        }
        _ => Err(reader.deviation(problem)),
    }
}

/// Follows `/Prev` from the end of the file; gives the oldest table first.
fn read_tables(pdf: &[u8]) -> Result<Vec<Table>, Deviation> {
    let (mut tables, mut objects) = (Vec::new(), 0_usize);
    let mut next = Some(last_xref(pdf)?);
    while let Some(xref_at) = next {
        if tables.len() == REVISIONS_MAX {
            return Err(Deviation {
                at: xref_at,
                problem: "there are too many revisions",
            });
        }
        let table = read_table(pdf, xref_at, &mut objects)?;
        // Towards the start of the file, so that a loop is impossible.
        next = match table.trailer.get("Prev") {
            None => None,
            Some(Value::Integer(previous)) => usize::try_from(*previous)
                .ok()
                .filter(|previous| *previous < xref_at)
                .map(Some)
                .ok_or(Deviation {
                    at: xref_at,
                    problem: "/Prev does not lead to an older revision",
                })?,
            Some(_) => {
                return Err(Deviation {
                    at: xref_at,
                    problem: "/Prev is no number",
                });
            }
        };
        tables.push(table);
    }
    tables.reverse();
    Ok(tables)
}

fn last_xref(pdf: &[u8]) -> Result<usize, Deviation> {
    let deviation = Deviation {
        at: pdf.len(),
        problem: "the file does not end with startxref and %%EOF",
    };
    let body = pdf.strip_suffix(b"\n").unwrap_or(pdf);
    let body = body.strip_suffix(b"\n%%EOF").ok_or(deviation)?;
    let digits = body.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let at = body.len() - digits;
    let head = body.get(..at).unwrap_or_default();
    if !head.ends_with(b"\nstartxref\n") {
        return Err(deviation);
    }
    Reader::new(pdf, at).number()
}

fn read_table(pdf: &[u8], xref_at: usize, objects: &mut usize) -> Result<Table, Deviation> {
    let (values, memory_bytes) = (TRAILER_VALUES_MAX, TRAILER_VALUE_BYTES_MAX);
    let mut reader = Reader::within(pdf, xref_at, values, memory_bytes);
    reader.exactly(b"xref\n", "no classic cross-reference table stands here")?;
    let mut entries: Vec<(u32, usize)> = Vec::new();
    while !reader.rest().starts_with(b"trailer\n") {
        let first = reader.number()?;
        reader.exactly(b" ", "a section of the table has no count")?;
        let count = reader.number()?;
        reader.exactly(b"\n", "a section of the table has no entries")?;
        *objects = objects.saturating_add(count);
        if *objects > limit(Work::Objects) {
            return Err(reader.deviation(TOO_MANY_OBJECTS));
        }
        for number in first..first.saturating_add(count) {
            let entry = reader.rest().get(..ENTRY_BYTES);
            let entry = entry.ok_or_else(|| reader.deviation("a table does not end"))?;
            let offset = read_entry(entry, number == 0)
                .ok_or_else(|| reader.deviation("an entry of the table is not in its form"))?;
            if let Some(offset) = offset {
                let number = u32::try_from(number)
                    .map_err(|_| reader.deviation("an object's number is too large"))?;
                if entries.last().is_some_and(|(last, _)| *last >= number) {
                    return Err(reader.deviation("the table names objects twice or in disorder"));
                }
                entries.push((number, offset));
            }
            reader.at += ENTRY_BYTES;
        }
    }
    reader.exactly(b"trailer\n", "the trailer is missing")?;
    let Value::Dictionary(trailer) = reader.value(0)? else {
        return Err(reader.deviation("the trailer is no dictionary"));
    };
    if !trailer.has_only(&TRAILER_KEYS) {
        return Err(reader.deviation("the trailer has an entry that this service never writes"));
    }
    reader.exactly(b"\nstartxref\n", "startxref is missing")?;
    if reader.number()? != xref_at {
        return Err(reader.deviation("startxref does not name its own table"));
    }
    reader.exactly(b"\n%%EOF", "%%EOF is missing")?;
    Ok(Table {
        xref_at,
        entries,
        trailer,
        end: reader.at,
    })
}

/// The offset of an object in use; `Some(None)` for the head of the list of free ones.
fn read_entry(entry: &[u8], is_head: bool) -> Option<Option<usize>> {
    let entry = entry
        .strip_suffix(b"\r\n")
        .or_else(|| entry.strip_suffix(b" \n"))?;
    if is_head {
        return (entry == FREE_ENTRY).then_some(None);
    }
    let digits = entry.strip_suffix(b" 00000 n")?;
    if digits.len() != 10 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok().map(Some)
}

/// The objects must stand one behind the other from `start` to the table. Gives them, and how many
/// are embedded files.
fn read_objects(
    pdf: &[u8],
    start: usize,
    table: &Table,
    values_left: &mut usize,
) -> Result<(BTreeMap<u32, Stored>, usize), Deviation> {
    let mut by_offset = table.entries.clone();
    by_offset.sort_by_key(|(_, offset)| *offset);
    let (mut objects, mut embedded_files) = (BTreeMap::new(), 0);
    let mut reader = Reader::new(pdf, start);
    for (number, offset) in by_offset {
        reader.skip_space();
        if reader.at != offset {
            return Err(reader.deviation("bytes stand here that belong to no object"));
        }
        let (object, _) = reader.indirect(number, values_left)?;
        if !reader.rest().first().is_some_and(|byte| is_space(*byte)) {
            return Err(reader.deviation("an object does not end on a line of its own"));
        }
        let kind = object.dictionary().and_then(|one| one.name("Type"));
        embedded_files += usize::from(kind == Some(b"EmbeddedFile"));
        let stored = Stored {
            at: offset,
            read: OnceLock::new(),
        };
        objects.insert(number, stored);
    }
    reader.skip_space();
    if reader.at != table.xref_at {
        return Err(reader.deviation("bytes stand here that belong to no object"));
    }
    Ok((objects, embedded_files))
}

/// Of the line ends behind `%%EOF`, the last one belongs to the update that follows.
fn end_of_revision(pdf: &[u8], end: usize) -> usize {
    let behind = pdf.get(end..).unwrap_or_default();
    let line_ends = behind.iter().take_while(|byte| **byte == b'\n').count();
    if end + line_ends == pdf.len() {
        pdf.len()
    } else {
        end + line_ends.saturating_sub(1)
    }
}

fn check_size(table: &Table, before: Option<&Revision>) -> Result<usize, Deviation> {
    let largest = table.entries.last().map_or(0, |(number, _)| *number);
    let used = usize::try_from(largest).unwrap_or(usize::MAX);
    let before = before.map_or(0, |revision| revision.size);
    let size = table.trailer.integer("Size");
    let size = size.and_then(|size| usize::try_from(size).ok());
    size.filter(|size| *size > used && *size >= before && *size <= limit(Work::Objects))
        .ok_or(Deviation {
            at: table.xref_at,
            problem: "/Size does not fit the objects",
        })
}

/// All trailers name the same catalog, information and permanent identifier.
fn check_trailers(revisions: &[Revision]) -> Result<Reference, Deviation> {
    let deviation = |revision: &Revision, problem| Deviation {
        at: revision.span.end,
        problem,
    };
    let Some(draft) = revisions.first() else {
        return Err(Deviation {
            at: 0,
            problem: "there is no revision",
        });
    };
    let Some(root) = draft.trailer.reference("Root") else {
        return Err(deviation(draft, "the trailer has no catalog"));
    };
    let permanent = |revision: &Revision| match revision.trailer.array("ID") {
        Some([permanent, _]) => Some(permanent.clone()),
        Some(_) | None => None,
    };
    for revision in revisions {
        let trailer = &revision.trailer;
        if trailer.get("Root") != draft.trailer.get("Root")
            || trailer.get("Info") != draft.trailer.get("Info")
            || permanent(revision) != permanent(draft)
        {
            return Err(deviation(revision, "a trailer names another document"));
        }
    }
    Ok(root)
}
