//! What signs for an operator, and since when.

use jiff::Timestamp;
use pades::Certificate;

/// What signs for an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pin {
    pub(crate) signer: Pinned,
    pub(crate) since: Timestamp,
    /// The first time that is too late.
    pub(crate) until: Option<Timestamp>,
}

/// How a signer is told from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pinned {
    /// SHA-256 of the certificate.
    Certificate([u8; 32]),
    /// SHA-256 of its `SubjectPublicKeyInfo`: each certificate of that key.
    PublicKey([u8; 32]),
    /// Its subject as in RFC 4514: whatever certificate the roots' authorities give to that name.
    Subject(String),
}

impl Pin {
    /// Is this certificate meant, whenever it signed?
    pub(crate) fn names(&self, certificate: &Certificate) -> bool {
        match &self.signer {
            Pinned::Certificate(pinned) => certificate.fingerprint() == *pinned,
            Pinned::PublicKey(pinned) => certificate
                .public_key_fingerprint()
                .is_ok_and(|fingerprint| fingerprint == *pinned),
            Pinned::Subject(pinned) => certificate.subject() == *pinned,
        }
    }

    /// Did it sign for the operator at this time?
    pub(crate) fn holds_at(&self, time: Timestamp) -> bool {
        self.since <= time && self.until.is_none_or(|until| time < until)
    }
}
