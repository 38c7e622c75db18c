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
    /// Something without a name and a colon; it ends here.
    Garbage(usize),
    /// The empty line: the body begins here.
    End(usize),
}

/// Reads the field that begins at `start`. The end of the message ends the block.
pub(crate) fn next_line(message: &[u8], start: usize) -> Line {
    let rest = slice(message, start..message.len());
    match rest {
        [] => return Line::End(start),
        [b'\n', ..] => return Line::End(start + 1),
        [b'\r', b'\n', ..] => return Line::End(start + 2),
        _ => {}
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
            Line::Field(Field {
                whole: start..end,
                colon: start + length,
            })
        }
        _ => Line::Garbage(end),
    }
}

/// Every field of the block that begins at `start`, with the garbage left out.
pub(crate) fn fields(message: &[u8], start: usize) -> impl Iterator<Item = Field> {
    let mut position = Some(start);
    std::iter::from_fn(move || {
        loop {
            match next_line(message, position?) {
                Line::Field(field) => {
                    position = Some(field.whole.end);
                    return Some(field);
                }
                Line::Garbage(end) => position = Some(end),
                Line::End(_) => position = None,
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
        let piece = piece.strip_suffix(b"\n").unwrap_or(piece);
        line.extend_from_slice(piece.strip_suffix(b"\r").unwrap_or(piece));
    }
    Cow::Owned(line)
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
    fn skips_what_is_no_field_and_ends_with_the_message() {
        assert_eq!(
            names_and_values("From x Mon\n: y\nno colon here\nA: 1\nB:"),
            [("A".into(), "1".into()), ("B".into(), String::new())]
        );
        assert_eq!(names_and_values(""), []);
    }
}
