//! One-time codes: six digits that prove who holds a telephone (C-012), and how many are made.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};

use crate::limits::{CODES_MAX, CODES_WINDOW_SECONDS};

/// Six digits. Logs never show which.
#[derive(Clone, PartialEq, Eq)]
pub struct OneTimeCode(String);

/// A text that is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a code has six digits")]
pub struct CodeError;

/// When the last codes of a contract were made, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CodeHistory(Vec<Timestamp>);

const CODE_DIGITS: usize = 6;
const CODES: u64 = 1_000_000;

impl OneTimeCode {
    /// The code of a random number. A million does not divide 2^64, but the codes that are likelier
    /// than others are so by less than one in ten million millions.
    #[must_use]
    pub fn new(random: u64) -> Self {
        Self(format!("{:06}", random % CODES))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for OneTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeCode(..)")
    }
}

impl FromStr for OneTimeCode {
    type Err = CodeError;

    /// Reads six ASCII digits; spaces and hyphens between them are skipped.
    fn from_str(text: &str) -> Result<Self, CodeError> {
        let digits: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .collect();
        if digits.len() == CODE_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(digits))
        } else {
            Err(CodeError)
        }
    }
}

impl CodeHistory {
    /// Codes that were made at these times.
    #[must_use]
    pub fn of(mut made_at: Vec<Timestamp>) -> Self {
        made_at.sort_unstable();
        Self(made_at)
    }

    /// When they were made.
    #[must_use]
    pub fn made_at(&self) -> &[Timestamp] {
        &self.0
    }

    /// One more, made now; what is too old to count is forgotten.
    ///
    /// # Errors
    /// When [`CODES_MAX`] were made within [`CODES_WINDOW_SECONDS`]: the time from which another
    /// one may be made.
    pub fn with_one_more(&self, now: Timestamp) -> Result<Self, Timestamp> {
        let window = SignedDuration::from_secs(CODES_WINDOW_SECONDS);
        let free_at = |made_at: &Timestamp| made_at.checked_add(window).unwrap_or(Timestamp::MAX);
        let mut counted: Vec<Timestamp> = self
            .0
            .iter()
            .filter(|made_at| free_at(made_at) > now)
            .copied()
            .collect();
        match counted.first() {
            Some(oldest) if counted.len() >= CODES_MAX => Err(free_at(oldest)),
            Some(_) | None => {
                counted.push(now);
                Ok(Self(counted))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_six_digits_and_is_never_shown_in_logs() {
        assert_eq!(OneTimeCode::new(7_000_042).as_str(), "000042");
        for (text, valid) in [
            ("123456", true),
            (" 123 456 ", true),
            ("123-456", true),
            ("12345", false),
            ("1234567", false),
            ("12345a", false),
            ("１２３４５６", false),
            ("", false),
        ] {
            assert_eq!(text.parse::<OneTimeCode>().is_ok(), valid, "{text}");
        }
        assert_eq!(format!("{:?}", OneTimeCode::new(1)), "OneTimeCode(..)");
    }

    #[test]
    fn three_codes_are_made_within_any_hour() {
        let at = |minute: i64| {
            let start: Timestamp = "2026-01-05T00:00:00Z".parse().unwrap();
            start + SignedDuration::from_mins(minute)
        };
        let mut history = CodeHistory::default();
        for minute in [0, 58, 59] {
            history = history.with_one_more(at(minute)).unwrap();
        }
        assert_eq!(history.with_one_more(at(59)), Err(at(60)));
        // The first no longer counts, the other two do.
        let history = history.with_one_more(at(60)).unwrap();
        assert_eq!(history.made_at(), [at(58), at(59), at(60)]);
        assert_eq!(history.with_one_more(at(61)), Err(at(118)));
    }
}
