//! The parts of the body and their text, for those who pass it on in another form.

use domain::{Charset, CharsetReason};

use super::message::ParsedMail;
use super::part::MailPart;
use super::{charset, flowed, html};
use crate::text::{push_with_line_feeds, shows_something};

/// The content of a part as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartText {
    /// The text, lines ending with `\n`; that of an HTML part with its tags.
    pub text: String,
    /// In which character set it was read, and why.
    pub charset: Charset,
}

impl PartText {
    /// Whether each octet was read as what it stands for.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.charset.reason != CharsetReason::Undecodable
    }
}

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

impl MailPart<'_> {
    /// Its content as text, read in the character set of its label, or of its own declaration.
    #[must_use]
    pub fn text(self) -> PartText {
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
        let text = self.text().text;
        if self.is_html() {
            return html::to_text(&text).text;
        }
        flowed::undo(&text, self.type_with_parameters()).unwrap_or(text)
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
