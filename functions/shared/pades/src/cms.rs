//! CMS `SignedData` (RFC 5652): the container of a PAdES signature is written, that of a
//! signature or of a timestamp token is read.

use crate::error::der_error;
use crate::fields::{self, Field, Fields, INTEGER, OCTET_STRING, SEQUENCE, SET, context};
use crate::key::{Family, Hash, PublicKey, Verified, signature_algorithm};
use crate::limits::{CONTAINER_BYTES_MAX, CONTAINER_CERTIFICATES_MAX, CONTAINER_LISTS_MAX};
use crate::{Certificate, Error, SignerChain};
use cms::cert::{CertificateChoices, IssuerAndSerialNumber};
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{
    CertificateSet, EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo, SignerInfos,
};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5911::{
    ID_AA_SIGNING_CERTIFICATE, ID_AA_SIGNING_CERTIFICATE_V_2, ID_CONTENT_TYPE, ID_DATA,
    ID_MESSAGE_DIGEST, ID_SIGNED_DATA,
};
use const_oid::db::rfc5912::ID_SHA_256;
use der::asn1::{OctetString, OctetStringRef, SetOfVec};
use der::{Any, Encode, Sequence};
use sha1::Digest as _;
use spki::AlgorithmIdentifierOwned;
use x509_cert::attr::{Attribute, Attributes};

/// `id-aa-timeStampToken`, the token over the signature value (RFC 3161 appendix A).
pub(crate) const ID_AA_TIME_STAMP_TOKEN: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.14");

/// What the container around signature, chain and token takes at most: names, identifiers,
/// lengths and the signed attributes (about 600 bytes), with room to spare.
const OVERHEAD_BYTES: usize = 2_048;
/// Room for a timestamp token. Public authorities' tokens have 4 to 8 KB with their certificates.
pub(crate) const TOKEN_BYTES_MAX: usize = 12_288;

/// `SigningCertificateV2` (RFC 5035) with one certificate and the default digest, SHA-256.
#[derive(Sequence)]
struct SigningCertificateV2 {
    certs: Vec<EssCertIdV2>,
}

#[derive(Sequence)]
struct EssCertIdV2 {
    cert_hash: OctetString,
}

/// Bytes to reserve for the finished container.
pub(crate) fn container_bytes_max(chain: &SignerChain) -> usize {
    let certificates: usize = chain.certificates().iter().map(|c| c.as_der().len()).sum();
    // A signature is shorter than the key that checks it; names stand again in the issuer's.
    certificates + 2 * chain.public_key_der().len() + OVERHEAD_BYTES + TOKEN_BYTES_MAX
}

/// The signed attributes of EN 319 142-1 table 1: content type, message digest and signing
/// certificate; no signing time, which PAdES keeps in the dictionary's `/M`.
pub(crate) fn signed_attributes(
    document_digest: &[u8; 32],
    chain: &SignerChain,
) -> Result<Attributes, Error> {
    let error = der_error("signed attributes");
    build_signed_attributes(document_digest, chain).map_err(error)
}

fn build_signed_attributes(
    document_digest: &[u8; 32],
    chain: &SignerChain,
) -> der::Result<Attributes> {
    let leaf = chain
        .leaf()
        .map(Certificate::fingerprint)
        .unwrap_or_default();
    let certificate = SigningCertificateV2 {
        certs: vec![EssCertIdV2 {
            cert_hash: OctetString::new(leaf)?,
        }],
    };
    SetOfVec::try_from(vec![
        attribute(ID_CONTENT_TYPE, Any::encode_from(&ID_DATA)?)?,
        attribute(
            ID_MESSAGE_DIGEST,
            Any::encode_from(&OctetStringRef::new(document_digest)?)?,
        )?,
        attribute(
            ID_AA_SIGNING_CERTIFICATE_V_2,
            Any::encode_from(&certificate)?,
        )?,
    ])
}

fn attribute(oid: ObjectIdentifier, value: Any) -> der::Result<Attribute> {
    Ok(Attribute {
        oid,
        values: SetOfVec::try_from(vec![value])?,
    })
}

/// Were these attributes made for this chain's leaf?
pub(crate) fn names_signer(attributes: &Attributes, chain: &SignerChain) -> bool {
    let digest = attributes
        .iter()
        .find(|attribute| attribute.oid == ID_MESSAGE_DIGEST);
    let digest = digest
        .and_then(|attribute| attribute.values.get(0))
        .and_then(|value| <[u8; 32]>::try_from(value.value()).ok());
    digest.is_some_and(|digest| {
        build_signed_attributes(&digest, chain).is_ok_and(|again| again == *attributes)
    })
}

/// The whole container, DER.
pub(crate) fn container(
    signed_attributes: &Attributes,
    chain: &SignerChain,
    signature: &[u8],
    token: Option<&[u8]>,
) -> Result<Vec<u8>, Error> {
    build_container(signed_attributes, chain, signature, token)
        .map_err(der_error("the signature container"))
}

fn build_container(
    signed_attributes: &Attributes,
    chain: &SignerChain,
    signature: &[u8],
    token: Option<&[u8]>,
) -> der::Result<Vec<u8>> {
    let leaf = chain.leaf().ok_or(der::ErrorKind::Failed)?;
    let issued = &leaf.parsed().tbs_certificate;
    let digest_algorithm = AlgorithmIdentifierOwned {
        oid: ID_SHA_256,
        parameters: None,
    };
    let unsigned_attributes = match token {
        Some(token) => {
            let token: Any = der::Decode::from_der(token)?;
            Some(SetOfVec::try_from(vec![attribute(
                ID_AA_TIME_STAMP_TOKEN,
                token,
            )?])?)
        }
        None => None,
    };
    let signer = SignerInfo {
        version: CmsVersion::V1,
        sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
            issuer: issued.issuer.clone(),
            serial_number: issued.serial_number.clone(),
        }),
        digest_alg: digest_algorithm.clone(),
        signed_attrs: Some(signed_attributes.clone()),
        signature_algorithm: chain.key_algorithm().identifier(),
        signature: OctetString::new(signature)?,
        unsigned_attrs: unsigned_attributes,
    };
    let certificates = chain.certificates().iter();
    let certificates: Vec<_> = certificates
        .map(|c| CertificateChoices::Certificate(c.parsed().clone()))
        .collect();
    let signed_data = SignedData {
        version: CmsVersion::V1,
        digest_algorithms: SetOfVec::try_from(vec![digest_algorithm])?,
        encap_content_info: EncapsulatedContentInfo {
            econtent_type: ID_DATA,
            econtent: None,
        },
        certificates: Some(CertificateSet(SetOfVec::try_from(certificates)?)),
        crls: None,
        signer_infos: SignerInfos(SetOfVec::try_from(vec![signer])?),
    };
    ContentInfo {
        content_type: ID_SIGNED_DATA,
        content: Any::encode_from(&signed_data)?,
    }
    .to_der()
}

/// A `SignedData` with its one signer, as slices of what was read.
pub(crate) struct Signed<'a> {
    pub(crate) content_type: ObjectIdentifier,
    /// The encapsulated content, if it is not detached.
    pub(crate) content: Option<&'a [u8]>,
    /// Those certificates that can be read; others cannot be on a path anyway.
    pub(crate) certificates: Vec<Certificate>,
    pub(crate) signer: Field<'a>,
    hash: Hash,
    pub(crate) signed_attributes: Field<'a>,
    signature_algorithm: ObjectIdentifier,
    pub(crate) signature: &'a [u8],
    unsigned_attributes: Option<Field<'a>>,
}

impl<'a> Signed<'a> {
    /// Reads a `ContentInfo`; fails on anything but one signer with signed attributes, and with
    /// [`der::ErrorKind::Overlength`] on more than any real one holds.
    pub(crate) fn parse(bytes: &'a [u8]) -> der::Result<Self> {
        let too_much = || Err(der::ErrorKind::Overlength.into());
        if bytes.len() > CONTAINER_BYTES_MAX {
            return too_much();
        }
        let mut content_info = fields::whole(bytes, SEQUENCE)?;
        if content_info.object_identifier()? != ID_SIGNED_DATA {
            return Err(der::ErrorKind::Failed.into());
        }
        let explicit = content_info.required(context(0))?;
        content_info.finish()?;
        let mut signed_data = fields::whole(explicit.content, SEQUENCE)?;
        let version = signed_data.required(INTEGER)?.content;
        let digest_algorithms = signed_data.required(SET)?;
        let (content_type, content) = encapsulated(signed_data.required(SEQUENCE)?)?;
        let mut certificates = Vec::new();
        if let Some(set) = signed_data.optional(context(0))? {
            let mut set = set.fields();
            let mut left = CONTAINER_CERTIFICATES_MAX;
            while !set.is_empty() {
                if left == 0 {
                    return too_much();
                }
                left -= 1;
                certificates.extend(Certificate::from_der(set.any()?.whole));
            }
        }
        // What came along on revocation has no place in the form that is written: it is counted,
        // and not read.
        if let Some(set) = signed_data.optional(context(1))? {
            let mut set = set.fields();
            let mut left = CONTAINER_LISTS_MAX;
            while !set.is_empty() {
                if left == 0 {
                    return too_much();
                }
                left -= 1;
                set.any()?;
            }
        }
        let mut signers = signed_data.required(SET)?.fields();
        signed_data.finish()?;
        let mut signer = signers.required(SEQUENCE)?.fields();
        signers.finish()?;
        let signer_version = signer.required(INTEGER)?.content;
        let identifier = signer.any()?;
        let hash = signer.algorithm()?;
        let is_consistent = version == if content_type == ID_DATA { [1] } else { [3] }
            && signer_version == if identifier.tag == SEQUENCE { [1] } else { [3] }
            && lists_algorithm(digest_algorithms, hash)?;
        let signed_attributes = signer.required(context(0))?;
        let signature_algorithm = signer.algorithm()?;
        let signature = signer.required(OCTET_STRING)?.content;
        let unsigned_attributes = signer.optional(context(1))?;
        signer.finish()?;
        let hash = Hash::from_digest_algorithm(hash).filter(|_| is_consistent);
        Ok(Self {
            content_type,
            content,
            certificates,
            signer: identifier,
            hash: hash.ok_or(der::ErrorKind::Failed)?,
            signed_attributes,
            signature_algorithm,
            signature,
            unsigned_attributes,
        })
    }

    pub(crate) fn hash(&self) -> Hash {
        self.hash
    }

    /// The one value of a signed attribute; `None` if it is missing, repeated or not single.
    pub(crate) fn signed_attribute(&self, oid: ObjectIdentifier) -> Option<Field<'a>> {
        single_attribute(self.signed_attributes, oid)
    }

    /// The algorithm of the signature: its family and the digest that is signed. `None` for an
    /// unknown one.
    pub(crate) fn signing(&self) -> Option<(Family, Hash)> {
        let (family, named) = signature_algorithm(self.signature_algorithm)?;
        Some((family, named.unwrap_or(self.hash)))
    }

    pub(crate) fn unsigned_attribute(&self, oid: ObjectIdentifier) -> Option<Field<'a>> {
        single_attribute(self.unsigned_attributes?, oid)
    }

    /// Is the content type attribute there and equal to the content's type (RFC 5652 11.1)?
    pub(crate) fn content_type_is(&self, expected: ObjectIdentifier) -> bool {
        self.content_type == expected
            && self
                .signed_attribute(ID_CONTENT_TYPE)
                .is_some_and(|field| Fields::new(field.whole).object_identifier() == Ok(expected))
    }

    /// Is the message digest attribute there and equal to `digest`?
    pub(crate) fn message_digest_is(&self, digest: &[u8]) -> bool {
        self.signed_attribute(ID_MESSAGE_DIGEST)
            .is_some_and(|field| field.tag == OCTET_STRING && field.content == digest)
    }

    /// Does the signer's identifier name this certificate?
    pub(crate) fn is_signer(&self, certificate: &Certificate) -> bool {
        if self.signer.tag == 0x80 {
            return certificate.subject_key_identifier().as_deref() == Some(self.signer.content);
        }
        let issued = &certificate.parsed().tbs_certificate;
        let identifier = IssuerAndSerialNumber {
            issuer: issued.issuer.clone(),
            serial_number: issued.serial_number.clone(),
        };
        identifier
            .to_der()
            .is_ok_and(|der| der == self.signer.whole)
    }

    /// Does the signing certificate attribute, of either version, name this certificate first?
    pub(crate) fn refers_to(&self, certificate: &Certificate) -> bool {
        let first = |field: Field<'a>| -> Option<Field<'a>> {
            let mut signing_certificate = fields::whole(field.whole, SEQUENCE).ok()?;
            signing_certificate
                .required(SEQUENCE)
                .ok()?
                .fields()
                .required(SEQUENCE)
                .ok()
        };
        let version_2 = self.signed_attribute(ID_AA_SIGNING_CERTIFICATE_V_2);
        let version_1 = self.signed_attribute(ID_AA_SIGNING_CERTIFICATE);
        match (version_2, version_1) {
            (Some(field), _) => first(field)
                .is_some_and(|entry| ess_cert_id_v2_names(entry, certificate).unwrap_or(false)),
            (None, Some(field)) => first(field).is_some_and(|entry| {
                let digest = sha1::Sha1::digest(certificate.as_der());
                entry
                    .fields()
                    .required(OCTET_STRING)
                    .is_ok_and(|hash| hash.content == &digest[..])
            }),
            (None, None) => false,
        }
    }

    /// Does the signature over the signed attributes verify? `None` for an unknown algorithm.
    pub(crate) fn verifies_with(&self, key: &PublicKey, verified: &mut Verified) -> Option<bool> {
        let (family, hash) = self.signing()?;
        // RFC 5652 section 5.4: the tag in the digest's input is SET OF, not [0].
        let mut input = self.signed_attributes.whole.to_vec();
        *input.first_mut()? = SET;
        Some(verified.verifies(key, family, hash, &input, self.signature))
    }
}

/// RFC 5652 section 5.1: the signer's digest algorithm is among those of the container.
fn lists_algorithm(set: Field<'_>, algorithm: ObjectIdentifier) -> der::Result<bool> {
    let mut found = false;
    let mut algorithms = set.fields();
    while !algorithms.is_empty() {
        found |= algorithms.algorithm()? == algorithm;
    }
    Ok(found)
}

fn encapsulated(field: Field<'_>) -> der::Result<(ObjectIdentifier, Option<&[u8]>)> {
    let mut fields = field.fields();
    let content_type = fields.object_identifier()?;
    let content = match fields.optional(context(0))? {
        Some(explicit) => {
            let mut inner = explicit.fields();
            let octets = inner.required(OCTET_STRING)?;
            inner.finish()?;
            Some(octets.content)
        }
        None => None,
    };
    fields.finish()?;
    Ok((content_type, content))
}

fn single_attribute(attributes: Field<'_>, oid: ObjectIdentifier) -> Option<Field<'_>> {
    let mut found = None;
    let mut rest = attributes.fields();
    while !rest.is_empty() {
        let mut attribute = rest.required(SEQUENCE).ok()?.fields();
        let is_wanted = attribute.object_identifier().ok()? == oid;
        let mut values = attribute.required(SET).ok()?.fields();
        attribute.finish().ok()?;
        if !is_wanted {
            continue;
        }
        let value = values.any().ok()?;
        values.finish().ok()?;
        if found.replace(value).is_some() {
            return None;
        }
    }
    found
}

/// `ESSCertIDv2 ::= SEQUENCE { hashAlgorithm DEFAULT sha256, certHash, issuerSerial OPTIONAL }`
fn ess_cert_id_v2_names(entry: Field<'_>, certificate: &Certificate) -> der::Result<bool> {
    let mut fields = entry.fields();
    let hash = match fields.optional(SEQUENCE)? {
        Some(algorithm) => Hash::from_digest_algorithm(Fields::new(algorithm.whole).algorithm()?),
        None => Some(Hash::Sha256),
    };
    let digest = fields.required(OCTET_STRING)?.content;
    Ok(hash.is_some_and(|hash| hash.digest(certificate.as_der()) == digest))
}
