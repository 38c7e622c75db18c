//! `sign-certificate`: turns a draft into the one original: signature, timestamp, revocation data
//! for everybody involved, a timestamp of another authority over all of it (PAdES B-LTA), read
//! back, stored once under Object Lock. Fails closed: where a part is missing, no certificate
//! leaves, but there is a retry.

use std::sync::Arc;

use bytes::Bytes;
use certificate::{CertifiedThing, SignatureWords};
use domain::limits::{SIGNER_VALIDITY_DAYS_MIN, UNSIGNED_HOURS_MAX};
use domain::{AddendumReason, DispatchId, ObjectKey, Product, Sha256Digest};
use jiff::{SignedDuration, Timestamp};
use pades::{ArchivedPdf, Draft, Level, SignatureDictionary, SignatureReport};
use tracing::info;

use crate::certify::archiving::Archiving;
use crate::certify::signing::{SigningConfiguration, because, next_renewal, retention_end};
use crate::dispatch::progress::load;
use crate::ports::{
    Clock, ComposedDraft, CreateOriginal, Creation, FetchCrl, LoadDispatch, Nonces, ReadObject,
    RecordCertificate, RequestOcsp, RequestTimestamp, SignDigest, StoredCertificate,
    StoredDispatch,
};
use crate::{Failure, Outside, Service, keys};

/// The step with its ports.
#[derive(Debug)]
pub struct SignCertificate<O: Outside> {
    /// Keeps the dispatches.
    pub tables: O::Tables,
    /// The inbound bucket, where drafts are.
    pub inbound: O::Inbound,
    /// The originals bucket.
    pub originals: O::Originals,
    /// The signing key.
    pub key: O::SigningKey,
    /// The way to the timestamp authorities and to the issuers of all certificates.
    pub authorities: O::Authorities,
    /// The clock.
    pub clock: O::Clock,
    /// The source of nonces.
    pub nonces: O::Nonces,
    /// With what certificates are signed.
    pub signing: Arc<SigningConfiguration>,
    /// Who we are.
    pub service: Service,
}

impl<O> SignCertificate<O>
where
    O: Outside,
    O::Tables: LoadDispatch + RecordCertificate,
    O::Inbound: ReadObject,
    O::Originals: ReadObject + CreateOriginal,
    O::SigningKey: SignDigest,
    O::Authorities: RequestTimestamp + RequestOcsp + FetchCrl,
    O::Clock: Clock,
    O::Nonces: Nonces,
{
    /// Signs and stores the certificate of a dispatch, unless that is done.
    ///
    /// # Errors
    /// Transient when a key, an authority or a store does not answer as it should; permanent
    /// when the draft is not the one that was composed or cannot be signed, what was signed does
    /// not read back, or the signing certificate is revoked or ends too soon;
    /// [`Failure::DraftOutdated`] when the draft names another signing certificate, or was issued
    /// so long ago that nobody would believe a timestamp of today over it.
    pub async fn run(&self, id: &DispatchId) -> Result<(), Failure> {
        let stored = load(&self.tables, id).await?;
        if stored.certificate.is_some() {
            return Ok(());
        }
        self.check_validity()?;
        let key = ObjectKey::of_certificate(&stored.dispatch.serial);
        let draft = self
            .inbound
            .read_object(&keys::draft(id))
            .await?
            .ok_or_else(|| Failure::permanent("reading a draft that is not there"))?;
        let composed = composed_draft(&stored, &self.signing)?;
        check_age(&stored, self.clock.now())?;
        let signed = self.sign(&stored, composed, draft).await?;
        let report = signed
            .read_back(&self.signing.chain, &self.signing.authorities)
            .map_err(|source| because("reading back a signed certificate", source))
            .and_then(archived)?;
        let signed = Bytes::from(signed.into_bytes());
        let certificate = describe(&key, &report)?;
        let retain_until = retention_end(self.service.retention(), self.clock.now())?;
        let certificate = match self
            .originals
            .create_original(&key, signed, retain_until)
            .await?
        {
            Creation::Created => certificate,
            Creation::AlreadyThere => self.adopt(&key).await?,
        };
        self.tables.record_certificate(id, &certificate).await?;
        info!(dispatch_id = %id, authority = %report.authority, "stored a certificate");
        Ok(())
    }

    /// A signature that outlives its certificate only by days would burden every renewal; and a new
    /// certificate takes its issuer weeks (S-028). The log line feeds the alarms at 90 and 30 days.
    fn check_validity(&self) -> Result<(), Failure> {
        let signer_days_left = self.signing.signer_days_left(self.clock.now());
        info!(signer_days_left, "signing a certificate");
        if signer_days_left < SIGNER_VALIDITY_DAYS_MIN {
            return Err(Failure::permanent(
                "signing with a certificate that ends too soon",
            ));
        }
        Ok(())
    }

    async fn sign(
        &self,
        stored: &StoredDispatch,
        composed: ComposedDraft,
        draft: Bytes,
    ) -> Result<ArchivedPdf, Failure> {
        let words = SignatureWords::new(
            thing_of(&stored.dispatch.product),
            &stored.dispatch.serial,
            &self.service.operator().name,
            &self.service.domain().to_string(),
        );
        let dictionary = SignatureDictionary {
            signing_time: self.clock.now(),
            name: words.name,
            reason: Some(words.reason),
            location: None,
            contact: Some(words.contact),
        };
        let chain = &self.signing.chain;
        let prepared = Draft::new(draft.into())
            .and_then(|draft| draft.prepare(chain, &dictionary))
            .map_err(|source| because("preparing a draft", source))?;
        // Only what compose-certificate made is signed, whoever else may write to the bucket of
        // drafts. An operator who replays the dispatch has it composed again.
        if composed.digest != Sha256Digest::new(prepared.draft_digest()) {
            return Err(Failure::permanent(
                "signing a draft that is not the one that compose-certificate recorded",
            ));
        }
        let signature = self.key.sign_digest(&prepared.digest()).await?;
        let untimestamped = prepared
            .with_signature(chain, &signature)
            .map_err(|source| because("checking our signature", source))?;
        let archiving = Archiving::<O> {
            signing: &self.signing,
            authorities: &self.authorities,
            clock: &self.clock,
            nonces: &self.nonces,
        };
        archiving.archive(untimestamped).await
    }

    /// An earlier invocation stored the original and was cut off before it could say so.
    async fn adopt(&self, key: &ObjectKey) -> Result<StoredCertificate, Failure> {
        let bytes =
            self.originals.read_object(key).await?.ok_or_else(|| {
                Failure::transient("reading an original that was there a moment ago")
            })?;
        let report = read_back(&bytes, &self.signing)?;
        describe(key, &report)
    }
}

/// What a certificate is about, as its signature says.
fn thing_of(product: &Product) -> CertifiedThing {
    match product {
        Product::Mail => CertifiedThing::Mail,
        Product::Contract(_) => CertifiedThing::Contract,
        Product::Addendum(addendum) => match addendum.reason {
            AddendumReason::LateAnswer => CertifiedThing::LateAnswer,
            AddendumReason::LateBounce => CertifiedThing::LateBounce,
        },
    }
}

/// A verifier wants the first timestamp within two days of the issue.
fn check_age(stored: &StoredDispatch, now: Timestamp) -> Result<(), Failure> {
    let most = SignedDuration::from_hours(UNSIGNED_HOURS_MAX);
    match stored.issued_at {
        Some(issued_at) if now.duration_since(issued_at) > most => Err(Failure::DraftOutdated),
        Some(_) | None => Ok(()),
    }
}

/// What compose-certificate recorded of its draft.
fn composed_draft(
    stored: &StoredDispatch,
    signing: &SigningConfiguration,
) -> Result<ComposedDraft, Failure> {
    let recorded = stored.draft.ok_or_else(|| {
        Failure::permanent("signing a draft whose digest compose-certificate has not recorded")
    })?;
    // Its pages say whose signature it carries, and the operator has changed that since.
    if signing.signer_fingerprint() != Some(recorded.signer) {
        return Err(Failure::DraftOutdated);
    }
    Ok(recorded)
}

/// An original is read as a stranger would read it.
fn read_back(signed: &[u8], signing: &SigningConfiguration) -> Result<SignatureReport, Failure> {
    pades::read_back(signed, &signing.chain, &signing.authorities)
        .map_err(|source| because("reading back a signed certificate", source))
        .and_then(archived)
}

/// Nothing less leaves this service.
fn archived(report: SignatureReport) -> Result<SignatureReport, Failure> {
    match report.level {
        Level::BLTA => Ok(report),
        Level::BT => Err(Failure::permanent(
            "reading back a certificate without a document timestamp",
        )),
    }
}

fn describe(key: &ObjectKey, report: &SignatureReport) -> Result<StoredCertificate, Failure> {
    Ok(StoredCertificate {
        key: key.clone(),
        digest: Sha256Digest::new(report.file_digest),
        timestamped_at: report.timestamp,
        renewals: Vec::new(),
        renew_at: next_renewal(report)?,
    })
}
