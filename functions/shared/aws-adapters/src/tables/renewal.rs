//! Certificates by the time at which their newest timestamp has to be renewed.
//!
//! The index `by-renewal` has one partition, `renewal_watch`, and in it the dispatches with a
//! certificate, sorted by `renewal_check_at`, in seconds since 1970. One partition takes a thousand
//! writes a second, and a certificate is written to it once, then once a renewal, which is once in
//! years. A look costs the certificates that are due, and nothing ever reads all of them.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::DispatchId;
use jiff::Timestamp;
use workflow::ports::{DUE_RENEWALS_MAX, PortResult, RenewalStore, StoredCertificate};

use super::dispatch_item::{certificate_to_map, dispatch_named_by, key_of_dispatch};
use super::item::text;
use super::lapse::check_at;
use super::write::Update;
use super::{Tables, unreadable};
use crate::fault::port_error;

const LISTING_DUE: &str = "listing certificates to be renewed";
const RECORDING: &str = "recording a renewed certificate";
const PUTTING_OFF: &str = "putting off the renewal of a certificate";

const BY_RENEWAL: &str = "by-renewal";

/// The one partition of the index.
const WATCHED: &str = "stored";

const CHECK_AT: &str = "renewal_check_at";

impl RenewalStore for Tables {
    async fn due_renewals(&self, now: Timestamp) -> PortResult<Vec<DispatchId>> {
        let request = self
            .client
            .query()
            .table_name(self.dispatches_table()?)
            .index_name(BY_RENEWAL)
            .key_condition_expression("renewal_watch = :watched AND renewal_check_at <= :now")
            .expression_attribute_values(":watched", text(WATCHED))
            .expression_attribute_values(":now", AttributeValue::N(now.as_second().to_string()))
            // Keys of so many dispatches are far smaller than one page of an answer.
            .limit(i32::try_from(DUE_RENEWALS_MAX).unwrap_or(i32::MAX));
        let output = request
            .send()
            .await
            .map_err(|error| port_error(LISTING_DUE, &error))?;
        let ids = output.items().iter().map(dispatch_named_by);
        ids.collect::<Result<_, _>>()
            .map_err(unreadable(LISTING_DUE))
    }

    async fn record_renewal(
        &self,
        id: &DispatchId,
        seen: &StoredCertificate,
        renewed: &StoredCertificate,
    ) -> PortResult<bool> {
        let update = self
            .as_certified(id, seen)?
            .set("certificate", certificate_to_map(renewed))
            .set(CHECK_AT, check_at(renewed.renew_at));
        let written = update.send_through(&self.client, RECORDING).await?;
        Ok(written.is_some())
    }

    async fn renew_later(
        &self,
        id: &DispatchId,
        seen: &StoredCertificate,
        at: Timestamp,
    ) -> PortResult<bool> {
        let update = self.as_certified(id, seen)?.set(CHECK_AT, check_at(at));
        let written = update.send_through(&self.client, PUTTING_OFF).await?;
        Ok(written.is_some())
    }
}

impl Tables {
    /// A write to a dispatch whose certificate nobody renewed since it was seen.
    fn as_certified(&self, id: &DispatchId, seen: &StoredCertificate) -> PortResult<Update> {
        let update = Update::of(self.dispatches_table()?, key_of_dispatch(id));
        Ok(update.when("certificate", certificate_to_map(seen)))
    }
}

/// What puts a certificate into the index.
pub(super) fn watch(at: Timestamp) -> [(&'static str, AttributeValue); 2] {
    [("renewal_watch", text(WATCHED)), (CHECK_AT, check_at(at))]
}
