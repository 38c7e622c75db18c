//! Is a certificate revoked? OCSP requests and responses (RFC 6960) and revocation lists (RFC 5280
//! section 5), read tolerantly and judged strictly.
//!
//! ```no_run
//! # fn post(_: &str, _: Vec<u8>) -> Vec<u8> { Vec::new() }
//! # fn example(certificate: pades::Certificate, issuer: pades::Certificate, at: jiff::Timestamp)
//! #     -> Result<(), pades::Error> {
//! use pades::revocation::{RevocationEvidence, Status, ocsp_request};
//! let request = ocsp_request(&certificate, &issuer)?;
//! let response = post("http://ocsp.example/", request);
//! let evidence = RevocationEvidence::from_ocsp_response(&response)?;
//! assert_eq!(evidence.check(&certificate, &issuer, at)?, Status::Good);
//! # Ok(())
//! # }
//! ```

mod crl;
mod ocsp;
mod statement;

pub use self::statement::Status;

use crate::error::der_error;
use crate::key::Verified;
use crate::{Certificate, Error, RevocationProblem};
use jiff::Timestamp;

/// An OCSP response or a revocation list, with the very bytes it came in.
#[derive(Clone, PartialEq, Eq)]
pub struct RevocationEvidence {
    kind: Kind,
    der: Vec<u8>,
}

/// What evidence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Ocsp,
    Crl,
}

impl std::fmt::Debug for RevocationEvidence {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:?}({} bytes)", self.kind, self.der.len())
    }
}

/// The request that asks one issuer about one certificate, to be posted as
/// `application/ocsp-request`. It has no nonce: most responders give answers made in advance (RFC
/// 5019), and the times in the answer say how old it is.
///
/// # Errors
/// [`Error::Der`], which no certificate is known to cause.
pub fn ocsp_request(certificate: &Certificate, issuer: &Certificate) -> Result<Vec<u8>, Error> {
    ocsp::request(certificate, issuer).map_err(der_error("an OCSP request"))
}

impl RevocationEvidence {
    /// Takes an `OCSPResponse` that answers, whatever it says.
    ///
    /// # Errors
    /// [`Error::Revocation`] for a refusal and for what is no response.
    pub fn from_ocsp_response(der: &[u8]) -> Result<Self, Error> {
        let read = ocsp::Response::parse(der).map(|_| ());
        Self::read(Kind::Ocsp, der, read)
    }

    /// Takes a `CertificateList`.
    ///
    /// # Errors
    /// [`Error::Revocation`] for what is none.
    pub fn from_crl(der: &[u8]) -> Result<Self, Error> {
        let read = crl::List::parse(der).map(|_| ());
        Self::read(Kind::Crl, der, read)
    }

    fn read(kind: Kind, der: &[u8], read: Result<(), RevocationProblem>) -> Result<Self, Error> {
        let der = der.to_vec();
        match read {
            Ok(()) => Ok(Self { kind, der }),
            Err(problem) => Err(Error::Revocation {
                subject: "anybody".to_owned(),
                evidence: kind.words(),
                problem,
            }),
        }
    }

    /// The bytes as they came.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// What this says of `certificate` at the time `at`, which must lie between "this update" (but
    /// for five minutes of difference between clocks) and "next update".
    ///
    /// Checked are the signature, that it is the issuer's own or that of a responder to whom the
    /// issuer delegated (`id-kp-OCSPSigning`, with `id-pkix-ocsp-nocheck`, valid at `at`), and that
    /// the certificate is meant.
    ///
    /// # Errors
    /// [`Error::Revocation`] where it says nothing that can be relied on.
    pub fn check(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        at: Timestamp,
    ) -> Result<Status, Error> {
        let mut verified = Verified::default();
        self.check_with(certificate, issuer, at, &mut verified)
            .map_err(|problem| self.error(certificate, problem))
    }

    pub(crate) fn check_with(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        at: Timestamp,
        verified: &mut Verified,
    ) -> Result<Status, RevocationProblem> {
        match self.kind {
            Kind::Ocsp => {
                ocsp::Response::parse(&self.der)?.check(certificate, issuer, at, verified)
            }
            Kind::Crl => crl::List::parse(&self.der)?.check(certificate, issuer, at, verified),
        }
    }

    /// Who signed it, if not the issuer itself.
    pub(crate) fn responder(
        &self,
        issuer: &Certificate,
        at: Timestamp,
        verified: &mut Verified,
    ) -> Option<Certificate> {
        match self.kind {
            Kind::Ocsp => {
                let response = ocsp::Response::parse(&self.der).ok()?;
                response.delegate(issuer, at, verified).ok()?
            }
            Kind::Crl => None,
        }
    }

    pub(crate) fn error(&self, certificate: &Certificate, problem: RevocationProblem) -> Error {
        Error::Revocation {
            subject: certificate.subject(),
            evidence: self.kind.words(),
            problem,
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }
}

impl Kind {
    fn words(self) -> &'static str {
        match self {
            Self::Ocsp => "an OCSP response",
            Self::Crl => "a revocation list",
        }
    }
}
