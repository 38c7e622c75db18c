//! The objects of a bucket: mails, drafts, originals.

use std::future::Future;

use bytes::Bytes;
use domain::ObjectKey;
use jiff::Timestamp;

use super::PortResult;

/// Memory to leave behind the bytes of an object that is read. A certificate is made in the memory
/// of its message, and a signature is appended in the memory of its draft; without room, megabytes
/// would be copied for it. It holds ten times the usual pages, and what stays empty is never
/// touched.
pub const OBJECT_ROOM_BYTES: usize = 1_048_576;

/// Reads objects of one bucket.
pub trait ReadObject {
    /// The object's bytes, or `None` when there is no such object. Best in memory of their own,
    /// with [`OBJECT_ROOM_BYTES`] behind them.
    fn read_object(
        &self,
        key: &ObjectKey,
    ) -> impl Future<Output = PortResult<Option<Bytes>>> + Send;
}

/// Lets objects of one bucket go soon.
pub trait ExpireObject {
    /// Marks an object so that the bucket deletes it within days and not after its usual time. An
    /// object that is not there needs nothing.
    fn expire_object(&self, key: &ObjectKey) -> impl Future<Output = PortResult<()>> + Send;
}

/// Writes objects of one bucket; writing the same object again replaces it.
pub trait WriteObject {
    /// Stores the bytes.
    fn write_object(
        &self,
        key: &ObjectKey,
        bytes: Bytes,
    ) -> impl Future<Output = PortResult<()>> + Send;
}

/// Stores the original of a certificate, once and for good (I-054, Q-6).
pub trait CreateOriginal {
    /// Stores the bytes under Object Lock until `retain_until`, unless the key is taken.
    fn create_original(
        &self,
        key: &ObjectKey,
        bytes: Bytes,
        retain_until: Timestamp,
    ) -> impl Future<Output = PortResult<Creation>> + Send;
}

/// Adds versions to stored originals; those before stay as they are, under their own locks.
pub trait RenewOriginal {
    /// The newest version, or `None` when there is no such object.
    fn newest_version(
        &self,
        key: &ObjectKey,
    ) -> impl Future<Output = PortResult<Option<OriginalVersion>>> + Send;

    /// Stores the bytes as a new version under Object Lock until `retain_until`. `false`, and
    /// nothing is written, when the newest version is another one by now than that of `tag`.
    fn add_version(
        &self,
        key: &ObjectKey,
        tag: &VersionTag,
        bytes: Bytes,
        retain_until: Timestamp,
    ) -> impl Future<Output = PortResult<bool>> + Send;
}

/// One version of an original.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginalVersion {
    /// Its bytes.
    pub bytes: Bytes,
    /// What the store knows it by.
    pub tag: VersionTag,
}

/// By what the store of originals tells versions apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionTag(pub String);

/// Whether an object was created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Creation {
    /// It was.
    Created,
    /// The key was taken; nothing was written.
    AlreadyThere,
}
