//! The richest text that fits.

use mail::visible;

use super::measure;
use crate::template::fill;

/// Most parts of an SMS with a link: each is paid for.
pub(super) const PARTS_MAX: usize = 2;

/// Longest name of a company in an SMS, in UTF-16 code units.
const SENDER_NAME_UNITS_MAX: usize = 20;

/// What fills the gaps of a text.
pub(super) struct Values<'a> {
    pub(super) sender_name: &'a str,
    /// Where questions go.
    pub(super) sender: &'a str,
    pub(super) serial: &'a str,
    pub(super) link: &'a str,
}

/// The first of these texts, from the richest to the shortest, that fits into as many parts as may
/// be; where a long link lets none fit, into as many as the shortest takes.
pub(super) fn fitting(texts: &[&str], values: &Values<'_>) -> String {
    let name = shortened_name(values.sender_name);
    let values = [
        ("sender_name", name.as_str()),
        ("sender", values.sender),
        ("serial", values.serial),
        ("link", values.link),
    ];
    let filled: Vec<String> = texts.iter().map(|text| fill(text, &values)).collect();
    let least = filled.iter().map(|text| measure(text).parts).min();
    let allowed = least.unwrap_or_default().max(PARTS_MAX);
    let mut filled = filled.into_iter();
    filled
        .find(|text| measure(text).parts <= allowed)
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
