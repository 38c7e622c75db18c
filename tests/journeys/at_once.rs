//! Things that happen at the same time, in every order that a seed draws.

use jiff::SignedDuration;
use serde_json::json;
use tests::customer::{Customer, Letter};
use tests::{Fault, Reaction, World};

use super::{HANAKO, first_dispatch, mails_to_sender, messages_to, outcome};

/// How many orders are tried.
const SEEDS: u64 = 20;

/// A letter that was sent and about which nothing was heard yet.
fn sent_letter(world: &World) -> (domain::DispatchId, tests::SentMail) {
    world.react(HANAKO, Reaction::Mute);
    let id = first_dispatch(&world.receive(&Letter::from(&Customer::taro())));
    world.pass(1);
    let sent = world
        .outbox()
        .into_iter()
        .find(|sent| sent.dispatch() == Some(&id));
    (id, sent.expect("it was sent"))
}

#[test]
fn the_same_event_ten_times_at_once_is_one_event() {
    for seed in 0..SEEDS {
        let world = World::with_customer(10);
        let (id, sent) = sent_letter(&world);
        let details = json!({ "smtpResponse": "250 ok", "reportingMTA": "a8-90" });
        let call = world.report_call(&sent.record("Delivery", details, world.now()));
        let failed = world.call_at_once(&vec![call; 10], seed);
        assert_eq!(failed, 0, "seed {seed}: {:?}", world.failures());
        world.settle();
        world.assert_finished();
        assert_eq!(outcome(&world, &id), "relayed", "seed {seed}");
        let deliveries = world
            .events(&id)
            .iter()
            .filter(|event| event.kind.name() == "delivered")
            .count();
        assert_eq!(deliveries, 1, "seed {seed}");
    }
}

#[test]
fn ten_different_events_at_once_settle_once_and_all_are_kept() {
    for seed in 0..SEEDS {
        let world = World::with_customer(10);
        let (id, sent) = sent_letter(&world);
        let calls: Vec<_> = (0..10)
            .map(|number| {
                let answer = format!("250 {number}");
                let details = json!({ "smtpResponse": answer, "reportingMTA": "a8-90" });
                let bounce = json!({
                    "bounceType": "Permanent",
                    "bounceSubType": "General",
                    "bouncedRecipients": [{ "emailAddress": HANAKO, "status": "5.1.1" }],
                });
                let record = if number % 2 == 0 {
                    sent.record("Delivery", details, world.now())
                } else {
                    let at = world.now() + SignedDuration::from_secs(number);
                    sent.record("Bounce", bounce, at)
                };
                world.report_call(&record)
            })
            .collect();
        let failed = world.call_at_once(&calls, seed);
        assert_eq!(failed, 0, "seed {seed}: {:?}", world.failures());
        world.settle();
        world.assert_finished();
        let events = world.events(&id);
        let observed = |name| {
            events
                .iter()
                .filter(|event| event.kind.name() == name)
                .count()
        };
        assert_eq!(
            (observed("delivered"), observed("bounced")),
            (5, 5),
            "seed {seed}"
        );
        let first = events
            .iter()
            .find(|event| event.verbatim.is_some() && !event.is_supplementary);
        let expected = match first.map(|event| event.kind.name()) {
            Some("delivered") => "relayed",
            _ => "noex",
        };
        assert_eq!(outcome(&world, &id), expected, "seed {seed}");
        let supplementary = events.iter().filter(|event| event.is_supplementary).count();
        assert_eq!(supplementary, 9, "seed {seed}");
    }
}

#[test]
fn the_same_mail_twice_at_once_is_one_mail() {
    for seed in 0..SEEDS {
        let world = World::with_customer(10);
        let letter = Letter::from(&Customer::taro());
        let id = world.store_mail(&letter);
        let call = world.receipt_call(&letter, &id);
        assert_eq!(world.call_at_once(&vec![call; 3], seed), 0, "seed {seed}");
        world.settle();
        world.assert_finished();
        assert_eq!(
            (messages_to(&world, HANAKO), mails_to_sender(&world)),
            (1, 1),
            "seed {seed}"
        );
    }
}

#[test]
fn a_refused_mail_twice_at_once_gets_one_notice() {
    for seed in 0..SEEDS {
        let world = World::with_customer(10);
        let letter = Letter::from(&Customer::taro()).unsigned();
        let id = world.store_mail(&letter);
        let call = world.receipt_call(&letter, &id);
        // One of the two may have to come again later: that is what Lambda's retry is for.
        world.call_at_once(&[call.clone(), call], seed);
        world.pass(120);
        world.repeat_receipt(&letter, &id);
        world.settle();
        world.assert_finished();
        assert_eq!(mails_to_sender(&world), 1, "seed {seed}");
    }
}

#[test]
fn two_mails_at_once_do_not_spend_the_same_point() {
    for seed in 0..SEEDS {
        let world = World::with_customer(1);
        let letter = Letter::from(&Customer::taro());
        let calls: Vec<_> = (0..2)
            .map(|_| {
                let id = world.store_mail(&letter);
                world.receipt_call(&letter, &id)
            })
            .collect();
        assert_eq!(world.call_at_once(&calls, seed), 0, "seed {seed}");
        world.settle();
        world.assert_finished();
        assert_eq!(messages_to(&world, HANAKO), 1, "seed {seed}");
        assert_eq!(
            mails_to_sender(&world),
            2,
            "seed {seed}: a certificate and a refusal"
        );
    }
}

#[test]
fn a_workflow_that_is_called_twice_at_once_sends_once() {
    for seed in 0..SEEDS {
        let world = World::with_customer(10);
        let id = first_dispatch(&world.receive_without_workflow(&Letter::from(&Customer::taro())));
        let call = |token: &str| {
            let payload = json!({ "dispatch_id": id.as_str(), "task_token": token });
            ("Deliver", payload)
        };
        world.call_at_once(&[call("token-a"), call("token-b")], seed);
        assert_eq!(messages_to(&world, HANAKO), 1, "seed {seed}");
        world.settle();
        world.assert_finished();
        assert_eq!(outcome(&world, &id), "relayed", "seed {seed}");
    }
}

#[test]
fn an_event_that_overtakes_the_providers_answer_still_ends_the_wait() {
    for seed in 0..SEEDS {
        let world = World::with_customer(10);
        world.react(HANAKO, Reaction::Mute);
        let id = first_dispatch(&world.receive_without_workflow(&Letter::from(&Customer::taro())));
        let payload = |token: &str| json!({ "dispatch_id": id.as_str(), "task_token": token });
        // The process that handed the mail over never hears of it, and is called again.
        world.plan("send_mail", 0, Fault::AnswerLost);
        let failed = world.call_at_once(&[("Deliver", payload("an-old-token"))], seed);
        assert_eq!(failed, 0, "seed {seed}: {:?}", world.failures());
        let sent = world.outbox().pop().expect("it was sent");
        let details = json!({ "smtpResponse": "250 ok", "reportingMTA": "a8-90" });
        let delivery = world.report_call(&sent.record("Delivery", details, world.now()));
        let accepted = world.report_call(&sent.record("Send", json!({}), world.now()));
        let deliver = ("Deliver", payload("the-token"));
        let failed = world.call_at_once(&[deliver, accepted, delivery], seed);
        assert_eq!(failed, 0, "seed {seed}: {:?}", world.failures());
        assert_eq!(outcome(&world, &id), "relayed", "seed {seed}");
        assert!(
            world.completed("the-token"),
            "seed {seed}: the workflow waits for ever"
        );
        assert_eq!(messages_to(&world, HANAKO), 1, "seed {seed}");
    }
}
