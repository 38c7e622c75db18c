//! The signing configuration: one JSON object in the originals bucket.

use pades::{Certificate, SignerChain, TimestampAuthority};
use serde::Deserialize;

use super::WireError;
use crate::certify::signing::{RevocationAddresses, SigningConfiguration};

#[derive(Deserialize)]
struct StoredConfiguration {
    chain: Vec<String>,
    timestamp_authorities: Vec<StoredAuthority>,
    #[serde(default)]
    revocation: Vec<StoredAddresses>,
}

/// Where to ask about the certificates of one issuer, in place of what they say themselves.
#[derive(Deserialize)]
struct StoredAddresses {
    issuer: String,
    #[serde(default)]
    ocsp: Vec<String>,
    #[serde(default)]
    crl: Vec<String>,
}

#[derive(Deserialize)]
struct StoredAuthority {
    name: String,
    url: String,
    trusted_roots: Vec<String>,
    policy: Option<String>,
}

/// Reads the configuration.
///
/// # Errors
/// When it is not the JSON it should be, a certificate cannot be read or does not fit the chain,
/// or fewer than two timestamp authorities of different names are named: both tokens are never
/// taken from one, so no certificate could ever leave.
pub fn parse_signing_configuration(json: &[u8]) -> Result<SigningConfiguration, WireError> {
    let stored: StoredConfiguration = serde_json::from_slice(json).map_err(WireError::Json)?;
    let chain = SignerChain::from_pem(&stored.chain).map_err(WireError::Certificate)?;
    let authorities: Vec<TimestampAuthority> = stored
        .timestamp_authorities
        .into_iter()
        .map(authority)
        .collect::<Result<_, _>>()?;
    let mut names: Vec<&str> = authorities.iter().map(|one| one.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    if names.len() < 2 || names.len() < authorities.len() {
        return Err(WireError::Field("timestamp_authorities"));
    }
    let addresses = stored
        .revocation
        .into_iter()
        .map(|one| RevocationAddresses {
            issuer: one.issuer,
            ocsp: one.ocsp,
            crl: one.crl,
        });
    let addresses = addresses.collect();
    Ok(SigningConfiguration::new(chain, authorities).with_revocation_addresses(addresses))
}

fn authority(stored: StoredAuthority) -> Result<TimestampAuthority, WireError> {
    let mut trusted_roots = Vec::new();
    for pem in &stored.trusted_roots {
        trusted_roots.extend(Certificate::all_from_pem(pem).map_err(WireError::Certificate)?);
    }
    let policy = stored.policy.map(|oid| oid.parse()).transpose();
    Ok(TimestampAuthority {
        name: stored.name,
        url: stored.url,
        trusted_roots,
        policy: policy.map_err(|_| WireError::Field("timestamp_authorities.policy"))?,
    })
}
