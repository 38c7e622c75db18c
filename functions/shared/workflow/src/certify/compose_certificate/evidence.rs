//! From what is stored to what a certificate says. Nothing is decided here.

use certificate::{
    EventRow, Evidence, Issuer, MailOrigin, MailSection, NamedAuthority, NamedRoot, Origin, Party,
    ProductEvidence, Purpose, Sender,
};
use domain::{EventKind, EventSource, Product, Retention, Sha256Digest};
use pades::{Certificate, TimestampAuthority};
use readers::{READER_VERSION, attachments, in_order, logged, row};

use super::material::{Material, delivered, is_known_at_issue, original, outcome_words};
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
        reader_version: READER_VERSION,
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
