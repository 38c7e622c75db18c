//! What servers on the way sealed (RFC 8617). Nobody is trusted because of it.

use super::{SignatureResult, SigningAlgorithm};
use crate::Named;

/// The chain of a mail as it was verified.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ArcReport {
    /// Whether the chain holds.
    pub result: ArcResult,
    /// Its sets, the first server's first. None where they are not in their form.
    pub sets: Vec<ArcSet>,
}

/// What one server added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArcSet {
    /// `i=`, counted from 1.
    pub instance: u32,
    /// `ARC-Seal`, over all sets up to this one.
    pub seal: ArcSignature,
    /// `ARC-Message-Signature`, over the message. Only that of the newest set is verified: later
    /// servers may have changed what the others signed.
    pub message: Option<ArcSignature>,
}

/// One of the signatures in a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArcSignature {
    /// `d=`, lower case.
    pub domain: String,
    /// `s=`.
    pub selector: String,
    /// `a=`.
    pub algorithm: SigningAlgorithm,
    /// Whether it holds.
    pub result: SignatureResult,
    /// The name that was asked for the key.
    pub dns_name: String,
    /// The TXT records found there, verbatim.
    pub dns_records: Vec<String>,
}

/// Whether a chain holds (RFC 8617 section 5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ArcResult {
    /// There is none.
    #[default]
    None,
    /// Every seal and the newest signature over the message hold.
    Pass,
    /// It does not count.
    Fail(ArcFailure),
    /// The DNS did not answer; nothing is known.
    TemporaryError,
}

/// Why a chain does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArcFailure {
    /// There are more sets than are examined.
    TooLong,
    /// A set is not in its form, not complete, or there twice.
    Malformed,
    /// The newest server itself found the chain broken (`cv=fail`).
    FoundBroken,
    /// A set says another thing of the chain before it than its place allows.
    WrongChainValue,
    /// The newest signature over the message does not hold.
    Message,
    /// A seal does not hold.
    Seal,
}

impl ArcResult {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::None,
        Self::Pass,
        Self::Fail(ArcFailure::TooLong),
        Self::Fail(ArcFailure::Malformed),
        Self::Fail(ArcFailure::FoundBroken),
        Self::Fail(ArcFailure::WrongChainValue),
        Self::Fail(ArcFailure::Message),
        Self::Fail(ArcFailure::Seal),
        Self::TemporaryError,
    ];
}

impl Named for ArcResult {
    const VALUES: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pass => "pass",
            Self::Fail(ArcFailure::TooLong) => "too_long",
            Self::Fail(ArcFailure::Malformed) => "malformed",
            Self::Fail(ArcFailure::FoundBroken) => "found_broken",
            Self::Fail(ArcFailure::WrongChainValue) => "wrong_chain_value",
            Self::Fail(ArcFailure::Message) => "message_not_verified",
            Self::Fail(ArcFailure::Seal) => "seal_not_verified",
            Self::TemporaryError => "no_dns_answer",
        }
    }
}
