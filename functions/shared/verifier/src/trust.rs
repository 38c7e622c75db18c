//! Whom the reader of a certificate trusts: operators, and not authorities.
//!
//! An authority certifies anybody who pays for it. So roots alone make nobody an issuer: a reader
//! names the operator, by what signs for it and since when. The trust file says so, and
//! `README.md` describes it. Roots without names are taken, too; then the verdict is at best
//! "untrusted", and the signer's fingerprint is told to compare.

mod error;
mod file;
mod pin;

use pades::Certificate;

pub use error::{TrustError, ValueProblem};
pub use file::{AuthorityEntry, OperatorEntry, SignerEntry, TrustFile};
pub(crate) use pin::Pin;

/// Bytes of a trust file, or of roots: hundreds of operators.
pub const TRUST_BYTES_MAX: usize = 1 << 20;

const PEM_BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const PEM_END: &str = "-----END CERTIFICATE-----";

/// Whom the reader trusts. Nobody is built in: who checks a certificate must know from elsewhere
/// whom to expect.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    pub(crate) operators: Vec<Operator>,
    /// Roots of timestamp authorities.
    pub(crate) timestamps: Vec<Certificate>,
    /// Roots of signers of whom none is named.
    pub(crate) unnamed: Vec<Certificate>,
}

/// Who issues certificates.
#[derive(Clone, Debug)]
pub(crate) struct Operator {
    /// As its certificates name it.
    pub(crate) name: String,
    pub(crate) pins: Vec<Pin>,
    /// The roots above its signers.
    pub(crate) roots: Vec<Certificate>,
}

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

    /// All roots of signers, for whoever they sign.
    pub(crate) fn signer_roots(&self) -> Vec<Certificate> {
        let of_operators = self.operators.iter().flat_map(|one| &one.roots);
        of_operators.chain(&self.unnamed).cloned().collect()
    }
}

fn expect_nothing(text: &str) -> Result<(), TrustError> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    match lines.next() {
        None => Ok(()),
        Some(line) => Err(TrustError::Text(line.chars().take(40).collect())),
    }
}
