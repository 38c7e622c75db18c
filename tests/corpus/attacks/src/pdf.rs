//! What an attacker does to a PDF: bytes replaced, and incremental updates appended, without any
//! check of what comes out.

use std::fmt::Write as _;
use std::ops::Range;

/// Where `needle` stands for the first time from `from` on.
///
/// # Panics
/// When it is not there.
pub fn find(pdf: &[u8], needle: &[u8], from: usize) -> usize {
    let found = pdf[from..]
        .windows(needle.len())
        .position(|window| window == needle);
    let text = String::from_utf8_lossy(needle);
    from + found.unwrap_or_else(|| panic!("{text} is not in the file"))
}

/// Where `needle` stands for the last time.
///
/// # Panics
/// When it is not there.
pub fn find_last(pdf: &[u8], needle: &[u8]) -> usize {
    let found = pdf
        .windows(needle.len())
        .rposition(|window| window == needle);
    let text = String::from_utf8_lossy(needle);
    found.unwrap_or_else(|| panic!("{text} is not in the file"))
}

/// Overwrites bytes; what is shorter than the range is filled with spaces.
pub fn overwrite(pdf: &mut [u8], range: Range<usize>, text: &[u8]) {
    assert!(text.len() <= range.len(), "the text is too long");
    pdf[range.clone()].fill(b' ');
    pdf[range.start..range.start + text.len()].copy_from_slice(text);
}

/// The newest version of an object, between `obj` and `endobj`.
pub fn object(pdf: &[u8], number: u32) -> Vec<u8> {
    let head = format!("\n{number} 0 obj\n").into_bytes();
    let start = find_last(pdf, &head) + head.len();
    let end = find(pdf, b"\nendobj", start);
    pdf[start..end].to_vec()
}

/// The same with text put before its last `delimiter`.
pub fn insert_before_last(object: &[u8], delimiter: &[u8], text: &str) -> Vec<u8> {
    let at = find_last(object, delimiter);
    [&object[..at], text.as_bytes(), &object[at..]].concat()
}

/// The number of the object that a key refers to, where the key stands for the last time.
pub fn referred(pdf: &[u8], key: &str) -> u32 {
    let at = find_last(pdf, format!("{key} ").as_bytes()) + key.len() + 1;
    number(pdf, at)
}

/// The decimal number at a place.
pub fn number(pdf: &[u8], at: usize) -> u32 {
    let digits: String = pdf[at..]
        .iter()
        .take_while(|b| b.is_ascii_digit())
        .map(|b| char::from(*b))
        .collect();
    digits.parse().expect("a number")
}

/// Where the newest table stands.
pub fn last_xref(pdf: &[u8]) -> u32 {
    number(
        pdf,
        find_last(pdf, b"\nstartxref\n") + b"\nstartxref\n".len(),
    )
}

/// The number that the next new object gets.
pub fn size(pdf: &[u8]) -> u32 {
    let trailer = find_last(pdf, b"\ntrailer\n");
    number(pdf, find(pdf, b"/Size ", trailer) + b"/Size ".len())
}

/// Appends a revision with these objects; `trailer` is added to its trailer.
pub fn update(pdf: &[u8], objects: &[(u32, Vec<u8>)], trailer: &str) -> Vec<u8> {
    let previous = last_xref(pdf);
    let at = find_last(pdf, b"\ntrailer\n<<") + b"\ntrailer\n<<".len();
    let old = String::from_utf8_lossy(&pdf[at..find(pdf, b"\nstartxref", at)]).into_owned();
    let part = |key: &str, end: &str| {
        let start = old.find(key).unwrap_or_else(|| panic!("{key}"));
        let length = old[start..].find(end).unwrap_or_else(|| panic!("{key}"));
        old[start..start + length + end.len()].to_owned()
    };
    let mut kept = [part("/Info ", " R"), part("/ID[", "]")].concat();
    if !trailer.contains("/Root") {
        kept.push_str(&part("/Root ", " R"));
    }
    let size = objects
        .iter()
        .map(|(number, _)| number + 1)
        .max()
        .unwrap_or(0);
    let size = size.max(self::size(pdf));
    let mut result = [pdf, b"\n"].concat();
    let mut sorted = objects.to_vec();
    sorted.sort_by_key(|(number, _)| *number);
    let mut table = String::from("xref\n");
    for (number, content) in &sorted {
        write!(table, "{number} 1\n{:010} 00000 n\r\n", result.len()).expect("text");
        result.extend(format!("{number} 0 obj\n").bytes());
        result.extend(content);
        result.extend(b"\nendobj\n");
    }
    let xref_at = result.len();
    let prev = if trailer.contains("/Prev") {
        String::new()
    } else {
        format!("/Prev {previous}")
    };
    result.extend(table.bytes());
    let end =
        format!("trailer\n<</Size {size}{kept}{trailer}{prev}>>\nstartxref\n{xref_at}\n%%EOF\n");
    result.extend(end.bytes());
    result
}

/// A stream without filter.
pub fn stream(entries: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("<<{entries}/Length {}>>\nstream\n", content.len());
    [head.as_bytes(), content, b"\nendstream"].concat()
}
