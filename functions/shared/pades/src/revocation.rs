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

use crate::error::der_error;
use crate::fields::{self, BOOLEAN, Field, GENERALIZED_TIME, OCTET_STRING, SEQUENCE, UTC_TIME};
use crate::key::Verified;
use crate::timestamp::generalized_time;
use crate::{Certificate, Error, RevocationProblem, TokenProblem};
use const_oid::ObjectIdentifier;
use jiff::{SignedDuration, Timestamp};

/// How far the clock of a responder may be ahead of the time that evidence is checked against.
const CLOCK_DIFFERENCE_MAX: SignedDuration = SignedDuration::from_mins(5);
/// How long evidence holds that does not say when there is newer (RFC 6960 section 4.2.2.1).
const WITHOUT_NEXT_UPDATE: SignedDuration = SignedDuration::from_hours(24);

/// What an issuer says of a certificate of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is not revoked.
    Good,
    /// It is revoked.
    Revoked {
        /// Since when, as the issuer says. What was signed before may be good nevertheless.
        at: Timestamp,
    },
    /// The issuer does not know it.
    Unknown,
}

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

/// Can this be read as a `CertificateList`?
pub(crate) fn is_list(der: &[u8]) -> bool {
    crl::List::parse(der).is_ok()
}

/// Is this a `CertificateList` that `issuer` signed and may sign? When it holds is not asked.
pub(crate) fn is_list_of(der: &[u8], issuer: &Certificate, verified: &mut Verified) -> bool {
    crl::List::parse(der).is_ok_and(|list| list.check_issuer(issuer, verified).is_ok())
}

/// `thisUpdate` and `nextUpdate`.
#[derive(Clone, Copy, Debug)]
struct Period {
    this_update: Timestamp,
    next_update: Option<Timestamp>,
}

impl Period {
    fn check(self, at: Timestamp) -> Result<(), RevocationProblem> {
        let Self { this_update, .. } = self;
        let later = |time: Timestamp, by| time.checked_add(by).unwrap_or(Timestamp::MAX);
        let next_update = self
            .next_update
            .unwrap_or_else(|| later(this_update, WITHOUT_NEXT_UPDATE));
        if this_update <= later(at, CLOCK_DIFFERENCE_MAX) && at <= next_update {
            return Ok(());
        }
        Err(RevocationProblem::NotCurrent {
            this_update,
            next_update,
            at,
        })
    }
}

/// UTCTime or GeneralizedTime, with or without a fraction of a second.
fn time(field: Field<'_>) -> Option<Timestamp> {
    match field.tag {
        GENERALIZED_TIME => generalized_time(field.content),
        UTC_TIME => {
            // RFC 5280 section 4.1.2.5.1: 50 to 99 are of the last century.
            let century: &[u8] = if field.content.first() >= Some(&b'5') {
                b"19"
            } else {
                b"20"
            };
            generalized_time(&[century, field.content].concat())
        }
        _ => None,
    }
}

/// One extension, as slices.
struct Extension<'a> {
    id: ObjectIdentifier,
    is_critical: bool,
    value: &'a [u8],
}

/// The extensions of `Extensions`, which is the one value in `explicit`.
fn extensions(explicit: Field<'_>) -> der::Result<Vec<Extension<'_>>> {
    let mut rest = fields::whole(explicit.content, SEQUENCE)?;
    let mut extensions = Vec::new();
    while !rest.is_empty() {
        extensions.push(extension(rest.required(SEQUENCE)?)?);
    }
    Ok(extensions)
}

fn extension(field: Field<'_>) -> der::Result<Extension<'_>> {
    let mut fields = field.fields();
    let id = fields.object_identifier()?;
    let critical = fields.optional(BOOLEAN)?;
    let value = fields.required(OCTET_STRING)?.content;
    fields.finish()?;
    Ok(Extension {
        id,
        is_critical: critical.is_some_and(|field| field.content != [0]),
        value,
    })
}

fn verify(
    signer: &Certificate,
    content: &[u8],
    algorithm: ObjectIdentifier,
    signature: &[u8],
    verified: &mut Verified,
) -> Result<(), RevocationProblem> {
    match signer.has_signed(content, algorithm, signature, verified) {
        Ok(true) => Ok(()),
        Ok(false) => Err(RevocationProblem::WrongSignature),
        Err(TokenProblem::Unsupported) => Err(RevocationProblem::Unsupported),
        Err(_) => Err(RevocationProblem::WrongSignature),
    }
}
