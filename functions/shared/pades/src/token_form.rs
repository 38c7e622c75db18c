//! The one form that a timestamp token has in a file.
//!
//! An authority signs the content of its token and the signed attributes, and nothing around them:
//! not which certificates come along, in which order, not how the algorithms are written. The last
//! token of a file is covered by nothing else, so whoever has the file could write the rest in
//! other words. Therefore there is one form, and it follows from what is signed and from what the
//! token covers. A token is brought into it before it is embedded, and no other form is believed.
//!
//! - The certificates are the signer's own and those above it up to the root, which is left out:
//!   who trusts it has it. Nothing else comes along, and there are no unsigned attributes.
//! - Digest algorithms are without parameters, signature algorithms name their digest (RFC 5754),
//!   or both are as the signed attributes have them (RFC 6211).
//! - Of two ECDSA signatures that verify alike it is the one with the lower `s`.
//! - The content, the signed attributes, the signature else and the signer's name stay as they
//!   came. A signer who is named by its key is refused: there would be two names.

use crate::cms::Signed;
use crate::fields::{self, SEQUENCE, context};
use crate::key::{PublicKey, Verified, signature_algorithm};
use crate::{Certificate, TokenProblem};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5911::ID_SIGNED_DATA;
use der::asn1::AnyRef;
use der::{Encode, Tag, TagNumber};

/// `id-aa-CMSAlgorithmProtection` (RFC 6211).
const ID_AA_CMS_ALGORITHM_PROTECTION: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.52");
/// Leaf, issuing authority, policy authority, and cross certificates.
pub(crate) const CERTIFICATES_MAX: usize = 8;
/// Signatures that are checked for one line; names may be alike.
const LINE_CHECKS_MAX: usize = 64;
const EXPLICIT_0: Tag = Tag::ContextSpecific {
    constructed: true,
    number: TagNumber::N0,
};

const NO_FORM: TokenProblem = TokenProblem::Unreadable("it cannot be brought into its form");

/// The token with these certificates, in its one form.
///
/// # Errors
/// [`TokenProblem::Unsigned`] for what has no such form.
pub(crate) fn in_one_form(
    signed: &Signed<'_>,
    key: &PublicKey,
    certificates: &[&Certificate],
) -> Result<Vec<u8>, TokenProblem> {
    if signed.signer.tag != SEQUENCE {
        return Err(TokenProblem::Unsigned("a signer who is named by a key"));
    }
    let (digest_algorithm, signature_algorithm) = algorithms(signed)?;
    let signature = key.signature_in_one_form(signed.signature);
    let signature = signature.ok_or(TokenProblem::WrongSignature)?;
    let mut certificates: Vec<&[u8]> = certificates.iter().map(|one| one.as_der()).collect();
    // The order of DER's SET OF (X.690 section 11.6).
    certificates.sort_unstable();
    let parts = Parts {
        digest_algorithm,
        signature_algorithm,
        certificates: certificates.concat(),
        signature,
    };
    write(signed, &parts).map_err(|_| NO_FORM)
}

/// What is written in another way than it came.
struct Parts {
    digest_algorithm: Vec<u8>,
    signature_algorithm: Vec<u8>,
    certificates: Vec<u8>,
    signature: Vec<u8>,
}

fn write(signed: &Signed<'_>, parts: &Parts) -> der::Result<Vec<u8>> {
    let content = value(Tag::OctetString, &[signed.content.unwrap_or_default()])?;
    let content = value(EXPLICIT_0, &[&content])?;
    let content_type = signed.content_type.to_der()?;
    let signer = value(
        Tag::Sequence,
        &[
            &1_u8.to_der()?,
            signed.signer.whole,
            &parts.digest_algorithm,
            signed.signed_attributes.whole,
            &parts.signature_algorithm,
            &value(Tag::OctetString, &[&parts.signature])?,
        ],
    )?;
    let signed_data = value(
        Tag::Sequence,
        &[
            &3_u8.to_der()?,
            &value(Tag::Set, &[&parts.digest_algorithm])?,
            &value(Tag::Sequence, &[&content_type, &content])?,
            &value(EXPLICIT_0, &[&parts.certificates])?,
            &value(Tag::Set, &[&signer])?,
        ],
    )?;
    let explicit = value(EXPLICIT_0, &[&signed_data])?;
    value(Tag::Sequence, &[&ID_SIGNED_DATA.to_der()?, &explicit])
}

fn value(tag: Tag, parts: &[&[u8]]) -> der::Result<Vec<u8>> {
    AnyRef::new(tag, &parts.concat())?.to_der()
}

/// The digest algorithm and the signature algorithm, as DER.
fn algorithms(signed: &Signed<'_>) -> Result<(Vec<u8>, Vec<u8>), TokenProblem> {
    let (family, hash) = signed.signing().ok_or(TokenProblem::Unsupported)?;
    if let Some(field) = signed.signed_attribute(ID_AA_CMS_ALGORITHM_PROTECTION) {
        let protected = protected(field.whole).map_err(|_| NO_FORM)?;
        let (digest, signature) = protected;
        let read = |der: &[u8]| fields::Fields::new(der).algorithm().ok();
        let is_named = read(&digest) == Some(signed.hash().identifier().oid)
            && read(&signature)
                .and_then(signature_algorithm)
                .is_some_and(|(one, named)| one == family && named.unwrap_or(hash) == hash);
        return if is_named {
            Ok((digest, signature))
        } else {
            Err(TokenProblem::Unsigned(
                "an algorithm that its signed attributes do not name",
            ))
        };
    }
    let digest = signed.hash().identifier().to_der();
    let signature = family.identifier(hash).to_der();
    Ok((
        digest.map_err(|_| NO_FORM)?,
        signature.map_err(|_| NO_FORM)?,
    ))
}

/// `CMSAlgorithmProtection ::= SEQUENCE { DigestAlgorithmIdentifier, [1]
/// SignatureAlgorithmIdentifier OPTIONAL, ... }`, the second one tagged implicitly.
fn protected(der: &[u8]) -> der::Result<(Vec<u8>, Vec<u8>)> {
    let mut fields = fields::whole(der, SEQUENCE)?;
    let digest = fields.required(SEQUENCE)?.whole.to_vec();
    let mut signature = fields.required(context(1))?.whole.to_vec();
    fields.finish()?;
    if let Some(tag) = signature.first_mut() {
        *tag = SEQUENCE;
    }
    Ok((digest, signature))
}

/// Those of a path that go into a token: not the root.
pub(crate) fn without_roots(path: &[Certificate]) -> Vec<&Certificate> {
    let (leaf, above) = (path.iter().take(1), path.iter().skip(1));
    leaf.chain(above.filter(|one| !one.is_self_issued()))
        .collect()
}

/// The certificates that a token of `leaf` has where these are known: itself and those above it up
/// to a root, which is left out. Where several have issued one, a root comes first, and else the
/// first that is known.
///
/// # Errors
/// [`TokenProblem::Unsigned`] where there is no end.
pub(crate) fn line<'c>(
    leaf: &'c Certificate,
    known: &'c [Certificate],
    verified: &mut Verified,
) -> Result<Vec<&'c Certificate>, TokenProblem> {
    let mut line = vec![leaf];
    let mut checks = 0;
    let mut lowest = leaf;
    loop {
        let mut next = None;
        for issuer in known.iter().filter(|one| lowest.names_as_issuer(one)) {
            checks += 1;
            if checks > LINE_CHECKS_MAX || line.len() > CERTIFICATES_MAX {
                return Err(TokenProblem::Unsigned("a line of certificates without end"));
            }
            if lowest.is_signed_by(issuer, verified) != Ok(true) {
                continue;
            }
            if issuer.is_self_issued() {
                return Ok(line);
            }
            next = next.or(Some(issuer));
        }
        let Some(issuer) = next.filter(|one| !line.contains(one)) else {
            return Ok(line);
        };
        line.push(issuer);
        lowest = issuer;
    }
}

/// Are these certificates one line from `leaf` upwards by their names, without a root? What no
/// signature covers may be nothing else.
pub(crate) fn is_line(leaf: &Certificate, certificates: &[Certificate]) -> bool {
    if certificates.len() > CERTIFICATES_MAX {
        return false;
    }
    let (mut line, mut lowest) = (1, leaf);
    let is_next = |lowest: &Certificate, one: &Certificate| {
        lowest.names_as_issuer(one) && one != leaf && !one.is_self_issued()
    };
    while let Some(issuer) = certificates.iter().find(|one| is_next(lowest, one)) {
        line += 1;
        if line > certificates.len() {
            return false;
        }
        lowest = issuer;
    }
    line == certificates.len()
}
