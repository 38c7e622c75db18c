//! The richest text that fits.

use mail::visible;

use super::measure;
use crate::template::fill;

/// Most parts of an SMS with a link: each is paid for.
pub(super) const PARTS_MAX: usize = 2;

/// Longest name of a company in an SMS, in UTF-16 code units.
const SENDER_NAME_UNITS_MAX: usize = 20;

/// The first text that fits into as many parts as may be, else the last.
pub(super) fn fitting(texts: &[&str], sender_name: &str, serial: &str, link: &str) -> String {
    let name = shortened_name(sender_name);
    let values = [
        ("sender_name", name.as_str()),
        ("serial", serial),
        ("link", link),
    ];
    let filled = |text: &&str| fill(text, &values);
    texts
        .iter()
        .map(filled)
        .find(|text| measure(text).parts <= PARTS_MAX)
        .or_else(|| texts.last().map(filled))
        .unwrap_or_default()
}

/// A name on one line, cut and ended with `…` where it is long.
fn shortened_name(name: &str) -> String {
    let words: Vec<String> = name.split_whitespace().map(visible).collect();
    let name = words.join(" ");
    if name.encode_utf16().count() <= SENDER_NAME_UNITS_MAX {
        return name;
    }
    let mut room = SENDER_NAME_UNITS_MAX - 1;
    let mut short: String = name
        .chars()
        .take_while(|c| {
            let fits = c.len_utf16() <= room;
            room = room.saturating_sub(c.len_utf16());
            fits
        })
        .collect();
    short.push('…');
    short
}
