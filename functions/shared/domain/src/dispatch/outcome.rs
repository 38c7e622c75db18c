//! How a dispatch ends. Each name claims exactly what was seen.

use crate::Named;

/// The settled result of a dispatch, decided once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The recipient's mail exchanger answered 250: it took the message over. Nothing is known
    /// about what happened to it afterwards.
    Relayed,
    /// The address or its domain does not exist: permanent bounce (I-043, I-044, P-042).
    Noex,
    /// The attempt ended in a failure that says nothing about the address, such as a full
    /// mailbox or a server that stayed away.
    Undelivered,
    /// Nothing settled the attempt within a day.
    Unconfirmed {
        /// Whether the provider is known to have accepted the message from us.
        provider_accepted: bool,
    },
    /// The person that an offer went to answered in time, in whatever words (P-024, P-031).
    Answered,
    /// An offer went out, and no answer came in time: NORESPMAIL (P-043, I-074).
    NoResponse,
    /// An answer of the recipient's settled nothing, because it was late or not the first: an
    /// addendum certifies it (P-065).
    AnsweredLater,
    /// The outcome of a registered mail was settled, and then its failure was reported: an addendum
    /// certifies it.
    BouncedLater,
    /// The service did not try: neither certified nor charged.
    NotAttempted(NotAttempted),
}

/// Why the service did not try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAttempted {
    /// The recipient stands on the provider's suppression or opt-out list.
    Suppressed,
    /// The provider refused our message, for instance because of its content.
    ProviderRefused,
    /// The provider's spending limit for SMS is reached.
    SpendingLimit,
    /// The message never left before the deadline.
    DeadlinePassed,
}

impl Outcome {
    /// Whether a certificate is issued (I-043, I-044, I-051; not for what was never tried, Q-5).
    #[must_use]
    pub fn is_certified(self) -> bool {
        !matches!(self, Self::NotAttempted(_))
    }

    /// Whether the reserved points are posted; otherwise they are voided (I-047, Q-5). When even
    /// the handover to the provider is unknown, the doubt counts for the customer.
    #[must_use]
    pub fn is_charged(self) -> bool {
        match self {
            Self::Relayed | Self::Noex | Self::Undelivered | Self::Answered | Self::NoResponse => {
                true
            }
            Self::Unconfirmed { provider_accepted } => provider_accepted,
            Self::AnsweredLater | Self::BouncedLater | Self::NotAttempted(_) => false,
        }
    }

    /// Every outcome there is.
    pub const ALL: [Self; 13] = [
        Self::Relayed,
        Self::Noex,
        Self::Undelivered,
        Self::Unconfirmed {
            provider_accepted: true,
        },
        Self::Unconfirmed {
            provider_accepted: false,
        },
        Self::Answered,
        Self::NoResponse,
        Self::AnsweredLater,
        Self::BouncedLater,
        Self::NotAttempted(NotAttempted::Suppressed),
        Self::NotAttempted(NotAttempted::ProviderRefused),
        Self::NotAttempted(NotAttempted::SpendingLimit),
        Self::NotAttempted(NotAttempted::DeadlinePassed),
    ];
}

impl Named for Outcome {
    const VALUES: &'static [Self] = &Self::ALL;

    // Used between steps and in stored items.
    fn name(self) -> &'static str {
        match self {
            Self::Relayed => "relayed",
            Self::Noex => "noex",
            Self::Undelivered => "undelivered",
            Self::Answered => "answered",
            Self::NoResponse => "no_response",
            Self::AnsweredLater => "answered_later",
            Self::BouncedLater => "bounced_later",
            Self::Unconfirmed {
                provider_accepted: true,
            } => "unconfirmed",
            Self::Unconfirmed {
                provider_accepted: false,
            } => "unconfirmed_unsent",
            Self::NotAttempted(NotAttempted::Suppressed) => "not_attempted_suppressed",
            Self::NotAttempted(NotAttempted::ProviderRefused) => "not_attempted_refused",
            Self::NotAttempted(NotAttempted::SpendingLimit) => "not_attempted_spending_limit",
            Self::NotAttempted(NotAttempted::DeadlinePassed) => "not_attempted_deadline",
        }
    }
}
