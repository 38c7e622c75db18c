//! The public key that a domain keeps in the DNS for its signatures (RFC 6376 section 3.6.1,
//! RFC 8463).

use domain::{SignatureFailure, SigningAlgorithm};
use pkcs1::der::Decode;
use ring::signature::{RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RsaPublicKeyComponents};
use sha2::{Digest, Sha256};
use spki::SubjectPublicKeyInfoRef;

use crate::tag_list::{Malformed, TagList};

/// Shortest RSA key that counts (Q-14, RFC 8301 section 3.2).
const RSA_KEY_BITS_MIN: usize = 1_024;

/// Larger moduli are not in use; they would only cost time.
const RSA_KEY_BITS_MAX: usize = 8_192;

/// Largest public exponent: what libraries agree on.
const RSA_EXPONENT_MAX: u64 = (1 << 33) - 1;

/// The tags of a record (RFC 6376 section 3.6.1).
const TAGS: [&str; 7] = ["v", "h", "k", "n", "p", "s", "t"];

/// A key, and what its domain allows it for.
#[derive(Debug)]
pub(crate) struct DomainKey {
    key: PublicKey,
    /// Whether signatures over SHA-256 may be made with it (`h=`).
    allows_sha256: bool,
    /// Whether it may sign mail (`s=`).
    allows_mail: bool,
    /// Whether it may not sign for subdomains (`t=s`).
    pub(crate) is_for_same_domain: bool,
}

#[derive(Debug)]
enum PublicKey {
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
        bits: usize,
    },
    Ed25519(Box<ed25519_dalek::VerifyingKey>),
}

impl DomainKey {
    /// Reads a TXT record.
    ///
    /// # Errors
    /// `KeyRevoked` where the key is empty, `UnusableKey` where the record has none that is known.
    pub(crate) fn read(record: &[u8]) -> Result<Self, SignatureFailure> {
        let unusable = |Malformed| SignatureFailure::UnusableKey;
        let tags = TagList::read(record, &TAGS).map_err(unusable)?;
        if tags.text("v").is_some_and(|version| version != "dkim1") {
            return Err(SignatureFailure::UnusableKey);
        }
        let octets = tags.base64("p").map_err(unusable)?;
        let octets = octets.ok_or(SignatureFailure::UnusableKey)?;
        if octets.is_empty() {
            return Err(SignatureFailure::KeyRevoked);
        }
        let key = match tags.text("k").as_deref() {
            None | Some("" | "rsa") => PublicKey::rsa(&octets),
            Some("ed25519") => PublicKey::ed25519(&octets),
            Some(_) => None,
        };
        // RFC 6376, 3.6.1: what the tag does not list is not allowed; without the tag all is.
        let allows = |tag: &str, uses: &[&str]| {
            let listed = tags.items(tag);
            let is_among = |use_: &&str| listed.iter().any(|one| one.eq_ignore_ascii_case(use_));
            tags.value(tag).is_none() || uses.iter().any(is_among)
        };
        let flags = tags.items("t");
        Ok(Self {
            key: key.ok_or(SignatureFailure::UnusableKey)?,
            allows_sha256: allows("h", &["sha256"]),
            allows_mail: allows("s", &["*", "email"]),
            is_for_same_domain: flags.iter().any(|flag| flag.eq_ignore_ascii_case("s")),
        })
    }

    /// The length of an RSA key.
    pub(crate) fn rsa_bits(&self) -> Option<usize> {
        match &self.key {
            PublicKey::Rsa { bits, .. } => Some(*bits),
            PublicKey::Ed25519(_) => None,
        }
    }

    /// Whether it may be used for a signature.
    pub(crate) fn check(&self, algorithm: SigningAlgorithm) -> Result<(), SignatureFailure> {
        let is_weak = self.rsa_bits().is_some_and(|bits| bits < RSA_KEY_BITS_MIN);
        if algorithm == SigningAlgorithm::RsaSha256 && is_weak {
            Err(SignatureFailure::WeakKey)
        } else if self.allows_sha256 && self.allows_mail {
            Ok(())
        } else {
            Err(SignatureFailure::UnusableKey)
        }
    }

    /// Whether the key made this signature over these octets.
    pub(crate) fn verify(
        &self,
        algorithm: SigningAlgorithm,
        signed: &[u8],
        signature: &[u8],
    ) -> bool {
        match (&self.key, algorithm) {
            (
                PublicKey::Rsa {
                    modulus, exponent, ..
                },
                SigningAlgorithm::RsaSha256,
            ) => {
                let key = RsaPublicKeyComponents {
                    n: modulus,
                    e: exponent,
                };
                let form = &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY;
                key.verify(form, signed, signature).is_ok()
            }
            // RFC 8463 section 3: what is signed is the digest. Strictly, so that a key cannot be
            // one under which many messages have the same signature.
            (PublicKey::Ed25519(key), SigningAlgorithm::Ed25519Sha256) => {
                let signature = ed25519_dalek::Signature::from_slice(signature);
                signature.is_ok_and(|signature| {
                    key.verify_strict(&Sha256::digest(signed), &signature)
                        .is_ok()
                })
            }
            (PublicKey::Rsa { .. } | PublicKey::Ed25519(_), _) => false,
        }
    }
}

impl PublicKey {
    /// A `SubjectPublicKeyInfo`, or the `RSAPublicKey` in it alone (RFC 6376 erratum 3017).
    fn rsa(octets: &[u8]) -> Option<Self> {
        let key = match SubjectPublicKeyInfoRef::try_from(octets) {
            Ok(info) => pkcs1::RsaPublicKey::from_der(info.subject_public_key.as_bytes()?).ok()?,
            Err(_) => pkcs1::RsaPublicKey::from_der(octets).ok()?,
        };
        let modulus = key.modulus.as_bytes();
        let unused = usize::try_from(modulus.first()?.leading_zeros()).ok()?;
        let bits = (modulus.len() * 8).checked_sub(unused)?;
        let exponent = key.public_exponent.as_bytes();
        let number = exponent.iter().try_fold(0_u64, |number, byte| {
            Some(number.checked_mul(256)? | u64::from(*byte))
        })?;
        let is_odd = modulus.last()? & 1 == 1 && number & 1 == 1;
        let is_usable =
            is_odd && bits <= RSA_KEY_BITS_MAX && (3..=RSA_EXPONENT_MAX).contains(&number);
        is_usable.then(|| Self::Rsa {
            modulus: modulus.to_vec(),
            exponent: exponent.to_vec(),
            bits,
        })
    }

    fn ed25519(octets: &[u8]) -> Option<Self> {
        let key = ed25519_dalek::VerifyingKey::try_from(octets).ok()?;
        Some(Self::Ed25519(Box::new(key)))
    }
}

#[cfg(test)]
mod tests;
