//! How a mail was read: what its text was made from, in which character set, and what was broken.

use crate::Named;

/// What a body text was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodySource {
    /// The text/plain part.
    PlainText,
    /// The HTML part, shown as text, because there is no text/plain part with text in it.
    HtmlAsText,
    /// There is neither, or nothing in it.
    Empty,
}

impl BodySource {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::PlainText, Self::HtmlAsText, Self::Empty];
}

impl Named for BodySource {
    const VALUES: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        match self {
            Self::PlainText => "plain_text",
            Self::HtmlAsText => "html_as_text",
            Self::Empty => "empty",
        }
    }
}

/// In which character set a text was read, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charset {
    /// The label that the mail carried, if any.
    pub label: Option<String>,
    /// The character set in which it was read, by its name of the WHATWG Encoding Standard.
    pub read_as: String,
    /// Why that one.
    pub reason: CharsetReason,
}

impl Charset {
    /// Whether nobody has to be told.
    #[must_use]
    pub fn is_as_labelled(&self) -> bool {
        matches!(self.reason, CharsetReason::AsLabelled)
    }
}

/// Why a text was read in a character set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CharsetReason {
    /// Pure ASCII or as the label said.
    AsLabelled,
    /// There was no label, or one that only promises ASCII; the octets decided.
    NoLabel,
    /// The label names no character set we know; the octets decided.
    UnknownLabel,
    /// The octets are not what the label says, but they are valid in the other one.
    WrongLabel,
    /// The octets are valid in no candidate; some characters are shown as U+FFFD.
    Undecodable,
}

impl CharsetReason {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::AsLabelled,
        Self::NoLabel,
        Self::UnknownLabel,
        Self::WrongLabel,
        Self::Undecodable,
    ];
}

impl Named for CharsetReason {
    const VALUES: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        match self {
            Self::AsLabelled => "as_labelled",
            Self::NoLabel => "no_label",
            Self::UnknownLabel => "unknown_label",
            Self::WrongLabel => "wrong_label",
            Self::Undecodable => "undecodable",
        }
    }
}

/// One thing that was broken. The original bytes are what is certified, so each is only said
///
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Damage {
    /// The header holds lines that are no fields; they were skipped.
    GarbageInHeader,
    /// The header holds more fields than a DKIM check looks at.
    TooManyHeaderFields,
    /// Lines end with CR alone.
    CarriageReturnLines,
    /// A multipart has no boundary, or nothing between boundaries; its content is kept as one part.
    NoBoundary,
    /// A multipart does not end; the mail may have been cut off.
    MissingEnd,
    /// Multiparts are nested deeper than is followed; the rest is kept as one part.
    NestedTooDeep,
    /// There are more parts than are told apart; the rest belongs to the last one.
    TooManyParts,
    /// A part's base64 or quoted-printable is broken, or its encoding is unknown.
    TransferEncoding,
    /// The text's character set label is missing, unknown or wrong; another one was used.
    CharsetGuessed,
    /// Some characters of the text could not be decoded.
    CharsetBroken,
    /// The HTML could not be shown as text completely.
    Html,
}

impl Damage {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::GarbageInHeader,
        Self::TooManyHeaderFields,
        Self::CarriageReturnLines,
        Self::NoBoundary,
        Self::MissingEnd,
        Self::NestedTooDeep,
        Self::TooManyParts,
        Self::TransferEncoding,
        Self::CharsetGuessed,
        Self::CharsetBroken,
        Self::Html,
    ];
}

impl Named for Damage {
    const VALUES: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        match self {
            Self::GarbageInHeader => "garbage_in_header",
            Self::TooManyHeaderFields => "too_many_header_fields",
            Self::CarriageReturnLines => "carriage_return_lines",
            Self::NoBoundary => "no_boundary",
            Self::MissingEnd => "missing_end",
            Self::NestedTooDeep => "nested_too_deep",
            Self::TooManyParts => "too_many_parts",
            Self::TransferEncoding => "transfer_encoding",
            Self::CharsetGuessed => "charset_guessed",
            Self::CharsetBroken => "charset_broken",
            Self::Html => "html",
        }
    }
}
