//! The outcome, as it follows from the log by the rules of the service.

use certificate::{Added, BounceSection, Evidence, OutcomeWords, ProductEvidence};
use domain::{
    Answer, AnswerProof, Bounce, Channel, Command, Course, Event, EventKind, Named, Observation,
    Outcome, Product, ProductName, Progress, Recipient, Roads, decide,
};

use super::answer::certified;
use super::events::Log;
use super::values::Values;
use crate::outcome::outcome_words;

/// Compares the outcome and its words.
pub(super) fn compare(evidence: &Evidence, log: &Log, values: &mut Values) {
    let said = &evidence.outcome;
    let found: Vec<&str> = match &evidence.product {
        ProductEvidence::Addendum(addendum) => vec![match &addendum.added {
            Added::Answer(_) => Outcome::AnsweredLater.name(),
            Added::Bounce(_) => Outcome::BouncedLater.name(),
        }],
        ProductEvidence::Mail(_) | ProductEvidence::Contract(_) => {
            let progresses = progresses(evidence, &log.events);
            let outcome = |progress: &Progress| progress.outcome().map(Outcome::name);
            progresses.iter().filter_map(outcome).collect()
        }
    };
    if found.contains(&said.code.as_str()) {
        values.recomputed("Outcome.Code");
    } else {
        values.differ("Outcome.Code", &said.code, found.first().unwrap_or(&"-"));
    }
    let Some(outcome) = Outcome::of_name(&said.code) else {
        return;
    };
    let product = product_of(evidence);
    let answer = certified(evidence);
    let expected = outcome_words(&product, outcome, answer.as_ref(), &log.events);
    compare_words("Outcome", said, &expected, values);
}

/// Compares a bounce that came later with its line of the log.
pub(super) fn compare_bounce(said: &BounceSection, log: &Log, values: &mut Values) {
    const PLACE: &str = "Product.Addendum.Added.Bounce";
    let bounces = log
        .events
        .iter()
        .filter_map(|event| Some((event, bounce_in(event)?)));
    let mut bounces = bounces.filter(|(event, _)| event.is_supplementary);
    let Some((event, bounce)) = bounces.find(|(event, _)| event.at == said.at) else {
        values.differ(PLACE, &said.at.to_string(), "-");
        return;
    };
    let name = |field: &str| format!("{PLACE}.{field}");
    values.same(name("Kind"), &said.kind, &bounce.kind);
    values.same(name("Status"), &said.status, &bounce.status);
    values.same(name("Diagnostic"), &said.diagnostic, &bounce.diagnostic);
    let source = letters::words::source_words(event.source);
    values.same_text(name("Source"), &said.source, source);
    values.same(name("RecordingTime"), &said.recorded_at, &event.recorded_at);
    // What was delivered before stands in the log.
    let is_delivered = log.events.iter().any(|event| {
        let seen = event.kind.observation();
        !event.is_supplementary && matches!(seen, Some((_, Observation::Delivered { .. })))
    });
    let code = said.main_outcome.code.as_str();
    let outcome = Outcome::of_name(code).filter(|outcome| match outcome {
        Outcome::Relayed => is_delivered,
        Outcome::Unconfirmed { .. } => !is_delivered,
        Outcome::Noex
        | Outcome::Undelivered
        | Outcome::Answered
        | Outcome::NoResponse
        | Outcome::AnsweredLater
        | Outcome::BouncedLater
        | Outcome::NotAttempted(_) => false,
    });
    match outcome {
        Some(outcome) => {
            let expected = outcome_words(&ProductName::Mail, outcome, None, &[]);
            compare_words(&name("MainOutcome"), &said.main_outcome, &expected, values);
        }
        None => values.differ(name("MainOutcome.Code"), code, "-"),
    }
}

fn bounce_in(event: &Event) -> Option<&Bounce> {
    match event.kind.observation() {
        Some((_, Observation::Bounced(bounce))) => Some(bounce),
        Some(_) | None => None,
    }
}

fn compare_words(place: &str, said: &OutcomeWords, found: &OutcomeWords, values: &mut Values) {
    values.same_text(format!("{place}.Japanese"), &said.japanese, &found.japanese);
    values.same_text(format!("{place}.English"), &said.english, &found.english);
}

/// The product of the dispatch whose message a certificate is about.
fn product_of(evidence: &Evidence) -> ProductName {
    match &evidence.product {
        ProductEvidence::Mail(_) => Product::Mail,
        ProductEvidence::Contract(_) => Product::Contract(()),
        ProductEvidence::Addendum(addendum) => match &addendum.added {
            Added::Answer(_) => Product::Contract(()),
            Added::Bounce(_) => Product::Mail,
        },
    }
}

/// What the rules know of a dispatch.
pub(super) fn course(evidence: &Evidence) -> Course {
    match &evidence.product {
        ProductEvidence::Mail(_) => Course::Relay(Channel::Mail),
        ProductEvidence::Contract(contract) => Course::Offer {
            roads: match &evidence.recipient {
                Recipient::Mail(_) => Roads::Only(Channel::Mail),
                Recipient::Mobile(_) => Roads::Only(Channel::Sms),
                Recipient::Both { .. } => Roads::Both(contract.order),
            },
            answer_until: contract.answer_until,
        },
        ProductEvidence::Addendum(_) => Course::Addendum,
    }
}

/// How far a dispatch came by what led to its outcome, told in the order of the recording and in
/// that of the happening: the clocks of two machines may differ about what was known first.
pub(super) fn progresses(evidence: &Evidence, events: &[Event]) -> [Progress; 2] {
    let course = course(evidence);
    let mut leading: Vec<&Event> = events.iter().filter(|one| !one.is_supplementary).collect();
    // Nothing of this came behind what settles.
    leading.sort_by_key(|event| settles(&event.kind));
    let happened = replay(course, &leading);
    leading.sort_by_key(|event| (settles(&event.kind), event.recorded_at));
    [replay(course, &leading), happened]
}

/// Whether it settles a dispatch whatever came before.
fn settles(kind: &EventKind) -> bool {
    let is_over = matches!(
        kind,
        EventKind::DeadlinePassed | EventKind::AnswerDeadlinePassed
    );
    is_over || kind.answer().is_some_and(Answer::is_of_recipient)
}

fn replay(course: Course, events: &[&Event]) -> Progress {
    let mut progress = Progress::default();
    for event in events {
        for command in commands(&event.kind) {
            progress = decide(course, &progress, &command, event.recorded_at).progress;
        }
    }
    progress
}

/// What a line of the log meant for the dispatch. Whose message a report is about was decided when
/// it came, and the line says it.
fn commands(kind: &EventKind) -> Vec<Command> {
    match kind {
        EventKind::AttemptStarted(channel) => vec![Command::Attempt(*channel)],
        EventKind::AttemptPostponed(channel) => vec![Command::Postpone(*channel)],
        EventKind::Observed(channel, seen) => vec![Command::Observe(*channel, seen.clone())],
        EventKind::ObservedByTags(channel, seen, message_id) => {
            let message_id = message_id.clone();
            let accepted = Observation::ProviderAccepted { message_id };
            [accepted, seen.clone()]
                .map(|seen| Command::Observe(*channel, seen))
                .into()
        }
        EventKind::AnswerReceived(answer) => {
            let mut answer = answer.clone();
            if answer.is_of_recipient() {
                answer.proof = AnswerProof::Signature;
            }
            vec![Command::Answer(answer)]
        }
        EventKind::DeadlinePassed | EventKind::AnswerDeadlinePassed => vec![Command::PassDeadline],
        EventKind::Accepted | EventKind::OfAnotherMessage(..) | EventKind::CopyHandedOver => {
            Vec::new()
        }
    }
}
