//! The one rule that says what an event means for a dispatch.

use jiff::Timestamp;

use crate::{
    Answer, Attempt, BounceKind, Channel, Course, EventKind, Fate, Leg, NotAttempted, Observation,
    Outcome, Progress, Roads, Settled, SmsFailureKind,
};

/// What somebody asks of a dispatch, or tells about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Hand the message to the provider of a channel now.
    Attempt(Channel),
    /// The provider answered that it did not take the message and that we should come again.
    Postpone(Channel),
    /// A provider reported something about the message on a channel.
    Observe(Channel, Observation),
    /// Something came back.
    Answer(Answer),
    /// The time for a settling event, or for an answer, is over.
    PassDeadline,
}

/// What follows from a command: the new progress, what to write down, what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The progress from now on.
    pub progress: Progress,
    /// The event to record, if the command is worth one.
    pub event: Option<EventKind>,
    /// Whether that event came too late to change anything.
    pub is_supplementary: bool,
    /// What the shell has to do once the above is written.
    pub effects: Vec<Effect>,
}

/// What the shell has to do, in this order, after the decision was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Hand the message to the provider of a channel.
    SendMessage(Channel),
    /// Spend the reserved points.
    PostCharge,
    /// Give the reserved points back.
    VoidCharge,
    /// Tell the waiting workflow that the outcome is settled.
    CompleteWait(Outcome),
}

impl Decision {
    /// Whether a message has to be handed to a provider now.
    #[must_use]
    pub fn sends_message(&self) -> bool {
        let sends = |effect: &Effect| matches!(effect, Effect::SendMessage(_));
        self.effects.iter().any(sends)
    }
}

/// Decides what a command means. Total: every command is answered in every state, a repeated one
/// changes nothing, and what is settled stays settled.
#[must_use]
pub fn decide(course: Course, progress: &Progress, command: &Command, now: Timestamp) -> Decision {
    match command {
        Command::Attempt(channel) => attempt(course, progress, *channel, now),
        Command::Postpone(channel) => postpone(progress, *channel),
        Command::Observe(channel, seen) => observe(course, progress, *channel, seen, now),
        Command::Answer(answer) => take_answer(course, progress, answer, now),
        Command::PassDeadline => pass_deadline(course, progress, now),
    }
}

/// Sends once: an attempt of unknown outcome is a state, not something to retry blindly. An offer
/// is not sent on a channel that it does not take, nor after its deadline.
fn attempt(course: Course, progress: &Progress, channel: Channel, now: Timestamp) -> Decision {
    if let Some(settled) = progress.settled {
        return Decision {
            effects: vec![Effect::CompleteWait(settled.outcome)],
            ..unchanged(progress)
        };
    }
    let is_over = match course {
        Course::Relay => false,
        Course::Offer { answer_until, .. } => now >= answer_until,
    };
    if is_over || !course.takes(channel) || progress.leg(channel).attempt != Attempt::NotYet {
        return unchanged(progress);
    }
    let mut next = progress.clone();
    next.leg_mut(channel).attempt = Attempt::Underway { since: now };
    Decision {
        effects: vec![Effect::SendMessage(channel)],
        ..record(next, EventKind::AttemptStarted(channel), false)
    }
}

fn postpone(progress: &Progress, channel: Channel) -> Decision {
    match (&progress.leg(channel).attempt, progress.settled) {
        (Attempt::Underway { .. }, None) => {
            let mut next = progress.clone();
            next.leg_mut(channel).attempt = Attempt::NotYet;
            record(next, EventKind::AttemptPostponed(channel), false)
        }
        (Attempt::NotYet | Attempt::ProviderAccepted { .. }, _) | (_, Some(_)) => {
            unchanged(progress)
        }
    }
}

fn observe(
    course: Course,
    progress: &Progress,
    channel: Channel,
    observation: &Observation,
    now: Timestamp,
) -> Decision {
    let event = EventKind::Observed(channel, observation.clone());
    let mut next = progress.clone();
    let leg = next.leg_mut(channel);
    learn_of_acceptance(leg, observation, now);
    if progress.settled.is_some() {
        return record(next, event, true);
    }
    // The first certain word about a channel stays; a later one is kept beside it.
    leg.fate = leg.fate.or(fate_of(observation));
    let outcome = match course {
        Course::Relay => next.mail.fate.map(Fate::outcome),
        Course::Offer { roads, .. } => outcome_of_failed_offer(roads, &next),
    };
    match outcome {
        None => record(next, event, false),
        Some(outcome) => settle(next, event, outcome, now),
    }
}

/// The provider's own word that it took the message ends our doubt, whenever it comes.
fn learn_of_acceptance(leg: &mut Leg, seen: &Observation, now: Timestamp) {
    if let (
        Attempt::NotYet | Attempt::Underway { .. },
        Observation::ProviderAccepted { message_id },
    ) = (&leg.attempt, seen)
    {
        leg.attempt = Attempt::ProviderAccepted {
            at: now,
            message_id: message_id.clone(),
        };
    }
}

/// What an observation says for certain, if anything. A complaint and a delay say nothing certain
/// about the handover.
fn fate_of(observation: &Observation) -> Option<Fate> {
    match observation {
        Observation::Delivered { .. } | Observation::SmsConfirmed { .. } => Some(Fate::Relayed),
        Observation::Bounced(bounce) => match bounce.kind {
            BounceKind::Permanent => Some(Fate::Noex),
            BounceKind::Transient | BounceKind::Undetermined => Some(Fate::Undelivered),
            BounceKind::Suppressed => Some(Fate::NotAttempted(NotAttempted::Suppressed)),
            BounceKind::AutomaticReply => None,
        },
        Observation::SmsFailed { kind, .. } => Some(match kind {
            SmsFailureKind::InvalidNumber => Fate::Noex,
            SmsFailureKind::Unreachable => Fate::Undelivered,
            SmsFailureKind::OptedOut => Fate::NotAttempted(NotAttempted::Suppressed),
            SmsFailureKind::SpendingLimit => Fate::NotAttempted(NotAttempted::SpendingLimit),
        }),
        Observation::ProviderRefused { .. } => {
            Some(Fate::NotAttempted(NotAttempted::ProviderRefused))
        }
        Observation::ProviderAccepted { .. }
        | Observation::Complained
        | Observation::Delayed { .. } => None,
    }
}

/// An offer ends without an answer when all its roads have failed (P-030, P-042). It is NOEX when
/// every road that was tried ended at an address or number that does not exist.
fn outcome_of_failed_offer(roads: Roads, progress: &Progress) -> Option<Outcome> {
    let taken = Channel::ALL
        .into_iter()
        .filter(|channel| roads.include(*channel));
    let fates: Option<Vec<Fate>> = taken.map(|channel| progress.leg(channel).fate).collect();
    let fates = fates?;
    if fates.contains(&Fate::Relayed) {
        return None;
    }
    let tried = fates
        .iter()
        .find(|fate| **fate == Fate::Undelivered)
        .or(fates.iter().find(|fate| **fate == Fate::Noex));
    tried.or(fates.first()).map(|fate| fate.outcome())
}

/// The first answer of the recipient in time settles an offer, on whatever road it came (P-021,
/// P-025). Everything else that comes back is kept and changes nothing.
fn take_answer(course: Course, progress: &Progress, answer: &Answer, now: Timestamp) -> Decision {
    let event = EventKind::AnswerReceived(answer.clone());
    let is_in_time = match course {
        Course::Relay => false,
        Course::Offer { answer_until, .. } => answer.received_at <= answer_until,
    };
    if progress.settled.is_none() && is_in_time && answer.is_of_recipient() {
        settle(progress.clone(), event, Outcome::Answered, now)
    } else {
        record(progress.clone(), event, progress.settled.is_some())
    }
}

/// The deadline of an offer counts by the clock, not by whoever says that it passed.
fn pass_deadline(course: Course, progress: &Progress, now: Timestamp) -> Decision {
    let (event, outcome) = match course {
        Course::Relay => (
            EventKind::DeadlinePassed,
            outcome_of_silence(&progress.mail.attempt),
        ),
        Course::Offer { answer_until, .. } if now < answer_until => return unchanged(progress),
        Course::Offer { roads, .. } => (
            EventKind::AnswerDeadlinePassed,
            outcome_at_answer_deadline(roads, progress),
        ),
    };
    match progress.settled {
        Some(_) => unchanged(progress),
        None => settle(progress.clone(), event, outcome, now),
    }
}

fn outcome_of_silence(attempt: &Attempt) -> Outcome {
    match attempt {
        Attempt::NotYet => Outcome::NotAttempted(NotAttempted::DeadlinePassed),
        Attempt::Underway { .. } => Outcome::Unconfirmed {
            provider_accepted: false,
        },
        Attempt::ProviderAccepted { .. } => Outcome::Unconfirmed {
            provider_accepted: true,
        },
    }
}

/// Only an offer that a provider took can have been left without an answer (P-043). The
/// certificate says of each road what was heard of it.
fn outcome_at_answer_deadline(roads: Roads, progress: &Progress) -> Outcome {
    let legs: Vec<&Leg> = Channel::ALL
        .into_iter()
        .filter(|channel| roads.include(*channel))
        .map(|channel| progress.leg(channel))
        .collect();
    let went_out = |leg: &&Leg| {
        matches!(leg.attempt, Attempt::ProviderAccepted { .. }) || leg.fate == Some(Fate::Relayed)
    };
    if legs.iter().any(went_out) {
        return Outcome::NoResponse;
    }
    let is_doubtful = |leg: &&&Leg| matches!(leg.attempt, Attempt::Underway { .. });
    let doubtful = legs.iter().find(is_doubtful);
    outcome_of_silence(doubtful.map_or(&Attempt::NotYet, |leg| &leg.attempt))
}

fn settle(progress: Progress, event: EventKind, outcome: Outcome, now: Timestamp) -> Decision {
    let charge = if outcome.is_charged() {
        Effect::PostCharge
    } else {
        Effect::VoidCharge
    };
    Decision {
        progress: Progress {
            settled: Some(Settled { outcome, at: now }),
            ..progress
        },
        event: Some(event),
        is_supplementary: false,
        effects: vec![charge, Effect::CompleteWait(outcome)],
    }
}

fn record(progress: Progress, event: EventKind, is_supplementary: bool) -> Decision {
    Decision {
        progress,
        event: Some(event),
        is_supplementary,
        effects: Vec::new(),
    }
}

fn unchanged(progress: &Progress) -> Decision {
    Decision {
        progress: progress.clone(),
        event: None,
        is_supplementary: false,
        effects: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Bounce, ChargeState};

    fn now() -> Timestamp {
        "2026-01-05T00:00:00Z".parse().unwrap()
    }

    fn bounced(kind: BounceKind) -> Command {
        Command::Observe(
            Channel::Mail,
            Observation::Bounced(Bounce {
                kind,
                status: None,
                diagnostic: None,
            }),
        )
    }

    fn delivered() -> Command {
        Command::Observe(
            Channel::Mail,
            Observation::Delivered {
                smtp_response: "250 2.0.0 OK".to_owned(),
                reporting_mta: "a8-50.smtp-out.amazonses.com".to_owned(),
            },
        )
    }

    fn accepted() -> Command {
        Command::Observe(
            Channel::Mail,
            Observation::ProviderAccepted {
                message_id: "0100-1".parse().unwrap(),
            },
        )
    }

    fn refused() -> Command {
        Command::Observe(
            Channel::Mail,
            Observation::ProviderRefused {
                reason: "MessageRejected".to_owned(),
            },
        )
    }

    fn run(commands: &[Command]) -> (Progress, Vec<Effect>) {
        let mut progress = Progress::default();
        let mut effects = Vec::new();
        for command in commands {
            let decision = decide(Course::Relay, &progress, command, now());
            effects.extend(decision.effects.iter().copied());
            progress = decision.progress;
        }
        (progress, effects)
    }

    #[test]
    fn each_way_of_a_mail_ends_in_its_outcome() {
        let delayed = Command::Observe(
            Channel::Mail,
            Observation::Delayed {
                reason: "MailboxFull".to_owned(),
            },
        );
        let complained = Command::Observe(Channel::Mail, Observation::Complained);
        for (commands, outcome, charge) in [
            (
                vec![accepted(), delivered()],
                "relayed",
                ChargeState::Posted,
            ),
            (
                vec![accepted(), delayed, delivered(), complained],
                "relayed",
                ChargeState::Posted,
            ),
            (
                vec![accepted(), bounced(BounceKind::Permanent)],
                "noex",
                ChargeState::Posted,
            ),
            (
                vec![accepted(), bounced(BounceKind::Transient)],
                "undelivered",
                ChargeState::Posted,
            ),
            (
                vec![accepted(), bounced(BounceKind::Suppressed)],
                "not_attempted_suppressed",
                ChargeState::Voided,
            ),
            (
                vec![refused()],
                "not_attempted_refused",
                ChargeState::Voided,
            ),
            (
                vec![accepted(), Command::PassDeadline],
                "unconfirmed",
                ChargeState::Posted,
            ),
            (
                vec![Command::PassDeadline],
                "unconfirmed_unsent",
                ChargeState::Voided,
            ),
            (
                vec![Command::Postpone(Channel::Mail), Command::PassDeadline],
                "not_attempted_deadline",
                ChargeState::Voided,
            ),
        ] {
            let commands = [vec![Command::Attempt(Channel::Mail)], commands].concat();
            let (progress, _) = run(&commands);
            assert_eq!(
                progress.outcome().map(Outcome::name),
                Some(outcome),
                "{commands:?}"
            );
            assert_eq!(progress.charge(), charge, "{commands:?}");
        }
    }

    #[test]
    fn a_late_bounce_is_kept_as_supplementary_and_changes_nothing() {
        let (progress, _) = run(&[Command::Attempt(Channel::Mail), accepted(), delivered()]);
        let decision = decide(
            Course::Relay,
            &progress,
            &bounced(BounceKind::Permanent),
            now(),
        );
        assert!(decision.is_supplementary);
        assert!(decision.event.is_some());
        assert_eq!(decision.progress, progress);
        assert_eq!(decision.effects, []);
    }

    #[test]
    fn a_second_attempt_sends_nothing_while_the_first_is_unknown() {
        let (_, effects) = run(&[
            Command::Attempt(Channel::Mail),
            Command::Attempt(Channel::Mail),
            Command::Attempt(Channel::Mail),
        ]);
        assert_eq!(effects, [Effect::SendMessage(Channel::Mail)]);
    }

    fn any_command() -> impl Strategy<Value = Command> {
        prop_oneof![
            Just(Command::Attempt(Channel::Mail)),
            Just(Command::Postpone(Channel::Mail)),
            Just(accepted()),
            Just(refused()),
            Just(delivered()),
            Just(bounced(BounceKind::Permanent)),
            Just(bounced(BounceKind::Transient)),
            Just(bounced(BounceKind::Undetermined)),
            Just(bounced(BounceKind::Suppressed)),
            Just(Command::Observe(Channel::Mail, Observation::Complained)),
            Just(Command::Observe(
                Channel::Mail,
                Observation::Delayed {
                    reason: String::new()
                }
            )),
            Just(Command::PassDeadline),
        ]
    }

    fn settles(command: &Command) -> bool {
        decide(Course::Relay, &Progress::default(), command, now())
            .progress
            .settled
            .is_some()
    }

    proptest! {
        #[test]
        fn whatever_comes_the_charge_is_decided_once_and_stays(
            commands in proptest::collection::vec(any_command(), 0..40),
        ) {
            let (progress, effects) = run(&commands);
            let charges = effects
                .iter()
                .filter(|effect| matches!(effect, Effect::PostCharge | Effect::VoidCharge))
                .count();
            prop_assert_eq!(charges, usize::from(progress.settled.is_some()));
            let first = commands.iter().find(|command| settles(command));
            prop_assert_eq!(progress.settled.is_some(), first.is_some());
        }

        #[test]
        fn a_repeated_command_is_as_good_as_one(
            commands in proptest::collection::vec(any_command(), 0..20),
        ) {
            // `Attempt` after `Postpone` is a new attempt by design, so it is left out here.
            let commands: Vec<_> =
                commands.into_iter().filter(|command| *command != Command::Postpone(Channel::Mail)).collect();
            let doubled: Vec<_> =
                commands.iter().flat_map(|command| [command.clone(), command.clone()]).collect();
            prop_assert_eq!(run(&commands).0, run(&doubled).0);
        }

        #[test]
        fn one_settling_event_gives_one_outcome_in_any_order(
            noise in proptest::collection::vec(
                prop_oneof![
                    Just(accepted()),
                    Just(bounced(BounceKind::AutomaticReply)),
                    Just(Command::Observe(Channel::Mail, Observation::Complained)),
                    Just(Command::Observe(Channel::Mail, Observation::Delayed { reason: String::new() })),
                ],
                0..10,
            ),
            settling in any_command().prop_filter("settles", settles),
            position in 0_usize..10,
        ) {
            prop_assume!(settling != Command::PassDeadline);
            let alone = run(std::slice::from_ref(&settling)).0.outcome();
            let mut commands = noise;
            commands.insert(position.min(commands.len()), settling);
            prop_assert_eq!(run(&commands).0.outcome(), alone);
        }
    }
}
