//! OCSP (RFC 6960), with times as others write them.

use super::statement::{Period, Status, extensions, time, verify};
use crate::budget::Work;
use crate::fields::{
    self, ENUMERATED, Field, GENERALIZED_TIME, INTEGER, OCTET_STRING, SEQUENCE, context, magnitude,
};
use crate::key::{Hash, Verified};
use crate::path::{self, Role};
use crate::{Certificate, RevocationProblem};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::ID_SHA_1;
use der::asn1::OctetString;
use der::{Encode, Sequence};
use jiff::Timestamp;
use sha1::Digest as _;
use spki::AlgorithmIdentifierOwned;
use x509_cert::serial_number::SerialNumber;

/// `id-pkix-ocsp-basic`
const ID_PKIX_OCSP_BASIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.1");
/// Answers about one request for one certificate; a few more do no harm.
const ANSWERS_MAX: usize = 64;
/// Certificates that a responder may add; each costs the check of a signature.
const CERTIFICATES_MAX: usize = 8;

#[derive(Sequence)]
struct Request {
    content: RequestContent,
}

#[derive(Sequence)]
struct RequestContent {
    requests: Vec<SingleRequest>,
}

#[derive(Sequence)]
struct SingleRequest {
    certificate: CertificateId,
}

#[derive(Sequence)]
struct CertificateId {
    hash_algorithm: AlgorithmIdentifierOwned,
    issuer_name_hash: OctetString,
    issuer_key_hash: OctetString,
    serial: SerialNumber,
}

/// SHA-1 only names the issuer here; RFC 5019 section 2.1.1 asks for it, and responders that know
/// nothing else exist.
pub(super) fn request(certificate: &Certificate, issuer: &Certificate) -> der::Result<Vec<u8>> {
    let certificate = CertificateId {
        hash_algorithm: AlgorithmIdentifierOwned {
            oid: ID_SHA_1,
            parameters: Some(der::Any::null()),
        },
        issuer_name_hash: OctetString::new(sha1(&issuer.subject_der()?))?,
        issuer_key_hash: OctetString::new(sha1(issuer.public_key_bits()))?,
        serial: certificate.parsed().tbs_certificate.serial_number.clone(),
    };
    let requests = vec![SingleRequest { certificate }];
    let content = RequestContent { requests };
    Request { content }.to_der()
}

/// The `digest` traits of the two hash crates differ in version.
fn sha1(data: &[u8]) -> Vec<u8> {
    sha1::Sha1::digest(data).to_vec()
}

/// A `BasicOCSPResponse`, read and not yet believed.
pub(super) struct Response<'a> {
    content: Field<'a>,
    responder: Field<'a>,
    answers: Vec<Answer<'a>>,
    algorithm: ObjectIdentifier,
    signature: &'a [u8],
    /// As they came: most responses that are looked at are about another certificate.
    certificates: Vec<&'a [u8]>,
}

/// A `SingleResponse`.
struct Answer<'a> {
    hash_algorithm: ObjectIdentifier,
    issuer_name_hash: &'a [u8],
    issuer_key_hash: &'a [u8],
    serial: &'a [u8],
    status: Status,
    period: Period,
}

impl<'a> Response<'a> {
    pub(super) fn parse(der: &'a [u8]) -> Result<Self, RevocationProblem> {
        let unreadable = |_| RevocationProblem::Unreadable("it is no OCSP response");
        let mut response = fields::whole(der, SEQUENCE).map_err(unreadable)?;
        match response.required(ENUMERATED).map_err(unreadable)?.content {
            [0] => {}
            [status] => return Err(RevocationProblem::Refused { status: *status }),
            _ => return Err(RevocationProblem::Unreadable("its status is no number")),
        }
        Self::parse_basic(response.any().map_err(unreadable)?)
            .map_err(unreadable)?
            .ok_or(RevocationProblem::Unsupported)
    }

    /// `None` where there is something critical that nobody here understands.
    fn parse_basic(explicit: Field<'a>) -> der::Result<Option<Self>> {
        let mut bytes = fields::whole(explicit.content, SEQUENCE)?;
        if explicit.tag != context(0) || bytes.object_identifier()? != ID_PKIX_OCSP_BASIC {
            return Err(der::ErrorKind::Failed.into());
        }
        let mut basic = fields::whole(bytes.required(OCTET_STRING)?.content, SEQUENCE)?;
        bytes.finish()?;
        let content = basic.required(SEQUENCE)?;
        let algorithm = basic.algorithm()?;
        let signature = basic.octets_of_bits()?;
        let mut certificates = Vec::new();
        if let Some(explicit) = basic.optional(context(0))? {
            let mut rest = fields::whole(explicit.content, SEQUENCE)?;
            while !rest.is_empty() && certificates.len() < CERTIFICATES_MAX {
                certificates.push(rest.any()?.whole);
            }
        }
        basic.finish()?;

        let mut data = content.fields();
        data.optional(context(0))?;
        let responder = data.any()?;
        data.required(GENERALIZED_TIME)?;
        let mut rest = data.required(SEQUENCE)?.fields();
        let mut answers = Vec::new();
        while !rest.is_empty() && answers.len() < ANSWERS_MAX {
            match Answer::parse(rest.required(SEQUENCE)?)? {
                Some(answer) => answers.push(answer),
                None => return Ok(None),
            }
        }
        if let Some(explicit) = data.optional(context(1))?
            && has_critical(explicit)?
        {
            return Ok(None);
        }
        data.finish()?;
        Ok(Some(Self {
            content,
            responder,
            answers,
            algorithm,
            signature,
            certificates,
        }))
    }

    /// The serial numbers of the certificates that this is about, without leading zeros.
    pub(super) fn serials(&self) -> Vec<Vec<u8>> {
        let answers = self.answers.iter();
        answers.map(|answer| answer.serial.to_vec()).collect()
    }

    pub(super) fn check(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        at: Timestamp,
        verified: &mut Verified,
    ) -> Result<Status, RevocationProblem> {
        let answer = self.answer(certificate, issuer)?;
        // What costs nothing comes first.
        answer.period.check(certificate, at)?;
        self.check_signature(issuer, at, verified)?;
        Ok(answer.status)
    }

    /// Does this answer for `certificate`, by who may at the time `at`?
    pub(super) fn is_about(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        at: Timestamp,
        verified: &mut Verified,
    ) -> bool {
        self.answer(certificate, issuer).is_ok()
            && self.check_signature(issuer, at, verified).is_ok()
    }

    /// The one answer about `certificate`.
    fn answer(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
    ) -> Result<&Answer<'a>, RevocationProblem> {
        let about = |answer: &&Answer<'_>| answer.is_about(certificate, issuer);
        let mut answers = self.answers.iter().filter(about);
        match (answers.next(), answers.next()) {
            (Some(answer), None) => Ok(answer),
            _ => Err(RevocationProblem::OtherCertificate),
        }
    }

    fn check_signature(
        &self,
        issuer: &Certificate,
        at: Timestamp,
        verified: &mut Verified,
    ) -> Result<(), RevocationProblem> {
        let delegate = self.delegate(issuer, at, verified)?;
        verify(
            delegate.as_ref().unwrap_or(issuer),
            self.content.whole,
            self.algorithm,
            self.signature,
            verified,
        )
    }

    /// The responder that the issuer has certified for that (RFC 6960 section 4.2.2.2); `None` if
    /// it is the issuer itself.
    pub(super) fn delegate(
        &self,
        issuer: &Certificate,
        at: Timestamp,
        verified: &mut Verified,
    ) -> Result<Option<Certificate>, RevocationProblem> {
        if self.names(issuer) {
            return Ok(None);
        }
        if !verified.spend(Work::Certificates, self.certificates.len()) {
            return Err(RevocationProblem::Stranger);
        }
        let certificates = self.certificates.iter();
        let mut delegates = certificates.filter_map(|der| Certificate::from_der(der).ok());
        let delegate = delegates.find(|one| {
            self.names(one)
                && one.is_valid_at(at)
                && one.names_as_issuer(issuer)
                && path::check(&[one, issuer], Role::OcspResponder).is_ok()
                && one.is_signed_by(issuer, verified) == Ok(true)
        });
        delegate.map(Some).ok_or(RevocationProblem::Stranger)
    }

    /// `ResponderID ::= CHOICE { byName [1] Name, byKey [2] OCTET STRING }`, the latter a SHA-1.
    fn names(&self, certificate: &Certificate) -> bool {
        let id = self.responder.content;
        if self.responder.tag == context(1) {
            return certificate.subject_der().is_ok_and(|name| name == id);
        }
        let hash = sha1(certificate.public_key_bits());
        self.responder.tag == context(2)
            && fields::whole_content(id, OCTET_STRING).is_ok_and(|octets| octets == hash)
    }
}

impl<'a> Answer<'a> {
    /// `None` where there is something critical that nobody here understands.
    fn parse(field: Field<'a>) -> der::Result<Option<Self>> {
        let mut fields = field.fields();
        let mut id = fields.required(SEQUENCE)?.fields();
        let hash_algorithm = id.algorithm()?;
        let issuer_name_hash = id.required(OCTET_STRING)?.content;
        let issuer_key_hash = id.required(OCTET_STRING)?.content;
        let serial = magnitude(id.required(INTEGER)?.content);
        id.finish()?;
        let status = status(fields.any()?)?;
        let this_update = moment(fields.required(GENERALIZED_TIME)?)?;
        let next_update = match fields.optional(context(0))? {
            Some(explicit) => {
                let mut inner = explicit.fields();
                let next_update = moment(inner.required(GENERALIZED_TIME)?)?;
                inner.finish()?;
                Some(next_update)
            }
            None => None,
        };
        if let Some(explicit) = fields.optional(context(1))?
            && has_critical(explicit)?
        {
            return Ok(None);
        }
        fields.finish()?;
        Ok(Some(Self {
            hash_algorithm,
            issuer_name_hash,
            issuer_key_hash,
            serial,
            status,
            period: Period {
                this_update,
                next_update,
            },
        }))
    }

    fn is_about(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        let hash = |data: &[u8]| match self.hash_algorithm {
            ID_SHA_1 => Some(sha1(data)),
            other => Hash::from_digest_algorithm(other).map(|hash| hash.digest(data)),
        };
        let name = issuer.subject_der().ok().and_then(|name| hash(&name));
        self.serial == certificate.serial()
            && certificate.names_as_issuer(issuer)
            && name.as_deref() == Some(self.issuer_name_hash)
            && hash(issuer.public_key_bits()).as_deref() == Some(self.issuer_key_hash)
    }
}

/// `CHOICE { good [0] NULL, revoked [1] RevokedInfo, unknown [2] NULL }`, all implicit.
fn status(field: Field<'_>) -> der::Result<Status> {
    match field.tag {
        0x80 => Ok(Status::Good),
        0xA1 => Ok(Status::Revoked {
            at: moment(field.fields().required(GENERALIZED_TIME)?)?,
        }),
        0x82 => Ok(Status::Unknown),
        _ => Err(der::ErrorKind::Failed.into()),
    }
}

fn moment(field: Field<'_>) -> der::Result<Timestamp> {
    time(field).ok_or_else(|| der::ErrorKind::Failed.into())
}

fn has_critical(explicit: Field<'_>) -> der::Result<bool> {
    let extensions = extensions(explicit)?;
    Ok(extensions.iter().any(|extension| extension.is_critical))
}
