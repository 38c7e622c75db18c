//! Times as printed: always with an offset, in UTC and in the account's zone (I-006). They end
//! with the millisecond, as those of the providers do; `evidence.json` holds all that was kept.

use domain::ZoneName;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use krilla::metadata::DateTime;

/// `2026-01-05 00:00:00.500 UTC`
pub(crate) fn in_utc(time: Timestamp) -> String {
    format!("{} UTC", printed(&time.to_zoned(TimeZone::UTC)))
}

/// `2026-01-05 09:00:00.500 +09:00 (Asia/Tokyo)`
pub(crate) fn in_zone(time: Timestamp, zone: &ZoneName) -> String {
    let local = time.to_zoned(zone.time_zone());
    format!(
        "{} {} ({})",
        printed(&local),
        local.strftime("%:z"),
        zone.as_str()
    )
}

/// A source that gives whole seconds gets no zeros that it never gave.
fn printed(time: &Zoned) -> strtime::Display<'_> {
    if time.subsec_nanosecond() == 0 {
        time.strftime("%Y-%m-%d %H:%M:%S")
    } else {
        time.strftime("%Y-%m-%d %H:%M:%S%.3f")
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_each_time_with_its_offset_and_zone_i_006() {
        for (time, zone, utc, local) in [
            (
                "2026-01-04T15:00:00Z",
                "Asia/Tokyo",
                "2026-01-04 15:00:00 UTC",
                "2026-01-05 00:00:00 +09:00 (Asia/Tokyo)",
            ),
            (
                "2026-07-01T12:30:15.120999Z",
                "America/St_Johns",
                "2026-07-01 12:30:15.120 UTC",
                "2026-07-01 10:00:15.120 -02:30 (America/St_Johns)",
            ),
        ] {
            let time: Timestamp = time.parse().unwrap();
            assert_eq!(in_utc(time), utc);
            assert_eq!(in_zone(time, &zone.parse().unwrap()), local);
        }
    }
}
