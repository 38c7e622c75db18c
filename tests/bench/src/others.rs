//! The CPU time of this thread, and what of it was the work of others.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use domain::ObjectKey;
use rustix::time::{ClockId, clock_gettime};
use tests::Ports;
use workflow::ports::{
    ExpireObject, FetchCrl, OBJECT_ROOM_BYTES, PortResult, ReadObject, RequestOcsp,
    RequestTimestamp, SignDigest, WriteObject,
};

/// The network, the key, the timestamp authorities and the OCSP responders of the world in memory,
/// with the time they take.
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

    /// The CPU time of some work in milliseconds, without what others did in it.
    pub(crate) fn apart_from<T>(&self, work: impl FnOnce() -> T) -> (T, f64) {
        self.nanoseconds.store(0, Ordering::Relaxed);
        let (result, nanoseconds) = spent(work);
        let own = nanoseconds.saturating_sub(self.nanoseconds.load(Ordering::Relaxed));
        (result, 1e3 * Duration::from_nanos(own).as_secs_f64())
    }

    async fn count<T>(&self, work: impl Future<Output = T>) -> T {
        let before = cpu_time();
        let result = work.await;
        let spent = cpu_time().saturating_sub(before);
        self.nanoseconds.fetch_add(spent, Ordering::Relaxed);
        result
    }
}

pub(crate) fn spent<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let before = cpu_time();
    let result = work();
    (result, cpu_time().saturating_sub(before))
}

/// The CPU time of this thread in nanoseconds: other programs on the machine do not count.
fn cpu_time() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let part = |number: i64| u64::try_from(number).unwrap_or_default();
    part(time.tv_sec) * 1_000_000_000 + part(time.tv_nsec)
}

impl ExpireObject for Others {
    async fn expire_object(&self, key: &ObjectKey) -> PortResult<()> {
        self.count(self.ports.expire_object(key)).await
    }
}

impl ReadObject for Others {
    /// What comes over the network comes in memory of its own, with the room that the bucket's
    /// adapter leaves.
    async fn read_object(&self, key: &ObjectKey) -> PortResult<Option<Bytes>> {
        let read = async {
            let object = self.ports.read_object(key).await?;
            Ok(object.map(|bytes| {
                let mut own = BytesMut::with_capacity(bytes.len() + OBJECT_ROOM_BYTES);
                own.extend_from_slice(&bytes);
                own.freeze()
            }))
        };
        self.count(read).await
    }
}

impl WriteObject for Others {
    async fn write_object(&self, key: &ObjectKey, bytes: Bytes) -> PortResult<()> {
        self.count(self.ports.write_object(key, bytes)).await
    }
}

impl SignDigest for Others {
    async fn sign_digest(&self, digest: &[u8; 32]) -> PortResult<Vec<u8>> {
        self.count(self.ports.sign_digest(digest)).await
    }
}

impl RequestTimestamp for Others {
    async fn request_timestamp(&self, url: &str, request: Vec<u8>) -> PortResult<Vec<u8>> {
        self.count(self.ports.request_timestamp(url, request)).await
    }
}

impl RequestOcsp for Others {
    async fn request_ocsp(&self, url: &str, request: Vec<u8>) -> PortResult<Vec<u8>> {
        self.count(self.ports.request_ocsp(url, request)).await
    }
}

impl FetchCrl for Others {
    async fn fetch_crl(&self, url: &str) -> PortResult<Vec<u8>> {
        self.count(self.ports.fetch_crl(url)).await
    }
}
