//! Reading a finished file as a stranger would.

use crate::cms::{self, Signed};
use crate::document::{HashedDraft, hex_digits, signature_dictionary};
use crate::incremental::Document;
use crate::key::Verified;
use crate::syntax::{Dictionary, Object, Value, hex_digit};
use crate::timestamp::Token;
use crate::{Error, SignerChain, TimestampAuthority, TokenProblem};
use const_oid::db::rfc5911::ID_DATA;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::ops::Range;

/// The PAdES level that a document was found to have (EN 319 142-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Signature with a timestamp.
    BT,
}

/// What a verified document says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureReport {
    /// The signing certificate's subject as in RFC 4514.
    pub signer: String,
    /// When the timestamp authority saw the signature.
    pub timestamp: Timestamp,
    /// The configured name of the timestamp authority.
    pub authority: String,
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

/// Verifies a signed document without anything but the file and what is trusted.
///
/// Checked are: the signature covers the whole file but its own value; the digest; the CMS
/// signature; that signer and embedded certificates are `chain`; the signing certificate
/// attribute; that a token of one of `authorities` stamps the signature value within the validity
/// of `chain`; and that nothing stands in the unsigned part of the file that this crate would not
/// have written there. The file is hashed once.
///
/// # Errors
/// [`Error::Altered`], [`Error::Untrusted`], [`Error::EmbeddedTimestamp`] or [`Error::Pdf`]; see
/// [`Error::kind`].
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
    if document.revision_count() != 2 {
        return Err(Error::Altered(
            "there are not exactly a draft and a signature",
        ));
    }
    let (dictionary, _) = signature_dictionary(&document)?;
    let contents = signed_gap(&dictionary, pdf)?;
    let draft_bytes = document.first_revision_length();
    let digests = match hashed {
        Some(draft) if draft.length() == draft_bytes => Digests::of(pdf, draft, &contents)?,
        Some(_) => return Err(Error::Altered("the signature stands behind another draft")),
        None => Digests::of(pdf, &HashedDraft::of(pdf, draft_bytes), &contents)?,
    };
    let container = decode_contents(pdf, &contents)?;
    let der = trim_padding(&container)?;
    let signed = Signed::parse(der)
        .map_err(|_| Error::Altered("the signature is not a CMS of one signer"))?;
    check_signature(&signed, &digests.document, chain, verified)?;
    let (timestamp, authority) = check_timestamp(&signed, authorities, verified)?;
    if !chain.is_valid_at(timestamp) {
        return Err(Error::Untrusted(
            "the signer's chain was not valid when it was timestamped",
        ));
    }
    check_unsigned_part(&signed, der, &digests.document, chain)?;
    Ok(SignatureReport {
        signer: chain.subject(),
        timestamp,
        authority,
        level: Level::BT,
        document_digest: digests.document,
        file_digest: digests.file,
        draft_digest: digests.draft,
        draft_bytes,
    })
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

/// Finds the authority whose token this is.
fn check_timestamp(
    signed: &Signed<'_>,
    authorities: &[TimestampAuthority],
    verified: &mut Verified,
) -> Result<(Timestamp, String), Error> {
    let embedded = |problem| Error::EmbeddedTimestamp { problem };
    let Some(token) = signed.unsigned_attribute(cms::ID_AA_TIME_STAMP_TOKEN) else {
        return Err(embedded(TokenProblem::Unreadable("there is none")));
    };
    let token = Token::parse(token.whole).map_err(embedded)?;
    let imprint = Sha256::digest(signed.signature).into();
    let mut problem = TokenProblem::UntrustedChain;
    for authority in authorities {
        match token.check(&imprint, authority, verified) {
            Ok(()) => return Ok((token.info.time, authority.name.clone())),
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
