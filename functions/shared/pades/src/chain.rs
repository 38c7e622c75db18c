//! The signer's chain, and paths from a timestamp authority's certificate to a trusted root.

use crate::error::der_error;
use crate::key::{KeyAlgorithm, PublicKey, Verified};
use crate::limits::CHAIN_LENGTH_MAX;
use crate::{Certificate, Error, TokenProblem};
use jiff::Timestamp;

/// A token carries what certificates it likes; signatures to check while looking for a path.
const PATH_CHECKS_MAX: usize = 64;

/// A signing certificate with its chain, leaf first.
///
/// Checked when made: the leaf's key is RSA of at least 3072 bits or P-256 and may sign, each
/// certificate is signed by the next, and every issuer may issue. Whether the last one is trusted
/// is for the reader of the document to say.
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
        check_order(&certificates, verified)?;
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
    for (position, certificate) in certificates.iter().enumerate() {
        let refuse = |problem: &'static str| {
            let subject = certificate.subject();
            Err(Error::Chain {
                position,
                subject,
                problem,
            })
        };
        if position >= CHAIN_LENGTH_MAX {
            return refuse("the chain is too long");
        }
        if certificate.not_before() > certificate.not_after() {
            return refuse("its validity ends before it starts");
        }
        if certificate.has_unknown_critical_extension() {
            return refuse("it has a critical extension that is not understood");
        }
        match position.checked_sub(1) {
            None if !certificate.has_key_usage() => return refuse("it has no key usage"),
            None if !certificate.may_sign() => return refuse("its key may not sign documents"),
            Some(below) if !certificate.may_issue(below) => {
                return refuse("it may not issue certificates");
            }
            None | Some(_) => {}
        }
        let Some(issuer) = certificates.get(position + 1) else {
            continue;
        };
        if !certificate.names_as_issuer(issuer) {
            return refuse("the next certificate is not its issuer's");
        }
        match certificate.is_signed_by(issuer, verified) {
            Ok(true) => {}
            Ok(false) => return refuse("the next certificate's key did not sign it"),
            Err(_) => return refuse("it is signed with an unsupported algorithm or key size"),
        }
    }
    Ok(())
}

/// Finds a path from `leaf` over certificates of `pool` to one of `roots`, all valid at `time`.
///
/// Gives the path, the root last. Says why not as the furthest that the search came.
pub(crate) fn check_path(
    leaf: &Certificate,
    pool: &[Certificate],
    roots: &[Certificate],
    time: Timestamp,
    verified: &mut Verified,
) -> Result<Vec<Certificate>, TokenProblem> {
    let mut search = Search {
        pool,
        roots,
        time,
        verified,
        checks_left: PATH_CHECKS_MAX,
        met_expired: false,
    };
    if let Some(mut path) = search.path_to_root(leaf, 0) {
        path.reverse();
        Ok(path)
    } else if search.met_expired {
        Err(TokenProblem::NotValidAtItsTime)
    } else {
        Err(TokenProblem::UntrustedChain)
    }
}

struct Search<'a> {
    pool: &'a [Certificate],
    roots: &'a [Certificate],
    time: Timestamp,
    verified: &'a mut Verified,
    checks_left: usize,
    met_expired: bool,
}

impl Search<'_> {
    /// `depth` authorities stand between `certificate` and the leaf, itself included.
    /// The path comes with the root first.
    fn path_to_root(
        &mut self,
        certificate: &Certificate,
        depth: usize,
    ) -> Option<Vec<Certificate>> {
        if depth >= CHAIN_LENGTH_MAX || certificate.has_unknown_critical_extension() {
            return None;
        }
        let (pool, roots) = (self.pool, self.roots);
        let candidates = roots.iter().map(|root| (root, true));
        for (issuer, is_root) in candidates.chain(pool.iter().map(|other| (other, false))) {
            if !certificate.names_as_issuer(issuer) || !issuer.may_issue(depth) {
                continue;
            }
            if self.checks_left == 0 {
                return None;
            }
            self.checks_left -= 1;
            if certificate.is_signed_by(issuer, self.verified) != Ok(true) {
                continue;
            }
            let path = if is_root {
                Some(vec![issuer.clone()])
            } else if issuer.is_self_issued() {
                // A root that is not among the trusted ones leads nowhere.
                None
            } else {
                self.path_to_root(issuer, depth + 1)
            };
            let Some(mut path) = path else {
                continue;
            };
            // Validity is looked at last, so that "expired" is only said of a trusted path.
            if certificate.is_valid_at(self.time) && issuer.is_valid_at(self.time) {
                path.push(certificate.clone());
                return Some(path);
            }
            self.met_expired = true;
        }
        None
    }
}
