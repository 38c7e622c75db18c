//! PKCS#10 certification requests (RFC 2986) for a key that signs elsewhere.

use crate::Error;
use crate::error::der_error;
use crate::key::{KeyAlgorithm, PublicKey, Verified};
use der::asn1::{BitString, Ia5StringRef, PrintableStringRef, SetOfVec};
use der::{Decode, Encode, EncodePem, Tag, Tagged};
use sha2::{Digest, Sha256};
use spki::SubjectPublicKeyInfoOwned;
use std::str::FromStr;
use x509_cert::name::Name;
use x509_cert::request::{CertReq, CertReqInfo, Version};

/// A request for a certificate, which its own key still has to sign.
#[derive(Clone, Debug)]
pub struct CertificationRequest {
    info: CertReqInfo,
    key: PublicKey,
    algorithm: KeyAlgorithm,
    /// What is signed.
    der: Vec<u8>,
}

impl CertificationRequest {
    /// Asks for a certificate of the key `spki_der` (as AWS KMS `GetPublicKey` returns it) in the
    /// name `subject`, written as in RFC 4514: `CN=Akashi,O=Example,C=JP`.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for a key that [`SignerChain`](crate::SignerChain) would refuse,
    /// [`Error::Text`] for a subject that is empty or not of that form.
    pub fn new(spki_der: &[u8], subject: &str) -> Result<Self, Error> {
        let unsupported = || Error::Unsupported {
            what: "the key for a certification request",
        };
        let key = PublicKey::from_spki_der(spki_der).ok_or_else(unsupported)?;
        let algorithm = key.signer_algorithm().ok_or_else(unsupported)?;
        let public_key =
            SubjectPublicKeyInfoOwned::from_der(spki_der).map_err(der_error("the public key"))?;
        let subject = Name::from_str(subject).ok().filter(is_encodable);
        let subject = subject.ok_or_else(|| Error::Text {
            what: "the subject of a certification request",
            problem: "it is not a name as in RFC 4514".to_owned(),
        })?;
        let attributes = SetOfVec::new();
        let info = CertReqInfo {
            version: Version::V1,
            subject,
            public_key,
            attributes,
        };
        let der = info
            .to_der()
            .map_err(der_error("a certification request"))?;
        Ok(Self {
            info,
            key,
            algorithm,
            der,
        })
    }

    /// What the key has to sign: AWS KMS with `MessageType=DIGEST`.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(&self.der).into()
    }

    /// How the key has to sign.
    pub fn key_algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// Takes the key's signature over [`Self::digest`].
    ///
    /// # Errors
    /// [`Error::WrongSignature`] if it does not verify with the request's own key.
    pub fn with_signature(self, signature: &[u8]) -> Result<SignedCertificationRequest, Error> {
        let mut verified = Verified::default();
        if !self
            .key
            .verifies_sha256(&self.der, signature, &mut verified)
        {
            return Err(Error::WrongSignature);
        }
        let signature = BitString::from_bytes(signature).map_err(der_error("a signature"))?;
        let algorithm = self.algorithm.identifier();
        Ok(SignedCertificationRequest(CertReq {
            info: self.info,
            algorithm,
            signature,
        }))
    }
}

/// The parser takes the type that an attribute should have without looking whether the text fits:
/// a country must be ASCII.
fn is_encodable(name: &Name) -> bool {
    let fits = |value: &der::Any| {
        if value.tag() == Tag::PrintableString {
            value.decode_as::<PrintableStringRef<'_>>().is_ok()
        } else if value.tag() == Tag::Ia5String {
            value.decode_as::<Ia5StringRef<'_>>().is_ok()
        } else {
            value.tag() == Tag::Utf8String && !value.value().is_empty()
        }
    };
    !name.is_empty()
        && name
            .0
            .iter()
            .flat_map(|part| part.0.iter())
            .all(|part| fits(&part.value))
}

/// A request that a certification authority can answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCertificationRequest(CertReq);

impl SignedCertificationRequest {
    /// The request as PEM text, ending with a line end.
    ///
    /// # Errors
    /// [`Error::Der`], which no input is known to cause.
    pub fn to_pem(&self) -> Result<String, Error> {
        self.0
            .to_pem(der::pem::LineEnding::LF)
            .map_err(der_error("a certification request"))
    }

    /// The request as DER.
    ///
    /// # Errors
    /// [`Error::Der`], which no input is known to cause.
    pub fn to_der(&self) -> Result<Vec<u8>, Error> {
        self.0
            .to_der()
            .map_err(der_error("a certification request"))
    }
}
