//! DER read by hand, field by field, as slices of the input.
//!
//! What others have signed must be hashed exactly as it came, and the derived types of `der` 0.7
//! are stricter than RFC 3161 (fractions of seconds, attribute certificates).

use der::{Decode, Header, Reader, SliceReader};

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const ENUMERATED: u8 = 0x0A;
pub(crate) const UTF8_STRING: u8 = 0x0C;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
/// A constructed context-specific tag.
pub(crate) const fn context(number: u8) -> u8 {
    0xA0 | number
}

/// One value with its tag.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field<'a> {
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    /// Tag, length and content.
    pub(crate) whole: &'a [u8],
}

impl<'a> Field<'a> {
    /// The values inside, which must fill this one.
    pub(crate) fn fields(self) -> Fields<'a> {
        Fields { rest: self.content }
    }
}

/// A row of values, taken from the front.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Takes the next value, whatever it is.
    pub(crate) fn any(&mut self) -> der::Result<Field<'a>> {
        let mut reader = SliceReader::new(self.rest)?;
        let header = Header::decode(&mut reader)?;
        let content = reader.read_slice(header.length)?;
        let length = usize::try_from(reader.position())?;
        let (whole, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or_else(|| der::Error::from(der::ErrorKind::Overlength))?;
        self.rest = rest;
        Ok(Field {
            tag: header.tag.octet(),
            content,
            whole,
        })
    }

    /// Takes the next value, which must have `tag`.
    pub(crate) fn required(&mut self, tag: u8) -> der::Result<Field<'a>> {
        let field = self.any()?;
        if field.tag == tag {
            Ok(field)
        } else {
            Err(der::ErrorKind::Failed.into())
        }
    }

    /// Takes the next value if it has `tag`.
    pub(crate) fn optional(&mut self, tag: u8) -> der::Result<Option<Field<'a>>> {
        if self.rest.first() == Some(&tag) {
            self.any().map(Some)
        } else {
            Ok(None)
        }
    }

    pub(crate) fn object_identifier(&mut self) -> der::Result<const_oid::ObjectIdentifier> {
        let field = self.required(OBJECT_IDENTIFIER)?;
        Ok(const_oid::ObjectIdentifier::from_bytes(field.content)?)
    }

    /// Takes an `AlgorithmIdentifier` with absent or NULL parameters.
    pub(crate) fn algorithm(&mut self) -> der::Result<const_oid::ObjectIdentifier> {
        let mut fields = self.required(SEQUENCE)?.fields();
        let algorithm = fields.object_identifier()?;
        if !matches!(fields.rest, [] | [0x05, 0x00]) {
            return Err(der::ErrorKind::Failed.into());
        }
        Ok(algorithm)
    }

    /// Takes a BIT STRING of whole octets.
    pub(crate) fn octets_of_bits(&mut self) -> der::Result<&'a [u8]> {
        let content = self.required(BIT_STRING)?.content;
        let octets = content.strip_prefix(&[0]);
        octets.ok_or_else(|| der::ErrorKind::Failed.into())
    }

    /// Checks that nothing is left.
    pub(crate) fn finish(self) -> der::Result<()> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(der::ErrorKind::Failed.into())
        }
    }
}

/// Takes the one value that `bytes` must be.
pub(crate) fn whole(bytes: &[u8], tag: u8) -> der::Result<Fields<'_>> {
    let mut fields = Fields::new(bytes);
    let field = fields.required(tag)?;
    fields.finish()?;
    Ok(field.fields())
}

/// The content of the one value that `bytes` must be.
pub(crate) fn whole_content(bytes: &[u8], tag: u8) -> der::Result<&[u8]> {
    let mut fields = Fields::new(bytes);
    let field = fields.required(tag)?;
    fields.finish()?;
    Ok(field.content)
}

/// A non-negative INTEGER without leading zeros, for comparison.
pub(crate) fn magnitude(integer: &[u8]) -> &[u8] {
    let zeros = integer.iter().take_while(|byte| **byte == 0).count();
    integer.get(zeros..).unwrap_or_default()
}
