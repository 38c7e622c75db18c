//! Public keys and the signature algorithms of certificates, documents and tokens.

use crate::budget::{Budget, Work};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::{
    ECDSA_WITH_SHA_256, ECDSA_WITH_SHA_384, ECDSA_WITH_SHA_512, ID_EC_PUBLIC_KEY, ID_SHA_256,
    ID_SHA_384, ID_SHA_512, RSA_ENCRYPTION, SECP_256_R_1, SECP_384_R_1,
    SHA_256_WITH_RSA_ENCRYPTION, SHA_384_WITH_RSA_ENCRYPTION, SHA_512_WITH_RSA_ENCRYPTION,
};
use der::Decode;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    UnparsedPublicKey, VerificationAlgorithm,
};
use sha2::{Digest, Sha256, Sha384, Sha512};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoRef};
use std::collections::BTreeMap;

/// Larger moduli are not in use; they would only cost time.
const RSA_BITS_MAX: usize = 8_192;

/// How the leaf key of a [`SignerChain`](crate::SignerChain) signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (`RSASSA_PKCS1_V1_5_SHA_256` of AWS KMS).
    RsaPkcs1Sha256,
    /// ECDSA on P-256 with SHA-256, signature as DER (`ECDSA_SHA_256` of AWS KMS).
    EcdsaP256Sha256,
}

impl KeyAlgorithm {
    /// The signature algorithm as CMS and PKCS#10 write it (RFC 5754).
    pub(crate) fn identifier(self) -> AlgorithmIdentifierOwned {
        match self {
            Self::RsaPkcs1Sha256 => AlgorithmIdentifierOwned {
                oid: SHA_256_WITH_RSA_ENCRYPTION,
                parameters: Some(der::Any::null()),
            },
            Self::EcdsaP256Sha256 => AlgorithmIdentifierOwned {
                oid: ECDSA_WITH_SHA_256,
                parameters: None,
            },
        }
    }
}

/// A digest algorithm that is still good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub(crate) fn from_digest_algorithm(oid: ObjectIdentifier) -> Option<Self> {
        match oid {
            ID_SHA_256 => Some(Self::Sha256),
            ID_SHA_384 => Some(Self::Sha384),
            ID_SHA_512 => Some(Self::Sha512),
            _ => None,
        }
    }

    /// As a digest algorithm: without parameters, as RFC 5754 section 2 wants it.
    pub(crate) fn identifier(self) -> AlgorithmIdentifierOwned {
        let oid = match self {
            Self::Sha256 => ID_SHA_256,
            Self::Sha384 => ID_SHA_384,
            Self::Sha512 => ID_SHA_512,
        };
        AlgorithmIdentifierOwned {
            oid,
            parameters: None,
        }
    }

    pub(crate) fn digest(self, data: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(data).to_vec(),
            Self::Sha384 => Sha384::digest(data).to_vec(),
            Self::Sha512 => Sha512::digest(data).to_vec(),
        }
    }
}

/// The two families of signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Rsa,
    Ecdsa,
}

impl Family {
    /// The algorithm that signs such a digest, with its digest in its name (RFC 5754 section 3).
    pub(crate) fn identifier(self, hash: Hash) -> AlgorithmIdentifierOwned {
        let oid = match (self, hash) {
            (Self::Rsa, Hash::Sha256) => SHA_256_WITH_RSA_ENCRYPTION,
            (Self::Rsa, Hash::Sha384) => SHA_384_WITH_RSA_ENCRYPTION,
            (Self::Rsa, Hash::Sha512) => SHA_512_WITH_RSA_ENCRYPTION,
            (Self::Ecdsa, Hash::Sha256) => ECDSA_WITH_SHA_256,
            (Self::Ecdsa, Hash::Sha384) => ECDSA_WITH_SHA_384,
            (Self::Ecdsa, Hash::Sha512) => ECDSA_WITH_SHA_512,
        };
        let parameters = match self {
            Self::Rsa => Some(der::Any::null()),
            Self::Ecdsa => None,
        };
        AlgorithmIdentifierOwned { oid, parameters }
    }
}

/// A signature algorithm: its family, and its digest where the identifier names one.
///
/// `rsaEncryption` in a CMS signer leaves the digest to the digest algorithm beside it.
pub(crate) fn signature_algorithm(oid: ObjectIdentifier) -> Option<(Family, Option<Hash>)> {
    match oid {
        RSA_ENCRYPTION => Some((Family::Rsa, None)),
        SHA_256_WITH_RSA_ENCRYPTION => Some((Family::Rsa, Some(Hash::Sha256))),
        SHA_384_WITH_RSA_ENCRYPTION => Some((Family::Rsa, Some(Hash::Sha384))),
        SHA_512_WITH_RSA_ENCRYPTION => Some((Family::Rsa, Some(Hash::Sha512))),
        ECDSA_WITH_SHA_256 => Some((Family::Ecdsa, Some(Hash::Sha256))),
        ECDSA_WITH_SHA_384 => Some((Family::Ecdsa, Some(Hash::Sha384))),
        ECDSA_WITH_SHA_512 => Some((Family::Ecdsa, Some(Hash::Sha512))),
        _ => None,
    }
}

/// An RSA key, with a modulus of at most [`RSA_BITS_MAX`].
#[derive(Clone, Debug)]
pub(crate) struct RsaKey {
    /// `RSAPublicKey` of PKCS #1 as DER.
    der: Vec<u8>,
    /// Length of the modulus.
    bits: usize,
}

impl RsaKey {
    fn read(der: &[u8]) -> Option<Self> {
        let key = pkcs1::RsaPublicKey::from_der(der).ok()?;
        let modulus = key.modulus.as_bytes();
        let unused = modulus.first()?.leading_zeros();
        let bits = (modulus.len() * 8).checked_sub(usize::try_from(unused).ok()?)?;
        (bits <= RSA_BITS_MAX).then(|| Self {
            der: der.to_vec(),
            bits,
        })
    }
}

/// A key that signatures are checked with.
#[derive(Clone, Debug)]
pub(crate) enum PublicKey {
    Rsa(RsaKey),
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
}

impl PublicKey {
    /// Reads a `SubjectPublicKeyInfo`; `None` for what this crate does not know.
    pub(crate) fn from_spki_der(der: &[u8]) -> Option<Self> {
        let spki = SubjectPublicKeyInfoRef::from_der(der).ok()?;
        let key = spki.subject_public_key.as_bytes()?;
        match spki.algorithm.oid {
            RSA_ENCRYPTION => RsaKey::read(key).map(Self::Rsa),
            ID_EC_PUBLIC_KEY => match spki.algorithm.parameters_oid().ok()? {
                SECP_256_R_1 => p256::ecdsa::VerifyingKey::from_sec1_bytes(key)
                    .ok()
                    .map(Self::P256),
                SECP_384_R_1 => p384::ecdsa::VerifyingKey::from_sec1_bytes(key)
                    .ok()
                    .map(Self::P384),
                _ => None,
            },
            _ => None,
        }
    }

    /// How a signer with this key signs; `None` where it is too weak or not for documents.
    pub(crate) fn signer_algorithm(&self) -> Option<KeyAlgorithm> {
        match self {
            Self::Rsa(key) if key.bits >= crate::limits::SIGNER_RSA_BITS_MIN => {
                Some(KeyAlgorithm::RsaPkcs1Sha256)
            }
            Self::P256(_) => Some(KeyAlgorithm::EcdsaP256Sha256),
            Self::Rsa(_) | Self::P384(_) => None,
        }
    }

    /// Is the key long enough for a certificate of any kind?
    pub(crate) fn is_strong(&self) -> bool {
        match self {
            Self::Rsa(key) => key.bits >= crate::limits::AUTHORITY_RSA_BITS_MIN,
            Self::P256(_) | Self::P384(_) => true,
        }
    }

    /// Checks `signature` over `message`, whose digest by `hash` is `digest`.
    fn verifies(
        &self,
        family: Family,
        (hash, message, digest): (Hash, &[u8], &[u8]),
        signature: &[u8],
    ) -> bool {
        let algorithm: &'static dyn VerificationAlgorithm = match (self, family, hash) {
            (Self::Rsa(_), Family::Rsa, Hash::Sha256) => &RSA_PKCS1_2048_8192_SHA256,
            (Self::Rsa(_), Family::Rsa, Hash::Sha384) => &RSA_PKCS1_2048_8192_SHA384,
            (Self::Rsa(_), Family::Rsa, Hash::Sha512) => &RSA_PKCS1_2048_8192_SHA512,
            (Self::P256(_), Family::Ecdsa, Hash::Sha256) => &ECDSA_P256_SHA256_ASN1,
            (Self::P256(_), Family::Ecdsa, Hash::Sha384) => &ECDSA_P256_SHA384_ASN1,
            (Self::P384(_), Family::Ecdsa, Hash::Sha256) => &ECDSA_P384_SHA256_ASN1,
            (Self::P384(_), Family::Ecdsa, Hash::Sha384) => &ECDSA_P384_SHA384_ASN1,
            // Not in the faster library.
            (Self::P256(key), Family::Ecdsa, Hash::Sha512) => {
                return p256::ecdsa::Signature::from_der(signature)
                    .is_ok_and(|signature| key.verify_prehash(digest, &signature).is_ok());
            }
            (Self::P384(key), Family::Ecdsa, Hash::Sha512) => {
                return p384::ecdsa::Signature::from_der(signature)
                    .is_ok_and(|signature| key.verify_prehash(digest, &signature).is_ok());
            }
            (Self::Rsa(_), Family::Ecdsa, _) | (Self::P256(_) | Self::P384(_), Family::Rsa, _) => {
                return false;
            }
        };
        let key = UnparsedPublicKey::new(algorithm, self.value());
        key.verify(message, signature).is_ok()
    }

    /// The one form of a signature by this key. Of an ECDSA signature `(r, s)` everybody can make
    /// `(r, n - s)`, which verifies alike: the one with the lower `s` is taken. `None` for what is
    /// no such signature.
    pub(crate) fn signature_in_one_form(&self, signature: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Rsa(_) => Some(signature.to_vec()),
            Self::P256(_) => {
                let found = p256::ecdsa::Signature::from_der(signature).ok()?;
                let low = found.normalize_s().unwrap_or(found);
                Some(low.to_der().as_bytes().to_vec())
            }
            Self::P384(_) => {
                let found = p384::ecdsa::Signature::from_der(signature).ok()?;
                let low = found.normalize_s().unwrap_or(found);
                Some(low.to_der().as_bytes().to_vec())
            }
        }
    }

    /// Checks a signature over `message` by the document signer's algorithm.
    pub(crate) fn verifies_sha256(
        &self,
        message: &[u8],
        signature: &[u8],
        verified: &mut Verified,
    ) -> bool {
        verified.verifies(self, self.family(), Hash::Sha256, message, signature)
    }

    fn family(&self) -> Family {
        match self {
            Self::Rsa(_) => Family::Rsa,
            Self::P256(_) | Self::P384(_) => Family::Ecdsa,
        }
    }

    /// The key as `ring` reads it: everything that makes it another than others.
    fn value(&self) -> Vec<u8> {
        match self {
            Self::Rsa(key) => key.der.clone(),
            Self::P256(key) => key.to_encoded_point(false).as_bytes().to_vec(),
            Self::P384(key) => key.to_encoded_point(false).as_bytes().to_vec(),
        }
    }
}

/// Which signatures verified on the way of one document, and which did not. Whether a key, a digest
/// and a signature belong together never changes, so the last look at a document need not compute
/// again what was computed for the same bytes a moment ago. What that may cost is counted here,
/// too: everything that computes has this at hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verified {
    known: BTreeMap<[u8; 32], bool>,
    budget: Budget<Work>,
}

impl Verified {
    pub(crate) fn new(budget: Budget<Work>) -> Self {
        Self {
            known: BTreeMap::new(),
            budget,
        }
    }

    pub(crate) fn budget(&self) -> &Budget<Work> {
        &self.budget
    }

    /// Takes so much of the budget; false where it is not there.
    pub(crate) fn spend(&mut self, work: Work, amount: usize) -> bool {
        self.budget.spend(work, amount)
    }

    /// Checks `signature` over the digest that `hash` makes of `message`.
    pub(crate) fn verifies(
        &mut self,
        key: &PublicKey,
        family: Family,
        hash: Hash,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        if !self.spend(Work::Bytes, message.len()) {
            return false;
        }
        let digest = hash.digest(message);
        let name = name(key, family, hash, &digest, signature);
        if let Some(is_good) = self.known.get(&name) {
            return *is_good;
        }
        if !self.spend(Work::Signatures, 1) {
            return false;
        }
        let is_good = key.verifies(family, (hash, message, &digest), signature);
        self.known.insert(name, is_good);
        is_good
    }

    /// Takes over what another step verified.
    pub(crate) fn extend(&mut self, other: Self) {
        self.known.extend(other.known);
    }
}

/// SHA-256 of all that a check depends on, each part behind its length.
fn name(key: &PublicKey, family: Family, hash: Hash, digest: &[u8], signature: &[u8]) -> [u8; 32] {
    let kind = [key.family() as u8, family as u8, hash as u8];
    let mut name = Sha256::new();
    for part in [&kind[..], &key.value(), digest, signature] {
        name.update(part.len().to_be_bytes());
        name.update(part);
    }
    name.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestKey;

    #[test]
    fn what_verified_vouches_for_the_same_bytes_only() {
        let public = |key: &TestKey| PublicKey::from_spki_der(&key.public_key_der()).unwrap();
        for key in [TestKey::p256(7), TestKey::rsa()] {
            let (message, mut verified) = (b"message", Verified::default());
            let signature = key.sign_digest(&Sha256::digest(message).into());
            for _ in 0..2 {
                assert!(public(&key).verifies_sha256(message, &signature, &mut verified));
            }
            let stranger = public(&TestKey::p256(8));
            assert!(!stranger.verifies_sha256(message, &signature, &mut verified));
            assert!(!public(&key).verifies_sha256(b"another", &signature, &mut verified));
            for at in (0..signature.len()).step_by(16) {
                let mut changed = signature.clone();
                changed[at] ^= 1;
                assert!(!public(&key).verifies_sha256(message, &changed, &mut verified));
            }
            let good = verified.known.values().filter(|is_good| **is_good);
            assert_eq!(good.count(), 1);
        }
    }

    #[test]
    fn rsa_verifies_with_each_digest() {
        use rsa::pkcs8::DecodePrivateKey;
        use rsa::{Pkcs1v15Sign, RsaPrivateKey};
        let pem = include_str!("../fixtures/test-key-rsa-3072.pem");
        let private = RsaPrivateKey::from_pkcs8_pem(pem).unwrap();
        let key = PublicKey::from_spki_der(&TestKey::rsa().public_key_der()).unwrap();
        let hashes = [
            (Hash::Sha256, Pkcs1v15Sign::new::<Sha256>()),
            (Hash::Sha384, Pkcs1v15Sign::new::<Sha384>()),
            (Hash::Sha512, Pkcs1v15Sign::new::<Sha512>()),
        ];
        for (hash, scheme) in hashes {
            let signature = private.sign(scheme, &hash.digest(b"message")).unwrap();
            let verifies = |message: &[u8], signature: &[u8]| {
                let verified = &mut Verified::default();
                verified.verifies(&key, Family::Rsa, hash, message, signature)
            };
            assert!(verifies(b"message", &signature), "{hash:?}");
            assert!(!verifies(b"another", &signature), "{hash:?}");
            for at in 0..signature.len() {
                let mut changed = signature.clone();
                changed[at] ^= 1;
                assert!(!verifies(b"message", &changed), "{hash:?}: byte {at}");
            }
            let shorter = &signature[1..];
            assert!(!verifies(b"message", shorter), "{hash:?}: a byte less");
            let longer = [&[0][..], &signature].concat();
            assert!(!verifies(b"message", &longer), "{hash:?}: a byte before");
        }
    }

    #[test]
    fn a_modulus_has_the_length_of_its_digits() {
        let bits_of = |first: u8, length: usize| {
            let mut modulus = vec![0xFF; length];
            modulus[0] = first;
            let key = pkcs1::RsaPublicKey {
                modulus: der::asn1::UintRef::new(&modulus).unwrap(),
                public_exponent: der::asn1::UintRef::new(&[1, 0, 1]).unwrap(),
            };
            RsaKey::read(&der::Encode::to_der(&key).unwrap()).map(|key| key.bits)
        };
        assert_eq!(bits_of(0xFF, 256), Some(2_048));
        assert_eq!(bits_of(0x7F, 256), Some(2_047));
        assert_eq!(bits_of(0x01, 256), Some(2_041));
        assert_eq!(bits_of(0xFF, 1_024), Some(8_192));
        assert_eq!(bits_of(0x01, 1_025), None);
        assert!(RsaKey::read(b"no key").is_none());
    }

    /// ECDSA comes from two libraries, by digest: both must say the same of the same signature.
    #[test]
    fn each_curve_verifies_with_each_digest() {
        use p256::ecdsa::signature::hazmat::PrehashSigner;
        let message = b"message";
        let small = p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap();
        let large = p384::ecdsa::SigningKey::from_slice(&[7; 48]).unwrap();
        let keys = [
            PublicKey::P256(*small.verifying_key()),
            PublicKey::P384(*large.verifying_key()),
        ];
        for hash in [Hash::Sha256, Hash::Sha384, Hash::Sha512] {
            let digest = hash.digest(message);
            let of_small: p256::ecdsa::Signature = small.sign_prehash(&digest).unwrap();
            let of_large: p384::ecdsa::Signature = large.sign_prehash(&digest).unwrap();
            let signatures = [of_small.to_der().to_bytes(), of_large.to_der().to_bytes()];
            for (key, signature) in keys.iter().zip(&signatures) {
                let verifies = |message: &[u8], signature: &[u8]| {
                    let verified = &mut Verified::default();
                    verified.verifies(key, Family::Ecdsa, hash, message, signature)
                };
                assert!(verifies(message, signature), "{hash:?}");
                assert!(!verifies(b"another", signature), "{hash:?}");
                for at in 0..signature.len() {
                    let mut changed = signature.to_vec();
                    changed[at] ^= 1;
                    assert!(!verifies(message, &changed), "{hash:?}: byte {at}");
                }
                let longer = [signature, &[0][..]].concat();
                assert!(!verifies(message, &longer), "{hash:?}: a byte behind");
            }
        }
    }
}
