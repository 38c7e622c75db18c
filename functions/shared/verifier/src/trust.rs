//! Whom the reader of a certificate trusts: operators, and not authorities.
//!
//! An authority certifies anybody who pays for it. So roots alone make nobody an issuer: a reader
//! names the operator, by what signs for it and since when. The trust file says so, and
//! `README.md` describes it. Roots without names are taken, too; then the verdict is at best
//! "untrusted", and the signer's fingerprint is told to compare.

mod error;
mod file;
mod operators;
mod pin;

use operators::{PEM_BEGIN, PEM_END};
use pades::Certificate;

pub use error::{TrustError, ValueProblem};
pub use file::{AuthorityEntry, OperatorEntry, SignerEntry, TrustFile};
pub(crate) use operators::Operator;
pub use operators::{TRUST_BYTES_MAX, Trust};

impl Trust {
    /// Reads a trust file, or roots as PEM. A trust file begins with a brace.
    ///
    /// # Errors
    /// As [`Self::from_json`] or [`Self::from_roots`].
    pub fn read(bytes: &[u8]) -> Result<Self, TrustError> {
        if bytes.len() > TRUST_BYTES_MAX {
            return Err(TrustError::TooLarge);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| TrustError::NeitherForm)?;
        if text.trim_start().starts_with('{') {
            Self::from_json(text)
        } else if text.contains(PEM_BEGIN) {
            Self::from_roots(text)
        } else {
            Err(TrustError::NeitherForm)
        }
    }

    /// Reads a trust file.
    ///
    /// # Errors
    /// For whatever is not in its format: it is not guessed at.
    pub fn from_json(json: &str) -> Result<Self, TrustError> {
        file::read(json)
    }

    /// Reads roots from PEM. They count for signers and for timestamps, and name nobody: the
    /// verdict is at best "untrusted".
    ///
    /// # Errors
    /// [`TrustError::Text`] where something else stands between the certificates: there was a time
    /// when such lines meant something. [`TrustError::Certificate`] where one cannot be read.
    pub fn from_roots(pem: &str) -> Result<Self, TrustError> {
        let mut rest = pem;
        while let Some((before, from_begin)) = rest.split_once(PEM_BEGIN) {
            expect_nothing(before)?;
            rest = from_begin.split_once(PEM_END).map_or("", |(_, rest)| rest);
        }
        expect_nothing(rest)?;
        let roots = Certificate::all_from_pem(pem).map_err(|source| TrustError::Certificate {
            place: "roots".to_owned(),
            source,
        })?;
        Ok(Self {
            operators: Vec::new(),
            timestamps: roots.clone(),
            unnamed: roots,
        })
    }
}

fn expect_nothing(text: &str) -> Result<(), TrustError> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    match lines.next() {
        None => Ok(()),
        Some(line) => Err(TrustError::Text(line.chars().take(40).collect())),
    }
}
