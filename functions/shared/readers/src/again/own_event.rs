//! What the service itself saw: its lines have no record, so that their kind is read from their own
//! words. Only the operator says them; but a line says one thing in all of its fields.

use certificate::EventRow;
use domain::{
    AnswerRoad, AnswerStanding, AutomaticMail, Channel, Choice, EventKind, Observation, SeenBy,
};
use letters::words::event_words;

use super::events::{answer, mail_road};

/// What stands for the unknown in a sentence: an id, an address and a text alike.
const GAP: &str = "gap@gap.invalid";

/// Each standing that has words of its own.
const STANDINGS: [AnswerStanding; 6] = [
    AnswerStanding::Recipient,
    AnswerStanding::Unauthenticated,
    AnswerStanding::AnotherAddress,
    AnswerStanding::Automatic(AutomaticMail::AutoSubmitted),
    AnswerStanding::Empty,
    AnswerStanding::Malware,
];

/// The kind of a line that says no more than its name, or what a provider answered to us.
pub(super) fn read(said: &EventRow) -> Option<EventKind> {
    let plain = [
        EventKind::Accepted,
        EventKind::DeadlinePassed,
        EventKind::AnswerDeadlinePassed,
        EventKind::CopyHandedOver,
    ];
    let of_channel = Channel::ALL.into_iter().flat_map(|channel| {
        [
            EventKind::AttemptStarted(channel),
            EventKind::AttemptPostponed(channel),
        ]
    });
    let mut plain = plain.into_iter().chain(of_channel);
    if let Some(kind) = plain.find(|kind| kind.name() == said.name) {
        return Some(kind);
    }
    Channel::ALL.into_iter().find_map(|channel| {
        let accepted = |id: &str| {
            let message_id = id.parse().ok()?;
            let seen = Observation::ProviderAccepted { message_id };
            Some(EventKind::Observed(channel, seen))
        };
        let refused = |reason: &str| {
            let reason = reason.to_owned();
            let seen = Observation::ProviderRefused { reason };
            Some(EventKind::Observed(channel, seen))
        };
        with_gap(said, accepted).or_else(|| with_gap(said, refused))
    })
}

/// What the line of a mail says that is not embedded.
pub(super) fn mail_answer(said: &EventRow) -> Option<EventKind> {
    STANDINGS.into_iter().find_map(|standing| {
        let kind = |from: Option<&str>| {
            let from = match from {
                Some(from) => Some(from.parse().ok()?),
                None => None,
            };
            let text = said.quoted.as_deref().unwrap_or_default();
            let answer = answer(mail_road(from)?, standing, text, said.at);
            Some(EventKind::AnswerReceived(answer))
        };
        let from_nobody = || kind(None).filter(|kind| says(said, kind));
        with_gap(said, |from| kind(Some(from))).or_else(from_nobody)
    })
}

/// What the line of an answer by link says.
pub(super) fn link_answer(said: &EventRow) -> Option<EventKind> {
    STANDINGS.into_iter().find_map(|standing| {
        with_gap(said, |source_ip| {
            let road = AnswerRoad::Link {
                choice: Choice::Text,
                source_ip: source_ip.to_owned(),
                seen_by: SeenBy::WebServer,
                user_agent: String::new(),
            };
            let text = said.quoted.as_deref().unwrap_or_default();
            Some(EventKind::AnswerReceived(answer(
                road, standing, text, said.at,
            )))
        })
    })
}

/// The kind that says in English what the line says, with what stands there in the gap.
fn with_gap(said: &EventRow, kind: impl Fn(&str) -> Option<EventKind>) -> Option<EventKind> {
    let pattern = kind(GAP)?;
    let english = event_words(&pattern).english;
    let (before, behind) = english.split_once(GAP)?;
    let rest = said.description_english.strip_prefix(before)?;
    kind(rest.strip_suffix(behind)?).filter(|kind| says(said, kind))
}

fn says(said: &EventRow, kind: &EventKind) -> bool {
    kind.name() == said.name && event_words(kind).english == said.description_english
}
