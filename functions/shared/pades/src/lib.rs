//! PDF to signed PDF: PAdES B-T to B-LTA (ETSI EN 319 142-1), and the check of the result.
//!
//! A document goes through types: [`Draft`] -> [`Prepared`] (a digest to sign) ->
//! [`Untimestamped`] (a digest to timestamp) -> [`SignedPdf`] (B-T) -> [`ValidatedPdf`] (B-LT, with
//! [`ValidationData`]) -> [`PreparedTimestamp`] (a digest to timestamp) -> [`ArchivedPdf`] (B-LTA),
//! and [`read_back`] looks at a finished file as a stranger would.
//!
//! Invariants: there is no network, no clock, no key and no randomness here; the caller brings
//! signatures, tokens, times and nonces. The same input gives the same bytes. What the crate does
//! not fully understand is refused; no input makes it panic.
//!
//! ```no_run
//! # fn sign(_: [u8; 32]) -> Vec<u8> { Vec::new() }
//! # fn post(_: &str, _: Vec<u8>) -> Vec<u8> { Vec::new() }
//! # fn example(draft: Vec<u8>, chain: pades::SignerChain, authority: pades::TimestampAuthority,
//! #     second: pades::TimestampAuthority, data: pades::ValidationData,
//! #     appearance: pades::SignatureDictionary, nonce: u64, window: pades::TimeWindow)
//! #     -> Result<(), pades::Error> {
//! let prepared = pades::Draft::new(draft)?.prepare(&chain, &appearance)?;
//! let signature = sign(prepared.digest());
//! let untimestamped = prepared.with_signature(&chain, &signature)?;
//! let request = pades::TimestampRequest::new(untimestamped.imprint(), nonce);
//! let response = post(&authority.url, request.to_der()?);
//! let token = request.accept(&response, &authority, window)?;
//! let signed = untimestamped.with_timestamp(token)?;
//! // Evidence from `revocation` goes in here, for the signer and for both authorities.
//! let prepared = signed.with_validation_data(data)?.prepare_timestamp()?;
//! let request = pades::TimestampRequest::new(prepared.imprint(), nonce);
//! let response = post(&second.url, request.to_der()?);
//! let token = request.accept(&response, &second, window)?;
//! let archived = prepared.with_timestamp(&token)?;
//! let report = archived.read_back(&chain, &[authority, second])?;
//! assert_eq!(report.level, pades::Level::BLTA);
//! # Ok(())
//! # }
//! ```

mod archive;
mod budget;
mod certificate;
mod chain;
mod cms;
pub mod csr;
mod document;
mod error;
mod fields;
mod generalized_time;
mod hashed_draft;
mod incremental;
pub mod inspect;
mod key;
mod limits;
mod path;
pub mod revocation;
mod signature_field;
mod stamp;
mod structure;
mod syntax;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
mod timestamp;
mod token_form;
mod validation;
mod verify;

pub use archive::{ArchivedPdf, PreparedTimestamp, ValidatedPdf};
pub use budget::{Budget, Work};
pub use certificate::Certificate;
pub use chain::SignerChain;
pub use const_oid::ObjectIdentifier;
pub use document::{Draft, Prepared, SignatureDictionary, SignedPdf, Untimestamped};
pub use error::{Error, ErrorKind, RevocationProblem, TokenProblem};
pub use key::KeyAlgorithm;
pub use path::{PathBudget, Role};
pub use timestamp::{TimeWindow, TimestampAuthority, TimestampRequest, TimestampToken};
pub use validation::ValidationData;
pub use verify::{
    DocumentTimestamp, Level, SignatureReport, Version, read_back, signer_chain, versions,
};
