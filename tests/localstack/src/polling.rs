//! Waiting for what others do.

use std::thread::park_timeout;
use std::time::{Duration, Instant};

/// How long anything may take. Reached only by a test that fails, so it is generous: tests share
/// two processors with LocalStack and with each other.
const DEADLINE: Duration = Duration::from_secs(180);

/// How long between two looks at first, and at most: looking costs what is waited for.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(2)];

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
        let [shortest, longest] = PAUSES;
        park_timeout((started.elapsed() / 8).clamp(shortest, longest));
    }
}
