//! The room of access: who may ask, and how often.

pub mod source_limit;
