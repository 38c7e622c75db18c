//! Encoded words (RFC 2047), written strictly.

/// Writes a text for an unstructured field or a phrase: as it is where it is printable ASCII, else
/// as UTF-8 encoded words of at most 75 characters that never split a character (I-067), folded so
/// that no line is longer than 76. `name` is the field's name, which takes room on the first line.
pub(super) fn encode(name: &str, text: &str) -> String {
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
pub(super) fn encode_words(name: &str, text: &str) -> String {
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
    use mail::decode_encoded_words;

    use super::*;

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
            assert_eq!(decode_encoded_words(&unfolded), text);
            for (number, line) in format!("Subject: {encoded}").split("\r\n").enumerate() {
                assert!(line.len() <= 76, "{number}: {line}");
                assert!(line.split(' ').all(|word| word.len() <= 75), "{line}");
            }
        }
    }
}
