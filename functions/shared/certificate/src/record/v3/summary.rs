//! The most important of what a certificate of this version says.

use super::evidence::{Evidence, Origin};
use crate::summary::{Summary, SummaryEvent};

/// Makes the summary.
pub(crate) fn summary(evidence: &Evidence) -> Summary {
    let Origin::Mail(origin) = &evidence.origin;
    let events = evidence.events.iter().map(|event| SummaryEvent {
        at: event.at,
        name: event.name.clone(),
        source: event.source.clone(),
    });
    Summary {
        serial: evidence.serial.clone(),
        subject: evidence.product.subject().to_owned(),
        sender: origin.sender.address.clone(),
        recipient: evidence.recipient.clone(),
        outcome_japanese: evidence.outcome.japanese.clone(),
        outcome_english: evidence.outcome.english.clone(),
        events: events.collect(),
    }
}
