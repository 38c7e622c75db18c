//! Waiting for what others do.

use std::thread::park_timeout;
use std::time::{Duration, Instant};

/// How long anything may take. Reached only by a test that fails, so it is generous: tests share
/// two processors with LocalStack and with each other.
const DEADLINE: Duration = Duration::from_secs(120);

/// How long between two looks.
const PAUSE: Duration = Duration::from_millis(200);

/// Looks until there is something, and returns it.
///
/// # Panics
/// When there is nothing until the deadline; the message is `what` was waited for.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            started.elapsed() < DEADLINE,
            "{what}: not within {} s",
            DEADLINE.as_secs()
        );
        park_timeout(PAUSE);
    }
}
