//! A dispatch as an item: what was fixed at intake in flat attributes, each stage it reached in a
//! map of its own.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    AccountId, Attempt, Dispatch, DispatchId, DispatchKind, EventId, InboundMessageId, Outcome,
    Points, Progress, Settled,
};
use workflow::ports::{DeliveredMessage, StoredCertificate, StoredDispatch, WaitToken};

use super::item::{Attributes, Item, ItemError, Reader, item, map, number, text};
use super::notice::{notice_from_map, notice_to_map};

const DISPATCH_PREFIX: &str = "DISPATCH#";
pub(super) const EVENT_PREFIX: &str = "EVENT#";
/// The sort key of a dispatch.
pub(super) const DISPATCH: &str = "DISPATCH";

pub(super) fn dispatch_key(id: &DispatchId) -> String {
    format!("{DISPATCH_PREFIX}{id}")
}

pub(super) fn event_sort_key(id: &EventId) -> String {
    format!("{EVENT_PREFIX}{id}")
}

pub(super) fn key_of_dispatch(id: &DispatchId) -> Item {
    item([("pk", text(dispatch_key(id))), ("sk", text(DISPATCH))])
}

pub(super) fn key_of_intake(id: &InboundMessageId) -> Item {
    item([
        ("pk", text(format!("INBOUND#{id}"))),
        ("sk", text("INTAKE")),
    ])
}

pub(super) fn key_of_serial_counter(id: &AccountId) -> Item {
    item([
        ("pk", text(format!("ACCOUNT#{id}"))),
        ("sk", text("SERIAL")),
    ])
}

/// The dispatch that a key of the table or of an index names.
pub(super) fn dispatch_named_by(item: &Item) -> Result<DispatchId, ItemError> {
    Reader(item).named("pk", |pk| pk.strip_prefix(DISPATCH_PREFIX)?.parse().ok())
}

pub(super) fn dispatch_to_item(stored: &StoredDispatch) -> Item {
    let dispatch = &stored.dispatch;
    let mut attributes: Attributes = vec![
        ("pk", text(dispatch_key(&dispatch.id))),
        ("sk", text(DISPATCH)),
        ("dispatch_id", text(&dispatch.id)),
        ("account_id", text(dispatch.serial.account())),
        ("serial", text(&dispatch.serial)),
        ("kind", text(kind_name(dispatch.kind))),
        ("sender", text(&dispatch.sender)),
        ("recipient", text(&dispatch.recipient)),
        ("inbound_id", text(&dispatch.inbound)),
        ("accepted_at", text(dispatch.accepted_at)),
        ("price", number(dispatch.price.get())),
        ("attempt", attempt_to_map(&stored.progress.attempt)),
        ("version", number(stored.version)),
        ("copy", notice_to_map(&stored.copy)),
    ];
    attributes
        .extend(provider_message_id(&stored.progress).map(|value| ("provider_message_id", value)));
    attributes.extend(
        stored
            .progress
            .settled
            .map(|settled| ("settled", settled_to_map(settled))),
    );
    attributes.extend(
        stored
            .wait_token
            .as_ref()
            .map(|token| ("wait_token", text(&token.0))),
    );
    let delivered = stored.delivered.as_ref();
    attributes.extend(delivered.map(|message| ("delivered", delivered_to_map(message))));
    attributes.extend(stored.issued_at.map(|at| ("issued_at", text(at))));
    let certificate = stored.certificate.as_ref();
    attributes.extend(certificate.map(|stored| ("certificate", certificate_to_map(stored))));
    item(attributes)
}

pub(super) fn dispatch_from_item(item: &Item) -> Result<StoredDispatch, ItemError> {
    let item = Reader(item);
    Ok(StoredDispatch {
        dispatch: Dispatch {
            id: item.parse("dispatch_id")?,
            serial: item.parse("serial")?,
            kind: item.named("kind", |name| {
                [DispatchKind::Mail]
                    .into_iter()
                    .find(|kind| kind_name(*kind) == name)
            })?,
            sender: item.parse("sender")?,
            recipient: item.parse("recipient")?,
            inbound: item.parse("inbound_id")?,
            accepted_at: item.parse("accepted_at")?,
            price: Points::new(item.number("price")?),
        },
        progress: Progress {
            attempt: attempt_from_map(item.map("attempt")?)?,
            settled: item
                .optional_map("settled")?
                .map(settled_from_map)
                .transpose()?,
        },
        version: item.number("version")?,
        wait_token: item
            .optional_text("wait_token")?
            .map(|token| WaitToken(token.to_owned())),
        delivered: item
            .optional_map("delivered")?
            .map(delivered_from_map)
            .transpose()?,
        issued_at: item.optional_parse("issued_at")?,
        certificate: item
            .optional_map("certificate")?
            .map(certificate_from_map)
            .transpose()?,
        copy: notice_from_map(item.map("copy")?)?,
    })
}

/// What the index `by-provider-message` lists the dispatch under.
pub(super) fn provider_message_id(progress: &Progress) -> Option<AttributeValue> {
    match &progress.attempt {
        Attempt::ProviderAccepted { message_id, .. } => Some(text(message_id)),
        Attempt::NotYet | Attempt::Underway { .. } => None,
    }
}

pub(super) fn attempt_to_map(attempt: &Attempt) -> AttributeValue {
    match attempt {
        Attempt::NotYet => map([("state", text("not_yet"))]),
        Attempt::Underway { since } => map([("state", text("underway")), ("since", text(since))]),
        Attempt::ProviderAccepted { at, message_id } => map([
            ("state", text("provider_accepted")),
            ("at", text(at)),
            ("message_id", text(message_id)),
        ]),
    }
}

fn attempt_from_map(map: Reader<'_>) -> Result<Attempt, ItemError> {
    match map.text("state")? {
        "not_yet" => Ok(Attempt::NotYet),
        "underway" => Ok(Attempt::Underway {
            since: map.parse("since")?,
        }),
        "provider_accepted" => Ok(Attempt::ProviderAccepted {
            at: map.parse("at")?,
            message_id: map.parse("message_id")?,
        }),
        _ => Err(ItemError { attribute: "state" }),
    }
}

pub(super) fn settled_to_map(settled: Settled) -> AttributeValue {
    map([
        ("outcome", text(settled.outcome.name())),
        ("at", text(settled.at)),
    ])
}

fn settled_from_map(map: Reader<'_>) -> Result<Settled, ItemError> {
    Ok(Settled {
        outcome: map.named("outcome", Outcome::from_name)?,
        at: map.parse("at")?,
    })
}

pub(super) fn delivered_to_map(message: &DeliveredMessage) -> AttributeValue {
    map([
        ("key", text(&message.key)),
        ("sha256", text(message.digest)),
        ("size_bytes", number(message.size_bytes)),
    ])
}

fn delivered_from_map(map: Reader<'_>) -> Result<DeliveredMessage, ItemError> {
    Ok(DeliveredMessage {
        key: map.parse("key")?,
        digest: map.parse("sha256")?,
        size_bytes: map.number("size_bytes")?,
    })
}

pub(super) fn certificate_to_map(certificate: &StoredCertificate) -> AttributeValue {
    map([
        ("key", text(&certificate.key)),
        ("sha256", text(certificate.digest)),
        ("timestamped_at", text(certificate.timestamped_at)),
    ])
}

fn certificate_from_map(map: Reader<'_>) -> Result<StoredCertificate, ItemError> {
    Ok(StoredCertificate {
        key: map.parse("key")?,
        digest: map.parse("sha256")?,
        timestamped_at: map.parse("timestamped_at")?,
    })
}

fn kind_name(kind: DispatchKind) -> &'static str {
    match kind {
        DispatchKind::Mail => "mail",
    }
}

#[cfg(test)]
mod tests {
    use domain::{NoticeState, Sha256Digest};
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn times() -> impl Strategy<Value = Timestamp> {
        (0_i64..4_000_000_000, 0_i32..1_000_000_000)
            .prop_map(|(seconds, nanos)| Timestamp::new(seconds, nanos).unwrap())
    }

    fn attempts() -> impl Strategy<Value = Attempt> {
        prop_oneof![
            Just(Attempt::NotYet),
            times().prop_map(|since| Attempt::Underway { since }),
            (times(), "[!-~]{1,128}").prop_map(|(at, id)| Attempt::ProviderAccepted {
                at,
                message_id: id.parse().unwrap(),
            }),
        ]
    }

    fn settlements() -> impl Strategy<Value = Option<Settled>> {
        proptest::option::of(
            (0..Outcome::ALL.len(), times()).prop_map(|(which, at)| Settled {
                outcome: Outcome::ALL.into_iter().nth(which).unwrap(),
                at,
            }),
        )
    }

    fn notices() -> impl Strategy<Value = NoticeState> {
        prop_oneof![
            Just(NoticeState::Pending),
            times().prop_map(|at| NoticeState::Attempted { at }),
            (times(), "[!-~]{1,128}").prop_map(|(at, id)| NoticeState::Sent {
                at,
                message_id: id.parse().unwrap(),
            }),
        ]
    }

    fn dispatches() -> impl Strategy<Value = Dispatch> {
        (
            "[A-Za-z0-9_-]{1,72}",
            0_u64..2_000_000,
            any::<u32>(),
            times(),
        )
            .prop_map(|(id, last, price, accepted_at)| Dispatch {
                id: id.parse().unwrap(),
                serial: domain::Serial::new(
                    "K7Q2".parse().unwrap(),
                    domain::SerialNumber::after(last),
                ),
                kind: DispatchKind::Mail,
                sender: "Taro@Example.JP".parse().unwrap(),
                recipient: "a..b@日本.example".parse().unwrap(),
                inbound: "inbound".parse().unwrap(),
                accepted_at,
                price: Points::new(price),
            })
    }

    prop_compose! {
        fn stored()(
            dispatch in dispatches(),
            attempt in attempts(),
            settled in settlements(),
            version in any::<u64>(),
            token in proptest::option::of(".{0,64}"),
            message in proptest::option::of((any::<[u8; 32]>(), any::<u64>())),
            issued_at in proptest::option::of(times()),
            certificate in proptest::option::of((any::<[u8; 32]>(), times())),
            copy in notices(),
        ) -> StoredDispatch {
            StoredDispatch {
                dispatch,
                progress: Progress { attempt, settled },
                version,
                wait_token: token.map(WaitToken),
                delivered: message.map(|(digest, size_bytes)| DeliveredMessage {
                    key: "delivered/abc-01.eml".parse().unwrap(),
                    digest: Sha256Digest::new(digest),
                    size_bytes,
                }),
                issued_at,
                certificate: certificate.map(|(digest, timestamped_at)| StoredCertificate {
                    key: "certificates/K7Q2/K7Q2-000001.pdf".parse().unwrap(),
                    digest: Sha256Digest::new(digest),
                    timestamped_at,
                }),
                copy,
            }
        }
    }

    proptest! {
        #[test]
        fn every_dispatch_survives_storage(stored in stored()) {
            let item = dispatch_to_item(&stored);
            let back = dispatch_from_item(&item).unwrap();
            prop_assert_eq!(back.dispatch.sender.as_str(), stored.dispatch.sender.as_str());
            prop_assert_eq!(dispatch_named_by(&item), Ok(stored.dispatch.id.clone()));
            prop_assert_eq!(back, stored);
        }
    }

    #[test]
    fn an_outcome_that_nobody_knows_is_refused() {
        let item = item([
            ("outcome", text("teleported")),
            ("at", text("2026-01-05T00:00:00Z")),
        ]);
        assert_eq!(
            settled_from_map(Reader(&item)),
            Err(ItemError {
                attribute: "outcome"
            })
        );
    }
}
