//! From what is stored to what a certificate says. Nothing is decided here.

use certificate::{
    EventRow, Evidence, Issuer, MailOrigin, MailSection, NamedAuthority, NamedRoot, Origin, Party,
    ProductEvidence, Purpose, Sender, ToldAgain,
};
use domain::{Event, EventKind, EventSource, Product, Retention, Sha256Digest};
use jiff::Timestamp;
use letters::words;
use pades::{Certificate, TimestampAuthority};

use super::material::{Material, attachments, delivered, original, outcome_words};
use super::{addendum, contract};
use crate::Failure;

/// Collects the evidence of a settled dispatch.
pub(super) fn collect(material: &Material<'_>) -> Result<Evidence, Failure> {
    let stored = material.stored;
    let certified = material.addendum.unwrap_or(stored);
    let settled = certified
        .progress
        .settled
        .ok_or_else(|| Failure::permanent("composing a certificate of an open dispatch"))?;
    let serial = certified.dispatch.serial.clone();
    let product = product(material)?;
    let content = product.content_digest();
    Ok(Evidence {
        check_address: material.links.to_check(&serial, &content),
        serial,
        issued_at: material.issued_at,
        zone: material.terms.zone.clone(),
        accepted_at: stored.dispatch.accepted_at,
        settled_at: settled.at,
        outcome: outcome_words(material, settled.outcome),
        account: Party {
            company: material.terms.company.clone(),
            contact: material.terms.contact.clone(),
            address: Some(material.terms.mail.clone()),
        },
        recipient: stored.dispatch.recipient.clone(),
        price: certified.dispatch.price,
        rules_version: material.terms.rules_version.clone(),
        price_table_version: material.terms.price_table_version.clone(),
        origin: Origin::Mail(Box::new(MailOrigin {
            sender: Sender {
                address: stored.dispatch.origin.sender().clone(),
                display_name: material.mail.from_display_name(),
            },
            authentication: material.authentication.clone(),
        })),
        product,
        events: events(material),
        issuer: Issuer {
            operator: material.service.operator().name.clone(),
            service_domain: material.service.domain().to_string(),
            signer: material.signer,
            timestamp_authorities: material.authorities.iter().map(named_authority).collect(),
            purpose: match material.service.retention() {
                Retention::Evidence => Purpose::Evidence,
                Retention::Trial => Purpose::Test,
            },
        },
    })
}

/// Readers who do not trust an authority know by its roots that it is ours.
fn named_authority(authority: &TimestampAuthority) -> NamedAuthority {
    let root = |root: &Certificate| NamedRoot {
        subject: root.subject(),
        fingerprint: Sha256Digest::new(root.fingerprint()),
    };
    NamedAuthority {
        name: authority.name.clone(),
        roots: authority.trusted_roots.iter().map(root).collect(),
    }
}

fn product(material: &Material<'_>) -> Result<ProductEvidence, Failure> {
    let certified = material.addendum.unwrap_or(material.stored);
    match &certified.dispatch.product {
        Product::Mail => {
            let unsent = || Failure::permanent("composing a certificate of an unsent message");
            let message = original(material);
            Ok(ProductEvidence::Mail(Box::new(MailSection {
                attachments: attachments(material.mail),
                delivered: delivered(material, &message).ok_or_else(unsent)?,
                message,
            })))
        }
        Product::Contract(offer) => {
            let section = contract::section(material, offer)?;
            Ok(ProductEvidence::Contract(Box::new(section)))
        }
        Product::Addendum(added) => {
            let section = addendum::section(material, added)?;
            Ok(ProductEvidence::Addendum(Box::new(section)))
        }
    }
}

/// The log starts with our own acceptance, which the dispatch itself records; that of an addendum
/// leaves most to the certificate that it adds to.
fn events(material: &Material<'_>) -> Vec<EventRow> {
    let certified = material.addendum.unwrap_or(material.stored);
    match &certified.dispatch.product {
        Product::Mail | Product::Contract(_) => {}
        Product::Addendum(added) => {
            let told = addendum::logged_events(material.events, added);
            return in_order(told.into_iter().map(logged));
        }
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
        .map(|event| EventRow {
            other_mail: material.others.get(&event.id).cloned(),
            ..logged(event)
        });
    in_order(std::iter::once(accepted).chain(later))
}

/// The log in the order in which it happened, by the clocks of those who tell it. What two sources
/// tell alike stands there once, at the time of the first.
fn in_order(rows: impl Iterator<Item = EventRow>) -> Vec<EventRow> {
    let mut rows: Vec<EventRow> = rows.collect();
    rows.sort_by_key(|row| row.at);
    let mut log: Vec<EventRow> = Vec::with_capacity(rows.len());
    for row in rows {
        match log.iter_mut().find(|known| is_told_again(known, &row)) {
            Some(known) => known.also_told.push(ToldAgain {
                at: row.at,
                recorded_at: row.recorded_at,
                source: row.source,
                verbatim: row.verbatim,
            }),
            None => log.push(row),
        }
    }
    log
}

/// Whether another source tells the same. What one source tells twice happened twice.
fn is_told_again(known: &EventRow, row: &EventRow) -> bool {
    let is_its_source = |told: &ToldAgain| told.source == row.source;
    known.name == row.name
        && known.description_japanese == row.description_japanese
        && known.is_supplementary == row.is_supplementary
        && known.reported_message_id == row.reported_message_id
        && known.source != row.source
        && !known.also_told.iter().any(is_its_source)
}

fn logged(event: &Event) -> EventRow {
    EventRow {
        recorded_at: event.recorded_at,
        is_supplementary: event.is_supplementary,
        verbatim: event.verbatim.clone(),
        quoted: words::quoted_words(&event.kind),
        ..row(&event.kind, event.source, event.at)
    }
}

/// A certificate says what was known when it was issued, however often it is composed. What led to
/// the outcome was known by then, whatever the clocks of two machines say.
pub(super) fn is_known_at_issue(event: &Event, issued_at: Timestamp) -> bool {
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
        quoted: None,
        other_mail: None,
        also_told: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use domain::{Channel, Observation};

    use super::*;

    fn told(at: &str, source: EventSource, kind: &EventKind) -> EventRow {
        row(kind, source, at.parse().unwrap())
    }

    fn accepted(id: &str) -> EventKind {
        let message_id = id.parse().unwrap();
        EventKind::Observed(Channel::Mail, Observation::ProviderAccepted { message_id })
    }

    #[test]
    fn the_log_has_the_order_of_time_and_says_once_what_two_tell() {
        let delivered = EventKind::Observed(Channel::Mail, Observation::Complained);
        let log = in_order(
            [
                told("2026-01-05T00:00:03Z", EventSource::Ses, &delivered),
                told(
                    "2026-01-05T00:00:02Z",
                    EventSource::Akashi,
                    &accepted("0100-1"),
                ),
                told(
                    "2026-01-05T00:00:01Z",
                    EventSource::Ses,
                    &accepted("0100-1"),
                ),
                told(
                    "2026-01-05T00:00:01Z",
                    EventSource::Ses,
                    &accepted("0100-2"),
                ),
            ]
            .into_iter(),
        );
        let names: Vec<_> = log
            .iter()
            .map(|row| (row.name.as_str(), row.also_told.len()))
            .collect();
        assert_eq!(
            names,
            [
                ("provider_accepted", 1),
                ("provider_accepted", 0),
                ("complained", 0)
            ]
        );
        assert_eq!(log[0].source, "Amazon SES");
        assert_eq!(log[0].also_told[0].source, "Akashi");
        assert_eq!(
            log[0].also_told[0].at,
            "2026-01-05T00:00:02Z".parse().unwrap()
        );
    }

    #[test]
    fn what_one_source_tells_twice_stands_there_twice() {
        let postponed = EventKind::AttemptPostponed(Channel::Mail);
        let twice = ["2026-01-05T00:00:01Z", "2026-01-05T00:01:01Z"];
        let log = in_order(
            twice
                .map(|at| told(at, EventSource::Akashi, &postponed))
                .into_iter(),
        );
        assert_eq!(log.len(), 2);
    }
}
