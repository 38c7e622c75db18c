//! A dispatch: one message to one recipient, with its own serial, charge and certificate.

mod change;
mod decide;
mod event;
mod late_bounce;
mod outcome;
mod product;
mod recipient;

pub use self::change::{DeliveryChange, FileReason};
pub use self::decide::{Command, Decision, Fit, ProviderReport, decide};
pub use self::event::{
    Bounce, BounceKind, EtsiEvent, Event, EventKind, EventSource, Observation, SmsFailureKind,
};
pub use self::late_bounce::{is_late_bounce, late_bounce};
pub use self::outcome::{NotAttempted, Outcome};
pub use self::product::{Addendum, AddendumReason, Product, ProductName};
pub use self::recipient::{Channel, Recipient};

use jiff::Timestamp;

use crate::{
    AnswerToken, DispatchId, Named, Offer, OfferOrder, Origin, Points, ProviderMessageId, Serial,
    SubmissionId, ThreadKey,
};

/// What was fixed at intake and never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispatch {
    /// Its id, also the name of its workflow execution.
    pub id: DispatchId,
    /// Printed everywhere.
    pub serial: Serial,
    /// Which product.
    pub product: Product,
    /// The submission that it is a part of.
    pub submission: SubmissionId,
    /// How that came in, and who is behind it.
    pub origin: Origin,
    /// Whom it goes to.
    pub recipient: Recipient,
    /// When we accepted it.
    pub accepted_at: Timestamp,
    /// What it costs.
    pub price: Points,
    /// By what a mail that refers to a message of ours is known.
    pub thread: ThreadKey,
}

/// What the rules of [`decide`](crate::decide) need to know about a dispatch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// One message on one channel, settled by what becomes of it.
    Relay(Channel),
    /// An offer, settled by its answer, by the failure of all its roads, or by its deadline.
    Offer {
        /// The roads it takes.
        roads: Roads,
        /// Until when an answer counts.
        answer_until: Timestamp,
    },
    /// An addendum: settled from the start.
    Addendum,
}

/// The roads of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Roads {
    /// One.
    Only(Channel),
    /// Mail and SMS, in this order.
    Both(OfferOrder),
}

impl Course {
    /// Whether the message goes out on this channel at all.
    #[must_use]
    pub fn takes(self, channel: Channel) -> bool {
        match self {
            Self::Relay(only) => only == channel,
            Self::Offer { roads, .. } => roads.include(channel),
            Self::Addendum => false,
        }
    }
}

impl Roads {
    /// Whether the offer goes out on this channel at all.
    #[must_use]
    pub fn include(self, channel: Channel) -> bool {
        match self {
            Self::Only(only) => only == channel,
            Self::Both(_) => true,
        }
    }
}

impl Offer {
    /// The roads that it takes to a recipient.
    #[must_use]
    pub fn roads_to(&self, recipient: &Recipient) -> Roads {
        match recipient {
            Recipient::Mail(_) => Roads::Only(Channel::Mail),
            Recipient::Mobile(_) => Roads::Only(Channel::Sms),
            Recipient::Both { .. } => Roads::Both(self.order),
        }
    }
}

impl Dispatch {
    /// What the rules need to know about it.
    #[must_use]
    pub fn course(&self) -> Course {
        match &self.product {
            Product::Mail => Course::Relay(Channel::Mail),
            Product::Contract(offer) => Course::Offer {
                roads: offer.roads_to(&self.recipient),
                answer_until: offer.answer_until,
            },
            Product::Addendum(_) => Course::Addendum,
        }
    }

    /// Since when its sender has waited for the certificate, and for nobody else (I-052): since the
    /// acceptance, but for the time that the other party of a contract took.
    #[must_use]
    pub fn awaits_certificate_since(&self, settled: &Settled) -> Timestamp {
        match &self.product {
            Product::Mail => self.accepted_at,
            Product::Contract(_) | Product::Addendum(_) => settled.at,
        }
    }

    /// By what answers to its message are recognized, if one is awaited.
    #[must_use]
    pub fn answer_token(&self) -> Option<&AnswerToken> {
        match &self.product {
            Product::Contract(offer) => Some(&offer.token),
            Product::Mail | Product::Addendum(_) => None,
        }
    }

    /// Until when an answer to its message counts, if one is awaited.
    #[must_use]
    pub fn answer_until(&self) -> Option<Timestamp> {
        match &self.product {
            Product::Contract(offer) => Some(offer.answer_until),
            Product::Mail | Product::Addendum(_) => None,
        }
    }

    /// The contract that an answer to a mail about it belongs to.
    #[must_use]
    pub fn contract(&self) -> Option<&DispatchId> {
        match &self.product {
            Product::Contract(_) => Some(&self.id),
            Product::Addendum(addendum) => match addendum.reason {
                AddendumReason::LateAnswer => Some(&addendum.main),
                AddendumReason::LateBounce => None,
            },
            Product::Mail => None,
        }
    }

    /// The dispatch to whose certificate its own adds, if it stands not alone.
    #[must_use]
    pub fn adds_to(&self) -> Option<&DispatchId> {
        match &self.product {
            Product::Addendum(addendum) => Some(&addendum.main),
            Product::Mail | Product::Contract(_) => None,
        }
    }

    /// An addendum to the certificate of this dispatch: the same parties, the same submission, a
    /// serial of its own and no price.
    #[must_use]
    pub fn with_addendum(&self, addendum: Addendum, serial: Serial) -> Self {
        Self {
            id: addendum.id(),
            serial,
            product: Product::Addendum(addendum),
            price: Points::new(0),
            ..self.clone()
        }
    }
}

/// How far a dispatch has come. Only [`decide`](crate::decide) makes a new one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// How far the mail has come.
    pub mail: Leg,
    /// How far the SMS of an offer has come.
    pub sms: Leg,
    /// The outcome, once settled; it never changes afterwards.
    pub settled: Option<Settled>,
    /// How many answers of the recipient's were taken, whatever they changed. Each ends what the
    /// tokens of the copies before it prove.
    pub answers_taken: u32,
}

/// One channel of a dispatch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Leg {
    /// What is known about handing the message to the provider.
    pub attempt: Attempt,
    /// What became of it, once that is known; the first certain word stays.
    pub fate: Option<Fate>,
}

/// What became of a message on one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The recipient's mail exchanger took it over, or the carrier confirmed it.
    Relayed,
    /// The address or number does not exist.
    Noex,
    /// It failed for another reason.
    Undelivered,
    /// Nobody tried.
    NotAttempted(NotAttempted),
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
}

impl Named for ChargeState {
    const VALUES: &'static [Self] = &Self::ALL;

    // Used in stored items and shown to operators.
    fn name(self) -> &'static str {
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
    /// Of a dispatch that begins settled.
    #[must_use]
    pub fn settled(outcome: Outcome, at: Timestamp) -> Self {
        Self {
            settled: Some(Settled { outcome, at }),
            ..Self::default()
        }
    }

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

    /// How the reserved points end, if they end between an earlier progress and this one.
    #[must_use]
    pub fn charge_ended_since(&self, before: &Self) -> Option<ChargeState> {
        let ends_now = before.charge() == ChargeState::Reserved;
        Some(self.charge()).filter(|charge| ends_now && *charge != ChargeState::Reserved)
    }

    /// One channel.
    #[must_use]
    pub fn leg(&self, channel: Channel) -> &Leg {
        match channel {
            Channel::Mail => &self.mail,
            Channel::Sms => &self.sms,
        }
    }

    pub(crate) fn leg_mut(&mut self, channel: Channel) -> &mut Leg {
        match channel {
            Channel::Mail => &mut self.mail,
            Channel::Sms => &mut self.sms,
        }
    }

    /// The road of an offer that failed while the other one goes on, and how it failed: something
    /// the sender can still mend. At most one of two, because the offer ends with the second.
    #[must_use]
    pub fn failed_road(&self, course: Course) -> Option<(Channel, Fate)> {
        match course {
            Course::Offer {
                roads: Roads::Both(_),
                ..
            } if self.settled.is_none() => Channel::ALL.into_iter().find_map(|channel| {
                let fate = self.leg(channel).fate?;
                (fate != Fate::Relayed).then_some((channel, fate))
            }),
            Course::Offer { .. } | Course::Relay(_) | Course::Addendum => None,
        }
    }

    /// Whether it is time for the SMS of an offer whose mail goes first (P-022): what became of
    /// the mail is known, and the SMS was not tried yet.
    #[must_use]
    pub fn is_turn_of_sms(&self, course: Course) -> bool {
        matches!(
            course,
            Course::Offer {
                roads: Roads::Both(OfferOrder::MailThenSms),
                ..
            }
        ) && self.settled.is_none()
            && self.mail.fate.is_some()
            && self.sms.attempt == Attempt::NotYet
            && self.sms.fate.is_none()
    }
}

impl Fate {
    /// Every fate there is.
    pub const ALL: [Self; 7] = [
        Self::Relayed,
        Self::Noex,
        Self::Undelivered,
        Self::NotAttempted(NotAttempted::Suppressed),
        Self::NotAttempted(NotAttempted::ProviderRefused),
        Self::NotAttempted(NotAttempted::SpendingLimit),
        Self::NotAttempted(NotAttempted::DeadlinePassed),
    ];

    /// The outcome of a dispatch that ends with this.
    #[must_use]
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Relayed => Outcome::Relayed,
            Self::Noex => Outcome::Noex,
            Self::Undelivered => Outcome::Undelivered,
            Self::NotAttempted(reason) => Outcome::NotAttempted(reason),
        }
    }
}

impl Named for Fate {
    const VALUES: &'static [Self] = &Self::ALL;

    // Used in stored items and on certificates.
    fn name(self) -> &'static str {
        self.outcome().name()
    }
}
