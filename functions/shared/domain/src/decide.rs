//! The one rule that says what an event means for a dispatch.

use jiff::Timestamp;

use crate::{
    Attempt, BounceKind, EventKind, NotAttempted, Observation, Outcome, Progress, Settled,
};

/// What somebody asks of a dispatch, or tells about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Hand the message to the provider now.
    Attempt,
    /// The provider answered that it did not take the message and that we should come again.
    Postpone,
    /// A provider reported something.
    Observe(Observation),
    /// The time for a settling event is over.
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
    /// Hand the message to the provider.
    SendMessage,
    /// Spend the reserved points.
    PostCharge,
    /// Give the reserved points back.
    VoidCharge,
    /// Tell the waiting workflow that the outcome is settled.
    CompleteWait(Outcome),
}

impl Decision {
    /// Whether the message has to be handed to the provider now.
    #[must_use]
    pub fn sends_message(&self) -> bool {
        self.effects.contains(&Effect::SendMessage)
    }
}

/// Decides what a command means. Total: every command is answered in every state, a repeated one
/// changes nothing, and what is settled stays settled.
#[must_use]
pub fn decide(progress: &Progress, command: &Command, now: Timestamp) -> Decision {
    match command {
        Command::Attempt => attempt(progress, now),
        Command::Postpone => postpone(progress),
        Command::Observe(observation) => observe(progress, observation, now),
        Command::PassDeadline => match progress.settled {
            Some(_) => unchanged(progress),
            None => settle(
                progress.clone(),
                EventKind::DeadlinePassed,
                progress.outcome_at_deadline(),
                now,
            ),
        },
    }
}

/// Sends once: an attempt of unknown outcome is a state, not something to retry blindly.
fn attempt(progress: &Progress, now: Timestamp) -> Decision {
    match (&progress.attempt, progress.settled) {
        (Attempt::NotYet, None) => Decision {
            progress: Progress {
                attempt: Attempt::Underway { since: now },
                settled: None,
            },
            event: Some(EventKind::AttemptStarted),
            is_supplementary: false,
            effects: vec![Effect::SendMessage],
        },
        (_, Some(settled)) => Decision {
            effects: vec![Effect::CompleteWait(settled.outcome)],
            ..unchanged(progress)
        },
        (Attempt::Underway { .. } | Attempt::ProviderAccepted { .. }, None) => unchanged(progress),
    }
}

fn postpone(progress: &Progress) -> Decision {
    match (&progress.attempt, progress.settled) {
        (Attempt::Underway { .. }, None) => Decision {
            progress: Progress {
                attempt: Attempt::NotYet,
                settled: None,
            },
            event: Some(EventKind::AttemptPostponed),
            is_supplementary: false,
            effects: Vec::new(),
        },
        _ => unchanged(progress),
    }
}

fn observe(progress: &Progress, observation: &Observation, now: Timestamp) -> Decision {
    let event = EventKind::Observed(observation.clone());
    let next = learn_of_acceptance(progress, observation, now);
    match (progress.settled, outcome_of(observation)) {
        (Some(_), _) => record(next, event, true),
        (None, None) => record(next, event, false),
        (None, Some(outcome)) => settle(next, event, outcome, now),
    }
}

/// The provider's own word that it took the message ends our doubt, whenever it comes.
fn learn_of_acceptance(progress: &Progress, seen: &Observation, now: Timestamp) -> Progress {
    match (&progress.attempt, seen) {
        (
            Attempt::NotYet | Attempt::Underway { .. },
            Observation::ProviderAccepted { message_id },
        ) => Progress {
            attempt: Attempt::ProviderAccepted {
                at: now,
                message_id: message_id.clone(),
            },
            settled: progress.settled,
        },
        _ => progress.clone(),
    }
}

/// What an observation settles, if anything. A complaint and a delay settle nothing: they say
/// nothing certain about the handover.
fn outcome_of(observation: &Observation) -> Option<Outcome> {
    match observation {
        Observation::Delivered { .. } => Some(Outcome::Relayed),
        Observation::Bounced(bounce) => match bounce.kind {
            BounceKind::Permanent => Some(Outcome::Noex),
            BounceKind::Transient | BounceKind::Undetermined => Some(Outcome::Undelivered),
            BounceKind::Suppressed => Some(Outcome::NotAttempted(NotAttempted::Suppressed)),
            BounceKind::AutomaticReply => None,
        },
        Observation::ProviderRefused { .. } => {
            Some(Outcome::NotAttempted(NotAttempted::ProviderRefused))
        }
        Observation::ProviderAccepted { .. }
        | Observation::Complained
        | Observation::Delayed { .. } => None,
    }
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
        Command::Observe(Observation::Bounced(Bounce {
            kind,
            status: None,
            diagnostic: None,
        }))
    }

    fn delivered() -> Command {
        Command::Observe(Observation::Delivered {
            smtp_response: "250 2.0.0 OK".to_owned(),
            reporting_mta: "a8-50.smtp-out.amazonses.com".to_owned(),
        })
    }

    fn accepted() -> Command {
        Command::Observe(Observation::ProviderAccepted {
            message_id: "0100-1".parse().unwrap(),
        })
    }

    fn refused() -> Command {
        Command::Observe(Observation::ProviderRefused {
            reason: "MessageRejected".to_owned(),
        })
    }

    fn run(commands: &[Command]) -> (Progress, Vec<Effect>) {
        let mut progress = Progress::default();
        let mut effects = Vec::new();
        for command in commands {
            let decision = decide(&progress, command, now());
            effects.extend(decision.effects.iter().copied());
            progress = decision.progress;
        }
        (progress, effects)
    }

    #[test]
    fn each_way_of_a_mail_ends_in_its_outcome() {
        let delayed = Command::Observe(Observation::Delayed {
            reason: "MailboxFull".to_owned(),
        });
        let complained = Command::Observe(Observation::Complained);
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
                vec![Command::Postpone, Command::PassDeadline],
                "not_attempted_deadline",
                ChargeState::Voided,
            ),
        ] {
            let commands = [vec![Command::Attempt], commands].concat();
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
        let (progress, _) = run(&[Command::Attempt, accepted(), delivered()]);
        let decision = decide(&progress, &bounced(BounceKind::Permanent), now());
        assert!(decision.is_supplementary);
        assert!(decision.event.is_some());
        assert_eq!(decision.progress, progress);
        assert_eq!(decision.effects, []);
    }

    #[test]
    fn a_second_attempt_sends_nothing_while_the_first_is_unknown() {
        let (_, effects) = run(&[Command::Attempt, Command::Attempt, Command::Attempt]);
        assert_eq!(effects, [Effect::SendMessage]);
    }

    fn any_command() -> impl Strategy<Value = Command> {
        prop_oneof![
            Just(Command::Attempt),
            Just(Command::Postpone),
            Just(accepted()),
            Just(refused()),
            Just(delivered()),
            Just(bounced(BounceKind::Permanent)),
            Just(bounced(BounceKind::Transient)),
            Just(bounced(BounceKind::Undetermined)),
            Just(bounced(BounceKind::Suppressed)),
            Just(Command::Observe(Observation::Complained)),
            Just(Command::Observe(Observation::Delayed {
                reason: String::new()
            })),
            Just(Command::PassDeadline),
        ]
    }

    fn settles(command: &Command) -> bool {
        decide(&Progress::default(), command, now())
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
                commands.into_iter().filter(|command| *command != Command::Postpone).collect();
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
                    Just(Command::Observe(Observation::Complained)),
                    Just(Command::Observe(Observation::Delayed { reason: String::new() })),
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
