//! Operators, their signers and the roots above.

use super::pin::Pin;
use pades::Certificate;

/// Bytes of a trust file, or of roots: hundreds of operators.
pub const TRUST_BYTES_MAX: usize = 1 << 20;

pub(super) const PEM_BEGIN: &str = "-----BEGIN CERTIFICATE-----";
pub(super) const PEM_END: &str = "-----END CERTIFICATE-----";

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
    /// All roots of signers, for whoever they sign.
    pub(crate) fn signer_roots(&self) -> Vec<Certificate> {
        let of_operators = self.operators.iter().flat_map(|one| &one.roots);
        of_operators.chain(&self.unnamed).cloned().collect()
    }
}
