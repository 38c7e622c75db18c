//! What certificates are for: basic constraints, key usage and extended key usage.

use crate::Certificate;
use crate::certificate::Extension;
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280::{ANY_EXTENDED_KEY_USAGE, ID_KP_TIME_STAMPING};
use x509_cert::ext::pkix::ExtendedKeyUsage;

/// Purposes of certificates that sign documents: `id-kp-documentSigning` (RFC 9336), and what stood
/// in its place before: Adobe's "authentic documents trust" and Microsoft's "document signing".
const DOCUMENTS: [ObjectIdentifier; 3] = [
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.36"),
    ObjectIdentifier::new_unwrap("1.2.840.113583.1.1.5"),
    ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.10.3.12"),
];

/// What the first certificate of a path does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It signs certificates of deliveries.
    DocumentSigner,
    /// It signs timestamp tokens (RFC 3161 section 2.3).
    TimestampAuthority,
    /// It says for its issuer who was revoked (RFC 6960 section 4.2.2.2).
    OcspResponder,
}

impl Role {
    /// May this certificate do that? The rule that it breaks, if not.
    pub(super) fn check(self, certificate: &Certificate) -> Result<(), &'static str> {
        if certificate.is_authority() {
            return Err("it is for issuing certificates");
        }
        match self {
            Self::DocumentSigner => check_signer(certificate),
            Self::TimestampAuthority
                if !certificate.is_for_timestamps_only() || !certificate.may_sign() =>
            {
                Err("it is not one for timestamps only")
            }
            Self::OcspResponder if !certificate.is_responder() || !certificate.may_sign() => {
                Err("it is not one for OCSP responses")
            }
            Self::TimestampAuthority | Self::OcspResponder => Ok(()),
        }
    }

    /// May this certificate issue such ones, with `below` further authorities between it and them?
    /// The rule that it breaks, if not.
    pub(super) fn check_issuer(
        self,
        certificate: &Certificate,
        below: usize,
    ) -> Result<(), &'static str> {
        if !certificate.may_issue(below) {
            return Err("it may not issue certificates");
        }
        let allowed: &[ObjectIdentifier] = match self {
            Self::DocumentSigner => &DOCUMENTS,
            Self::TimestampAuthority => &[ID_KP_TIME_STAMPING],
            // An issuer for timestamps has responders, too, and need not say so.
            Self::OcspResponder => return Ok(()),
        };
        match certificate.extension::<ExtendedKeyUsage>() {
            Extension::Absent => Ok(()),
            Extension::Present(usage, _)
                if usage
                    .0
                    .iter()
                    .any(|one| *one == ANY_EXTENDED_KEY_USAGE || allowed.contains(one)) =>
            {
                Ok(())
            }
            Extension::Present(..) => Err("it may issue certificates for other purposes only"),
            Extension::Broken => Err("its extended key usage cannot be read"),
        }
    }
}

/// A certificate from before RFC 9336 may name no purpose. Then its key usage has to say that it
/// commits to contents, which those for servers, clients and code do not.
fn check_signer(certificate: &Certificate) -> Result<(), &'static str> {
    if !certificate.has_key_usage() {
        return Err("it has no key usage");
    }
    if !certificate.may_sign() {
        return Err("its key may not sign documents");
    }
    match certificate.extension::<ExtendedKeyUsage>() {
        Extension::Present(usage, _) if usage.0.iter().any(|one| DOCUMENTS.contains(one)) => Ok(()),
        Extension::Absent if certificate.may_commit() => Ok(()),
        Extension::Present(..) | Extension::Absent => Err("it is not one for documents"),
        Extension::Broken => Err("its extended key usage cannot be read"),
    }
}
