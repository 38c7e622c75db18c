//! When the newest timestamp of an original has to be followed by another one.
//!
//! A timestamp proves something as long as its authority's certificates are valid. A new one over
//! the whole file, with the proof that the old one's certificates were not revoked, carries that
//! on; when they have ended it is too late, because nobody vouches for their revocation any more.

use jiff::{SignedDuration, Timestamp};

use crate::limits::{RENEWAL_DELAY_DAYS_MAX, RENEWAL_MARGIN_DAYS};

/// How the newest timestamp of an original stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RenewalState {
    /// There is nothing to do yet.
    Fresh,
    /// It is to be renewed.
    Due,
    /// It is to be renewed, and that has failed for [`RENEWAL_DELAY_DAYS_MAX`] days: a person is
    /// to be told.
    Overdue,
}

/// When a timestamp of `stamped_at`, whose certificates are valid until `valid_until`, is to be
/// renewed: [`RENEWAL_MARGIN_DAYS`] before they end, or after half of what was left of their lives
/// where that is later. So a certificate with little left is not renewed every day.
#[must_use]
pub fn renew_at(stamped_at: Timestamp, valid_until: Timestamp) -> Timestamp {
    let left = valid_until.duration_since(stamped_at);
    let half = left.checked_div(2).unwrap_or_default();
    let margin = half.min(days(RENEWAL_MARGIN_DAYS));
    // A timestamp from after the end is due at once.
    valid_until
        .checked_sub(margin.max(SignedDuration::ZERO))
        .unwrap_or(stamped_at)
}

/// What is to be done at `now` about an original that is due at `renew_at`.
#[must_use]
pub fn renewal_state(renew_at: Timestamp, now: Timestamp) -> RenewalState {
    if now < renew_at {
        RenewalState::Fresh
    } else if now.duration_since(renew_at) < days(RENEWAL_DELAY_DAYS_MAX) {
        RenewalState::Due
    } else {
        RenewalState::Overdue
    }
}

fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count * 24)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_year_before_the_end_or_after_half_of_what_is_left_x_2() {
        for (stamped, ends, due) in [
            // A common authority: ten years and more.
            (
                "2026-01-05T00:00:00Z",
                "2036-12-31T00:00:00Z",
                "2036-01-01T00:00:00Z",
            ),
            (
                "2026-01-01T00:00:00Z",
                "2028-01-01T00:00:00Z",
                "2027-01-01T00:00:00Z",
            ),
            // Less than two years are left.
            (
                "2026-01-01T00:00:00Z",
                "2027-01-01T00:00:00Z",
                "2026-07-02T12:00:00Z",
            ),
            (
                "2026-01-01T00:00:00Z",
                "2026-01-03T00:00:00Z",
                "2026-01-02T00:00:00Z",
            ),
            // It has ended already.
            (
                "2026-01-03T00:00:00Z",
                "2026-01-01T00:00:00Z",
                "2026-01-01T00:00:00Z",
            ),
        ] {
            assert_eq!(
                renew_at(time(stamped), time(ends)),
                time(due),
                "{stamped} {ends}"
            );
        }
    }

    #[test]
    fn thirty_days_late_is_told() {
        let due = time("2036-01-01T00:00:00Z");
        for (now, state) in [
            ("2035-12-31T23:59:59Z", RenewalState::Fresh),
            ("2036-01-01T00:00:00Z", RenewalState::Due),
            ("2036-01-30T23:59:59Z", RenewalState::Due),
            ("2036-01-31T00:00:00Z", RenewalState::Overdue),
            ("2040-01-01T00:00:00Z", RenewalState::Overdue),
        ] {
            assert_eq!(renewal_state(due, time(now)), state, "{now}");
        }
    }

    proptest! {
        /// However often somebody renews, each timestamp gets at least half of its life.
        #[test]
        fn never_before_half_of_its_life_and_never_after_its_end(
            stamped in 0_i64..4_000_000_000,
            left in 0_i64..1_000_000_000,
        ) {
            let stamped = Timestamp::from_second(stamped).unwrap();
            let ends = stamped + SignedDuration::from_secs(left);
            let due = renew_at(stamped, ends);
            prop_assert!(due <= ends);
            prop_assert!(due.duration_since(stamped) >= ends.duration_since(due));
        }
    }
}
