//! Fields of signatures and document timestamps: the objects that hold them, how they are written
//! with room for what comes later, and how they are found again.

use crate::Error;
use crate::incremental::{Document, Insertion};
use crate::syntax::{Dictionary, Reference, Value};
use std::ops::Range;

/// Stands in `/ByteRange` for an offset; the longest that a cross-reference table can hold.
const OFFSET_DIGITS: usize = 10;
/// `F` of an annotation: print (4) and locked (128); ISO 19005-3 section 6.3.2 wants the first.
const WIDGET_FLAGS: u32 = 132;
/// Hexadecimal digits in lower case.
const HEX: &[u8; 16] = b"0123456789abcdef";

/// Places within the signature object that are filled later.
pub(crate) struct Holes {
    /// Between the angle brackets of `/Contents`.
    pub(crate) contents: Range<usize>,
    /// Behind the zero of `/ByteRange`, up to its bracket.
    pub(crate) byte_range: Range<usize>,
}

/// How the dictionary of a signature begins.
pub(crate) const SIGNATURE_HEAD: &str =
    "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached";
/// How the dictionary of a document timestamp begins.
pub(crate) const TIMESTAMP_HEAD: &str =
    "<</Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161";

/// A dictionary that begins so, with room for so many bytes in `/Contents`.
pub(crate) fn signature_object(head: &str, reserved: usize) -> (String, Holes) {
    let mut text = String::with_capacity(reserved * 2 + head.len() + 256);
    text.push_str(head);
    text.push_str("/ByteRange[0");
    let byte_range = text.len()..text.len() + 3 * (OFFSET_DIGITS + 1);
    text.push_str(&" ".repeat(byte_range.len()));
    text.push_str("]/Contents<");
    let contents = text.len()..text.len() + reserved * 2;
    text.push_str(&"0".repeat(contents.len()));
    text.push_str(">>>");
    (
        text,
        Holes {
            contents,
            byte_range,
        },
    )
}

/// A field and its widget in one.
pub(crate) struct Widget<'a> {
    /// Where it is.
    pub(crate) page: Reference,
    /// The signature or timestamp that it holds.
    pub(crate) value: Reference,
    /// What programs call it; no two have the same.
    pub(crate) name: &'a str,
    /// What people are told that it is (ISO 14289-1, 7.18.1).
    pub(crate) tooltip: &'a str,
    /// By which the tree of parents knows its element, if it has one.
    pub(crate) key: Option<i64>,
}

impl Widget<'_> {
    /// Without extent, so that it needs no appearance.
    pub(crate) fn text(&self) -> String {
        let (page, value, name) = (self.page, self.value, self.name);
        let tooltip = text_string(self.tooltip);
        let key = self.key.map(|key| format!("/StructParent {key}"));
        let key = key.unwrap_or_default();
        format!(
            "<</Type/Annot/Subtype/Widget/FT/Sig/T({name})/TU{tooltip}/F {WIDGET_FLAGS}\
             /Rect[0 0 0 0]/P {page}/V {value}{key}>>"
        )
    }
}

/// A text string (ISO 32000-1 section 7.9.2.2): plain where it is ASCII, else UTF-16.
pub(crate) fn text_string(text: &str) -> String {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        let escaped = text
            .replace('\\', "\\\\")
            .replace('(', "\\(")
            .replace(')', "\\)");
        return format!("({escaped})");
    }
    let digits: String = text
        .encode_utf16()
        .map(|unit| format!("{unit:04X}"))
        .collect();
    format!("<FEFF{digits}>")
}

/// The signed bytes are all but `/Contents`' value with its angle brackets. `appended` are the last
/// bytes of the file, from `offset` on; the ranges are of the whole file.
pub(crate) fn fill_byte_range(
    appended: &mut [u8],
    offset: usize,
    byte_range: &Range<usize>,
    contents: &Range<usize>,
) {
    let (gap_start, gap_end) = (contents.start - 1, contents.end + 1);
    let behind = offset + appended.len() - gap_end;
    let text = format!(" {gap_start} {gap_end} {behind}");
    let hole = byte_range.start - offset..byte_range.end - offset;
    let hole = appended.get_mut(hole).unwrap_or_default();
    hole.iter_mut()
        .zip(text.bytes())
        .for_each(|(to, from)| *to = from);
}

/// A byte as two hexadecimal digits in lower case.
pub(crate) fn hex_digits(byte: u8) -> [u8; 2] {
    let digit = |value: u8| HEX.get(usize::from(value)).copied().unwrap_or_default();
    [digit(byte >> 4), digit(byte & 0x0F)]
}

/// The signature dictionary that the one field of a signed document holds, and its place.
pub(crate) fn signature_dictionary(
    document: &Document<'_>,
) -> Result<(Dictionary, Range<usize>), Error> {
    const NO_SIGNATURE: Error = Error::Altered("there is not exactly one signature field");
    let (catalog, _) = document.dictionary(document.root()?)?;
    let Some(form) = catalog.get(b"AcroForm") else {
        return Err(NO_SIGNATURE);
    };
    let Value::Dictionary(form) = &form.value else {
        return Err(NO_SIGNATURE);
    };
    let Some([field]) = form.array(b"Fields") else {
        return Err(NO_SIGNATURE);
    };
    let Value::Reference(field) = field.value else {
        return Err(NO_SIGNATURE);
    };
    let (field, _) = document.dictionary(field)?;
    let Some(signature) = field.reference(b"V") else {
        return Err(NO_SIGNATURE);
    };
    if field.name(b"FT") != Some(b"Sig") {
        return Err(NO_SIGNATURE);
    }
    document.dictionary(signature)
}

/// Writes a container or a token in hexadecimal; what is left of the room stays filled with zeros.
///
/// # Errors
/// [`Error::ContentsTooSmall`] where it is larger than the room.
pub(crate) fn write_contents(room: &mut [u8], der: &[u8]) -> Result<(), Error> {
    if der.len() * 2 > room.len() {
        let (needed, reserved) = (der.len(), room.len() / 2);
        return Err(Error::ContentsTooSmall { needed, reserved });
    }
    for (digits, byte) in room.chunks_exact_mut(2).zip(der) {
        digits.copy_from_slice(&hex_digits(*byte));
    }
    Ok(())
}

/// Where a reference to the widget is inserted, and whether a list of annotations exists.
pub(crate) fn annotations(
    document: &Document<'_>,
    page: Reference,
) -> Result<(Insertion, bool), Error> {
    let (dictionary, span) = document.dictionary(page)?;
    let Some(annotations) = dictionary.get(b"Annots") else {
        return Ok((at_end(page, span, b">>".len()), false));
    };
    if let Value::Array(_) = annotations.value {
        let at = annotations.span.end - 1;
        return Ok((
            Insertion {
                object: page,
                value: span,
                at,
            },
            true,
        ));
    }
    if let Value::Reference(list) = annotations.value {
        let object = document.object(list)?;
        if let Value::Array(_) = object.value {
            return Ok((at_end(list, object.span, b"]".len()), true));
        }
    }
    Err(Error::Draft("its first page has no list of annotations"))
}

/// Before the closing delimiter of an object.
pub(crate) fn at_end(object: Reference, value: Range<usize>, delimiter_bytes: usize) -> Insertion {
    let at = value.end - delimiter_bytes;
    Insertion { object, value, at }
}
