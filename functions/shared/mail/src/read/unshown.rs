//! The part that stands in the place of a mail's text and cannot be shown as text: a
//! certificate that says "no text" beside it would say too little.

use std::borrow::Cow;

use domain::UnshownPart;

use super::html;
use super::structure::Part;

/// Types of parts that only serve others: signatures, and the control part of OpenPGP (RFC 3156).
const SERVING_TYPES: [&str; 4] = [
    "application/pgp-encrypted",
    "application/pgp-signature",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
];

/// The first part with content that is neither text that shows nothing nor a file beside it: an
/// opaque S/MIME message, a picture, HTML that only holds pictures. A mail that is one file is that
/// file.
pub(super) fn find<'m>(
    parts: &[Part],
    is_body: impl Fn(usize) -> bool,
    content: impl Fn(usize) -> Cow<'m, [u8]>,
) -> Option<UnshownPart> {
    let is_only = parts.len() == 1;
    let is_unshown = |index: usize, part: &Part| {
        let media_type = part.media_type.value.as_str();
        if part.is_multipart()
            || (part.is_attachment() && !is_only)
            || SERVING_TYPES.contains(&media_type)
        {
            return false;
        }
        match media_type {
            "text/html" => html::has_pictures(&String::from_utf8_lossy(&content(index))),
            _ if media_type.starts_with("text/") || is_body(index) => false,
            _ => !content(index).trim_ascii().is_empty(),
        }
    };
    let mut parts_by_index = parts.iter().enumerate();
    let (index, part) = parts_by_index.find(|(index, part)| is_unshown(*index, part))?;
    Some(UnshownPart {
        number: number(parts, index),
        content_type: part.media_type.value.clone(),
        name: part.file_name(),
    })
}

/// Its place, as IMAP counts parts (RFC 9051 section 6.4.5).
fn number(parts: &[Part], index: usize) -> String {
    let mut numbers = Vec::new();
    let mut child = index;
    // Parents come before their children, so this ends.
    for (parent, part) in parts.iter().enumerate().take(index).rev() {
        let children = part.children.as_deref().unwrap_or_default();
        if let Some(place) = children.iter().position(|one| *one == child) {
            numbers.push((place + 1).to_string());
            child = parent;
        }
    }
    if numbers.is_empty() {
        return "1".to_owned();
    }
    numbers.reverse();
    numbers.join(".")
}
