//! With what certificates are signed and timestamped, and until when that lasts.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use domain::{Retention, Sha256Digest, renew_at};
use jiff::Timestamp;
use pades::{Certificate, ErrorKind, SignatureReport, SignerChain, TimestampAuthority};

use crate::Failure;

/// With what certificates are signed and timestamped.
#[derive(Debug)]
pub struct SigningConfiguration {
    /// The signing certificate and its chain.
    pub chain: SignerChain,
    /// Asked in this order until one gives a good token for the signature, and then again, without
    /// that one, for the document.
    pub authorities: Vec<TimestampAuthority>,
    pub(crate) addresses: Vec<RevocationAddresses>,
    /// The path of the certificate that each authority stamped with last, by the authority's name.
    /// A document timestamp must cover what proves its own certificate, so we have to know it
    /// before we ask; a wrong guess costs one more request.
    paths: Mutex<BTreeMap<String, Vec<Certificate>>>,
}

/// Where to ask about the certificates of one issuer, in place of what they say themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationAddresses {
    /// The issuer's subject as in RFC 4514.
    pub issuer: String,
    /// OCSP responders, asked in this order.
    pub ocsp: Vec<String>,
    /// Revocation lists, asked for when no responder gives a good answer.
    pub crl: Vec<String>,
}

impl SigningConfiguration {
    /// Whole days until the first certificate of the signer's chain ends (S-028).
    pub(crate) fn signer_days_left(&self, now: Timestamp) -> i64 {
        self.chain.not_after().duration_since(now).as_hours() / 24
    }

    /// The fingerprint of the signing certificate: the SHA-256 of its DER.
    #[must_use]
    pub fn signer_fingerprint(&self) -> Option<Sha256Digest> {
        let signer = self.chain.certificates().first()?;
        Some(Sha256Digest::new(signer.fingerprint()))
    }

    /// A chain, and at least two timestamp authorities.
    #[must_use]
    pub fn new(chain: SignerChain, authorities: Vec<TimestampAuthority>) -> Self {
        Self {
            chain,
            authorities,
            addresses: Vec::new(),
            paths: Mutex::default(),
        }
    }

    /// The same with addresses for revocation data.
    #[must_use]
    pub fn with_revocation_addresses(self, addresses: Vec<RevocationAddresses>) -> Self {
        Self { addresses, ..self }
    }

    pub(crate) fn last_path(&self, authority: &str) -> Option<Vec<Certificate>> {
        let paths = self.paths.lock().unwrap_or_else(PoisonError::into_inner);
        paths.get(authority).cloned()
    }

    pub(crate) fn remember_path(&self, authority: &str, path: &[Certificate]) {
        let mut paths = self.paths.lock().unwrap_or_else(PoisonError::into_inner);
        paths.insert(authority.to_owned(), path.to_vec());
    }
}

/// What the library calls worth another try is tried again.
pub(crate) fn because(doing: &'static str, source: pades::Error) -> Failure {
    match source.kind() {
        ErrorKind::Later => Failure::Transient {
            doing,
            source: Some(source.into()),
        },
        ErrorKind::Altered | ErrorKind::Untrusted | ErrorKind::Invalid => {
            Failure::permanent_because(doing, source)
        }
    }
}

/// When the newest document timestamp is to be renewed.
pub(crate) fn next_renewal(report: &SignatureReport) -> Result<Timestamp, Failure> {
    let newest = report.stamps.last().ok_or_else(|| {
        Failure::permanent("reading back a certificate without a document timestamp")
    })?;
    Ok(renew_at(newest.timestamp, newest.valid_until()))
}

/// Until when an original is locked that is stored now.
pub(crate) fn retention_end(retention: Retention, now: Timestamp) -> Result<Timestamp, Failure> {
    retention
        .end(now)
        .ok_or_else(|| Failure::permanent("adding the retention to the time"))
}
