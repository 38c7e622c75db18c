//! Days and moments on the command line.

use std::str::FromStr;

use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A moment: a day, which begins at midnight in UTC, or a time with its zone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment(Timestamp);

/// A span of time; both ends may be open.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct Span {
    /// Only from this day or moment on, e.g. 2026-01-05 (which begins at midnight in UTC) or
    /// 2026-01-05T09:00:00+09:00.
    #[arg(long)]
    from: Option<Moment>,
    /// Only before this day or moment.
    #[arg(long)]
    until: Option<Moment>,
}

impl Span {
    /// The first moment that lies within, if there is one.
    pub(crate) fn from(&self) -> Option<Timestamp> {
        self.from.map(|moment| moment.0)
    }

    /// The first moment behind, if there is one.
    pub(crate) fn until(&self) -> Option<Timestamp> {
        self.until.map(|moment| moment.0)
    }
}

impl FromStr for Moment {
    type Err = anyhow::Error;
    fn from_str(text: &str) -> anyhow::Result<Self> {
        if let Ok(moment) = text.parse() {
            return Ok(Self(moment));
        }
        let day: Date = text
            .parse()
            .context("a day like 2026-01-05, or a time like 2026-01-05T09:00:00+09:00")?;
        Ok(Self(day.to_zoned(TimeZone::UTC)?.timestamp()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_utc() {
        let span = Span {
            from: Some("2026-01-05".parse().unwrap()),
            until: Some("2026-01-06T09:00:00+09:00".parse().unwrap()),
        };
        let ends = [span.from(), span.until()].map(|end| end.unwrap().to_string());
        assert_eq!(ends, ["2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z"]);
        assert!("yesterday".parse::<Moment>().is_err());
    }
}
