//! Fetches what issuers say of certificates: OCSP first, revocation lists where no responder gives
//! a good answer.

use pades::revocation::{RevocationEvidence, ocsp_request};
use pades::{Certificate, Error, RevocationProblem, ValidationData};
use tracing::warn;

use super::{Archiving, because};
use crate::ports::{Clock, FetchCrl, RequestOcsp};
use crate::{Failure, Outside};

impl<O> Archiving<'_, O>
where
    O: Outside,
    O::Authorities: RequestOcsp + FetchCrl,
    O::Clock: Clock,
{
    /// Adds a path and the proof that none of its certificates is revoked.
    pub(super) async fn prove(
        &self,
        data: &mut ValidationData,
        path: &[Certificate],
    ) -> Result<(), Failure> {
        data.add_path(path);
        for (certificate, issuer) in data.unproven(path, self.clock.now()) {
            self.prove_one(data, certificate, issuer).await?;
        }
        Ok(())
    }

    /// "Revoked" and "unknown" are answers, and end the search; everything else may be one
    /// source's fault, and the next one is asked.
    async fn prove_one(
        &self,
        data: &mut ValidationData,
        certificate: &Certificate,
        issuer: &Certificate,
    ) -> Result<(), Failure> {
        let (responders, lists) = self.addresses(certificate, issuer);
        let mut failure = Failure::transient("finding an address for revocation data");
        let sources = responders.iter().map(|url| (url, true));
        for (url, is_responder) in sources.chain(lists.iter().map(|url| (url, false))) {
            let evidence = if is_responder {
                self.ask(url, certificate, issuer).await
            } else {
                self.fetch(url).await
            };
            let added = match evidence {
                Ok(evidence) => {
                    let now = self.clock.now();
                    data.add_evidence(evidence, certificate, issuer, now)
                }
                Err(found) => {
                    tell(issuer, &found);
                    failure = found;
                    continue;
                }
            };
            let Err(error) = added else {
                return Ok(());
            };
            let is_answer = is_answer(&error);
            failure = because("learning whether a certificate is revoked", error);
            tell(issuer, &failure);
            if is_answer {
                break;
            }
        }
        Err(failure)
    }

    async fn ask(
        &self,
        url: &str,
        certificate: &Certificate,
        issuer: &Certificate,
    ) -> Result<RevocationEvidence, Failure> {
        let request = ocsp_request(certificate, issuer)
            .map_err(|source| because("writing an OCSP request", source))?;
        let response = self.authorities.request_ocsp(url, request).await?;
        RevocationEvidence::from_ocsp_response(&response)
            .map_err(|source| because("reading an OCSP response", source))
    }

    async fn fetch(&self, url: &str) -> Result<RevocationEvidence, Failure> {
        let list = self.authorities.fetch_crl(url).await?;
        RevocationEvidence::from_crl(&list)
            .map_err(|source| because("reading a revocation list", source))
    }

    /// OCSP responders and revocation lists: the operator's, or else those in the certificate.
    fn addresses(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
    ) -> (Vec<String>, Vec<String>) {
        let name = issuer.subject();
        let mut configured = self.signing.addresses.iter();
        match configured.find(|addresses| addresses.issuer == name) {
            Some(addresses) => (addresses.ocsp.clone(), addresses.crl.clone()),
            None => (certificate.ocsp_addresses(), certificate.crl_addresses()),
        }
    }
}

fn is_answer(error: &Error) -> bool {
    matches!(
        error,
        Error::Revocation {
            problem: RevocationProblem::Revoked { .. } | RevocationProblem::Unknown,
            ..
        }
    )
}

/// One line for each source that fails; an alarm counts them. Issuers are no persons.
fn tell(issuer: &Certificate, failure: &Failure) {
    let (issuer, cause) = (issuer.subject(), failure.chain());
    warn!(issuer, cause, "no good revocation data");
}
