//! Encoded words (RFC 2047, with the language of RFC 2231): read leniently, written strictly.

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

/// Decodes the encoded words of a text. White space between two of them vanishes (RFC 2047
/// section 6.2), and neighbours of one character set are joined before they are decoded, because
/// broken mailers split in the middle of a character.
pub(crate) fn decode(text: &str) -> String {
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

/// Writes a text for an unstructured field or a phrase: as it is where it is printable ASCII, else
/// as UTF-8 encoded words of at most 75 characters that never split a character (I-067), folded so
/// that no line is longer than 76. `name` is the field's name, which takes room on the first line.
pub(crate) fn encode(name: &str, text: &str) -> String {
    let is_plain = !text.contains("=?")
        && !text.starts_with(' ')
        && text
            .bytes()
            .all(|byte| byte == b' ' || byte.is_ascii_graphic());
    if is_plain && name.len() + 2 + text.len() <= LINE_LENGTH_MAX {
        return text.to_owned();
    }
    encode_words(name, text)
}

/// The same, as encoded words in any case.
pub(crate) fn encode_words(name: &str, text: &str) -> String {
    let mut folded = String::new();
    let mut room = ENCODED_WORD_OCTETS_MAX.min(octets_that_fit(LINE_LENGTH_MAX - name.len() - 2));
    let mut chunk = String::new();
    for c in text.chars() {
        if chunk.len() + c.len_utf8() > room {
            push_word(&mut folded, &chunk);
            chunk.clear();
            room = ENCODED_WORD_OCTETS_MAX;
        }
        chunk.push(c);
    }
    push_word(&mut folded, &chunk);
    folded
}

/// RFC 2047 section 2: a line with an encoded word has at most 76 characters.
const LINE_LENGTH_MAX: usize = 76;

/// An encoded word has at most 75 characters, 12 of them `=?UTF-8?B?` and `?=`: 60 of the rest
/// are whole groups of base64, and 60 characters hold 45 octets.
const ENCODED_WORD_OCTETS_MAX: usize = 45;

fn octets_that_fit(characters: usize) -> usize {
    characters.saturating_sub(12) / 4 * 3
}

fn push_word(folded: &mut String, chunk: &str) {
    if chunk.is_empty() {
        return;
    }
    if !folded.is_empty() {
        folded.push_str("\r\n ");
    }
    folded.push_str("=?UTF-8?B?");
    folded.push_str(&base64_simd::STANDARD.encode_to_string(chunk.as_bytes()));
    folded.push_str("?=");
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

    #[test]
    fn writes_words_of_75_characters_on_lines_of_76_that_read_back_i_067() {
        for text in [
            "",
            "plain",
            " leading",
            "=?x",
            "あ",
            "𠮷野家の①㈱",
            "caf\u{e9}",
        ]
        .into_iter()
        .map(str::to_owned)
        .chain([
            "髙﨑".repeat(200),
            "a".repeat(500),
            "aé𠮷".repeat(60),
            format!("{}あ", "x".repeat(75)),
        ]) {
            let encoded = encode("Subject", &text);
            let unfolded = encoded.replace("\r\n", "");
            assert_eq!(decode(&unfolded), text);
            for (number, line) in format!("Subject: {encoded}").split("\r\n").enumerate() {
                assert!(line.len() <= 76, "{number}: {line}");
                assert!(line.split(' ').all(|word| word.len() <= 75), "{line}");
            }
        }
    }
}
