//! A registered mail that came back although its outcome was settled otherwise.

use crate::dispatch::decide::fate_of;
use crate::{Channel, Dispatch, Event, Fate, Observation, Outcome, Product, Progress};

/// Whether a report says that a mail was not delivered: the only kind that a certificate of
/// something else has to be added to. What a provider cannot tell, and a vacation notice, say
/// nothing about the delivery.
#[must_use]
pub fn is_late_bounce(progress: &Progress, channel: Channel, seen: &Observation) -> bool {
    // RFC 5321, section 6.1: a server that answered 250 may still report a failure later.
    let was_other = match progress.outcome() {
        Some(Outcome::Relayed | Outcome::Unconfirmed { .. }) => true,
        Some(
            Outcome::Noex
            | Outcome::Undelivered
            | Outcome::Answered
            | Outcome::NoResponse
            | Outcome::AnsweredLater
            | Outcome::BouncedLater
            | Outcome::NotAttempted(_),
        )
        | None => false,
    };
    let says_failure = match (channel, fate_of(seen)) {
        (Channel::Mail, Some(Fate::Noex | Fate::Undelivered)) => true,
        (Channel::Mail, Some(Fate::Relayed | Fate::NotAttempted(_)) | None) | (Channel::Sms, _) => {
            false
        }
    };
    was_other && says_failure
}

/// The late bounce of a registered mail that an addendum certifies: of several the one that was
/// written down first. Of a contract it is kept as an event and no more: what is certified of it is
/// the answer, or that none came, and both stay true.
#[must_use]
pub fn late_bounce<'e>(
    dispatch: &Dispatch,
    progress: &Progress,
    events: &'e [Event],
) -> Option<&'e Event> {
    match &dispatch.product {
        Product::Mail => {}
        Product::Contract(_) | Product::Addendum(_) => return None,
    }
    let came_late = |event: &&Event| {
        let seen = event.kind.observation();
        event.is_supplementary
            && seen.is_some_and(|(channel, seen)| is_late_bounce(progress, channel, seen))
    };
    let late = events.iter().filter(came_late);
    late.min_by_key(|event| (event.recorded_at, event.id))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{
        AnswerDeadline, AnswerToken, Bounce, BounceKind, DispatchId, EventId, EventKind,
        EventSource, NotAttempted, Offer, OfferOrder, Origin, Points, Recipient, Sha256Digest,
        ThreadKey,
    };

    fn dispatch(product: Product) -> Dispatch {
        Dispatch {
            id: "abc-01".parse().unwrap(),
            serial: "K7Q2-000001".parse().unwrap(),
            product,
            submission: "abc".parse().unwrap(),
            origin: Origin::Mail {
                inbound: "abc".parse().unwrap(),
                sender: "taro@sender.test".parse().unwrap(),
            },
            recipient: Recipient::Mail("hanako@recipient.test".parse().unwrap()),
            accepted_at: Timestamp::UNIX_EPOCH,
            price: Points::new(1),
            thread: ThreadKey::new(1),
        }
    }

    fn bounce(kind: BounceKind) -> Observation {
        Observation::Bounced(Bounce {
            kind,
            status: None,
            diagnostic: None,
        })
    }

    fn event(number: u8, second: i64, seen: Observation, is_supplementary: bool) -> Event {
        let at = Timestamp::new(second, 0).unwrap();
        Event {
            id: EventId::new(Sha256Digest::new([number; 32])),
            kind: EventKind::Observed(Channel::Mail, seen),
            source: EventSource::Ses,
            at,
            recorded_at: at,
            is_supplementary,
            verbatim: None,
        }
    }

    fn settled(outcome: Outcome) -> Progress {
        Progress::settled(outcome, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn only_what_says_that_the_mail_failed_is_a_late_bounce_q_28() {
        let relayed = settled(Outcome::Relayed);
        for (kind, is_late) in [
            (BounceKind::Permanent, true),
            (BounceKind::Refused, true),
            (BounceKind::Transient, true),
            (BounceKind::Undetermined, false),
            (BounceKind::AutomaticReply, false),
            (BounceKind::Suppressed, false),
        ] {
            let seen = bounce(kind);
            assert_eq!(
                is_late_bounce(&relayed, Channel::Mail, &seen),
                is_late,
                "{kind:?}"
            );
        }
        assert!(!is_late_bounce(
            &relayed,
            Channel::Mail,
            &Observation::Complained
        ));
    }

    #[test]
    fn an_outcome_that_says_the_same_needs_no_addendum() {
        let seen = bounce(BounceKind::Permanent);
        for outcome in Outcome::ALL {
            let expected = matches!(outcome, Outcome::Relayed | Outcome::Unconfirmed { .. });
            let is_late = is_late_bounce(&settled(outcome), Channel::Mail, &seen);
            assert_eq!(is_late, expected, "{outcome:?}");
        }
        assert!(!is_late_bounce(&Progress::default(), Channel::Mail, &seen));
        let refused = settled(Outcome::NotAttempted(NotAttempted::ProviderRefused));
        assert!(!is_late_bounce(&refused, Channel::Mail, &seen));
    }

    #[test]
    fn of_several_the_first_one_recorded_is_certified() {
        let failed = || bounce(BounceKind::Permanent);
        let events = [
            event(1, 9, failed(), false),
            event(2, 30, failed(), true),
            event(3, 20, failed(), true),
            event(4, 10, Observation::Complained, true),
        ];
        let relayed = settled(Outcome::Relayed);
        let mail = dispatch(Product::Mail);
        let late = late_bounce(&mail, &relayed, &events).unwrap();
        assert_eq!(late.id, events[2].id);
        assert_eq!(late_bounce(&mail, &Progress::default(), &events), None);
    }

    #[test]
    fn a_contract_and_an_addendum_have_none() {
        let events = [event(1, 9, bounce(BounceKind::Permanent), true)];
        let relayed = settled(Outcome::Relayed);
        let mail = dispatch(Product::Mail);
        let added = crate::Addendum::of_bounce(&mail, events[0].id);
        assert_eq!(added.id(), "abc-01-b".parse::<DispatchId>().unwrap());
        let offer = Offer {
            order: OfferOrder::Parallel,
            deadline: AnswerDeadline::default(),
            answer_until: Timestamp::UNIX_EPOCH,
            token: AnswerToken::new(1),
        };
        for product in [Product::Contract(offer), Product::Addendum(added)] {
            assert_eq!(late_bounce(&dispatch(product), &relayed, &events), None);
        }
    }
}
