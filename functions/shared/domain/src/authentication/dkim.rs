//! What a DKIM signature is found to be (RFC 6376, RFC 8463), with the DNS answers that it was
//! verified with.

use super::Coverage;
use crate::Named;

/// One DKIM signature as it was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DkimSignature {
    /// `d=`, lower case; empty where the field is malformed.
    pub domain: String,
    /// `s=`; empty where the field is malformed.
    pub selector: String,
    /// `a=`; none where the field is malformed.
    pub algorithm: Option<SigningAlgorithm>,
    /// Whether it holds.
    pub result: SignatureResult,
    /// How `d=` and the From domain belong together.
    pub alignment: Alignment,
    /// The name that was asked for the key.
    pub dns_name: String,
    /// The TXT records found there, verbatim.
    pub dns_records: Vec<String>,
    /// What it covers; nothing where it does not hold.
    pub coverage: Coverage,
}

/// An algorithm of `a=` (RFC 6376 section 3.3, RFC 8463).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// Too weak to count (RFC 8301 section 3.1).
    RsaSha1,
    /// RSA over SHA-256.
    RsaSha256,
    /// Ed25519 over SHA-256 (RFC 8463).
    Ed25519Sha256,
}

impl SigningAlgorithm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::RsaSha1, Self::RsaSha256, Self::Ed25519Sha256];
}

impl Named for SigningAlgorithm {
    const VALUES: &'static [Self] = &Self::ALL;

    // As it is written in `a=`.
    fn name(self) -> &'static str {
        match self {
            Self::RsaSha1 => "rsa-sha1",
            Self::RsaSha256 => "rsa-sha256",
            Self::Ed25519Sha256 => "ed25519-sha256",
        }
    }
}

/// How a signing domain and the From domain belong together (RFC 7489 section 3.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alignment {
    /// They are the same.
    Exact,
    /// They share the organizational domain.
    Relaxed,
    /// They are strangers.
    None,
}

impl Alignment {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Exact, Self::Relaxed, Self::None];
}

impl Named for Alignment {
    const VALUES: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Relaxed => "relaxed",
            Self::None => "none",
        }
    }
}

/// Whether a signature holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignatureResult {
    /// It holds for the header fields it names and for the whole body.
    Pass,
    /// It does not count.
    Fail(SignatureFailure),
    /// The DNS did not answer, in the words of the resolver; nothing is known.
    TemporaryError(String),
}

impl SignatureResult {
    /// The stable code: `pass`, `no_dns_answer`, or that of the failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Pass => PASS,
            Self::Fail(failure) => failure.name(),
            Self::TemporaryError(_) => NO_DNS_ANSWER,
        }
    }

    /// The words of the resolver, where it did not answer.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::TemporaryError(words) => Some(words),
            Self::Pass | Self::Fail(_) => None,
        }
    }

    /// The result of a code, with the words of the resolver.
    #[must_use]
    pub fn from_code(code: &str, detail: Option<String>) -> Option<Self> {
        match code {
            PASS => Some(Self::Pass),
            NO_DNS_ANSWER => Some(Self::TemporaryError(detail.unwrap_or_default())),
            _ => SignatureFailure::of_name(code).map(Self::Fail),
        }
    }

    /// Whether two verifications came to the same: the words of a resolver are not compared.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.code() == other.code()
    }
}

const PASS: &str = "pass";
const NO_DNS_ANSWER: &str = "no_dns_answer";

/// Why a signature does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureFailure {
    /// The field is no DKIM signature of this version.
    Malformed,
    /// `rsa-sha1` (Q-14, RFC 8301 section 3.1).
    WeakAlgorithm,
    /// The RSA key is shorter than 1024 bits.
    WeakKey,
    /// Its time is over.
    Expired,
    /// `h=` does not name From (RFC 6376 section 5.4).
    FromNotSigned,
    /// `l=` leaves a part of the body uncovered, or claims more than there is.
    PartialBody,
    /// The body was changed.
    BodyChanged,
    /// The signed header fields were changed, or it was made with another key.
    NotVerified,
    /// `i=` does not belong to `d=`.
    ForeignIdentity,
    /// There is no key record.
    NoKey,
    /// The domain has revoked the key.
    KeyRevoked,
    /// The key record cannot be used.
    UnusableKey,
    /// The header has more fields than are examined.
    TooManyHeaderFields,
}

impl SignatureFailure {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Malformed,
        Self::WeakAlgorithm,
        Self::WeakKey,
        Self::Expired,
        Self::FromNotSigned,
        Self::PartialBody,
        Self::BodyChanged,
        Self::NotVerified,
        Self::ForeignIdentity,
        Self::NoKey,
        Self::KeyRevoked,
        Self::UnusableKey,
        Self::TooManyHeaderFields,
    ];
}

impl Named for SignatureFailure {
    const VALUES: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::WeakAlgorithm => "weak_algorithm",
            Self::WeakKey => "weak_key",
            Self::Expired => "expired",
            Self::FromNotSigned => "from_not_signed",
            Self::PartialBody => "partial_body",
            Self::BodyChanged => "body_changed",
            Self::NotVerified => "not_verified",
            Self::ForeignIdentity => "foreign_identity",
            Self::NoKey => "no_key",
            Self::KeyRevoked => "key_revoked",
            Self::UnusableKey => "unusable_key",
            Self::TooManyHeaderFields => "too_many_header_fields",
        }
    }
}
