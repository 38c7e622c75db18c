//! Akashi end to end on LocalStack, through its real doors. Every test has an account of its own.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests fail loudly"
)]

mod at_once;
mod certificates;
mod contracts;
mod hostile;
mod ignored;
mod journeys;
mod outcomes;
mod ports;
mod refusals;
mod repetitions;
