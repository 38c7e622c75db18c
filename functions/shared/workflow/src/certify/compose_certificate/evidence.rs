//! From what is stored to what a certificate says. Nothing is decided here.

use certificate::{
    AttachmentRow, BodyText, DeliveredMessage, EventRow, Evidence, Issuer, MailOrigin, MailSection,
    Message, Origin, OutcomeWords, Party, ProductEvidence, Purpose, Sender,
};
use domain::limits::{PRICE_TABLE_VERSION, RULES_VERSION};
use domain::{
    Attempt, Channel, Event, EventKind, EventSource, Named, Outcome, Product, Retention,
    Sha256Digest,
};
use jiff::Timestamp;
use letters::words;
use mail::ParsedMail;
use sha2::{Digest, Sha256};

use super::{Material, contract};
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
    let words = words::settled_words(&material.stored.dispatch, outcome, answer);
    OutcomeWords {
        code: outcome.name().to_owned(),
        japanese: words.japanese,
        english: words.english,
    }
}

/// The mail as we handed it over, if we did.
pub(super) fn delivered(material: &Material<'_>) -> Option<DeliveredMessage> {
    let stored = material.stored;
    stored.delivered.as_ref().map(|delivered| DeliveredMessage {
        size_bytes: delivered.size_bytes,
        digest: delivered.digest,
        provider_message_id: provider_message_id(material, Channel::Mail),
        raw_header: material.delivered_header.map(<[u8]>::to_vec),
    })
}

/// The provider's id of a message, if it was known when the certificate was issued.
pub(super) fn provider_message_id(material: &Material<'_>, channel: Channel) -> Option<String> {
    match &material.stored.progress.leg(channel).attempt {
        Attempt::ProviderAccepted { message_id, at } if *at <= material.issued_at => {
            Some(message_id.to_string())
        }
        Attempt::ProviderAccepted { .. } | Attempt::NotYet | Attempt::Underway { .. } => None,
    }
}

/// The message as it came from the sender, under the subject that was kept at the intake.
pub(super) fn original(material: &Material<'_>) -> Message {
    Message {
        subject: material.subject.to_owned(),
        ..message(material.raw, material.mail)
    }
}

pub(super) fn message(raw: &[u8], mail: &ParsedMail<'_>) -> Message {
    let body = mail.body();
    Message {
        subject: mail.subject(),
        message_id: mail.message_id(),
        date_header: mail.date_header(),
        body_source: body.source,
        body_charset: body.charset,
        body_text: BodyText::new(body.text),
        size_bytes: size(raw),
        digest: digest(raw),
        raw_header: mail.raw_header().to_vec(),
        damages: mail.damages(),
    }
}

pub(super) fn attachments(mail: &ParsedMail<'_>) -> Vec<AttachmentRow> {
    let attachments = mail.attachments();
    let names = mail::safe_names(&attachments);
    attachments
        .iter()
        .zip(names)
        .map(|(attachment, embedded_name)| AttachmentRow {
            name_as_sent: attachment.name_as_sent.clone(),
            embedded_name,
            content_type: attachment.content_type.clone(),
            content_id: attachment.content_id.clone(),
            size_bytes: attachment.size_bytes,
            digest: attachment.digest,
            is_inline: attachment.is_inline,
            damaged: attachment.is_damaged,
        })
        .collect()
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

pub(super) fn digest(bytes: &[u8]) -> Sha256Digest {
    Sha256Digest::new(Sha256::digest(bytes).into())
}

pub(super) fn size(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
