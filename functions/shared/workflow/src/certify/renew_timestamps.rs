//! `renew-timestamps`: adds validation data and one more document timestamp to stored originals,
//! before the certificates of their newest timestamp end.
//!
//! Every certificate that is due is looked at by itself. What was there stays: the new version
//! begins with the bytes of the old one, is read back before it is stored, and is stored beside it.
//! So an invocation may come twice, late, or end anywhere: the next one adopts what was stored but
//! not recorded, and finds what is left. One that fails is tried again on the next day; it does
//! not stop the others.

use std::sync::Arc;

use bytes::Bytes;
use domain::limits::RENEWAL_SECONDS_MAX;
use domain::{DispatchId, RenewalState, Retention, Sha256Digest, renewal_state};
use jiff::{SignedDuration, Timestamp};
use pades::{ArchivedPdf, SignatureReport};
use serde::Serialize;
use tracing::{info, warn};

use crate::certify::archiving::Archiving;
use crate::certify::original::{Recorded, compare};
use crate::certify::signing::{SigningConfiguration, because, next_renewal, retention_end};
use crate::dispatch::progress::load;
use crate::due::look_at_each;
use crate::ports::{
    Clock, FetchCrl, LoadDispatch, Nonces, RenewOriginal, Renewal, RenewalStore, RequestOcsp,
    RequestTimestamp, StoredCertificate,
};
use crate::{Failure, Outside};

/// What failed is tried again after so long.
const NEXT_TRY: SignedDuration = SignedDuration::from_hours(24);

/// What one invocation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Renewed {
    /// Certificates with a new version, or whose version of an earlier invocation was recorded.
    pub renewed: usize,
    /// Certificates that something went wrong with.
    pub failed: usize,
    /// Those of them that a person has to look at: the next try would fail the same way, or they
    /// have failed for 30 days.
    pub in_trouble: usize,
}

/// The step with its ports.
#[derive(Debug)]
pub struct RenewTimestamps<O: Outside> {
    /// Keeps the dispatches, and knows which are due.
    pub tables: O::Tables,
    /// The originals bucket.
    pub originals: O::Originals,
    /// The way to the timestamp authorities and to the issuers of their certificates.
    pub authorities: O::Authorities,
    /// The clock.
    pub clock: O::Clock,
    /// The source of nonces.
    pub nonces: O::Nonces,
    /// The timestamp authorities. Those of earlier timestamps have to be among them.
    pub signing: Arc<SigningConfiguration>,
    /// How originals are kept.
    pub retention: Retention,
}

impl<O> RenewTimestamps<O>
where
    O: Outside,
    O::Tables: LoadDispatch + RenewalStore,
    O::Originals: RenewOriginal,
    O::Authorities: RequestTimestamp + RequestOcsp + FetchCrl,
    O::Clock: Clock,
    O::Nonces: Nonces,
{
    /// Renews what is due, as long as there is time. What is left is due for the next invocation.
    ///
    /// # Errors
    /// Transient when the store fails. A certificate that fails is counted and told, and is no
    /// error.
    pub async fn run(&self) -> Result<Renewed, Failure> {
        let began = self.clock.now();
        // The line feeds the alarms before the signer's certificate ends (S-028).
        let signer_days_left = self.signing.signer_days_left(began);
        info!(signer_days_left, "looking at aging timestamps");
        let due = self.tables.due_renewals(began).await?;
        let mut done = Renewed::default();
        let looked = look_at_each(due, &self.clock, began, RENEWAL_SECONDS_MAX, async |id| {
            self.look_at(id, &mut done).await
        });
        let mut store_failed = None;
        for (id, failure) in looked.await.failed {
            if !is_transient(&failure) {
                done.failed += 1;
                done.in_trouble += 1;
                tell(&id, &failure);
            } else if store_failed.is_none() {
                store_failed = Some(failure);
            } else {
                tell(&id, &failure);
            }
        }
        let Renewed {
            renewed,
            failed,
            in_trouble,
        } = done;
        // The line feeds an alarm.
        info!(renewed, failed, in_trouble, "renewed timestamps");
        match store_failed {
            Some(failure) => Err(failure),
            None => Ok(done),
        }
    }

    /// Deals with one certificate. Fails only where the store does, or has no such certificate.
    async fn look_at(&self, id: &DispatchId, done: &mut Renewed) -> Result<(), Failure> {
        let stored = load(&self.tables, id).await?;
        let certificate = stored
            .certificate
            .ok_or_else(|| Failure::permanent("renewing a certificate that is not there"))?;
        let now = self.clock.now();
        let state = renewal_state(certificate.renew_at, now);
        if state == RenewalState::Fresh {
            // Somebody else was here, or the index is behind.
            let at = certificate.renew_at;
            self.tables.renew_later(id, &certificate, at).await?;
            return Ok(());
        }
        match self.renew(&certificate).await {
            Ok(Some(renewed)) => {
                let is_first = self
                    .tables
                    .record_renewal(id, &certificate, &renewed)
                    .await?;
                done.renewed += usize::from(is_first);
                let renewals = renewed.renewals.len();
                info!(dispatch_id = %id, renewals, "renewed a certificate");
            }
            // Another invocation is at it.
            Ok(None) => {}
            Err(failure) => {
                let is_in_trouble = state == RenewalState::Overdue || !is_transient(&failure);
                done.failed += 1;
                done.in_trouble += usize::from(is_in_trouble);
                // Handled here, by trying again tomorrow and going on with the others.
                tell(id, &failure);
                let at = now.checked_add(NEXT_TRY).unwrap_or(Timestamp::MAX);
                self.tables.renew_later(id, &certificate, at).await?;
            }
        }
        Ok(())
    }

    /// Stores a new version, unless an earlier invocation has. `None` when another one did so just
    /// now.
    async fn renew(
        &self,
        certificate: &StoredCertificate,
    ) -> Result<Option<StoredCertificate>, Failure> {
        let newest = self
            .originals
            .newest_version(&certificate.key)
            .await?
            .ok_or_else(|| Failure::permanent("renewing an original that is not there"))?;
        let recorded = compare(&newest.bytes, certificate)?;
        // The original is the recorded one, or begins with it: what it was signed with is known to
        // be ours, also when we sign with other certificates by now.
        let chain = pades::signer_chain(&newest.bytes)
            .map_err(|source| because("reading the signer of an original", source))?;
        let authorities = &self.signing.authorities;
        let (document, report) = ArchivedPdf::read(newest.bytes.to_vec(), &chain, authorities)
            .map_err(|source| because("verifying an original", source))?;
        if let Recorded::Beginning { .. } = recorded {
            return describe(certificate, &report).map(Some);
        }
        let last = report
            .stamps
            .last()
            .ok_or_else(|| Failure::permanent("renewing an original without a timestamp"))?;
        if last.valid_until() < self.clock.now() {
            return Err(Failure::permanent(
                "renewing a timestamp whose certificates have ended",
            ));
        }
        let archiving = Archiving::<O> {
            signing: &self.signing,
            authorities: &self.authorities,
            clock: &self.clock,
            nonces: &self.nonces,
        };
        let document = archiving.renew(document, last).await?;
        let report = document
            .read_back(&chain, authorities)
            .map_err(|source| because("reading back a renewed original", source))?;
        if !document.as_bytes().starts_with(&newest.bytes) {
            return Err(Failure::permanent(
                "renewing an original without changing it",
            ));
        }
        let renewed = describe(certificate, &report)?;
        let bytes = Bytes::from(document.into_bytes());
        // Counted from now, so never shorter than that of the versions before.
        let retain_until = retention_end(self.retention, self.clock.now())?;
        let is_newest = self
            .originals
            .add_version(&certificate.key, &newest.tag, bytes, retain_until)
            .await?;
        Ok(is_newest.then_some(renewed))
    }
}

fn tell(id: &DispatchId, failure: &Failure) {
    let cause = failure.chain();
    warn!(dispatch_id = %id, cause, "a timestamp could not be renewed");
}

fn is_transient(failure: &Failure) -> bool {
    matches!(failure, Failure::Transient { .. })
}

/// The record of a certificate with the version that was read back.
fn describe(
    certificate: &StoredCertificate,
    report: &SignatureReport,
) -> Result<StoredCertificate, Failure> {
    let newest = report
        .stamps
        .last()
        .ok_or_else(|| Failure::permanent("recording an original without a timestamp"))?;
    let renewal = Renewal {
        digest: Sha256Digest::new(report.file_digest),
        timestamped_at: newest.timestamp,
    };
    let mut renewals = certificate.renewals.clone();
    renewals.push(renewal);
    Ok(StoredCertificate {
        renewals,
        renew_at: next_renewal(report)?,
        ..certificate.clone()
    })
}
