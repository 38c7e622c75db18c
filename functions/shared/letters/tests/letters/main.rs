//! The tests of this crate through its public interface, in one binary that links once.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed, also in the functions that tests share"
)]

// The same mails that reading is tested on.
#[path = "../../../mail/tests/mail/corpus.rs"]
mod corpus;
#[path = "../../../mail/tests/mail/damaged.rs"]
mod damaged;

mod contracts;
mod notices;
mod readers;
mod relaying;
mod samples;
mod unchanged;
