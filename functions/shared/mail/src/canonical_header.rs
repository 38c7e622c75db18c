//! The canonical form of header fields (RFC 6376 sections 3.4.1 and 3.4.2), for signatures over
//! them.

use crate::tag_list::is_blank;

/// How much of the way that a mail takes a signature allows for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Canonicalization {
    /// White space may change.
    Relaxed,
    /// Nothing may change.
    Simple,
}

impl Canonicalization {
    /// Writes a field. Its value comes with all its line breaks, the last one too unless the
    /// signature is not to have it.
    pub(crate) fn write_field(self, name: &[u8], value: &[u8], into: &mut Vec<u8>) {
        match self {
            Self::Simple => {
                into.extend_from_slice(name);
                into.push(b':');
                into.extend_from_slice(value);
            }
            Self::Relaxed => {
                let name = name.iter().filter(|byte| !is_blank(byte));
                into.extend(name.map(u8::to_ascii_lowercase));
                into.push(b':');
                write_words(value, into);
                if value.ends_with(b"\n") {
                    into.extend_from_slice(b"\r\n");
                }
            }
        }
    }
}

/// RFC 6376 section 3.4.2: unfolded, with one space for all white space between words, and none
/// before the first and behind the last. CR alone is a character.
fn write_words(value: &[u8], into: &mut Vec<u8>) {
    let (mut is_first, mut is_pending) = (true, false);
    let mut rest = value;
    while let Some((byte, behind)) = rest.split_first() {
        let is_break = *byte == b'\n' || rest.starts_with(b"\r\n");
        if matches!(byte, b' ' | b'\t') {
            is_pending = true;
        } else if !is_break {
            if is_pending && !is_first {
                into.push(b' ');
            }
            into.push(*byte);
            (is_first, is_pending) = (false, false);
        }
        rest = behind;
    }
}

#[cfg(test)]
mod tests {
    use mail_auth::dkim::Canonicalization as Library;
    use proptest::prelude::*;

    use super::*;

    fn written(form: Canonicalization, name: &str, value: &str) -> String {
        let mut written = Vec::new();
        form.write_field(name.as_bytes(), value.as_bytes(), &mut written);
        String::from_utf8(written).unwrap()
    }

    /// RFC 6376 section 3.4.5.
    #[test]
    fn the_examples_of_the_rfc_come_out() {
        let relaxed = |name, value| written(Canonicalization::Relaxed, name, value);
        assert_eq!(relaxed("A", " X\r\n"), "a:X\r\n");
        assert_eq!(relaxed("B ", " Y\t\r\n\tZ  \r\n"), "b:Y Z\r\n");
        let simple = written(Canonicalization::Simple, "B ", " Y\t\r\n\tZ  \r\n");
        assert_eq!(simple, "B : Y\t\r\n\tZ  \r\n");
    }

    /// RFC 5234's white space is space and tab; mail-auth 0.13 takes a form feed for white space.
    #[test]
    fn a_form_feed_is_a_character_like_others() {
        let relaxed = written(Canonicalization::Relaxed, "a", "b\u{c} \u{c}c");
        assert_eq!(relaxed, "a:b\u{c} \u{c}c");
    }

    /// The words of RFC 6376 section 3.4.2, step by step.
    fn by_the_words_of_the_rfc(name: &str, value: &str) -> String {
        // "Convert all header field names to lowercase", "delete any WSP characters ... before and
        // after the colon".
        let name = name.to_ascii_lowercase().replace(' ', "");
        // "Unfold all header field continuation lines."
        let ends = value.ends_with('\n');
        let value = value.replace("\r\n", "").replace('\n', "");
        // "Convert all sequences of one or more WSP characters to a single SP character."
        let mut value = value.replace('\t', " ");
        while value.contains("  ") {
            value = value.replace("  ", " ");
        }
        // "Delete all WSP characters at the end of each unfolded header field value."
        let value = value.trim_matches(' ');
        format!("{name}:{value}{}", if ends { "\r\n" } else { "" })
    }

    proptest! {
        #[test]
        fn it_is_what_the_words_of_the_rfc_make_of_it(
            name in "[A-Za-z][A-Za-z ]{0,70}",
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    "a", "bc", " ", "  ", "\t", "\r\n ", "\r\n\t", "\n", "\r", "証", ":", "\u{c}",
                ]),
                0..24,
            ),
        ) {
            let value = pieces.concat();
            let expected = by_the_words_of_the_rfc(&name, &value);
            prop_assert_eq!(written(Canonicalization::Relaxed, &name, &value), expected);
        }

        #[test]
        fn an_independent_library_writes_the_same(
            name in "[A-Za-z][A-Za-z ]{0,70}",
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    "a", "bc", " ", "  ", "\t", "\r\n ", "\r\n\t", "証", ":", "\0",
                ]),
                0..24,
            ),
            end in prop::sample::select(vec!["", "\r\n"]),
        ) {
            let value = pieces.concat() + end;
            for (form, library) in [
                (Canonicalization::Relaxed, Library::Relaxed),
                (Canonicalization::Simple, Library::Simple),
            ] {
                let mut expected = Vec::new();
                let field = (name.as_bytes(), value.as_bytes());
                library.canonicalize_headers([field].into_iter(), &mut expected);
                let expected = String::from_utf8(expected).unwrap();
                prop_assert_eq!(written(form, &name, &value), expected);
            }
        }
    }
}
