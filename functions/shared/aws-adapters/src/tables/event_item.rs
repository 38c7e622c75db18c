//! One event of a dispatch as an item.

use domain::{
    Answer, AnswerProof, AnswerRoad, Bounce, Channel, DispatchId, Event, EventId, EventKind, Named,
    Observation,
};

use super::authentication;
use super::dispatch_item::{dispatch_key, event_sort_key};
use super::item::{Attributes, Item, ItemError, Reader, flag, item, number, text};

pub(super) fn event_to_item(dispatch: &DispatchId, event: &Event) -> Item {
    let mut attributes: Attributes = vec![
        ("pk", text(dispatch_key(dispatch))),
        ("sk", text(event_sort_key(&event.id))),
        ("event_id", text(event.id)),
        ("kind", text(event.kind.name())),
        ("source", text(event.source.name())),
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
    // The names of what follows differ from those of the dispatch's attributes that are keys of an
    // index, or the index would list the event.
    match &event.kind {
        EventKind::Observed(_, seen) => attributes.extend(observation_attributes(seen)),
        EventKind::ObservedByTags(_, seen, message_id) => {
            attributes.extend(observation_attributes(seen));
            attributes.push(("adopted_message_id", text(message_id)));
        }
        EventKind::OfAnotherMessage(channel, seen, message_id) => {
            attributes.extend(observation_attributes(seen));
            attributes.push(("reported", text(seen.name_on(*channel))));
            attributes.push(("other_message_id", text(message_id)));
        }
        EventKind::AnswerReceived(answer) => attributes.extend(answer_attributes(answer)),
        EventKind::Accepted
        | EventKind::AttemptStarted(_)
        | EventKind::AttemptPostponed(_)
        | EventKind::DeadlinePassed
        | EventKind::AnswerDeadlinePassed
        | EventKind::CopyHandedOver => {}
    }
    item(attributes)
}

pub(super) fn event_from_item(item: &Item) -> Result<Event, ItemError> {
    let item = Reader(item);
    Ok(Event {
        id: EventId::new(item.parse("event_id")?),
        kind: kind_from_item(item)?,
        source: item.value("source")?,
        at: item.parse("at")?,
        recorded_at: item.parse("recorded_at")?,
        is_supplementary: item.flag("is_supplementary")?,
        verbatim: item.optional_text("verbatim")?.map(str::to_owned),
    })
}

fn observation_attributes(observation: &Observation) -> Attributes {
    match observation {
        Observation::ProviderAccepted { message_id } => vec![("message_id", text(message_id))],
        Observation::ProviderRefused { reason } | Observation::Delayed { reason } => {
            vec![("reason", text(reason))]
        }
        Observation::Delivered {
            smtp_response,
            reporting_mta,
            remote_mta_ip,
        } => {
            let mut attributes = vec![
                ("smtp_response", text(smtp_response)),
                ("reporting_mta", text(reporting_mta)),
            ];
            attributes.extend(remote_mta_ip.as_ref().map(|ip| ("remote_mta_ip", text(ip))));
            attributes
        }
        Observation::SmsConfirmed {
            provider_response,
            carrier,
        } => {
            let mut attributes = vec![("provider_response", text(provider_response))];
            attributes.extend(carrier.as_ref().map(|carrier| ("carrier", text(carrier))));
            attributes
        }
        Observation::SmsFailed {
            kind,
            provider_response,
        } => vec![
            ("sms_failure", text(kind.name())),
            ("provider_response", text(provider_response)),
        ],
        Observation::Bounced(bounce) => {
            let mut attributes = vec![("bounce_kind", text(bounce.kind.name()))];
            let status = bounce.status.as_ref();
            attributes.extend(status.map(|status| ("status", text(status))));
            let diagnostic = bounce.diagnostic.as_ref();
            attributes.extend(diagnostic.map(|words| ("diagnostic", text(words))));
            attributes
        }
        Observation::Complained => Vec::new(),
    }
}

fn answer_attributes(answer: &Answer) -> Attributes {
    let mut attributes = vec![
        ("road", text(answer.road.name())),
        ("standing", text(answer.standing.name())),
        ("proof", text(answer.proof.name())),
        ("received_at", text(answer.received_at)),
        ("answer_text", text(&answer.text)),
    ];
    if let AnswerProof::CopyToken { after_answers } = answer.proof {
        attributes.push(("proof_after_answers", number(after_answers)));
    }
    let evidence = answer.authentication.as_deref();
    let evidence = evidence.map(|evidence| text(authentication::to_json(evidence)));
    attributes.extend(evidence.map(|evidence| ("authentication", evidence)));
    match &answer.road {
        AnswerRoad::Mail { inbound, from } => {
            attributes.push(("inbound_id", text(inbound)));
            attributes.extend(from.as_ref().map(|from| ("from_address", text(from))));
        }
        AnswerRoad::Sms {
            from,
            to,
            message_id,
        } => attributes.extend([
            ("from_number", text(from)),
            ("to_number", text(to)),
            ("sms_id", text(message_id)),
        ]),
        AnswerRoad::Link {
            choice,
            source_ip,
            seen_by,
            user_agent,
        } => attributes.extend([
            ("choice", text(choice.name())),
            ("source_ip", text(source_ip)),
            ("seen_by", text(seen_by.name())),
            ("user_agent", text(user_agent)),
        ]),
    }
    attributes
}

fn answer_from_item(item: Reader<'_>) -> Result<Answer, ItemError> {
    // The inverse of `AnswerRoad::name`.
    let road = match item.text("road")? {
        "mail" => AnswerRoad::Mail {
            inbound: item.parse("inbound_id")?,
            from: item.optional_parse("from_address")?,
        },
        "sms" => AnswerRoad::Sms {
            from: item.parse("from_number")?,
            to: item.text("to_number")?.to_owned(),
            message_id: item.text("sms_id")?.to_owned(),
        },
        "link" => AnswerRoad::Link {
            choice: item.value("choice")?,
            source_ip: item.text("source_ip")?.to_owned(),
            seen_by: item.value("seen_by")?,
            user_agent: item.text("user_agent")?.to_owned(),
        },
        _ => return Err(ItemError { attribute: "road" }),
    };
    Ok(Answer {
        road,
        standing: item.value("standing")?,
        proof: proof_from_item(item)?,
        received_at: item.parse("received_at")?,
        text: item.text("answer_text")?.to_owned(),
        authentication: match item.optional_text("authentication")? {
            Some(json) => Some(Box::new(authentication::from_json(json)?)),
            None => None,
        },
    })
}

fn proof_from_item(item: Reader<'_>) -> Result<AnswerProof, ItemError> {
    let proof: AnswerProof = item.value("proof")?;
    Ok(match proof {
        AnswerProof::CopyToken { .. } => AnswerProof::CopyToken {
            after_answers: item.number("proof_after_answers")?,
        },
        AnswerProof::Nothing
        | AnswerProof::OfferToken
        | AnswerProof::Signature
        | AnswerProof::CallerId => proof,
    })
}

/// The inverse of [`EventKind::name`].
fn kind_from_item(item: Reader<'_>) -> Result<EventKind, ItemError> {
    Ok(match item.text("kind")? {
        "accepted" => EventKind::Accepted,
        "attempt_started" => EventKind::AttemptStarted(Channel::Mail),
        "sms_attempt_started" => EventKind::AttemptStarted(Channel::Sms),
        "attempt_postponed" => EventKind::AttemptPostponed(Channel::Mail),
        "sms_attempt_postponed" => EventKind::AttemptPostponed(Channel::Sms),
        "deadline_passed" => EventKind::DeadlinePassed,
        "answer_received" => EventKind::AnswerReceived(answer_from_item(item)?),
        "answer_deadline_passed" => EventKind::AnswerDeadlinePassed,
        "copy_handed_over" => EventKind::CopyHandedOver,
        "of_another_message" => {
            let (channel, seen) = observed(item.text("reported")?, item)?;
            EventKind::OfAnotherMessage(channel, seen, item.parse("other_message_id")?)
        }
        name => {
            let (channel, seen) = observed(name, item)?;
            match item.optional_parse("adopted_message_id")? {
                Some(message_id) => EventKind::ObservedByTags(channel, seen, message_id),
                None => EventKind::Observed(channel, seen),
            }
        }
    })
}

fn observed(name: &str, item: Reader<'_>) -> Result<(Channel, Observation), ItemError> {
    let (channel, name) = channel_of(name);
    Ok((channel, observation_from_item(name, item)?))
}

/// The channel of an observation, and the observation's name without it.
fn channel_of(name: &str) -> (Channel, &str) {
    match name {
        "sms_provider_accepted" => (Channel::Sms, "provider_accepted"),
        "sms_provider_refused" => (Channel::Sms, "provider_refused"),
        "sms_confirmed" | "sms_failed" => (Channel::Sms, name),
        _ => (Channel::Mail, name),
    }
}

fn observation_from_item(name: &str, item: Reader<'_>) -> Result<Observation, ItemError> {
    Ok(match name {
        "provider_accepted" => Observation::ProviderAccepted {
            message_id: item.parse("message_id")?,
        },
        "provider_refused" => Observation::ProviderRefused {
            reason: item.text("reason")?.to_owned(),
        },
        "delivered" => Observation::Delivered {
            smtp_response: item.text("smtp_response")?.to_owned(),
            reporting_mta: item.text("reporting_mta")?.to_owned(),
            remote_mta_ip: item.optional_text("remote_mta_ip")?.map(str::to_owned),
        },
        "sms_confirmed" => Observation::SmsConfirmed {
            provider_response: item.text("provider_response")?.to_owned(),
            carrier: item.optional_text("carrier")?.map(str::to_owned),
        },
        "sms_failed" => Observation::SmsFailed {
            kind: item.value("sms_failure")?,
            provider_response: item.text("provider_response")?.to_owned(),
        },
        "bounced" => Observation::Bounced(Bounce {
            kind: item.value("bounce_kind")?,
            status: item.optional_text("status")?.map(str::to_owned),
            diagnostic: item.optional_text("diagnostic")?.map(str::to_owned),
        }),
        "complained" => Observation::Complained,
        "delayed" => Observation::Delayed {
            reason: item.text("reason")?.to_owned(),
        },
        _ => return Err(ItemError { attribute: "kind" }),
    })
}

#[cfg(test)]
mod tests {
    use domain::{
        AnswerStanding, BounceKind, Choice, EventSource, SeenBy, Sha256Digest, SmsFailureKind,
    };

    use domain::AuthenticationEvidence;

    use super::*;
    use crate::tables::authentication::tests::evidence;

    fn seen(observation: Observation) -> EventKind {
        EventKind::Observed(Channel::Mail, observation)
    }

    fn kinds() -> Vec<EventKind> {
        let bounce = |kind, status: Option<&str>| {
            seen(Observation::Bounced(Bounce {
                kind,
                status: status.map(str::to_owned),
                diagnostic: status.map(|status| format!("smtp; 550 {status} いいえ")),
            }))
        };
        let mut kinds = vec![
            EventKind::Accepted,
            EventKind::DeadlinePassed,
            EventKind::AnswerDeadlinePassed,
            EventKind::CopyHandedOver,
            seen(Observation::Delivered {
                smtp_response: "250 2.0.0 OK".to_owned(),
                reporting_mta: "a1-1.smtp-out.amazonses.com".to_owned(),
                remote_mta_ip: None,
            }),
            seen(Observation::Delivered {
                smtp_response: "250 2.0.0 OK".to_owned(),
                reporting_mta: "a1-1.smtp-out.amazonses.com".to_owned(),
                remote_mta_ip: Some("192.0.2.25".to_owned()),
            }),
            seen(Observation::Complained),
            seen(Observation::Delayed {
                reason: "MailboxFull".to_owned(),
            }),
        ];
        for channel in Channel::ALL {
            kinds.push(EventKind::AttemptStarted(channel));
            kinds.push(EventKind::AttemptPostponed(channel));
            let message_id = "0100018c-1".parse().unwrap();
            let accepted = Observation::ProviderAccepted { message_id };
            kinds.push(EventKind::Observed(channel, accepted));
            let reason = String::new();
            let refused = Observation::ProviderRefused { reason };
            kinds.push(EventKind::Observed(channel, refused));
        }
        kinds.extend(BounceKind::ALL.map(|kind| bounce(kind, None)));
        kinds.push(bounce(BounceKind::Permanent, Some("5.1.1")));
        kinds.extend(sms_kinds());
        kinds.extend(told_by_tags(&kinds));
        kinds.extend(answers().into_iter().map(EventKind::AnswerReceived));
        kinds
    }

    /// Whatever can be observed can be told of another message, or by the tags of ours.
    fn told_by_tags(kinds: &[EventKind]) -> Vec<EventKind> {
        let id = || "0100018c-2".parse().unwrap();
        let observations = kinds.iter().filter_map(EventKind::observation);
        observations
            .flat_map(|(channel, seen)| {
                [
                    EventKind::ObservedByTags(channel, seen.clone(), id()),
                    EventKind::OfAnotherMessage(channel, seen.clone(), id()),
                ]
            })
            .collect()
    }

    fn sms_kinds() -> Vec<EventKind> {
        let provider_response = "Message has been accepted by phone carrier".to_owned();
        let confirmed = [None, Some("NTT DOCOMO".to_owned())].map(|carrier| {
            let provider_response = provider_response.clone();
            Observation::SmsConfirmed {
                provider_response,
                carrier,
            }
        });
        let failed = SmsFailureKind::ALL.map(|kind| {
            let provider_response = provider_response.clone();
            Observation::SmsFailed {
                kind,
                provider_response,
            }
        });
        let observations = confirmed.into_iter().chain(failed);
        observations
            .map(|observation| EventKind::Observed(Channel::Sms, observation))
            .collect()
    }

    fn answers() -> Vec<Answer> {
        let answer = |road, standing, authentication: Option<AuthenticationEvidence>| Answer {
            road,
            standing,
            proof: AnswerProof::CallerId,
            received_at: "2026-01-05T00:00:00.5Z".parse().unwrap(),
            text: "承諾します。\r\n> 見積書".to_owned(),
            authentication: authentication.map(Box::new),
        };
        let by_mail = |from: Option<&str>| AnswerRoad::Mail {
            inbound: "def".parse().unwrap(),
            from: from.map(|from| from.parse().unwrap()),
        };
        let by_sms = AnswerRoad::Sms {
            from: "+819012345678".parse().unwrap(),
            to: "+815012345678".to_owned(),
            message_id: "cae173d2".to_owned(),
        };
        let mut answers = vec![
            answer(by_mail(None), AnswerStanding::AnotherAddress, None),
            answer(by_sms, AnswerStanding::Recipient, None),
        ];
        let from = Some("Hanako@日本.example");
        let proofs = AnswerProof::ALL.into_iter();
        answers.extend(
            proofs
                .chain([AnswerProof::CopyToken { after_answers: 7 }])
                .map(|proof| Answer {
                    proof,
                    ..answer(by_mail(None), AnswerStanding::Unauthenticated, None)
                }),
        );
        answers.extend(
            AnswerStanding::ALL.map(|standing| answer(by_mail(from), standing, Some(evidence()))),
        );
        for seen_by in SeenBy::ALL {
            answers.extend(Choice::ALL.map(|choice| {
                let road = AnswerRoad::Link {
                    choice,
                    source_ip: "2001:db8::1".to_owned(),
                    seen_by,
                    user_agent: String::new(),
                };
                answer(road, AnswerStanding::Recipient, None)
            }));
        }
        answers
    }

    #[test]
    fn every_kind_of_event_survives_storage() {
        let dispatch: DispatchId = "abc-01".parse().unwrap();
        for kind in kinds() {
            for (source, verbatim) in [
                (EventSource::Akashi, None),
                (EventSource::Ses, Some("{\"a\": 1}".to_owned())),
                (EventSource::Sns, Some("{}".to_owned())),
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
                for key in [
                    "account_id",
                    "provider_message_id",
                    "sms_message_id",
                    "answer_token",
                    "copy_token",
                    "mobile",
                ] {
                    assert!(!item.contains_key(key), "{key}");
                }
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
