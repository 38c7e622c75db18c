//! The steps of Akashi's workflows, one module a step, and the ports they need.
//!
//! Each step follows the same order: load, decide (in `domain`), record, act, record. Each may
//! be called twice, late and out of order. This crate knows no AWS SDK and no Lambda runtime.

pub mod compose_certificate;
pub mod deliver;
pub mod expire_accounts;
mod failure;
mod keys;
mod notice;
pub mod parse_mail;
pub mod ports;
pub mod record_event;
pub mod send_copies;
mod service;
pub mod sign_certificate;
mod wait;
pub mod wire;

pub use failure::Failure;
pub use keys::{DELIVERED_PREFIX, DRAFTS_PREFIX, RAW_PREFIX};
pub use service::Service;
