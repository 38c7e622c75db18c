//! Says to the holder of a certificate whether it is a file that was issued.

use domain::{Serial, Sha256Digest};
use jiff::Timestamp;

use crate::ports::{ListSerials, SerialHolder, StoredCertificate};
use crate::{Failure, Outside};

/// The step with its ports.
#[derive(Debug, Clone)]
pub struct CompareCertificate<O: Outside> {
    /// Keeps which certificate has which serial.
    pub tables: O::Tables,
}

/// What came of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// It is the file as it was issued.
    Issued {
        /// The time in its signature's timestamp token.
        timestamped_at: Timestamp,
        /// SHA-256 of the certificate that it is signed with, to compare with that in the file.
        signer: Option<Sha256Digest>,
    },
    /// It is that file with timestamps that were added later.
    Renewed {
        /// The time in its signature's timestamp token.
        timestamped_at: Timestamp,
        /// SHA-256 of the certificate that it is signed with, to compare with that in the file.
        signer: Option<Sha256Digest>,
    },
    /// It is none that was issued under this serial. Whether there is a certificate with this
    /// serial at all is not said: serials are counted, and whoever has one could count the
    /// dispatches of an account.
    Another,
}

impl<O> CompareCertificate<O>
where
    O: Outside,
    O::Tables: ListSerials,
{
    /// Compares the digest of a file with what was issued under a serial. Changes nothing.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn run(&self, serial: &Serial, digest: &Sha256Digest) -> Result<Compared, Failure> {
        let (issued, signer) = match self.tables.find_by_serial(serial).await? {
            Some(SerialHolder::Dispatch(stored)) => {
                (stored.certificate, stored.draft.map(|draft| draft.signer))
            }
            Some(SerialHolder::RefusedMail(_)) | None => (None, None),
        };
        Ok(issued.map_or(Compared::Another, |issued| compare(&issued, signer, digest)))
    }
}

fn compare(
    issued: &StoredCertificate,
    signer: Option<Sha256Digest>,
    digest: &Sha256Digest,
) -> Compared {
    let timestamped_at = issued.timestamped_at;
    if issued.digest == *digest {
        return Compared::Issued {
            timestamped_at,
            signer,
        };
    }
    if issued.renewals.iter().any(|later| later.digest == *digest) {
        return Compared::Renewed {
            timestamped_at,
            signer,
        };
    }
    Compared::Another
}
