//! Runs futures whose ports answer at once. Nothing here waits: a future that is pending has
//! given way, or is dead.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use crate::random::Random;

/// Runs one future to its end.
///
/// # Panics
/// When the future waits for something that nobody here can give.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..1_000_000 {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
    panic!("a future waits for something that is not in memory");
}

/// Runs one future until it is ready or `is_dead`; a dead one is dropped where it stands.
pub(crate) fn run_until_death<T>(
    future: impl Future<Output = T>,
    is_dead: impl Fn() -> bool,
) -> Option<T> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..1_000_000 {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return Some(value),
            Poll::Pending if is_dead() => return None,
            Poll::Pending => {}
        }
    }
    panic!("a future waits for something that is not in memory");
}

/// Runs futures side by side, in an order drawn from `random`.
pub(crate) fn run_interleaved<'a, T>(
    futures: Vec<Pin<Box<dyn Future<Output = T> + 'a>>>,
    random: &mut Random,
) -> Vec<T> {
    let mut context = Context::from_waker(Waker::noop());
    let mut results: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    let mut waiting: Vec<_> = futures.into_iter().enumerate().collect();
    while !waiting.is_empty() {
        let chosen = random.below(waiting.len());
        let (place, future) = waiting.get_mut(chosen).expect("chosen among them");
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            *results.get_mut(*place).expect("one place each") = Some(value);
            drop(waiting.swap_remove(chosen));
        }
    }
    results
        .into_iter()
        .map(|result| result.expect("all are ready"))
        .collect()
}

/// Gives way to the others once.
pub(crate) async fn give_way() {
    let mut gave_way = false;
    poll_fn(|_| {
        if gave_way {
            return Poll::Ready(());
        }
        gave_way = true;
        Poll::Pending
    })
    .await;
}

/// Never comes back.
pub(crate) async fn die() {
    std::future::pending::<()>().await;
}
