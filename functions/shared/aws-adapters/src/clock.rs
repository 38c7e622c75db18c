//! The clock and the randomness of the machine; the only place that reads them.

use jiff::Timestamp;
use workflow::ports::{Clock, Nonces, PortResult};

use crate::fault::transient;

/// The wall clock, in microseconds: AWS keeps its clocks no closer, and shorter numbers are
/// easier to read in a log.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that everyone is given"
    )]
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }
}

/// Numbers from the operating system's random number generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsNonces;

impl Nonces for OsNonces {
    fn nonce(&self) -> PortResult<u64> {
        getrandom::u64().map_err(|error| transient("drawing a random number", error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_microseconds_and_draws_different_numbers() {
        let now = SystemClock.now();
        assert_eq!(now.as_nanosecond() % 1_000, 0);
        assert!(now > "2026-01-01T00:00:00Z".parse().unwrap());
        assert_ne!(OsNonces.nonce().unwrap(), OsNonces.nonce().unwrap());
    }
}
