//! What was seen about a dispatch: immutable, one line each, with source and time.

use jiff::Timestamp;

use crate::{Answer, AnswerRoad, Channel, EventId, Named, ProviderMessageId};

/// One immutable line of what was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its identity: the same observation twice has the same id.
    pub id: EventId,
    /// What happened.
    pub kind: EventKind,
    /// Who saw it.
    pub source: EventSource,
    /// When it happened, by the clock of its source.
    pub at: Timestamp,
    /// When we wrote it down, by our clock.
    pub recorded_at: Timestamp,
    /// Whether it came after the outcome was settled, and so changed nothing.
    pub is_supplementary: bool,
    /// The source's own record, unchanged (I-011); absent for our own events.
    pub verbatim: Option<String>,
}

/// Who saw an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventSource {
    /// This service.
    Akashi,
    /// Amazon SES.
    Ses,
    /// Amazon SNS, for SMS.
    Sns,
}

impl EventSource {
    /// Every source there is.
    pub const ALL: [Self; 3] = [Self::Akashi, Self::Ses, Self::Sns];
}

impl Named for EventSource {
    const VALUES: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        match self {
            Self::Akashi => "akashi",
            Self::Ses => "ses",
            Self::Sns => "sns",
        }
    }
}

/// What happened to a dispatch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// Accepted at intake; a serial was given.
    Accepted,
    /// We are about to hand the message to the provider.
    AttemptStarted(Channel),
    /// The provider did not take the message this time; we try again.
    AttemptPostponed(Channel),
    /// Something a provider reported about the message on this channel.
    Observed(Channel, Observation),
    /// The same, before we had learned the provider's id of the message: the report fitted by its
    /// tags, configuration set and recipient, and the id was adopted from it.
    ObservedByTags(Channel, Observation, ProviderMessageId),
    /// Something a provider reported under our tags about a message that is not the one we handed
    /// over. It changes nothing.
    OfAnotherMessage(Channel, Observation, ProviderMessageId),
    /// Fourteen hours passed without a settling event.
    DeadlinePassed,
    /// Something came back.
    AnswerReceived(Answer),
    /// The time for an answer is over.
    AnswerDeadlinePassed,
    /// Whoever read the code that was sent to the recipient's telephone fetched the certificate.
    CopyHandedOver,
}

/// What a provider reported about a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observation {
    /// The provider accepted the message from us.
    ProviderAccepted {
        /// Its id for the message.
        message_id: ProviderMessageId,
    },
    /// The provider refused the message for good and tried nothing.
    ProviderRefused {
        /// In its own words.
        reason: String,
    },
    /// The recipient's mail exchanger answered 250.
    Delivered {
        /// Its answer, verbatim.
        smtp_response: String,
        /// The provider's host that heard it.
        reporting_mta: String,
        /// The address of the server that gave it, where the provider names it.
        remote_mta_ip: Option<String>,
    },
    /// The carrier confirmed the SMS.
    SmsConfirmed {
        /// The provider's words.
        provider_response: String,
        /// The carrier, when it was named (P-066).
        carrier: Option<String>,
    },
    /// The SMS failed for good.
    SmsFailed {
        /// What that says about the number.
        kind: SmsFailureKind,
        /// The provider's words.
        provider_response: String,
    },
    /// Delivery failed for good.
    Bounced(Bounce),
    /// The recipient's side reported the message as unwanted.
    Complained,
    /// The provider is still trying.
    Delayed {
        /// In its own words.
        reason: String,
    },
}

/// What the failure of an SMS says about the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmsFailureKind {
    /// There is no such number.
    InvalidNumber,
    /// The telephone or its carrier could not be reached, blocked the message, or nobody knows.
    Unreachable,
    /// The owner of the number opted out of our messages: nobody tried.
    OptedOut,
    /// Our own spending limit is reached: nobody tried.
    SpendingLimit,
}

impl SmsFailureKind {
    /// Every kind there is.
    pub const ALL: [Self; 4] = [
        Self::InvalidNumber,
        Self::Unreachable,
        Self::OptedOut,
        Self::SpendingLimit,
    ];
}

impl Named for SmsFailureKind {
    const VALUES: &'static [Self] = &Self::ALL;

    // Used in stored items.
    fn name(self) -> &'static str {
        match self {
            Self::InvalidNumber => "invalid_number",
            Self::Unreachable => "unreachable",
            Self::OptedOut => "opted_out",
            Self::SpendingLimit => "spending_limit",
        }
    }
}

/// A bounce as reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounce {
    /// What it says about the address.
    pub kind: BounceKind,
    /// Enhanced status code (RFC 3463), when given.
    pub status: Option<String>,
    /// The remote server's diagnostic, when given.
    pub diagnostic: Option<String>,
}

/// What a bounce says about the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BounceKind {
    /// The address or its domain does not exist: NOEX.
    Permanent,
    /// The server will not take this message, for good, for another reason than that: its policy,
    /// the size of the message, a closed group.
    Refused,
    /// A failure that may pass, such as a full mailbox.
    Transient,
    /// The provider could not tell. It says nothing about the delivery: what came back may be a
    /// vacation notice.
    Undetermined,
    /// The provider reports an automatic reply, such as a vacation notice, as a bounce without
    /// status and diagnostic. It says nothing about the delivery.
    AutomaticReply,
    /// The provider did not try, because the address is on its suppression list.
    Suppressed,
}

impl BounceKind {
    /// Every kind there is.
    pub const ALL: [Self; 6] = [
        Self::Permanent,
        Self::Refused,
        Self::Transient,
        Self::Undetermined,
        Self::Suppressed,
        Self::AutomaticReply,
    ];
}

impl Named for BounceKind {
    const VALUES: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        match self {
            Self::Permanent => "permanent",
            Self::Refused => "refused",
            Self::Transient => "transient",
            Self::Undetermined => "undetermined",
            Self::Suppressed => "suppressed",
            Self::AutomaticReply => "automatic_reply",
        }
    }
}

/// Event names of ETSI EN 319 522 (`http://uri.etsi.org/19522/Event/<name>`), as this service
/// maps them. The vocabulary is borrowed; no conformance is claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EtsiEvent {
    /// Accepted, serial given.
    SubmissionAcceptance,
    /// The recipient's mail exchanger answered 250.
    RelayToNonErds,
    /// It could not be handed over.
    RelayToNonErdsFailure,
    /// An answer arrived by mail or SMS.
    ReceivedFromNonErds,
    /// The time for an answer is over.
    AcceptanceRejectionExpiry,
    /// Content was fetched after a proven code.
    ContentHandover,
}

impl EtsiEvent {
    /// Every event that this service reports.
    pub const ALL: [Self; 6] = [
        Self::SubmissionAcceptance,
        Self::RelayToNonErds,
        Self::RelayToNonErdsFailure,
        Self::ReceivedFromNonErds,
        Self::AcceptanceRejectionExpiry,
        Self::ContentHandover,
    ];
}

impl Named for EtsiEvent {
    const VALUES: &'static [Self] = &Self::ALL;

    // The standard's name.
    fn name(self) -> &'static str {
        match self {
            Self::SubmissionAcceptance => "SubmissionAcceptance",
            Self::RelayToNonErds => "RelayToNonERDS",
            Self::RelayToNonErdsFailure => "RelayToNonERDSFailure",
            Self::ReceivedFromNonErds => "ReceivedFromNonERDS",
            Self::AcceptanceRejectionExpiry => "AcceptanceRejectionExpiry",
            Self::ContentHandover => "ContentHandover",
        }
    }
}

impl EventKind {
    /// What came back, if this is that.
    #[must_use]
    pub fn answer(&self) -> Option<&Answer> {
        match self {
            Self::AnswerReceived(answer) => Some(answer),
            Self::Accepted
            | Self::AttemptStarted(_)
            | Self::AttemptPostponed(_)
            | Self::Observed(..)
            | Self::ObservedByTags(..)
            | Self::OfAnotherMessage(..)
            | Self::DeadlinePassed
            | Self::AnswerDeadlinePassed
            | Self::CopyHandedOver => None,
        }
    }

    /// The standard's name for this event, where it has one: 250 from the recipient's exchanger
    /// is a relay, never a content handover.
    #[must_use]
    pub fn etsi(&self) -> Option<EtsiEvent> {
        match self {
            Self::Accepted => Some(EtsiEvent::SubmissionAcceptance),
            Self::Observed(_, observation) | Self::ObservedByTags(_, observation, _) => {
                observation.etsi()
            }
            Self::DeadlinePassed => Some(EtsiEvent::RelayToNonErdsFailure),
            Self::AnswerReceived(answer) => match answer.road {
                AnswerRoad::Mail { .. } | AnswerRoad::Sms { .. } => {
                    Some(EtsiEvent::ReceivedFromNonErds)
                }
                // The link alone proves nobody: no code was asked for.
                AnswerRoad::Link { .. } => None,
            },
            Self::AnswerDeadlinePassed => Some(EtsiEvent::AcceptanceRejectionExpiry),
            Self::CopyHandedOver => Some(EtsiEvent::ContentHandover),
            Self::AttemptStarted(_) | Self::AttemptPostponed(_) | Self::OfAnotherMessage(..) => {
                None
            }
        }
    }

    /// What a provider reported about our message, and on which channel.
    #[must_use]
    pub fn observation(&self) -> Option<(Channel, &Observation)> {
        match self {
            Self::Observed(channel, seen) | Self::ObservedByTags(channel, seen, _) => {
                Some((*channel, seen))
            }
            Self::Accepted
            | Self::AttemptStarted(_)
            | Self::AttemptPostponed(_)
            | Self::OfAnotherMessage(..)
            | Self::DeadlinePassed
            | Self::AnswerReceived(_)
            | Self::AnswerDeadlinePassed
            | Self::CopyHandedOver => None,
        }
    }

    /// The provider's id of the message that a report named, where it is not the one that was
    /// known before.
    #[must_use]
    pub fn reported_message_id(&self) -> Option<&ProviderMessageId> {
        match self {
            Self::ObservedByTags(_, _, id) | Self::OfAnotherMessage(_, _, id) => Some(id),
            Self::Accepted
            | Self::AttemptStarted(_)
            | Self::AttemptPostponed(_)
            | Self::Observed(..)
            | Self::DeadlinePassed
            | Self::AnswerReceived(_)
            | Self::AnswerDeadlinePassed
            | Self::CopyHandedOver => None,
        }
    }

    /// The stable name used in stored items and logs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::AttemptStarted(Channel::Mail) => "attempt_started",
            Self::AttemptStarted(Channel::Sms) => "sms_attempt_started",
            Self::AttemptPostponed(Channel::Mail) => "attempt_postponed",
            Self::AttemptPostponed(Channel::Sms) => "sms_attempt_postponed",
            Self::DeadlinePassed => "deadline_passed",
            Self::AnswerReceived(_) => "answer_received",
            Self::AnswerDeadlinePassed => "answer_deadline_passed",
            Self::CopyHandedOver => "copy_handed_over",
            Self::OfAnotherMessage(..) => "of_another_message",
            Self::Observed(channel, observation)
            | Self::ObservedByTags(channel, observation, _) => observation.name_on(*channel),
        }
    }
}

impl Observation {
    fn etsi(&self) -> Option<EtsiEvent> {
        match self {
            Self::Delivered { .. } | Self::SmsConfirmed { .. } => Some(EtsiEvent::RelayToNonErds),
            Self::Bounced(Bounce {
                kind: BounceKind::AutomaticReply | BounceKind::Undetermined,
                ..
            }) => None,
            Self::Bounced(_) | Self::ProviderRefused { .. } | Self::SmsFailed { .. } => {
                Some(EtsiEvent::RelayToNonErdsFailure)
            }
            Self::ProviderAccepted { .. } | Self::Complained | Self::Delayed { .. } => None,
        }
    }

    /// The stable name of an observation on a channel, used in stored items and logs.
    #[must_use]
    pub fn name_on(&self, channel: Channel) -> &'static str {
        match (self, channel) {
            (Self::ProviderAccepted { .. }, Channel::Mail) => "provider_accepted",
            (Self::ProviderAccepted { .. }, Channel::Sms) => "sms_provider_accepted",
            (Self::ProviderRefused { .. }, Channel::Mail) => "provider_refused",
            (Self::ProviderRefused { .. }, Channel::Sms) => "sms_provider_refused",
            (Self::Delivered { .. }, _) => "delivered",
            (Self::SmsConfirmed { .. }, _) => "sms_confirmed",
            (Self::SmsFailed { .. }, _) => "sms_failed",
            (Self::Bounced(_), _) => "bounced",
            (Self::Complained, _) => "complained",
            (Self::Delayed { .. }, _) => "delayed",
        }
    }
}
