//! How often one source may ask for what costs something, or for what is not there.

use std::net::IpAddr;

use domain::Sha256Digest;
use domain::limits::{CODE_REQUESTS_MAX, SOURCE_WINDOW_SECONDS, UNKNOWN_LINKS_MAX};
use sha2::{Digest, Sha256};

use crate::Failure;
use crate::ports::{Clock, RateKey, RateLimit};

/// The step with its ports.
#[derive(Debug, Clone)]
pub struct SourceLimit<Limits, Time> {
    /// Counts.
    pub limits: Limits,
    /// The clock.
    pub clock: Time,
    /// Something that another stack does not have, so that digests of addresses cannot be looked
    /// up in a table made elsewhere. Who has it can still try all addresses of IPv4; therefore
    /// what is counted is deleted soon after its window.
    pub salt: String,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// For a link that nobody was given.
    UnknownLink,
    /// For a code by SMS.
    Code,
}

/// Whether a source may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It may.
    Admitted,
    /// It asked too often.
    TooOften {
        /// When it is worth asking again.
        retry_after_seconds: u32,
    },
}

impl<Limits, Time> SourceLimit<Limits, Time>
where
    Limits: RateLimit,
    Time: Clock,
{
    /// Counts one more question of a source. A network of IPv6 counts as one source: whoever has
    /// one address of it has 2^64.
    ///
    /// # Errors
    /// When counting fails.
    pub async fn admit(&self, source: IpAddr, asking: Asking) -> Result<Admission, Failure> {
        let now = self.clock.now();
        let (name, limit) = match asking {
            Asking::UnknownLink => ("unknown link", UNKNOWN_LINKS_MAX),
            Asking::Code => ("code", CODE_REQUESTS_MAX),
        };
        let key = self.key(name, source);
        let window = SOURCE_WINDOW_SECONDS;
        if self.limits.take(&key, limit, window, now).await? {
            return Ok(Admission::Admitted);
        }
        let gone = now.as_second().rem_euclid(i64::from(window));
        let gone = u32::try_from(gone).unwrap_or_default();
        Ok(Admission::TooOften {
            retry_after_seconds: window.saturating_sub(gone),
        })
    }

    fn key(&self, name: &str, source: IpAddr) -> RateKey {
        let network = match source.to_canonical() {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().into_iter().take(8).collect(),
        };
        let mut hash = Sha256::new();
        for part in [self.salt.as_bytes(), name.as_bytes(), &network] {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        RateKey::new(Sha256Digest::new(hash.finalize().into()))
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::ports::PortResult;

    struct Full;

    impl RateLimit for Full {
        async fn take(&self, _: &RateKey, _: u32, _: u32, _: Timestamp) -> PortResult<bool> {
            Ok(false)
        }
    }

    impl Clock for Full {
        fn now(&self) -> Timestamp {
            Timestamp::MIN
        }
    }

    #[test]
    fn a_source_is_an_address_of_ipv4_or_a_network_of_ipv6_in_one_stack() {
        let key = |salt: &str, name: &str, source: &str| {
            let (limits, clock, salt) = (Full, Full, salt.to_owned());
            let limit = SourceLimit {
                limits,
                clock,
                salt,
            };
            limit.key(name, source.parse().unwrap())
        };
        let one = key("a", "code", "192.0.2.1");
        assert_eq!(one, key("a", "code", "::ffff:192.0.2.1"));
        for other in [
            key("a", "code", "192.0.2.2"),
            key("a", "unknown link", "192.0.2.1"),
            key("b", "code", "192.0.2.1"),
            key("ac", "ode", "192.0.2.1"),
        ] {
            assert_ne!(one, other);
        }
        let (first, last) = ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9");
        assert_eq!(key("a", "code", first), key("a", "code", last));
        assert_ne!(key("a", "code", first), key("a", "code", "2001:db8:1:3::1"));
    }
}
