//! The fast tests: everything that needs no LocalStack.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests fail loudly, and print the seed of what failed"
)]

mod journeys;
mod pages;
mod ports;
mod simulation;
mod tidy;
