//! Header blocks: where each field begins and ends. Fields are found by their line breaks, never
//! interpreted here.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;

/// One field of a header block, as offsets into the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    /// From the first octet of the name to behind the line break of the last line.
    pub(crate) whole: Range<usize>,
    /// The colon.
    colon: usize,
}

impl Field {
    /// The name without the white space that old mailers put before the colon.
    pub(crate) fn name<'m>(&self, message: &'m [u8]) -> &'m [u8] {
        slice(message, self.whole.start..self.colon).trim_ascii_end()
    }

    /// The name exactly as written, for DKIM's simple canonicalization.
    pub(crate) fn name_verbatim<'m>(&self, message: &'m [u8]) -> &'m [u8] {
        slice(message, self.whole.start..self.colon)
    }

    /// Everything behind the colon, the last line break included.
    pub(crate) fn value_verbatim<'m>(&self, message: &'m [u8]) -> &'m [u8] {
        slice(message, self.colon + 1..self.whole.end)
    }

    /// The value on one line (RFC 5322 section 2.2.3), white space around it removed.
    pub(crate) fn value<'m>(&self, message: &'m [u8]) -> Cow<'m, [u8]> {
        unfold(self.value_verbatim(message).trim_ascii())
    }

    pub(crate) fn is(&self, message: &[u8], name: &str) -> bool {
        self.name(message).eq_ignore_ascii_case(name.as_bytes())
    }
}

/// What the next line or lines of a header block are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Line {
    /// A field, continuation lines included.
    Field(Field),
    /// Something without a name and a colon, between fields; it was skipped.
    Garbage,
    /// The end of the block.
    End(End),
}

/// Where a header block ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct End {
    /// Where its content begins.
    pub(crate) content: usize,
    /// Whether an empty line stands between them, or the message ends.
    pub(crate) is_marked: bool,
}

/// A header block, read line by line.
///
/// A line that can be no field ends the block, and is the first one of the content (RFC 5322
/// section 2.1 asks for an empty line before it, which some programs forget). It is skipped instead
/// where a field that the block still lacks follows it, so that the field is not lost.
pub(crate) struct Block<'m> {
    message: &'m [u8],
    position: usize,
    is_at_top: bool,
    /// Where the run of fields begins that stand right before the position and whose names no
    /// mailer writes: without an empty line, the content may begin there.
    unknown_since: Option<usize>,
    /// Which of [`ESSENTIAL`] were seen.
    seen: [bool; ESSENTIAL.len()],
    /// Up to where garbage is skipped, once that was found out.
    garbage_until: Option<usize>,
}

impl<'m> Block<'m> {
    /// The block that begins at `start`, behind a byte order mark that may stand there.
    pub(crate) fn at(message: &'m [u8], start: usize) -> Self {
        Self {
            message,
            position: start + mark_length(message, start),
            is_at_top: true,
            unknown_since: None,
            seen: [false; ESSENTIAL.len()],
            garbage_until: None,
        }
    }

    /// Where the next line begins.
    pub(crate) fn position(&self) -> usize {
        self.position
    }

    /// Reads the field or line that begins at the position, and goes on behind it.
    pub(crate) fn next_line(&mut self) -> Line {
        let start = self.position;
        let end = match raw_line(self.message, start) {
            RawLine::End(content) => {
                let is_marked = true;
                return Line::End(End { content, is_marked });
            }
            // What mailboxes put on top of a mail.
            RawLine::Garbage(end) if self.is_at_top && self.begins_with(MAILBOX_LINE) => {
                (self.position, self.is_at_top) = (end, false);
                return Line::Garbage;
            }
            RawLine::Garbage(end) => end,
            RawLine::Field(field) => {
                (self.position, self.is_at_top) = (field.whole.end, false);
                self.note(&field);
                return Line::Field(field);
            }
        };
        let garbage_until = *self
            .garbage_until
            .get_or_insert_with(|| last_missing_field(self.message, end, &self.seen));
        if start < garbage_until {
            (self.position, self.unknown_since) = (end, None);
            return Line::Garbage;
        }
        Line::End(End {
            content: self.unknown_since.unwrap_or(start),
            is_marked: false,
        })
    }

    fn begins_with(&self, text: &[u8]) -> bool {
        slice(self.message, self.position..self.message.len()).starts_with(text)
    }

    fn note(&mut self, field: &Field) {
        let name = field.name(self.message);
        for (essential, seen) in ESSENTIAL.iter().zip(&mut self.seen) {
            *seen |= name.eq_ignore_ascii_case(essential);
        }
        if is_known_name(name) {
            self.unknown_since = None;
        } else {
            self.unknown_since.get_or_insert(field.whole.start);
        }
    }
}

/// `From taro Mon Jan  5 00:00:00 2026`, which is no field.
const MAILBOX_LINE: &[u8] = b"From ";

/// Fields that prove that a header goes on behind a line that is none. Those that a quoted header
/// inside a text shows beside them, as a subject, prove nothing.
const ESSENTIAL: [&[u8]; 8] = [
    b"from",
    b"to",
    b"date",
    b"message-id",
    b"mime-version",
    b"content-type",
    b"content-transfer-encoding",
    b"dkim-signature",
];

/// How far behind a line that is no field another field is looked for, in bytes. Headers are
/// shorter.
const LOOK_AHEAD_BYTES_MAX: usize = 64 * 1_024;

/// Where the last field begins of those that are essential and were not seen; 0 where there is
/// none.
fn last_missing_field(message: &[u8], start: usize, seen: &[bool]) -> usize {
    let limit = start.saturating_add(LOOK_AHEAD_BYTES_MAX);
    let (mut position, mut last) = (start, 0);
    while position < limit && !slice(message, position..message.len()).starts_with(b"--") {
        match raw_line(message, position) {
            RawLine::Field(field) => {
                let name = field.name(message);
                let mut essential = ESSENTIAL.iter().zip(seen);
                if essential.any(|(one, seen)| !seen && name.eq_ignore_ascii_case(one)) {
                    last = position;
                }
                position = field.whole.end;
            }
            RawLine::Garbage(end) => position = end,
            RawLine::End(_) => break,
        }
    }
    last
}

/// Names of fields that mailers write, beside those with a known beginning.
const KNOWN_NAMES: [&[u8]; 31] = [
    b"from",
    b"sender",
    b"reply-to",
    b"to",
    b"cc",
    b"bcc",
    b"date",
    b"subject",
    b"message-id",
    b"in-reply-to",
    b"references",
    b"comments",
    b"keywords",
    b"received",
    b"received-spf",
    b"return-path",
    b"delivered-to",
    b"envelope-to",
    b"authentication-results",
    b"auto-submitted",
    b"mime-version",
    b"user-agent",
    b"importance",
    b"priority",
    b"precedence",
    b"organization",
    b"errors-to",
    b"disposition-notification-to",
    b"return-receipt-to",
    b"feedback-id",
    b"domainkey-signature",
];

const KNOWN_BEGINNINGS: [&[u8]; 8] = [
    b"x-",
    b"content-",
    b"resent-",
    b"list-",
    b"arc-",
    b"dkim-",
    b"thread-",
    b"require-",
];

fn is_known_name(name: &[u8]) -> bool {
    let begins = |start: &&[u8]| {
        let beginning = name.get(..start.len());
        beginning.is_some_and(|beginning| beginning.eq_ignore_ascii_case(start))
    };
    KNOWN_BEGINNINGS.iter().any(begins)
        || KNOWN_NAMES
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known))
}

/// How long the byte order mark is that stands at `start`: 3, or 0 where there is none.
pub(crate) fn mark_length(message: &[u8], start: usize) -> usize {
    let rest = slice(message, start..message.len());
    if rest.starts_with(b"\xef\xbb\xbf") {
        3
    } else {
        0
    }
}

/// A line by itself, whatever stands around it.
enum RawLine {
    Field(Field),
    /// It ends here.
    Garbage(usize),
    /// The empty line, or the end of the message; the content begins here.
    End(usize),
}

/// Reads the line that begins at `start`, continuation lines included.
fn raw_line(message: &[u8], start: usize) -> RawLine {
    let rest = slice(message, start..message.len());
    let returns = rest.iter().take_while(|byte| **byte == b'\r').count();
    match rest.get(returns) {
        // Also CR CR LF, as gateways write that end lines twice.
        Some(b'\n') => return RawLine::End(start + returns + 1),
        None if rest.is_empty() => return RawLine::End(start),
        Some(_) | None => {}
    }
    let mut end = start;
    loop {
        let line = slice(message, end..message.len());
        end += memchr(b'\n', line).map_or(line.len(), |position| position + 1);
        if !matches!(message.get(end), Some(b' ' | b'\t')) {
            break;
        }
    }
    match memchr(b':', slice(message, start..end)) {
        Some(length) if is_field_name(slice(message, start..start + length)) => {
            RawLine::Field(Field {
                whole: start..end,
                colon: start + length,
            })
        }
        _ => RawLine::Garbage(end),
    }
}

/// Every field of the block that begins at `start`, with the garbage left out.
pub(crate) fn fields(message: &[u8], start: usize) -> impl Iterator<Item = Field> {
    let mut block = Block::at(message, start);
    std::iter::from_fn(move || {
        loop {
            match block.next_line() {
                Line::Field(field) => return Some(field),
                Line::Garbage => {}
                Line::End(_) => return None,
            }
        }
    })
}

/// The value of a field on one line: line breaks go, the white space that follows them stays.
pub(crate) fn unfold(value: &[u8]) -> Cow<'_, [u8]> {
    if memchr(b'\n', value).is_none() {
        return Cow::Borrowed(value);
    }
    let mut line = Vec::with_capacity(value.len());
    for piece in value.split_inclusive(|byte| *byte == b'\n') {
        let piece = piece.strip_suffix(b"\n").map_or(piece, without_returns);
        line.extend_from_slice(piece);
    }
    Cow::Owned(line)
}

/// A line without the carriage returns at its end.
pub(crate) fn without_returns(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|byte| *byte != b'\r');
    slice(line, 0..end.map_or(0, |last| last + 1))
}

/// A slice that is empty where its range does not exist.
pub(crate) fn slice(bytes: &[u8], range: Range<usize>) -> &[u8] {
    bytes.get(range).unwrap_or_default()
}

/// RFC 5322 section 3.6.8, and the white space before the colon of section 4.5.
fn is_field_name(name: &[u8]) -> bool {
    let name = name.trim_ascii_end();
    !name.is_empty() && name.iter().all(u8::is_ascii_graphic)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_and_values(message: &str) -> Vec<(String, String)> {
        let bytes = message.as_bytes();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        fields(bytes, 0)
            .map(|field| (text(field.name(bytes)), text(&field.value(bytes))))
            .collect()
    }

    #[test]
    fn reads_fields_with_either_line_end_folded_or_spaced() {
        for message in [
            "Subject: a\r\n b\r\nTo : c\r\n\r\nFrom: body",
            "Subject: a\n b\nTo : c\n\nFrom: body",
        ] {
            assert_eq!(
                names_and_values(message),
                [("Subject".into(), "a b".into()), ("To".into(), "c".into())]
            );
        }
    }

    #[test]
    fn skips_what_is_no_field_before_one_that_is_missed_and_ends_with_the_message() {
        assert_eq!(
            names_and_values("From x Mon\n: y\nno colon here\nTo: 1\nB:"),
            [("To".into(), "1".into()), ("B".into(), String::new())]
        );
        assert_eq!(names_and_values(""), []);
    }

    fn content(message: &str) -> &str {
        let mut block = Block::at(message.as_bytes(), 0);
        loop {
            if let Line::End(end) = block.next_line() {
                return message.get(end.content..).unwrap();
            }
        }
    }

    #[test]
    fn a_line_that_can_be_no_field_begins_the_content_where_the_empty_line_is_missing() {
        for (message, expected) in [
            (
                "From: a\r\n本文\r\nTel: 1\r\n\r\nmore",
                "本文\r\nTel: 1\r\n\r\nmore",
            ),
            // A reply that quotes the header of what it answers.
            (
                "From: a\nTo: b\nDate: c\nyes\nFrom: b\nTo: a\nSubject: x\n\nold",
                "yes\nFrom: b\nTo: a\nSubject: x\n\nold",
            ),
            // Lines before it that only look like fields.
            ("From: a\nTel: 1\nFax: 2\n本文", "Tel: 1\nFax: 2\n本文"),
            ("From: a\nX-Of-Mailer: 1\n本文", "本文"),
            ("本文", "本文"),
            ("From: a\nno field\nDate: b\n\n本文", "本文"),
            (
                "From: a\nno field\n--b\nDate: b\n\n",
                "no field\n--b\nDate: b\n\n",
            ),
            ("From: a\r\r\n\r\r\n本文", "本文"),
        ] {
            assert_eq!(content(message), expected, "{message:?}");
        }
    }

    #[test]
    fn a_byte_order_mark_hides_no_field() {
        assert_eq!(
            names_and_values("\u{feff}From: a\r\r\nTo: b\r\r\n c\r\r\n\r\r\n"),
            [("From".into(), "a".into()), ("To".into(), "b c".into())]
        );
    }
}
