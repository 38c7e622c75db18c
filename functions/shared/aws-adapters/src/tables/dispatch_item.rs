//! A dispatch as an item: what was fixed at intake in flat attributes, each stage it reached in a
//! map of its own.

use std::fmt;
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    AccountId, Addendum, AnswerDeadline, Attempt, CopyToken, Dispatch, DispatchId, EventId, Leg,
    Named, Offer, Origin, Points, Product, ProductName, Progress, Recipient, Settled, SubmissionId,
};
use workflow::ports::{
    ComposedDraft, DeliveredMessage, DeliveredSms, Renewal, StoredCertificate, StoredDispatch,
    WaitToken,
};

use super::item::{Attributes, Item, ItemError, Reader, item, map, number, text, texts};
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

pub(super) fn key_of_intake(id: &SubmissionId) -> Item {
    key_in_submission(id, "INTAKE")
}

pub(super) fn key_in_submission(id: &SubmissionId, sort_key: &'static str) -> Item {
    item([
        ("pk", text(format!("SUBMISSION#{id}"))),
        ("sk", text(sort_key)),
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
        ("product", text(dispatch.product.name())),
        ("submission_id", text(&dispatch.submission)),
        ("accepted_at", text(dispatch.accepted_at)),
        ("price", number(dispatch.price.get())),
        ("thread", text(dispatch.thread.as_str())),
        ("version", number(stored.version)),
        ("copy", notice_to_map(&stored.copy)),
        ("recipient_copy", notice_to_map(&stored.recipient_copy)),
        ("road_notice", notice_to_map(&stored.road_notice)),
    ];
    attributes.extend(origin_attributes(&dispatch.origin));
    attributes.extend(product_attributes(&dispatch.product));
    attributes.extend(recipient_attributes(&dispatch.product, &dispatch.recipient));
    attributes.extend(progress_attributes(&stored.progress));
    let token = stored.wait_token.as_ref();
    attributes.extend(token.map(|token| ("wait_token", text(&token.0))));
    let delivered = stored.delivered.as_ref();
    attributes.extend(delivered.map(|message| ("delivered", delivered_to_map(message))));
    let sms = stored.sms.as_ref();
    attributes.extend(sms.map(|sms| ("sms", sms_to_map(sms))));
    attributes.extend(stored.issued_at.map(|at| ("issued_at", text(at))));
    let draft = stored.draft.as_ref();
    attributes.extend(draft.map(|draft| ("draft", draft_to_map(draft))));
    let copy_token = stored.copy_token.as_ref();
    attributes.extend(copy_token.into_iter().flat_map(copy_token_attributes));
    let certificate = stored.certificate.as_ref();
    attributes.extend(certificate.map(|stored| ("certificate", certificate_to_map(stored))));
    item(attributes)
}

pub(super) fn draft_to_map(draft: &ComposedDraft) -> AttributeValue {
    map([
        ("sha256", text(draft.digest)),
        ("signer_sha256", text(draft.signer)),
    ])
}

fn draft_from_map(draft: Reader<'_>) -> Result<ComposedDraft, ItemError> {
    Ok(ComposedDraft {
        digest: draft.parse("sha256")?,
        signer: draft.parse("signer_sha256")?,
    })
}

pub(super) fn dispatch_from_item(item: &Item) -> Result<StoredDispatch, ItemError> {
    let item = Reader(item);
    Ok(StoredDispatch {
        dispatch: Dispatch {
            id: item.parse("dispatch_id")?,
            serial: item.parse("serial")?,
            product: product_from_item(item)?,
            submission: item.parse("submission_id")?,
            origin: origin_from_item(item)?,
            recipient: recipient_from_item(item)?,
            accepted_at: item.parse("accepted_at")?,
            price: Points::new(item.number("price")?),
            thread: item.parse("thread")?,
        },
        progress: progress_from_item(item)?,
        version: item.number("version")?,
        wait_token: item
            .optional_text("wait_token")?
            .map(|token| WaitToken(token.to_owned())),
        delivered: item
            .optional_map("delivered")?
            .map(delivered_from_map)
            .transpose()?,
        sms: item.optional_map("sms")?.map(sms_from_map).transpose()?,
        issued_at: item.optional_parse("issued_at")?,
        draft: item
            .optional_map("draft")?
            .map(draft_from_map)
            .transpose()?,
        certificate: item
            .optional_map("certificate")?
            .map(certificate_from_map)
            .transpose()?,
        copy: notice_from_map(item.map("copy")?)?,
        recipient_copy: item
            .optional_map("recipient_copy")?
            .map(notice_from_map)
            .transpose()?
            .unwrap_or_default(),
        road_notice: item
            .optional_map("road_notice")?
            .map(notice_from_map)
            .transpose()?
            .unwrap_or_default(),
        copy_token: copy_token_from_item(item)?,
    })
}

/// The index `by-copy-token` lists what has a `copy_token`: contracts and addenda whose certificate
/// their recipient was to get.
pub(super) fn copy_token_attributes(token: &CopyToken) -> [(&'static str, AttributeValue); 2] {
    [
        ("copy_token", text(token.token.as_str())),
        ("copy_token_after", number(token.after_answers)),
    ]
}

pub(super) fn copy_token_from_item(item: Reader<'_>) -> Result<Option<CopyToken>, ItemError> {
    let Some(token) = item.optional_parse("copy_token")? else {
        return Ok(None);
    };
    Ok(Some(CopyToken {
        token,
        after_answers: item.number("copy_token_after")?,
    }))
}

pub(super) fn origin_attributes(origin: &Origin) -> Attributes {
    match origin {
        Origin::Mail { inbound, sender } => vec![
            ("origin", text(origin.name())),
            ("inbound_id", text(inbound)),
            ("sender", text(sender)),
        ],
    }
}

pub(super) fn origin_from_item(item: Reader<'_>) -> Result<Origin, ItemError> {
    match item.text("origin")? {
        "mail" => Ok(Origin::Mail {
            inbound: item.parse("inbound_id")?,
            sender: item.parse("sender")?,
        }),
        _ => Err(ItemError {
            attribute: "origin",
        }),
    }
}

/// What only one product has. The index `by-answer-token` lists contracts under their
/// `answer_token`.
pub(super) fn product_attributes(product: &Product) -> Attributes {
    match product {
        Product::Mail => Vec::new(),
        Product::Contract(offer) => vec![
            ("offer_order", text(offer.order.name())),
            ("answer_deadline_hours", number(offer.deadline.hours())),
            ("answer_until", text(offer.answer_until)),
            ("answer_token", text(offer.token.as_str())),
        ],
        Product::Addendum(addendum) => vec![
            ("adds_to", text(&addendum.main)),
            ("added", text(addendum.reason.name())),
            ("added_event", text(addendum.event)),
        ],
    }
}

pub(super) fn product_from_item(item: Reader<'_>) -> Result<Product, ItemError> {
    let name = item.value::<ProductName>("product")?;
    Ok(match name {
        Product::Mail => Product::Mail,
        Product::Contract(()) => Product::Contract(Offer {
            order: item.value("offer_order")?,
            deadline: deadline_from_item(item)?,
            answer_until: item.parse("answer_until")?,
            token: item.parse("answer_token")?,
        }),
        Product::Addendum(()) => Product::Addendum(Addendum {
            main: item.parse("adds_to")?,
            reason: item.value("added")?,
            event: EventId::new(item.parse("added_event")?),
        }),
    })
}

fn deadline_from_item(item: Reader<'_>) -> Result<AnswerDeadline, ItemError> {
    let attribute = "answer_deadline_hours";
    let hours = item.number(attribute)?;
    AnswerDeadline::from_hours(hours).map_err(|_| ItemError { attribute })
}

/// The index `by-mobile` lists who has a `mobile`: contracts only. Registered mail goes to
/// addresses, and nobody answers an addendum instead of its contract.
pub(super) fn recipient_attributes(product: &Product, recipient: &Recipient) -> Attributes {
    let name = match product {
        Product::Mail | Product::Contract(_) => "mobile",
        Product::Addendum(_) => "contract_mobile",
    };
    let mail = recipient.mail().map(|mail| ("recipient", text(mail)));
    let mobile = recipient.mobile().map(|mobile| (name, text(mobile)));
    mail.into_iter().chain(mobile).collect()
}

pub(super) fn recipient_from_item(item: Reader<'_>) -> Result<Recipient, ItemError> {
    let mail = item.optional_parse("recipient")?;
    let mobile = match item.optional_parse("mobile")? {
        Some(mobile) => Some(mobile),
        None => item.optional_parse("contract_mobile")?,
    };
    Recipient::from_parts(mail, mobile).ok_or(ItemError {
        attribute: "recipient",
    })
}

/// What a change of progress writes. What is known once stays known, so that nothing has to be
/// removed.
pub(super) fn progress_attributes(progress: &Progress) -> Attributes {
    let Progress {
        mail,
        sms,
        settled,
        answers_taken,
    } = progress;
    let mut attributes: Attributes = vec![
        ("attempt", attempt_to_map(&mail.attempt)),
        ("sms_attempt", attempt_to_map(&sms.attempt)),
        ("answers_taken", number(*answers_taken)),
    ];
    attributes.extend(fate_of(mail).map(|fate| ("mail_fate", fate)));
    attributes.extend(fate_of(sms).map(|fate| ("sms_fate", fate)));
    // The indexes by-provider-message and by-sms-message list the dispatch under these.
    attributes.extend(message_id_of(mail).map(|id| ("provider_message_id", id)));
    attributes.extend(message_id_of(sms).map(|id| ("sms_message_id", id)));
    attributes.extend(settled.map(|settled| ("settled", settled_to_map(settled))));
    attributes
}

fn progress_from_item(item: Reader<'_>) -> Result<Progress, ItemError> {
    Ok(Progress {
        mail: Leg {
            attempt: attempt_from_map(item.map("attempt")?)?,
            fate: item.optional_value("mail_fate")?,
        },
        // Dispatches from before there were contracts have none.
        sms: Leg {
            attempt: item
                .optional_map("sms_attempt")?
                .map(attempt_from_map)
                .transpose()?
                .unwrap_or_default(),
            fate: item.optional_value("sms_fate")?,
        },
        settled: item
            .optional_map("settled")?
            .map(settled_from_map)
            .transpose()?,
        answers_taken: item.number("answers_taken")?,
    })
}

fn fate_of(leg: &Leg) -> Option<AttributeValue> {
    leg.fate.map(|fate| text(fate.name()))
}

fn message_id_of(leg: &Leg) -> Option<AttributeValue> {
    match &leg.attempt {
        Attempt::ProviderAccepted { message_id, .. } => Some(text(message_id)),
        Attempt::NotYet | Attempt::Underway { .. } => None,
    }
}

fn attempt_to_map(attempt: &Attempt) -> AttributeValue {
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

fn settled_to_map(settled: Settled) -> AttributeValue {
    map([
        ("outcome", text(settled.outcome.name())),
        ("at", text(settled.at)),
    ])
}

fn settled_from_map(map: Reader<'_>) -> Result<Settled, ItemError> {
    Ok(Settled {
        outcome: map.value("outcome")?,
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

pub(super) fn sms_to_map(sms: &DeliveredSms) -> AttributeValue {
    map([("text", text(&sms.text)), ("parts", number(sms.parts))])
}

fn sms_from_map(map: Reader<'_>) -> Result<DeliveredSms, ItemError> {
    Ok(DeliveredSms {
        text: map.text("text")?.to_owned(),
        parts: map.number("parts")?,
    })
}

pub(super) fn certificate_to_map(certificate: &StoredCertificate) -> AttributeValue {
    let renewals = certificate.renewals.iter().cloned();
    let renewals: Vec<StoredRenewal> = renewals.map(StoredRenewal).collect();
    map([
        ("key", text(&certificate.key)),
        ("sha256", text(certificate.digest)),
        ("timestamped_at", text(certificate.timestamped_at)),
        ("renew_at", text(certificate.renew_at)),
        ("renewals", texts(&renewals)),
    ])
}

fn certificate_from_map(map: Reader<'_>) -> Result<StoredCertificate, ItemError> {
    let renewals: Vec<StoredRenewal> = map.parse_all("renewals")?;
    Ok(StoredCertificate {
        key: map.parse("key")?,
        digest: map.parse("sha256")?,
        timestamped_at: map.parse("timestamped_at")?,
        renewals: renewals.into_iter().map(|StoredRenewal(one)| one).collect(),
        renew_at: map.parse("renew_at")?,
    })
}

/// Digest and time, with a space between.
struct StoredRenewal(Renewal);

impl fmt::Display for StoredRenewal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(renewal) = self;
        write!(formatter, "{} {}", renewal.digest, renewal.timestamped_at)
    }
}

impl FromStr for StoredRenewal {
    type Err = ItemError;

    fn from_str(stored: &str) -> Result<Self, ItemError> {
        let attribute = "renewals";
        let unreadable = || ItemError { attribute };
        let (digest, time) = stored.split_once(' ').ok_or_else(unreadable)?;
        Ok(Self(Renewal {
            digest: digest.parse().map_err(|_| unreadable())?,
            timestamped_at: time.parse().map_err(|_| unreadable())?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        AddendumReason, AnswerToken, Fate, NoticeState, OfferOrder, Outcome, Sha256Digest,
    };
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

    fn fates() -> impl Strategy<Value = Option<Fate>> {
        proptest::option::of(proptest::sample::select(Fate::ALL.to_vec()))
    }

    fn legs() -> impl Strategy<Value = Leg> {
        (attempts(), fates()).prop_map(|(attempt, fate)| Leg { attempt, fate })
    }

    fn products() -> impl Strategy<Value = Product> {
        proptest::sample::select(ProductName::ALL.to_vec()).prop_flat_map(|name| match name {
            Product::Mail => Just(Product::Mail).boxed(),
            Product::Contract(()) => offers().prop_map(Product::Contract).boxed(),
            Product::Addendum(()) => addenda().prop_map(Product::Addendum).boxed(),
        })
    }

    fn offers() -> impl Strategy<Value = Offer> {
        let orders = proptest::sample::select(OfferOrder::ALL.to_vec());
        (orders, 1_u16..=2_160, times(), any::<u128>()).prop_map(
            |(order, hours, answer_until, bits)| Offer {
                order,
                deadline: AnswerDeadline::from_hours(hours).unwrap(),
                answer_until,
                token: AnswerToken::new(bits),
            },
        )
    }

    fn addenda() -> impl Strategy<Value = Addendum> {
        let reasons = proptest::sample::select(AddendumReason::ALL.to_vec());
        (reasons, 0_u8..255).prop_map(|(reason, byte)| Addendum {
            main: "abc-01".parse().unwrap(),
            reason,
            event: EventId::new(Sha256Digest::new([byte; 32])),
        })
    }

    fn recipients() -> impl Strategy<Value = Recipient> {
        let mail = || "a..b@日本.example".parse().unwrap();
        let mobile = || "+819012345678".parse().unwrap();
        prop_oneof![
            Just(Recipient::Mail(mail())),
            Just(Recipient::Mobile(mobile())),
            Just(Recipient::Both {
                mail: mail(),
                mobile: mobile(),
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
            products(),
            recipients(),
        )
            .prop_map(
                |(id, last, price, accepted_at, product, recipient)| Dispatch {
                    id: id.parse().unwrap(),
                    serial: domain::Serial::new(
                        "K7Q2".parse().unwrap(),
                        domain::SerialNumber::after(last),
                    ),
                    product,
                    submission: "inbound".parse().unwrap(),
                    origin: Origin::Mail {
                        inbound: "inbound".parse().unwrap(),
                        sender: "Taro@Example.JP".parse().unwrap(),
                    },
                    recipient,
                    accepted_at,
                    price: Points::new(price),
                    thread: domain::ThreadKey::new(u128::from(price)),
                },
            )
    }

    prop_compose! {
        fn stored()(
            dispatch in dispatches(),
            (mail, sms) in (legs(), legs()),
            (settled, answers_taken) in (settlements(), any::<u32>()),
            version in any::<u64>(),
            token in proptest::option::of(".{0,64}"),
            message in proptest::option::of((any::<[u8; 32]>(), any::<u64>())),
            short in proptest::option::of((".{0,70}", any::<u32>())),
            issued_at in proptest::option::of(times()),
            draft in proptest::option::of(any::<([u8; 32], [u8; 32])>()),
            certificate in proptest::option::of((any::<[u8; 32]>(), times())),
            renewals in proptest::collection::vec((any::<[u8; 32]>(), times()), 0..3),
            (copy, recipient_copy, road_notice) in (notices(), notices(), notices()),
            copy_token in proptest::option::of((any::<u128>(), any::<u32>())),
        ) -> StoredDispatch {
            StoredDispatch {
                dispatch,
                progress: Progress { mail, sms, settled, answers_taken },
                version,
                wait_token: token.map(WaitToken),
                delivered: message.map(|(digest, size_bytes)| DeliveredMessage {
                    key: "delivered/abc-01.eml".parse().unwrap(),
                    digest: Sha256Digest::new(digest),
                    size_bytes,
                }),
                sms: short.map(|(text, parts)| DeliveredSms { text, parts }),
                issued_at,
                draft: draft.map(|(digest, signer)| ComposedDraft {
                    digest: Sha256Digest::new(digest),
                    signer: Sha256Digest::new(signer),
                }),
                certificate: certificate.map(|(digest, timestamped_at)| StoredCertificate {
                    key: "certificates/K7Q2/K7Q2-000001.pdf".parse().unwrap(),
                    digest: Sha256Digest::new(digest),
                    timestamped_at,
                    renewals: renewals
                        .into_iter()
                        .map(|(digest, timestamped_at)| Renewal {
                            digest: Sha256Digest::new(digest),
                            timestamped_at,
                        })
                        .collect(),
                    renew_at: timestamped_at,
                }),
                copy,
                recipient_copy,
                road_notice,
                copy_token: copy_token.map(|(bits, after_answers)| CopyToken {
                    token: AnswerToken::new(bits),
                    after_answers,
                }),
            }
        }
    }

    proptest! {
        #[test]
        fn every_dispatch_survives_storage(stored in stored()) {
            let item = dispatch_to_item(&stored);
            let back = dispatch_from_item(&item).unwrap();
            let spelled = |stored: &StoredDispatch| stored.dispatch.origin.sender().to_string();
            prop_assert_eq!(spelled(&back), spelled(&stored));
            prop_assert_eq!(dispatch_named_by(&item), Ok(stored.dispatch.id.clone()));
            prop_assert_eq!(back, stored);
        }
    }

    #[test]
    fn a_dispatch_from_before_there_were_contracts_still_reads() {
        let dispatch = Dispatch {
            id: "abc-01".parse().unwrap(),
            serial: "K7Q2-000001".parse().unwrap(),
            product: Product::Mail,
            submission: "abc".parse().unwrap(),
            origin: Origin::Mail {
                inbound: "abc".parse().unwrap(),
                sender: "taro@example.jp".parse().unwrap(),
            },
            recipient: Recipient::Mail("hanako@example.jp".parse().unwrap()),
            accepted_at: "2026-01-05T00:00:00Z".parse().unwrap(),
            price: Points::new(1),
            thread: domain::ThreadKey::new(1),
        };
        let stored = StoredDispatch::accepted(dispatch);
        let mut old = dispatch_to_item(&stored);
        for added in ["sms_attempt", "recipient_copy", "road_notice"] {
            assert!(old.remove(added).is_some(), "{added}");
        }
        // It is listed in no index of contracts.
        for key in ["mobile", "answer_token", "copy_token", "sms_message_id"] {
            assert!(!old.contains_key(key), "{key}");
        }
        assert_eq!(dispatch_from_item(&old), Ok(stored));
    }

    #[test]
    fn a_dispatch_to_nobody_is_refused() {
        let item = item([("sender", text("taro@example.jp"))]);
        let refused = recipient_from_item(Reader(&item));
        let attribute = "recipient";
        assert_eq!(refused, Err(ItemError { attribute }));
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
