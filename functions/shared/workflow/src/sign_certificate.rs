//! `sign-certificate`: turns a draft into the one original: signature, timestamp, read back,
//! stored once under Object Lock. Fails closed: no timestamp, no certificate, but a retry.

use std::sync::Arc;

use bytes::Bytes;
use domain::limits::ORIGINAL_RETENTION_YEARS;
use domain::{DispatchId, ObjectKey, Sha256Digest};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use pades::{
    Draft, ErrorKind, SignatureDictionary, SignatureReport, SignedPdf, SignerChain, TimeWindow,
    TimestampAuthority, TimestampRequest, TimestampToken,
};
use tracing::{info, warn};

use crate::ports::{
    Clock, CreateOriginal, Creation, DispatchStore, Nonces, ReadObject, RequestTimestamp,
    SignDigest, StoredCertificate, StoredDispatch,
};
use crate::wait::load;
use crate::wire::parse_signing_configuration;
use crate::{Failure, Service, keys};

/// How far a token's time may lie from our own clock, in seconds. Both are synchronized; five
/// minutes absorb a slow answer and a leap of either.
const TOKEN_TIME_TOLERANCE_SECONDS: i64 = 300;

/// With what certificates are signed and timestamped.
#[derive(Debug)]
pub struct SigningConfiguration {
    /// The signing certificate and its chain.
    pub chain: SignerChain,
    /// Asked in this order until one gives a good token.
    pub authorities: Vec<TimestampAuthority>,
}

/// Reads the signing configuration from the originals bucket.
///
/// # Errors
/// Transient when the bucket fails or nobody has written the configuration yet; permanent when it
/// cannot be used.
pub async fn load_signing_configuration(
    originals: &impl ReadObject,
    key: &ObjectKey,
) -> Result<Arc<SigningConfiguration>, Failure> {
    let json = originals
        .read_object(key)
        .await?
        .ok_or_else(|| Failure::transient("reading a signing configuration that is not there"))?;
    Ok(Arc::new(parse_signing_configuration(&json)?))
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
    /// The way to the timestamp authorities.
    pub authorities: Authorities,
    /// The clock.
    pub clock: Time,
    /// The source of nonces.
    pub nonces: Entropy,
    /// With what certificates are signed; read once and shared.
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
    Authorities: RequestTimestamp,
    Time: Clock,
    Entropy: Nonces,
{
    /// Signs and stores the certificate of a dispatch, unless that is done.
    ///
    /// # Errors
    /// Transient when a key, an authority or a store does not answer as it should; permanent
    /// when the draft cannot be signed or what was signed does not read back.
    pub async fn run(&self, id: &DispatchId) -> Result<(), Failure> {
        let stored = load(&self.store, id).await?;
        if stored.certificate.is_some() {
            return Ok(());
        }
        let key = ObjectKey::of_certificate(&stored.dispatch.serial);
        let draft = self
            .drafts
            .read_object(&keys::draft(id))
            .await?
            .ok_or_else(|| Failure::permanent("reading a draft that is not there"))?;
        let signed = self.sign(&stored, draft).await?;
        let report = signed
            .read_back(&self.signing.chain, &self.signing.authorities)
            .map_err(|source| because("reading back a signed certificate", source))?;
        let signed = Bytes::from(signed.into_bytes());
        let certificate = describe(&key, &report);
        let retain_until = retention_end(self.clock.now())?;
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

    async fn sign(&self, stored: &StoredDispatch, draft: Bytes) -> Result<SignedPdf, Failure> {
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
        let token = self.timestamp(untimestamped.imprint()).await?;
        untimestamped
            .with_timestamp(token)
            .map_err(|source| because("adding a timestamp token", source))
    }

    /// Asks one authority after the other; each answer is checked before it counts.
    async fn timestamp(&self, imprint: [u8; 32]) -> Result<TimestampToken, Failure> {
        for authority in &self.signing.authorities {
            match self.timestamp_from(authority, imprint).await {
                Ok(token) => return Ok(token),
                Err(failure) => {
                    let cause = failure.chain();
                    warn!(authority = %authority.name, cause, "no good timestamp token");
                }
            }
        }
        Err(Failure::transient(
            "getting a good token from any timestamp authority",
        ))
    }

    async fn timestamp_from(
        &self,
        authority: &TimestampAuthority,
        imprint: [u8; 32],
    ) -> Result<TimestampToken, Failure> {
        let request =
            TimestampRequest::new(imprint, self.nonces.nonce()?).with_policy(authority.policy);
        let der = request
            .to_der()
            .map_err(|source| because("writing a timestamp request", source))?;
        let asked_at = self.clock.now();
        let answer = self
            .authorities
            .request_timestamp(&authority.url, der)
            .await?;
        let tolerance = TOKEN_TIME_TOLERANCE_SECONDS.seconds();
        let window = TimeWindow {
            earliest: asked_at - tolerance,
            latest: self.clock.now() + tolerance,
        };
        request
            .accept(&answer, authority, window)
            .map_err(|source| because("checking a timestamp token", source))
    }

    /// An earlier invocation stored the original and was cut off before it could say so.
    async fn adopt(&self, key: &ObjectKey) -> Result<StoredCertificate, Failure> {
        let bytes =
            self.originals.read_object(key).await?.ok_or_else(|| {
                Failure::transient("reading an original that was there a moment ago")
            })?;
        let report = read_back(&bytes, &self.signing)?;
        Ok(describe(key, &report))
    }
}

/// An original is read as a stranger would read it.
fn read_back(signed: &[u8], signing: &SigningConfiguration) -> Result<SignatureReport, Failure> {
    pades::read_back(signed, &signing.chain, &signing.authorities)
        .map_err(|source| because("reading back a signed certificate", source))
}

/// What the library calls worth another try is tried again.
fn because(doing: &'static str, source: pades::Error) -> Failure {
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

fn describe(key: &ObjectKey, report: &SignatureReport) -> StoredCertificate {
    StoredCertificate {
        key: key.clone(),
        digest: Sha256Digest::new(report.file_digest),
        timestamped_at: report.timestamp,
    }
}

/// Ten years by the calendar; S3 refuses a retention that ends in the past.
fn retention_end(now: Timestamp) -> Result<Timestamp, Failure> {
    now.to_zoned(TimeZone::UTC)
        .checked_add(ORIGINAL_RETENTION_YEARS.years())
        .map(|end| end.timestamp())
        .map_err(|source| Failure::permanent_because("adding the retention to the time", source))
}
