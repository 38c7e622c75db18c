//! Timestamps with the validation data that they cover: both of a new certificate, each of another
//! authority, and one more for each renewal.

mod evidence;

use jiff::{Timestamp, ToSpan};
use pades::{
    ArchivedPdf, Certificate, DocumentTimestamp, SignedPdf, TimeWindow, TimestampAuthority,
    TimestampRequest, TimestampToken, Untimestamped, ValidationData,
};
use tracing::warn;

use crate::certify::signing::{SigningConfiguration, because};
use crate::ports::{Clock, FetchCrl, Nonces, RequestOcsp, RequestTimestamp};
use crate::{Failure, Outside};

/// How far a token's time may lie from our own clock, in seconds. Both are synchronized; five
/// minutes absorb a slow answer and a leap of either.
const TOKEN_TIME_TOLERANCE_SECONDS: i64 = 300;

/// A guess of the authority's certificate, a second request if it was wrong, and a third if the
/// authority has several certificates in turn.
const REQUESTS_MAX: usize = 3;

/// The document after an authority was asked to stamp it.
enum Archived {
    Whole(ArchivedPdf),
    /// It did not, for this reason; another one may.
    NotYet(SignedPdf, Failure),
}

/// Whom to ask, and how.
#[derive(Debug)]
pub(crate) struct Archiving<'a, O: Outside> {
    /// The authorities, and where their certificates' issuers answer.
    pub(crate) signing: &'a SigningConfiguration,
    /// The way to them.
    pub(crate) authorities: &'a O::Authorities,
    /// The clock.
    pub(crate) clock: &'a O::Clock,
    /// The source of nonces.
    pub(crate) nonces: &'a O::Nonces,
}

impl<O> Archiving<'_, O>
where
    O: Outside,
    O::Authorities: RequestTimestamp + RequestOcsp + FetchCrl,
    O::Clock: Clock,
    O::Nonces: Nonces,
{
    /// Timestamp, validation data, document timestamp.
    pub(crate) async fn archive(
        &self,
        untimestamped: Untimestamped,
    ) -> Result<ArchivedPdf, Failure> {
        let mut data = ValidationData::default();
        let token = self.first_token(&untimestamped, &mut data).await?;
        self.prove(&mut data, self.signing.chain.certificates())
            .await?;
        let (first, rises_from) = (token.authority().to_owned(), token.next_stamp_from());
        let signed = untimestamped
            .with_timestamp(token)
            .map_err(|source| because("adding a timestamp token", source))?;
        let others = self.signing.authorities.iter();
        let others = others.filter(|authority| authority.name != first);
        self.stamp(others, signed, &data, rises_from).await
    }

    /// One more timestamp over the whole document, with the proof that the certificates of its last
    /// one are still good. By another authority than the last time, if one is there.
    pub(crate) async fn renew(
        &self,
        document: ArchivedPdf,
        last: &DocumentTimestamp,
    ) -> Result<ArchivedPdf, Failure> {
        let mut data = ValidationData::read(document.as_bytes())
            .map_err(|source| because("reading the validation data of an original", source))?
            .ok_or_else(|| Failure::permanent("renewing an original without validation data"))?;
        self.prove(&mut data, &last.certificate_path).await?;
        let authorities = &self.signing.authorities;
        let others = authorities.iter().filter(|one| one.name != last.authority);
        let same = authorities.iter().filter(|one| one.name == last.authority);
        let rises_from = last.next_stamp_from();
        self.stamp(
            others.chain(same),
            document.into_signed(),
            &data,
            rises_from,
        )
        .await
    }

    /// Whether an authority stamps, and proves that its certificates are not revoked.
    pub(crate) async fn try_authority(
        &self,
        authority: &TimestampAuthority,
    ) -> Result<(), Failure> {
        let token = self
            .timestamp_from(authority, [0; 32], Timestamp::MIN)
            .await?;
        let mut data = ValidationData::default();
        self.prove(&mut data, token.certificate_path()).await
    }

    /// Whether the issuers of the signer's chain prove that it is not revoked.
    pub(crate) async fn try_chain(&self) -> Result<(), Failure> {
        let mut data = ValidationData::default();
        self.prove(&mut data, self.signing.chain.certificates())
            .await
    }

    /// Asks one authority after the other to stamp the document, not before `rises_from`: stamps
    /// rise in time.
    async fn stamp(
        &self,
        authorities: impl Iterator<Item = &TimestampAuthority>,
        mut signed: SignedPdf,
        data: &ValidationData,
        rises_from: Timestamp,
    ) -> Result<ArchivedPdf, Failure> {
        for authority in authorities {
            match self
                .archive_with(authority, signed, data, rises_from)
                .await?
            {
                Archived::Whole(document) => return Ok(document),
                Archived::NotYet(again, failure) => {
                    tell(authority, &failure);
                    signed = again;
                }
            }
        }
        Err(Failure::transient(
            "getting a good document timestamp from any authority",
        ))
    }

    /// Asks one authority after the other; each answer is checked before it counts, and so is
    /// whether the authority's certificates are revoked.
    async fn first_token(
        &self,
        untimestamped: &Untimestamped,
        data: &mut ValidationData,
    ) -> Result<TimestampToken, Failure> {
        for authority in &self.signing.authorities {
            let asked = async {
                let token = self
                    .timestamp_from(authority, untimestamped.imprint(), Timestamp::MIN)
                    .await?;
                let mut with_path = data.clone();
                self.prove(&mut with_path, token.certificate_path()).await?;
                Ok::<_, Failure>((token, with_path))
            };
            match asked.await {
                Ok((token, with_path)) => {
                    *data = with_path;
                    self.signing
                        .remember_path(&authority.name, token.certificate_path());
                    return Ok(token);
                }
                Err(failure) => tell(authority, &failure),
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
        rises_from: Timestamp,
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
            earliest: rises_from.max(asked_at - tolerance),
            latest: self.clock.now() + tolerance,
        };
        request
            .accept(&answer, authority, window)
            .map_err(|source| because("checking a timestamp token", source))
    }

    /// Lets one authority stamp the document, over data that proves the stamp's own certificate.
    async fn archive_with(
        &self,
        authority: &TimestampAuthority,
        mut signed: SignedPdf,
        data: &ValidationData,
        rises_from: Timestamp,
    ) -> Result<Archived, Failure> {
        let mut data = data.clone();
        if let Some(path) = self.signing.last_path(&authority.name) {
            // Only a guess: should it be revoked by now, the next token shows the new one.
            let mut with_path = data.clone();
            if self.prove(&mut with_path, &path).await.is_ok() {
                data = with_path;
            }
        }
        for _ in 0..REQUESTS_MAX {
            let prepared = signed
                .with_validation_data(data.clone())
                .and_then(pades::ValidatedPdf::prepare_timestamp)
                .map_err(|source| because("preparing a document timestamp", source))?;
            let asked = self.timestamp_from(authority, prepared.imprint(), rises_from);
            let token = match asked.await {
                Ok(token) => token,
                Err(failure) => return Ok(Archived::NotYet(prepared.into_signed(), failure)),
            };
            let path: &[Certificate] = token.certificate_path();
            if data.prove(path, token.time()).is_ok() {
                self.signing.remember_path(&authority.name, path);
                return prepared
                    .with_timestamp(&token)
                    .map(Archived::Whole)
                    .map_err(|source| because("adding a document timestamp", source));
            }
            signed = prepared.into_signed();
            if let Err(failure) = self.prove(&mut data, path).await {
                return Ok(Archived::NotYet(signed, failure));
            }
        }
        let failure = Failure::transient("learning which certificate an authority stamps with");
        Ok(Archived::NotYet(signed, failure))
    }
}

/// One line for each authority that fails; an alarm counts them.
fn tell(authority: &TimestampAuthority, failure: &Failure) {
    let cause = failure.chain();
    warn!(authority = %authority.name, cause, "no good timestamp token");
}
