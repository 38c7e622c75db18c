//! Times as people read them, on pages of every kind: always with an offset, in UTC and in the
//! account's zone (I-006). They end with the millisecond, as those of the providers do;
//! `evidence.json` holds all that was kept.

use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::ZoneName;

/// `2026-01-05 00:00:00.500 UTC`
#[must_use]
pub fn in_utc(time: Timestamp) -> String {
    format!("{} UTC", printed(&time.to_zoned(TimeZone::UTC)))
}

/// `2026-01-05 09:00:00.500 +09:00 (Asia/Tokyo)`
#[must_use]
pub fn in_zone(time: Timestamp, zone: &ZoneName) -> String {
    let local = time.to_zoned(zone.time_zone());
    format!(
        "{} {} ({})",
        printed(&local),
        local.strftime("%:z"),
        zone.as_str()
    )
}

/// Both of them; once, where the zone is at UTC then.
#[must_use]
pub fn in_zone_and_utc(time: Timestamp, zone: &ZoneName) -> String {
    if zone.time_zone().to_offset(time).is_zero() {
        in_utc(time)
    } else {
        format!("{} / {}", in_zone(time, zone), in_utc(time))
    }
}

/// A source that gives whole seconds gets no zeros that it never gave.
fn printed(time: &Zoned) -> strtime::Display<'_> {
    if time.subsec_nanosecond() == 0 {
        time.strftime("%Y-%m-%d %H:%M:%S")
    } else {
        time.strftime("%Y-%m-%d %H:%M:%S%.3f")
    }
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
            let zone = zone.parse().unwrap();
            assert_eq!(in_zone(time, &zone), local);
            assert_eq!(in_zone_and_utc(time, &zone), format!("{local} / {utc}"));
            assert_eq!(in_zone_and_utc(time, &"UTC".parse().unwrap()), utc);
        }
    }
}
