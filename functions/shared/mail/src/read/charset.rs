//! Octets to text, in every character set that mail really uses, also where the label is missing,
//! unknown or wrong. What was done is said in a [`Charset`].

use std::borrow::Cow;

use domain::{Charset, CharsetReason, Damage};
use encoding_rs::{
    EUC_JP, Encoding, ISO_2022_JP, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252,
};
use memchr::memchr;

use super::jis::{has_jis_escape, has_open_jis_line, with_closed_lines, without_idle_escapes};
use super::plausible::{
    is_damaged_utf_8, is_plausibly_european, is_plausibly_japanese, japanese_score,
};

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
    /// Whether it is what could be shown of HTML that is cut off.
    pub(crate) is_cut: bool,
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
            .chain(self.is_cut.then_some(Damage::Html))
    }

    /// What has to be said of it, as text of a header. UTF-8 needs no label there (RFC 6532).
    pub(crate) fn header_damages(&self) -> impl Iterator<Item = Damage> {
        let is_plain =
            self.charset.reason == CharsetReason::NoLabel && self.charset.read_as == UTF_8.name();
        self.damages().filter_map(move |damage| {
            if damage == Damage::CharsetGuessed {
                (!is_plain).then_some(Damage::HeaderCharsetGuessed)
            } else if damage == Damage::CharsetBroken {
                Some(Damage::HeaderCharsetBroken)
            } else {
                Some(damage)
            }
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
        is_cut: false,
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
    if let Some((encoding, units)) = marked_utf_16(octets) {
        let (text, is_damaged) = decode_in(units, encoding);
        let reason = reason_of_mark(promise, label, encoding, is_damaged);
        return read(text, encoding, reason);
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
    if let Promise::Encoding(encoding) = promise
        && let Some(text) = valid_as_labelled(octets, encoding)
    {
        return read(text, encoding, CharsetReason::AsLabelled);
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

/// What a byte order mark says counts before any label (Encoding Standard section 6), and these
/// two begin a text in no other character set.
fn marked_utf_16(octets: &[u8]) -> Option<(&'static Encoding, &[u8])> {
    match octets {
        [0xff, 0xfe, units @ ..] => Some((UTF_16LE, units)),
        [0xfe, 0xff, units @ ..] => Some((UTF_16BE, units)),
        _ => None,
    }
}

/// `utf-16` leaves the order to the mark.
fn reason_of_mark(
    promise: Promise,
    label: Option<&str>,
    encoding: &'static Encoding,
    is_damaged: bool,
) -> CharsetReason {
    let names_order = label.is_some_and(|label| {
        let label = label.to_ascii_lowercase();
        label.contains("16le") || label.contains("16be")
    });
    match promise {
        _ if is_damaged => CharsetReason::Undecodable,
        Promise::Nothing => CharsetReason::NoLabel,
        Promise::Unknown => CharsetReason::UnknownLabel,
        Promise::Encoding(promised) if promised == encoding => CharsetReason::AsLabelled,
        Promise::Encoding(_) if is_wide(promise) && !names_order => CharsetReason::AsLabelled,
        Promise::Encoding(_) | Promise::Utf7 => CharsetReason::WrongLabel,
    }
}

/// Whether a label leaves the character set open.
pub(super) fn promises_nothing(label: Option<&str>) -> bool {
    promise_of(label) == Promise::Nothing
}

/// Whether a label names a character set that is none of those read here.
pub(super) fn is_unknown(label: Option<&str>) -> bool {
    promise_of(label) == Promise::Unknown
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

fn decode_in<'m>(octets: &'m [u8], encoding: &'static Encoding) -> (Cow<'m, str>, bool) {
    if encoding == ISO_2022_JP {
        let octets = with_closed_lines(octets);
        let octets = without_idle_escapes(&octets);
        let (text, failed) = encoding.decode_without_bom_handling(&octets);
        return (Cow::Owned(text.into_owned()), failed);
    }
    encoding.decode_without_bom_handling(octets)
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
        "" | "us-ascii" | "ascii" | "ansi_x3.4-1968" | "ansi_x3.4-1986" | "iso-ir-6"
        | "iso_646.irv:1991" | "iso646-us" | "us" | "ibm367" | "cp367" | "csascii"
        | "unknown-8bit" | "x-unknown" | "default" | "unknown" | "binary" => {
            return Promise::Nothing;
        }
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
        is_cut: false,
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
mod tests;
