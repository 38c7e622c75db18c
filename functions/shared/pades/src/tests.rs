//! The whole way, and every way that it must not go.

mod archive;
mod attacks;
mod drafts;
mod fixtures;
mod journey;
mod renewal;
mod requests;
mod revocation;
mod structure;
mod token_form;
mod tokens;
