//! The world in memory: everything that Akashi's steps need from the outside, without AWS, time,
//! or chance, and with faults on demand.
//!
//! A [`World`] holds buckets, accounts, intake, dispatches, ledger, the provider with its outbox,
//! the DNS, keys, timestamp authorities, and the state machine as `infra/workflows` writes it. A
//! test puts a mail in, lets time pass with [`World::settle`], and looks at what is there. Ids are
//! counted, the clock stands still unless something is due, and every random choice comes from a
//! printed seed, so that a failure happens again.
//!
//! What it must not know: the AWS adapters. They pass the same [`contracts`].
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails loudly, and this crate is only for tests"
)]

mod answers;
mod billing;
pub mod contracts;
pub mod customer;
mod engine;
mod executor;
mod faults;
mod functions;
mod lapsing;
mod operating;
mod pages;
mod ports;
mod provider;
pub mod random;
pub mod redaction;
mod renewing;
mod report;
mod sms;
mod soundness;
mod stores;
mod world;

pub use engine::{Execution, ExecutionState};
pub use executor::block_on;
pub use faults::{Fault, Rehearsal};
pub use functions::{FUNCTIONS, FunctionFailure};
pub use pages::{Page, SOURCE};
pub use ports::{Originals, Ports};
pub use provider::{Reaction, SentMail};
pub use sms::{SentSms, SmsReaction};
pub use world::{AuthorityState, ResponderState, World};
