//! Encoded words (RFC 2047, with the language of RFC 2231): read leniently.

use std::borrow::Cow;

use super::charset;
use super::encoding::{self, hex_octet};

/// One `=?charset?B?...?=`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Word<'t> {
    charset: &'t str,
    octets: Vec<u8>,
}

/// A header value as Unicode text in which encoded words still stand: raw 8-bit octets and raw
/// ISO-2022-JP, which mailers should not write, are read by their validity.
pub(crate) fn raw_text(value: &[u8]) -> Cow<'_, str> {
    charset::decode(value, None).0
}

/// Decodes the encoded words of a text (RFC 2047). White space between two of them vanishes
/// (section 6.2), and neighbours of one character set are joined before they are decoded, because
/// broken mailers split in the middle of a character.
#[must_use]
pub fn decode(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut pending: Option<Word<'_>> = None;
    let mut rest = text;
    while let Some(start) = rest.find("=?") {
        let (before, candidate) = rest.split_at(start);
        let Some((word, length)) = parse(candidate) else {
            flush(&mut pending, &mut decoded);
            decoded.push_str(before);
            decoded.push_str("=?");
            rest = candidate.get(2..).unwrap_or_default();
            continue;
        };
        let is_neighbour = pending.is_some() && before.chars().all(|c| c == ' ' || c == '\t');
        match &mut pending {
            Some(last) if is_neighbour && last.charset.eq_ignore_ascii_case(word.charset) => {
                last.octets.extend_from_slice(&word.octets);
            }
            _ => {
                flush(&mut pending, &mut decoded);
                if !is_neighbour {
                    decoded.push_str(before);
                }
                pending = Some(word);
            }
        }
        rest = candidate.get(length..).unwrap_or_default();
    }
    flush(&mut pending, &mut decoded);
    decoded.push_str(rest);
    decoded
}

fn flush(pending: &mut Option<Word<'_>>, decoded: &mut String) {
    if let Some(word) = pending.take() {
        decoded.push_str(&charset::decode(&word.octets, Some(word.charset)).0);
    }
}

/// The length of the encoded word that the text begins with, if it begins with one.
pub(crate) fn length_at_start(text: &str) -> Option<usize> {
    let rest = text.strip_prefix("=?")?;
    let (charset, rest) = rest.split_once('?')?;
    let (encoding, rest) = rest.split_once('?')?;
    let is_word = !charset.is_empty()
        && charset.len() <= CHARSET_LENGTH_MAX
        && charset.bytes().all(|byte| byte.is_ascii_graphic())
        && matches!(encoding, "B" | "b" | "Q" | "q");
    // Encoded text holds no `?`, so a search never runs further than to the next one.
    let end = is_word.then(|| rest.find('?'))??;
    rest.get(end + 1..)?
        .starts_with('=')
        .then(|| text.len() - rest.len() + end + 2)
}

/// No character set has a longer name.
const CHARSET_LENGTH_MAX: usize = 60;

fn parse(text: &str) -> Option<(Word<'_>, usize)> {
    let length = length_at_start(text)?;
    let mut fields = text.get(2..length - 2)?.splitn(3, '?');
    let charset = fields.next()?.split('*').next()?;
    let is_base64 = matches!(fields.next()?, "B" | "b");
    let encoded = fields.next()?;
    let octets = if is_base64 {
        encoding::base64(encoded.as_bytes()).bytes.into_owned()
    } else {
        q_octets(encoded)
    };
    Some((Word { charset, octets }, length))
}

/// RFC 2047 section 4.2: `_` is a space, `=XX` an octet.
fn q_octets(encoded: &str) -> Vec<u8> {
    let mut octets = Vec::with_capacity(encoded.len());
    let mut rest = encoded.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let octet = hex_octet(after.get(..2).unwrap_or_default());
        rest = match (first, octet) {
            (b'=', Some(octet)) => {
                octets.push(octet);
                after.get(2..).unwrap_or_default()
            }
            (b'_', _) => {
                octets.push(b' ');
                after
            }
            _ => {
                octets.push(first);
                after
            }
        };
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_words_in_all_character_sets_and_joins_split_characters() {
        for (text, expected) in [
            ("plain", "plain"),
            ("=?UTF-8?B?44GC?=", "あ"),
            ("=?utf-8*ja?q?=E3=81=82_b?= c", "あ b c"),
            ("a =?UTF-8?B?44GC?= =?UTF-8?Q?=E3=81=84?= b", "a あい b"),
            // The three octets of あ in two words.
            ("=?UTF-8?B?44E=?= =?UTF-8?B?gg==?=", "あ"),
            (
                "=?ISO-2022-JP?B?GyRCJCIbKEI=?= =?ISO-2022-JP?B?GyRCJCQbKEI=?=",
                "あい",
            ),
            ("=?iso-2022-jp?B?GyRCLSF8YhsoQg==?=", "①髙"),
            ("=?UTF-8?B?44GC?==?UTF-8?B?44GE?=", "あい"),
            ("=?UTF-8?X?44GC?=", "=?UTF-8?X?44GC?="),
            ("=?UTF-8?B?44GC", "=?UTF-8?B?44GC"),
            ("=?=?=?", "=?=?=?"),
        ] {
            assert_eq!(decode(text), expected, "{text}");
        }
    }
}
