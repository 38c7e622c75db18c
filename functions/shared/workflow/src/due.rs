//! Work that comes due: accounts that may lapse, timestamps that age. Each is looked at by itself,
//! within a bounded time, and one that fails stops no other. What is left is due for the next
//! invocation.

use jiff::{SignedDuration, Timestamp};

use crate::Failure;
use crate::ports::Clock;

/// What came of looking at everything that is due.
pub(crate) struct Looked<Id> {
    /// What could not be dealt with, and why.
    pub(crate) failed: Vec<(Id, Failure)>,
    /// Whether there was time for all.
    pub(crate) had_time: bool,
}

/// Looks at each, until `seconds_max` have passed since `began`.
pub(crate) async fn look_at_each<Id>(
    due: Vec<Id>,
    clock: &impl Clock,
    began: Timestamp,
    seconds_max: i64,
    mut look: impl AsyncFnMut(&Id) -> Result<(), Failure>,
) -> Looked<Id> {
    let mut looked = Looked {
        failed: Vec::new(),
        had_time: true,
    };
    for id in due {
        let spent = clock.now().duration_since(began);
        if spent >= SignedDuration::from_secs(seconds_max) {
            looked.had_time = false;
            break;
        }
        if let Err(failure) = look(&id).await {
            looked.failed.push((id, failure));
        }
    }
    looked
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    /// Its time goes on with each look.
    struct Watch(Cell<i64>);

    impl Clock for Watch {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH + SignedDuration::from_secs(self.0.get())
        }
    }

    /// Nothing here waits for anything.
    fn ready<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("it waits"),
        }
    }

    #[test]
    fn one_that_fails_stops_no_other_and_time_is_bounded() {
        for (seconds_max, looked_at, had_time) in [(100, 5, true), (3, 3, false), (0, 0, false)] {
            let clock = Watch(Cell::new(0));
            let mut seen = Vec::new();
            let looked = look_at_each(
                vec![1, 2, 3, 4, 5],
                &clock,
                clock.now(),
                seconds_max,
                async |id| {
                    seen.push(*id);
                    clock.0.set(clock.0.get() + 1);
                    match id % 2 {
                        0 => Err(Failure::transient("looking at an even one")),
                        _ => Ok(()),
                    }
                },
            );
            let looked = ready(looked);
            assert_eq!(seen.len(), looked_at);
            assert_eq!(looked.had_time, had_time);
            let failed: Vec<i32> = looked.failed.into_iter().map(|(id, _)| id).collect();
            let even = seen.into_iter().filter(|id| id % 2 == 0);
            assert_eq!(failed, even.collect::<Vec<_>>());
        }
    }
}
