//! `sign-certificate`: turns a draft into the one original: signature, timestamp, revocation data
//! for everybody involved, a timestamp of another authority over all of it (PAdES B-LTA), read
//! back, stored once under Object Lock. Fails closed: where a part is missing, no certificate
//! leaves, but there is a retry.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use domain::limits::{SIGNER_VALIDITY_DAYS_MIN, SIGNING_CONFIGURATION_AGE_SECONDS_MAX};
use domain::{DispatchId, ObjectKey, Retention, Sha256Digest, renew_at};
use jiff::Timestamp;
use pades::{
    ArchivedPdf, Certificate, Draft, ErrorKind, Level, SignatureDictionary, SignatureReport,
    SignerChain, TimestampAuthority,
};
use sha2::{Digest, Sha256};
use tracing::info;

use crate::archiving::Archiving;
use crate::ports::{
    Clock, CreateOriginal, Creation, DispatchStore, FetchCrl, Nonces, ReadObject, RequestOcsp,
    RequestTimestamp, SignDigest, StoredCertificate, StoredDispatch,
};
use crate::wait::load;
use crate::wire::parse_signing_configuration;
use crate::{Failure, Service, keys};

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

/// The signing configuration in the originals bucket, for the life of a process: an operator may
/// change it while functions are warm, so it is read again after
/// [`SIGNING_CONFIGURATION_AGE_SECONDS_MAX`].
#[derive(Debug)]
pub struct SigningConfigurations<Originals, Time> {
    /// The originals bucket.
    originals: Originals,
    /// Where it is.
    key: ObjectKey,
    /// Says how old it is.
    clock: Time,
    kept: Mutex<Option<Kept>>,
}

/// A configuration with what it was made from.
#[derive(Debug, Clone)]
struct Kept {
    read_at: Timestamp,
    json: Bytes,
    configuration: Arc<SigningConfiguration>,
}

impl<Originals, Time> SigningConfigurations<Originals, Time>
where
    Originals: ReadObject,
    Time: Clock,
{
    /// The configuration under this key.
    pub fn new(originals: Originals, key: ObjectKey, clock: Time) -> Self {
        Self {
            originals,
            key,
            clock,
            kept: Mutex::default(),
        }
    }

    /// The configuration as it is now, or was a few minutes ago. One that did not change stays the
    /// same, with what was learned about its authorities.
    ///
    /// # Errors
    /// Transient when the bucket fails or nobody has written the configuration yet; permanent when
    /// it cannot be used.
    pub async fn current(&self) -> Result<Arc<SigningConfiguration>, Failure> {
        let now = self.clock.now();
        let kept = self.lock().clone();
        let is_young = |kept: &&Kept| {
            let age = now.duration_since(kept.read_at).as_secs();
            (0..SIGNING_CONFIGURATION_AGE_SECONDS_MAX).contains(&age)
        };
        if let Some(young) = kept.as_ref().filter(is_young) {
            return Ok(Arc::clone(&young.configuration));
        }
        let json = self.originals.read_object(&self.key).await?;
        let json = json.ok_or_else(|| {
            Failure::transient("reading a signing configuration that is not there")
        })?;
        let configuration = match kept.filter(|kept| kept.json == json) {
            Some(kept) => kept.configuration,
            None => {
                info!("read a signing configuration");
                Arc::new(parse_signing_configuration(&json)?)
            }
        };
        *self.lock() = Some(Kept {
            read_at: now,
            json,
            configuration: Arc::clone(&configuration),
        });
        Ok(configuration)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The step with its ports.
#[derive(Debug)]
pub struct SignCertificate<Store, Drafts, Originals, Key, Authorities, Time, Entropy> {
    /// Keeps the dispatches.
    pub store: Store,
    /// The inbound bucket, where drafts are.
    pub drafts: Drafts,
    /// The originals bucket.
    pub originals: Originals,
    /// The signing key.
    pub key: Key,
    /// The way to the timestamp authorities and to the issuers of all certificates.
    pub authorities: Authorities,
    /// The clock.
    pub clock: Time,
    /// The source of nonces.
    pub nonces: Entropy,
    /// With what certificates are signed.
    pub signing: Arc<SigningConfiguration>,
    /// Who we are.
    pub service: Service,
}

impl<Store, Drafts, Originals, Key, Authorities, Time, Entropy>
    SignCertificate<Store, Drafts, Originals, Key, Authorities, Time, Entropy>
where
    Store: DispatchStore,
    Drafts: ReadObject,
    Originals: ReadObject + CreateOriginal,
    Key: SignDigest,
    Authorities: RequestTimestamp + RequestOcsp + FetchCrl,
    Time: Clock,
    Entropy: Nonces,
{
    /// Signs and stores the certificate of a dispatch, unless that is done.
    ///
    /// # Errors
    /// Transient when a key, an authority or a store does not answer as it should; permanent
    /// when the draft is not the one that was composed or cannot be signed, what was signed does
    /// not read back, or the signing certificate is revoked or ends too soon.
    pub async fn run(&self, id: &DispatchId) -> Result<(), Failure> {
        let stored = load(&self.store, id).await?;
        if stored.certificate.is_some() {
            return Ok(());
        }
        self.check_validity()?;
        let key = ObjectKey::of_certificate(&stored.dispatch.serial);
        let draft = self
            .drafts
            .read_object(&keys::draft(id))
            .await?
            .ok_or_else(|| Failure::permanent("reading a draft that is not there"))?;
        check_draft(&stored, &draft)?;
        let signed = self.sign(&stored, draft).await?;
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
        self.store.record_certificate(id, &certificate).await?;
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

    async fn sign(&self, stored: &StoredDispatch, draft: Bytes) -> Result<ArchivedPdf, Failure> {
        let dictionary = SignatureDictionary {
            signing_time: self.clock.now(),
            name: self.service.operator().to_owned(),
            reason: Some(format!(
                "Evidence of registered e-mail {}",
                stored.dispatch.serial
            )),
            location: None,
            contact: Some(self.service.mail_address().as_str().to_owned()),
        };
        let chain = &self.signing.chain;
        let prepared = Draft::new(draft.into())
            .and_then(|draft| draft.prepare(chain, &dictionary))
            .map_err(|source| because("preparing a draft", source))?;
        let signature = self.key.sign_digest(&prepared.digest()).await?;
        let untimestamped = prepared
            .with_signature(chain, &signature)
            .map_err(|source| because("checking our signature", source))?;
        let archiving = Archiving {
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

/// Only what compose-certificate made is signed, whoever else may write to the bucket of drafts.
/// An operator who replays the dispatch has it composed again.
fn check_draft(stored: &StoredDispatch, draft: &[u8]) -> Result<(), Failure> {
    let recorded = stored.draft.ok_or_else(|| {
        Failure::permanent("signing a draft whose digest compose-certificate has not recorded")
    })?;
    if recorded == Sha256Digest::new(Sha256::digest(draft).into()) {
        Ok(())
    } else {
        Err(Failure::permanent(
            "signing a draft that is not the one that compose-certificate recorded",
        ))
    }
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

fn describe(key: &ObjectKey, report: &SignatureReport) -> Result<StoredCertificate, Failure> {
    Ok(StoredCertificate {
        key: key.clone(),
        digest: Sha256Digest::new(report.file_digest),
        timestamped_at: report.timestamp,
        renewals: Vec::new(),
        renew_at: next_renewal(report)?,
    })
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
