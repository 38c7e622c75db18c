//! When a certificate says that things happened.

use jiff::Timestamp;

/// The times that a timestamp of the certificate has to fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeline {
    /// When it was issued.
    pub issued_at: Timestamp,
    /// The last time of anything that it tells of: events, by every clock that tells of them, and
    /// the acceptance and the outcome.
    pub last_event_at: Timestamp,
}
