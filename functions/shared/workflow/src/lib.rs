//! The steps of Akashi's workflows, one module a step, and the ports they need.
//!
//! Each step follows the same order: load, decide (in `domain`), record, act, record. Each may
//! be called twice, late and out of order. This crate knows no AWS SDK and no Lambda runtime.
//!
//! A room holds the steps of one concern and the parts that they share. A step imports parts of any
//! room, and never another step.

pub mod access;
pub mod account;
pub mod answers;
pub mod billing;
pub mod certify;
pub mod copies;
pub mod dispatch;
mod due;
mod failure;
pub mod intake;
mod keys;
mod notice;
pub mod operator;
mod outside;
pub mod ports;
mod service;
pub mod wire;

pub use certify::original::read_recorded;
pub use dispatch::begin::{Begin, Patience};
pub use failure::Failure;
pub use keys::{DELIVERED_PREFIX, DRAFTS_PREFIX, RAW_PREFIX};
pub use outside::Outside;
pub use service::{Route, Service};
