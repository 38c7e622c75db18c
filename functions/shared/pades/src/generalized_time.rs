//! GeneralizedTime, as timestamps and revocation data write it.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// `YYYYMMDDhhmmss[.f...]Z` (RFC 3161 section 2.4.2). Digits below nanoseconds are dropped.
pub(crate) fn generalized_time(text: &[u8]) -> Option<Timestamp> {
    let (digits, rest) = text.split_at_checked(14)?;
    let fraction = match rest.strip_suffix(b"Z")? {
        [] => 0,
        [b'.', fraction @ ..] if !fraction.is_empty() => nanoseconds(fraction)?,
        _ => return None,
    };
    let number = |range: std::ops::Range<usize>| -> Option<i16> {
        digits.get(range)?.iter().try_fold(0_i16, |sum, digit| {
            digit
                .is_ascii_digit()
                .then(|| sum * 10 + i16::from(digit - b'0'))
        })
    };
    let small = |range| number(range).and_then(|number| i8::try_from(number).ok());
    Date::new(number(0..4)?, small(4..6)?, small(6..8)?)
        .ok()
        .filter(|_| small(8..10) < Some(24) && small(10..12) < Some(60))?
        .at(
            small(8..10)?,
            small(10..12)?,
            small(12..14).filter(|second| *second < 60)?,
            fraction,
        )
        .to_zoned(TimeZone::UTC)
        .ok()
        .map(|zoned| zoned.timestamp())
}

fn nanoseconds(fraction: &[u8]) -> Option<i32> {
    if !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digits = fraction
        .iter()
        .copied()
        .chain(std::iter::repeat(b'0'))
        .take(9);
    Some(digits.fold(0, |sum, digit| sum * 10 + i32::from(digit - b'0')))
}
