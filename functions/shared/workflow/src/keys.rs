//! Where things lie in the inbound bucket. The lifecycle rules in `infra/template.yaml` use the
//! same prefixes.

use domain::{DispatchId, InboundMessageId, ObjectKey};

/// Raw mails as SES stored them.
pub const RAW_PREFIX: &str = "raw/";
/// Messages as we sent them.
pub const DELIVERED_PREFIX: &str = "delivered/";
/// Unsigned certificates.
pub const DRAFTS_PREFIX: &str = "drafts/";

pub(crate) fn raw_mail(id: &InboundMessageId) -> ObjectKey {
    ObjectKey::of_stored_message(RAW_PREFIX, id)
}

pub(crate) fn delivered_mail(id: &DispatchId) -> ObjectKey {
    ObjectKey::of_dispatch(DELIVERED_PREFIX, id, ".eml")
}

pub(crate) fn draft(id: &DispatchId) -> ObjectKey {
    ObjectKey::of_dispatch(DRAFTS_PREFIX, id, ".pdf")
}
