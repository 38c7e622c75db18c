//! Certificates, and when their timestamps are renewed.

use std::future::Future;

use domain::{DispatchId, ObjectKey, Sha256Digest};
use jiff::Timestamp;

use super::PortResult;

/// The original of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCertificate {
    /// Where it is.
    pub key: ObjectKey,
    /// The digest of its first version, which every later one begins with. This is the one that
    /// mails and addenda name: whoever holds a copy from back then finds it.
    pub digest: Sha256Digest,
    /// The time in its signature's timestamp token.
    pub timestamped_at: Timestamp,
    /// Its later versions, the newest last.
    pub renewals: Vec<Renewal>,
    /// When its newest document timestamp is to be renewed.
    pub renew_at: Timestamp,
}

impl StoredCertificate {
    /// The digest of the newest version.
    #[must_use]
    pub fn newest_digest(&self) -> &Sha256Digest {
        let newest = self.renewals.last();
        newest.map_or(&self.digest, |renewal| &renewal.digest)
    }
}

/// A later version of an original: the one before with one more timestamp behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewal {
    /// Of the whole file.
    pub digest: Sha256Digest,
    /// The time in the token of its newest document timestamp.
    pub timestamped_at: Timestamp,
}

/// Most certificates that one question for due ones answers with: more than one invocation of
/// `renew-timestamps` has the time for.
pub const DUE_RENEWALS_MAX: usize = 500;

/// Keeps which certificate's newest timestamp is to be renewed when.
pub trait RenewalStore {
    /// The dispatches whose certificates have to be looked at by now, the longest due first, at
    /// most [`DUE_RENEWALS_MAX`]. One may be among them that needs it no more.
    fn due_renewals(
        &self,
        now: Timestamp,
    ) -> impl Future<Output = PortResult<Vec<DispatchId>>> + Send;

    /// Records a renewed certificate, and has it looked at next when it says. `false`, and nothing
    /// is written, when the certificate is not as it was `seen` any more.
    fn record_renewal(
        &self,
        id: &DispatchId,
        seen: &StoredCertificate,
        renewed: &StoredCertificate,
    ) -> impl Future<Output = PortResult<bool>> + Send;

    /// Has a certificate looked at next at this time; `false` as for [`Self::record_renewal`].
    fn renew_later(
        &self,
        id: &DispatchId,
        seen: &StoredCertificate,
        at: Timestamp,
    ) -> impl Future<Output = PortResult<bool>> + Send;
}
