//! What reaches `record-event` and is not what it usually is.

use serde_json::json;
use tests::customer::{Customer, Letter};
use tests::{Reaction, SentMail, World};

use super::{HANAKO, first_dispatch, hanako_gets_a_letter, mails_to_sender, outcome};

/// A world in which a letter was sent and nothing was heard of it yet, and what was sent.
fn silence() -> (World, domain::DispatchId, SentMail) {
    let world = World::with_customer(10);
    world.react(HANAKO, Reaction::Mute);
    let id = first_dispatch(&world.receive(&Letter::from(&Customer::taro())));
    world.pass(1);
    let sent = world
        .outbox()
        .into_iter()
        .find(|sent| sent.dispatch() == Some(&id));
    (world, id, sent.expect("it was sent"))
}

fn delivery() -> serde_json::Value {
    json!({ "smtpResponse": "250 ok", "reportingMTA": "a8-90" })
}

#[test]
fn an_event_without_our_tag_is_found_by_the_providers_id() {
    let (world, id, sent) = silence();
    let mut record = sent.record("Delivery", delivery(), world.now());
    if let Some(tags) = record.pointer_mut("/mail/tags") {
        *tags = json!({});
    }
    world.report_event(&record);
    world.settle();
    world.assert_finished();
    assert_eq!(outcome(&world, &id), "relayed");
}

#[test]
fn events_about_nobody_change_nothing_and_are_no_failure() {
    let (world, id, sent) = silence();
    let now = world.now();
    let mut unknown = sent.record("Delivery", delivery(), now);
    if let Some(tag) = unknown.pointer_mut("/mail/tags/dispatch") {
        *tag = json!(["inbound999999-01"]);
    }
    let mut open = sent.record("Open", json!({ "userAgent": "scanner" }), now);
    if let Some(tag) = open.pointer_mut("/mail/tags/dispatch") {
        *tag = json!([id.as_str()]);
    }
    for record in [unknown, open] {
        world.report_event(&record);
    }
    world.pass(1);
    assert_eq!((world.failures(), world.dead_letters()), (vec![], vec![]));
    assert_eq!(outcome(&world, &id), "open");
    assert!(
        world
            .events(&id)
            .iter()
            .all(|event| event.kind.name() != "delivered")
    );
}

#[test]
fn a_record_that_cannot_be_read_ends_with_the_dead_letters() {
    let (world, id, sent) = silence();
    let long = "x".repeat(domain::limits::EVENT_SIZE_BYTES_MAX);
    let mut untimed = sent.record("Delivery", delivery(), world.now());
    if let Some(time) = untimed.pointer_mut("/delivery/timestamp") {
        *time = json!("yesterday");
    }
    let too_long = sent.record("Delivery", json!({ "smtpResponse": long }), world.now());
    for record in [
        json!("no record"),
        json!({ "eventType": "Delivery" }),
        untimed,
        too_long,
    ] {
        world.report_event(&record);
    }
    world.pass(600);
    world.assert_sound();
    assert_eq!(world.dead_letters().len(), 4, "{:?}", world.dead_letters());
    assert_eq!(outcome(&world, &id), "open");
}

#[test]
fn replaying_a_finished_dispatch_does_nothing_again() {
    for reaction in Reaction::ALL {
        let world = World::with_customer(10);
        world.react(HANAKO, reaction);
        let id = hanako_gets_a_letter(&world);
        let (original, mails) = (world.original(&id), world.outbox().len());
        world.replay(&id);
        world.settle();
        world.assert_finished();
        assert_eq!(world.original(&id), original, "{reaction:?}");
        assert_eq!(world.outbox().len(), mails, "{reaction:?}");
        assert_eq!(mails_to_sender(&world), 1, "{reaction:?}");
    }
}
