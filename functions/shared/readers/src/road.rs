//! The roads of an offer: what is said of each.

use certificate::{ChannelRow, ChannelState};
use domain::{Attempt, Channel, Event, EventKind, Fate, Leg, Observation};

/// Who sends SMS for the service, as certificates name it.
pub const SMS_PROVIDER: &str = "Amazon SNS";

/// What became of an offer on one road.
#[must_use]
pub fn channel_row(channel: Channel, leg: &Leg, events: &[Event]) -> ChannelRow {
    let seen = events
        .iter()
        .find(|event| !event.is_supplementary && says_what_became(&event.kind, channel));
    ChannelRow {
        channel,
        state: channel_state(leg),
        at: seen.map(|event| event.at),
        detail: seen.and_then(detail),
    }
}

/// What is known about it.
pub(crate) fn channel_state(leg: &Leg) -> ChannelState {
    match (leg.fate, &leg.attempt) {
        (Some(Fate::Relayed), _) => ChannelState::Accepted,
        (Some(Fate::Noex), _) => ChannelState::NotExisting,
        (Some(Fate::Undelivered), _) => ChannelState::Undelivered,
        (Some(Fate::NotAttempted(_)), _) | (None, Attempt::NotYet) => ChannelState::NotAttempted,
        (None, Attempt::Underway { .. } | Attempt::ProviderAccepted { .. }) => {
            ChannelState::Unconfirmed
        }
    }
}

/// Whether an event says what became of it on a channel.
pub(crate) fn says_what_became(kind: &EventKind, channel: Channel) -> bool {
    let Some((seen_on, observation)) = kind.observation() else {
        return false;
    };
    seen_on == channel
        && match observation {
            Observation::Delivered { .. }
            | Observation::SmsConfirmed { .. }
            | Observation::SmsFailed { .. }
            | Observation::Bounced(_)
            | Observation::ProviderRefused { .. } => true,
            Observation::ProviderAccepted { .. }
            | Observation::Complained
            | Observation::Delayed { .. } => false,
        }
}

/// The provider's own words.
pub(crate) fn detail(event: &Event) -> Option<String> {
    let (_, observation) = event.kind.observation()?;
    match observation {
        Observation::Delivered { smtp_response, .. } => Some(smtp_response.clone()),
        Observation::SmsConfirmed {
            provider_response, ..
        }
        | Observation::SmsFailed {
            provider_response, ..
        } => Some(provider_response.clone()),
        Observation::Bounced(bounce) => bounce.diagnostic.clone().or(bounce.status.clone()),
        Observation::ProviderRefused { reason } | Observation::Delayed { reason } => {
            Some(reason.clone())
        }
        Observation::ProviderAccepted { .. } | Observation::Complained => None,
    }
}

/// The carrier that took an SMS, where a report names it (P-066).
#[must_use]
pub fn carrier_in(event: &Event) -> Option<String> {
    match event.kind.observation() {
        Some((_, Observation::SmsConfirmed { carrier, .. })) => carrier.clone(),
        Some(_) | None => None,
    }
}
