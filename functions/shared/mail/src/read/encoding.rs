//! Content-Transfer-Encoding (RFC 2045 section 6): decoded leniently, and what was wrong is said.

use std::borrow::Cow;

use domain::Sha256Digest;
use memchr::memchr;
use sha2::{Digest, Sha256};

use super::comments::without_comments;

/// How the octets of a part are encoded for transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TransferEncoding {
    /// `7bit`, `8bit`, `binary`, or nothing said.
    Identity,
    Base64,
    QuotedPrintable,
    /// A name we do not know; the octets are taken as they are.
    Unknown,
}

/// Octets of a part, and whether their encoding was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decoded<'m> {
    pub(crate) bytes: Cow<'m, [u8]>,
    pub(crate) is_damaged: bool,
}

impl TransferEncoding {
    pub(crate) fn from_field(value: &[u8]) -> Self {
        let value = String::from_utf8_lossy(value);
        let value = without_comments(&value);
        let name = value.trim_start().split([';', ' ', '\t']).next();
        let name = name.unwrap_or_default();
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if is("base64") {
            Self::Base64
        } else if is("quoted-printable") {
            Self::QuotedPrintable
        } else if ["7bit", "8bit", "binary", "7-bit", "8-bit", ""]
            .into_iter()
            .any(is)
        {
            Self::Identity
        } else {
            Self::Unknown
        }
    }

    pub(crate) fn decode(self, encoded: &[u8]) -> Decoded<'_> {
        match self {
            Self::Identity => Decoded {
                bytes: Cow::Borrowed(encoded),
                is_damaged: false,
            },
            Self::Unknown => Decoded {
                bytes: Cow::Borrowed(encoded),
                is_damaged: true,
            },
            Self::Base64 => base64(encoded),
            Self::QuotedPrintable => quoted_printable(encoded),
        }
    }
}

/// How many digits are decoded at a time: lines are joined and read again while the nearest cache
/// has them.
const PIECE_DIGITS: usize = 16 * 1_024;

/// Base64 with line breaks. The usual case costs one copy of the lines and one SIMD pass.
pub(crate) fn base64(encoded: &[u8]) -> Decoded<'static> {
    let mut bytes = Vec::with_capacity(encoded.len() / 4 * 3 + 3);
    match strict_base64(encoded, |piece| bytes.extend_from_slice(piece)) {
        Some(()) => Decoded {
            bytes: Cow::Owned(bytes),
            is_damaged: false,
        },
        None => lenient_base64(encoded),
    }
}

/// What is said of content that is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) size_bytes: u64,
    pub(crate) digest: Sha256Digest,
    pub(crate) is_damaged: bool,
}

/// Large content is hashed while it is decoded, piece by piece, and never stands in memory.
pub(crate) fn summarize(encoding: TransferEncoding, encoded: &[u8]) -> Summary {
    if encoding == TransferEncoding::Base64 {
        let (mut hash, mut length) = (Sha256::new(), 0);
        let whole = strict_base64(encoded, |piece| {
            hash.update(piece);
            length += piece.len();
        });
        if whole.is_some() {
            return summary(hash, length, false);
        }
    }
    let decoded = encoding.decode(encoded);
    let hash = Sha256::new_with_prefix(&decoded.bytes);
    summary(hash, decoded.bytes.len(), decoded.is_damaged)
}

fn summary(hash: Sha256, length: usize, is_damaged: bool) -> Summary {
    Summary {
        size_bytes: u64::try_from(length).unwrap_or(u64::MAX),
        digest: Sha256Digest::new(hash.finalize().into()),
        is_damaged,
    }
}

/// Hands out the content piece by piece. `None` where anything but digits, line breaks and the
/// right padding stands; what was handed out then counts for nothing.
fn strict_base64(encoded: &[u8], mut take: impl FnMut(&[u8])) -> Option<()> {
    let mut digits = Vec::with_capacity(encoded.len().min(2 * PIECE_DIGITS));
    let mut piece = Vec::with_capacity(digits.capacity() / 4 * 3 + 3);
    let (mut rest, mut length) = (encoded, 0);
    while !rest.is_empty() {
        let (line, after) = next_line(rest, length);
        (rest, length) = (after, line.len());
        digits.extend_from_slice(line);
        if digits.len() >= PIECE_DIGITS && !rest.is_empty() {
            let whole = digits.get(..digits.len() / 4 * 4)?;
            let decoded = base64_simd::STANDARD_NO_PAD.decode_append(whole, &mut piece);
            decoded.ok()?;
            take(&piece);
            piece.clear();
            digits.drain(..digits.len() / 4 * 4);
        }
    }
    let last = base64_simd::STANDARD.decode_append(&digits, &mut piece);
    last.ok()?;
    take(&piece);
    Some(())
}

/// A line without its break, and what follows. Lines are as long as the one before them nearly
/// always; where one that was taken on trust holds a line break, it does not decode.
fn next_line(text: &[u8], expected_length: usize) -> (&[u8], &[u8]) {
    if expected_length > 0
        && let Some((line, after)) = text.split_at_checked(expected_length)
        && let Some(after) = after.strip_prefix(b"\r\n")
    {
        return (line, after);
    }
    match memchr(b'\n', text) {
        Some(end) => {
            let (line, after) = text.split_at(end);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            (line, after.get(1..).unwrap_or_default())
        }
        None => (text.trim_ascii_end(), b""),
    }
}

/// Takes what can be read: skips characters outside the alphabet, reads on behind padding in the
/// middle (encoders that were run piece by piece), drops an unfinished last group.
fn lenient_base64(encoded: &[u8]) -> Decoded<'static> {
    let mut bytes = Vec::with_capacity(encoded.len() / 4 * 3);
    let (mut group, mut digits, mut padding) = (0_u32, 0_u32, 0_u32);
    let mut is_damaged = false;
    for &byte in encoded {
        match (base64_digit(byte), byte) {
            (Some(digit), _) => {
                is_damaged |= padding > 0 && digits > 0;
                padding = 0;
                group = (group << 6) | digit;
                digits += 1;
                if digits == 4 {
                    bytes.extend_from_slice(group.to_be_bytes().get(1..).unwrap_or_default());
                    (group, digits) = (0, 0);
                }
            }
            (None, b'=') => {
                padding += 1;
                is_damaged |= digits < 2 && padding == 1;
                if digits + padding == 4 {
                    finish_group(&mut bytes, group, digits);
                    (group, digits) = (0, 0);
                }
            }
            (None, b'\r' | b'\n' | b' ' | b'\t') => {}
            (None, _) => is_damaged = true,
        }
    }
    is_damaged |= digits > 0;
    finish_group(&mut bytes, group, digits);
    Decoded {
        bytes: Cow::Owned(bytes),
        is_damaged,
    }
}

/// Two digits hold one octet, three hold two, one holds none.
fn finish_group(bytes: &mut Vec<u8>, group: u32, digits: u32) {
    let octets = match digits {
        2 => 1,
        3 => 2,
        _ => 0,
    };
    let whole = (group << (6 * (4 - digits.min(4)))).to_be_bytes();
    bytes.extend_from_slice(whole.get(1..1 + octets).unwrap_or_default());
}

fn base64_digit(byte: u8) -> Option<u32> {
    let digit = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(digit))
}

/// RFC 2045 section 6.7: `=XX`, soft line breaks, white space at line ends removed.
fn quoted_printable(encoded: &[u8]) -> Decoded<'static> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut is_damaged = false;
    for line in encoded.split_inclusive(|byte| *byte == b'\n') {
        let content = line.strip_suffix(b"\n").unwrap_or(line);
        let line_break = line.get(content.len()..).unwrap_or_default();
        let text = content.strip_suffix(b"\r").unwrap_or(content);
        let line_break: &[u8] = if text.len() < content.len() && !line_break.is_empty() {
            b"\r\n"
        } else {
            line_break
        };
        let text = text.trim_ascii_end();
        let soft = text.strip_suffix(b"=");
        is_damaged |= push_quoted_line(soft.unwrap_or(text), &mut bytes);
        if soft.is_none() {
            bytes.extend_from_slice(line_break);
        }
    }
    Decoded {
        bytes: Cow::Owned(bytes),
        is_damaged,
    }
}

/// Whether something on the line was no quoted-printable; it is then kept as it stands.
fn push_quoted_line(line: &[u8], bytes: &mut Vec<u8>) -> bool {
    let mut is_damaged = false;
    let mut rest = line;
    while let Some(position) = memchr(b'=', rest) {
        let (plain, escape) = rest.split_at(position);
        bytes.extend_from_slice(plain);
        if let Some(octet) = hex_octet(escape.get(1..3).unwrap_or_default()) {
            bytes.push(octet);
            rest = escape.get(3..).unwrap_or_default();
        } else {
            is_damaged = true;
            bytes.push(b'=');
            rest = escape.get(1..).unwrap_or_default();
        }
    }
    bytes.extend_from_slice(rest);
    is_damaged
}

/// The octet that two hexadecimal digits of either case stand for.
pub(crate) fn hex_octet(digits: &[u8]) -> Option<u8> {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|value| u8::try_from(value).ok())
    };
    match digits {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_base64_with_line_breaks_and_says_when_it_is_truncated() {
        for (encoded, expected, damaged) in [
            ("", "", false),
            ("QUtBU0hJ", "AKASHI", false),
            ("QUtB\r\nU0hJ\r\n", "AKASHI", false),
            ("QUtB\nU0hJIQ==\n\n", "AKASHI!", false),
            ("QUtB U0\thJ", "AKASHI", false),
            ("QUtBU0hJIQ==QUtB", "AKASHI!AKA", false),
            ("QUtBU0hJI", "AKASHI", true),
            ("QUtBU0hJIQ", "AKASHI!", true),
            ("QUtB*U0hJ", "AKASHI", true),
            ("=", "", true),
        ] {
            let decoded = base64(encoded.as_bytes());
            assert_eq!(decoded.bytes, expected.as_bytes(), "{encoded}");
            assert_eq!(decoded.is_damaged, damaged, "{encoded}");
        }
    }

    #[test]
    fn decodes_long_base64_whatever_its_lines_are() {
        let content: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        for content in [
            &content[..],
            &content[1..],
            &content[2..],
            &content[..49_152],
        ] {
            let digits = base64_simd::STANDARD.encode_to_string(content);
            for (length, line_break) in [(76, "\r\n"), (76, "\n"), (61, "\r\n"), (1_000_000, "")] {
                let lines = digits.as_bytes().chunks(length);
                let mut encoded: Vec<u8> = Vec::new();
                for line in lines {
                    encoded.extend_from_slice(line);
                    encoded.extend_from_slice(line_break.as_bytes());
                }
                let decoded = base64(&encoded);
                assert!(decoded.bytes == content && !decoded.is_damaged, "{length}");
                // A short line where a long one was expected, breaks and all.
                encoded.splice(40_000..40_000, *b"\r\n");
                let decoded = base64(&encoded);
                assert!(decoded.bytes == content && !decoded.is_damaged, "{length}");
                encoded.splice(40_000..40_000, *b"*");
                let decoded = base64(&encoded);
                assert!(decoded.bytes == content && decoded.is_damaged, "{length}");
            }
        }
    }

    #[test]
    fn what_is_said_of_content_is_true_of_the_decoded_content() {
        use TransferEncoding::{Base64, Identity, QuotedPrintable, Unknown};
        let long = base64_simd::STANDARD.encode_to_string(vec![7; 100_000]);
        let damaged = format!("{long}*");
        for text in [
            "",
            "QUtB\r\nU0hJIQ==",
            "QUtBU0hJIQ==QUtB",
            "a=3Db",
            &long,
            &damaged,
        ] {
            for encoding in [Identity, Base64, QuotedPrintable, Unknown] {
                let decoded = encoding.decode(text.as_bytes());
                let summary = summarize(encoding, text.as_bytes());
                let digest = Sha256Digest::new(Sha256::digest(&decoded.bytes).into());
                assert_eq!(summary.size_bytes, decoded.bytes.len() as u64);
                assert_eq!(summary.digest, digest);
                assert_eq!(summary.is_damaged, decoded.is_damaged);
            }
        }
    }

    #[test]
    fn decodes_quoted_printable_and_keeps_what_is_none() {
        for (encoded, expected, damaged) in [
            ("a=3Db  \r\nc", "a=b\r\nc", false),
            ("soft=  \r\nbreak=\nhere", "softbreakhere", false),
            ("=e3=81=82", "あ", false),
            ("100%=ZZ", "100%=ZZ", true),
            ("end=4", "end=4", true),
        ] {
            let decoded = quoted_printable(encoded.as_bytes());
            assert_eq!(decoded.bytes, expected.as_bytes(), "{encoded}");
            assert_eq!(decoded.is_damaged, damaged, "{encoded}");
        }
    }
}
