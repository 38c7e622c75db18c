//! How a mail was read: what its text was made from, in which character set, and what was broken.

use crate::Named;

/// What a body text was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodySource {
    /// The text/plain part.
    PlainText,
    /// The HTML part, shown as text, because there is no text/plain part with text in it.
    HtmlAsText,
    /// There is no text, but a part that stands in its place and cannot be shown as text: a
    /// picture, an opaque S/MIME message, a file.
    Unshown,
    /// There is neither, or nothing in it.
    Empty,
}

impl BodySource {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::PlainText,
        Self::HtmlAsText,
        Self::Unshown,
        Self::Empty,
    ];

    /// Whether there is text to be shown.
    #[must_use]
    pub fn has_text(self) -> bool {
        match self {
            Self::PlainText | Self::HtmlAsText => true,
            Self::Unshown | Self::Empty => false,
        }
    }
}

/// A part that stands in the place of a mail's text and cannot be shown as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnshownPart {
    /// Its place among the parts of the mail, as `1` or `1.2` (IMAP, RFC 9051 section 6.4.5).
    pub number: String,
    /// The media type in lower case, without parameters.
    pub content_type: String,
    /// The file name as sent, decoded.
    pub name: Option<String>,
}

impl Named for BodySource {
    const VALUES: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        match self {
            Self::PlainText => "plain_text",
            Self::HtmlAsText => "html_as_text",
            Self::Unshown => "unshown",
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
    /// Lines end with CR CR LF; each is read as one line.
    DoubledCarriageReturns,
    /// A byte order mark stands before the first field; it was skipped.
    ByteOrderMark,
    /// No empty line stands between a header and its text; the first line that can be no field
    /// began the text.
    NoEmptyLine,
    /// A field that describes a part's content stands twice; the first one was used.
    RepeatedContentField,
    /// A field that describes a part's content is not in its form; it was read as far as possible.
    ContentField,
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
    /// The label of a field of the header or of a file name is missing, unknown or wrong; another
    /// character set was used.
    HeaderCharsetGuessed,
    /// Some characters of the header or of a file name could not be decoded.
    HeaderCharsetBroken,
    /// Text in ISO-2022-JP does not switch back to ASCII at the end of a line; it was read as if
    /// it did.
    OpenJisLine,
    /// The HTML could not be shown as text completely.
    Html,
}

impl Damage {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::GarbageInHeader,
        Self::TooManyHeaderFields,
        Self::CarriageReturnLines,
        Self::DoubledCarriageReturns,
        Self::ByteOrderMark,
        Self::NoEmptyLine,
        Self::RepeatedContentField,
        Self::ContentField,
        Self::NoBoundary,
        Self::MissingEnd,
        Self::NestedTooDeep,
        Self::TooManyParts,
        Self::TransferEncoding,
        Self::CharsetGuessed,
        Self::CharsetBroken,
        Self::HeaderCharsetGuessed,
        Self::HeaderCharsetBroken,
        Self::OpenJisLine,
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
            Self::DoubledCarriageReturns => "doubled_carriage_returns",
            Self::ByteOrderMark => "byte_order_mark",
            Self::NoEmptyLine => "no_empty_line",
            Self::RepeatedContentField => "repeated_content_field",
            Self::ContentField => "content_field",
            Self::NoBoundary => "no_boundary",
            Self::MissingEnd => "missing_end",
            Self::NestedTooDeep => "nested_too_deep",
            Self::TooManyParts => "too_many_parts",
            Self::TransferEncoding => "transfer_encoding",
            Self::CharsetGuessed => "charset_guessed",
            Self::CharsetBroken => "charset_broken",
            Self::HeaderCharsetGuessed => "header_charset_guessed",
            Self::HeaderCharsetBroken => "header_charset_broken",
            Self::OpenJisLine => "open_jis_line",
            Self::Html => "html",
        }
    }
}
