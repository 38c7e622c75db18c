//! The steps of Akashi's workflows, one module a step, and the ports they need.
//!
//! Each step follows the same order: load, decide (in `domain`), record, act, record. Each may
//! be called twice, late and out of order. This crate knows no AWS SDK and no Lambda runtime.

pub mod account;
mod archiving;
pub mod billing;
pub mod compose_certificate;
pub mod deliver;
mod due;
pub mod expire_accounts;
mod failure;
pub mod hand_over_copy;
mod keys;
mod notice;
mod open_addendum;
pub mod operator;
mod original;
pub mod parse_mail;
pub mod ports;
pub mod record_event;
pub mod renew_timestamps;
pub mod send_copies;
mod service;
pub mod show_offer;
pub mod sign_certificate;
pub mod source_limit;
mod start;
pub mod take_answer;
pub mod take_link_answer;
mod token;
mod wait;
pub mod wire;

pub use failure::Failure;
pub use keys::{DELIVERED_PREFIX, DRAFTS_PREFIX, RAW_PREFIX};
pub use original::read_recorded;
pub use service::{Route, Service};
pub use start::{Begin, Patience};
