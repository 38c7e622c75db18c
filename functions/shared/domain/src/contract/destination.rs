//! Whom a contract mail names in its subject (P-010, P-060, Q-3).

use crate::{Named, Recipient};

/// The subject of a contract mail, read: destinations first, then the subject itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Destinations {
    /// Whom the contract is offered to. Addresses and numbers are paired by order; what is left
    /// over stands alone. Each address and each number once, never one of our own.
    pub recipients: Vec<Recipient>,
    /// What follows the destinations, as the sender wrote it.
    pub subject: String,
    /// What stood among the destinations and is none that the service sends to.
    pub unusable: Vec<Unusable>,
}

/// Something that names a destination the service does not send to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusable {
    /// What the sender wrote, controls made visible.
    pub text: String,
    /// Why it is of no use.
    pub why: UnusableReason,
}

/// Why a destination is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnusableReason {
    /// A telephone number that is not one of a mobile telephone in Japan, or has a digit too few
    /// or too many.
    Landline,
    /// A number of a country that the service does not send to (C-017).
    Foreign,
    /// An address of this service.
    OwnAddress,
    /// An address that no mail can be sent to: its local part is not ASCII, or its domain cannot
    /// exist.
    UnsendableAddress,
}

impl UnusableReason {
    /// Every reason there is.
    pub const ALL: [Self; 4] = [
        Self::Landline,
        Self::Foreign,
        Self::OwnAddress,
        Self::UnsendableAddress,
    ];
}

impl Named for UnusableReason {
    const VALUES: &'static [Self] = &Self::ALL;

    // Used in stored items.
    fn name(self) -> &'static str {
        match self {
            Self::Landline => "landline",
            Self::Foreign => "foreign",
            Self::OwnAddress => "own_address",
            Self::UnsendableAddress => "unsendable_address",
        }
    }
}
