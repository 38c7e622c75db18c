//! What the issuers said of certificates, from the validation data of the file.

use crate::changes::Validation;
use crate::object::Deviation;
use crate::revisions::File;
use jiff::Timestamp;
use pades::inspect::Inspector;
use pades::revocation::{RevocationEvidence, Status};
use pades::{Certificate, RevocationProblem};

/// Certificates, and what was said of them.
#[derive(Debug, Default)]
pub(crate) struct ValidationData {
    pub(crate) certificates: Vec<Certificate>,
    evidence: Vec<RevocationEvidence>,
}

/// What is known of a path of certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// Each was good.
    Good,
    /// One was revoked.
    Revoked { subject: String, at: Timestamp },
    /// Nothing is known of one.
    Nothing { subject: String },
}

impl ValidationData {
    /// Reads the entries. What is none cannot have been put there by the service.
    pub(crate) fn read(file: &File<'_>, validation: &Validation) -> Result<Self, Deviation> {
        let mut data = Self::default();
        for span in &validation.certificates {
            let certificate = Certificate::from_der(file.bytes(span));
            data.certificates.push(certificate.map_err(|_| Deviation {
                at: span.start,
                problem: "a certificate of the validation data cannot be read",
            })?);
        }
        let responses = validation.responses.iter().map(|span| {
            (
                span,
                RevocationEvidence::from_ocsp_response(file.bytes(span)),
            )
        });
        let lists = validation.lists.iter();
        let lists = lists.map(|span| (span, RevocationEvidence::from_crl(file.bytes(span))));
        for (span, evidence) in responses.chain(lists) {
            data.evidence.push(evidence.map_err(|_| Deviation {
                at: span.start,
                problem: "an entry of the validation data cannot be read",
            })?);
        }
        Ok(data)
    }

    /// What is known of a path at `used_at`, its last certificate being the trusted root.
    ///
    /// What an issuer says of a later time proves at least as much: a certificate that is good then
    /// was good before. So evidence counts that is current at one of `times` from `used_at` on. A
    /// revocation counts if it happened before `counts_before`.
    pub(crate) fn of_path(
        &self,
        inspector: &Inspector,
        path: &[Certificate],
        (used_at, counts_before): (Timestamp, Timestamp),
        times: &[Timestamp],
    ) -> Known {
        let later = times.iter().copied().filter(|time| *time > used_at);
        let times: Vec<Timestamp> = std::iter::once(used_at).chain(later).collect();
        let mut unknown = None;
        for (position, certificate) in path.iter().enumerate().take(path.len().saturating_sub(1)) {
            let from_here = (certificate, path.get(position..).unwrap_or_default());
            match self.of_certificate(inspector, from_here, counts_before, &times) {
                Known::Good => {}
                revoked @ Known::Revoked { .. } => return revoked,
                nothing @ Known::Nothing { .. } => unknown = unknown.or(Some(nothing)),
            }
        }
        unknown.unwrap_or(Known::Good)
    }

    /// Is each answer and each list about the first certificate of one of these pairs, by the
    /// second one, which is its issuer, or by a responder of that issuer at one of these times?
    /// Whether it holds at any of them is not asked.
    pub(crate) fn is_about(
        &self,
        pairs: &[(&Certificate, &Certificate)],
        times: &[Timestamp],
        inspector: &Inspector,
    ) -> bool {
        self.evidence.iter().all(|evidence| {
            let mut pairs = pairs.iter().filter(|(one, _)| evidence.may_be_about(one));
            pairs.any(|pair| {
                let mut times = times.iter();
                times.any(|time| inspector.is_about(evidence, *pair, *time))
            })
        })
    }

    fn of_certificate(
        &self,
        inspector: &Inspector,
        (certificate, path): (&Certificate, &[Certificate]),
        counts_before: Timestamp,
        times: &[Timestamp],
    ) -> Known {
        let subject = certificate.subject();
        let mut is_good = false;
        for evidence in &self.evidence {
            let said = |time: &Timestamp| inspector.status(evidence, path, *time);
            // What is about another certificate is so at every time.
            let is_about = |said: &Result<_, _>| *said != Err(RevocationProblem::OtherCertificate);
            let said = times.iter().map(said).take_while(is_about);
            match said.flatten().next() {
                Some(Status::Revoked { at }) if at <= counts_before => {
                    return Known::Revoked { subject, at };
                }
                Some(Status::Revoked { .. } | Status::Good) => is_good = true,
                Some(Status::Unknown) | None => {}
            }
        }
        if is_good {
            Known::Good
        } else {
            Known::Nothing { subject }
        }
    }
}
