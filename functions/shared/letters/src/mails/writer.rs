//! Header fields, phrases, parts and boundaries.

use domain::EmailAddress;
use memchr::memmem;

use super::{Letterhead, encoded_words};

/// Longest subject that is sent, in characters. Longer ones are cut and end with `…`: servers
/// refuse headers of unlimited size, and no mailer shows more.
const SUBJECT_LENGTH_CHARS_MAX: usize = 1_000;

/// Longest display name that is sent, in characters.
pub(super) const NAME_LENGTH_CHARS_MAX: usize = 120;

/// What our fields and texts take beside a file.
const FIELDS_AND_TEXT_ROOM_BYTES: usize = 16_384;

/// A mail under construction.
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Begins with nothing.
    pub(super) fn empty() -> Self {
        Self { bytes: Vec::new() }
    }

    /// Begins a mail with the fields that all of ours have. `kind` tells mails of one id apart.
    pub(super) fn begin(letterhead: &Letterhead<'_>, kind: &str, capacity: usize) -> Self {
        let mut writer = Self {
            bytes: Vec::with_capacity(capacity),
        };
        let date = letterhead
            .date
            .strftime("%a, %d %b %Y %H:%M:%S +0000")
            .to_string();
        writer.field("Date", &date);
        writer.field("Message-ID", &message_id(letterhead, kind));
        writer
    }

    /// The same, with room for a file of this size as base64 in lines.
    pub(super) fn begin_with_file(letterhead: &Letterhead<'_>, kind: &str, file: &[u8]) -> Self {
        // Base64 and its line breaks make the file 37 % larger.
        let capacity = file.len() / 100 * 138 + FIELDS_AND_TEXT_ROOM_BYTES;
        Self::begin(letterhead, kind, capacity)
    }

    /// A field whose value is printable ASCII already.
    pub(super) fn field(&mut self, name: &str, value: &str) {
        self.text(name);
        self.text(": ");
        self.text(value);
        self.text("\r\n");
    }

    /// A field with one address, and a display name if there is one.
    pub(super) fn address_field(&mut self, name: &str, display: Option<&str>, address: &str) {
        let value = match display {
            Some(display) => format!("{}\r\n <{address}>", phrase(name, display)),
            None => format!("<{address}>"),
        };
        self.field(name, &value);
    }

    pub(super) fn to(&mut self, address: &EmailAddress) {
        self.address_field("To", None, &address.to_wire());
    }

    pub(super) fn subject(&mut self, subject: &str) {
        let subject = shortened(subject, SUBJECT_LENGTH_CHARS_MAX);
        self.field("Subject", &encoded_words::encode("Subject", &subject));
    }

    pub(super) fn text(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// A text/plain part in UTF-8: its fields, the empty line, its content with CRLF line ends.
    pub(super) fn text_part(&mut self, text: &str) {
        self.text("Content-Type: text/plain; charset=utf-8\r\n");
        self.text_content(text);
    }

    /// The rest of such a part: how it is encoded, the empty line, its content.
    pub(super) fn text_content(&mut self, text: &str) {
        self.text("Content-Transfer-Encoding: base64\r\n\r\n");
        self.base64(text.replace('\n', "\r\n").as_bytes());
    }

    /// Base64 in lines of 76 characters (RFC 2045 section 6.8), the last one ended, too.
    pub(super) fn base64(&mut self, content: &[u8]) {
        let encoded = base64_simd::STANDARD.encode_type::<Vec<u8>>(content);
        self.bytes.reserve(encoded.len() + encoded.len() / 38 + 2);
        for line in encoded.chunks(76) {
            self.bytes.extend_from_slice(line);
            self.bytes.extend_from_slice(b"\r\n");
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// The Message-ID of a mail of ours.
pub(super) fn message_id(letterhead: &Letterhead<'_>, kind: &str) -> String {
    let id = clean_id(letterhead.id);
    let domain = letterhead.service_domain;
    match letterhead.thread {
        Some(thread) => format!("<{id}.{kind}.{}@{domain}>", thread.as_str()),
        None => format!("<{id}.{kind}@{domain}>"),
    }
}

/// A boundary that occurs in no content. Derived from the id; a number is added until it is
/// unique. `=_` cannot occur in quoted-printable or base64.
pub(super) fn boundary(letterhead: &Letterhead<'_>, content: &[u8]) -> String {
    let id: String = clean_id(letterhead.id).chars().take(40).collect();
    let mut candidate = format!("=_akashi-{id}");
    let mut number = 1;
    while memmem::find(content, candidate.as_bytes()).is_some() {
        number += 1;
        candidate = format!("=_akashi-{id}-{number}");
    }
    candidate
}

/// The boundaries of one mail, none of which begins with another.
pub(super) struct Boundaries {
    prefix: String,
    number: usize,
}

impl Boundaries {
    /// For a mail with this content in it.
    pub(super) fn new(letterhead: &Letterhead<'_>, content: &[u8]) -> Self {
        Self {
            prefix: boundary(letterhead, content),
            number: 0,
        }
    }

    pub(super) fn next(&mut self) -> String {
        self.number += 1;
        format!("{}.{:04}", self.prefix, self.number)
    }
}

fn clean_id(id: &str) -> String {
    id.chars()
        .filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
        .collect()
}

/// A display name (RFC 5322 `phrase`): quoted where it is ASCII, else encoded words.
fn phrase(field: &str, name: &str) -> String {
    let name = shortened(name, NAME_LENGTH_CHARS_MAX);
    let is_ascii = name
        .bytes()
        .all(|byte| byte == b' ' || byte.is_ascii_graphic());
    // Encoded words inside quotation marks are decoded by many mailers, so none may stand there.
    if is_ascii && name.len() <= 60 && !name.contains("=?") {
        let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
        return format!("\"{escaped}\"");
    }
    encoded_words::encode_words(field, &name)
}

/// The text, cut and ended with `…` where it is longer.
pub(super) fn shortened(text: &str, length_chars_max: usize) -> String {
    let mut characters = text.chars();
    let mut short: String = characters.by_ref().take(length_chars_max).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}
