//! What an addendum's certificate says: what came, and to which certificate it adds (P-065, Q-28).

use certificate::{Added, AddendumSection, BounceSection, MainCertificate, MessageElsewhere};
use domain::{Addendum, AddendumReason, Event, EventKind, Observation};
use letters::words;
use readers::{digest_of, size_of};

use super::contract::answer_section;
use super::material::{Material, outcome_words};
use crate::Failure;

/// Collects what an addendum adds, and what it adds to.
pub(super) fn section(
    material: &Material<'_>,
    addendum: &Addendum,
) -> Result<AddendumSection, Failure> {
    let missing = || Failure::permanent("adding to a certificate that is not there");
    let main = material.stored;
    let certificate = main.certificate.as_ref().ok_or_else(missing)?;
    Ok(AddendumSection {
        main: MainCertificate {
            serial: main.dispatch.serial.clone(),
            digest: certificate.digest,
            issued_at: main.issued_at.ok_or_else(missing)?,
        },
        message: MessageElsewhere {
            subject: material.subject.to_owned(),
            message_id: material.mail.message_id(),
            size_bytes: size_of(material.raw),
            digest: digest_of(material.raw),
        },
        added: match addendum.reason {
            AddendumReason::LateAnswer => {
                let (_, answer) = material.answer.ok_or_else(missing)?;
                Added::Answer(Box::new(answer_section(material, answer)?))
            }
            AddendumReason::LateBounce => Added::Bounce(Box::new(bounce(material, addendum)?)),
        },
    })
}

fn bounce(material: &Material<'_>, addendum: &Addendum) -> Result<BounceSection, Failure> {
    let missing = || Failure::permanent("certifying a bounce that is not there");
    let event = certified_event(material.events, addendum).ok_or_else(missing)?;
    let (_, seen) = event.kind.observation().ok_or_else(missing)?;
    let Observation::Bounced(bounce) = seen else {
        return Err(missing());
    };
    let before = material.stored.progress.outcome().ok_or_else(missing)?;
    Ok(BounceSection {
        main_outcome: outcome_words(material, before),
        kind: bounce.kind,
        status: bounce.status.clone(),
        diagnostic: bounce.diagnostic.clone(),
        source: words::source_words(event.source).to_owned(),
        at: event.at,
        recorded_at: event.recorded_at,
    })
}

/// What the log of an addendum holds: what it certifies, and of a bounce the delivery before it.
/// The rest is in the certificate that it adds to.
pub(super) fn logged_events<'e>(events: &'e [Event], addendum: &Addendum) -> Vec<&'e Event> {
    let certified = certified_event(events, addendum);
    let before = events.iter().filter(|event| match addendum.reason {
        AddendumReason::LateAnswer => false,
        AddendumReason::LateBounce => !event.is_supplementary && is_delivery(&event.kind),
    });
    before.chain(certified).collect()
}

fn certified_event<'e>(events: &'e [Event], addendum: &Addendum) -> Option<&'e Event> {
    events.iter().find(|event| event.id == addendum.event)
}

fn is_delivery(kind: &EventKind) -> bool {
    matches!(kind.observation(), Some((_, Observation::Delivered { .. })))
}
