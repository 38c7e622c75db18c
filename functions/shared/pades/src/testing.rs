//! A certification authority, a signer and a timestamp authority for tests, here and in other
//! crates (feature `testing`). Their keys are public: nothing they sign is worth anything.
//!
//! The DER is written by hand on purpose, so that the code under test is not its own judge.
#![expect(
    clippy::expect_used,
    reason = "tests may fail loudly; this is never in a product"
)]

use crate::revocation::{RevocationEvidence, ocsp_request};
use crate::{
    ArchivedPdf, Certificate, Draft, KeyAlgorithm, SignatureDictionary, SignerChain, TimeWindow,
    TimestampAuthority, TimestampRequest, TimestampToken, ValidationData,
};
use const_oid::ObjectIdentifier;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use p256::ecdsa::signature::hazmat::PrehashSigner;
use p256::pkcs8::{DecodePrivateKey, EncodePublicKey};
use rsa::{Pkcs1v15Sign, RsaPrivateKey};
use sha2::{Digest, Sha256};

const RSA_KEY_PEM: &str = include_str!("../fixtures/test-key-rsa-3072.pem");
/// The policy that [`TestTimestampAuthority`] issues under.
pub const TEST_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.99999.1");

/// One DER value. Tests never need more than 16 bits of length.
pub fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = u16::try_from(content.len())
        .expect("a short value")
        .to_be_bytes();
    let header = match (content.len(), length) {
        (0..=0x7F, [_, low]) => vec![tag, low],
        (0x80..=0xFF, [_, low]) => vec![tag, 0x81, low],
        (_, [high, low]) => vec![tag, 0x82, high, low],
    };
    [header, content].concat()
}

/// An INTEGER from big-endian bytes.
pub fn integer(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let digits = bytes.get(zeros..).unwrap_or_default();
    let sign: &[u8] = if digits.first().is_none_or(|byte| *byte >= 0x80) {
        &[0]
    } else {
        &[]
    };
    tlv(0x02, &[sign, digits])
}

fn oid(text: &str) -> Vec<u8> {
    tlv(0x06, &[ObjectIdentifier::new_unwrap(text).as_bytes()])
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, parts)
}

fn set(mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    tlv(0x31, &[&parts.concat()])
}

/// `YYYYMMDDhhmmssZ`
pub fn generalized_time(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC)
        .strftime("%Y%m%d%H%M%SZ")
        .to_string()
}

/// A private key for tests.
#[derive(Clone)]
pub enum TestKey {
    /// ECDSA on P-256.
    P256(p256::ecdsa::SigningKey),
    /// RSA of 3072 bits.
    Rsa(Box<RsaPrivateKey>),
}

impl TestKey {
    /// A P-256 key that is the same for the same seed, which must not be zero.
    pub fn p256(seed: u8) -> Self {
        let key = p256::ecdsa::SigningKey::from_slice(&[seed; 32]);
        Self::P256(key.expect("a scalar below the order"))
    }

    /// The one RSA key.
    pub fn rsa() -> Self {
        Self::Rsa(Box::new(
            RsaPrivateKey::from_pkcs8_pem(RSA_KEY_PEM).expect("the fixture"),
        ))
    }

    /// As AWS KMS `GetPublicKey`.
    pub fn public_key_der(&self) -> Vec<u8> {
        let document = match self {
            Self::P256(key) => key.verifying_key().to_public_key_der(),
            Self::Rsa(key) => key.to_public_key().to_public_key_der(),
        };
        document.expect("a public key").into_vec()
    }

    /// As AWS KMS `Sign` with `MessageType=DIGEST`; deterministic.
    pub fn sign_digest(&self, digest: &[u8; 32]) -> Vec<u8> {
        match self {
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature =
                    key.sign_prehash(digest).expect("a signature");
                signature.to_der().as_bytes().to_vec()
            }
            Self::Rsa(key) => key
                .sign(Pkcs1v15Sign::new::<Sha256>(), digest)
                .expect("a signature"),
        }
    }

    fn signature_algorithm(&self) -> Vec<u8> {
        match self {
            Self::P256(_) => sequence(&[&oid("1.2.840.10045.4.3.2")]),
            Self::Rsa(_) => sequence(&[&oid("1.2.840.113549.1.1.11"), &[0x05, 0x00]]),
        }
    }

    /// How a chain with this key as leaf signs.
    pub fn algorithm(&self) -> KeyAlgorithm {
        match self {
            Self::P256(_) => KeyAlgorithm::EcdsaP256Sha256,
            Self::Rsa(_) => KeyAlgorithm::RsaPkcs1Sha256,
        }
    }
}

/// What a test certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Issues certificates.
    Authority,
    /// Signs documents.
    Signer,
    /// Signs timestamps, as RFC 3161 wants it.
    Timestamps,
    /// Signs timestamps, but its extended key usage is not critical.
    TimestampsNotCritical,
    /// Has no extended key usage, but else could sign timestamps.
    Unspecified,
    /// Answers OCSP requests for its issuer.
    Responder,
    /// Signs documents, as RFC 9336 wants it.
    Documents,
    /// Is a web server.
    WebServer,
    /// Signs code.
    Code,
}

impl Purpose {
    fn extensions(self) -> Vec<u8> {
        let digital_signature = extension("2.5.29.15", true, &[0x03, 0x02, 0x06, 0xC0]);
        let of_leaf = |purpose: &str| {
            let only_signs = extension("2.5.29.15", true, &[0x03, 0x02, 0x07, 0x80]);
            [only_signs, purposes(&[purpose], false)].concat()
        };
        match self {
            Self::Authority => authority_extensions(None),
            Self::Signer | Self::Unspecified => digital_signature,
            Self::Timestamps => {
                [digital_signature, purposes(&["1.3.6.1.5.5.7.3.8"], true)].concat()
            }
            Self::Responder => [
                digital_signature,
                purposes(&["1.3.6.1.5.5.7.3.9"], false),
                extension("1.3.6.1.5.5.7.48.1.5", false, &[0x05, 0x00]),
            ]
            .concat(),
            Self::TimestampsNotCritical => {
                [digital_signature, purposes(&["1.3.6.1.5.5.7.3.8"], false)].concat()
            }
            Self::Documents => {
                [digital_signature, purposes(&["1.3.6.1.5.5.7.3.36"], false)].concat()
            }
            Self::WebServer => of_leaf("1.3.6.1.5.5.7.3.1"),
            Self::Code => of_leaf("1.3.6.1.5.5.7.3.3"),
        }
    }
}

/// One extension of a certificate.
pub fn extension(id: &str, is_critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if is_critical {
        &[0x01, 0x01, 0xFF]
    } else {
        &[]
    };
    sequence(&[&oid(id), critical, &tlv(0x04, &[value])])
}

/// The extended key usage.
pub fn purposes(ids: &[&str], is_critical: bool) -> Vec<u8> {
    let ids: Vec<u8> = ids.iter().flat_map(|id| oid(id)).collect();
    extension("2.5.29.37", is_critical, &sequence(&[&ids]))
}

/// What makes an authority, with so many others below it at most.
pub fn authority_extensions(others_below_max: Option<u8>) -> Vec<u8> {
    let length = others_below_max.map(|most| integer(&[most]));
    let is_authority = sequence(&[&[0x01, 0x01, 0xFF], &length.unwrap_or_default()]);
    let certificate_sign = extension("2.5.29.15", true, &[0x03, 0x02, 0x01, 0x06]);
    [
        extension("2.5.29.19", true, &is_authority),
        certificate_sign,
    ]
    .concat()
}

/// The validity that test certificates have.
pub const VALID: [&str; 2] = ["20200101000000Z", "20491231235959Z"];

/// A certificate's content.
#[derive(Clone, Debug)]
pub struct Template<'a> {
    /// Common name.
    pub name: &'a str,
    /// What it is for.
    pub purpose: Purpose,
    /// Start and end as `YYYYMMDDhhmmssZ`.
    pub validity: [&'a str; 2],
    /// Serial number.
    pub serial: u8,
}

/// An authority that issues test certificates.
#[derive(Clone)]
pub struct TestAuthority {
    name: String,
    key: TestKey,
    certificate: Vec<u8>,
}

impl TestAuthority {
    /// A self-signed root.
    pub fn root(name: &str, key: TestKey) -> Self {
        let mut root = Self {
            name: name.to_owned(),
            key,
            certificate: Vec::new(),
        };
        let template = Template {
            name,
            purpose: Purpose::Authority,
            validity: VALID,
            serial: 1,
        };
        root.certificate = root.issue(&template, &root.key.public_key_der());
        root
    }

    /// An authority below this one.
    pub fn intermediate(&self, template: &Template<'_>, key: TestKey) -> Self {
        let certificate = self.issue(template, &key.public_key_der());
        Self {
            name: template.name.to_owned(),
            key,
            certificate,
        }
    }

    /// An authority below this one, with these extensions in place of its purpose's.
    pub fn intermediate_with(
        &self,
        template: &Template<'_>,
        key: TestKey,
        extensions: &[u8],
    ) -> Self {
        let certificate = self.issue_with(template, &key.public_key_der(), extensions);
        Self {
            name: template.name.to_owned(),
            key,
            certificate,
        }
    }

    /// Issues a certificate, as DER.
    pub fn issue(&self, template: &Template<'_>, public_key_der: &[u8]) -> Vec<u8> {
        self.issue_with(template, public_key_der, &template.purpose.extensions())
    }

    /// Issues a certificate with these extensions in place of its purpose's.
    pub fn issue_with(
        &self,
        template: &Template<'_>,
        public_key_der: &[u8],
        extensions: &[u8],
    ) -> Vec<u8> {
        let [not_before, not_after] = template.validity;
        let algorithm = self.key.signature_algorithm();
        let content = sequence(&[
            &tlv(0xA0, &[&integer(&[2])]),
            &integer(&[template.serial]),
            &algorithm,
            &name(&self.name),
            &sequence(&[&time(not_before), &time(not_after)]),
            &name(template.name),
            public_key_der,
            &tlv(
                0xA3,
                &[&sequence(&[extensions, &self.pointers(template.purpose)])],
            ),
        ]);
        let signature = self.key.sign_digest(&Sha256::digest(&content).into());
        sequence(&[&content, &algorithm, &tlv(0x03, &[&[0], &signature])])
    }

    /// Where this authority answers OCSP requests.
    pub fn ocsp_address(&self) -> String {
        format!("http://ocsp.test/{}", self.name.replace(' ', "-"))
    }

    /// Where this authority's revocation list is.
    pub fn crl_address(&self) -> String {
        format!("http://crl.test/{}", self.name.replace(' ', "-"))
    }

    /// The extensions that say where the status of what this authority issues can be learned.
    fn pointers(&self, purpose: Purpose) -> Vec<u8> {
        if purpose == Purpose::Responder || self.certificate.is_empty() {
            // A responder is exempt, and a root vouches for itself.
            return Vec::new();
        }
        let extension =
            |id: &str, value: &[u8]| sequence(&[&oid(id), &tlv(0x04, &[&sequence(&[value])])]);
        let ocsp = tlv(0x86, &[self.ocsp_address().as_bytes()]);
        let access = sequence(&[&oid("1.3.6.1.5.5.7.48.1"), &ocsp]);
        let list = tlv(0x86, &[self.crl_address().as_bytes()]);
        let point = sequence(&[&tlv(0xA0, &[&tlv(0xA0, &[&list])])]);
        [
            extension("1.3.6.1.5.5.7.1.1", &access),
            extension("2.5.29.31", &point),
        ]
        .concat()
    }

    /// Answers an OCSP request well: "good" from now on for a day.
    pub fn answer_ocsp(&self, request_der: &[u8], time: Timestamp) -> Vec<u8> {
        self.answer_ocsp_with(request_der, time, |_| {})
    }

    /// Answers an OCSP request after `change` had its way with the answer.
    pub fn answer_ocsp_with(
        &self,
        request_der: &[u8],
        time: Timestamp,
        change: impl FnOnce(&mut OcspAnswer),
    ) -> Vec<u8> {
        let mut answer = OcspAnswer {
            refusal: None,
            certificate: requested_certificate(request_der),
            status: TestStatus::Good,
            this_update: generalized_time(time),
            next_update: Some(generalized_time(
                time + jiff::SignedDuration::from_hours(24),
            )),
            responder: OcspResponder::Delegate,
            breaks_signature: false,
        };
        change(&mut answer);
        if let Some(status) = answer.refusal {
            return sequence(&[&tlv(0x0A, &[&[status]])]);
        }
        let (key, id, certificate) = self.responder(answer.responder);
        let status = match &answer.status {
            TestStatus::Good => tlv(0x80, &[]),
            TestStatus::Revoked(since) => tlv(0xA1, &[&tlv(0x18, &[since.as_bytes()])]),
            TestStatus::Unknown => tlv(0x82, &[]),
        };
        let next_update = answer.next_update.as_ref().map(|time| {
            let time = tlv(0x18, &[time.as_bytes()]);
            tlv(0xA0, &[&time])
        });
        let single = sequence(&[
            &answer.certificate,
            &status,
            &tlv(0x18, &[answer.this_update.as_bytes()]),
            &next_update.unwrap_or_default(),
        ]);
        let content = sequence(&[
            &id,
            &tlv(0x18, &[answer.this_update.as_bytes()]),
            &sequence(&[&single]),
        ]);
        let mut signature = key.sign_digest(&Sha256::digest(&content).into());
        if answer.breaks_signature
            && let Some(last) = signature.last_mut()
        {
            *last ^= 1;
        }
        let basic = sequence(&[
            &content,
            &key.signature_algorithm(),
            &tlv(0x03, &[&[0], &signature]),
            &certificate,
        ]);
        let basic = sequence(&[&oid("1.3.6.1.5.5.7.48.1.1"), &tlv(0x04, &[&basic])]);
        sequence(&[&tlv(0x0A, &[&[0]]), &tlv(0xA0, &[&basic])])
    }

    /// A responder's key, its `ResponderID` and the certificates that it sends along.
    fn responder(&self, responder: OcspResponder) -> (TestKey, Vec<u8>, Vec<u8>) {
        let by_name = |text: &str| tlv(0xA1, &[&name(text)]);
        if responder == OcspResponder::Issuer {
            return (self.key.clone(), by_name(&self.name), Vec::new());
        }
        let purpose = if responder == OcspResponder::NotDelegate {
            Purpose::Signer
        } else {
            Purpose::Responder
        };
        let stranger;
        let issuer = if responder == OcspResponder::Stranger {
            // It calls itself like the authority.
            stranger = Self::root(&self.name, TestKey::p256(98));
            &stranger
        } else {
            self
        };
        let (key, certificate) = issuer.delegate(purpose);
        let hash = sha1(
            Certificate::from_der(&certificate)
                .expect("a certificate")
                .public_key_bits(),
        );
        let id = tlv(0xA2, &[&tlv(0x04, &[&hash])]);
        (key, id, tlv(0xA0, &[&sequence(&[&certificate])]))
    }

    /// The certificate of the responder that answers for this authority.
    pub fn responder_certificate(&self) -> Certificate {
        let (_, certificate) = self.delegate(Purpose::Responder);
        Certificate::from_der(&certificate).expect("a certificate")
    }

    fn delegate(&self, purpose: Purpose) -> (TestKey, Vec<u8>) {
        let template = Template {
            name: "Test OCSP",
            purpose,
            validity: VALID,
            serial: 99,
        };
        let key = TestKey::p256(99);
        let certificate = self.issue(&template, &key.public_key_der());
        (key, certificate)
    }

    /// A revocation list with these serial numbers, which holds for a week.
    pub fn revocation_list(&self, time: Timestamp, revoked: &[u8]) -> Vec<u8> {
        let since = tlv(0x18, &[generalized_time(time).as_bytes()]);
        let week = generalized_time(time + jiff::SignedDuration::from_hours(168));
        let entry = |serial: &u8| sequence(&[&integer(&[*serial]), &since]);
        let entries: Vec<u8> = revoked.iter().flat_map(entry).collect();
        let entries = if entries.is_empty() {
            Vec::new()
        } else {
            sequence(&[&entries])
        };
        let algorithm = self.key.signature_algorithm();
        let content = sequence(&[
            &integer(&[1]),
            &algorithm,
            &name(&self.name),
            &since,
            &tlv(0x18, &[week.as_bytes()]),
            &entries,
        ]);
        let signature = self.key.sign_digest(&Sha256::digest(&content).into());
        sequence(&[&content, &algorithm, &tlv(0x03, &[&[0], &signature])])
    }

    /// This authority's own certificate.
    pub fn certificate_der(&self) -> &[u8] {
        &self.certificate
    }

    /// This authority's own certificate.
    pub fn certificate(&self) -> Certificate {
        Certificate::from_der(&self.certificate).expect("a certificate")
    }
}

/// What a test responder says of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TestStatus {
    /// It is not revoked.
    Good,
    /// It was revoked at this time, `YYYYMMDDhhmmssZ`.
    Revoked(String),
    /// Nobody knows it.
    Unknown,
}

/// Who signs a test response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OcspResponder {
    /// The authority itself.
    Issuer,
    /// A responder with a certificate of the authority's.
    Delegate,
    /// Somebody with a certificate of the authority's for something else.
    NotDelegate,
    /// A responder of another authority of the same name.
    Stranger,
}

/// The parts of an OCSP response; change one to get a bad response.
#[derive(Clone, Debug)]
pub struct OcspAnswer {
    /// Answers with this status and nothing else.
    pub refusal: Option<u8>,
    /// The `CertID`, as it was asked for.
    pub certificate: Vec<u8>,
    /// What it says.
    pub status: TestStatus,
    /// `thisUpdate`, verbatim.
    pub this_update: String,
    /// `nextUpdate`, verbatim.
    pub next_update: Option<String>,
    /// Who signs.
    pub responder: OcspResponder,
    /// The signature's last bit is flipped.
    pub breaks_signature: bool,
}

/// The `CertID` of a request for one certificate.
fn requested_certificate(request_der: &[u8]) -> Vec<u8> {
    use crate::fields::{self, SEQUENCE};
    let read = || -> der::Result<Vec<u8>> {
        let mut request = fields::whole(request_der, SEQUENCE)?;
        let mut content = request.required(SEQUENCE)?.fields();
        let mut list = content.required(SEQUENCE)?.fields();
        let mut single = list.required(SEQUENCE)?.fields();
        Ok(single.required(SEQUENCE)?.whole.to_vec())
    };
    read().expect("an OCSP request")
}

/// UTCTime up to 2049, else GeneralizedTime (RFC 5280 section 4.1.2.5).
fn time(text: &str) -> Vec<u8> {
    match text.strip_prefix("20") {
        Some(short) if text < "2050" => tlv(0x17, &[short.as_bytes()]),
        Some(_) | None => tlv(0x18, &[text.as_bytes()]),
    }
}

/// A name as DER: a common name, or an organization and a common name with a slash between them.
pub fn name(text: &str) -> Vec<u8> {
    let part = |id: &str, text: &str| {
        let text = tlv(0x0C, &[text.as_bytes()]);
        set(vec![sequence(&[&oid(id), &text])])
    };
    match text.split_once('/') {
        Some((organization, common_name)) => sequence(&[
            &part("2.5.4.10", organization),
            &part("2.5.4.3", common_name),
        ]),
        None => sequence(&[&part("2.5.4.3", text)]),
    }
}

/// A certificate as PEM.
pub fn to_pem(certificate_der: &[u8]) -> String {
    let label = "CERTIFICATE";
    der::pem::encode_string(label, der::pem::LineEnding::LF, certificate_der).expect("PEM")
}

/// A document signer with its chain of leaf, issuing authority and root.
#[derive(Clone)]
pub struct TestSigner {
    /// The chain, leaf first.
    pub chain: SignerChain,
    /// The chain as PEM, leaf first.
    pub pem: Vec<String>,
    /// The leaf's key.
    pub key: TestKey,
    /// Who can tell whether they are revoked: the issuing authority and the root.
    pub issuers: Vec<TestAuthority>,
}

impl TestSigner {
    /// Somebody with this key to whom the usual signer's authority gave a certificate for this
    /// purpose, and who signs documents with it.
    pub fn of_purpose(key: TestKey, purpose: Purpose) -> Self {
        let issuers = Self::new(TestKey::p256(7)).issuers;
        let template = Template {
            name: "Somebody Test",
            purpose,
            validity: VALID,
            serial: 33,
        };
        let issuing = issuers.first().expect("it has one");
        let leaf = issuing.issue(&template, &key.public_key_der());
        let leaf = Certificate::from_der(&leaf).expect("a certificate");
        Self::unchecked(key, Some(leaf), issuers)
    }

    /// The usual signer's authority, which signs documents itself.
    pub fn of_authority() -> Self {
        let issuers = Self::new(TestKey::p256(7)).issuers;
        let key = issuers.first().expect("it has one").key.clone();
        Self::unchecked(key, None, issuers)
    }

    fn unchecked(key: TestKey, leaf: Option<Certificate>, issuers: Vec<TestAuthority>) -> Self {
        let above = issuers.iter().map(TestAuthority::certificate);
        let chain: Vec<Certificate> = leaf.into_iter().chain(above).collect();
        Self {
            pem: chain.iter().map(|one| to_pem(one.as_der())).collect(),
            chain: SignerChain::unchecked(chain).expect("a key"),
            key,
            issuers,
        }
    }

    /// A signer with this key; all authorities above it use P-256.
    pub fn new(key: TestKey) -> Self {
        Self::valid(key, VALID)
    }

    /// A signer with this key, right below a root.
    pub fn below(root: &TestAuthority, key: TestKey) -> Self {
        let template = Template {
            name: "Akashi Test",
            purpose: Purpose::Signer,
            validity: VALID,
            serial: 3,
        };
        let leaf = root.issue(&template, &key.public_key_der());
        let pem = vec![to_pem(&leaf), to_pem(root.certificate_der())];
        Self {
            chain: SignerChain::from_pem(&pem).expect("a good chain"),
            pem,
            key,
            issuers: vec![root.clone()],
        }
    }

    /// A signer whose own certificate has this validity.
    pub fn valid(key: TestKey, validity: [&str; 2]) -> Self {
        let root = TestAuthority::root("Test Root", TestKey::p256(1));
        let template = Template {
            name: "Test Issuing",
            purpose: Purpose::Authority,
            validity: VALID,
            serial: 2,
        };
        let issuing = root.intermediate(&template, TestKey::p256(2));
        let template = Template {
            name: "Akashi Test",
            purpose: Purpose::Signer,
            validity,
            serial: 3,
        };
        let leaf = issuing.issue(&template, &key.public_key_der());
        let pem = vec![
            to_pem(&leaf),
            to_pem(issuing.certificate_der()),
            to_pem(root.certificate_der()),
        ];
        Self {
            chain: SignerChain::from_pem(&pem).expect("a good chain"),
            pem,
            key,
            issuers: vec![issuing, root],
        }
    }
}

/// A timestamp authority that answers as it is told.
#[derive(Clone)]
pub struct TestTimestampAuthority {
    /// What clients are configured with; trusts the authority's root, any policy.
    pub authority: TimestampAuthority,
    /// Who can tell whether its certificates are revoked: the issuing authority and the root.
    pub issuers: Vec<TestAuthority>,
    key: TestKey,
    certificate: Vec<u8>,
    serial: u8,
    others: Vec<Vec<u8>>,
}

/// How a token refers to its certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateReference {
    /// `SigningCertificate` with SHA-1 (RFC 2634).
    Version1,
    /// `SigningCertificateV2` (RFC 5035).
    Version2,
    /// No attribute.
    None,
}

/// The parts of a response; change one to get a bad response.
#[derive(Clone, Debug)]
pub struct Answer {
    /// `PKIStatus`.
    pub status: u8,
    /// The policy of the token.
    pub policy: ObjectIdentifier,
    /// The stamped SHA-256.
    pub imprint: Vec<u8>,
    /// The nonce as INTEGER, if any.
    pub nonce: Option<Vec<u8>>,
    /// `genTime`, verbatim.
    pub time: String,
    /// The signing certificate attribute.
    pub reference: CertificateReference,
    /// The signature's last bit is flipped.
    pub breaks_signature: bool,
    /// More certificates, DER.
    pub certificates: Vec<Vec<u8>>,
    /// `RevocationInfoChoice`s: revocation lists, as they are.
    pub revocation: Vec<Vec<u8>>,
    /// Has an unsigned attribute.
    pub has_unsigned_attribute: bool,
    /// `Accuracy`, whole.
    pub accuracy: Vec<u8>,
    /// Algorithms are as others write them: with NULL behind the digest's.
    pub has_null_parameters: bool,
    /// The signature is the one with the higher `s` of the two that verify alike.
    pub has_higher_s: bool,
    /// The certificate of the issuer is left out.
    pub leaves_issuer_out: bool,
    /// The certificates are not in the order of a SET.
    pub is_in_disorder: bool,
}

impl TestTimestampAuthority {
    /// An authority with a root of its own; names and keys follow from `seed`, below 100.
    pub fn new(seed: u8) -> Self {
        Self::with_certificate(seed, Purpose::Timestamps, VALID)
    }

    /// An authority whose own certificate has this purpose and validity.
    pub fn with_certificate(seed: u8, purpose: Purpose, validity: [&str; 2]) -> Self {
        let root_name = format!("Test TSA Root {seed}");
        let root = TestAuthority::root(&root_name, TestKey::p256(100 + seed));
        let issuing_name = format!("Test TSA Issuing {seed}");
        let template = Template {
            name: &issuing_name,
            purpose: Purpose::Authority,
            validity: VALID,
            serial: 2,
        };
        let issuing = root.intermediate(&template, TestKey::p256(seed));
        let key = TestKey::p256(200_u8.wrapping_sub(seed));
        // No issuer gives two certificates one number (RFC 5280 section 4.1.2.2).
        let [not_before, _] = validity;
        let year: u8 = not_before
            .get(2..4)
            .and_then(|digits| digits.parse().ok())
            .expect("a year");
        let serial = 3 + year.abs_diff(20);
        let template = Template {
            name: "Test TSA",
            purpose,
            validity,
            serial,
        };
        let certificate = issuing.issue(&template, &key.public_key_der());
        let authority = TimestampAuthority {
            name: format!("test-{seed}"),
            url: format!("http://tsa-{seed}.test/"),
            trusted_roots: vec![root.certificate()],
            policy: None,
        };
        Self {
            authority,
            key,
            certificate,
            serial,
            others: vec![issuing.certificate_der().to_vec()],
            issuers: vec![issuing, root],
        }
    }

    /// Gives it a certificate with a name of so many bytes.
    pub fn pad_certificate(&mut self, bytes: usize) {
        let name = "x".repeat(bytes);
        let template = Template {
            name: &name,
            purpose: Purpose::Timestamps,
            validity: VALID,
            serial: self.serial,
        };
        let issuing = self.issuers.first().expect("it has one");
        self.certificate = issuing.issue(&template, &self.key.public_key_der());
    }

    /// Answers a request well.
    pub fn answer(&self, request_der: &[u8], time: Timestamp) -> Vec<u8> {
        self.answer_with(request_der, time, |_| {})
    }

    /// Answers a request after `change` had its way with the answer.
    pub fn answer_with(
        &self,
        request_der: &[u8],
        time: Timestamp,
        change: impl FnOnce(&mut Answer),
    ) -> Vec<u8> {
        let mut answer = read_request(request_der, generalized_time(time));
        change(&mut answer);
        if answer.status > 1 {
            let text = tlv(0x0C, &["not today".as_bytes()]);
            let info = sequence(&[&integer(&[answer.status]), &sequence(&[&text])]);
            return sequence(&[&info]);
        }
        let token = self.token(&answer);
        sequence(&[&sequence(&[&integer(&[answer.status])]), &token])
    }

    fn token(&self, answer: &Answer) -> Vec<u8> {
        let sha256 = sequence(&[&oid("2.16.840.1.101.3.4.2.1")]);
        let info = sequence(&[
            &integer(&[1]),
            &tlv(0x06, &[answer.policy.as_bytes()]),
            &sequence(&[&sha256, &tlv(0x04, &[&answer.imprint])]),
            &integer(&[77]),
            &tlv(0x18, &[answer.time.as_bytes()]),
            &answer.accuracy,
            &answer.nonce.clone().unwrap_or_default(),
        ]);
        let attributes = self.signed_attributes(answer, &info);
        let mut signature = self
            .key
            .sign_digest(&Sha256::digest(tlv(0x31, &[&attributes])).into());
        if answer.breaks_signature
            && let Some(last) = signature.last_mut()
        {
            *last ^= 1;
        }
        if answer.has_higher_s {
            signature = with_higher_s(&signature);
        }
        let null: &[u8] = if answer.has_null_parameters {
            &[0x05, 0x00]
        } else {
            &[]
        };
        let sha256 = sequence(&[&oid("2.16.840.1.101.3.4.2.1"), null]);
        let issuer = name(&self.issuers.first().expect("it has one").name);
        let unsigned = if answer.has_unsigned_attribute {
            // `id-aa-ets-archiveTimestampV2`, whose value nobody will read.
            let value = tlv(0x31, &[&integer(&[1])]);
            tlv(
                0xA1,
                &[&sequence(&[&oid("1.2.840.113549.1.9.16.2.48"), &value])],
            )
        } else {
            Vec::new()
        };
        let signer = sequence(&[
            &integer(&[1]),
            &sequence(&[&issuer, &integer(&[self.serial])]),
            &sha256,
            &tlv(0xA0, &[&attributes]),
            &self.key.signature_algorithm(),
            &tlv(0x04, &[&signature]),
            &unsigned,
        ]);
        let content = tlv(0xA0, &[&tlv(0x04, &[&info])]);
        let revocation = if answer.revocation.is_empty() {
            Vec::new()
        } else {
            tlv(0xA1, &[&answer.revocation.concat()])
        };
        let signed_data = sequence(&[
            &integer(&[3]),
            &tlv(0x31, &[&sha256]),
            &sequence(&[&oid("1.2.840.113549.1.9.16.1.4"), &content]),
            &tlv(0xA0, &[&self.certificates(answer).concat()]),
            &revocation,
            &tlv(0x31, &[&signer]),
        ]);
        sequence(&[&oid("1.2.840.113549.1.7.2"), &tlv(0xA0, &[&signed_data])])
    }

    fn certificates(&self, answer: &Answer) -> Vec<Vec<u8>> {
        let own = if answer.leaves_issuer_out {
            &[]
        } else {
            &self.others[..]
        };
        let others = [&[self.certificate.clone()][..], own, &answer.certificates];
        let mut certificates = others.concat();
        certificates.sort();
        if answer.is_in_disorder {
            certificates.reverse();
        }
        certificates
    }

    /// The content of the SET, in DER order.
    fn signed_attributes(&self, answer: &Answer, info: &[u8]) -> Vec<u8> {
        let attribute = |id: &str, value: Vec<u8>| sequence(&[&oid(id), &tlv(0x31, &[&value])]);
        let digest = Sha256::digest(info);
        let mut attributes = vec![
            attribute("1.2.840.113549.1.9.3", oid("1.2.840.113549.1.9.16.1.4")),
            attribute("1.2.840.113549.1.9.4", tlv(0x04, &[&digest])),
        ];
        let reference =
            |digest: &[u8]| sequence(&[&sequence(&[&sequence(&[&tlv(0x04, &[digest])])])]);
        match answer.reference {
            CertificateReference::Version1 => attributes.push(attribute(
                "1.2.840.113549.1.9.16.2.12",
                reference(&sha1(&self.certificate)),
            )),
            CertificateReference::Version2 => attributes.push(attribute(
                "1.2.840.113549.1.9.16.2.47",
                reference(&Sha256::digest(&self.certificate)),
            )),
            CertificateReference::None => {}
        }
        attributes.sort();
        attributes.concat()
    }
}

impl TestTimestampAuthority {
    /// The path of the certificate that it stamps with.
    pub fn path(&self) -> Vec<Certificate> {
        let own = Certificate::from_der(&self.certificate).expect("a certificate");
        let issuers = self.issuers.iter().map(TestAuthority::certificate);
        std::iter::once(own).chain(issuers).collect()
    }

    /// A good token over a digest.
    pub fn stamp(&self, imprint: [u8; 32], time: Timestamp) -> TimestampToken {
        self.stamp_with(imprint, time, |_| {})
    }

    /// A good token over a digest, after `change` had its way with the answer.
    pub fn stamp_with(
        &self,
        imprint: [u8; 32],
        time: Timestamp,
        change: impl FnOnce(&mut Answer),
    ) -> TimestampToken {
        let request = TimestampRequest::new(imprint, 0x8000_0000_1234_5678);
        let response = self.answer_with(&request.to_der().expect("a request"), time, change);
        let window = TimeWindow {
            earliest: time - jiff::SignedDuration::from_secs(5),
            latest: time + jiff::SignedDuration::from_secs(5),
        };
        let token = request.accept(&response, &self.authority, window);
        token.expect("a good token")
    }
}

/// Of an ECDSA signature `(r, s)` on P-256 the one of the two that verify alike, `(r, s)` and
/// `(r, n - s)`, with the higher `s`.
fn with_higher_s(der: &[u8]) -> Vec<u8> {
    let signature = p256::ecdsa::Signature::from_der(der).expect("a signature");
    let low = signature.normalize_s().unwrap_or(signature);
    let (r, s) = low.split_scalars();
    let high = p256::ecdsa::Signature::from_scalars(r.to_bytes(), (-*s).to_bytes());
    high.expect("a signature").to_der().as_bytes().to_vec()
}

/// Good answers about all certificates of a signer and of timestamp authorities.
pub fn validation_data(
    signer: &TestSigner,
    stampers: &[TestTimestampAuthority],
    time: Timestamp,
) -> ValidationData {
    let mut data = ValidationData::default();
    let chain = signer.chain.certificates().to_vec();
    let of_stampers = stampers.iter().map(|one| (one.path(), &one.issuers));
    for (path, issuers) in std::iter::once((chain, &signer.issuers)).chain(of_stampers) {
        add_proof(&mut data, &path, issuers, time);
    }
    data
}

/// Adds a path, and good answers about those of its certificates that are not proven at `time`.
pub fn add_proof(
    data: &mut ValidationData,
    path: &[Certificate],
    issuers: &[TestAuthority],
    time: Timestamp,
) {
    data.add_path(path);
    for (certificate, issuer) in data.clone().unproven(path, time) {
        let mut all = issuers.iter();
        let authority = all.find(|one| one.certificate() == *issuer);
        let request = ocsp_request(certificate, issuer).expect("a request");
        let response = authority.expect("an issuer").answer_ocsp(&request, time);
        RevocationEvidence::from_ocsp_response(&response)
            .and_then(|evidence| data.add_evidence(evidence, certificate, issuer, time))
            .expect("a good answer");
    }
}

/// One more timestamp of `next` over an archived document, with proof for that of `last`.
pub fn renew(
    document: ArchivedPdf,
    last: &TestTimestampAuthority,
    next: &TestTimestampAuthority,
    time: Timestamp,
) -> ArchivedPdf {
    let data = ValidationData::read(document.as_bytes());
    let mut data = data.expect("a PDF").expect("validation data");
    for one in [last, next] {
        add_proof(&mut data, &one.path(), &one.issuers, time);
    }
    let prepared = document
        .into_signed()
        .with_validation_data(data)
        .and_then(crate::ValidatedPdf::prepare_timestamp)
        .expect("a document to stamp");
    let token = next.stamp(prepared.imprint(), time);
    prepared.with_timestamp(&token).expect("a renewed document")
}

/// The whole way of a draft to B-LTA, with timestamps of the first and the second authority.
pub fn archive(
    draft: Vec<u8>,
    signer: &TestSigner,
    stampers: &[TestTimestampAuthority; 2],
    time: Timestamp,
) -> ArchivedPdf {
    let [first, second] = stampers;
    let appearance = SignatureDictionary {
        signing_time: time,
        name: "Akashi (test)".into(),
        reason: Some("配達の証明".into()),
        location: None,
        contact: None,
    };
    let prepared = Draft::new(draft)
        .and_then(|draft| draft.prepare(&signer.chain, &appearance))
        .expect("a prepared document");
    let signature = signer.key.sign_digest(&prepared.digest());
    let untimestamped = prepared
        .with_signature(&signer.chain, &signature)
        .expect("a signature");
    let token = first.stamp(untimestamped.imprint(), time);
    let prepared = untimestamped
        .with_timestamp(token)
        .and_then(|signed| signed.with_validation_data(validation_data(signer, stampers, time)))
        .and_then(crate::ValidatedPdf::prepare_timestamp)
        .expect("a document to stamp");
    let token = second.stamp(prepared.imprint(), time);
    prepared
        .with_timestamp(&token)
        .expect("an archived document")
}

/// Reads what a good answer repeats from a `TimeStampReq`.
fn read_request(request_der: &[u8], time: String) -> Answer {
    use crate::fields::{self, BOOLEAN, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE};
    let read = || -> der::Result<Answer> {
        let mut request = fields::whole(request_der, SEQUENCE)?;
        request.required(INTEGER)?;
        let mut imprint = request.required(SEQUENCE)?.fields();
        imprint.required(SEQUENCE)?;
        let imprint = imprint.required(OCTET_STRING)?.content.to_vec();
        let policy = request.optional(OBJECT_IDENTIFIER)?;
        let policy = policy.and_then(|policy| ObjectIdentifier::from_bytes(policy.content).ok());
        let nonce = request.optional(INTEGER)?.map(|nonce| nonce.whole.to_vec());
        request.required(BOOLEAN)?;
        request.finish()?;
        Ok(Answer {
            status: 0,
            policy: policy.unwrap_or(TEST_POLICY),
            imprint,
            nonce,
            time,
            reference: CertificateReference::Version2,
            breaks_signature: false,
            certificates: Vec::new(),
            revocation: Vec::new(),
            has_unsigned_attribute: false,
            accuracy: Vec::new(),
            has_null_parameters: false,
            has_higher_s: false,
            leaves_issuer_out: false,
            is_in_disorder: false,
        })
    };
    read().expect("a timestamp request")
}

/// The `digest` traits of the two hash crates differ in version, so each keeps to a scope.
fn sha1(data: &[u8]) -> Vec<u8> {
    use sha1::Digest as _;
    sha1::Sha1::digest(data).to_vec()
}
