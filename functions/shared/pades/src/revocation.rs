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

use crate::budget::Work;
use crate::error::der_error;
use crate::key::Verified;
use crate::path::{self, Role};
use crate::{Certificate, Error, RevocationProblem};
use jiff::Timestamp;

/// An OCSP response or a revocation list, with the very bytes it came in.
#[derive(Clone, PartialEq, Eq)]
pub struct RevocationEvidence {
    kind: Kind,
    der: Vec<u8>,
    /// Whom an OCSP response is about: most that is looked at is about somebody else, and need not
    /// be read for that.
    serials: Vec<Vec<u8>>,
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
        let read = ocsp::Response::parse(der).map(|response| response.serials());
        Self::read(Kind::Ocsp, der, read)
    }

    /// Takes a `CertificateList`.
    ///
    /// # Errors
    /// [`Error::Revocation`] for what is none.
    pub fn from_crl(der: &[u8]) -> Result<Self, Error> {
        let read = crl::List::parse(der).map(|_| Vec::new());
        Self::read(Kind::Crl, der, read)
    }

    fn read(
        kind: Kind,
        der: &[u8],
        read: Result<Vec<Vec<u8>>, RevocationProblem>,
    ) -> Result<Self, Error> {
        let der = der.to_vec();
        match read {
            Ok(serials) => Ok(Self { kind, der, serials }),
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

    /// Has an answer the serial number of `certificate`? A list may be about all that its issuer
    /// certified.
    pub fn may_be_about(&self, certificate: &Certificate) -> bool {
        let is_serial = |serial: &Vec<u8>| serial == certificate.serial();
        self.kind == Kind::Crl || self.serials.iter().any(is_serial)
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
        if !self.may_be_about(certificate) {
            return Err(RevocationProblem::OtherCertificate);
        }
        if !verified.spend(Work::Answers, 1) {
            return Err(RevocationProblem::Unsupported);
        }
        match self.kind {
            Kind::Ocsp => {
                ocsp::Response::parse(&self.der)?.check(certificate, issuer, at, verified)
            }
            Kind::Crl => crl::List::parse(&self.der)?.check(certificate, issuer, at, verified),
        }
    }

    /// Is this about `certificate`, by who may say so at the time `at`? When it holds is not asked.
    pub(crate) fn is_about(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        at: Timestamp,
        verified: &mut Verified,
    ) -> bool {
        if !verified.spend(Work::Answers, 1) {
            return false;
        }
        match self.kind {
            Kind::Ocsp => ocsp::Response::parse(&self.der)
                .is_ok_and(|response| response.is_about(certificate, issuer, at, verified)),
            Kind::Crl => crl::List::parse(&self.der)
                .is_ok_and(|list| list.is_about(certificate, issuer, verified)),
        }
    }

    /// What this says of the first certificate of a path. A responder to whom the second one
    /// delegated is held against all authorities above, as any other certificate is.
    pub(crate) fn check_on_path(
        &self,
        path: &[Certificate],
        at: Timestamp,
        verified: &mut Verified,
    ) -> Result<Status, RevocationProblem> {
        let [certificate, above @ ..] = path else {
            return Err(RevocationProblem::Missing);
        };
        let issuer = above.first().ok_or(RevocationProblem::Missing)?;
        let status = self.check_with(certificate, issuer, at, verified)?;
        if let Some(responder) = self.responder(issuer, at, verified) {
            let path: Vec<&Certificate> = std::iter::once(&responder).chain(above).collect();
            path::check(&path, Role::OcspResponder).map_err(|_| RevocationProblem::Stranger)?;
        }
        Ok(status)
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
