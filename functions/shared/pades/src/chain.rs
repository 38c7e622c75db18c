//! The signer's chain.

use crate::error::der_error;
use crate::key::{KeyAlgorithm, PublicKey, Verified};
use crate::path::{self, Misfit, PATH_LENGTH_MAX, Role};
use crate::{Certificate, Error};
use jiff::Timestamp;

/// A signing certificate with its chain, leaf first.
///
/// Checked when made: the leaf's key is RSA of at least 3072 bits or P-256, each certificate is
/// signed by the next and fits its place ([`Role::DocumentSigner`]): the leaf is for documents,
/// every issuer may issue it under its names and policies. Whether the last one is trusted is for
/// the reader of the document to say.
#[derive(Clone, Debug)]
pub struct SignerChain {
    certificates: Vec<Certificate>,
    key: PublicKey,
    algorithm: KeyAlgorithm,
    public_key_der: Vec<u8>,
}

impl SignerChain {
    /// Reads a chain from PEM texts of one or more certificates each, leaf first.
    ///
    /// # Errors
    /// [`Error::Text`] and [`Error::Der`] for what is not a certificate, [`Error::Chain`] for a
    /// certificate that does not fit its place, [`Error::Unsupported`] for a leaf key of another
    /// kind.
    pub fn from_pem<T: AsRef<str>>(texts: &[T]) -> Result<Self, Error> {
        let mut certificates = Vec::new();
        for text in texts {
            certificates.extend(Certificate::all_from_pem(text.as_ref())?);
        }
        Self::new(certificates)
    }

    /// Checks a chain, leaf first.
    ///
    /// # Errors
    /// As [`Self::from_pem`].
    pub fn new(certificates: Vec<Certificate>) -> Result<Self, Error> {
        Self::new_with(certificates, &mut Verified::default())
    }

    pub(crate) fn new_with(
        certificates: Vec<Certificate>,
        verified: &mut Verified,
    ) -> Result<Self, Error> {
        let chain = Self::read(certificates)?;
        check_order(&chain.certificates, verified)?;
        Ok(chain)
    }

    /// A chain of somebody who does not care what its certificates are for.
    ///
    /// # Errors
    /// As [`Self::from_pem`], for the leaf's key alone.
    #[cfg(any(test, feature = "testing"))]
    pub fn unchecked(certificates: Vec<Certificate>) -> Result<Self, Error> {
        Self::read(certificates)
    }

    fn read(certificates: Vec<Certificate>) -> Result<Self, Error> {
        let Some(leaf) = certificates.first() else {
            let problem = "there is no certificate".to_owned();
            return Err(Error::Text {
                what: "the signer's chain",
                problem,
            });
        };
        let unsupported = Error::Unsupported {
            what: "the signing certificate's key",
        };
        let Some(key) = leaf.public_key() else {
            return Err(unsupported);
        };
        let Some(algorithm) = key.signer_algorithm() else {
            return Err(unsupported);
        };
        let public_key_der = leaf
            .public_key_der()
            .map_err(der_error("the signer's key"))?;
        Ok(Self {
            certificates,
            key,
            algorithm,
            public_key_der,
        })
    }

    /// How the leaf's key signs.
    pub fn key_algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// The leaf's `SubjectPublicKeyInfo`, as AWS KMS `GetPublicKey` returns it.
    pub fn public_key_der(&self) -> &[u8] {
        &self.public_key_der
    }

    /// When the first of the chain's certificates ends to be valid.
    pub fn not_after(&self) -> Timestamp {
        let ends = self.certificates.iter().map(Certificate::not_after);
        ends.min().unwrap_or(Timestamp::MIN)
    }

    /// The leaf's subject as in RFC 4514.
    pub fn subject(&self) -> String {
        self.leaf().map(Certificate::subject).unwrap_or_default()
    }

    /// All certificates, leaf first.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Are all certificates valid at `time`?
    pub fn is_valid_at(&self, time: Timestamp) -> bool {
        self.certificates
            .iter()
            .all(|certificate| certificate.is_valid_at(time))
    }

    pub(crate) fn leaf(&self) -> Option<&Certificate> {
        self.certificates.first()
    }

    pub(crate) fn key(&self) -> &PublicKey {
        &self.key
    }
}

fn check_order(certificates: &[Certificate], verified: &mut Verified) -> Result<(), Error> {
    let refuse = |position: usize, problem: &'static str| {
        let subject = certificates.get(position).map(Certificate::subject);
        Error::Chain {
            position,
            subject: subject.unwrap_or_default(),
            problem,
        }
    };
    if certificates.len() > PATH_LENGTH_MAX {
        return Err(refuse(PATH_LENGTH_MAX, "the chain is too long"));
    }
    for (position, certificate) in certificates.iter().enumerate() {
        if certificate.not_before() > certificate.not_after() {
            return Err(refuse(position, "its validity ends before it starts"));
        }
    }
    let path: Vec<&Certificate> = certificates.iter().collect();
    path::check(&path, Role::DocumentSigner)
        .map_err(|Misfit { position, problem }| refuse(position, problem))?;
    for (position, (certificate, issuer)) in certificates
        .iter()
        .zip(certificates.iter().skip(1))
        .enumerate()
    {
        if !certificate.names_as_issuer(issuer) {
            return Err(refuse(position, "the next certificate is not its issuer's"));
        }
        let problem = match certificate.is_signed_by(issuer, verified) {
            Ok(true) => continue,
            Ok(false) => "the next certificate's key did not sign it",
            Err(_) => "it is signed with an unsupported algorithm or key size",
        };
        return Err(refuse(position, problem));
    }
    Ok(())
}
