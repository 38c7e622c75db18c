//! Who may ask, how often, and the codes that prove a number.

use std::future::Future;

use domain::{DispatchId, Sha256Digest};
use jiff::Timestamp;

use super::PortResult;

/// Counts what comes from one source, so that nobody asks without end.
pub trait RateLimit {
    /// Counts one more use of `key` in the window of so many seconds that `now` lies in, unless
    /// `limit` of them were counted: `false` then. Windows begin at multiples of their length since
    /// 1970, so counting needs no reading. What was counted is forgotten soon after its window.
    fn take(
        &self,
        key: &RateKey,
        limit: u32,
        window_seconds: u32,
        now: Timestamp,
    ) -> impl Future<Output = PortResult<bool>> + Send;
}

/// What is counted: a digest, so that no address is stored. See
/// [`SourceLimit`](crate::access::source_limit::SourceLimit).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RateKey(Sha256Digest);

impl RateKey {
    /// The key with this digest.
    #[must_use]
    pub fn new(digest: Sha256Digest) -> Self {
        Self(digest)
    }

    /// The digest.
    #[must_use]
    pub fn digest(&self) -> &Sha256Digest {
        &self.0
    }
}

/// Keeps the newest one-time code of each contract; never the code itself.
pub trait CodeStore {
    /// Keeps a code in place of the one before, with no try counted, unless
    /// [`CodeHistory::with_one_more`](domain::CodeHistory::with_one_more) says that there were
    /// enough. Two at once are two.
    fn keep_code(
        &self,
        id: &DispatchId,
        code: &KeptCode,
        now: Timestamp,
    ) -> impl Future<Output = PortResult<CodeKeeping>> + Send;

    /// Counts one try, whatever comes of it, and returns the code to compare with; `None` when
    /// there is none, or when `tries_max` were counted before. Of tries at once, no two are
    /// counted as one.
    fn count_try(
        &self,
        id: &DispatchId,
        tries_max: u32,
    ) -> impl Future<Output = PortResult<Option<KeptCode>>> + Send;
}

/// A one-time code as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptCode {
    /// A digest over the code and what it is for.
    pub digest: Sha256Digest,
    /// From when on it is worth nothing, to the second.
    pub expires_at: Timestamp,
}

/// What came of keeping a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeKeeping {
    /// It is kept.
    Kept,
    /// There were enough: nothing was written. Another one may be made from this time on.
    TooMany {
        /// When.
        again_at: Timestamp,
    },
}
