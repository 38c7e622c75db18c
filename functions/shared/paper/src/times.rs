//! Dates of the PDF itself.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use krilla::metadata::DateTime;

/// A date of the PDF's metadata, in UTC, to the second.
pub(crate) fn for_pdf(time: Timestamp) -> DateTime {
    let utc = time.to_zoned(TimeZone::UTC);
    let small = |value: i8| u8::try_from(value).unwrap_or_default();
    DateTime::new(u16::try_from(utc.year()).unwrap_or_default())
        .month(small(utc.month()))
        .day(small(utc.day()))
        .hour(small(utc.hour()))
        .minute(small(utc.minute()))
        .second(small(utc.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}
