//! The number of each check. `README.md` of this crate says what each is and which test holds it; a
//! report cites the numbers, so that who reads it can look them up.
//!
//! A number stays with its check for good; a new check takes the next free number of its part, or
//! of all where a part has none left. V-52 is not used again.

use std::fmt;

use crate::report::{Check, Finding};

/// The number of a check, as `V-12`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(u16);

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "V-{}", self.0)
    }
}

/// All numbers, with the part that each belongs to.
pub const NUMBERS: &[(Number, Check)] = &[
    (Number(1), Check::Structure),
    (Number(2), Check::Structure),
    (Number(3), Check::Structure),
    (Number(10), Check::Changes),
    (Number(20), Check::Signature),
    (Number(21), Check::Signature),
    (Number(30), Check::SignerChain),
    (Number(31), Check::SignerChain),
    (Number(32), Check::SignerChain),
    (Number(33), Check::SignerChain),
    (Number(34), Check::SignerChain),
    (Number(35), Check::SignerChain),
    (Number(40), Check::Timestamps),
    (Number(41), Check::Timestamps),
    (Number(42), Check::Timestamps),
    (Number(43), Check::Timestamps),
    (Number(44), Check::Timestamps),
    (Number(45), Check::Timestamps),
    (Number(46), Check::Timestamps),
    (Number(47), Check::Timestamps),
    (Number(48), Check::Timestamps),
    (Number(49), Check::Timestamps),
    (Number(50), Check::Revocation),
    (Number(51), Check::Revocation),
    (Number(53), Check::Revocation),
    (Number(54), Check::Revocation),
    (Number(60), Check::EmbeddedFiles),
    (Number(61), Check::EmbeddedFiles),
    (Number(62), Check::EmbeddedFiles),
    (Number(63), Check::EmbeddedFiles),
    (Number(70), Check::Pages),
    (Number(71), Check::Pages),
    (Number(72), Check::Pages),
    (Number(80), Check::Senders),
    (Number(81), Check::Senders),
    (Number(82), Check::Senders),
    (Number(83), Check::Senders),
    (Number(90), Check::Values),
    (Number(91), Check::Values),
    (Number(92), Check::Timestamps),
    (Number(93), Check::Timestamps),
    (Number(94), Check::Timestamps),
    (Number(95), Check::Timestamps),
];

impl Check {
    /// The numbers of what is checked in this part.
    pub fn numbers(self) -> impl Iterator<Item = Number> {
        let of_part = NUMBERS.iter().filter(move |(_, part)| *part == self);
        of_part.map(|(number, _)| *number)
    }
}

impl Finding {
    /// The number of the check that found it; `None` where something was not checked at all, or is
    /// only told.
    #[must_use]
    pub fn number(&self) -> Option<Number> {
        let number = match self {
            Self::NotAPdf => 1,
            Self::TooLarge => 2,
            Self::Structure(_) => 3,
            Self::Change(_) => 10,
            Self::Signature(_) => 20,
            Self::SignatureWordsDiffer(_) => 21,
            Self::SignerUntrusted { .. } => 30,
            Self::SignerNotValid(_) => 31,
            Self::SignerNotNamed { .. } => 32,
            Self::SignerNotThen { .. } => 33,
            Self::SignerPath { .. } => 34,
            Self::OtherSigner { .. } | Self::OtherOperator { .. } => 35,
            Self::NoTimestamp => 40,
            Self::Token { .. } => 41,
            Self::TokenUntrusted { .. } | Self::TokenPath { .. } => 42,
            Self::TokenStale { .. } => 43,
            Self::TokenFromTheFuture { .. } => 44,
            Self::NoGoodClock => 45,
            Self::OneClock => 46,
            Self::ClockNotTrusted { .. } | Self::ClocksThatCount(_) => 47,
            Self::TokenNotValid { .. } => 48,
            Self::TokenInaccurate { .. } => 49,
            Self::StampsFall { .. } => 92,
            Self::EventAfterStamp { .. } => 93,
            Self::IssueOutside { .. } => 94,
            Self::SigningTimeOutside { .. } => 95,
            Self::SignerRevoked { .. } | Self::TokenRevoked { .. } => 50,
            Self::NoRevocationData { .. } => 51,
            Self::CertificateUnknown(_) => 53,
            Self::RevocationDataUnknown => 54,
            Self::Files(_) => 60,
            Self::NoEvidence | Self::UnknownEvidence(_) | Self::BrokenEvidence(_) => 61,
            Self::FileDiffers(_) => 62,
            Self::FileMissing(_) | Self::FileUnknown(_) => 63,
            Self::OtherTemplate(_) => 70,
            Self::NoFonts => 71,
            Self::PagesDiffer(_) => 72,
            Self::SendersDiffer { .. } => 80,
            Self::SenderDiffers { .. } => 81,
            Self::VouchersDiffer { .. } => 82,
            Self::SealsDiffer { .. } => 83,
            Self::ValueDiffers { .. } => 90,
            Self::ValueReadOtherwise { .. } => 91,
            Self::TooMuchWork(_) | Self::NotMade(_) | Self::IssuedAsTest => return None,
        };
        Some(Number(number))
    }
}
