//! Akashi end to end on LocalStack, through its real doors. Every test has an account of its own.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests fail loudly, and say by which seed"
)]

mod at_once;
mod certificates;
mod contracts;
mod hostile;
mod ignored;
mod journeys;
mod many;
mod operating;
mod outcomes;
mod ports;
mod refusals;
mod repetitions;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Tests that keep the whole local world busy take turns: beside each other, each would take as
/// long as both, and reach deadlines that are meant for a world that stands still.
fn turn() -> MutexGuard<'static, ()> {
    static TURNS: Mutex<()> = Mutex::new(());
    TURNS.lock().unwrap_or_else(PoisonError::into_inner)
}
