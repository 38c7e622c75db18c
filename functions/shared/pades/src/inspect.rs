//! The parts of a check, for who reads a document without knowing its signer: containers and
//! tokens are taken as they are found, and the paths above them are asked for afterwards.
//!
//! [`crate::read_back`] is for the signer itself; it knows the chain and the authorities.

use crate::budget::{Budget, Work};
use crate::cms::{self, Signed};
use crate::key::Verified;
use crate::limits::ACCURACY_MAX;
use crate::path::{self, Ends, PATH_LENGTH_MAX, PathBudget, Role};
use crate::revocation::{RevocationEvidence, Status};
use crate::timestamp::{Reading, Token};
use crate::{Certificate, Error, RevocationProblem, SignerChain, TokenProblem, token_form};
use const_oid::db::rfc5911::ID_DATA;
use jiff::Timestamp;
use std::cell::RefCell;

/// The CMS container of a document's signature, whose signature holds.
#[derive(Debug)]
pub struct DocumentSignature {
    chain: SignerChain,
    value: Vec<u8>,
    token: Option<Vec<u8>>,
}

impl DocumentSignature {
    /// The signer's chain, leaf first, as the container has it.
    pub fn chain(&self) -> &SignerChain {
        &self.chain
    }

    /// The signature's value, which its timestamp stamps.
    pub fn value(&self) -> &[u8] {
        &self.value
    }

    /// The timestamp token, if there is one; unchecked.
    pub fn token(&self) -> Option<&[u8]> {
        self.token.as_deref()
    }
}

/// The container's certificates, each followed by its issuer, as far as a path goes. A certificate
/// that belongs nowhere is left out, and then the container is not as it was written.
fn in_order(signed: &Signed<'_>) -> Result<Vec<Certificate>, Error> {
    let certificates = &signed.certificates;
    let mut next = certificates.iter().find(|one| signed.is_signer(one));
    if next.is_none() {
        return Err(Error::Altered("the signing certificate is missing"));
    }
    let mut ordered: Vec<Certificate> = Vec::new();
    while let Some(certificate) = next
        && ordered.len() <= PATH_LENGTH_MAX
    {
        ordered.push(certificate.clone());
        let is_issuer =
            |other: &&Certificate| certificate.names_as_issuer(other) && !ordered.contains(other);
        next = certificates.iter().find(is_issuer);
    }
    Ok(ordered)
}

/// A timestamp token that stamps a known digest and whose signature holds.
#[derive(Clone, Debug)]
pub struct InspectedToken {
    reading: Reading,
    certificate: Certificate,
    certificates: Vec<Certificate>,
}

impl InspectedToken {
    /// What the authority's clock said.
    pub fn time(&self) -> Timestamp {
        self.reading.time
    }

    /// Is the clock accurate enough to count? To a minute.
    pub fn is_accurate(&self) -> bool {
        self.reading.accuracy <= ACCURACY_MAX
    }

    /// Can this have been made after `earlier`? Both times may be off by what their authorities
    /// say, or else by the second that all of them promise.
    pub fn may_follow(&self, earlier: &Self) -> bool {
        self.reading.may_follow(earlier.reading)
    }

    /// The last time at which this can have been made.
    pub fn latest(&self) -> Timestamp {
        let Reading { time, accuracy } = self.reading;
        time.checked_add(accuracy).unwrap_or(Timestamp::MAX)
    }

    /// The authority's own certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// All certificates in the token.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }
}

/// Checks the parts of one document. A signature is computed once, however many parts lead to it:
/// the tokens, the paths above them and the revocation data have many in common. When the budget
/// has run out nothing holds any more, and [`Inspector::budget`] says so.
#[derive(Debug, Default)]
pub struct Inspector {
    verified: RefCell<Verified>,
    path_budget: RefCell<PathBudget>,
}

impl Inspector {
    /// Checks within a budget; without one, as [`Inspector::default`], nothing is counted.
    pub fn new(budget: Budget<Work>) -> Self {
        Self {
            verified: RefCell::new(Verified::new(budget)),
            path_budget: RefCell::default(),
        }
    }

    /// What was spent up to here.
    pub fn budget(&self) -> Budget<Work> {
        self.verified.borrow().budget().clone()
    }

    /// Takes so much of the budget; false where it is not there.
    pub fn spend(&self, work: Work, amount: usize) -> bool {
        self.verified.borrow_mut().spend(work, amount)
    }

    /// Checks a container against the digest of the signed bytes: the signature, the reference to
    /// the signing certificate, that its certificates are one chain with the signer's first, and
    /// that nothing stands in the container that this crate would not have written there. Whether
    /// the chain is trusted is not asked.
    ///
    /// # Errors
    /// [`Error::Altered`], [`Error::Chain`] or [`Error::Unsupported`].
    pub fn signature(
        &self,
        der: &[u8],
        document_digest: &[u8; 32],
    ) -> Result<DocumentSignature, Error> {
        let verified = &mut self.verified.borrow_mut();
        let signed = Signed::parse(der).map_err(|error| {
            Error::Altered(if error.kind() == der::ErrorKind::Overlength {
                "the signature's container holds more than it needs"
            } else {
                "the signature is not a CMS of one signer"
            })
        })?;
        if signed.content.is_some() || !signed.content_type_is(ID_DATA) {
            return Err(Error::Altered("the signature is not detached"));
        }
        if !signed.message_digest_is(document_digest) {
            return Err(Error::Altered("the file's digest is not the signed one"));
        }
        let chain = SignerChain::new_with(in_order(&signed)?, verified)?;
        let leaf = chain.leaf().filter(|leaf| signed.refers_to(leaf));
        if leaf.is_none() {
            return Err(Error::Altered(
                "the signature names another signing certificate",
            ));
        }
        match signed.verifies_with(chain.key(), verified) {
            Some(true) => {}
            Some(false) => return Err(Error::Altered("the signature does not verify")),
            None => {
                return Err(Error::Unsupported {
                    what: "the signature's algorithm",
                });
            }
        }
        let token = signed.unsigned_attribute(cms::ID_AA_TIME_STAMP_TOKEN);
        let token = token.map(|field| field.whole);
        // The signature does not cover its own container, so the rest of it has one form only.
        let attributes = cms::signed_attributes(document_digest, &chain)?;
        if cms::container(&attributes, &chain, signed.signature, token)? != der {
            return Err(Error::Altered(
                "the signature's container is not as it was written",
            ));
        }
        Ok(DocumentSignature {
            value: signed.signature.to_vec(),
            token: token.map(<[u8]>::to_vec),
            chain,
        })
    }

    /// Checks everything about a token but its path: that it stamps `imprint`, a SHA-256; its
    /// signature; that its certificate is meant and is one for timestamps only; and that it is in
    /// the one form that this crate writes. Whether the certificates in it are the right ones is
    /// for [`Self::check_certificates`].
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn token(&self, der: &[u8], imprint: &[u8; 32]) -> Result<InspectedToken, TokenProblem> {
        let token = Token::parse(der)?;
        // First what costs nothing: a token with many certificates is none of ours.
        token.check_form()?;
        let certificate = token.check_signature(imprint, &mut self.verified.borrow_mut())?;
        Ok(InspectedToken {
            reading: token.info.reading(),
            certificate: certificate.clone(),
            certificates: token.certificates().to_vec(),
        })
    }

    /// A path from `leaf`, which is used in this `role`, over certificates of `pool` to one of
    /// `roots`, all valid at `time` and each one fit for its place; the root comes last.
    ///
    /// # Errors
    /// [`TokenProblem::UntrustedChain`] if there is none, [`TokenProblem::Misfit`] if there is one
    /// with a certificate that is for something else, [`TokenProblem::NotValidAtItsTime`] if there
    /// is one, but not at that time, [`TokenProblem::TooManyCertificates`] when the search was
    /// given up.
    pub fn path(
        &self,
        leaf: &Certificate,
        role: Role,
        (pool, roots): (&[Certificate], &[Certificate]),
        time: Timestamp,
    ) -> Result<Vec<Certificate>, TokenProblem> {
        if !self.spend(Work::Certificates, pool.len()) {
            return Err(TokenProblem::UntrustedChain);
        }
        let ends = Ends { leaf, role, roots };
        let verified = &mut self.verified.borrow_mut();
        path::find(
            ends,
            pool,
            time,
            verified,
            &mut self.path_budget.borrow_mut(),
        )
    }

    /// What the searches for paths have cost so far, and what is left for them.
    #[must_use]
    pub fn path_budget(&self) -> PathBudget {
        self.path_budget.borrow().clone()
    }

    /// Does the key of `issuer` verify the signature of `certificate`, which names it?
    pub fn is_issuer(&self, issuer: &Certificate, certificate: &Certificate) -> bool {
        let verified = &mut self.verified.borrow_mut();
        certificate.names_as_issuer(issuer)
            && certificate.is_signed_by(issuer, verified) == Ok(true)
    }

    /// What evidence says at the time `at` of the first certificate of a path, the second being its
    /// issuer's, as [`RevocationEvidence::check`] does. A responder must fit below all of the path.
    ///
    /// # Errors
    /// Why it says nothing that can be relied on.
    pub fn status(
        &self,
        evidence: &RevocationEvidence,
        path: &[Certificate],
        at: Timestamp,
    ) -> Result<Status, RevocationProblem> {
        evidence.check_on_path(path, at, &mut self.verified.borrow_mut())
    }

    /// Is evidence about `certificate`, by `issuer` or by a responder of its own that was valid at
    /// the time `at`? For which time it speaks is not asked.
    pub fn is_about(
        &self,
        evidence: &RevocationEvidence,
        (certificate, issuer): (&Certificate, &Certificate),
        at: Timestamp,
    ) -> bool {
        let verified = &mut self.verified.borrow_mut();
        evidence.is_about(certificate, issuer, at, verified)
    }

    /// Are the certificates in a token those that it must have? Its own signature does not cover
    /// them.
    ///
    /// Each but the signer's, which the token names by its digest, must be one of the validation
    /// data, byte for byte: that data is covered by a token. Without such data each must be signed
    /// by one of the others or of `roots`. The last token of a file must have all that its data
    /// leads to; what an older one has, a newer one covers.
    ///
    /// # Errors
    /// [`TokenProblem::Unsigned`] for the first one that is not.
    pub fn check_certificates(
        &self,
        token: &InspectedToken,
        data: &[Certificate],
        roots: &[Certificate],
        is_last: bool,
    ) -> Result<(), TokenProblem> {
        if !self.spend(Work::Certificates, data.len() + roots.len()) {
            return Err(TokenProblem::UntrustedChain);
        }
        let verified = &mut self.verified.borrow_mut();
        let above = || {
            token
                .certificates
                .iter()
                .filter(|one| **one != token.certificate)
        };
        if data.is_empty() {
            let issuers = || token.certificates.iter().chain(roots);
            let is_signed = |one: &Certificate, verified: &mut Verified| {
                let mut issuers = issuers().filter(|other| one.names_as_issuer(other));
                issuers.any(|issuer| one.is_signed_by(issuer, verified) == Ok(true))
            };
            if !above().all(|one| is_signed(one, verified)) {
                return Err(TokenProblem::Unsigned(
                    "a certificate whose issuer is not known",
                ));
            }
            return Ok(());
        }
        if !above().all(|one| data.contains(one)) {
            return Err(TokenProblem::Unsigned(
                "a certificate that the validation data has not",
            ));
        }
        if is_last {
            let line = token_form::line(&token.certificate, data, verified)?;
            let is_whole = line.len() == token.certificates.len()
                && line.iter().all(|one| token.certificates.contains(one));
            if !is_whole {
                return Err(TokenProblem::Unsigned(
                    "other certificates than its path needs",
                ));
            }
        }
        Ok(())
    }
}

/// The last certificate that names lead to, from `leaf` over `pool`: a root, or what is nearest to
/// one. It is for showing only, no signature is checked.
pub fn last_above<'c>(leaf: &'c Certificate, pool: &'c [Certificate]) -> &'c Certificate {
    let mut last = leaf;
    // Names can lead in circles, and further than any path goes.
    for _ in 0..PATH_LENGTH_MAX {
        let mut issuers = pool.iter().filter(|other| last.names_as_issuer(other));
        match issuers.next() {
            Some(issuer) if !last.is_self_issued() => last = issuer,
            Some(_) | None => break,
        }
    }
    last
}
