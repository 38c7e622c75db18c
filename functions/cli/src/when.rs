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
    pub(crate) fn holds(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from.0 <= at) && self.until.is_none_or(|until| at < until.0)
    }

    pub(crate) fn is_open(&self) -> bool {
        self.from.is_none() && self.until.is_none()
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
    fn a_span_begins_with_its_first_day_and_ends_before_its_last() {
        let span = Span {
            from: Some("2026-01-05".parse().unwrap()),
            until: Some("2026-01-06T09:00:00+09:00".parse().unwrap()),
        };
        for (at, is_in) in [
            ("2026-01-04T23:59:59Z", false),
            ("2026-01-05T00:00:00Z", true),
            ("2026-01-05T23:59:59Z", true),
            ("2026-01-06T00:00:00Z", false),
        ] {
            assert_eq!(span.holds(at.parse().unwrap()), is_in, "{at}");
        }
        assert!("yesterday".parse::<Moment>().is_err());
    }
}
