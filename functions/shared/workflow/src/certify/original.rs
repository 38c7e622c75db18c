//! The original of a certificate, for handing out copies of it.

use bytes::Bytes;
use domain::Sha256Digest;
use sha2::{Digest, Sha256};

use crate::Failure;
use crate::ports::{ReadObject, StoredCertificate, StoredDispatch};

/// The bytes of the newest version of the stored original that is recorded. Copies are
/// byte-identical to it (I-054), or there are none.
pub(crate) async fn read_original(
    originals: &impl ReadObject,
    stored: &StoredDispatch,
) -> Result<Bytes, Failure> {
    let certificate = stored
        .certificate
        .as_ref()
        .ok_or_else(|| Failure::permanent("copying a certificate that is not there"))?;
    read_recorded(originals, certificate).await
}

/// The bytes of the newest version that is recorded of a certificate.
///
/// # Errors
/// Transient when the store fails; permanent when the original is missing, or is not the recorded
/// one.
pub async fn read_recorded(
    originals: &impl ReadObject,
    certificate: &StoredCertificate,
) -> Result<Bytes, Failure> {
    let pdf = originals
        .read_object(&certificate.key)
        .await?
        .ok_or_else(|| Failure::permanent("reading an original that is not there"))?;
    match compare(&pdf, certificate)? {
        Recorded::Whole => Ok(pdf),
        // A renewal is stored, but not recorded yet: what it began with is in it.
        Recorded::Beginning { length_bytes } => Ok(pdf.slice(..length_bytes)),
    }
}

/// How much of a stored original is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recorded {
    /// All of it.
    Whole,
    /// So many bytes at its start; behind them stands a renewal whose record was cut off.
    Beginning { length_bytes: usize },
}

/// Compares a stored original with what is recorded of it.
///
/// # Errors
/// Permanent when it is neither the recorded version nor one that begins with it.
pub(crate) fn compare(pdf: &Bytes, certificate: &StoredCertificate) -> Result<Recorded, Failure> {
    let recorded = certificate.newest_digest();
    let digest = |bytes: &[u8]| Sha256Digest::new(Sha256::digest(bytes).into());
    if digest(pdf) == *recorded {
        return Ok(Recorded::Whole);
    }
    let other = || Failure::permanent("comparing an original with its recorded digest");
    let versions = pades::versions(pdf).map_err(|_| other())?;
    let mut versions = versions.iter();
    let version = versions.find(|version| version.digest == *recorded.as_bytes());
    version
        .map(|version| Recorded::Beginning {
            length_bytes: version.length_bytes,
        })
        .ok_or_else(other)
}
