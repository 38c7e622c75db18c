//! The bytes that a signature or a document timestamp covers: the whole file up to the end of its
//! revision, but for the value of its own `/Contents` (ISO 32000-1 section 12.8.1).

use crate::object::{Deviation, Dictionary, Object, Value, hex_digit};
use sha2::{Digest, Sha256};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// What is signed or stamped, and the container that says so.
#[derive(Debug)]
pub(crate) struct Covered {
    /// The hole: `/Contents` with its angle brackets.
    pub(crate) gap: Range<usize>,
    /// Where the revision ends, and with it what is covered.
    pub(crate) end: usize,
    /// The container, without the zeros that fill its room.
    pub(crate) container: Vec<u8>,
}

impl Covered {
    /// Takes `/ByteRange` and `/Contents` of a signature dictionary that stands in a revision with
    /// this end.
    pub(crate) fn read(
        pdf: &[u8],
        object: &Object,
        dictionary: &Dictionary,
        end: usize,
    ) -> Result<Self, Deviation> {
        let at = object.contents.as_ref().map_or(end, |gap| gap.start);
        let deviation = |problem| Deviation { at, problem };
        let (Some(gap), Some(Value::String(_))) = (&object.contents, dictionary.get("Contents"))
        else {
            return Err(deviation("a signature has no value"));
        };
        let expected = [0, gap.start, gap.end, end.saturating_sub(gap.end)]
            .map(|number| i64::try_from(number).map(Value::Integer));
        let Some(range) = dictionary.array("ByteRange") else {
            return Err(deviation("a signature does not say what it covers"));
        };
        if range.len() != expected.len()
            || range
                .iter()
                .zip(&expected)
                .any(|(a, b)| b.as_ref() != Ok(a))
        {
            return Err(deviation("a signature does not cover all of its revision"));
        }
        let hole = pdf.get(gap.clone()).unwrap_or_default();
        Ok(Self {
            gap: gap.clone(),
            end,
            container: container(hole).map_err(deviation)?,
        })
    }
}

/// Decodes the digits, which must be in lower case, and takes the zeros off behind the DER value.
fn container(hole: &[u8]) -> Result<Vec<u8>, &'static str> {
    const NOT_HEX: &str = "a signature's value is not in lower-case hexadecimal digits";
    let digits = hole
        .strip_prefix(b"<")
        .and_then(|hole| hole.strip_suffix(b">"));
    let digits = digits.ok_or(NOT_HEX)?;
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    for pair in digits.chunks(2) {
        let [high, low] = *pair else {
            return Err(NOT_HEX);
        };
        if high.is_ascii_uppercase() || low.is_ascii_uppercase() {
            return Err(NOT_HEX);
        }
        let (Some(high), Some(low)) = (hex_digit(high), hex_digit(low)) else {
            return Err(NOT_HEX);
        };
        bytes.push(high << 4 | low);
    }
    let length = der_length(&bytes).ok_or("a signature's value is not DER")?;
    if bytes.iter().skip(length).any(|byte| *byte != 0) {
        return Err("something stands behind a signature's value");
    }
    bytes.truncate(length);
    Ok(bytes)
}

/// Bytes of the SEQUENCE at the start, its header included.
fn der_length(bytes: &[u8]) -> Option<usize> {
    let (header, length) = match bytes {
        [0x30, short @ 0..=0x7F, ..] => (2, usize::from(*short)),
        [0x30, 0x81, a, ..] => (3, usize::from(*a)),
        [0x30, 0x82, a, b, ..] => (4, usize::from(*a) << 8 | usize::from(*b)),
        [0x30, 0x83, a, b, c, ..] => (
            5,
            usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c),
        ),
        _ => return None,
    };
    Some(header + length).filter(|whole| *whole <= bytes.len())
}

/// SHA-256 over parts of one file. What several digests have in common at the start of the file is
/// hashed once, because the file is large and each signature covers it from its first byte: asked
/// for in the order of the revisions, all of them cost twice the file at most.
pub(crate) struct Digests<'a> {
    pdf: &'a [u8],
    /// SHA-256 of so many bytes at the start.
    start: Mutex<(Sha256, usize)>,
}

impl<'a> Digests<'a> {
    pub(crate) fn new(pdf: &'a [u8]) -> Self {
        Self {
            pdf,
            start: Mutex::new((Sha256::new(), 0)),
        }
    }

    /// Of what a signature covers.
    pub(crate) fn of(&self, covered: &Covered) -> [u8; 32] {
        let mut hash = self.up_to(covered.gap.start);
        hash.update(self.part(covered.gap.end..covered.end));
        hash.finalize().into()
    }

    /// Of the whole file.
    pub(crate) fn of_file(&self) -> [u8; 32] {
        self.up_to(self.pdf.len()).finalize().into()
    }

    fn up_to(&self, end: usize) -> Sha256 {
        let mut start = self.start.lock().unwrap_or_else(PoisonError::into_inner);
        let (hash, hashed) = &mut *start;
        if end < *hashed {
            return Sha256::new_with_prefix(self.part(0..end));
        }
        hash.update(self.part(*hashed..end));
        *hashed = end;
        hash.clone()
    }

    fn part(&self, range: Range<usize>) -> &'a [u8] {
        self.pdf.get(range).unwrap_or_default()
    }
}
