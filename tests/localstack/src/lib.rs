//! Akashi as its customers, their counterparts and its operator meet it, on LocalStack: mail goes
//! in by SMTP, what was delivered is read from mailboxes and phones, pages are opened by HTTP, the
//! operator types `akashi`, and AWS is asked what it keeps.
//!
//! [`World::shared`] starts and deploys a local world unless it runs: `make test` names one of its
//! own, and `cargo test -p localstack` by hand uses the one of `make up`, or the one that
//! `AKASHI_LOCAL`, `AKASHI_STACK` and the four ports name (`localstack/README.md`). A test opens
//! accounts of its own ([`Sender::with_points`]) and writes to recipients of its own, so that all
//! tests run side by side. Nothing waits a fixed time: [`wait_for`] asks until a deadline.
//!
//! What it must not know: how any step works. The steps are the deployed functions.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails loudly, and this crate is only for tests"
)]

mod aws;
mod browser;
mod offers;
mod polling;
mod sender;
mod smtp;
mod world;

pub use aws::Invocation;
pub use browser::{Browser, Response};
pub use offers::{Sms, fresh_mobile, fresh_mobile_that};
pub use polling::wait_for;
pub use sender::{Dispatch, LoggedAnswer, LoggedEvent, Mail, Sender, fresh_code, fresh_seed};
pub use smtp::{Envelope, Reply};
pub use world::World;
