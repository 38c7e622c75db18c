//! The parts of the body and their text, for those who pass it on in another form.

use super::message::ParsedMail;
use super::part::MailPart;
use super::part_text::PartText;
use super::{charset, flowed, html};
use crate::text::{push_with_line_feeds, shows_something};

/// One piece of the body, in one or both forms. Mailers that let one drop a file between two
/// paragraphs write several.
#[derive(Debug, Clone)]
pub struct BodySection<'m> {
    /// Its parts of plain text, or of text that is none of HTML.
    pub plain: Vec<MailPart<'m>>,
    /// Its parts of HTML.
    pub html: Vec<MailPart<'m>>,
}

impl ParsedMail<'_> {
    /// The parts that make up the body, in order.
    #[must_use]
    pub fn body_sections(&self) -> Vec<BodySection<'_>> {
        let parts_of = |indexes: &[usize]| -> Vec<MailPart<'_>> {
            let parts = indexes.iter();
            parts
                .filter_map(|index| MailPart::of(self, *index))
                .collect()
        };
        let sections = self.body_text().selection.sections();
        sections
            .map(|(plain, html)| BodySection {
                plain: parts_of(plain),
                html: parts_of(html),
            })
            .collect()
    }
}

impl<'m> MailPart<'m> {
    /// Its content as text, read in the character set of its label, or of its own declaration, the
    /// first time it is asked for.
    #[must_use]
    pub fn text(self) -> &'m PartText {
        self.remembered_text(|| self.read_text())
    }

    fn read_text(self) -> PartText {
        let content = self.content();
        let mut label = self.parameter("charset");
        if self.is_html() && label.is_none() {
            label = html::declared_charset(&content);
        }
        let read = charset::decode(&content, label.as_deref(), None);
        let mut text = String::with_capacity(read.text.len());
        push_with_line_feeds(&read.text, &mut text);
        PartText {
            text,
            charset: read.charset,
        }
    }

    /// What a reader sees of its text: HTML without its tags, flowed lines joined.
    #[must_use]
    pub fn shown_text(self) -> String {
        let text = &self.text().text;
        if self.is_html() {
            return html::to_text(text).text;
        }
        flowed::undo(text, self.type_with_parameters()).unwrap_or_else(|| text.clone())
    }

    /// Whether a reader sees anything of it: text, or pictures in HTML.
    #[must_use]
    pub fn shows_something(self) -> bool {
        shows_something(&self.shown_text())
            || (self.is_html() && html::has_pictures(&self.text().text))
    }

    fn is_html(self) -> bool {
        self.media_type() == "text/html"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(charset: &str, content: &[u8], expected: bool) {
        let mut raw = format!("From: a@b.test\r\nContent-Type: text/plain{charset}\r\n\r\n");
        if charset.is_empty() {
            raw = "From: a@b.test\r\n\r\n".to_owned();
        }
        let raw = [raw.as_bytes(), content].concat();
        let mail = ParsedMail::parse(&raw);
        let root = mail.root().expect("a root");
        assert_eq!(root.text().is_whole(), expected, "{charset}: {content:?}");
    }

    #[test]
    fn a_guess_is_whole_only_where_nothing_was_promised() {
        let (jis, sjis, latin) = (
            &b"\x1b$B$\"\x1b(B"[..],
            &b"\x82\xa0\x82\xa2"[..],
            &b"caf\xe9"[..],
        );
        for label in [
            "",
            "; charset=us-ascii",
            "; charset=unknown-8bit",
            "; charset=default",
        ] {
            for content in [jis, sjis, latin, b"a"] {
                check(label, content, true);
            }
            check(label, b"a\0b\0", false);
            check(label, b"\xff\xfea\0", true);
        }
        for label in ["hz-gb-2312", "iso-2022-kr", "cp850", "cp437", "x-ours"] {
            let label = format!("; charset={label}");
            for content in [&b"~{VPND~}"[..], jis, latin, "あ".as_bytes()] {
                check(&label, content, false);
            }
        }
        check("; charset=utf-8", latin, false);
        check("; charset=utf-8", jis, false);
        check("; charset=iso-8859-1", "あ".as_bytes(), false);
        check("; charset=shift_jis", sjis, true);
        check("; charset=iso-2022-jp", jis, true);
    }
}
