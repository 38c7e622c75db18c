//! Encoded words (RFC 2047, with the language of RFC 2231): read leniently.

use domain::Damage;

use super::charset;
use super::encoding::{self, hex_octet};
use super::jis::is_left_open;
use crate::damage::Damages;

/// One `=?charset?B?...?=`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Word<'t> {
    charset: &'t str,
    octets: Vec<u8>,
    /// Whether its base64 is broken.
    is_damaged: bool,
}

/// A header value as Unicode text in which encoded words still stand: raw 8-bit octets and raw
/// ISO-2022-JP, which mailers should not write, are read by the character set that the mail names
/// elsewhere, or else by their validity.
pub(crate) fn raw_text<'m>(value: &'m [u8], hint: Option<&str>) -> charset::Text<'m> {
    charset::decode(value, None, hint)
}

/// Decodes the encoded words of a text (RFC 2047). White space between two of them vanishes
/// (section 6.2), and neighbours of one character set are joined before they are decoded, because
/// broken mailers split in the middle of a character.
#[must_use]
pub fn decode(text: &str) -> String {
    decode_and_note(text, &mut Damages::default())
}

/// Decodes the encoded words of a text, and says what of them was guessed or lost.
pub(crate) fn decode_and_note(text: &str, damages: &mut Damages) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut pending: Option<Word<'_>> = None;
    let mut rest = text;
    while let Some(start) = rest.find("=?") {
        let (before, candidate) = rest.split_at(start);
        let Some((word, length)) = parse(candidate) else {
            flush(&mut pending, &mut decoded, damages);
            decoded.push_str(before);
            decoded.push_str("=?");
            rest = candidate.get(2..).unwrap_or_default();
            continue;
        };
        let is_neighbour = pending.is_some() && before.chars().all(|c| c == ' ' || c == '\t');
        match &mut pending {
            Some(last) if is_neighbour && last.charset.eq_ignore_ascii_case(word.charset) => {
                last.join(&word, damages);
            }
            _ => {
                flush(&mut pending, &mut decoded, damages);
                if !is_neighbour {
                    decoded.push_str(before);
                }
                pending = Some(word);
            }
        }
        rest = candidate.get(length..).unwrap_or_default();
    }
    flush(&mut pending, &mut decoded, damages);
    decoded.push_str(rest);
    decoded
}

impl Word<'_> {
    /// Takes in the next word. It begins in ASCII (RFC 2047 section 3), also where this one is in
    /// ISO-2022-JP and left open; unless it is its other half, which switches back.
    fn join(&mut self, next: &Word<'_>, damages: &mut Damages) {
        let first_escape = memchr::memchr(0x1b, &next.octets);
        let switches_back = first_escape
            .is_some_and(|at| matches!(next.octets.get(at + 1..at + 3), Some([b'(', b'B' | b'J'])));
        if is_left_open(&self.octets) && !switches_back && is_jis(self.charset) {
            self.octets.extend_from_slice(b"\x1b(B");
            damages.add(Damage::OpenJisLine);
        }
        self.octets.extend_from_slice(&next.octets);
        self.is_damaged |= next.is_damaged;
    }
}

fn is_jis(charset: &str) -> bool {
    let name = charset.get(..ISO_2022_JP.len());
    name.is_some_and(|name| name.eq_ignore_ascii_case(ISO_2022_JP))
}

const ISO_2022_JP: &str = "iso-2022-jp";

fn flush(pending: &mut Option<Word<'_>>, decoded: &mut String, damages: &mut Damages) {
    let Some(word) = pending.take() else {
        return;
    };
    let read = charset::decode(&word.octets, Some(word.charset), None);
    decoded.push_str(&read.text);
    read.header_damages().for_each(|damage| damages.add(damage));
    if word.is_damaged {
        damages.add(Damage::TransferEncoding);
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
    let (octets, is_damaged) = if is_base64 {
        let decoded = encoding::base64(encoded.as_bytes());
        (decoded.bytes.into_owned(), decoded.is_damaged)
    } else {
        (q_octets(encoded), false)
    };
    let word = Word {
        charset,
        octets,
        is_damaged,
    };
    Some((word, length))
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
            // The first one is left open, and the second one is not its other half.
            ("=?ISO-2022-JP?B?GyRCJCI=?= =?ISO-2022-JP?Q?_b?=", "あ b"),
            // The second one is the other half of the first.
            (
                "=?ISO-2022-JP?B?GyRCJCI=?= =?ISO-2022-JP?B?JCQbKEI=?=",
                "あい",
            ),
            ("=?UTF-8?X?44GC?=", "=?UTF-8?X?44GC?="),
            ("=?UTF-8?B?44GC", "=?UTF-8?B?44GC"),
            ("=?=?=?", "=?=?=?"),
        ] {
            assert_eq!(decode(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_guessed_or_lost_is_said() {
        for (text, expected) in [
            ("=?UTF-8?B?44GC?= plain", None),
            ("=?UTF-8?B?44GC4w==?=", Some(Damage::HeaderCharsetBroken)),
            (
                "=?UTF-8?Q?=82=A0=82=A2?=",
                Some(Damage::HeaderCharsetGuessed),
            ),
            ("=?X-None?B?44GC?=", Some(Damage::HeaderCharsetGuessed)),
            ("=?UTF-8?B?44GC*?=", Some(Damage::TransferEncoding)),
        ] {
            let mut damages = Damages::default();
            decode_and_note(text, &mut damages);
            assert!(damages.iter().eq(expected), "{text}");
        }
    }
}
