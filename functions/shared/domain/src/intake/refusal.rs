//! Why an inbound mail is not taken: in silence, or with a notice that says why.

use crate::{AutomaticMail, Doubt, HeaderField, InsufficientPoints, TrustSetting, Unusable};

/// That nobody vouches for a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distrust {
    /// What would have been enough.
    pub trust: TrustSetting,
    /// What was missing, at least one.
    pub doubts: Vec<Doubt>,
}

/// Why a mail is ignored; for the log only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignored {
    /// None of the envelope recipients is a service address (P-011).
    UnknownServiceAddress,
    /// Mail that no person wrote.
    Automatic(AutomaticMail),
    /// From is missing, doubled, a group, or several mailboxes.
    NoSingleFrom,
    /// Nobody has proven this address (P-012, I-038).
    UnknownSender,
    /// SES takes it for spam: it is not even read, so that nobody makes us answer spam.
    Spam,
    /// The same mail was accepted before: a server that did not hear our answer sends again, or
    /// somebody else does. It is one mail, with one charge.
    Repeated,
}

impl Ignored {
    /// The stable name used in logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::UnknownServiceAddress => "ignored_unknown_service_address",
            Self::Automatic(_) => "ignored_automatic_mail",
            Self::NoSingleFrom => "ignored_no_single_from",
            Self::UnknownSender => "ignored_unknown_sender",
            Self::Spam => "ignored_spam",
            Self::Repeated => "ignored_repeated",
        }
    }
}

/// One reason to refuse a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// TO is empty or missing.
    NoRecipient,
    /// TO holds nothing but our own addresses (loops).
    OnlyServiceAddresses,
    /// TO holds something that is no address, or none that SES can send to; nothing is sent to
    /// the others either, because a half-sent mail would surprise.
    UnreadableRecipients(Vec<String>),
    /// More recipients than one mail may have.
    TooManyRecipients {
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
    /// Larger than the limit (I-066).
    TooLarge {
        /// Its size, in bytes.
        size_bytes: u64,
        /// The limit, in bytes.
        limit_bytes: u64,
    },
    /// Fields stand more than once that may stand once: mailers differ in which they show.
    RepeatedFields(Vec<HeaderField>),
    /// SES found malware.
    Virus,
    /// The operator stopped the account (P-069).
    AccountSuspended,
    /// The account was not used for five years and is closed (I-046).
    AccountLapsed,
    /// Too few points for all recipients: nothing is sent or charged.
    NotEnoughPoints(InsufficientPoints),
    /// The subject of a contract mail begins with no address and no mobile number (P-060, Q-3).
    NoDestination,
    /// The subject of a contract mail names destinations that the service does not send to;
    /// nothing is sent to the others either.
    UnusableDestinations(Vec<Unusable>),
    /// The subject of a contract mail names more destinations than one mail may have.
    TooManyDestinations {
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
    /// One mail went to the address of registered mail and to one of contracts: nobody can tell
    /// which was meant.
    MixedServices,
    /// The account would ask for more SMS than one day has.
    TooManySms {
        /// How many this mail asks for.
        count: usize,
        /// How many are left today.
        left: u32,
    },
}
