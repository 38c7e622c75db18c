//! What came back to a contract, among its events.

use domain::{AddendumReason, Answer, Dispatch, Event, Outcome, Product};

use crate::ports::StoredDispatch;

/// The answer that settled a contract: the first of the recipient that was not late. Those that
/// came afterwards are supplementary events.
pub(crate) fn answer_that_settled<'a>(
    stored: &StoredDispatch,
    events: &'a [Event],
) -> Option<(&'a Event, &'a Answer)> {
    if stored.progress.outcome() != Some(Outcome::Answered) {
        return None;
    }
    let answer_until = stored.dispatch.answer_until()?;
    let mut decisive = answers(events).filter(|(event, _)| !event.is_supplementary);
    decisive.find(|(_, answer)| answer.is_of_recipient() && answer.received_at <= answer_until)
}

/// The answer that a certificate quotes: of the dispatch that it belongs to, whose message is that
/// of `about`.
pub(crate) fn certified_answer<'a>(
    about: &StoredDispatch,
    certified: &Dispatch,
    events: &'a [Event],
) -> Option<(&'a Event, &'a Answer)> {
    match &certified.product {
        Product::Mail => None,
        Product::Contract(_) => answer_that_settled(about, events),
        Product::Addendum(added) => match added.reason {
            AddendumReason::LateAnswer => {
                answers(events).find(|(event, _)| event.id == added.event)
            }
            AddendumReason::LateBounce => None,
        },
    }
}

/// Everything that came back.
pub(crate) fn answers(events: &[Event]) -> impl Iterator<Item = (&Event, &Answer)> {
    events
        .iter()
        .filter_map(|event| Some((event, event.kind.answer()?)))
}
