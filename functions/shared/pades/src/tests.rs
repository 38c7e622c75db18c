//! The whole way, and every way that it must not go.
#![expect(clippy::indexing_slicing, reason = "a test may fail by panicking")]

mod attacks;
mod drafts;
mod fixtures;
mod journey;
mod requests;
mod tokens;
