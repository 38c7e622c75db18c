//! Waiting for one's turn at an item that others change at the same time.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// How long a transaction is tried again because others change the same items. `parse-mail` may
/// run for a minute and decides again up to five times only when points were spent meanwhile.
const CONTENTION_MAX: Duration = Duration::from_secs(25);

/// The first window out of which a pause is drawn: about the time of one transaction.
const FIRST_WINDOW: Duration = Duration::from_millis(20);

/// The widest window: with 50 mails at once, one every 40 milliseconds finds its turn.
const WIDEST_WINDOW: Duration = Duration::from_secs(2);

/// Doubling windows with full jitter, for a bounded time.
pub(super) struct Contention {
    until: Instant,
    window: Duration,
}

impl Contention {
    pub(super) fn begin() -> Self {
        Self {
            until: Instant::now() + CONTENTION_MAX,
            window: FIRST_WINDOW,
        }
    }

    /// Waits a while. `false` when the time is over.
    pub(super) async fn pause(&mut self) -> bool {
        let pause = jitter(self.window, random_share());
        self.window = wider(self.window);
        if Instant::now() + pause > self.until {
            return false;
        }
        sleep(pause).await;
        true
    }
}

/// A short pause before somebody who lost decides again.
pub(super) async fn short_pause() {
    sleep(jitter(2 * FIRST_WINDOW, random_share())).await;
}

fn wider(window: Duration) -> Duration {
    (2 * window).min(WIDEST_WINDOW)
}

/// `share` of 2^32 parts of the window.
fn jitter(window: Duration, share: u32) -> Duration {
    let nanos = window.as_nanos() * u128::from(share) / u128::from(u32::MAX);
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

/// Without randomness the whole window is waited: slower, and still correct.
fn random_share() -> u32 {
    getrandom::u32().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_double_up_to_the_widest_and_pauses_lie_within() {
        let mut window = FIRST_WINDOW;
        for _ in 0..20 {
            assert_eq!(jitter(window, 0), Duration::ZERO);
            assert_eq!(jitter(window, u32::MAX), window);
            assert!(jitter(window, u32::MAX / 2) <= window / 2);
            window = wider(window);
        }
        assert_eq!(window, WIDEST_WINDOW);
    }
}
