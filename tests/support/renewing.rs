//! Certificates whose timestamps age, in memory.

use bytes::Bytes;
use domain::{DispatchId, ObjectKey};
use jiff::Timestamp;
use pades::testing::{Purpose, TestKey, TestSigner, TestTimestampAuthority};
use serde_json::json;
use workflow::certify::renew_timestamps::Renewed;
use workflow::ports::{
    DUE_RENEWALS_MAX, OriginalVersion, PortResult, RenewOriginal, RenewalStore, StoredCertificate,
    VersionTag,
};

use crate::World;
use crate::engine::Job;
use crate::ports::{Originals, Ports, permanent};
use crate::world::{AuthorityState, Original, State};

impl World {
    /// The scheduled rule calls `renew-timestamps`.
    pub fn renew_timestamps(&self) {
        let mut state = self.lock();
        let now = state.now;
        let payload = json!({ "source": "aws.events" });
        state.agenda.add(
            now,
            Job::Invoke {
                function: "RenewTimestamps",
                payload,
                attempt: 0,
            },
        );
    }

    /// What the last invocation of `renew-timestamps` that came to its end did.
    #[must_use]
    pub fn last_renewed(&self) -> Option<Renewed> {
        self.lock().renewed.last().copied()
    }

    /// The timestamp authorities get new certificates with this validity, as `YYYYMMDDhhmmssZ`,
    /// under the same roots. There are as many of them as before.
    pub fn certify_authorities(&self, validity: [&str; 2]) {
        let mut state = self.lock();
        for (position, (authority, _)) in state.authorities.iter_mut().enumerate() {
            let seed = u8::try_from(position + 1).expect("few authorities");
            *authority =
                TestTimestampAuthority::with_certificate(seed, Purpose::Timestamps, validity);
        }
    }

    /// The timestamp authorities that this world's readers know.
    #[must_use]
    pub fn known_authorities(&self) -> Vec<pades::TimestampAuthority> {
        let state = self.lock();
        let known = state.authorities.iter();
        known.map(|(known, _)| known.authority.clone()).collect()
    }

    /// We sign with another key and certificate from now on.
    pub fn change_signer(&self, seed: u8) {
        self.lock().signer = TestSigner::new(TestKey::p256(seed));
    }

    /// All versions of the original of a dispatch's certificate with the ends of their locks, the
    /// oldest first.
    #[must_use]
    pub fn original_versions(&self, id: &DispatchId) -> Vec<(Bytes, Timestamp)> {
        let state = self.lock();
        let found = state.dispatches.get(id).and_then(|row| {
            let key = ObjectKey::of_certificate(&row.stored.dispatch.serial);
            state.originals.get(&key)
        });
        let newest = found.map(|one| (one.bytes.clone(), one.retain_until));
        let earlier = found.map(|one| one.earlier.clone());
        earlier.into_iter().flatten().chain(newest).collect()
    }

    /// When a certificate's newest timestamp is looked at next.
    #[must_use]
    pub fn renewal_check(&self, id: &DispatchId) -> Option<Timestamp> {
        self.lock().renewal_checks.get(id).copied()
    }

    /// All authorities are in this state.
    pub fn set_all_authorities(&self, to: AuthorityState) {
        for (_, behavior) in &mut self.lock().authorities {
            *behavior = to;
        }
    }
}

impl State {
    /// The certificate, if nobody renewed it since it was seen.
    fn as_certified(
        &mut self,
        id: &DispatchId,
        seen: &StoredCertificate,
    ) -> PortResult<Option<&mut StoredCertificate>> {
        let row = self.row(id, "record_renewal")?;
        Ok(row.certificate.as_mut().filter(|known| *known == seen))
    }
}

impl RenewalStore for Ports {
    async fn due_renewals(&self, now: Timestamp) -> PortResult<Vec<DispatchId>> {
        let list = |state: &mut State| {
            let checks = state.renewal_checks.iter();
            let mut due: Vec<(Timestamp, DispatchId)> = checks
                .filter(|(_, at)| **at <= now)
                .map(|(id, at)| (*at, id.clone()))
                .collect();
            due.sort();
            due.truncate(DUE_RENEWALS_MAX);
            Ok(due.into_iter().map(|(_, id)| id).collect())
        };
        self.call("due_renewals", list).await
    }

    async fn record_renewal(
        &self,
        id: &DispatchId,
        seen: &StoredCertificate,
        renewed: &StoredCertificate,
    ) -> PortResult<bool> {
        let record = |state: &mut State| {
            let Some(known) = state.as_certified(id, seen)? else {
                return Ok(false);
            };
            *known = renewed.clone();
            state.renewal_checks.insert(id.clone(), renewed.renew_at);
            Ok(true)
        };
        self.call("record_renewal", record).await
    }

    async fn renew_later(
        &self,
        id: &DispatchId,
        seen: &StoredCertificate,
        at: Timestamp,
    ) -> PortResult<bool> {
        let put_off = |state: &mut State| {
            let is_same = state.as_certified(id, seen)?.is_some();
            if is_same {
                state.renewal_checks.insert(id.clone(), at);
            }
            Ok(is_same)
        };
        self.call("renew_later", put_off).await
    }
}

impl Original {
    fn tag(&self) -> VersionTag {
        VersionTag(format!("version {}", self.earlier.len()))
    }
}

impl RenewOriginal for Originals {
    async fn newest_version(&self, key: &ObjectKey) -> PortResult<Option<OriginalVersion>> {
        let read = |state: &mut State| {
            Ok(state.originals.get(key).map(|original| OriginalVersion {
                bytes: original.bytes.clone(),
                tag: original.tag(),
            }))
        };
        self.0.call("newest_version", read).await
    }

    async fn add_version(
        &self,
        key: &ObjectKey,
        tag: &VersionTag,
        bytes: Bytes,
        retain_until: Timestamp,
    ) -> PortResult<bool> {
        let add = |state: &mut State| {
            let original = state.originals.get_mut(key);
            let original =
                original.ok_or_else(|| permanent("add_version", "there is no original"))?;
            if original.tag() != *tag {
                return Ok(false);
            }
            if retain_until < original.retain_until {
                return Err(permanent("add_version", "the retention is shortened"));
            }
            let before = std::mem::replace(&mut original.bytes, bytes);
            original.earlier.push((before, original.retain_until));
            original.retain_until = retain_until;
            Ok(true)
        };
        self.0.call("add_version", add).await
    }
}
