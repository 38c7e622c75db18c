//! Reading a finished file as a stranger would.

use crate::cms::{self, Signed};
use crate::hashed_draft::HashedDraft;
use crate::incremental::Document;
use crate::key::Verified;
use crate::path::PATH_LENGTH_MAX;
use crate::signature_field::{hex_digits, signature_dictionary};
use crate::stamp::Stamp;
use crate::syntax::{Dictionary, Object, Value, hex_digit};
use crate::timestamp::{Reading, Token};
use crate::{
    Certificate, Error, SignerChain, TimestampAuthority, TokenProblem, ValidationData, validation,
};
use const_oid::db::rfc5911::ID_DATA;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use std::ops::Range;

/// The PAdES level that a document was found to have (EN 319 142-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Signature with a timestamp.
    BT,
    /// Signature with a timestamp, validation data for everything, and a timestamp of another
    /// authority over all of it.
    BLTA,
}

/// What a verified document says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureReport {
    /// The signing certificate's subject as in RFC 4514.
    pub signer: String,
    /// When the timestamp authority saw the signature.
    pub timestamp: Timestamp,
    /// How far that may be off, as the authority says; zero where it does not.
    pub accuracy: SignedDuration,
    /// The configured name of the timestamp authority.
    pub authority: String,
    /// The document timestamps, the oldest first: that of level B-LTA, and one for each renewal.
    pub stamps: Vec<DocumentTimestamp>,
    /// How far the signature goes.
    pub level: Level,
    /// SHA-256 of the signed bytes: the file without the value of `/Contents`.
    pub document_digest: [u8; 32],
    /// SHA-256 of the whole file.
    pub file_digest: [u8; 32],
    /// SHA-256 of the draft that the signature was appended to (X-7: rebuild and compare).
    pub draft_digest: [u8; 32],
    /// Bytes of the draft at the start of the file.
    pub draft_bytes: usize,
}

/// What a verified document timestamp says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentTimestamp {
    /// When the authority saw the file up to there, with its validation data.
    pub timestamp: Timestamp,
    /// How far that may be off, as the authority says; zero where it does not.
    pub accuracy: SignedDuration,
    /// The configured name of that authority.
    pub authority: String,
    /// The path of its certificate, the trusted root last.
    pub certificate_path: Vec<Certificate>,
}

impl DocumentTimestamp {
    /// The first time that a stamp may say that follows this one.
    pub fn next_stamp_from(&self) -> Timestamp {
        self.reading().earliest()
    }

    fn reading(&self) -> Reading {
        Reading {
            time: self.timestamp,
            accuracy: self.accuracy,
        }
    }

    /// When the first certificate of its path ends: until then it can be renewed.
    pub fn valid_until(&self) -> Timestamp {
        let ends = self.certificate_path.iter().map(Certificate::not_after);
        ends.min().unwrap_or(Timestamp::MIN)
    }
}

/// A whole file that stood here before a renewal, or stands here now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// So many bytes from the start of the file.
    pub length_bytes: usize,
    /// Their SHA-256.
    pub digest: [u8; 32],
}

/// The versions that a file consists of, the oldest first and the file itself last: each ends
/// with a document timestamp. Nothing is verified.
///
/// # Errors
/// [`Error::Pdf`] for what is no PDF with its revisions; [`Error::Altered`] for other revisions.
pub fn versions(pdf: &[u8]) -> Result<Vec<Version>, Error> {
    let document = Document::parse(pdf)?;
    let ends = document.revision_ends();
    let mut hash = Sha256::new();
    let mut hashed = 0;
    let mut found = Vec::new();
    for (_, end) in pairs(&ends)? {
        let length_bytes = length_to(pdf, end);
        hash.update(pdf.get(hashed..length_bytes).unwrap_or_default());
        hashed = length_bytes;
        let digest = hash.clone().finalize().into();
        found.push(Version {
            length_bytes,
            digest,
        });
    }
    Ok(found)
}

/// Behind draft and signature, where the two revisions of each archiving end.
fn pairs(ends: &[usize]) -> Result<Vec<(usize, usize)>, Error> {
    const OTHERS: Error =
        Error::Altered("there are other revisions than of a signature and its archiving");
    let behind = ends.get(2..).ok_or(OTHERS)?;
    let pair = |pair: &[usize]| match *pair {
        [validated, stamped] => Ok((validated, stamped)),
        _ => Err(OTHERS),
    };
    behind.chunks(2).map(pair).collect()
}

/// A revision ends with its line end.
fn length_to(pdf: &[u8], end: usize) -> usize {
    pdf.len().min(end + b"\n".len())
}

/// The chain that a file of ours was signed with, as it stands in the signature: an original stays
/// when its signer's certificate has been replaced by another. Nothing is verified, and nothing
/// says yet that the chain may be trusted.
///
/// # Errors
/// As [`SignerChain::new`], and [`Error::Altered`] or [`Error::Pdf`] where there is no signature.
pub fn signer_chain(pdf: &[u8]) -> Result<SignerChain, Error> {
    let document = Document::parse(pdf)?;
    let signed = document.revision_ends().get(1).copied();
    let signed = signed.ok_or(Error::Altered("there is no signature"))?;
    let signed = pdf.get(..length_to(pdf, signed)).unwrap_or(pdf);
    let (dictionary, _) = signature_dictionary(&Document::parse(signed)?)?;
    let container = decode_contents(signed, &signed_gap(&dictionary, signed)?)?;
    let cms = Signed::parse(trim_padding(&container)?)
        .map_err(|_| Error::Altered("the signature is not a CMS of one signer"))?;
    let leaf = cms.certificates.iter().find(|one| cms.is_signer(one));
    let mut path: Vec<Certificate> = leaf.cloned().into_iter().collect();
    while let Some(issuer) = path
        .last()
        .filter(|_| path.len() <= PATH_LENGTH_MAX)
        .and_then(|last| {
            let mut issuers = cms.certificates.iter();
            issuers.find(|one| last.names_as_issuer(one) && !path.contains(one))
        })
    {
        path.push(issuer.clone());
    }
    SignerChain::new(path)
}

/// Verifies a signed document without anything but the file and what is trusted.
///
/// Checked are: the signature covers the whole file but its own value; the digest; the CMS
/// signature; that signer and embedded certificates are `chain`; the signing certificate
/// attribute; that a token of one of `authorities` stamps the signature value within the validity
/// of `chain`; and that nothing stands in the unsigned part of the file that this crate would not
/// have written there. The file is hashed once.
///
/// Of a file with validation data and document timestamp moreover: both revisions are just what
/// this crate writes for such data; the token is another authority's with another root and
/// stamps the whole file; and the data proves, at the time of that token, that no certificate of
/// the signer and of both authorities was revoked.
///
/// Of each renewal, which is one more pair of such revisions: its token, of any of `authorities`,
/// stamps the whole file up to there at a time when the certificates of the stamp before were
/// valid, and the data proves at that time that none of them and of its own was revoked.
///
/// # Errors
/// [`Error::Altered`], [`Error::Untrusted`], [`Error::EmbeddedTimestamp`], [`Error::Revocation`] or
/// [`Error::Pdf`]; see [`Error::kind`].
pub fn read_back(
    pdf: &[u8],
    chain: &SignerChain,
    authorities: &[TimestampAuthority],
) -> Result<SignatureReport, Error> {
    check(pdf, None, &mut Verified::default(), chain, authorities)
}

/// The same for a file whose draft has been hashed and has not changed since, and some of whose
/// signatures are known to verify.
pub(crate) fn read_back_behind(
    pdf: &[u8],
    (draft, mut verified): (&HashedDraft, Verified),
    chain: &SignerChain,
    authorities: &[TimestampAuthority],
) -> Result<SignatureReport, Error> {
    check(pdf, Some(draft), &mut verified, chain, authorities)
}

fn check(
    pdf: &[u8],
    hashed: Option<&HashedDraft>,
    verified: &mut Verified,
    chain: &SignerChain,
    authorities: &[TimestampAuthority],
) -> Result<SignatureReport, Error> {
    let document = Document::parse(pdf)?;
    let own;
    let draft = match hashed {
        Some(draft) => draft,
        None => {
            own = HashedDraft::of(pdf, document.first_revision_length());
            &own
        }
    };
    let part = |end: usize| pdf.get(..length_to(pdf, end)).unwrap_or(pdf);
    let ends = document.revision_ends();
    let archivings = pairs(&ends)?;
    let (Some(signed), false) = (ends.get(1), archivings.is_empty()) else {
        let (report, _) = check_signed(pdf, draft, verified, chain, authorities)?;
        return Ok(report);
    };
    let mut before = part(*signed);
    let (mut report, path) = check_signed(before, draft, verified, chain, authorities)?;
    for (position, (validated, end)) in archivings.iter().enumerate() {
        let is_last = position + 1 == archivings.len();
        let whole = if is_last { pdf } else { part(*end) };
        let revisions = (before, part(*validated), whole);
        let stamp = match report.stamps.last() {
            None => {
                let first = Stamped {
                    report: &report,
                    path: &path,
                };
                check_archived(revisions, &first, draft, verified, chain, authorities)?
            }
            Some(last) => check_renewed(revisions, last, draft, verified, authorities)?,
        };
        report.stamps.push(stamp);
        before = whole;
    }
    report.level = Level::BLTA;
    report.file_digest = draft.digest_to_end(pdf);
    Ok(report)
}

/// A signed revision, and the path of its timestamp's certificate.
struct Stamped<'a> {
    report: &'a SignatureReport,
    path: &'a [Certificate],
}

fn check_archived(
    revisions: (&[u8], &[u8], &[u8]),
    first: &Stamped<'_>,
    draft: &HashedDraft,
    verified: &mut Verified,
    chain: &SignerChain,
    authorities: &[TimestampAuthority],
) -> Result<DocumentTimestamp, Error> {
    let others: Vec<TimestampAuthority> = authorities
        .iter()
        .filter(|authority| authority.name != first.report.authority)
        .cloned()
        .collect();
    let (data, stamp) = check_pair(revisions, draft, verified, &others)?;
    if stamp.certificate_path.last() == first.path.last() {
        return Err(Error::Untrusted(
            "both timestamps lead to the same root of an authority",
        ));
    }
    let before = Reading {
        time: first.report.timestamp,
        accuracy: first.report.accuracy,
    };
    if !stamp.reading().may_follow(before) {
        return Err(Error::Untrusted(
            "the second timestamp is older than the first",
        ));
    }
    for path in [chain.certificates(), first.path, &stamp.certificate_path] {
        data.prove_with(path, stamp.timestamp, verified)?;
    }
    Ok(stamp)
}

/// What was renewed in time stays proven, however old its own certificates become.
fn check_renewed(
    revisions: (&[u8], &[u8], &[u8]),
    last: &DocumentTimestamp,
    draft: &HashedDraft,
    verified: &mut Verified,
    authorities: &[TimestampAuthority],
) -> Result<DocumentTimestamp, Error> {
    let (data, stamp) = check_pair(revisions, draft, verified, authorities)?;
    if !stamp.reading().may_follow(last.reading()) {
        return Err(Error::Untrusted("a renewal is older than what it renews"));
    }
    if last.valid_until() < stamp.timestamp {
        return Err(Error::Untrusted(
            "a timestamp was renewed after its certificates had ended",
        ));
    }
    for path in [&last.certificate_path, &stamp.certificate_path] {
        data.prove_with(path, stamp.timestamp, verified)?;
    }
    Ok(stamp)
}

/// Checks one `/DSS` and the document timestamp over it. What the data proves is not looked at.
fn check_pair(
    (signed, validated, whole): (&[u8], &[u8], &[u8]),
    draft: &HashedDraft,
    verified: &mut Verified,
    authorities: &[TimestampAuthority],
) -> Result<(ValidationData, DocumentTimestamp), Error> {
    const OTHERS: Error = Error::Altered("something was added behind the signature");
    let data = validation::read(&Document::parse(validated)?)?.ok_or(OTHERS)?;
    let update = validation::update(signed, &data);
    if let Err(Error::Draft(_)) = update {
        // What was there before has been changed or left out.
        return Err(OTHERS);
    }
    if validated.get(signed.len()..) != Some(&update?) {
        return Err(OTHERS);
    }
    let stamp = Stamp::behind(validated)?;
    let gap = stamp.contents.start - 1..stamp.contents.end + 1;
    let container = decode_contents(whole, &gap)?;
    let der = trim_padding(&container)?;
    let contents = stamp.contents.clone();
    if whole.get(validated.len()..) != Some(&stamp.with_token(der)?) {
        return Err(OTHERS);
    }
    let imprint = draft.digest_around(whole, &contents);
    let (reading, authority, certificate_path) = check_token(der, &imprint, authorities, verified)?;
    let stamp = DocumentTimestamp {
        timestamp: reading.time,
        accuracy: reading.accuracy,
        authority,
        certificate_path,
    };
    Ok((data, stamp))
}

/// Checks a file of draft and signature, and gives the path of the timestamp's certificate.
fn check_signed(
    pdf: &[u8],
    draft: &HashedDraft,
    verified: &mut Verified,
    chain: &SignerChain,
    authorities: &[TimestampAuthority],
) -> Result<(SignatureReport, Vec<Certificate>), Error> {
    let document = Document::parse(pdf)?;
    if document.revision_count() != 2 {
        return Err(Error::Altered(
            "there are not exactly a draft and a signature",
        ));
    }
    let (dictionary, _) = signature_dictionary(&document)?;
    let contents = signed_gap(&dictionary, pdf)?;
    let draft_bytes = document.first_revision_length();
    if draft.length() != draft_bytes {
        return Err(Error::Altered("the signature stands behind another draft"));
    }
    let digests = Digests::of(pdf, draft, &contents)?;
    let container = decode_contents(pdf, &contents)?;
    let der = trim_padding(&container)?;
    let signed = Signed::parse(der)
        .map_err(|_| Error::Altered("the signature is not a CMS of one signer"))?;
    check_signature(&signed, &digests.document, chain, verified)?;
    let (reading, authority, path) = check_timestamp(&signed, authorities, verified)?;
    if !chain.is_valid_at(reading.time) {
        return Err(Error::Untrusted(
            "the signer's chain was not valid when it was timestamped",
        ));
    }
    check_unsigned_part(&signed, der, &digests.document, chain)?;
    let report = SignatureReport {
        signer: chain.subject(),
        timestamp: reading.time,
        accuracy: reading.accuracy,
        authority,
        stamps: Vec::new(),
        level: Level::BT,
        document_digest: digests.document,
        file_digest: digests.file,
        draft_digest: digests.draft,
        draft_bytes,
    };
    Ok((report, path))
}

/// The hole in the signed bytes, checked to be just the value of `/Contents`.
fn signed_gap(dictionary: &Dictionary, pdf: &[u8]) -> Result<Range<usize>, Error> {
    if dictionary.name(b"Type") != Some(b"Sig")
        || dictionary.name(b"SubFilter") != Some(b"ETSI.CAdES.detached")
    {
        return Err(Error::Altered("the signature is not a PAdES signature"));
    }
    let Some(contents) = dictionary.get(b"Contents") else {
        return Err(Error::Altered("the signature has no value"));
    };
    let Value::HexString = contents.value else {
        return Err(Error::Altered("the signature's value is not hexadecimal"));
    };
    let number = |object: &Object| {
        let Value::Integer(integer) = object.value else {
            return None;
        };
        usize::try_from(integer).ok()
    };
    let byte_range: Vec<Option<usize>> = dictionary
        .array(b"ByteRange")
        .unwrap_or_default()
        .iter()
        .map(number)
        .collect();
    let span = &contents.span;
    let expected = [0, span.start, span.end, pdf.len().saturating_sub(span.end)];
    if byte_range != expected.map(Some) {
        return Err(Error::Altered(
            "the signature does not cover the whole file",
        ));
    }
    Ok(span.clone())
}

/// All digests of one pass over the file.
struct Digests {
    draft: [u8; 32],
    document: [u8; 32],
    file: [u8; 32],
}

impl Digests {
    fn of(pdf: &[u8], draft: &HashedDraft, gap: &Range<usize>) -> Result<Self, Error> {
        let parts = (
            pdf.get(draft.length()..gap.start),
            pdf.get(gap.clone()),
            pdf.get(gap.end..),
        );
        let (Some(before), Some(hole), Some(behind)) = parts else {
            return Err(Error::Altered(
                "the signature does not stand behind the draft",
            ));
        };
        let mut document = draft.state();
        let draft = document.clone().finalize().into();
        document.update(before);
        let mut file = document.clone();
        file.update(hole);
        file.update(behind);
        document.update(behind);
        Ok(Self {
            draft,
            document: document.finalize().into(),
            file: file.finalize().into(),
        })
    }
}

/// Decodes the hexadecimal digits, which must be in lower case as this crate writes them.
fn decode_contents(pdf: &[u8], gap: &Range<usize>) -> Result<Vec<u8>, Error> {
    const NOT_HEX: Error = Error::Altered("the signature's value is not hexadecimal");
    let digits = pdf
        .get(gap.clone())
        .and_then(|hole| hole.strip_prefix(b"<")?.strip_suffix(b">"))
        .ok_or(NOT_HEX)?;
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    for pair in digits.chunks(2) {
        let &[high, low] = pair else {
            return Err(NOT_HEX);
        };
        let (Some(high), Some(low)) = (hex_digit(high), hex_digit(low)) else {
            return Err(NOT_HEX);
        };
        let byte = high << 4 | low;
        if hex_digits(byte) != pair {
            return Err(NOT_HEX);
        }
        bytes.push(byte);
    }
    Ok(bytes)
}

/// Takes the zeros off that fill the reserved room.
fn trim_padding(container: &[u8]) -> Result<&[u8], Error> {
    let value = crate::fields::Fields::new(container)
        .any()
        .map_err(|_| Error::Altered("the signature's value is not DER"))?;
    let padding = container.get(value.whole.len()..).unwrap_or_default();
    if padding.iter().any(|byte| *byte != 0) {
        return Err(Error::Altered(
            "something stands behind the signature's value",
        ));
    }
    Ok(value.whole)
}

fn check_signature(
    signed: &Signed<'_>,
    document_digest: &[u8; 32],
    chain: &SignerChain,
    verified: &mut Verified,
) -> Result<(), Error> {
    if signed.content.is_some() || !signed.content_type_is(ID_DATA) {
        return Err(Error::Altered("the signature is not detached"));
    }
    if !signed.message_digest_is(document_digest) {
        return Err(Error::Altered("the file's digest is not the signed one"));
    }
    let Some(leaf) = signed.certificates.iter().find(|c| signed.is_signer(c)) else {
        return Err(Error::Altered("the signing certificate is missing"));
    };
    let Some(key) = leaf.public_key() else {
        return Err(Error::Unsupported {
            what: "the signing certificate's key",
        });
    };
    match signed.verifies_with(&key, verified) {
        Some(true) => {}
        Some(false) => return Err(Error::Altered("the signature does not verify")),
        None => {
            return Err(Error::Unsupported {
                what: "the signature's algorithm",
            });
        }
    }
    if !signed.refers_to(leaf) {
        return Err(Error::Altered(
            "the signature names another signing certificate",
        ));
    }
    if chain.leaf() != Some(leaf) {
        return Err(Error::Untrusted(
            "another signer than the expected one has signed",
        ));
    }
    Ok(())
}

/// What a token's clock says, its authority's name and the path of its certificate.
type Checked = (Reading, String, Vec<Certificate>);

fn check_timestamp(
    signed: &Signed<'_>,
    authorities: &[TimestampAuthority],
    verified: &mut Verified,
) -> Result<Checked, Error> {
    let Some(token) = signed.unsigned_attribute(cms::ID_AA_TIME_STAMP_TOKEN) else {
        let problem = TokenProblem::Unreadable("there is none");
        return Err(Error::EmbeddedTimestamp { problem });
    };
    let imprint = Sha256::digest(signed.signature).into();
    check_token(token.whole, &imprint, authorities, verified)
}

/// Finds the authority whose token this is.
fn check_token(
    der: &[u8],
    imprint: &[u8; 32],
    authorities: &[TimestampAuthority],
    verified: &mut Verified,
) -> Result<Checked, Error> {
    let embedded = |problem| Error::EmbeddedTimestamp { problem };
    let token = Token::parse(der).map_err(embedded)?;
    let mut problem = TokenProblem::UntrustedChain;
    for authority in authorities {
        match token.check(imprint, authority, verified) {
            Ok(path) => return Ok((token.info.reading(), authority.name.clone(), path)),
            Err(found) => problem = found,
        }
    }
    Err(embedded(problem))
}

/// The signature does not cover its own container. What is not verified there by itself (order,
/// certificates, algorithm identifiers) must be what this crate writes.
fn check_unsigned_part(
    signed: &Signed<'_>,
    der: &[u8],
    document_digest: &[u8; 32],
    chain: &SignerChain,
) -> Result<(), Error> {
    let attributes = cms::signed_attributes(document_digest, chain)?;
    let token = signed.unsigned_attribute(cms::ID_AA_TIME_STAMP_TOKEN);
    let token = token.map(|field| field.whole);
    if cms::container(&attributes, chain, signed.signature, token)? != der {
        return Err(Error::Altered(
            "the signature's container is not as it was written",
        ));
    }
    Ok(())
}
