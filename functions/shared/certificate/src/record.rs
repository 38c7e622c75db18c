//! `evidence.json`: the evidence itself, from which the pages can be made again. Each
//! version is a module that says what its file holds and how it is written; [`latest`] is the one
//! that is written today. `formats` knows them all.

pub(crate) mod claim;
pub(crate) mod codec;
pub(crate) mod extent;
pub(crate) mod file_row;
#[cfg(any(test, feature = "testing"))]
pub(crate) mod test_version;
pub(crate) mod v3;

/// The version that new certificates have.
pub(crate) use v3 as latest;

pub use claim::{IssuerClaim, SenderClaim};
pub use file_row::FileRow;
