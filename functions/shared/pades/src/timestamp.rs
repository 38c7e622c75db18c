//! RFC 3161 timestamps: the request, and every check of what comes back.

use crate::cms::Signed;
use crate::error::der_error;
use crate::fields::{
    self, BOOLEAN, Field, Fields, GENERALIZED_TIME, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING,
    SEQUENCE, UTF8_STRING, context,
};
use crate::generalized_time::generalized_time;
use crate::key::{PublicKey, Verified};
use crate::limits::{ACCURACY_DEFAULT, ACCURACY_MAX};
use crate::path::{self, Ends, PathBudget, Role};
use crate::{Certificate, Error, TokenProblem, token_form};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::ID_SHA_256;
use der::asn1::OctetString;
use der::{Encode, Sequence};
use jiff::{SignedDuration, Timestamp};
use spki::AlgorithmIdentifierOwned;

/// `id-ct-TSTInfo`
const ID_CT_TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
/// An authority's own words are kept up to this many characters.
const STATUS_TEXT_CHARACTERS_MAX: usize = 200;

/// A timestamp authority that may be asked, and what its tokens must come from.
#[derive(Clone, Debug)]
pub struct TimestampAuthority {
    /// What the operator calls it; stands in reports and errors.
    pub name: String,
    /// Where the caller posts requests to.
    pub url: String,
    /// Tokens must lead to one of these.
    pub trusted_roots: Vec<Certificate>,
    /// The only policy whose tokens are accepted, if given.
    pub policy: Option<ObjectIdentifier>,
}

/// The time within which a token must have been made; both ends belong to it.
///
/// From before the request to after the answer, widened by the clock difference to tolerate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeWindow {
    /// The first accepted time.
    pub earliest: Timestamp,
    /// The last accepted time.
    pub latest: Timestamp,
}

/// A question to a timestamp authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimestampRequest {
    imprint: [u8; 32],
    nonce: u64,
    policy: Option<ObjectIdentifier>,
}

/// `TimeStampReq`
#[derive(Sequence)]
struct Request {
    version: u8,
    message_imprint: MessageImprint,
    policy: Option<ObjectIdentifier>,
    nonce: u64,
    certificates: bool,
}

#[derive(Sequence)]
struct MessageImprint {
    hash_algorithm: AlgorithmIdentifierOwned,
    hashed_message: OctetString,
}

impl TimestampRequest {
    /// Asks for a timestamp of `imprint`, a SHA-256. The nonce must be unpredictable and new.
    pub fn new(imprint: [u8; 32], nonce: u64) -> Self {
        Self {
            imprint,
            nonce,
            policy: None,
        }
    }

    /// Asks for a policy by name; without it the authority takes its default.
    #[must_use]
    pub fn with_policy(self, policy: Option<ObjectIdentifier>) -> Self {
        Self { policy, ..self }
    }

    /// The `TimeStampReq`, to be posted as `application/timestamp-query`.
    ///
    /// # Errors
    /// [`Error::Der`], which no input is known to cause.
    pub fn to_der(&self) -> Result<Vec<u8>, Error> {
        let error = der_error("a timestamp request");
        self.build()
            .and_then(|request| request.to_der())
            .map_err(error)
    }

    fn build(&self) -> der::Result<Request> {
        Ok(Request {
            version: 1,
            message_imprint: MessageImprint {
                hash_algorithm: AlgorithmIdentifierOwned {
                    oid: ID_SHA_256,
                    parameters: Some(der::Any::null()),
                },
                hashed_message: OctetString::new(self.imprint)?,
            },
            policy: self.policy,
            nonce: self.nonce,
            certificates: true,
        })
    }

    /// Checks an authority's `TimeStampResp` wholly and takes its token (X-2: fail closed).
    ///
    /// Checked are the status, imprint, nonce, policy, certificate reference, signature, purpose of
    /// the certificate, path to a trusted root, and that the time is accurate and lies in `window`
    /// and in the validity of the path. What is around the signed parts is then written in the one
    /// form that it has in a file, with the certificates of that path and nothing else.
    ///
    /// # Errors
    /// [`Error::Timestamp`] for whatever is wrong; its kind is [`ErrorKind::Later`].
    ///
    /// [`ErrorKind::Later`]: crate::ErrorKind::Later
    pub fn accept(
        &self,
        response_der: &[u8],
        authority: &TimestampAuthority,
        window: TimeWindow,
    ) -> Result<TimestampToken, Error> {
        self.check(response_der, authority, window)
            .map_err(|problem| Error::Timestamp {
                authority: authority.name.clone(),
                problem,
            })
    }

    fn check(
        &self,
        response_der: &[u8],
        authority: &TimestampAuthority,
        window: TimeWindow,
    ) -> Result<TimestampToken, TokenProblem> {
        let der = granted_token(response_der)?;
        let token = Token::parse(der)?;
        if token.info.nonce != Some(fields::magnitude(&self.nonce.to_be_bytes())) {
            return Err(TokenProblem::WrongNonce);
        }
        let mut verified = Verified::default();
        let path = token.check_path(&self.imprint, authority, &mut verified)?;
        let TimeWindow { earliest, latest } = window;
        let time = token.info.time;
        if time < earliest || time > latest {
            return Err(TokenProblem::OutsideWindow {
                time,
                earliest,
                latest,
            });
        }
        let der = token.with_certificates(&token_form::without_roots(&path))?;
        // What is embedded is checked as it is, and not as it came.
        Token::parse(&der)?.check(&self.imprint, authority, &mut verified)?;
        Ok(TimestampToken {
            der,
            imprint: self.imprint,
            time,
            accuracy: token.info.accuracy(),
            authority: authority.name.clone(),
            path,
            verified,
        })
    }
}

/// A timestamp token that was checked against its request and its authority.
#[derive(Clone, PartialEq, Eq)]
pub struct TimestampToken {
    der: Vec<u8>,
    imprint: [u8; 32],
    time: Timestamp,
    accuracy: SignedDuration,
    authority: String,
    path: Vec<Certificate>,
    verified: Verified,
}

impl std::fmt::Debug for TimestampToken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "TimestampToken({} by {})",
            self.time, self.authority
        )
    }
}

impl TimestampToken {
    /// The authority's time, with its fraction of a second if it gave one.
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// The first time that a stamp may say that follows this one.
    pub fn next_stamp_from(&self) -> Timestamp {
        let (time, accuracy) = (self.time, self.accuracy);
        Reading { time, accuracy }.earliest()
    }

    /// The configured name of the authority.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// From the token's certificate to the trusted root, which comes last.
    pub fn certificate_path(&self) -> &[Certificate] {
        &self.path
    }

    /// The token's bytes, a CMS `ContentInfo` in the one form that a token has in a file.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    pub(crate) fn imprint(&self) -> &[u8; 32] {
        &self.imprint
    }

    pub(crate) fn verified(&self) -> &Verified {
        &self.verified
    }

    /// The bytes for the last token of a file with this validation data: the certificates in it
    /// follow from the data that it covers.
    pub(crate) fn over(
        &self,
        known: &[Certificate],
        verified: &mut Verified,
    ) -> Result<Vec<u8>, TokenProblem> {
        Token::parse(&self.der)?.over(known, verified)
    }
}

/// Takes the token out of a `TimeStampResp` whose status is granted (0) or granted with
/// modifications (1).
fn granted_token(response_der: &[u8]) -> Result<&[u8], TokenProblem> {
    let unreadable = |_| TokenProblem::Unreadable("the response is not a TimeStampResp");
    let mut response = fields::whole(response_der, SEQUENCE).map_err(unreadable)?;
    let mut info = response.required(SEQUENCE).map_err(unreadable)?.fields();
    let status = info.required(INTEGER).map_err(unreadable)?.content;
    if !matches!(status, [0 | 1]) {
        let status = status
            .iter()
            .take(8)
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        return Err(TokenProblem::Rejected {
            status,
            text: status_text(info),
        });
    }
    if response.is_empty() {
        return Err(TokenProblem::Unreadable(
            "the response was granted without a token",
        ));
    }
    let token = response.required(SEQUENCE).map_err(unreadable)?.whole;
    response.finish().map_err(unreadable)?;
    Ok(token)
}

/// `PKIFreeText ::= SEQUENCE OF UTF8String`, the printable part of it.
fn status_text(mut info: Fields<'_>) -> String {
    let Ok(Some(text)) = info.optional(SEQUENCE) else {
        return String::new();
    };
    let mut lines = text.fields();
    let mut words = Vec::new();
    while let Ok(Some(line)) = lines.optional(UTF8_STRING) {
        words.push(String::from_utf8_lossy(line.content).into_owned());
    }
    let text = words.join("; ");
    text.chars()
        .filter(|c| !c.is_control())
        .take(STATUS_TEXT_CHARACTERS_MAX)
        .collect()
}

/// A token that was read, but not yet believed.
pub(crate) struct Token<'a> {
    der: &'a [u8],
    signed: Signed<'a>,
    content: &'a [u8],
    pub(crate) info: TokenInfo<'a>,
}

/// `TSTInfo`, as far as it matters.
pub(crate) struct TokenInfo<'a> {
    /// Content octets; the OID type knows no second arc above 39.
    policy: &'a [u8],
    imprint_algorithm: ObjectIdentifier,
    imprint: &'a [u8],
    pub(crate) time: Timestamp,
    accuracy: Option<SignedDuration>,
    /// Without leading zeros.
    nonce: Option<&'a [u8]>,
}

impl TokenInfo<'_> {
    /// How far the time may be off, as the authority says; zero where it does not.
    pub(crate) fn accuracy(&self) -> SignedDuration {
        self.accuracy.unwrap_or(SignedDuration::ZERO)
    }

    /// What the clock says.
    pub(crate) fn reading(&self) -> Reading {
        Reading {
            time: self.time,
            accuracy: self.accuracy(),
        }
    }
}

/// What the clock of an authority says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) time: Timestamp,
    /// How far it may be off, as the authority says; zero where it does not.
    pub(crate) accuracy: SignedDuration,
}

impl Reading {
    /// Stamps rise in time, as far as their clocks are accurate: those that do not say how far they
    /// may be off are taken at the second that all authorities promise.
    pub(crate) fn may_follow(self, earlier: Self) -> bool {
        self.time >= earlier.earliest_of(self.off())
    }

    /// The first time that a stamp may say that follows this one.
    pub(crate) fn earliest(self) -> Timestamp {
        self.earliest_of(ACCURACY_DEFAULT)
    }

    fn earliest_of(self, off: SignedDuration) -> Timestamp {
        let off = self.off().saturating_add(off);
        self.time.checked_sub(off).unwrap_or(Timestamp::MIN)
    }

    fn off(self) -> SignedDuration {
        self.accuracy.max(ACCURACY_DEFAULT)
    }
}

impl<'a> Token<'a> {
    pub(crate) fn parse(der: &'a [u8]) -> Result<Self, TokenProblem> {
        let signed = Signed::parse(der).map_err(|error| {
            TokenProblem::Unreadable(if error.kind() == der::ErrorKind::Overlength {
                "it holds more than a token needs"
            } else {
                "it is not a CMS of one signer"
            })
        })?;
        let content = signed
            .content
            .ok_or(TokenProblem::Unreadable("it has no content"))?;
        let info = TokenInfo::parse(content)?;
        Ok(Self {
            der,
            signed,
            content,
            info,
        })
    }

    /// Checks all that does not depend on the request or the time of the check, also that the token
    /// is in its one form, and gives the path from the token's certificate to a trusted root.
    pub(crate) fn check(
        &self,
        imprint: &[u8; 32],
        authority: &TimestampAuthority,
        verified: &mut Verified,
    ) -> Result<Vec<Certificate>, TokenProblem> {
        let path = self.check_path(imprint, authority, verified)?;
        self.check_form()?;
        Ok(path)
    }

    /// The same, whatever form the token is in.
    fn check_path(
        &self,
        imprint: &[u8; 32],
        authority: &TimestampAuthority,
        verified: &mut Verified,
    ) -> Result<Vec<Certificate>, TokenProblem> {
        if authority
            .policy
            .is_some_and(|policy| policy.as_bytes() != self.info.policy)
        {
            return Err(TokenProblem::WrongPolicy);
        }
        if self.info.accuracy() > ACCURACY_MAX {
            return Err(TokenProblem::Inaccurate);
        }
        let certificate = self.check_signature(imprint, verified)?;
        let pool = &self.signed.certificates;
        let ends = Ends {
            leaf: certificate,
            role: Role::TimestampAuthority,
            roots: &authority.trusted_roots,
        };
        let budget = &mut PathBudget::default();
        path::find(ends, pool, self.info.time, verified, budget)
    }

    /// Checks that this stamps `imprint`, its signature, and that the certificate it names is one
    /// for timestamps; gives that certificate.
    pub(crate) fn check_signature(
        &self,
        imprint: &[u8; 32],
        verified: &mut Verified,
    ) -> Result<&Certificate, TokenProblem> {
        if self.info.imprint_algorithm != ID_SHA_256 || self.info.imprint != imprint {
            return Err(TokenProblem::WrongImprint);
        }
        if !self.signed.content_type_is(ID_CT_TST_INFO) {
            return Err(TokenProblem::Unreadable("its content is not a TSTInfo"));
        }
        let certificate = self.certificate()?;
        if !self.signed.refers_to(certificate) {
            return Err(TokenProblem::WrongCertificateReference);
        }
        let key = self.key()?;
        if !self
            .signed
            .message_digest_is(&self.signed.hash().digest(self.content))
        {
            return Err(TokenProblem::WrongSignature);
        }
        match self.signed.verifies_with(&key, verified) {
            Some(true) => {}
            Some(false) => return Err(TokenProblem::WrongSignature),
            None => return Err(TokenProblem::Unsupported),
        }
        if !certificate.is_for_timestamps_only() || !certificate.may_sign() {
            return Err(TokenProblem::NotATimestampCertificate);
        }
        Ok(certificate)
    }

    /// The certificate of its signer.
    fn certificate(&self) -> Result<&Certificate, TokenProblem> {
        let mut certificates = self.signed.certificates.iter();
        let signer = certificates.find(|one| self.signed.is_signer(one));
        signer.ok_or(TokenProblem::Unreadable("its certificate is missing"))
    }

    fn key(&self) -> Result<PublicKey, TokenProblem> {
        self.certificate()?
            .public_key()
            .ok_or(TokenProblem::Unsupported)
    }

    /// The token in its one form, with the certificates that lead upwards from its own among those
    /// that are known.
    pub(crate) fn over(
        &self,
        known: &[Certificate],
        verified: &mut Verified,
    ) -> Result<Vec<u8>, TokenProblem> {
        let line = token_form::line(self.certificate()?, known, verified)?;
        self.with_certificates(&line)
    }

    /// What is stamped.
    #[cfg(test)]
    pub(crate) fn imprint(&self) -> &[u8] {
        self.info.imprint
    }

    /// The token in its one form with these certificates.
    fn with_certificates(&self, certificates: &[&Certificate]) -> Result<Vec<u8>, TokenProblem> {
        token_form::in_one_form(&self.signed, &self.key()?, certificates)
    }

    /// Checks that nothing here is written in another way than this crate writes it, and that the
    /// certificates are one line above the signer. Whether these are the right ones is not asked.
    pub(crate) fn check_form(&self) -> Result<(), TokenProblem> {
        let certificates = &self.signed.certificates;
        if !token_form::is_line(self.certificate()?, certificates) {
            return Err(TokenProblem::Unsigned(
                "a certificate that its path does not need",
            ));
        }
        let form = self.with_certificates(&certificates.iter().collect::<Vec<_>>())?;
        if form != self.der {
            return Err(TokenProblem::Unsigned("a form that is not the one form"));
        }
        Ok(())
    }

    /// The certificates in it.
    pub(crate) fn certificates(&self) -> &[Certificate] {
        &self.signed.certificates
    }
}

impl<'a> TokenInfo<'a> {
    fn parse(content: &'a [u8]) -> Result<Self, TokenProblem> {
        Self::read(content)
            .map_err(|_| TokenProblem::Unreadable("its TSTInfo cannot be decoded"))?
            .ok_or(TokenProblem::Unreadable("its time cannot be read"))
    }

    /// `None` where only the time is wrong.
    fn read(content: &'a [u8]) -> der::Result<Option<Self>> {
        let mut info = fields::whole(content, SEQUENCE)?;
        if info.required(INTEGER)?.content != [1] {
            return Err(der::ErrorKind::Failed.into());
        }
        let policy = info.required(OBJECT_IDENTIFIER)?.content;
        let mut message_imprint = info.required(SEQUENCE)?.fields();
        let imprint_algorithm = message_imprint.algorithm()?;
        let imprint = message_imprint.required(OCTET_STRING)?.content;
        message_imprint.finish()?;
        info.required(INTEGER)?;
        let time = generalized_time(info.required(GENERALIZED_TIME)?.content);
        let accuracy = info.optional(SEQUENCE)?.map(accuracy).transpose()?;
        info.optional(BOOLEAN)?;
        let nonce = info
            .optional(INTEGER)?
            .map(|nonce| fields::magnitude(nonce.content));
        info.optional(context(0))?;
        info.optional(context(1))?;
        info.finish()?;
        Ok(time.map(|time| Self {
            policy,
            imprint_algorithm,
            imprint,
            time,
            accuracy,
            nonce,
        }))
    }
}

/// `Accuracy ::= SEQUENCE { seconds INTEGER OPTIONAL, millis [0] INTEGER OPTIONAL, micros [1]
/// INTEGER OPTIONAL }` (RFC 3161 section 2.4.2).
fn accuracy(field: Field<'_>) -> der::Result<SignedDuration> {
    let mut fields = field.fields();
    let number = |field: Option<Field<'_>>, most: i64| -> der::Result<i64> {
        let Some(field) = field else { return Ok(0) };
        let digits = fields::magnitude(field.content);
        let is_negative = field.content.first().is_none_or(|byte| *byte >= 0x80);
        if is_negative || digits.len() > 4 {
            return Err(der::ErrorKind::Failed.into());
        }
        let number = digits
            .iter()
            .fold(0, |sum, byte| sum << 8 | i64::from(*byte));
        if number > most {
            return Err(der::ErrorKind::Failed.into());
        }
        Ok(number)
    };
    let seconds = number(fields.optional(INTEGER)?, i64::from(u32::MAX))?;
    let millis = number(fields.optional(0x80)?, 999)?;
    let micros = number(fields.optional(0x81)?, 999)?;
    fields.finish()?;
    Ok(SignedDuration::from_secs(seconds)
        + SignedDuration::from_millis(millis)
        + SignedDuration::from_micros(micros))
}
