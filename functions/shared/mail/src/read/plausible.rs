//! Whether a guess at a character set makes sense of what comes out.

use encoding_rs::{EUC_JP, WINDOWS_1252};

use super::header::slice;

/// Whether these octets are UTF-8 of which a little is broken, as where a program cut it inside a
/// character: there are no fewer whole characters of three or four octets than broken places. Text
/// in another character set hardly ever has one by chance.
pub(super) fn is_damaged_utf_8(octets: &[u8]) -> bool {
    let (mut whole, mut broken) = (0_usize, 0_usize);
    for chunk in octets.utf8_chunks() {
        whole += chunk.valid().chars().filter(|c| c.len_utf8() > 2).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    broken > 0 && whole >= broken
}

/// How many characters are looked at to tell whether a guess is plausible.
const GUESS_CHARS_MAX: usize = 4_096;

/// Whether what comes out is Japanese as people write it. Accented letters of Europe, read as two
/// octets of a Japanese character set, become rare kanji between Latin letters, or half-width kana
/// beside them.
pub(super) fn is_plausibly_japanese(text: &str) -> bool {
    let (mut speaking_for, mut against) = (0_usize, 0_usize);
    let mut before = ' ';
    let mut characters = text.chars().take(GUESS_CHARS_MAX).peekable();
    while let Some(c) = characters.next() {
        let after = characters.peek().copied().unwrap_or(' ');
        let is_between_letters = before.is_ascii_alphabetic() || after.is_ascii_alphabetic();
        match c {
            'ぁ'..='ん' | 'ァ'..='ー' | '、' | '。' | '「' | '」' => speaking_for += 2,
            '\u{ff61}'..='\u{ff9f}' if is_between_letters => against += 1,
            '\u{ff61}'..='\u{ff9f}' => speaking_for += 1,
            '\u{e000}'..='\u{f8ff}' => against += 2,
            c if is_cjk(c) && is_common_kanji(c) => speaking_for += 1,
            c if is_cjk(c) && is_between_letters => against += 2,
            c if is_cjk(c) => against += 1,
            _ => {}
        }
        before = c;
    }
    speaking_for > against
}

fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

/// Whether a kanji is one of level 1 of JIS X 0208, which hold nearly all of what is written.
fn is_common_kanji(c: char) -> bool {
    let mut written = [0; 4];
    let (octets, _, _) = EUC_JP.encode(c.encode_utf8(&mut written));
    matches!(octets.first(), Some(0xb0..=0xcf))
}

/// Whether octets are European text: letters and signs of Windows-1252 that stand beside Latin
/// letters.
pub(super) fn is_plausibly_european(octets: &[u8]) -> bool {
    let is_letter = |at: Option<usize>| {
        at.and_then(|at| octets.get(at))
            .is_some_and(u8::is_ascii_alphabetic)
    };
    let (mut signs, mut beside_letters) = (0_usize, 0_usize);
    for (at, byte) in octets.iter().enumerate().take(GUESS_CHARS_MAX) {
        if byte.is_ascii() {
            continue;
        }
        let (text, _) = WINDOWS_1252.decode_without_bom_handling(slice(octets, at..at + 1));
        let is_sign = |c: char| c.is_alphabetic() || "\u{a0}‘’“”–—…€«»°§©®·¿¡ºª".contains(c);
        if !text.chars().all(is_sign) {
            return false;
        }
        signs += 1;
        beside_letters += usize::from(is_letter(at.checked_sub(1)) || is_letter(Some(at + 1)));
    }
    signs > 0 && beside_letters * 2 >= signs
}

/// Kana speak for Japanese read rightly; half-width kana and rare kanji for Japanese read wrongly.
pub(super) fn japanese_score(text: &str) -> i64 {
    text.chars()
        .map(|c| match c {
            'ぁ'..='ん' | 'ァ'..='ー' | '、' | '。' => 3,
            '\u{ff61}'..='\u{ff9f}' => -1,
            '\u{4e00}'..='\u{9fff}' => 1,
            '\u{e000}'..='\u{f8ff}' => -3,
            _ => 0,
        })
        .sum()
}
