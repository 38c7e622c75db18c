//! The little of PDF syntax (ISO 32000-1 section 7.3) that an appended signature needs.
//!
//! Objects are read as spans of the file, so that a changed object is its old bytes with a few
//! inserted, and nothing is interpreted that does not have to be.

use crate::Error;
use std::ops::Range;

/// Dictionaries and arrays may nest this deep; drafts reach 4.
const DEPTH_MAX: usize = 32;
/// Keys of one dictionary; drafts have fewer than 20, and keys are compared pairwise.
const KEYS_MAX: usize = 1_000;

/// `12 0 R`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) number: u32,
    pub(crate) generation: u16,
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} R", self.number, self.generation)
    }
}

/// An object and where it stands in the file.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) value: Value,
    /// From its first byte to behind its last.
    pub(crate) span: Range<usize>,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    Dictionary(Dictionary),
    Array(Vec<Object>),
    Reference(Reference),
    Integer(i64),
    /// Without the slash, `#xx` decoded.
    Name(Vec<u8>),
    /// A string in angle brackets; its content is left in the file.
    HexString,
    /// A string in parentheses; its content is left in the file.
    LiteralString,
    /// A real number, a boolean or null.
    Other,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Dictionary {
    entries: Vec<(Vec<u8>, Object)>,
}

impl Dictionary {
    pub(crate) fn get(&self, key: &[u8]) -> Option<&Object> {
        self.entries
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, object)| object)
    }

    pub(crate) fn integer(&self, key: &[u8]) -> Option<i64> {
        if let Value::Integer(integer) = self.get(key)?.value {
            Some(integer)
        } else {
            None
        }
    }

    pub(crate) fn reference(&self, key: &[u8]) -> Option<Reference> {
        if let Value::Reference(reference) = self.get(key)?.value {
            Some(reference)
        } else {
            None
        }
    }

    pub(crate) fn name(&self, key: &[u8]) -> Option<&[u8]> {
        if let Value::Name(name) = &self.get(key)?.value {
            Some(name)
        } else {
            None
        }
    }

    pub(crate) fn array(&self, key: &[u8]) -> Option<&[Object]> {
        if let Value::Array(objects) = &self.get(key)?.value {
            Some(objects)
        } else {
            None
        }
    }
}

/// Reads objects from `at` on; after each call `at` stands behind what was read.
pub(crate) struct Lexer<'a> {
    bytes: &'a [u8],
    pub(crate) at: usize,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    pub(crate) fn error(&self, problem: &'static str) -> Error {
        Error::Pdf {
            at: self.at,
            problem,
        }
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    pub(crate) fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                let line = self.rest().iter().position(|b| matches!(b, b'\r' | b'\n'));
                self.at = line.map_or(self.bytes.len(), |length| self.at.saturating_add(length));
            } else if is_space(byte) {
                self.at += 1;
            } else {
                break;
            }
        }
    }

    /// Takes `word`, which must follow after any space and end there.
    pub(crate) fn keyword(&mut self, word: &'static [u8]) -> Result<(), Error> {
        self.skip_space();
        if !self.rest().starts_with(word) {
            return Err(self.error("a keyword is missing"));
        }
        self.at += word.len();
        match self.peek() {
            Some(byte) if !is_space(byte) && !is_delimiter(byte) => {
                Err(self.error("a keyword does not end"))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Takes an unsigned decimal number of at most 10 digits.
    pub(crate) fn unsigned(&mut self) -> Result<u64, Error> {
        self.skip_space();
        let rest = self.rest();
        let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let digits = rest.get(..length).unwrap_or_default();
        if digits.is_empty() || digits.len() > 10 {
            return Err(self.error("a number is missing"));
        }
        self.at += length;
        Ok(digits
            .iter()
            .fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')))
    }

    pub(crate) fn object(&mut self) -> Result<Object, Error> {
        self.nested(0)
    }

    fn nested(&mut self, depth: usize) -> Result<Object, Error> {
        if depth > DEPTH_MAX {
            return Err(self.error("objects nest too deep"));
        }
        self.skip_space();
        let start = self.at;
        let rest = self.rest();
        let value = match rest.first() {
            Some(b'<') if rest.starts_with(b"<<") => self.dictionary(depth)?,
            Some(b'<') => self.hex_string()?,
            Some(b'[') => self.array(depth)?,
            Some(b'(') => self.literal_string()?,
            Some(b'/') => Value::Name(self.name()?),
            Some(b'0'..=b'9' | b'+' | b'-' | b'.') => self.number(),
            Some(_) => self.word()?,
            None => return Err(self.error("the file ends within an object")),
        };
        Ok(Object {
            value,
            span: start..self.at,
        })
    }

    fn dictionary(&mut self, depth: usize) -> Result<Value, Error> {
        self.at += 2;
        let mut entries: Vec<(Vec<u8>, Object)> = Vec::new();
        loop {
            self.skip_space();
            if self.rest().starts_with(b">>") {
                self.at += 2;
                return Ok(Value::Dictionary(Dictionary { entries }));
            }
            if self.peek() != Some(b'/') {
                return Err(self.error("a dictionary's key is missing"));
            }
            let key = self.name()?;
            // Readers disagree on which of two equal keys counts, so neither may.
            if entries.iter().any(|(name, _)| *name == key) {
                return Err(self.error("a dictionary has a key twice"));
            }
            if entries.len() == KEYS_MAX {
                return Err(self.error("a dictionary has too many keys"));
            }
            let object = self.nested(depth + 1)?;
            entries.push((key, object));
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, Error> {
        self.at += 1;
        let mut objects = Vec::new();
        loop {
            self.skip_space();
            if self.peek() == Some(b']') {
                self.at += 1;
                return Ok(Value::Array(objects));
            }
            objects.push(self.nested(depth + 1)?);
        }
    }

    fn hex_string(&mut self) -> Result<Value, Error> {
        let Some(length) = self.rest().iter().position(|byte| *byte == b'>') else {
            return Err(self.error("a string does not end"));
        };
        self.at += length + 1;
        Ok(Value::HexString)
    }

    fn literal_string(&mut self) -> Result<Value, Error> {
        let mut open = 0_usize;
        let mut escaped = false;
        for (index, byte) in self.rest().iter().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'(' => open += 1,
                b')' if open == 1 => {
                    self.at += index + 1;
                    return Ok(Value::LiteralString);
                }
                b')' => open -= 1,
                _ => {}
            }
        }
        Err(self.error("a string does not end"))
    }

    fn name(&mut self) -> Result<Vec<u8>, Error> {
        self.at += 1;
        let rest = self.rest();
        let length = rest
            .iter()
            .take_while(|b| !is_space(**b) && !is_delimiter(**b))
            .count();
        let mut raw = rest.get(..length).unwrap_or_default().iter().copied();
        let mut name = Vec::with_capacity(length);
        while let Some(byte) = raw.next() {
            if byte == b'#' {
                let (Some(high), Some(low)) = (
                    raw.next().and_then(hex_digit),
                    raw.next().and_then(hex_digit),
                ) else {
                    return Err(self.error("a name has a broken escape"));
                };
                name.push(high << 4 | low);
            } else {
                name.push(byte);
            }
        }
        self.at += length;
        Ok(name)
    }

    /// An integer, a reference or a real number.
    fn number(&mut self) -> Value {
        let rest = self.rest();
        let length = rest
            .iter()
            .take_while(|b| !is_space(**b) && !is_delimiter(**b))
            .count();
        let text = std::str::from_utf8(rest.get(..length).unwrap_or_default()).unwrap_or_default();
        self.at += length;
        let Ok(integer) = text.parse::<i64>() else {
            return Value::Other;
        };
        self.reference(integer)
            .map_or(Value::Integer(integer), Value::Reference)
    }

    /// Takes the rest of `12 0 R`, or nothing.
    fn reference(&mut self, number: i64) -> Option<Reference> {
        let number = u32::try_from(number).ok()?;
        let mut ahead = Lexer::new(self.bytes, self.at);
        let generation = u16::try_from(ahead.unsigned().ok()?).ok()?;
        ahead.keyword(b"R").ok()?;
        self.at = ahead.at;
        Some(Reference { number, generation })
    }

    fn word(&mut self) -> Result<Value, Error> {
        for word in [b"true".as_slice(), b"false", b"null"] {
            if self.keyword(word).is_ok() {
                return Ok(Value::Other);
            }
        }
        Err(self.error("not an object"))
    }
}

pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b'\0' | b'\t' | b'\n' | 0x0C | b'\r' | b' ')
}

fn is_delimiter(byte: u8) -> bool {
    matches!(
        byte,
        b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%'
    )
}

pub(crate) fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}
