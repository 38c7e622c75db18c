//! Certificates whose newest timestamp ages: the due work of `by-renewal`.

use domain::DispatchId;
use jiff::Timestamp;
use workflow::ports::{DUE_RENEWALS_MAX, PortResult, RenewalStore, StoredCertificate};

use super::dispatch_item::{certificate_to_map, dispatch_named_by, key_of_dispatch};
use super::due::DueWork;
use super::write::Update;
use super::{Tables, unreadable};

const LISTING_DUE: &str = "listing certificates to be renewed";
const RECORDING: &str = "recording a renewed certificate";
const PUTTING_OFF: &str = "putting off the renewal of a certificate";

/// Dispatches with a certificate, by when to look at its newest timestamp next.
pub(super) const RENEWALS: DueWork = DueWork {
    index: "by-renewal",
    watch: "renewal_watch",
    partition: "stored",
    check_at: "renewal_check_at",
    listing: LISTING_DUE,
    items_max: DUE_RENEWALS_MAX,
};

impl RenewalStore for Tables {
    async fn due_renewals(&self, now: Timestamp) -> PortResult<Vec<DispatchId>> {
        let due = RENEWALS.list(self, self.dispatches_table()?, now).await?;
        let ids = due.iter().map(dispatch_named_by);
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
            .set("certificate", certificate_to_map(renewed));
        let update = RENEWALS.put_off(update, renewed.renew_at);
        let written = update.send_through(&self.client, RECORDING).await?;
        Ok(written.is_some())
    }

    async fn renew_later(
        &self,
        id: &DispatchId,
        seen: &StoredCertificate,
        at: Timestamp,
    ) -> PortResult<bool> {
        let update = RENEWALS.put_off(self.as_certified(id, seen)?, at);
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
