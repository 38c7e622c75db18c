//! The parts of a mail, for those who pass its content on.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::encoding::TransferEncoding;
use super::header::{fields, slice};
use super::message::ParsedMail;
use super::parameters::Parameterized;
use super::part_text::PartText;
use super::structure::Part;

/// One part of a mail: a leaf with content, or a multipart with children.
#[derive(Debug, Clone, Copy)]
pub struct MailPart<'m> {
    mail: &'m ParsedMail<'m>,
    index: usize,
    part: &'m Part,
    /// What it says, once somebody has asked.
    text: &'m OnceLock<PartText>,
}

impl ParsedMail<'_> {
    /// Its outermost part; `None` of a message without any.
    #[must_use]
    pub fn root(&self) -> Option<MailPart<'_>> {
        MailPart::of(self, 0)
    }
}

impl<'m> MailPart<'m> {
    pub(super) fn of(mail: &'m ParsedMail<'_>, index: usize) -> Option<Self> {
        let (part, text) = (mail.parts.get(index)?, mail.part_texts.get(index)?);
        Some(Self {
            mail,
            index,
            part,
            text,
        })
    }

    /// Everything of it as it came, its header included.
    #[must_use]
    pub fn bytes(self) -> &'m [u8] {
        slice(
            self.mail.bytes(),
            self.part.header.start..self.part.body.end,
        )
    }

    /// Its content as it came, encoded.
    #[must_use]
    pub fn body(self) -> &'m [u8] {
        slice(self.mail.bytes(), self.part.body.clone())
    }

    /// The fields of its header that say what its content is, each as it came, the line break
    /// included.
    pub fn content_fields(self) -> impl Iterator<Item = &'m [u8]> {
        let message = self.mail.bytes();
        let end = self.part.header.end;
        fields(message, self.part.header.start)
            .take_while(move |field| field.whole.end <= end)
            .filter(move |field| {
                let start = field.name(message).get(..8);
                start.is_some_and(|start| start.eq_ignore_ascii_case(b"content-"))
            })
            .map(move |field| slice(message, field.whole))
    }

    /// Its content, decoded.
    #[must_use]
    pub fn content(self) -> Cow<'m, [u8]> {
        self.mail.content(self.index)
    }

    /// The value of its Content-Type in ASCII, parameters included. `boundary` takes the place of
    /// the one that was there.
    #[must_use]
    pub fn content_type(self, boundary: Option<&str>) -> String {
        self.part.media_type.to_field_value(boundary)
    }

    /// The value of its Content-Disposition in ASCII, if it has one.
    #[must_use]
    pub fn content_disposition(self) -> Option<String> {
        let disposition = &self.part.disposition;
        (!disposition.value.is_empty()).then(|| disposition.to_field_value(None))
    }

    /// Its Content-ID without angle brackets.
    #[must_use]
    pub fn content_id(self) -> Option<&'m str> {
        self.part.content_id.as_deref()
    }

    /// The parts inside of it; `None` for a leaf.
    #[must_use]
    pub fn children(self) -> Option<impl Iterator<Item = MailPart<'m>>> {
        let mail = self.mail;
        let children = self.part.children.as_ref()?;
        Some(
            children
                .iter()
                .filter_map(|index| MailPart::of(mail, *index)),
        )
    }

    /// Whether this is the outermost part, whose header is that of the mail.
    #[must_use]
    pub fn is_root(self) -> bool {
        self.index == 0
    }

    /// Whether the other one is this very part, of the same mail.
    #[must_use]
    pub fn is_same(self, other: Self) -> bool {
        self.index == other.index
    }

    /// The media type in lower case, without parameters.
    #[must_use]
    pub fn media_type(self) -> &'m str {
        &self.part.media_type.value
    }

    /// The decoded value of a parameter of its Content-Type; the name in lower case.
    #[must_use]
    pub fn parameter(self, name: &str) -> Option<String> {
        self.part.media_type.parameter(name)
    }

    /// Whether its sender calls it a file beside the body.
    #[must_use]
    pub fn is_attachment(self) -> bool {
        self.part.is_attachment()
    }

    /// The file name as sent, decoded.
    #[must_use]
    pub fn file_name(self) -> Option<String> {
        self.part.file_name()
    }

    /// Whether its transfer encoding is broken, so that the content is what could be read.
    #[must_use]
    pub fn is_encoding_damaged(self) -> bool {
        self.mail.is_encoding_damaged(self.index)
    }

    /// Whether its transfer encoding has a name that is not known here, so that its content stays
    /// encoded.
    #[must_use]
    pub fn is_encoding_unknown(self) -> bool {
        self.part.encoding() == TransferEncoding::Unknown
    }

    pub(super) fn remembered_text(self, read: impl FnOnce() -> PartText) -> &'m PartText {
        self.text.get_or_init(read)
    }

    pub(super) fn type_with_parameters(self) -> &'m Parameterized {
        &self.part.media_type
    }
}
