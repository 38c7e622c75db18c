//! Octets to text, in every character set that mail really uses, also where the label is missing,
//! unknown or wrong. What was done is said in a [`Charset`].

use std::borrow::Cow;

use domain::{Charset, CharsetReason, Damage};
use encoding_rs::{
    EUC_JP, Encoding, ISO_2022_JP, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252,
};
use memchr::memchr;

use super::header::{slice, without_returns};

/// What a label promises.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Promise {
    Nothing,
    Unknown,
    Utf7,
    Encoding(&'static Encoding),
}

/// A text, and how it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text<'m> {
    pub(crate) text: Cow<'m, str>,
    pub(crate) charset: Charset,
    /// Whether a line in ISO-2022-JP was read as if it ended as it should.
    pub(crate) has_open_line: bool,
}

impl Text<'_> {
    /// What has to be said of it, as the text of a body.
    pub(crate) fn damages(&self) -> impl Iterator<Item = Damage> {
        let reading = match self.charset.reason {
            CharsetReason::AsLabelled => None,
            CharsetReason::NoLabel | CharsetReason::UnknownLabel | CharsetReason::WrongLabel => {
                Some(Damage::CharsetGuessed)
            }
            CharsetReason::Undecodable => Some(Damage::CharsetBroken),
        };
        reading
            .into_iter()
            .chain(self.has_open_line.then_some(Damage::OpenJisLine))
    }

    /// What has to be said of it, as text of a header. UTF-8 needs no label there (RFC 6532).
    pub(crate) fn header_damages(&self) -> impl Iterator<Item = Damage> {
        let is_plain =
            self.charset.reason == CharsetReason::NoLabel && self.charset.read_as == UTF_8.name();
        self.damages().filter_map(move |damage| match damage {
            Damage::CharsetGuessed if is_plain => None,
            Damage::CharsetGuessed => Some(Damage::HeaderCharsetGuessed),
            Damage::CharsetBroken => Some(Damage::HeaderCharsetBroken),
            other => Some(other),
        })
    }
}

/// Reads octets as text. Never fails: what is valid nowhere is shown as U+FFFD.
///
/// `hint` is a label that stands elsewhere in the mail, for octets that have none of their own. It
/// is tried before the octets decide.
pub(crate) fn decode<'m>(octets: &'m [u8], label: Option<&str>, hint: Option<&str>) -> Text<'m> {
    let promise = promise_of(label);
    let read = |text: Cow<'m, str>, encoding: &'static Encoding, reason| Text {
        has_open_line: encoding == ISO_2022_JP && has_open_jis_line(octets),
        text,
        charset: Charset {
            label: label.map(str::to_owned),
            read_as: encoding.name().to_owned(),
            reason,
        },
    };
    if promise == Promise::Utf7 {
        return utf_7(octets, label);
    }
    let octets = octets.strip_prefix(b"\xef\xbb\xbf").unwrap_or(octets);
    if octets.is_ascii() && memchr(0x1b, octets).is_none() && !is_wide(promise) {
        let text = std::str::from_utf8(octets).unwrap_or_default();
        let name = match promise {
            Promise::Encoding(encoding) => encoding,
            Promise::Nothing | Promise::Unknown | Promise::Utf7 => UTF_8,
        };
        return read(Cow::Borrowed(text), name, CharsetReason::AsLabelled);
    }
    let wrong = match promise {
        Promise::Nothing | Promise::Utf7 => CharsetReason::NoLabel,
        Promise::Unknown => CharsetReason::UnknownLabel,
        Promise::Encoding(_) => CharsetReason::WrongLabel,
    };
    if let Promise::Encoding(encoding) = promise {
        if let Some(text) = valid_as_labelled(octets, encoding) {
            return read(text, encoding, CharsetReason::AsLabelled);
        }
    }
    if is_damaged_utf_8(octets) {
        let text = String::from_utf8_lossy(octets);
        return read(text, UTF_8, CharsetReason::Undecodable);
    }
    if let Some((text, encoding)) = valid_in_some_candidate(octets, hint) {
        return read(text, encoding, wrong);
    }
    match promise {
        Promise::Encoding(encoding) if !is_plausibly_european(octets) => {
            let (text, _) = decode_in(octets, encoding);
            read(text, encoding, CharsetReason::Undecodable)
        }
        Promise::Encoding(_) | Promise::Nothing | Promise::Unknown | Promise::Utf7 => {
            let (text, _) = decode_in(octets, WINDOWS_1252);
            read(text, WINDOWS_1252, wrong)
        }
    }
}

/// Valid in the labelled encoding, unless that one takes any octet and UTF-8 fits too: text in a
/// European single-byte character set is hardly ever valid UTF-8 by chance.
fn valid_as_labelled<'m>(octets: &'m [u8], encoding: &'static Encoding) -> Option<Cow<'m, str>> {
    let is_utf_8_after_all = encoding.is_single_byte() && std::str::from_utf8(octets).is_ok();
    let is_jis_after_all = encoding != ISO_2022_JP && octets.is_ascii() && has_jis_escape(octets);
    if (is_utf_8_after_all && !octets.is_ascii()) || is_jis_after_all {
        return None;
    }
    match decode_in(octets, encoding) {
        (text, false) => Some(text),
        (_, true) => None,
    }
}

/// Whether these octets are UTF-8 of which a little is broken, as where a program cut it inside a
/// character: there are no fewer whole characters of three or four octets than broken places. Text
/// in another character set hardly ever has one by chance.
fn is_damaged_utf_8(octets: &[u8]) -> bool {
    let (mut whole, mut broken) = (0_usize, 0_usize);
    for chunk in octets.utf8_chunks() {
        whole += chunk.valid().chars().filter(|c| c.len_utf8() > 2).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    broken > 0 && whole >= broken
}

/// UTF-8, ISO-2022-JP, EUC-JP and Shift_JIS announce themselves by their validity, and the two last
/// by what comes out, too.
fn valid_in_some_candidate<'m>(
    octets: &'m [u8],
    hint: Option<&str>,
) -> Option<(Cow<'m, str>, &'static Encoding)> {
    if octets.is_ascii() {
        let jis = has_jis_escape(octets).then(|| decode_in(octets, ISO_2022_JP));
        return match jis {
            Some((text, false)) => Some((text, ISO_2022_JP)),
            Some((_, true)) => None,
            // Some other escape sequence; the octets are ASCII.
            None => Some((decode_in(octets, UTF_8).0, UTF_8)),
        };
    }
    if let Ok(text) = std::str::from_utf8(octets) {
        return Some((Cow::Borrowed(text), UTF_8));
    }
    if let Promise::Encoding(encoding) = promise_of(hint)
        && let (text, false) = decode_in(octets, encoding)
    {
        return Some((text, encoding));
    }
    let (euc, euc_fails) = decode_in(octets, EUC_JP);
    let (sjis, sjis_fails) = decode_in(octets, SHIFT_JIS);
    match (
        !euc_fails && is_plausibly_japanese(&euc),
        !sjis_fails && is_plausibly_japanese(&sjis),
    ) {
        (true, true) if japanese_score(&sjis) > japanese_score(&euc) => Some((sjis, SHIFT_JIS)),
        (true, _) => Some((euc, EUC_JP)),
        (false, true) => Some((sjis, SHIFT_JIS)),
        (false, false) => None,
    }
}

/// How many characters are looked at to tell whether a guess is plausible.
const GUESS_CHARS_MAX: usize = 4_096;

/// Whether what comes out is Japanese as people write it. Accented letters of Europe, read as two
/// octets of a Japanese character set, become rare kanji between Latin letters, or half-width kana
/// beside them.
fn is_plausibly_japanese(text: &str) -> bool {
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
fn is_plausibly_european(octets: &[u8]) -> bool {
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
fn japanese_score(text: &str) -> i64 {
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

fn decode_in<'m>(octets: &'m [u8], encoding: &'static Encoding) -> (Cow<'m, str>, bool) {
    if encoding == ISO_2022_JP {
        let octets = with_closed_lines(octets);
        let octets = without_idle_escapes(&octets);
        let (text, failed) = encoding.decode_without_bom_handling(&octets);
        return (Cow::Owned(text.into_owned()), failed);
    }
    encoding.decode_without_bom_handling(octets)
}

/// The Encoding Standard calls an escape sequence that is followed by another one an error, as a
/// defense for browsers. Mailers write them, above all where encoded words meet.
fn without_idle_escapes(octets: &[u8]) -> Cow<'_, [u8]> {
    let mut kept = Vec::with_capacity(octets.len());
    let mut rest = octets;
    while let Some(position) = memchr(0x1b, rest) {
        let (text, escape) = rest.split_at(position);
        kept.extend_from_slice(text);
        let (this, after) = escape.split_at(escape.len().min(3));
        if !(is_jis_escape(this) && is_jis_escape(after.get(..3).unwrap_or_default())) {
            kept.extend_from_slice(this);
        }
        rest = after;
    }
    kept.extend_from_slice(rest);
    Cow::Owned(kept)
}

/// Switches back to ASCII at the end of each line: RFC 1468 asks for that, old mailers leave it
/// out, and the next line is in ASCII all the same.
fn with_closed_lines(octets: &[u8]) -> Cow<'_, [u8]> {
    if !has_open_jis_line(octets) {
        return Cow::Borrowed(octets);
    }
    let mut closed = Vec::with_capacity(octets.len() + 64);
    for line in octets.split_inclusive(|byte| *byte == b'\n') {
        let content = without_returns(line.strip_suffix(b"\n").unwrap_or(line));
        closed.extend_from_slice(content);
        if is_left_open(content) {
            closed.extend_from_slice(b"\x1b(B");
        }
        closed.extend_from_slice(slice(line, content.len()..line.len()));
    }
    Cow::Owned(closed)
}

/// Whether a line that another one follows ends in another set than ASCII.
fn has_open_jis_line(octets: &[u8]) -> bool {
    let last_end = memchr::memrchr(b'\n', octets).unwrap_or(0);
    let mut lines = slice(octets, 0..last_end).split(|byte| *byte == b'\n');
    lines.any(|line| is_left_open(without_returns(line)))
}

/// Whether the last escape sequence of a text chose a set of Japanese characters. Each line begins
/// in ASCII.
pub(super) fn is_left_open(line: &[u8]) -> bool {
    let last = memchr::memrchr(0x1b, line);
    last.is_some_and(|at| {
        matches!(
            line.get(at + 1..at + 3),
            Some([b'$', b'@' | b'B'] | [b'(', b'I'])
        )
    })
}

fn is_jis_escape(sequence: &[u8]) -> bool {
    matches!(
        sequence,
        [0x1b, b'$', b'@' | b'B'] | [0x1b, b'(', b'B' | b'J' | b'I']
    )
}

fn has_jis_escape(octets: &[u8]) -> bool {
    memchr::memchr_iter(0x1b, octets)
        .any(|position| is_jis_escape(octets.get(position..position + 3).unwrap_or_default()))
}

fn is_wide(promise: Promise) -> bool {
    matches!(promise, Promise::Encoding(encoding) if encoding == UTF_16BE || encoding == UTF_16LE)
}

/// Labels of the Encoding Standard, and those that mailers write and it does not know.
fn promise_of(label: Option<&str>) -> Promise {
    let Some(label) = label else {
        return Promise::Nothing;
    };
    let label = label
        .trim_matches(['"', '\'', ' ', '\t'])
        .to_ascii_lowercase();
    let known = match label.as_str() {
        "" | "us-ascii" | "ascii" | "ansi_x3.4-1968" | "iso-ir-6" | "unknown-8bit"
        | "x-unknown" | "default" | "unknown" | "binary" => return Promise::Nothing,
        "utf-7" | "unicode-1-1-utf-7" | "x-utf-7" | "utf7" => return Promise::Utf7,
        "iso-2022-jp-1" | "iso-2022-jp-2" | "iso-2022-jp-3" | "iso-2022-jp-2004"
        | "iso-2022-jp-ms" | "cp50220" | "cp50221" | "cp50222" | "x-iso-2022-jp" | "jis"
        | "_iso-2022-jp" | "_iso-2022-jp$esc" | "_iso-2022-jp$sio" => "iso-2022-jp",
        "cp932" | "x-ms-cp932" | "windows-932" | "mskanji" | "shift_jis-2004"
        | "shift_jisx0213" | "x-sjis-cp932" | "cp943" | "cp943c" => "shift_jis",
        "eucjp" | "eucjp-ms" | "eucjp-win" | "cp51932" | "euc_jp" | "euc-jisx0213" => "euc-jp",
        "cp936" | "ms936" | "gb-18030" => "gb18030",
        "cp949" | "ms949" | "uhc" => "euc-kr",
        "cp950" | "ms950" => "big5",
        "utf-8-mac" | "utf8mb4" | "utf_8" | "x-utf-8" => "utf-8",
        other => other,
    };
    match Encoding::for_label_no_replacement(known.as_bytes()) {
        Some(encoding) => Promise::Encoding(encoding),
        None => Promise::Unknown,
    }
}

/// UTF-7 (RFC 2152), which the Encoding Standard leaves out and old mailers still write.
fn utf_7<'m>(octets: &[u8], label: Option<&str>) -> Text<'m> {
    let mut text = String::with_capacity(octets.len());
    let mut is_damaged = !octets.is_ascii();
    let mut rest = octets;
    while let Some(position) = memchr(b'+', rest) {
        let (direct, shifted) = rest.split_at(position);
        text.push_str(&String::from_utf8_lossy(direct));
        let shifted = shifted.get(1..).unwrap_or_default();
        let length = shifted
            .iter()
            .position(|byte| !(byte.is_ascii_alphanumeric() || b"+/".contains(byte)))
            .unwrap_or(shifted.len());
        let (digits, after) = shifted.split_at(length);
        if digits.is_empty() && after.first() == Some(&b'-') {
            text.push('+');
        } else {
            is_damaged |= push_utf_16_digits(digits, &mut text);
        }
        rest = after.strip_prefix(b"-").unwrap_or(after);
    }
    text.push_str(&String::from_utf8_lossy(rest));
    let reason = if is_damaged {
        CharsetReason::Undecodable
    } else {
        CharsetReason::AsLabelled
    };
    Text {
        text: Cow::Owned(text),
        charset: Charset {
            label: label.map(str::to_owned),
            read_as: "UTF-7".to_owned(),
            reason,
        },
        has_open_line: false,
    }
}

/// Whether something could not be read.
fn push_utf_16_digits(digits: &[u8], text: &mut String) -> bool {
    // Whole units only: what is left over of the last digit is filling.
    let octets = super::encoding::base64(digits).bytes;
    let units = octets.chunks_exact(2).map(|pair| match pair {
        [high, low] => u16::from_be_bytes([*high, *low]),
        _ => 0,
    });
    let mut is_damaged = digits.is_empty();
    for unit in char::decode_utf16(units) {
        is_damaged |= unit.is_err();
        text.push(unit.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    is_damaged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(
        octets: &[u8],
        label: Option<&str>,
        expected: &str,
        read_as: &str,
        why: CharsetReason,
    ) {
        let read = decode(octets, label, None);
        let (text, charset) = (read.text, read.charset);
        assert_eq!(text, expected);
        assert_eq!((charset.read_as.as_str(), charset.reason), (read_as, why));
    }

    #[test]
    fn reads_the_japanese_character_sets_with_their_vendor_extensions_x_8() {
        use CharsetReason::AsLabelled;
        // ① and ㈱ of NEC row 13, 髙 and 﨑 of the IBM extension, half-width kana.
        check(
            b"\x1b$B-!-j|byu\x1b(B \x1b(I1\x1b(B",
            Some("iso-2022-jp"),
            "①㈱髙﨑 ｱ",
            "ISO-2022-JP",
            AsLabelled,
        );
        check(
            b"\x87\x40\x87\x8a\xfb\xfc\xb1",
            Some("CP932"),
            "①㈱髙ｱ",
            "Shift_JIS",
            AsLabelled,
        );
        check(
            b"\xad\xa1\xad\xea\x8e\xb1",
            Some("euc-jp"),
            "①㈱ｱ",
            "EUC-JP",
            AsLabelled,
        );
    }

    #[test]
    fn reads_other_character_sets_as_labelled() {
        use CharsetReason::AsLabelled;
        check("あ".as_bytes(), Some("UTF-8"), "あ", "UTF-8", AsLabelled);
        check(
            b"\xc4\xe3\xba\xc3",
            Some("gb2312"),
            "你好",
            "GBK",
            AsLabelled,
        );
        check(
            b"\xb0\xa1",
            Some("ks_c_5601-1987"),
            "가",
            "EUC-KR",
            AsLabelled,
        );
        check(
            b"caf\xe9",
            Some("iso-8859-1"),
            "café",
            "windows-1252",
            AsLabelled,
        );
        check(
            b"\xcf\xf0",
            Some("windows-1251"),
            "Пр",
            "windows-1251",
            AsLabelled,
        );
        check(
            b"Hi +MEIwRA- +- +AGE",
            Some("utf-7"),
            "Hi あい + a",
            "UTF-7",
            AsLabelled,
        );
    }

    #[test]
    fn says_when_the_label_was_wrong_missing_or_unknown() {
        use CharsetReason::{NoLabel, Undecodable, UnknownLabel, WrongLabel};
        check(
            "髙﨑".as_bytes(),
            Some("iso-8859-1"),
            "髙﨑",
            "UTF-8",
            WrongLabel,
        );
        check(
            b"\x1b$B$\"\x1b(B",
            Some("us-ascii"),
            "あ",
            "ISO-2022-JP",
            NoLabel,
        );
        check(
            b"\x1b$B$\"\x1b(B",
            Some("utf-8"),
            "あ",
            "ISO-2022-JP",
            WrongLabel,
        );
        check(
            "あ".as_bytes(),
            Some("shift_jis"),
            "あ",
            "UTF-8",
            WrongLabel,
        );
        check(
            b"\x82\xa0\x82\xa2\x81B",
            None,
            "あい。",
            "Shift_JIS",
            NoLabel,
        );
        check(
            b"\xa4\xa2\xa4\xa4\xa1\xa3",
            None,
            "あい。",
            "EUC-JP",
            NoLabel,
        );
        check(
            b"\xa4\xa2\xa4\xa4",
            Some("x-nonsense"),
            "あい",
            "EUC-JP",
            UnknownLabel,
        );
        check(b"caf\xe9 \xff", None, "café ÿ", "windows-1252", NoLabel);
        check(
            b"\xff\xfe!",
            Some("utf-8"),
            "\u{fffd}\u{fffd}!",
            "UTF-8",
            Undecodable,
        );
    }

    #[test]
    fn an_escape_sequence_that_changes_nothing_is_no_error() {
        let joined = b"\x1b$B$\"\x1b(B\x1b$B$$\x1b(B";
        check(
            joined,
            Some("iso-2022-jp"),
            "あい",
            "ISO-2022-JP",
            CharsetReason::AsLabelled,
        );
    }

    #[test]
    fn utf_8_cut_inside_a_character_stays_what_its_label_says() {
        use CharsetReason::Undecodable;
        for (text, cut) in [
            ("確認事項", 1),
            ("確認事項", 2),
            ("御見積書_お客様控え.pdf", 5),
        ] {
            let octets = &text.as_bytes()[..text.len() - cut];
            let expected = String::from_utf8_lossy(octets);
            assert_eq!(expected.matches('\u{fffd}').count(), 1);
            for label in [Some("utf-8"), None, Some("x-nonsense")] {
                check(octets, label, &expected, "UTF-8", Undecodable);
            }
        }
    }

    #[test]
    fn each_line_of_iso_2022_jp_begins_in_ascii() {
        let open = b"\x1b$BK\\F|\r\nTel 03\n\x1b$BK\\F|";
        let read = decode(open, Some("iso-2022-jp"), None);
        assert_eq!(read.text, "本日\r\nTel 03\n本日");
        assert!(read.has_open_line);
        let closed = b"\x1b$BK\\F|\x1b(B\r\n\x1b$BK\\F|";
        assert!(!decode(closed, Some("iso-2022-jp"), None).has_open_line);
    }

    #[test]
    fn european_text_becomes_no_kanji() {
        use CharsetReason::{NoLabel, WrongLabel};
        for text in [
            "Bénédicte",
            "Grüße aus München",
            "Résumé du procès-verbal",
            "L’été à Orléans – 100 €",
            "ÉCOLE SUPÉRIEURE",
            "señor Muñoz",
            "Åke Sjöström",
        ] {
            let (octets, _, _) = WINDOWS_1252.encode(text);
            check(&octets, None, text, "windows-1252", NoLabel);
            check(&octets, Some("utf-8"), text, "windows-1252", WrongLabel);
        }
        let (octets, _, _) = encoding_rs::WINDOWS_1251.encode("Договор аренды");
        let read = decode(&octets, None, Some("windows-1251"));
        assert_eq!(read.text, "Договор аренды");
        assert_eq!(read.charset.reason, NoLabel);
    }

    #[test]
    fn japanese_without_a_label_is_read_as_japanese() {
        for text in [
            "株式会社山田商店",
            "山田太郎",
            "ご連絡",
            "ｶﾌﾞｼｷｶﾞｲｼﾔ 御中",
            "ABC株式会社 part 2",
        ] {
            let (octets, _, _) = SHIFT_JIS.encode(text);
            check(&octets, None, text, "Shift_JIS", CharsetReason::NoLabel);
            let (octets, _, _) = EUC_JP.encode(text);
            check(&octets, None, text, "EUC-JP", CharsetReason::NoLabel);
        }
    }
}
