//! The whole way, and every way that it must not go.

mod attacks;
mod drafts;
mod fixtures;
mod journey;
mod requests;
mod tokens;
