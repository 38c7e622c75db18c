//! From what is stored to what a certificate says. Nothing is decided here.

use certificate::{
    EventRow, Evidence, Issuer, MailOrigin, MailSection, Origin, OutcomeWords, Party,
    ProductEvidence, Purpose, Sender,
};
use domain::limits::{PRICE_TABLE_VERSION, RULES_VERSION};
use domain::{Event, EventKind, EventSource, Named, Outcome, Product, Retention};
use jiff::Timestamp;
use letters::words;

use super::contract;
use super::material::{Material, attachments, delivered, original};
use crate::Failure;

/// Collects the evidence of a settled dispatch.
pub(super) fn collect(material: &Material<'_>) -> Result<Evidence, Failure> {
    let stored = material.stored;
    let certified = material.addendum.unwrap_or(stored);
    let settled = certified
        .progress
        .settled
        .ok_or_else(|| Failure::permanent("composing a certificate of an open dispatch"))?;
    Ok(Evidence {
        serial: certified.dispatch.serial.clone(),
        issued_at: material.issued_at,
        zone: material.account.settings.zone.clone(),
        accepted_at: stored.dispatch.accepted_at,
        settled_at: settled.at,
        outcome: outcome_words(material, settled.outcome),
        account: Party {
            company: material.account.company.clone(),
            contact: material.account.contact.clone(),
            address: Some(material.account.mail.clone()),
        },
        recipient: stored.dispatch.recipient.clone(),
        price: certified.dispatch.price,
        rules_version: RULES_VERSION.to_owned(),
        price_table_version: PRICE_TABLE_VERSION.to_owned(),
        origin: Origin::Mail(Box::new(MailOrigin {
            sender: Sender {
                address: stored.dispatch.origin.sender().clone(),
                display_name: material.mail.from_display_name(),
            },
            authentication: material.authentication.clone(),
        })),
        product: product(material)?,
        events: events(material),
        issuer: Issuer {
            operator: material.service.operator().to_owned(),
            service_domain: material.service.domain().to_string(),
            purpose: match material.service.retention() {
                Retention::Evidence => Purpose::Evidence,
                Retention::Trial => Purpose::Test,
            },
        },
    })
}

fn product(material: &Material<'_>) -> Result<ProductEvidence, Failure> {
    let certified = material.addendum.unwrap_or(material.stored);
    match &certified.dispatch.product {
        Product::Mail => {
            let unsent = || Failure::permanent("composing a certificate of an unsent message");
            Ok(ProductEvidence::Mail(Box::new(MailSection {
                message: original(material),
                attachments: attachments(material.mail),
                delivered: delivered(material).ok_or_else(unsent)?,
            })))
        }
        Product::Contract(offer) => {
            let section = contract::section(material, offer)?;
            Ok(ProductEvidence::Contract(Box::new(section)))
        }
        Product::Addendum(_) => {
            let section = contract::addendum(material)?;
            Ok(ProductEvidence::Addendum(Box::new(section)))
        }
    }
}

fn outcome_words(material: &Material<'_>, outcome: Outcome) -> OutcomeWords {
    let answer = material.answer.map(|(_, answer)| answer);
    let words = words::settled_words(&material.stored.dispatch, outcome, answer, material.events);
    OutcomeWords {
        code: outcome.name().to_owned(),
        japanese: words.japanese,
        english: words.english,
    }
}

/// The log starts with our own acceptance, which the dispatch itself records. The log of an
/// addendum is the arrival of its answer; the rest is in the certificate that it adds to.
fn events(material: &Material<'_>) -> Vec<EventRow> {
    if material.addendum.is_some() {
        return material
            .answer
            .map(|(event, _)| logged(event))
            .into_iter()
            .collect();
    }
    let accepted_at = material.stored.dispatch.accepted_at;
    let accepted = EventRow {
        at: accepted_at,
        recorded_at: accepted_at,
        ..row(&EventKind::Accepted, EventSource::Akashi, accepted_at)
    };
    let later = material
        .events
        .iter()
        .filter(|event| is_known_at_issue(event, material.issued_at))
        .map(logged);
    std::iter::once(accepted).chain(later).collect()
}

fn logged(event: &Event) -> EventRow {
    EventRow {
        recorded_at: event.recorded_at,
        is_supplementary: event.is_supplementary,
        verbatim: event
            .verbatim
            .clone()
            .or_else(|| words::quoted_words(&event.kind)),
        ..row(&event.kind, event.source, event.at)
    }
}

/// A certificate says what was known when it was issued, however often it is composed. What led to
/// the outcome was known by then, whatever the clocks of two machines say.
fn is_known_at_issue(event: &Event, issued_at: Timestamp) -> bool {
    !event.is_supplementary || event.recorded_at <= issued_at
}

fn row(kind: &EventKind, source: EventSource, at: Timestamp) -> EventRow {
    let words = words::event_words(kind);
    EventRow {
        at,
        recorded_at: at,
        source: words::source_words(source).to_owned(),
        name: kind.name().to_owned(),
        etsi: kind.etsi(),
        reported_message_id: kind.reported_message_id().map(ToString::to_string),
        description_japanese: words.japanese,
        description_english: words.english,
        is_supplementary: false,
        verbatim: None,
    }
}
