//! How long originals are kept under Object Lock, and whether nobody can shorten it.

use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::limits::{ORIGINAL_RETENTION_YEARS, TRIAL_RETENTION_DAYS};

/// What becomes of the originals of a stack; its parameter `Retention`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Retention {
    /// Ten years, which not even the account's owner can shorten: evidence.
    #[default]
    Evidence,
    /// A day, which an administrator may end before: for trials, whose certificates say TEST.
    Trial,
}

/// A text is not a [`Retention`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a retention is COMPLIANCE-10Y or GOVERNANCE-1D")]
pub struct RetentionError;

impl Retention {
    /// When the lock of an original that is stored now ends; `None` beyond the end of time.
    #[must_use]
    pub fn end(self, now: Timestamp) -> Option<Timestamp> {
        let span = match self {
            Self::Evidence => ORIGINAL_RETENTION_YEARS.years(),
            Self::Trial => TRIAL_RETENTION_DAYS.days(),
        };
        // By the calendar; S3 refuses a retention that ends in the past.
        let end = now.to_zoned(TimeZone::UTC).checked_add(span).ok()?;
        Some(end.timestamp())
    }
}

impl FromStr for Retention {
    type Err = RetentionError;

    fn from_str(text: &str) -> Result<Self, RetentionError> {
        match text {
            "COMPLIANCE-10Y" => Ok(Self::Evidence),
            "GOVERNANCE-1D" => Ok(Self::Trial),
            _ => Err(RetentionError),
        }
    }
}

impl fmt::Display for Retention {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Evidence => "COMPLIANCE-10Y",
            Self::Trial => "GOVERNANCE-1D",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn originals_are_kept_ten_years_and_those_of_trials_a_day_q_6() {
        let now: Timestamp = "2028-02-29T12:00:00Z".parse().unwrap();
        for (text, retention, end) in [
            (
                "COMPLIANCE-10Y",
                Retention::Evidence,
                "2038-02-28T12:00:00Z",
            ),
            ("GOVERNANCE-1D", Retention::Trial, "2028-03-01T12:00:00Z"),
        ] {
            assert_eq!(text.parse(), Ok(retention));
            assert_eq!(retention.to_string(), text);
            assert_eq!(retention.end(now), Some(end.parse().unwrap()));
        }
        assert_eq!("GOVERNANCE-10Y".parse::<Retention>(), Err(RetentionError));
        assert_eq!(Retention::Trial.end(Timestamp::MAX), None);
    }
}
