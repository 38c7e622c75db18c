//! One event of a dispatch as an item.

use domain::{Bounce, BounceKind, DispatchId, Event, EventId, EventKind, EventSource, Observation};

use super::dispatch_item::{dispatch_key, event_sort_key};
use super::item::{Attributes, Item, ItemError, Reader, flag, item, text};

pub(super) fn event_to_item(dispatch: &DispatchId, event: &Event) -> Item {
    let mut attributes: Attributes = vec![
        ("pk", text(dispatch_key(dispatch))),
        ("sk", text(event_sort_key(&event.id))),
        ("event_id", text(event.id)),
        ("kind", text(event.kind.name())),
        ("source", text(source_name(event.source))),
        ("at", text(event.at)),
        ("recorded_at", text(event.recorded_at)),
        ("is_supplementary", flag(event.is_supplementary)),
    ];
    attributes.extend(
        event
            .verbatim
            .as_ref()
            .map(|verbatim| ("verbatim", text(verbatim))),
    );
    if let EventKind::Observed(observation) = &event.kind {
        attributes.extend(observation_attributes(observation));
    }
    item(attributes)
}

pub(super) fn event_from_item(item: &Item) -> Result<Event, ItemError> {
    let item = Reader(item);
    Ok(Event {
        id: EventId::new(item.parse("event_id")?),
        kind: kind_from_item(item)?,
        source: item.named("source", |name| {
            [EventSource::Akashi, EventSource::Ses]
                .into_iter()
                .find(|source| source_name(*source) == name)
        })?,
        at: item.parse("at")?,
        recorded_at: item.parse("recorded_at")?,
        is_supplementary: item.flag("is_supplementary")?,
        verbatim: item.optional_text("verbatim")?.map(str::to_owned),
    })
}

/// The names differ from those of the dispatch's attributes, or an index would list the event.
fn observation_attributes(observation: &Observation) -> Attributes {
    match observation {
        Observation::ProviderAccepted { message_id } => vec![("message_id", text(message_id))],
        Observation::ProviderRefused { reason } | Observation::Delayed { reason } => {
            vec![("reason", text(reason))]
        }
        Observation::Delivered {
            smtp_response,
            reporting_mta,
        } => vec![
            ("smtp_response", text(smtp_response)),
            ("reporting_mta", text(reporting_mta)),
        ],
        Observation::Bounced(bounce) => {
            let mut attributes = vec![("bounce_kind", text(bounce_name(bounce.kind)))];
            attributes.extend(
                bounce
                    .status
                    .as_ref()
                    .map(|status| ("status", text(status))),
            );
            let diagnostic = bounce.diagnostic.as_ref();
            attributes.extend(diagnostic.map(|words| ("diagnostic", text(words))));
            attributes
        }
        Observation::Complained => Vec::new(),
    }
}

/// The inverse of [`EventKind::name`].
fn kind_from_item(item: Reader<'_>) -> Result<EventKind, ItemError> {
    let observation = match item.text("kind")? {
        "accepted" => return Ok(EventKind::Accepted),
        "attempt_started" => return Ok(EventKind::AttemptStarted),
        "attempt_postponed" => return Ok(EventKind::AttemptPostponed),
        "deadline_passed" => return Ok(EventKind::DeadlinePassed),
        "provider_accepted" => Observation::ProviderAccepted {
            message_id: item.parse("message_id")?,
        },
        "provider_refused" => Observation::ProviderRefused {
            reason: item.text("reason")?.to_owned(),
        },
        "delivered" => Observation::Delivered {
            smtp_response: item.text("smtp_response")?.to_owned(),
            reporting_mta: item.text("reporting_mta")?.to_owned(),
        },
        "bounced" => Observation::Bounced(Bounce {
            kind: item.named("bounce_kind", |name| {
                BOUNCES.into_iter().find(|kind| bounce_name(*kind) == name)
            })?,
            status: item.optional_text("status")?.map(str::to_owned),
            diagnostic: item.optional_text("diagnostic")?.map(str::to_owned),
        }),
        "complained" => Observation::Complained,
        "delayed" => Observation::Delayed {
            reason: item.text("reason")?.to_owned(),
        },
        _ => return Err(ItemError { attribute: "kind" }),
    };
    Ok(EventKind::Observed(observation))
}

const BOUNCES: [BounceKind; 5] = [
    BounceKind::Permanent,
    BounceKind::Transient,
    BounceKind::Undetermined,
    BounceKind::Suppressed,
    BounceKind::AutomaticReply,
];

fn bounce_name(kind: BounceKind) -> &'static str {
    match kind {
        BounceKind::Permanent => "permanent",
        BounceKind::Transient => "transient",
        BounceKind::Undetermined => "undetermined",
        BounceKind::Suppressed => "suppressed",
        BounceKind::AutomaticReply => "automatic_reply",
    }
}

fn source_name(source: EventSource) -> &'static str {
    match source {
        EventSource::Akashi => "akashi",
        EventSource::Ses => "ses",
    }
}

#[cfg(test)]
mod tests {
    use domain::Sha256Digest;

    use super::*;

    fn kinds() -> Vec<EventKind> {
        let bounce = |kind, status: Option<&str>| {
            EventKind::Observed(Observation::Bounced(Bounce {
                kind,
                status: status.map(str::to_owned),
                diagnostic: status.map(|status| format!("smtp; 550 {status} いいえ")),
            }))
        };
        let mut kinds = vec![
            EventKind::Accepted,
            EventKind::AttemptStarted,
            EventKind::AttemptPostponed,
            EventKind::DeadlinePassed,
            EventKind::Observed(Observation::ProviderAccepted {
                message_id: "0100018c-1".parse().unwrap(),
            }),
            EventKind::Observed(Observation::ProviderRefused {
                reason: String::new(),
            }),
            EventKind::Observed(Observation::Delivered {
                smtp_response: "250 2.0.0 OK".to_owned(),
                reporting_mta: "a1-1.smtp-out.amazonses.com".to_owned(),
            }),
            EventKind::Observed(Observation::Complained),
            EventKind::Observed(Observation::Delayed {
                reason: "MailboxFull".to_owned(),
            }),
        ];
        kinds.extend(BOUNCES.map(|kind| bounce(kind, None)));
        kinds.push(bounce(BounceKind::Permanent, Some("5.1.1")));
        kinds
    }

    #[test]
    fn every_kind_of_event_survives_storage() {
        let dispatch: DispatchId = "abc-01".parse().unwrap();
        for kind in kinds() {
            for (source, verbatim) in [
                (EventSource::Akashi, None),
                (EventSource::Ses, Some("{\"a\": 1}".to_owned())),
            ] {
                let event = Event {
                    id: EventId::new(Sha256Digest::new([0xa5; 32])),
                    kind: kind.clone(),
                    source,
                    at: "2026-01-05T00:00:00.123Z".parse().unwrap(),
                    recorded_at: "2026-01-05T00:00:01.000001Z".parse().unwrap(),
                    is_supplementary: verbatim.is_some(),
                    verbatim,
                };
                let item = event_to_item(&dispatch, &event);
                assert_eq!(event_from_item(&item), Ok(event));
                // An attribute of these names would put the event into an index of dispatches.
                assert!(!item.contains_key("account_id"));
                assert!(!item.contains_key("provider_message_id"));
            }
        }
    }

    #[test]
    fn an_unknown_kind_of_event_is_refused() {
        let item = item([("kind", text("teleported"))]);
        assert_eq!(
            kind_from_item(Reader(&item)),
            Err(ItemError { attribute: "kind" })
        );
    }
}
