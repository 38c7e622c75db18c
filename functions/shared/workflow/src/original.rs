//! The original of a certificate, for handing out copies of it.

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::Failure;
use crate::ports::{ReadObject, StoredDispatch};

/// The bytes of the stored original. Copies are byte-identical to it (I-054), or there are none.
pub(crate) async fn read_original(
    originals: &impl ReadObject,
    stored: &StoredDispatch,
) -> Result<Bytes, Failure> {
    let certificate = stored
        .certificate
        .as_ref()
        .ok_or_else(|| Failure::permanent("copying a certificate that is not there"))?;
    let pdf = originals
        .read_object(&certificate.key)
        .await?
        .ok_or_else(|| Failure::permanent("reading an original that is not there"))?;
    let digest: [u8; 32] = Sha256::digest(&pdf).into();
    if digest == *certificate.digest.as_bytes() {
        Ok(pdf)
    } else {
        Err(Failure::permanent(
            "comparing an original with its recorded digest",
        ))
    }
}
