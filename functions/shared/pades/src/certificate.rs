//! X.509 certificates (RFC 5280), kept with the very bytes they came in.

use crate::budget::Work;
use crate::error::der_error;
use crate::fields::{self, SEQUENCE};
use crate::key::{PublicKey, Verified, signature_algorithm};
use crate::limits::CERTIFICATE_BYTES_MAX;
use crate::{Error, TokenProblem};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280;
use der::{Decode, Encode};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{
    AuthorityInfoAccessSyntax, BasicConstraints, CrlDistributionPoints, ExtendedKeyUsage, KeyUsage,
    SubjectKeyIdentifier,
};

/// PEM text of one certificate starts with this line.
const PEM_BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const PEM_END: &str = "-----END CERTIFICATE-----";

/// `id-ad-ocsp` (RFC 5280 section 4.2.2.1).
const ID_AD_OCSP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1");
/// `id-pkix-ocsp-nocheck` (RFC 6960 section 4.2.2.2.1).
const ID_PKIX_OCSP_NOCHECK: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.5");

/// Critical extensions that path validation here understands ([`crate::path`]), or that do not
/// limit what a certificate of a signer or a timestamp authority may be used for.
const KNOWN_CRITICAL: [ObjectIdentifier; 10] = [
    rfc5280::ID_CE_BASIC_CONSTRAINTS,
    rfc5280::ID_CE_KEY_USAGE,
    rfc5280::ID_CE_EXT_KEY_USAGE,
    rfc5280::ID_CE_CERTIFICATE_POLICIES,
    rfc5280::ID_CE_POLICY_CONSTRAINTS,
    rfc5280::ID_CE_POLICY_MAPPINGS,
    rfc5280::ID_CE_INHIBIT_ANY_POLICY,
    rfc5280::ID_CE_CRL_DISTRIBUTION_POINTS,
    rfc5280::ID_CE_NAME_CONSTRAINTS,
    rfc5280::ID_CE_SUBJECT_ALT_NAME,
];

/// One certificate. Clones share it: a search for a path goes over many.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate(Arc<Read>);

#[derive(PartialEq, Eq)]
struct Read {
    der: Vec<u8>,
    parsed: x509_cert::Certificate,
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Certificate({})", self.subject())
    }
}

impl Certificate {
    /// Reads one certificate from DER.
    ///
    /// # Errors
    /// [`Error::Der`] where the bytes are no certificate, are not its one DER form, or are more
    /// than 16 KiB.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        if der.len() > CERTIFICATE_BYTES_MAX {
            return Err(der_error("a certificate")(
                der::ErrorKind::Overlength.into(),
            ));
        }
        let parsed = x509_cert::Certificate::from_der(der).map_err(der_error("a certificate"))?;
        let again = parsed.to_der().map_err(der_error("a certificate"))?;
        // The parsed form is what gets embedded, and the digest is taken of the bytes.
        if again != der {
            return Err(der_error("a certificate")(der::ErrorKind::Failed.into()));
        }
        Ok(Self(Arc::new(Read { der: again, parsed })))
    }

    /// Reads all certificates of a PEM text, in their order; text between them is skipped.
    ///
    /// # Errors
    /// [`Error::Text`] without any certificate or with a broken block, [`Error::Der`] as in
    /// [`Self::from_der`].
    pub fn all_from_pem(pem: &str) -> Result<Vec<Self>, Error> {
        let broken = |problem: String| Error::Text {
            what: "certificates as PEM",
            problem,
        };
        let mut certificates = Vec::new();
        let mut rest = pem;
        while let Some((_, from_begin)) = rest.split_once(PEM_BEGIN) {
            let Some((body, behind)) = from_begin.split_once(PEM_END) else {
                return Err(broken("a block does not end".to_owned()));
            };
            let block = format!("{PEM_BEGIN}{body}{PEM_END}\n");
            let (_, document) = der::Document::from_pem(&block)
                .map_err(|error| broken(format!("a block cannot be decoded: {error}")))?;
            certificates.push(Self::from_der(document.as_bytes())?);
            rest = behind;
        }
        if certificates.is_empty() {
            return Err(broken("there is no certificate".to_owned()));
        }
        Ok(certificates)
    }

    /// The certificate as PEM, with a line end behind it.
    ///
    /// # Errors
    /// [`Error::Text`], which no certificate is known to cause.
    pub fn to_pem(&self) -> Result<String, Error> {
        let text = der::pem::encode_string("CERTIFICATE", der::pem::LineEnding::LF, self.as_der());
        text.map_err(|error| Error::Text {
            what: "a certificate to write as PEM",
            problem: error.to_string(),
        })
    }

    /// The certificate's bytes.
    pub fn as_der(&self) -> &[u8] {
        &self.0.der
    }

    /// The subject's name as in RFC 4514.
    pub fn subject(&self) -> String {
        self.0.parsed.tbs_certificate.subject.to_string()
    }

    /// Start of the validity, inclusive.
    pub fn not_before(&self) -> Timestamp {
        timestamp(self.0.parsed.tbs_certificate.validity.not_before)
    }

    /// End of the validity, inclusive. "No end" (year 9999) is the last time that exists.
    pub fn not_after(&self) -> Timestamp {
        timestamp(self.0.parsed.tbs_certificate.validity.not_after)
    }

    /// SHA-256 of the certificate's bytes.
    pub fn fingerprint(&self) -> [u8; 32] {
        Sha256::digest(&self.0.der).into()
    }

    /// SHA-256 of the `SubjectPublicKeyInfo`: the same for each certificate of one key.
    ///
    /// # Errors
    /// [`Error::Der`], which no certificate that was read is known to cause.
    pub fn public_key_fingerprint(&self) -> Result<[u8; 32], Error> {
        let key = self.public_key_der().map_err(der_error("a public key"))?;
        Ok(Sha256::digest(key).into())
    }

    /// Where the issuer's OCSP responders say that they are (RFC 5280 section 4.2.2.1).
    pub fn ocsp_addresses(&self) -> Vec<String> {
        let Extension::Present(access, _) = self.extension::<AuthorityInfoAccessSyntax>() else {
            return Vec::new();
        };
        let of_ocsp = access
            .0
            .iter()
            .filter(|one| one.access_method == ID_AD_OCSP);
        of_ocsp
            .filter_map(|one| address(&one.access_location))
            .collect()
    }

    /// Where the revocation lists that this certificate would stand in are (RFC 5280 section
    /// 4.2.1.13).
    pub fn crl_addresses(&self) -> Vec<String> {
        let Extension::Present(points, _) = self.extension::<CrlDistributionPoints>() else {
            return Vec::new();
        };
        let names = points.0.iter().filter_map(|point| {
            let is_whole = point.reasons.is_none() && point.crl_issuer.is_none();
            match &point.distribution_point {
                Some(DistributionPointName::FullName(names)) if is_whole => Some(names),
                Some(_) | None => None,
            }
        });
        names.flatten().filter_map(address).collect()
    }

    pub(crate) fn parsed(&self) -> &x509_cert::Certificate {
        &self.0.parsed
    }

    pub(crate) fn is_valid_at(&self, time: Timestamp) -> bool {
        (self.not_before()..=self.not_after()).contains(&time)
    }

    /// The `SubjectPublicKeyInfo`.
    pub(crate) fn public_key_der(&self) -> der::Result<Vec<u8>> {
        self.0
            .parsed
            .tbs_certificate
            .subject_public_key_info
            .to_der()
    }

    pub(crate) fn public_key(&self) -> Option<PublicKey> {
        PublicKey::from_spki_der(&self.public_key_der().ok()?).filter(PublicKey::is_strong)
    }

    /// The subject's name as DER.
    pub(crate) fn subject_der(&self) -> der::Result<Vec<u8>> {
        self.0.parsed.tbs_certificate.subject.to_der()
    }

    /// The content of the BIT STRING of the public key: what key hashes are made of.
    pub(crate) fn public_key_bits(&self) -> &[u8] {
        let key = &self.0.parsed.tbs_certificate.subject_public_key_info;
        key.subject_public_key.raw_bytes()
    }

    /// The serial number without leading zeros.
    pub(crate) fn serial(&self) -> &[u8] {
        fields::magnitude(self.0.parsed.tbs_certificate.serial_number.as_bytes())
    }

    /// Does its own name stand here as the issuer's, as in every root?
    pub fn is_self_issued(&self) -> bool {
        self.0.parsed.tbs_certificate.issuer == self.0.parsed.tbs_certificate.subject
    }

    /// Does the name of `issuer` stand here as the issuer's?
    pub fn names_as_issuer(&self, issuer: &Self) -> bool {
        self.0.parsed.tbs_certificate.issuer == issuer.0.parsed.tbs_certificate.subject
    }

    /// Does the signature of this certificate verify with the key of `issuer`?
    pub(crate) fn is_signed_by(
        &self,
        issuer: &Self,
        verified: &mut Verified,
    ) -> Result<bool, TokenProblem> {
        let algorithm = &self.0.parsed.signature_algorithm;
        if *algorithm != self.0.parsed.tbs_certificate.signature {
            return Ok(false);
        }
        let (Ok(mut fields), Some(signature)) = (
            fields::whole(&self.0.der, SEQUENCE),
            self.0.parsed.signature.as_bytes(),
        ) else {
            return Ok(false);
        };
        let Ok(signed) = fields.any() else {
            return Ok(false);
        };
        issuer.has_signed(signed.whole, algorithm.oid, signature, verified)
    }

    /// Does `signature` over `content` verify with this certificate's key?
    pub(crate) fn has_signed(
        &self,
        content: &[u8],
        algorithm: ObjectIdentifier,
        signature: &[u8],
        verified: &mut Verified,
    ) -> Result<bool, TokenProblem> {
        if !verified.spend(Work::Certificates, 1) {
            return Ok(false);
        }
        let (Some((family, Some(hash))), Some(key)) =
            (signature_algorithm(algorithm), self.public_key())
        else {
            return Err(TokenProblem::Unsupported);
        };
        Ok(verified.verifies(&key, family, hash, content, signature))
    }

    /// May this certificate sign others, with `below` further authorities between it and the leaf?
    pub(crate) fn may_issue(&self, below: usize) -> bool {
        let constraints = self.extension::<BasicConstraints>();
        let usage = self.extension::<KeyUsage>();
        matches!(constraints, Extension::Present(constraints, _) if constraints.ca
            && constraints.path_len_constraint.is_none_or(|most| below <= usize::from(most)))
            && match usage {
                Extension::Present(usage, _) => usage.key_cert_sign(),
                Extension::Absent => true,
                Extension::Broken => false,
            }
    }

    /// May this certificate's key sign documents or tokens?
    pub(crate) fn may_sign(&self) -> bool {
        match self.extension::<KeyUsage>() {
            Extension::Present(usage, _) => usage.digital_signature() || usage.non_repudiation(),
            Extension::Absent => true,
            Extension::Broken => false,
        }
    }

    /// Is this an authority's certificate, or does it say anything like that?
    pub(crate) fn is_authority(&self) -> bool {
        let constraints = match self.extension::<BasicConstraints>() {
            Extension::Present(constraints, _) => constraints.ca,
            Extension::Absent => false,
            Extension::Broken => true,
        };
        let usage = match self.extension::<KeyUsage>() {
            Extension::Present(usage, _) => usage.key_cert_sign() || usage.crl_sign(),
            Extension::Absent => false,
            Extension::Broken => true,
        };
        constraints || usage
    }

    /// Is the key usage extension there?
    pub(crate) fn has_key_usage(&self) -> bool {
        matches!(self.extension::<KeyUsage>(), Extension::Present(..))
    }

    /// Does the key usage name "content commitment", which used to be called "non-repudiation"?
    pub(crate) fn may_commit(&self) -> bool {
        matches!(self.extension::<KeyUsage>(), Extension::Present(usage, _)
            if usage.non_repudiation())
    }

    /// RFC 3161 section 2.3: exactly one key purpose, `timeStamping`, critical.
    pub(crate) fn is_for_timestamps_only(&self) -> bool {
        match self.extension::<ExtendedKeyUsage>() {
            Extension::Present(usage, critical) => {
                critical && usage.0 == [rfc5280::ID_KP_TIME_STAMPING]
            }
            Extension::Absent | Extension::Broken => false,
        }
    }

    /// May this certificate's key sign revocation lists?
    pub(crate) fn may_sign_lists(&self) -> bool {
        match self.extension::<KeyUsage>() {
            Extension::Present(usage, _) => usage.crl_sign(),
            Extension::Absent => true,
            Extension::Broken => false,
        }
    }

    /// RFC 6960 section 4.2.2.2: an issuer lets this certificate answer for it, and nobody has to
    /// ask whether it is revoked itself.
    pub(crate) fn is_responder(&self) -> bool {
        let has_purpose = matches!(self.extension::<ExtendedKeyUsage>(),
            Extension::Present(usage, _) if usage.0.contains(&rfc5280::ID_KP_OCSP_SIGNING));
        let mut extensions = self.0.parsed.tbs_certificate.extensions.iter().flatten();
        has_purpose && extensions.any(|extension| extension.extn_id == ID_PKIX_OCSP_NOCHECK)
    }

    pub(crate) fn subject_key_identifier(&self) -> Option<Vec<u8>> {
        match self.extension::<SubjectKeyIdentifier>() {
            Extension::Present(identifier, _) => Some(identifier.0.as_bytes().to_vec()),
            Extension::Absent | Extension::Broken => None,
        }
    }

    /// Is there a critical extension that nobody here understands?
    pub(crate) fn has_unknown_critical_extension(&self) -> bool {
        let extensions = self.0.parsed.tbs_certificate.extensions.iter().flatten();
        extensions
            .filter(|extension| extension.critical)
            .any(|extension| !KNOWN_CRITICAL.contains(&extension.extn_id))
    }

    pub(crate) fn extension<'a, T: Decode<'a> + const_oid::AssociatedOid>(
        &'a self,
    ) -> Extension<T> {
        match self.0.parsed.tbs_certificate.get::<T>() {
            Ok(Some((critical, value))) => Extension::Present(value, critical),
            Ok(None) => Extension::Absent,
            Err(_) => Extension::Broken,
        }
    }
}

/// An extension, and whether it is critical. One that stands there twice is broken.
pub(crate) enum Extension<T> {
    Present(T, bool),
    Absent,
    Broken,
}

fn address(name: &GeneralName) -> Option<String> {
    if let GeneralName::UniformResourceIdentifier(address) = name {
        Some(address.as_str().to_owned())
    } else {
        None
    }
}

fn timestamp(time: x509_cert::time::Time) -> Timestamp {
    i64::try_from(time.to_unix_duration().as_secs())
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        // 99991231235959Z means "no end" (RFC 5280 section 4.1.2.5) and is beyond jiff's range.
        .unwrap_or(Timestamp::MAX)
}
