//! Times as people read them: to the minute in mails and on pages, exactly on certificates, where
//! they stand in UTC and in the account's zone (I-006) and end with the millisecond, as those of
//! the providers do; `evidence.json` holds all that was kept.

use jiff::civil::Weekday;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::{Bilingual, ZoneName};

/// A time as people write it, with its zone: `2026年11月29日（日）14時23分（日本時間）` and
/// `29 November 2026, 14:23 (Asia/Tokyo)`. Seconds are left out, so that nobody is promised more of
/// a deadline than there is. Zones that move their clocks stand with their distance from UTC at
/// that time.
#[must_use]
pub fn spoken(time: Timestamp, zone: &ZoneName) -> Bilingual {
    let local = time.to_zoned(zone.time_zone());
    let day = weekday(local.weekday());
    let (japanese_zone, english_zone) = named_zone(&local, zone);
    Bilingual::new(
        format!(
            "{}（{day}）{}（{japanese_zone}）",
            local.strftime("%Y年%-m月%-d日"),
            local.strftime("%-H時%M分")
        ),
        format!("{} ({english_zone})", local.strftime("%-d %B %Y, %-H:%M")),
    )
}

fn named_zone(local: &Zoned, zone: &ZoneName) -> (String, String) {
    match zone.as_str() {
        name @ "Asia/Tokyo" => ("日本時間".to_owned(), name.to_owned()),
        "UTC" => ("UTC".to_owned(), "UTC".to_owned()),
        name => {
            let offset = local.strftime("UTC%:z");
            (format!("{name}、{offset}"), format!("{name}, {offset}"))
        }
    }
}

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "月",
        Weekday::Tuesday => "火",
        Weekday::Wednesday => "水",
        Weekday::Thursday => "木",
        Weekday::Friday => "金",
        Weekday::Saturday => "土",
        Weekday::Sunday => "日",
    }
}

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
    fn a_time_is_written_as_people_write_it_in_its_zone_i_006() {
        for (time, zone, japanese, english) in [
            (
                "2026-11-29T05:23:02.429Z",
                "Asia/Tokyo",
                "2026年11月29日（日）14時23分（日本時間）",
                "29 November 2026, 14:23 (Asia/Tokyo)",
            ),
            // The next day there, and a minute is not rounded up.
            (
                "2026-01-04T15:04:59.999Z",
                "Asia/Tokyo",
                "2026年1月5日（月）0時04分（日本時間）",
                "5 January 2026, 0:04 (Asia/Tokyo)",
            ),
            (
                "2026-07-01T12:30:15Z",
                "America/St_Johns",
                "2026年7月1日（水）10時00分（America/St_Johns、UTC-02:30）",
                "1 July 2026, 10:00 (America/St_Johns, UTC-02:30)",
            ),
            (
                "2026-12-31T18:30:00Z",
                "Asia/Kolkata",
                "2027年1月1日（金）0時00分（Asia/Kolkata、UTC+05:30）",
                "1 January 2027, 0:00 (Asia/Kolkata, UTC+05:30)",
            ),
            // One hour that comes twice, when clocks go back.
            (
                "2026-10-25T00:30:00Z",
                "Europe/Berlin",
                "2026年10月25日（日）2時30分（Europe/Berlin、UTC+02:00）",
                "25 October 2026, 2:30 (Europe/Berlin, UTC+02:00)",
            ),
            (
                "2026-10-25T01:30:00Z",
                "Europe/Berlin",
                "2026年10月25日（日）2時30分（Europe/Berlin、UTC+01:00）",
                "25 October 2026, 2:30 (Europe/Berlin, UTC+01:00)",
            ),
            (
                "2026-06-06T23:59:59Z",
                "UTC",
                "2026年6月6日（土）23時59分（UTC）",
                "6 June 2026, 23:59 (UTC)",
            ),
        ] {
            let words = spoken(time.parse().unwrap(), &zone.parse().unwrap());
            assert_eq!(
                (words.japanese.as_str(), words.english.as_str()),
                (japanese, english)
            );
        }
        for day in 1..=7 {
            let time = format!("2026-06-0{day}T00:00:00Z").parse().unwrap();
            let words = spoken(time, &"UTC".parse().unwrap());
            let expected = ["月", "火", "水", "木", "金", "土", "日"][day - 1];
            assert!(
                words.japanese.contains(&format!("（{expected}）")),
                "{words:?}"
            );
        }
    }

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
