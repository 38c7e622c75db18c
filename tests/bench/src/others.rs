//! The CPU time of this thread, and what of it was the work of others.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use tests::Ports;
use workflow::ports::{PortResult, RequestTimestamp, SignDigest};

/// The CPU time of this thread: other programs on the machine do not count.
pub(crate) struct CpuClock;

impl CpuClock {
    /// From some point in the past.
    pub(crate) fn now() -> Duration {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        let part = |number: i64| u64::try_from(number).unwrap_or_default();
        Duration::from_secs(part(time.tv_sec)) + Duration::from_nanos(part(time.tv_nsec))
    }

    pub(crate) fn since(before: Duration) -> Duration {
        Self::now().saturating_sub(before)
    }
}

/// The key and the timestamp authorities of the world in memory, with the time they take.
#[derive(Clone)]
pub(crate) struct Others {
    ports: Ports,
    nanoseconds: Arc<AtomicU64>,
}

impl Others {
    pub(crate) fn new(ports: &Ports) -> Self {
        Self {
            ports: ports.clone(),
            nanoseconds: Arc::default(),
        }
    }

    /// The CPU time of all calls so far.
    pub(crate) fn spent(&self) -> Duration {
        Duration::from_nanos(self.nanoseconds.load(Ordering::Relaxed))
    }

    fn add(&self, before: Duration) {
        let spent = u64::try_from(CpuClock::since(before).as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(spent, Ordering::Relaxed);
    }
}

impl SignDigest for Others {
    async fn sign_digest(&self, digest: &[u8; 32]) -> PortResult<Vec<u8>> {
        let before = CpuClock::now();
        let signature = self.ports.sign_digest(digest).await;
        self.add(before);
        signature
    }
}

impl RequestTimestamp for Others {
    async fn request_timestamp(&self, url: &str, request: Vec<u8>) -> PortResult<Vec<u8>> {
        let before = CpuClock::now();
        let answer = self.ports.request_timestamp(url, request).await;
        self.add(before);
        answer
    }
}
