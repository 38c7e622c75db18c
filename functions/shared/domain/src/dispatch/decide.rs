//! The one rule that says what an event means for a dispatch.

use jiff::Timestamp;

use crate::{
    Answer, Attempt, BounceKind, Channel, Course, EventKind, Fate, Leg, NotAttempted, Observation,
    Outcome, Progress, ProviderMessageId, Roads, Settled, SmsFailureKind,
};

/// What somebody asks of a dispatch, or tells about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Hand the message to the provider of a channel now.
    Attempt(Channel),
    /// The provider answered that it did not take the message and that we should come again.
    Postpone(Channel),
    /// A provider answered our own request to send the message on a channel.
    Observe(Channel, Observation),
    /// A provider reported something later, to whoever listens.
    Report(ProviderReport),
    /// Something came back.
    Answer(Answer),
    /// The time for a settling event, or for an answer, is over.
    PassDeadline,
    /// The certificate was fetched after a proven code.
    HandOverCopy,
}

/// What a provider reported about a message that may be ours. Whoever may send through the
/// provider can make it report under our tags, but not under the id that it gave to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderReport {
    /// On which channel.
    pub channel: Channel,
    /// The provider's id of the message that it is about.
    pub message_id: ProviderMessageId,
    /// Whether the rest of it fits our message.
    pub fit: Fit,
    /// What was seen.
    pub observation: Observation,
}

/// Whether a report fits our message by everything but its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// Our tag, our configuration set, and the one recipient of the dispatch.
    Whole,
    /// One of these is another, or missing.
    Partial,
}

/// What follows from a command: the new progress, what to write down, what to send. How the charge
/// ends follows from the progress ([`Progress::charge_ended_since`]), and so does whom to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The progress from now on.
    pub progress: Progress,
    /// The event to record, if the command is worth one.
    pub event: Option<EventKind>,
    /// Whether that event came too late to change anything.
    pub is_supplementary: bool,
    /// On which channel the message is handed to its provider once the above is written, if it is.
    pub sends: Option<Channel>,
}

/// Decides what a command means. Total: every command is answered in every state, a repeated one
/// changes nothing, and what is settled stays settled.
#[must_use]
pub fn decide(course: Course, progress: &Progress, command: &Command, now: Timestamp) -> Decision {
    match command {
        Command::Attempt(channel) => attempt(course, progress, *channel, now),
        Command::Postpone(channel) => postpone(progress, *channel),
        Command::Observe(channel, seen) => observe(course, progress, *channel, seen, now),
        Command::Report(report) => take_report(course, progress, report, now),
        Command::Answer(answer) => take_answer(course, progress, answer, now),
        Command::PassDeadline => pass_deadline(course, progress, now),
        Command::HandOverCopy => {
            let is_supplementary = progress.settled.is_some();
            record(
                progress.clone(),
                EventKind::CopyHandedOver,
                is_supplementary,
            )
        }
    }
}

/// Sends once: an attempt of unknown outcome is a state, not something to retry blindly. An offer
/// is not sent on a channel that it does not take, nor after its deadline.
fn attempt(course: Course, progress: &Progress, channel: Channel, now: Timestamp) -> Decision {
    if progress.settled.is_some() {
        return unchanged(progress);
    }
    let is_over = match course {
        Course::Relay(_) => false,
        Course::Offer { answer_until, .. } => now >= answer_until,
        Course::Addendum => true,
    };
    if is_over || !course.takes(channel) || progress.leg(channel).attempt != Attempt::NotYet {
        return unchanged(progress);
    }
    let mut next = progress.clone();
    next.leg_mut(channel).attempt = Attempt::Underway { since: now };
    Decision {
        sends: Some(channel),
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
    let mut next = progress.clone();
    learn_of_acceptance(next.leg_mut(channel), observation, now);
    weigh(course, next, channel, observation, now)
}

/// What an observation about our message changes, beside what is known of its id.
fn weigh(
    course: Course,
    progress: Progress,
    channel: Channel,
    observation: &Observation,
    now: Timestamp,
) -> Decision {
    let event = EventKind::Observed(channel, observation.clone());
    let mut next = progress;
    if next.settled.is_some() {
        return record(next, event, true);
    }
    let leg = next.leg_mut(channel);
    // The first certain word about a channel stays; a later one is kept beside it.
    leg.fate = leg.fate.or(fate_of(observation));
    let outcome = match course {
        Course::Relay(channel) => next.leg(channel).fate.map(Fate::outcome),
        Course::Offer { roads, .. } => outcome_of_failed_offer(roads, &next),
        Course::Addendum => None,
    };
    match outcome {
        None => record(next, event, false),
        Some(outcome) => settle(next, event, outcome, now),
    }
}

/// A report is about our message when it names the id that the provider gave us. Before that id is
/// known, because the process that handed the message over may have died of it, a report that fits
/// in everything else tells it. No report is about a message that was never handed over.
fn take_report(
    course: Course,
    progress: &Progress,
    report: &ProviderReport,
    now: Timestamp,
) -> Decision {
    let (channel, seen) = (report.channel, &report.observation);
    let another = || {
        let (seen, message_id) = (seen.clone(), report.message_id.clone());
        let event = EventKind::OfAnotherMessage(channel, seen, message_id);
        record(progress.clone(), event, progress.settled.is_some())
    };
    match (&progress.leg(channel).attempt, report.fit) {
        (Attempt::ProviderAccepted { message_id, .. }, _) if *message_id == report.message_id => {
            weigh(course, progress.clone(), channel, seen, now)
        }
        (Attempt::Underway { .. }, Fit::Whole) => {
            let message_id = report.message_id.clone();
            let mut next = progress.clone();
            next.leg_mut(channel).attempt = Attempt::ProviderAccepted {
                at: now,
                message_id: message_id.clone(),
            };
            Decision {
                event: Some(EventKind::ObservedByTags(channel, seen.clone(), message_id)),
                ..weigh(course, next, channel, seen, now)
            }
        }
        (Attempt::ProviderAccepted { .. } | Attempt::NotYet, _)
        | (Attempt::Underway { .. }, Fit::Partial) => another(),
    }
}

/// The provider's own word that it took the message ends our doubt, whenever it comes. Its answer
/// to our own request outweighs an id that was adopted from a report.
fn learn_of_acceptance(leg: &mut Leg, seen: &Observation, now: Timestamp) {
    let Observation::ProviderAccepted { message_id } = seen else {
        return;
    };
    let is_known = match &leg.attempt {
        Attempt::NotYet | Attempt::Underway { .. } => false,
        Attempt::ProviderAccepted {
            message_id: known, ..
        } => known == message_id,
    };
    if !is_known {
        leg.attempt = Attempt::ProviderAccepted {
            at: now,
            message_id: message_id.clone(),
        };
    }
}

/// What an observation says for certain, if anything. A complaint and a delay say nothing certain
/// about the handover.
pub(super) fn fate_of(observation: &Observation) -> Option<Fate> {
    match observation {
        Observation::Delivered { .. } | Observation::SmsConfirmed { .. } => Some(Fate::Relayed),
        Observation::Bounced(bounce) => match bounce.kind {
            BounceKind::Permanent => Some(Fate::Noex),
            BounceKind::Refused | BounceKind::Transient => Some(Fate::Undelivered),
            BounceKind::Suppressed => Some(Fate::NotAttempted(NotAttempted::Suppressed)),
            BounceKind::AutomaticReply | BounceKind::Undetermined => None,
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
    outcome_of_failures(&fates)
}

/// What the failures of roads say together, if there are any.
fn outcome_of_failures(fates: &[Fate]) -> Option<Outcome> {
    let tried = fates
        .iter()
        .find(|fate| **fate == Fate::Undelivered)
        .or(fates.iter().find(|fate| **fate == Fate::Noex));
    tried.or(fates.first()).map(|fate| fate.outcome())
}

/// The first answer of the recipient in time settles an offer, on whatever road it came (P-021,
/// P-025). What its proof shows is weighed on the newest progress, so that the change that settles
/// the contract also ends what the token of the offer proves, and an answer what the tokens of
/// copies prove. Everything else that comes back is kept and changes nothing.
fn take_answer(course: Course, progress: &Progress, answer: &Answer, now: Timestamp) -> Decision {
    let answer = answer.weighed(progress);
    let mut next = progress.clone();
    if answer.is_of_recipient() {
        next.answers_taken = next.answers_taken.saturating_add(1);
    }
    let is_in_time = match course {
        Course::Relay(_) | Course::Addendum => false,
        Course::Offer { answer_until, .. } => answer.received_at <= answer_until,
    };
    let settles = progress.settled.is_none() && is_in_time && answer.is_of_recipient();
    let event = EventKind::AnswerReceived(answer);
    if settles {
        settle(next, event, Outcome::Answered, now)
    } else {
        record(next, event, progress.settled.is_some())
    }
}

/// The deadline of an offer counts by the clock, not by whoever says that it passed.
fn pass_deadline(course: Course, progress: &Progress, now: Timestamp) -> Decision {
    let (event, outcome) = match course {
        Course::Relay(channel) => (
            EventKind::DeadlinePassed,
            outcome_of_silence(&progress.leg(channel).attempt),
        ),
        Course::Offer { answer_until, .. } if now < answer_until => return unchanged(progress),
        Course::Addendum => return unchanged(progress),
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

/// Only an offer that a provider took, and that did not come back, can have been left without an
/// answer (P-043, X-9). The certificate says of each road what was heard of it.
fn outcome_at_answer_deadline(roads: Roads, progress: &Progress) -> Outcome {
    let legs: Vec<&Leg> = Channel::ALL
        .into_iter()
        .filter(|channel| roads.include(*channel))
        .map(|channel| progress.leg(channel))
        .collect();
    let went_out = |leg: &&Leg| match leg.fate {
        Some(fate) => fate == Fate::Relayed,
        None => matches!(leg.attempt, Attempt::ProviderAccepted { .. }),
    };
    if legs.iter().any(went_out) {
        return Outcome::NoResponse;
    }
    let is_doubtful =
        |leg: &&Leg| leg.fate.is_none() && matches!(leg.attempt, Attempt::Underway { .. });
    if legs.iter().any(is_doubtful) {
        return Outcome::Unconfirmed {
            provider_accepted: false,
        };
    }
    let fates: Vec<Fate> = legs.iter().filter_map(|leg| leg.fate).collect();
    outcome_of_failures(&fates).unwrap_or(Outcome::NotAttempted(NotAttempted::DeadlinePassed))
}

fn settle(progress: Progress, event: EventKind, outcome: Outcome, now: Timestamp) -> Decision {
    let settled = Progress {
        settled: Some(Settled { outcome, at: now }),
        ..progress
    };
    record(settled, event, false)
}

fn record(progress: Progress, event: EventKind, is_supplementary: bool) -> Decision {
    Decision {
        progress,
        event: Some(event),
        is_supplementary,
        sends: None,
    }
}

fn unchanged(progress: &Progress) -> Decision {
    Decision {
        progress: progress.clone(),
        event: None,
        is_supplementary: false,
        sends: None,
    }
}

#[cfg(test)]
mod tests;
