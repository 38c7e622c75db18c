//! Character references of HTML (HTML Standard 13.2.5.72 to 13.2.5.80), decoded as browsers do.

use encoding_rs::WINDOWS_1252;
use mail_parser::decoders::html::add_html_token;

/// Longest name, in bytes without `&` and `;`: `CounterClockwiseContourIntegral`.
const NAME_LENGTH_MAX: usize = 31;

/// Names that count without their semicolon, because old pages write them so (section 13.5).
const LEGACY_NAMES: [&str; 106] = [
    "AElig", "AMP", "Aacute", "Acirc", "Agrave", "Aring", "Atilde", "Auml", "COPY", "Ccedil",
    "ETH", "Eacute", "Ecirc", "Egrave", "Euml", "GT", "Iacute", "Icirc", "Igrave", "Iuml", "LT",
    "Ntilde", "Oacute", "Ocirc", "Ograve", "Oslash", "Otilde", "Ouml", "QUOT", "REG", "THORN",
    "Uacute", "Ucirc", "Ugrave", "Uuml", "Yacute", "aacute", "acirc", "acute", "aelig", "agrave",
    "amp", "aring", "atilde", "auml", "brvbar", "ccedil", "cedil", "cent", "copy", "curren", "deg",
    "divide", "eacute", "ecirc", "egrave", "eth", "euml", "frac12", "frac14", "frac34", "gt",
    "iacute", "icirc", "iexcl", "igrave", "iquest", "iuml", "laquo", "lt", "macr", "micro",
    "middot", "nbsp", "not", "ntilde", "oacute", "ocirc", "ograve", "ordf", "ordm", "oslash",
    "otilde", "ouml", "para", "plusmn", "pound", "quot", "raquo", "reg", "sect", "shy", "sup1",
    "sup2", "sup3", "szlig", "thorn", "times", "uacute", "ucirc", "ugrave", "uml", "uuml",
    "yacute", "yen", "yuml",
];

/// A text with its character references decoded. In the value of an attribute a name without its
/// semicolon counts for less: `?a=1&copy=2` is a link.
pub(super) fn decoded(text: &str, is_attribute: bool) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(position) = rest.find('&') {
        let (before, reference) = rest.split_at(position);
        decoded.push_str(before);
        let length = push_reference(reference, is_attribute, &mut decoded);
        rest = reference.get(length..).unwrap_or_default();
    }
    decoded.push_str(rest);
    decoded
}

/// Writes what the text begins with, and says how long that is.
fn push_reference(text: &str, is_attribute: bool, decoded: &mut String) -> usize {
    let inside = text.get(1..).unwrap_or_default();
    let found = match inside.strip_prefix('#') {
        Some(number) => push_number(number, decoded).map(|length| length + 2),
        None => push_name(inside, is_attribute, decoded).map(|length| length + 1),
    };
    found.unwrap_or_else(|| {
        decoded.push('&');
        1
    })
}

/// A number, with or without a semicolon; how long it is.
fn push_number(text: &str, decoded: &mut String) -> Option<usize> {
    let hexadecimal = text.strip_prefix(['x', 'X']);
    let (digits, radix) = hexadecimal.map_or((text, 10), |digits| (digits, 16));
    let end = digits.find(|c: char| !c.is_digit(radix));
    let length = end.unwrap_or(digits.len());
    if length == 0 {
        return None;
    }
    let digits_only = digits.get(..length).unwrap_or_default();
    decoded.push(character(u32::from_str_radix(digits_only, radix).ok()));
    let semicolon = digits
        .get(length..)
        .is_some_and(|behind| behind.starts_with(';'));
    Some(text.len() - digits.len() + length + usize::from(semicolon))
}

/// What a number stands for (section 13.2.5.80): of 0x80 to 0x9F the characters of Windows-1252,
/// which old editors mean.
fn character(number: Option<u32>) -> char {
    match number {
        Some(number @ 0x80..=0x9f) => {
            let octet = u8::try_from(number).unwrap_or_default();
            let octets = [octet];
            let (text, _) = WINDOWS_1252.decode_without_bom_handling(&octets);
            text.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        Some(0) | None => char::REPLACEMENT_CHARACTER,
        Some(number) => char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

/// A name with its semicolon, or one of the old ones without; how long it is.
fn push_name(text: &str, is_attribute: bool, decoded: &mut String) -> Option<usize> {
    let name_end = text
        .bytes()
        .take(NAME_LENGTH_MAX + 1)
        .position(|byte| !byte.is_ascii_alphanumeric())
        .unwrap_or_else(|| text.len().min(NAME_LENGTH_MAX + 1));
    let name = text.get(..name_end)?;
    if text.get(name_end..)?.starts_with(';') && push_known(name, decoded) {
        return Some(name_end + 1);
    }
    let legacy = (2..=name_end.min(LEGACY_LENGTH_MAX))
        .rev()
        .filter_map(|length| text.get(..length));
    let legacy = legacy
        .into_iter()
        .find(|name| LEGACY_NAMES.contains(name))?;
    let behind = text.as_bytes().get(legacy.len());
    if is_attribute && behind.is_some_and(|byte| *byte == b'=' || byte.is_ascii_alphanumeric()) {
        return None;
    }
    push_known(legacy, decoded).then_some(legacy.len())
}

/// Of the names that count without a semicolon.
const LEGACY_LENGTH_MAX: usize = 6;

/// Whether the name is known; it is then written.
fn push_known(name: &str, decoded: &mut String) -> bool {
    let token = format!("&{name};");
    let before = decoded.len();
    add_html_token(decoded, token.as_bytes(), false);
    let is_known = decoded.get(before..) != Some(token.as_str());
    if !is_known {
        decoded.truncate(before);
    }
    is_known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_decoded_as_browsers_do() {
        for (text, expected) in [
            ("第1条&#150;第3条&#133;&#128;100&#153;", "第1条–第3条…€100™"),
            (
                "A&nbspB &copy 2026 Tom &amp Jerry &#9312 &#x9ad9",
                "A\u{a0}B © 2026 Tom & Jerry ① 髙",
            ),
            ("&euro;&Omega;&yen5,000&notit;", "€Ω¥5,000¬it;"),
            (
                "&#0;&#xD800;&#x110000;&#99999999999;",
                "\u{fffd}\u{fffd}\u{fffd}\u{fffd}",
            ),
            ("&unknown; & &; &# &#x; a&b", "&unknown; & &; &# &#x; a&b"),
            ("&hellip &hellip;", "&hellip …"),
            ("&é", "&é"),
        ] {
            assert_eq!(decoded(text, false), expected, "{text}");
        }
        assert_eq!(decoded("?a=1&copy=2&amp;b=3&lt", true), "?a=1&copy=2&b=3<");
    }

    #[test]
    fn every_name_that_counts_without_a_semicolon_is_known() {
        for name in LEGACY_NAMES {
            assert_eq!(
                decoded(&format!("&{name}"), false),
                decoded(&format!("&{name};"), false)
            );
            assert_ne!(decoded(&format!("&{name}"), false), format!("&{name}"));
        }
    }
}
