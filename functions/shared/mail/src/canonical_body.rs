//! The canonical form of a mail's body (RFC 6376 section 3.4), for signatures over it.

use sha2::{Digest, Sha256};

use crate::canonical_header::Canonicalization;
use crate::read::header::slice;

/// A body to be brought to its canonical form (RFC 6376 section 3.4). Of nearly every large body
/// the greatest part, an attachment, has that form already: one look at each pair of bytes tells,
/// and it is hashed as it stands.
pub(crate) struct CanonicalBody<'m> {
    canonicalization: Canonicalization,
    /// What is read line by line: everything, or whole lines of which the last is not empty.
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
        // end.
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

impl CanonicalBody<'_> {
    /// Whether another form of the same body surely is the same octets: nothing of either has to
    /// be read line by line, and both end in the same place.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let is_whole = |one: &Self| one.head.is_empty() && !one.tail.is_empty();
        let end = |one: &Self| without_line_breaks_at_end(one.tail).len();
        is_whole(self) && is_whole(other) && end(self) == end(other)
    }

    /// Its SHA-256.
    pub(crate) fn digest(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        self.write(|piece| hasher.update(piece));
        hasher.finalize().into()
    }

    /// Hands it over piece by piece.
    pub(crate) fn write(&self, mut take: impl FnMut(&[u8])) {
        let Self {
            canonicalization,
            head,
            tail,
        } = self;
        if tail.is_empty() || !head.is_empty() {
            write_lines(head, *canonicalization, &mut take);
        }
        if !tail.is_empty() {
            take(without_line_breaks_at_end(tail));
            take(b"\r\n");
        }
    }
}

/// Line by line. Empty lines wait for one that is not empty, so that those at the end go. What is
/// left ends with a line break; of nothing, the simple form is one (RFC 6376 section 3.4.3).
///
/// A line ends with CRLF, or with LF alone, which section 5.3 has converted; CR alone is a
/// character.
fn write_lines(body: &[u8], canonicalization: Canonicalization, take: &mut impl FnMut(&[u8])) {
    let mut piece = Vec::with_capacity(BLOCK_BYTES.min(body.len() + 2));
    let (mut is_empty, mut empty_lines) = (true, 0_usize);
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let content = match line.strip_suffix(b"\n") {
            Some(content) => content.strip_suffix(b"\r").unwrap_or(content),
            None => line,
        };
        let start = piece.len();
        match canonicalization {
            Canonicalization::Simple => piece.extend_from_slice(content),
            Canonicalization::Relaxed => push_with_single_spaces(content, &mut piece),
        }
        if piece.len() == start {
            empty_lines += 1;
            continue;
        }
        // The empty lines before it come first.
        let breaks = std::iter::repeat_n(*b"\r\n", empty_lines).flatten();
        piece.splice(start..start, breaks);
        piece.extend_from_slice(b"\r\n");
        (is_empty, empty_lines) = (false, 0);
        if piece.len() >= BLOCK_BYTES {
            take(&piece);
            piece.clear();
        }
    }
    if is_empty && canonicalization == Canonicalization::Simple {
        piece.extend_from_slice(b"\r\n");
    }
    take(&piece);
}

/// RFC 6376 section 3.4.4: white space within a line is one space, and none at its end.
fn push_with_single_spaces(line: &[u8], into: &mut Vec<u8>) {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    let mut is_pending = false;
    for run in line.split_inclusive(is_space) {
        let word = match run.split_last() {
            Some((last, word)) if is_space(last) => word,
            Some(_) | None => run,
        };
        if !word.is_empty() {
            if is_pending {
                into.push(b' ');
            }
            into.extend_from_slice(word);
            is_pending = false;
        }
        is_pending |= word.len() < run.len();
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

/// Without the blanks at the end of the last line, and without the lines at the end of which
/// nothing else is left.
fn without_blanks_at_end(body: &[u8]) -> &[u8] {
    let mut content = body;
    loop {
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
        let end = content.iter().rposition(|byte| !is_space(byte));
        content = slice(content, 0..end.map_or(0, |last| last + 1));
        let Some(shorter) = content.strip_suffix(b"\n") else {
            return content;
        };
        content = shorter.strip_suffix(b"\r").unwrap_or(shorter);
    }
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

    /// The words of RFC 6376 sections 3.4.3 and 3.4.4, step by step, on lines that are copied. Line
    /// breaks of another kind are converted first (section 5.3).
    fn by_the_words_of_the_rfc(body: &[u8], canonicalization: Canonicalization) -> Vec<u8> {
        let text = String::from_utf8(body.to_vec()).unwrap();
        let text = text.replace("\r\n", "\n");
        let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
        if canonicalization == Canonicalization::Relaxed {
            for line in &mut lines {
                // "Ignore all whitespace at the end of lines."
                *line = line.trim_end_matches([' ', '\t']).to_owned();
                // "Reduce all sequences of WSP within a line to a single SP character."
                *line = line.replace('\t', " ");
                while line.contains("  ") {
                    *line = line.replace("  ", " ");
                }
            }
        }
        // "Ignores all empty lines at the end of the message body." What stands behind the last
        // line break is a line, too, if there is anything.
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        // "If there is no body or no trailing CRLF on the message body, a CRLF is added"; in the
        // relaxed form "if the body is non-empty".
        let mut canonical: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        if canonical.is_empty() && canonicalization == Canonicalization::Simple {
            canonical.push_str("\r\n");
        }
        canonical.into_bytes()
    }

    fn written(canonical: &CanonicalBody<'_>) -> Vec<u8> {
        let mut written = Vec::new();
        canonical.write(|piece| written.extend_from_slice(piece));
        written
    }

    proptest! {
        /// RFC 6376 section 3.4, by the short way and by the long one.
        #[test]
        fn it_is_what_the_words_of_the_rfc_make_of_it(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    "a", "b", "ab", " ", "\t", "\r\n", "a\r\n", "ab\r\n", "\r", "\n", "\0", "=20",
                ]),
                0..24,
            ),
            block_bytes in 1_usize..8,
        ) {
            let body = pieces.concat();
            let forms = [Canonicalization::Simple, Canonicalization::Relaxed].map(|form| {
                let canonical = CanonicalBody::of(body.as_bytes(), form, block_bytes);
                (canonical, by_the_words_of_the_rfc(body.as_bytes(), form))
            });
            for (canonical, expected) in &forms {
                prop_assert_eq!(&written(canonical), expected);
            }
            let [(simple, simple_octets), (relaxed, relaxed_octets)] = forms;
            if simple.is_same(&relaxed) {
                prop_assert_eq!(simple_octets, relaxed_octets);
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
            ("a\r\n \r\n\t", "a\r\n"),
            ("a\n \n", "a\r\n"),
            ("a\rb\r", "a\rb\r\r\n"),
        ] {
            let canonical = CanonicalBody::of(body.as_bytes(), Canonicalization::Relaxed, 4);
            let written = String::from_utf8(written(&canonical)).unwrap();
            assert_eq!(written, expected, "{body:?}");
        }
    }

    #[test]
    fn both_forms_of_an_ordinary_body_are_known_to_be_the_same() {
        for (body, expected) in [
            (
                "--b1\r\n\r\nHello all\r\n\r\nQUtBU0hJ\r\n--b1--\r\n\r\n",
                true,
            ),
            ("Hello  all\r\n", false),
            ("Hello all \r\n", false),
            ("Hello\r\n \r\n", false),
            ("", false),
        ] {
            let [simple, relaxed] = [Canonicalization::Simple, Canonicalization::Relaxed]
                .map(|form| CanonicalBody::of(body.as_bytes(), form, 4));
            assert_eq!(simple.is_same(&relaxed), expected, "{body:?}");
        }
    }

    #[test]
    fn lines_are_read_one_by_one_up_to_the_last_that_changes() {
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
