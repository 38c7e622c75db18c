//! A dispatch: one message to one recipient, with its own serial, charge and certificate.

use jiff::Timestamp;

use crate::{
    DispatchId, EmailAddress, InboundMessageId, NotAttempted, Outcome, Points, ProviderMessageId,
    Serial,
};

/// What was fixed at intake and never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispatch {
    /// Its id, also the name of its workflow execution.
    pub id: DispatchId,
    /// Printed everywhere.
    pub serial: Serial,
    /// Which product.
    pub kind: DispatchKind,
    /// Who wrote.
    pub sender: EmailAddress,
    /// Whom it goes to.
    pub recipient: EmailAddress,
    /// The mail it came in.
    pub inbound: InboundMessageId,
    /// When we accepted it.
    pub accepted_at: Timestamp,
    /// What it costs.
    pub price: Points,
}

/// Which of the products a dispatch belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DispatchKind {
    /// Registered mail.
    Mail,
}

/// How far a dispatch has come. Only [`decide`](crate::decide) makes a new one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// What is known about handing the message to the provider.
    pub attempt: Attempt,
    /// The outcome, once settled; it never changes afterwards.
    pub settled: Option<Settled>,
}

/// What is known about handing the message to the provider.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Attempt {
    /// Nothing was tried.
    #[default]
    NotYet,
    /// We said that we would try, and do not know what came of it. The provider has no
    /// idempotency key, so this is never retried: its event will tell.
    Underway {
        /// When we said so.
        since: Timestamp,
    },
    /// The provider accepted the message.
    ProviderAccepted {
        /// When we learned it.
        at: Timestamp,
        /// Its id for the message.
        message_id: ProviderMessageId,
    },
}

/// A settled outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// Which.
    pub outcome: Outcome,
    /// When it was settled, by our clock.
    pub at: Timestamp,
}

/// What became of the points reserved for a dispatch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChargeState {
    /// Reserved at intake.
    Reserved,
    /// Spent.
    Posted,
    /// Given back.
    Voided,
}

impl ChargeState {
    /// Every state there is.
    pub const ALL: [Self; 3] = [Self::Reserved, Self::Posted, Self::Voided];

    /// The stable name used in stored items and shown to operators.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Posted => "posted",
            Self::Voided => "voided",
        }
    }
}

impl Attempt {
    /// The stable name used in stored items and logs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotYet => "not_yet",
            Self::Underway { .. } => "underway",
            Self::ProviderAccepted { .. } => "provider_accepted",
        }
    }
}

impl Progress {
    /// The outcome, once settled.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        self.settled.map(|settled| settled.outcome)
    }

    /// What has become of the charge: it follows from the outcome, so it is not stored twice.
    #[must_use]
    pub fn charge(&self) -> ChargeState {
        match self.outcome() {
            None => ChargeState::Reserved,
            Some(outcome) if outcome.is_charged() => ChargeState::Posted,
            Some(_) => ChargeState::Voided,
        }
    }

    /// The outcome of a dispatch for which nothing arrived in time.
    pub(crate) fn outcome_at_deadline(&self) -> Outcome {
        match self.attempt {
            Attempt::NotYet => Outcome::NotAttempted(NotAttempted::DeadlinePassed),
            Attempt::Underway { .. } => Outcome::Unconfirmed {
                provider_accepted: false,
            },
            Attempt::ProviderAccepted { .. } => Outcome::Unconfirmed {
                provider_accepted: true,
            },
        }
    }
}
