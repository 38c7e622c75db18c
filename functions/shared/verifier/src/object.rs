//! PDF objects (ISO 32000-1 section 7.3), read strictly and with limits.
//!
//! This reader shares no code with the writer in `pades`, so that a mistake there is not made here
//! again. What two readers could understand differently is refused: a key that stands twice, a name
//! with escapes, a number with a sign where none belongs, a comment.

use crate::limits::{DEPTH_MAX, VALUES_MAX, limit};
use crate::work::Work;
use std::collections::BTreeMap;
use std::ops::Range;

/// Why the file is not one that the service writes, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("near byte {at}: {problem}")]
pub struct Deviation {
    /// Offset from the start of the file.
    pub at: usize,
    /// What was expected or found there.
    pub problem: &'static str,
}

/// `12 0 R`; every generation is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reference(pub(crate) u32);

pub(crate) const TOO_MANY_OBJECTS: &str = "there are too many objects";
pub(crate) const TOO_MANY_VALUES: &str = "there are too many values";
pub(crate) const TOO_MUCH_MEMORY: &str = "the values of an object are too large";

impl Deviation {
    /// The kind of work that ran out, if that is the problem.
    pub(crate) fn work(&self) -> Option<Work> {
        match self.problem {
            TOO_MANY_OBJECTS => Some(Work::Objects),
            TOO_MANY_VALUES => Some(Work::Values),
            TOO_MUCH_MEMORY => Some(Work::ValueBytes),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Dictionary(Dictionary),
    Array(Vec<Value>),
    Reference(Reference),
    Integer(i64),
    /// As written: reals are compared, never computed with.
    Real(Vec<u8>),
    /// Without the slash.
    Name(Vec<u8>),
    /// Decoded.
    String(Vec<u8>),
    Boolean(bool),
    Null,
}

/// Keys are compared as written.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Dictionary(pub(crate) BTreeMap<Vec<u8>, Value>);

impl Dictionary {
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key.as_bytes())
    }

    pub(crate) fn integer(&self, key: &str) -> Option<i64> {
        if let Value::Integer(value) = self.get(key)? {
            Some(*value)
        } else {
            None
        }
    }

    pub(crate) fn reference(&self, key: &str) -> Option<Reference> {
        if let Value::Reference(value) = self.get(key)? {
            Some(*value)
        } else {
            None
        }
    }

    pub(crate) fn name(&self, key: &str) -> Option<&[u8]> {
        if let Value::Name(value) = self.get(key)? {
            Some(value)
        } else {
            None
        }
    }

    pub(crate) fn string(&self, key: &str) -> Option<&[u8]> {
        if let Value::String(value) = self.get(key)? {
            Some(value)
        } else {
            None
        }
    }

    pub(crate) fn array(&self, key: &str) -> Option<&[Value]> {
        if let Value::Array(value) = self.get(key)? {
            Some(value)
        } else {
            None
        }
    }

    pub(crate) fn dictionary(&self, key: &str) -> Option<&Dictionary> {
        if let Value::Dictionary(value) = self.get(key)? {
            Some(value)
        } else {
            None
        }
    }

    /// Are there exactly these keys?
    pub(crate) fn has_only(&self, keys: &[&str]) -> bool {
        self.0
            .keys()
            .all(|key| keys.iter().any(|known| known.as_bytes() == key))
    }
}

/// An object of the file.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) value: Value,
    /// The data of a stream, as it stands in the file.
    pub(crate) stream: Option<Range<usize>>,
    /// Where the value of `/Contents` stands, with its angle brackets.
    pub(crate) contents: Option<Range<usize>>,
}

impl Object {
    pub(crate) fn dictionary(&self) -> Option<&Dictionary> {
        if let Value::Dictionary(dictionary) = &self.value {
            Some(dictionary)
        } else {
            None
        }
    }
}

/// What an object's value takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) values: usize,
    pub(crate) memory_bytes: usize,
}

/// Memory of a value in a list or dictionary that grows.
const VALUE_BYTES: usize = 64;
/// Memory of a node of a map, which holds so many entries.
const NODE_BYTES: usize = 640;
const NODE_ENTRIES: usize = 11;
/// Memory of an allocation, beside what is in it.
const ALLOCATION_BYTES: usize = 32;

/// Reads from `at` on; after each call `at` stands behind what was read.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    pub(crate) at: usize,
    values_left: usize,
    memory_left: usize,
    contents: Option<Range<usize>>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self::within(bytes, at, VALUES_MAX, limit(Work::ValueBytes))
    }

    /// Reads no more than so many values, in so many bytes of memory, at a time.
    pub(crate) fn within(bytes: &'a [u8], at: usize, values: usize, memory_bytes: usize) -> Self {
        Self {
            bytes,
            at,
            values_left: values,
            memory_left: memory_bytes,
            contents: None,
        }
    }

    /// Takes memory for a value before it is made.
    fn take_memory(&mut self, bytes: usize) -> Result<(), Deviation> {
        let left = self.memory_left.checked_sub(bytes);
        self.memory_left = left.ok_or_else(|| self.deviation(TOO_MUCH_MEMORY))?;
        Ok(())
    }

    pub(crate) fn deviation(&self, problem: &'static str) -> Deviation {
        Deviation {
            at: self.at,
            problem,
        }
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    pub(crate) fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.iter().take_while(|byte| is_space(**byte)).count();
    }

    /// Takes exactly these bytes.
    pub(crate) fn exactly(&mut self, text: &[u8], problem: &'static str) -> Result<(), Deviation> {
        if !self.rest().starts_with(text) {
            return Err(self.deviation(problem));
        }
        self.at += text.len();
        Ok(())
    }

    /// Takes a decimal number of at most 10 digits, without leading zeros.
    pub(crate) fn number(&mut self) -> Result<usize, Deviation> {
        let digits = self
            .rest()
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count();
        let text = self.rest().get(..digits).unwrap_or_default();
        if digits == 0 || digits > 10 || (digits > 1 && text.first() == Some(&b'0')) {
            return Err(self.deviation("a number is missing or not in its usual form"));
        }
        self.at += digits;
        Ok(fold(text))
    }

    /// Takes `N 0 obj`, a value, perhaps a stream, and `endobj`; says what the value takes.
    pub(crate) fn indirect(
        &mut self,
        number: u32,
        values_left: &mut usize,
    ) -> Result<(Object, Size), Deviation> {
        let head = format!("{number} 0 obj");
        self.exactly(
            head.as_bytes(),
            "another object stands here than the table says",
        )?;
        self.contents = None;
        let allowed = VALUES_MAX.min(*values_left);
        self.values_left = allowed;
        self.memory_left = limit(Work::ValueBytes);
        let value = self.value(0)?;
        let size = Size {
            values: allowed - self.values_left,
            memory_bytes: limit(Work::ValueBytes) - self.memory_left,
        };
        *values_left -= size.values;
        let contents = self.contents.take();
        self.skip_space();
        let has_stream = self.rest().starts_with(b"stream");
        let stream = if let (Value::Dictionary(dictionary), true) = (&value, has_stream) {
            Some(self.stream(dictionary)?)
        } else {
            None
        };
        self.skip_space();
        self.exactly(b"endobj", "an object does not end")?;
        let object = Object {
            value,
            stream,
            contents,
        };
        Ok((object, size))
    }

    /// The length must stand in the dictionary itself: an indirect one could change later.
    fn stream(&mut self, dictionary: &Dictionary) -> Result<Range<usize>, Deviation> {
        self.exactly(b"stream", "a stream is missing")?;
        match self.rest() {
            [b'\n', ..] => self.at += 1,
            [b'\r', b'\n', ..] => self.at += 2,
            _ => return Err(self.deviation("a stream does not start on a line of its own")),
        }
        let start = self.at;
        let end = dictionary
            .integer("Length")
            .and_then(|length| start.checked_add(usize::try_from(length).ok()?))
            .filter(|end| *end <= self.bytes.len());
        let Some(end) = end else {
            return Err(self.deviation("a stream has no length of its own"));
        };
        self.at = end;
        self.skip_space();
        self.exactly(b"endstream", "a stream is not as long as it says")?;
        Ok(start..end)
    }

    pub(crate) fn value(&mut self, depth: usize) -> Result<Value, Deviation> {
        if depth > DEPTH_MAX {
            return Err(self.deviation("values nest too deep"));
        }
        if self.values_left == 0 {
            return Err(self.deviation(TOO_MANY_VALUES));
        }
        self.values_left -= 1;
        self.take_memory(VALUE_BYTES)?;
        self.skip_space();
        match self.rest() {
            [b'<', b'<', ..] => self.dictionary(depth),
            [b'<', ..] => self.hex_string(),
            [b'[', ..] => self.array(depth),
            [b'(', ..] => self.literal_string(),
            [b'/', ..] => Ok(Value::Name(self.name()?)),
            [b'0'..=b'9' | b'-' | b'.', ..] => self.numeric(),
            _ => self.word(),
        }
    }

    fn dictionary(&mut self, depth: usize) -> Result<Value, Deviation> {
        self.at += 2;
        let mut entries = BTreeMap::new();
        loop {
            self.skip_space();
            if self.rest().starts_with(b">>") {
                self.at += 2;
                return Ok(Value::Dictionary(Dictionary(entries)));
            }
            if self.peek() != Some(b'/') {
                return Err(self.deviation("a dictionary's key is missing"));
            }
            let key = self.name()?;
            if entries.len() % NODE_ENTRIES == 0 {
                self.take_memory(NODE_BYTES)?;
            }
            self.skip_space();
            let start = self.at;
            let value = self.value(depth + 1)?;
            if depth == 0 && key == b"Contents" {
                self.contents = Some(start..self.at);
            }
            // Readers disagree on which of two equal keys counts, so neither may.
            if entries.insert(key, value).is_some() {
                return Err(self.deviation("a dictionary has a key twice"));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, Deviation> {
        self.at += 1;
        let mut values = Vec::new();
        loop {
            self.skip_space();
            if self.peek() == Some(b']') {
                self.at += 1;
                return Ok(Value::Array(values));
            }
            values.push(self.value(depth + 1)?);
        }
    }

    /// Names of ours are plain: two spellings of one name would be two keys to one reader.
    fn name(&mut self) -> Result<Vec<u8>, Deviation> {
        self.at += 1;
        let name = self.regular();
        if name.is_empty() {
            return Err(self.deviation("a name is empty"));
        }
        // An escape is only allowed for what could not be written otherwise.
        let mut rest = name;
        while let Some(at) = rest.iter().position(|byte| *byte == b'#') {
            let escaped = rest.get(at + 1..at + 3).and_then(|digits| {
                Some(hex_digit(*digits.first()?)? << 4 | hex_digit(*digits.get(1)?)?)
            });
            if !escaped.is_some_and(|byte| !(b'!'..=b'~').contains(&byte) || is_special(byte)) {
                return Err(self.deviation("a name has an escape that it does not need"));
            }
            rest = rest.get(at + 3..).unwrap_or_default();
        }
        self.take_memory(ALLOCATION_BYTES + name.len())?;
        self.at += name.len();
        Ok(name.to_vec())
    }

    fn regular(&self) -> &'a [u8] {
        let rest = self.rest();
        let length = rest
            .iter()
            .take_while(|b| !is_space(**b) && !is_delimiter(**b))
            .count();
        rest.get(..length).unwrap_or_default()
    }

    /// An integer, a reference or a real number.
    fn numeric(&mut self) -> Result<Value, Deviation> {
        let text = self.regular();
        let is_numeric = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
        if text.len() > 32 || !text.iter().all(is_numeric) {
            return Err(self.deviation("a number is not in its usual form"));
        }
        let start = self.at;
        self.at += text.len();
        let Some(integer) = std::str::from_utf8(text)
            .ok()
            .and_then(|t| t.parse::<i64>().ok())
        else {
            return Ok(Value::Real(text.to_vec()));
        };
        let is_plain = text.iter().all(u8::is_ascii_digit);
        if is_plain && self.rest().starts_with(b" 0 R") {
            let behind = self.rest().get(4);
            if behind.is_none_or(|byte| is_space(*byte) || is_delimiter(*byte)) {
                self.at += 4;
                return u32::try_from(integer)
                    .map(|number| Value::Reference(Reference(number)))
                    .map_err(|_| Deviation {
                        at: start,
                        problem: "an object's number is too large",
                    });
            }
        }
        Ok(Value::Integer(integer))
    }

    fn word(&mut self) -> Result<Value, Deviation> {
        let value = match self.regular() {
            b"true" => Value::Boolean(true),
            b"false" => Value::Boolean(false),
            b"null" => Value::Null,
            _ => return Err(self.deviation("this is no value")),
        };
        self.at += self.regular().len();
        Ok(value)
    }

    fn hex_string(&mut self) -> Result<Value, Deviation> {
        let Some(length) = memchr::memchr(b'>', self.rest()) else {
            return Err(self.deviation("a string does not end"));
        };
        self.take_memory(ALLOCATION_BYTES + length / 2)?;
        let digits = self.rest().get(1..length).unwrap_or_default();
        let mut decoded = Vec::with_capacity(digits.len() / 2);
        for pair in digits.chunks(2) {
            let (Some(high), Some(low)) = (
                pair.first().copied().and_then(hex_digit),
                pair.get(1).copied().and_then(hex_digit),
            ) else {
                return Err(self.deviation("a string is not hexadecimal"));
            };
            decoded.push(high << 4 | low);
        }
        self.at += length + 1;
        Ok(Value::String(decoded))
    }

    fn literal_string(&mut self) -> Result<Value, Deviation> {
        // A string that is too large does not end within what may be taken.
        let allowed = self.rest().len().min(self.memory_left);
        let text = self.rest().get(..allowed).unwrap_or_default();
        let mut bytes = text.iter().copied().enumerate().skip(1);
        let mut decoded = Vec::new();
        let mut open = 1_usize;
        while let Some((index, byte)) = bytes.next() {
            match byte {
                b'\\' => decoded.extend(escaped(&mut bytes)),
                b'(' => open += 1,
                b')' if open == 1 => {
                    self.take_memory((ALLOCATION_BYTES + index).min(self.memory_left))?;
                    self.at += index + 1;
                    return Ok(Value::String(decoded));
                }
                b')' => open -= 1,
                _ => {}
            }
            if byte != b'\\' {
                decoded.push(byte);
            }
        }
        Err(self.deviation(if allowed < self.rest().len() {
            TOO_MUCH_MEMORY
        } else {
            "a string does not end"
        }))
    }
}

/// What stands behind a backslash: a letter, an octal number, a line end or itself.
fn escaped(bytes: &mut (impl Iterator<Item = (usize, u8)> + Clone)) -> Option<u8> {
    let (_, first) = bytes.next()?;
    match first {
        b'n' => Some(b'\n'),
        b'r' => Some(b'\r'),
        b't' => Some(b'\t'),
        b'b' => Some(8),
        b'f' => Some(12),
        b'\n' => None,
        b'0'..=b'7' => {
            let mut value = u16::from(first - b'0');
            for _ in 0..2 {
                let Some((_, digit @ b'0'..=b'7')) = bytes.clone().next() else {
                    break;
                };
                bytes.next();
                value = value * 8 + u16::from(digit - b'0');
            }
            value.to_le_bytes().first().copied()
        }
        other => Some(other),
    }
}

fn fold(digits: &[u8]) -> usize {
    digits
        .iter()
        .fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0'))
}

pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r' | b' ')
}

fn is_delimiter(byte: u8) -> bool {
    matches!(
        byte,
        b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%'
    )
}

fn is_special(byte: u8) -> bool {
    is_delimiter(byte) || byte == b'#'
}

pub(crate) fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}
