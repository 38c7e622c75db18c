//! Escape sequences of ISO-2022-JP (RFC 1468), as mailers write them and leave them out.

use std::borrow::Cow;

use memchr::memchr;

use super::header::{slice, without_returns};

/// The Encoding Standard calls an escape sequence that is followed by another one an error, as a
/// defense for browsers. Mailers write them, above all where encoded words meet.
pub(super) fn without_idle_escapes(octets: &[u8]) -> Cow<'_, [u8]> {
    let mut kept = Vec::with_capacity(octets.len());
    let mut rest = octets;
    while let Some(position) = memchr(0x1b, rest) {
        let (text, escape) = rest.split_at(position);
        kept.extend_from_slice(text);
        let (this, after) = escape.split_at(escape.len().min(3));
        if !(is_jis_escape(this) && is_jis_escape(after.get(..3).unwrap_or_default())) {
            kept.extend_from_slice(this);
        }
        rest = after;
    }
    kept.extend_from_slice(rest);
    Cow::Owned(kept)
}

/// Switches back to ASCII at the end of each line: RFC 1468 asks for that, old mailers leave it
/// out, and the next line is in ASCII all the same.
pub(super) fn with_closed_lines(octets: &[u8]) -> Cow<'_, [u8]> {
    if !has_open_jis_line(octets) {
        return Cow::Borrowed(octets);
    }
    let mut closed = Vec::with_capacity(octets.len() + 64);
    for line in octets.split_inclusive(|byte| *byte == b'\n') {
        let content = without_returns(line.strip_suffix(b"\n").unwrap_or(line));
        closed.extend_from_slice(content);
        if is_left_open(content) {
            closed.extend_from_slice(b"\x1b(B");
        }
        closed.extend_from_slice(slice(line, content.len()..line.len()));
    }
    Cow::Owned(closed)
}

/// Whether a line that another one follows ends in another set than ASCII.
pub(super) fn has_open_jis_line(octets: &[u8]) -> bool {
    let last_end = memchr::memrchr(b'\n', octets).unwrap_or(0);
    let mut lines = slice(octets, 0..last_end).split(|byte| *byte == b'\n');
    lines.any(|line| is_left_open(without_returns(line)))
}

/// Whether the last escape sequence of a text chose a set of Japanese characters. Each line begins
/// in ASCII.
pub(super) fn is_left_open(line: &[u8]) -> bool {
    let last = memchr::memrchr(0x1b, line);
    last.is_some_and(|at| {
        matches!(
            line.get(at + 1..at + 3),
            Some([b'$', b'@' | b'B'] | [b'(', b'I'])
        )
    })
}

fn is_jis_escape(sequence: &[u8]) -> bool {
    matches!(
        sequence,
        [0x1b, b'$', b'@' | b'B'] | [0x1b, b'(', b'B' | b'J' | b'I']
    )
}

pub(super) fn has_jis_escape(octets: &[u8]) -> bool {
    memchr::memchr_iter(0x1b, octets)
        .any(|position| is_jis_escape(octets.get(position..position + 3).unwrap_or_default()))
}
