//! The languages of texts that do not come with one.

use crate::document::{Tone, Value};
use crate::structure::Language;

/// Of a piece of a value. Translations follow in small print, as sentences; addresses, digests and
/// times are in no language, and stay with what is around them.
pub(crate) fn of_value(value: &Value) -> Language {
    let text = value.text.as_str();
    if text.chars().any(is_east_asian) {
        return Language::Inherited;
    }
    let is_fixed = value.text.as_fixed().is_some();
    if is_fixed || (value.tone == Tone::Quiet && is_sentence(text)) {
        Language::English
    } else {
        Language::Inherited
    }
}

/// Of words of others: Japanese is known by its syllables, nothing else is claimed.
pub(crate) fn of_quotation(text: &str) -> Language {
    let is_syllable = |c| matches!(c, '\u{3041}'..='\u{30FF}' | '\u{FF66}'..='\u{FF9F}');
    if text.chars().any(is_syllable) {
        Language::Inherited
    } else {
        Language::Unknown
    }
}

fn is_east_asian(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FFEF}'
        | '\u{20000}'..='\u{3FFFF}')
}

/// Two words side by side.
fn is_sentence(text: &str) -> bool {
    let is_word = |word: &str| {
        let word = word.trim_end_matches(['.', ',', ':', ';']);
        word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    let mut was_word = false;
    text.split(' ').any(|word| {
        let is_word = is_word(word);
        std::mem::replace(&mut was_word, is_word) && is_word
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::fonts;
    use crate::visible::{Extent, Lines, Shown};

    const WIDE: Extent = Extent {
        lines_max: 9,
        width: 90.0,
    };

    #[test]
    fn translations_are_known_by_what_they_look_like() {
        for (text, tone, expected) in [
            (
                "Amazon SES accepted the message.",
                Tone::Quiet,
                Language::English,
            ),
            (
                "Amazon SES accepted the message.",
                Tone::Plain,
                Language::Inherited,
            ),
            (
                "SES がメッセージを受け付けました。",
                Tone::Plain,
                Language::Inherited,
            ),
            (
                "記録時刻 Recorded at this time",
                Tone::Quiet,
                Language::Inherited,
            ),
            (
                "2026-12-24 05:07:00.000 UTC",
                Tone::Quiet,
                Language::Inherited,
            ),
            ("SHA-256  00ff", Tone::Quiet, Language::Inherited),
            ("akashi.test", Tone::Quiet, Language::Inherited),
        ] {
            let shown = fonts().screen().show(text, Lines::One, WIDE);
            assert_eq!(of_value(&Value { text: shown, tone }), expected, "{text}");
        }
        let fixed = |text| Value {
            text: Shown::fixed(text),
            tone: Tone::Plain,
        };
        assert_eq!(of_value(&fixed("none")), Language::English);
        assert_eq!(of_value(&fixed("なし")), Language::Inherited);
    }

    #[test]
    fn of_words_of_others_only_japanese_is_claimed() {
        for (text, expected) in [
            ("契約を解除します。", Language::Inherited),
            ("合同会社", Language::Unknown),
            ("Vertrag", Language::Unknown),
            ("", Language::Unknown),
        ] {
            assert_eq!(of_quotation(text), expected, "{text}");
        }
    }
}
