//! The signing configuration as the originals bucket has it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use domain::ObjectKey;
use domain::limits::SIGNING_CONFIGURATION_AGE_SECONDS_MAX;
use jiff::Timestamp;
use tracing::info;

use crate::Failure;
use crate::certify::signing::SigningConfiguration;
use crate::ports::{Clock, ReadObject};
use crate::wire::parse_signing_configuration;

/// The signing configuration in the originals bucket, for the life of a process: an operator may
/// change it while functions are warm, so it is read again after
/// [`SIGNING_CONFIGURATION_AGE_SECONDS_MAX`].
#[derive(Debug)]
pub struct SigningConfigurations<Originals, Time> {
    /// The originals bucket.
    originals: Originals,
    /// Where it is.
    key: ObjectKey,
    /// Says how old it is.
    clock: Time,
    kept: Mutex<Option<Kept>>,
}

/// A configuration with what it was made from.
#[derive(Debug, Clone)]
struct Kept {
    read_at: Timestamp,
    json: Bytes,
    configuration: Arc<SigningConfiguration>,
}

impl<Originals, Time> SigningConfigurations<Originals, Time>
where
    Originals: ReadObject,
    Time: Clock,
{
    /// The configuration under this key.
    pub fn new(originals: Originals, key: ObjectKey, clock: Time) -> Self {
        Self {
            originals,
            key,
            clock,
            kept: Mutex::default(),
        }
    }

    /// The configuration as it is now, or was a few minutes ago. One that did not change stays the
    /// same, with what was learned about its authorities.
    ///
    /// # Errors
    /// Transient when the bucket fails or nobody has written the configuration yet; permanent when
    /// it cannot be used.
    pub async fn current(&self) -> Result<Arc<SigningConfiguration>, Failure> {
        let now = self.clock.now();
        let kept = self.lock().clone();
        let is_young = |kept: &&Kept| {
            let age = now.duration_since(kept.read_at).as_secs();
            (0..SIGNING_CONFIGURATION_AGE_SECONDS_MAX).contains(&age)
        };
        if let Some(young) = kept.as_ref().filter(is_young) {
            return Ok(Arc::clone(&young.configuration));
        }
        let json = self.originals.read_object(&self.key).await?;
        let json = json.ok_or_else(|| {
            Failure::transient("reading a signing configuration that is not there")
        })?;
        let configuration = match kept.filter(|kept| kept.json == json) {
            Some(kept) => kept.configuration,
            None => {
                info!("read a signing configuration");
                Arc::new(parse_signing_configuration(&json)?)
            }
        };
        *self.lock() = Some(Kept {
            read_at: now,
            json,
            configuration: Arc::clone(&configuration),
        });
        Ok(configuration)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
