//! What reaches `record-event` and is not what it usually is.

use jiff::SignedDuration;
use serde_json::json;
use tests::customer::{Customer, Letter};
use tests::{Fault, Reaction, SentMail, World};

use super::{HANAKO, first_dispatch, hanako_gets_a_letter, mails_about, mails_to_sender, outcome};

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

/// An event as SNS hands it over, from the folder of AWS's events, about a mail of ours.
fn fixture(name: &str, sent: &SentMail) -> (&'static str, serde_json::Value) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
    let text = std::fs::read_to_string(path.join(name)).expect("it is there");
    let text = text.replace("@SES_ID@", sent.message_id.as_str());
    // They were recorded on another day than the worlds of tests begin on, and no certificate tells
    // of what happens after its first timestamp.
    let text = text.replace("2026-03-03T01:00:", "2026-01-05T00:00:");
    let text = text.replace("2026-03-03T02:00:", "2026-01-05T00:00:");
    (
        "RecordEvent",
        serde_json::from_str(&text).expect("it is JSON"),
    )
}

#[test]
fn the_word_that_a_topic_is_valid_is_of_no_concern() {
    let (world, id, sent) = silence();
    let before = world.events(&id);
    world.call_soon(fixture("sns-ses-topic-is-valid.json", &sent));
    world.pass(600);
    assert_eq!((world.failures(), world.dead_letters()), (vec![], vec![]));
    assert_eq!(world.events(&id), before);
}

#[test]
fn a_notification_of_an_identity_is_an_event_in_an_older_form() {
    let (world, id, sent) = silence();
    world.call_soon(fixture("sns-ses-notification-bounce.json", &sent));
    world.call_soon(fixture("sns-ses-notification-complaint.json", &sent));
    world.settle();
    world.assert_finished();
    assert_eq!((world.failures(), world.dead_letters()), (vec![], vec![]));
    assert_eq!(outcome(&world, &id), "noex");
    let names: Vec<_> = world
        .events(&id)
        .iter()
        .map(|one| one.kind.name())
        .collect();
    assert!(
        names.contains(&"bounced") && names.contains(&"complained"),
        "{names:?}"
    );
    let text = world.certificate_text(&id);
    assert!(text.contains("550 5.1.1 user unknown"), "{text}");
}

#[test]
fn what_a_fast_clock_tells_of_is_certified_when_its_time_has_passed() {
    let (world, id, sent) = silence();
    let told_at = world.now() + SignedDuration::from_hours(3);
    world.report_event(&sent.record("Delivery", delivery(), told_at));
    world.settle();
    assert_eq!(outcome(&world, &id), "relayed");
    assert_eq!((world.original(&id), world.parked().len()), (None, 1));
    world.pass(3 * 3_600);
    assert_eq!(world.replay_parked(), 1);
    world.settle();
    world.assert_finished();
    assert!(world.original(&id).is_some());
}

#[test]
fn an_event_of_another_mail_under_our_tags_is_kept_and_changes_nothing() {
    let (world, id, sent) = silence();
    let forged = SentMail {
        message_id: "0100019b8f3c0000-forged".parse().expect("an id"),
        ..sent.clone()
    };
    world.report_event(&forged.record("Delivery", delivery(), world.now()));
    world.pass(1);
    assert_eq!(outcome(&world, &id), "open");
    world.report_event(&sent.record("Bounce", permanent_bounce(), world.now()));
    world.settle();
    world.assert_finished();
    assert_eq!((world.failures(), world.dead_letters()), (vec![], vec![]));
    assert_eq!(outcome(&world, &id), "noex");
    let names: Vec<_> = world
        .events(&id)
        .iter()
        .map(|one| one.kind.name())
        .collect();
    assert!(names.contains(&"of_another_message"), "{names:?}");
    assert!(!names.contains(&"delivered"), "{names:?}");
    let text = world.certificate_text(&id);
    assert!(
        text.contains("another message (id 0100019b8f3c0000-forged)"),
        "{text}"
    );
    assert!(
        text.contains("別のメッセージ（ID: 0100019b8f3c0000-forged）"),
        "{text}"
    );
}

fn permanent_bounce() -> serde_json::Value {
    json!({
        "bounceType": "Permanent",
        "bounceSubType": "General",
        "bouncedRecipients": [{ "emailAddress": HANAKO, "status": "5.1.1" }],
    })
}

/// A world in which the mail was handed over, and `deliver` died before it heard of it.
fn doubt() -> (World, domain::DispatchId, SentMail) {
    let world = World::with_customer(10);
    world.react(HANAKO, Reaction::Mute);
    world.plan("send_mail", 0, Fault::AnswerLost);
    let id = first_dispatch(&world.receive(&Letter::from(&Customer::taro())));
    world.pass(1);
    let sent = world
        .outbox()
        .into_iter()
        .find(|sent| sent.dispatch() == Some(&id));
    (world, id, sent.expect("it was sent"))
}

#[test]
fn what_fits_in_everything_tells_the_id_of_a_mail_whose_handover_nobody_recorded() {
    let (world, id, sent) = doubt();
    world.report_event(&sent.record("Delivery", delivery(), world.now()));
    world.settle();
    world.assert_finished();
    assert_eq!(outcome(&world, &id), "relayed");
    let text = world.certificate_text(&id);
    let adopted = format!("the id {} adopted from it", sent.message_id);
    assert!(text.replace('\n', " ").contains(&adopted), "{text}");
}

#[test]
fn what_does_not_fit_tells_nothing_of_a_mail_whose_handover_nobody_recorded() {
    for (pointer, value) in [
        ("/mail/destination", json!([HANAKO, "jiro@recipient.test"])),
        ("/mail/destination", json!(["jiro@recipient.test"])),
        ("/mail/destination", json!([])),
        ("/mail/tags/ses:configuration-set", json!(["another"])),
        ("/mail/tags/ses:configuration-set", json!([])),
    ] {
        let (world, id, sent) = doubt();
        let mut record = sent.record("Delivery", delivery(), world.now());
        *record.pointer_mut(pointer).expect("it is there") = value.clone();
        world.report_event(&record);
        world.pass(1);
        assert_eq!(outcome(&world, &id), "open", "{pointer} {value}");
        let names: Vec<_> = world
            .events(&id)
            .iter()
            .map(|one| one.kind.name())
            .collect();
        assert!(names.contains(&"of_another_message"), "{pointer} {value}");
        world.settle();
        world.assert_finished();
        assert_eq!(outcome(&world, &id), "unconfirmed_unsent");
    }
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
        assert_eq!(
            mails_to_sender(&world),
            mails_about(reaction),
            "{reaction:?}"
        );
    }
}
