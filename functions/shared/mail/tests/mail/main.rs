//! The tests of this crate through its public interface, in one binary that links once.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed, also in the functions that tests share"
)]

mod answers;
mod arc;
mod corpus;
mod damaged;
mod destinations;
mod dkim;
mod hostile;
mod reading;
