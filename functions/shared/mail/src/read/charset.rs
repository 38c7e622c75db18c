//! Octets to text, in every character set that mail really uses, also where the label is missing,
//! unknown or wrong. What was done is said in a [`Charset`].

use std::borrow::Cow;

use domain::{Charset, CharsetReason};
use encoding_rs::{
    EUC_JP, Encoding, ISO_2022_JP, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252,
};
use memchr::memchr;

/// What a label promises.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Promise {
    Nothing,
    Unknown,
    Utf7,
    Encoding(&'static Encoding),
}

/// Reads octets as text. Never fails: what is valid nowhere is shown as U+FFFD.
pub(crate) fn decode<'m>(octets: &'m [u8], label: Option<&str>) -> (Cow<'m, str>, Charset) {
    let promise = promise_of(label);
    let charset = |encoding: &'static Encoding, reason| Charset {
        label: label.map(str::to_owned),
        read_as: encoding.name().to_owned(),
        reason,
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
        return (
            Cow::Borrowed(text),
            charset(name, CharsetReason::AsLabelled),
        );
    }
    let wrong = match promise {
        Promise::Nothing | Promise::Utf7 => CharsetReason::NoLabel,
        Promise::Unknown => CharsetReason::UnknownLabel,
        Promise::Encoding(_) => CharsetReason::WrongLabel,
    };
    if let Promise::Encoding(encoding) = promise
        && let Some(text) = valid_as_labelled(octets, encoding)
    {
        return (text, charset(encoding, CharsetReason::AsLabelled));
    }
    if let Some((text, encoding)) = valid_in_some_candidate(octets) {
        return (text, charset(encoding, wrong));
    }
    match promise {
        Promise::Encoding(encoding) => {
            let (text, _) = decode_in(octets, encoding);
            (text, charset(encoding, CharsetReason::Undecodable))
        }
        Promise::Nothing | Promise::Unknown | Promise::Utf7 => {
            let (text, _) = decode_in(octets, WINDOWS_1252);
            (text, charset(WINDOWS_1252, wrong))
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

/// UTF-8, ISO-2022-JP, EUC-JP and Shift_JIS announce themselves by their validity.
fn valid_in_some_candidate(octets: &[u8]) -> Option<(Cow<'_, str>, &'static Encoding)> {
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
    let (euc, euc_fails) = decode_in(octets, EUC_JP);
    let (sjis, sjis_fails) = decode_in(octets, SHIFT_JIS);
    let looks_japanese = |text: &str| japanese_score(text) > 0;
    match (
        !euc_fails && looks_japanese(&euc),
        !sjis_fails && looks_japanese(&sjis),
    ) {
        (true, true) if japanese_score(&sjis) > japanese_score(&euc) => Some((sjis, SHIFT_JIS)),
        (true, _) => Some((euc, EUC_JP)),
        (false, true) => Some((sjis, SHIFT_JIS)),
        (false, false) => None,
    }
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
        let octets = without_idle_escapes(octets);
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
fn utf_7<'m>(octets: &'m [u8], label: Option<&str>) -> (Cow<'m, str>, Charset) {
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
    (
        Cow::Owned(text),
        Charset {
            label: label.map(str::to_owned),
            read_as: "UTF-7".to_owned(),
            reason,
        },
    )
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
        let (text, charset) = decode(octets, label);
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
}
