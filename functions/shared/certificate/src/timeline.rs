//! When a certificate says that things happened.

use jiff::{SignedDuration, Timestamp};

/// How much the clocks of two machines may differ. What a certificate tells of is not later than
/// its first timestamp by more than that.
pub const CLOCK_DIFFERENCE_MAX: SignedDuration = SignedDuration::from_mins(5);

/// The times that a timestamp of the certificate has to fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeline {
    /// When it was issued.
    pub issued_at: Timestamp,
    /// The last time of anything that it tells of: events, by every clock that tells of them, and
    /// the acceptance and the outcome.
    pub last_event_at: Timestamp,
}
