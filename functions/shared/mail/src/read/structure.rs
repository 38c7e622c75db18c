//! The MIME tree (RFC 2046), found in one pass over the line starts that begin with `--`.
//! Nothing is decoded and nothing recurses; depth and number of parts are bounded.

use std::ops::Range;

use domain::Damage;
use memchr::memmem;

use super::encoding::TransferEncoding;
use super::header::{Block, Field, Line, slice};
use super::parameters::{self, Parameterized};
use super::words;
use crate::damage::Damages;

/// Deepest nesting of multiparts that is followed. Real mail has 4 or 5 levels; what lies deeper
/// is kept as one part (issue 2: 10,000 nested parts).
pub(crate) const NESTING_DEPTH_MAX: usize = 50;

/// Most parts that are told apart; a certificate lists each. What follows belongs to the last one.
pub(crate) const PARTS_MAX: usize = 1_000;

/// One part: a leaf with content, or a multipart with children.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// Its header block, the empty line left out.
    pub(crate) header: Range<usize>,
    /// Its content as transferred; for a multipart everything up to the enclosing boundary.
    pub(crate) body: Range<usize>,
    pub(crate) media_type: Parameterized,
    pub(crate) disposition: Parameterized,
    /// `None` where no field says it.
    encoding: Option<TransferEncoding>,
    pub(crate) content_id: Option<String>,
    /// `None` for a leaf.
    pub(crate) children: Option<Vec<usize>>,
}

impl Part {
    pub(crate) fn encoding(&self) -> TransferEncoding {
        self.encoding.unwrap_or(TransferEncoding::Identity)
    }

    pub(crate) fn is_multipart(&self) -> bool {
        self.children.is_some()
    }

    /// What a multipart without boundaries holds is best read as it stands.
    fn show_as_text(&mut self) {
        "text/plain".clone_into(&mut self.media_type.value);
    }

    /// The boundary between the children. Trailing white space is not part of it (RFC 2046
    /// section 5.1.1).
    fn boundary(&self) -> Option<Vec<u8>> {
        if !self.media_type.value.starts_with("multipart/") {
            return None;
        }
        let boundary = self.media_type.parameter("boundary")?;
        Some(boundary.trim_end().as_bytes().to_vec()).filter(|boundary| !boundary.is_empty())
    }

    pub(crate) fn file_name(&self) -> Option<String> {
        self.file_name_and_note(&mut Damages::default())
    }

    /// The same, saying what of it was guessed or lost.
    pub(crate) fn file_name_and_note(&self, damages: &mut Damages) -> Option<String> {
        let mut name = self.disposition.parameter_and_note("filename", damages);
        if name.as_ref().is_none_or(String::is_empty) {
            name = self.media_type.parameter_and_note("name", damages);
        }
        name.filter(|name| !name.is_empty())
    }

    pub(crate) fn is_attachment(&self) -> bool {
        self.disposition.value == "attachment"
    }
}

/// A multipart whose end was not seen yet.
struct Open {
    part: usize,
    boundary: Vec<u8>,
}

struct Walker<'m> {
    message: &'m [u8],
    parts: Vec<Part>,
    open: Vec<Open>,
    /// The leaf that the current position belongs to; none in a preamble or epilogue.
    leaf: Option<usize>,
}

/// Reads the tree of the message that begins at `start`. The root is the first part.
pub(crate) fn read(message: &[u8], start: usize, damages: &mut Damages) -> Vec<Part> {
    let mut walker = Walker {
        message,
        parts: Vec::new(),
        open: Vec::new(),
        leaf: None,
    };
    let mut position = walker.begin_part(start, damages);
    let finder = memmem::Finder::new(b"\n--");
    while !walker.open.is_empty() {
        // The line break before the delimiter belongs to it, and may be the header's last one.
        let from = position.saturating_sub(1);
        let Some(found) = finder.find(slice(message, from..message.len())) else {
            break;
        };
        let line_start = from + found + 1;
        position = match walker.delimiter_at(line_start) {
            Some(delimiter) => walker.pass(line_start, delimiter, damages),
            None => line_start + 2,
        };
    }
    walker.finish(damages);
    walker.parts
}

/// A line that is the delimiter of an open multipart.
struct Delimiter {
    level: usize,
    is_close: bool,
    line_end: usize,
}

impl Walker<'_> {
    /// Reads a part's header block and says where its content begins.
    fn begin_part(&mut self, start: usize, damages: &mut Damages) -> usize {
        let mut part = Part {
            header: start..start,
            body: start..start,
            media_type: Parameterized::default(),
            disposition: Parameterized::default(),
            encoding: None,
            content_id: None,
            children: None,
        };
        let mut block = Block::at(self.message, start);
        part.header.start = block.position();
        let content = loop {
            let position = block.position();
            part.header.end = position;
            // The empty line may be missing before a delimiter, also before the part's own first.
            if self.delimiter_at(position).is_some() || self.is_own_delimiter(&part, position) {
                break position;
            }
            match block.next_line() {
                Line::Field(field) => self.take_field(&mut part, &field, damages),
                Line::Garbage => damages.add(Damage::GarbageInHeader),
                Line::End(end) => {
                    if !end.is_marked {
                        part.header.end = end.content;
                        damages.add(Damage::NoEmptyLine);
                    }
                    break end.content;
                }
            }
        };
        if memmem::find(slice(self.message, part.header.start..content), b"\r\r\n").is_some() {
            damages.add(Damage::DoubledCarriageReturns);
        }
        part.body = content..self.message.len();
        self.set_default_type(&mut part, damages);
        self.add(part, damages);
        content
    }

    fn is_own_delimiter(&self, part: &Part, line_start: usize) -> bool {
        let line = slice(self.message, line_start..self.message.len());
        line.starts_with(b"--")
            && part
                .boundary()
                .is_some_and(|boundary| delimiter_length(&boundary, line).is_some())
    }

    /// Of several fields of one name the first that says something counts.
    fn take_field(&self, part: &mut Part, field: &Field, damages: &mut Damages) {
        let name = field.name(self.message);
        let is_content = name.get(..8);
        if !is_content.is_some_and(|start| start.eq_ignore_ascii_case(b"content-")) {
            return;
        }
        let value = field.value(self.message);
        if value.is_empty() {
            return;
        }
        let text = words::raw_text(&value, None);
        let is = |name| field.is(self.message, name);
        let is_repeated = if is("Content-Type") {
            let read = || parameters::parse(&text.text);
            set_once(&mut part.media_type, read, damages)
        } else if is("Content-Disposition") {
            let read = || {
                let mut disposition = parameters::parse(&text.text);
                if disposition.value.is_empty() {
                    // RFC 2183 section 2.8: what is not known is an attachment.
                    "attachment".clone_into(&mut disposition.value);
                }
                disposition
            };
            set_once(&mut part.disposition, read, damages)
        } else if is("Content-Transfer-Encoding") {
            let is_repeated = part.encoding.is_some();
            let encoding = TransferEncoding::from_field(&value);
            part.encoding.get_or_insert(encoding);
            is_repeated
        } else if is("Content-ID") {
            let is_repeated = part.content_id.is_some();
            part.content_id = part.content_id.take().or_else(|| content_id(&value));
            is_repeated
        } else {
            false
        };
        text.header_damages().for_each(|damage| damages.add(damage));
        if is_repeated {
            damages.add(Damage::RepeatedContentField);
        }
    }

    /// RFC 2045 section 5.2, and RFC 2046 section 5.1.5 for a digest.
    fn set_default_type(&self, part: &mut Part, damages: &mut Damages) {
        let is_type_and_subtype = part
            .media_type
            .value
            .split_once('/')
            .is_some_and(|(main, sub)| !main.is_empty() && !sub.is_empty() && !sub.contains('/'));
        if !is_type_and_subtype {
            if !part.media_type.value.is_empty() {
                damages.add(Damage::ContentField);
            }
            let in_digest = self
                .open
                .last()
                .and_then(|open| self.parts.get(open.part))
                .is_some_and(|parent| parent.media_type.value == "multipart/digest");
            let default = if in_digest {
                "message/rfc822"
            } else {
                "text/plain"
            };
            part.media_type.value = default.to_owned();
        }
    }

    fn add(&mut self, mut part: Part, damages: &mut Damages) {
        let index = self.parts.len();
        let is_multipart = part.media_type.value.starts_with("multipart/");
        if let Some(parent) = self
            .open
            .last()
            .and_then(|open| self.parts.get_mut(open.part))
            && let Some(children) = &mut parent.children
        {
            children.push(index);
        }
        self.leaf = Some(index);
        match part.boundary() {
            _ if !is_multipart => {}
            None => {
                damages.add(Damage::NoBoundary);
                part.show_as_text();
            }
            Some(_) if self.open.len() >= NESTING_DEPTH_MAX => damages.add(Damage::NestedTooDeep),
            Some(boundary) => {
                part.children = Some(Vec::new());
                self.leaf = None;
                self.open.push(Open {
                    part: index,
                    boundary,
                });
            }
        }
        self.parts.push(part);
    }

    /// The delimiter that begins at this line start, of the innermost multipart that owns it.
    fn delimiter_at(&self, line_start: usize) -> Option<Delimiter> {
        let line = slice(self.message, line_start..self.message.len());
        if !line.starts_with(b"--") {
            return None;
        }
        self.open
            .iter()
            .enumerate()
            .rev()
            .find_map(|(level, open)| {
                let (length, is_close) = delimiter_length(&open.boundary, line)?;
                Some(Delimiter {
                    level,
                    is_close,
                    line_end: line_start + length,
                })
            })
    }

    /// Ends what the delimiter ends, begins what it begins; says where to go on.
    fn pass(&mut self, line_start: usize, delimiter: Delimiter, damages: &mut Damages) -> usize {
        if self.parts.len() >= PARTS_MAX && !delimiter.is_close {
            damages.add(Damage::TooManyParts);
            return delimiter.line_end;
        }
        let content_end = self.before_line_break(line_start);
        self.end_leaf(content_end);
        if self.open.len() > delimiter.level + 1 {
            damages.add(Damage::MissingEnd);
        }
        for inner in self.open.drain(delimiter.level + 1..).rev() {
            close(&mut self.parts, inner.part, content_end);
        }
        if delimiter.is_close {
            if let Some(ended) = self.open.pop() {
                close(&mut self.parts, ended.part, delimiter.line_end);
            }
            return delimiter.line_end;
        }
        self.begin_part(delimiter.line_end, damages)
    }

    fn before_line_break(&self, line_start: usize) -> usize {
        let before = slice(self.message, 0..line_start);
        let before = before.strip_suffix(b"\n").unwrap_or(before);
        before.strip_suffix(b"\r").unwrap_or(before).len()
    }

    fn end_leaf(&mut self, end: usize) {
        if let Some(leaf) = self.leaf.take().and_then(|leaf| self.parts.get_mut(leaf)) {
            // A header that runs right into a delimiter leaves an empty body.
            leaf.body.end = end.max(leaf.body.start);
        }
    }

    /// The message ended. A multipart without any part is kept as one leaf.
    fn finish(&mut self, damages: &mut Damages) {
        if !self.open.is_empty() {
            damages.add(Damage::MissingEnd);
        }
        for part in &mut self.parts {
            if part.children.as_ref().is_some_and(Vec::is_empty) {
                damages.add(Damage::NoBoundary);
                part.children = None;
                part.show_as_text();
            }
        }
    }
}

/// Whether a value was there already, which then stays.
fn set_once(
    known: &mut Parameterized,
    read: impl FnOnce() -> Parameterized,
    damages: &mut Damages,
) -> bool {
    if !known.value.is_empty() {
        return true;
    }
    *known = read();
    if known.is_malformed {
        damages.add(Damage::ContentField);
    }
    false
}

/// How long the delimiter line with this boundary is that the text begins with, its line break
/// included, and whether it is the last one.
fn delimiter_length(boundary: &[u8], text: &[u8]) -> Option<(usize, bool)> {
    let after = text.strip_prefix(b"--")?.strip_prefix(boundary)?;
    let padding = after.strip_prefix(b"--").unwrap_or(after);
    let end = memchr::memchr(b'\n', padding);
    let blank = slice(padding, 0..end.unwrap_or(padding.len()));
    blank.trim_ascii().is_empty().then(|| {
        let behind = padding.len() - end.map_or(padding.len(), |end| end + 1);
        (text.len() - behind, padding.len() < after.len())
    })
}

/// Longest Content-ID that is kept, in characters.
const CONTENT_ID_LENGTH_MAX: usize = 250;

/// What stands in the angle brackets, or all of it where there are none.
fn content_id(value: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(value);
    let (_, inside) = text.split_once('<').unwrap_or(("", &text));
    let (id, _) = inside.split_once('>').unwrap_or((inside, ""));
    let id: String = id
        .chars()
        .filter(|c| c.is_ascii_graphic() && *c != '<')
        .take(CONTENT_ID_LENGTH_MAX)
        .collect();
    Some(id).filter(|id| !id.is_empty())
}

fn close(parts: &mut [Part], part: usize, end: usize) {
    if let Some(part) = parts.get_mut(part) {
        part.body.end = end.max(part.body.start);
    }
}

#[cfg(test)]
mod tests;
