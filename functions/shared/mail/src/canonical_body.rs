//! The canonical form of a mail's body (RFC 6376 section 3.4), for signatures over it.

use mail_auth::common::headers::{Writable, Writer};
use mail_auth::dkim::Canonicalization;

use crate::read::header::slice;

/// A body to be brought to its canonical form (RFC 6376 section 3.4). Of nearly every large body
/// the greatest part, an attachment, has that form already: one look at each pair of bytes tells,
/// and it is hashed as it stands.
pub(crate) struct CanonicalBody<'m> {
    canonicalization: Canonicalization,
    /// What the library is left with: everything, or whole lines of which the last is not empty.
    head: &'m [u8],
    /// What would not change, but for the line breaks at its end.
    tail: &'m [u8],
}

/// Bytes that are looked at together.
pub(crate) const BLOCK_BYTES: usize = 16_384;

impl<'m> CanonicalBody<'m> {
    pub(crate) fn of(
        body: &'m [u8],
        canonicalization: Canonicalization,
        block_bytes: usize,
    ) -> Self {
        // RFC 6376 section 3.4.4: blanks at the end of a line go first, then empty lines at the
        // end. The library takes the latter first, and keeps a last line of blanks as an empty one.
        let body = match canonicalization {
            Canonicalization::Simple => body,
            Canonicalization::Relaxed => without_blanks_at_end(body),
        };
        let content = without_line_breaks_at_end(body);
        let is_broken_break = |one: u8, next: u8| (one == b'\r') ^ (next == b'\n');
        let start = match canonicalization {
            Canonicalization::Simple => start_of_tail(content, block_bytes, is_broken_break),
            Canonicalization::Relaxed => start_of_tail(content, block_bytes, |one, next| {
                let runs_on = (next == b' ') | (next == b'\r');
                is_broken_break(one, next) | ((one == b' ') & runs_on) | (next == b'\t')
            }),
        };
        let (head, tail) = body.split_at_checked(start).unwrap_or((body, &[]));
        Self {
            canonicalization,
            head,
            tail,
        }
    }
}

impl Writable for CanonicalBody<'_> {
    fn write(self, writer: &mut impl Writer) {
        let Self {
            canonicalization,
            head,
            tail,
        } = self;
        if tail.is_empty() || !head.is_empty() {
            canonicalization.canonical_body(head, 0).write(writer);
        }
        if !tail.is_empty() {
            writer.write(without_line_breaks_at_end(tail));
            writer.write(b"\r\n");
        }
    }
}

/// From where on no two bytes that stand side by side are among those to be changed; `usize::MAX`
/// if that is nowhere. Line breaks at the end are taken off already.
fn start_of_tail(content: &[u8], block_bytes: usize, is_changed: impl Fn(u8, u8) -> bool) -> usize {
    // Line breaks stand behind the content, and before it: there a line begins.
    let ends_as_it_is = |byte| byte != b'\r' && !is_changed(byte, b'\r');
    if !content.last().is_some_and(|byte| ends_as_it_is(*byte)) {
        return usize::MAX;
    }
    let mut end = content.len();
    while end > 0 {
        let start = end.saturating_sub(block_bytes);
        let block = content.get(start..=end).or(content.get(start..end));
        let block = block.unwrap_or_default();
        // Without branches, so that the compiler looks at many pairs at once.
        let pairs = block.iter().zip(block.get(1..).unwrap_or_default());
        let first = block.first().filter(|_| start == 0);
        let is_found = first.is_some_and(|byte| is_changed(b'\n', *byte));
        let pairs_differ = |found, (one, next): (&u8, &u8)| found | is_changed(*one, *next);
        if pairs.fold(is_found, pairs_differ) {
            return end_of_full_line(content, end);
        }
        end = start;
    }
    0
}

/// Behind the first line break that comes after a byte other than a line break. The byte at `from`
/// may belong to what is changed, those behind it do not.
fn end_of_full_line(content: &[u8], from: usize) -> usize {
    let mut at = from.saturating_add(2);
    while let Some(found) = memchr::memmem::find(slice(content, at..content.len()), b"\r\n") {
        at += found + 2;
        if content.get(at.wrapping_sub(3)) != Some(&b'\n') {
            return at;
        }
    }
    usize::MAX
}

/// Without the blanks and line breaks at the end, whatever they are made of.
fn without_blanks_at_end(body: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let end = body.iter().rposition(|byte| !is_blank(byte));
    slice(body, 0..end.map_or(0, |last| last + 1))
}

fn without_line_breaks_at_end(body: &[u8]) -> &[u8] {
    let mut content = body;
    while let Some(shorter) = content.strip_suffix(b"\r\n") {
        content = shorter;
    }
    content
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn library(body: &[u8], canonicalization: Canonicalization) -> Vec<u8> {
        let body = match canonicalization {
            Canonicalization::Simple => body,
            Canonicalization::Relaxed => without_blanks_at_end(body),
        };
        let mut written = Vec::new();
        canonicalization.canonical_body(body, 0).write(&mut written);
        written
    }

    proptest! {
        /// RFC 6376 section 3.4: the short way and the library's give the same bytes.
        #[test]
        fn what_is_canonical_already_is_hashed_as_it_is(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    "a", "b", "ab", " ", "\t", "\r\n", "a\r\n", "ab\r\n", "\r", "\n", "\0", "=20",
                ]),
                0..24,
            ),
            block_bytes in 1_usize..8,
        ) {
            let body = pieces.concat();
            for canonicalization in [Canonicalization::Simple, Canonicalization::Relaxed] {
                let mut written = Vec::new();
                let canonical =
                    CanonicalBody::of(body.as_bytes(), canonicalization, block_bytes);
                canonical.write(&mut written);
                prop_assert_eq!(written, library(body.as_bytes(), canonicalization));
            }
        }
    }

    #[test]
    fn relaxed_blanks_at_the_end_of_lines_go_before_empty_lines_at_the_end() {
        for (body, expected) in [
            ("a  \t\r\nb\r\n \t\r\n\r\n", "a\r\nb\r\n"),
            ("a\r\n \r\n \r\n", "a\r\n"),
            (" \t\r\n\r\n", ""),
            ("", ""),
            ("a\r\n\r\n b \r\n", "a\r\n\r\n b\r\n"),
        ] {
            let mut written = Vec::new();
            CanonicalBody::of(body.as_bytes(), Canonicalization::Relaxed, 4).write(&mut written);
            assert_eq!(String::from_utf8(written).unwrap(), expected, "{body:?}");
        }
    }

    #[test]
    fn the_library_is_left_with_the_lines_up_to_the_last_that_it_changes() {
        let ordinary = "--b1\r\n\r\nHello all\r\n\r\nQUtBU0hJ\r\n--b1--\r\n\r\n";
        let blanks = "Hello  all\r\n\r\n--b1\r\n\r\nQUtBU0hJ\r\n--b1--\r\n";
        for (body, canonicalization, head) in [
            (ordinary, Canonicalization::Simple, ""),
            (ordinary, Canonicalization::Relaxed, ""),
            (blanks, Canonicalization::Simple, ""),
            (blanks, Canonicalization::Relaxed, "Hello  all\r\n"),
            ("\r\n", Canonicalization::Simple, "\r\n"),
            ("Hello \r\n", Canonicalization::Relaxed, ""),
            (
                "Hello \r\nall\r\nof you",
                Canonicalization::Relaxed,
                "Hello \r\nall\r\n",
            ),
            (
                "\tHello\r\nall\r\n",
                Canonicalization::Relaxed,
                "\tHello\r\n",
            ),
        ] {
            let canonical = CanonicalBody::of(body.as_bytes(), canonicalization, 4);
            assert_eq!(canonical.head, head.as_bytes(), "{body:?}");
        }
    }
}
