//! What the evidence says of times against what the first timestamp proves: nobody can tell of an
//! event before it happened, and a certificate is stamped when it is issued.

use crate::report::{Check, Finding, Report};
use certificate::{CLOCK_DIFFERENCE_MAX, Timeline};
use jiff::{SignedDuration, Timestamp};

/// How long before its first timestamp a certificate is issued at most: signing is tried for a day
/// and what waits longer is issued anew.
const UNSTAMPED_MAX: SignedDuration = SignedDuration::from_hours(48);

/// Compares the times of the evidence and of the signature's `/M` with that of the first timestamp.
pub(crate) fn check(
    timeline: Timeline,
    signed_at: Option<Timestamp>,
    stamped_at: Timestamp,
    report: &mut Report,
) {
    let Timeline {
        issued_at,
        last_event_at,
    } = timeline;
    let mut find = |finding| report.find(Check::Timestamps, finding);
    let latest = later(stamped_at, CLOCK_DIFFERENCE_MAX);
    if last_event_at > latest {
        find(Finding::EventAfterStamp {
            at: last_event_at,
            stamped_at,
        });
    }
    if issued_at > latest || stamped_at > later(issued_at, UNSTAMPED_MAX) {
        find(Finding::IssueOutside {
            issued_at,
            stamped_at,
        });
    }
    let is_between = |at: Timestamp| at <= latest && issued_at <= later(at, CLOCK_DIFFERENCE_MAX);
    if !signed_at.is_some_and(is_between) {
        find(Finding::SigningTimeOutside {
            issued_at,
            stamped_at,
        });
    }
}

fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}
