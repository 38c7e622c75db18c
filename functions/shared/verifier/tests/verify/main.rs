//! Files and their verdicts.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests may fail loudly"
)]

mod bad_input;
mod contradictions;
mod corpus;
mod costly;
mod flips;
mod frozen;
mod numbers;
mod tokens;
mod trust;
mod versions;
