//! A registered mail that comes back after its outcome was settled (Q-28, requirements section 6):
//! one addendum, beside a certificate that stays as it is.

use domain::DispatchId;
use serde_json::{Value, json};
use tests::customer::{Customer, Letter};
use tests::{AuthorityState, FUNCTIONS, Fault, Reaction, SentMail, World};
use workflow::ports::StoredDispatch;

use super::{HANAKO, first_dispatch, hanako_gets_a_letter, mails_to_sender, outcome};

const WORDS: &str = "smtp; 550 5.1.1 mailbox does not exist";

/// The report of case 34, as SES tells it.
fn bounce() -> Value {
    json!({
        "bounceType": "Permanent",
        "bounceSubType": "NoEmail",
        "bouncedRecipients": [{
            "emailAddress": HANAKO,
            "action": "failed",
            "status": "5.1.1",
            "diagnosticCode": WORDS,
        }],
    })
}

fn message(world: &World, id: &DispatchId) -> SentMail {
    let mut sent = world.outbox().into_iter();
    sent.find(|sent| sent.dispatch() == Some(id))
        .expect("it was sent")
}

/// SES tells that the mail of a dispatch came back.
fn comes_back(world: &World, id: &DispatchId, details: Value) {
    let record = message(world, id).record("Bounce", details, world.now());
    world.report_event(&record);
}

/// Hanako's server takes a letter, and minutes later says that her mailbox does not exist.
fn taken_and_returned(world: &World) -> DispatchId {
    let id = hanako_gets_a_letter(world);
    world.pass(300);
    comes_back(world, &id, bounce());
    world.settle();
    id
}

/// The addenda to the certificate of a dispatch.
fn addenda(world: &World, main: &DispatchId) -> Vec<StoredDispatch> {
    let all = world.dispatches().into_iter();
    all.filter(|stored| stored.dispatch.adds_to() == Some(main))
        .collect()
}

fn addendum(world: &World, main: &DispatchId) -> StoredDispatch {
    let mut addenda = addenda(world, main);
    assert_eq!(addenda.len(), 1, "{}", world.report());
    addenda.remove(0)
}

#[test]
fn a_late_bounce_is_certified_beside_the_first_certificate_and_its_sender_hears_of_it_q_28() {
    let world = World::with_customer(10);
    let id = hanako_gets_a_letter(&world);
    let first = world.original(&id).expect("it is certified as relayed");
    world.pass(300);
    comes_back(&world, &id, bounce());
    world.settle();
    world.assert_finished();

    assert_eq!(outcome(&world, &id), "relayed");
    assert_eq!(world.original(&id), Some(first), "it stays as it is");
    let added = addendum(&world, &id);
    assert_eq!(outcome(&world, &added.dispatch.id), "bounced_later");
    let main = world.dispatch(&id).expect("the mail");
    let certificate = main.certificate.expect("it is certified");
    let text = world.certificate_text_in_full(&added.dispatch.id);
    for said in [
        main.dispatch.serial.to_string(),
        certificate.digest.to_string(),
        WORDS.to_owned(),
    ] {
        assert!(text.contains(&said), "{said}: {text}");
    }
    insta::assert_snapshot!(world.certificate_text(&added.dispatch.id));
    // The certificate, and then the news; both for one point.
    assert_eq!(mails_to_sender(&world), 2);
    let balance = world.balance(&Customer::taro().account);
    assert_eq!((balance.available.get(), balance.reserved.get()), (9, 0));
    let full = world.outbox_in_full();
    let news = full.split("===== ").last().expect("there are mails");
    insta::assert_snapshot!("late_bounce_mail", news);
}

#[test]
fn however_often_a_mail_comes_back_there_is_one_addendum() {
    let world = World::with_customer(10);
    let id = hanako_gets_a_letter(&world);
    let record = message(&world, &id).record("Bounce", bounce(), world.now());
    for _ in 0..3 {
        world.report_event(&record);
    }
    world.settle();
    let first = addendum(&world, &id);
    // Another server on the way says so as well, a day later.
    world.pass(86_400);
    let mut other = bounce();
    other["bouncedRecipients"][0]["diagnosticCode"] = "smtp; 554 5.7.1 refused".into();
    comes_back(&world, &id, other);
    world.settle();
    world.assert_finished();
    assert_eq!(addendum(&world, &id).certificate, first.certificate);
    let bounces = world.events(&id).into_iter();
    let bounces = bounces.filter(|event| event.kind.name() == "bounced");
    assert_eq!(bounces.count(), 2, "the second is kept as an event");
    assert_eq!(mails_to_sender(&world), 2);
}

#[test]
fn a_bounce_before_the_delivery_decides() {
    let world = World::with_customer(10);
    world.react(HANAKO, Reaction::Silent);
    let id = first_dispatch(&world.receive(&Letter::from(&Customer::taro())));
    world.pass(60);
    comes_back(&world, &id, bounce());
    world.pass(60);
    let details = json!({ "smtpResponse": "250 ok", "reportingMTA": "a8-90" });
    let delivery = message(&world, &id).record("Delivery", details, world.now());
    world.report_event(&delivery);
    world.settle();
    world.assert_finished();
    assert_eq!(outcome(&world, &id), "noex");
    assert!(addenda(&world, &id).is_empty());
    assert_eq!(mails_to_sender(&world), 1);
}

#[test]
fn what_says_nothing_about_the_delivery_has_no_addendum() {
    for (kind, subtype) in [("Undetermined", "Undetermined"), ("Transient", "General")] {
        let world = World::with_customer(10);
        let id = hanako_gets_a_letter(&world);
        let vacation = json!({
            "bounceType": kind,
            "bounceSubType": subtype,
            "bouncedRecipients": [{ "emailAddress": HANAKO }],
        });
        comes_back(&world, &id, vacation);
        world.settle();
        world.assert_finished();
        assert!(addenda(&world, &id).is_empty(), "{kind}");
    }
}

#[test]
fn a_bounce_of_another_message_has_no_addendum() {
    let world = World::with_customer(10);
    let id = hanako_gets_a_letter(&world);
    let mut sent = message(&world, &id);
    sent.message_id = "0100019b8f3c0000-999999".parse().expect("an id");
    world.report_event(&sent.record("Bounce", bounce(), world.now()));
    world.settle();
    world.assert_finished();
    assert!(addenda(&world, &id).is_empty());
}

#[test]
fn a_bounce_after_a_day_of_silence_is_certified_too() {
    let world = World::with_customer(10);
    world.react(HANAKO, Reaction::Silent);
    let id = taken_and_returned(&world);
    world.assert_finished();
    assert_eq!(outcome(&world, &id), "unconfirmed");
    let added = addendum(&world, &id);
    assert_eq!(outcome(&world, &added.dispatch.id), "bounced_later");
}

#[test]
fn who_wants_no_certificates_by_mail_hears_of_a_late_bounce_all_the_same() {
    let world = World::with_customer(10);
    world.change_account(&Customer::taro().account, |account| {
        account.settings.certificates_by_mail = false;
    });
    taken_and_returned(&world);
    world.assert_finished();
    assert_eq!(mails_to_sender(&world), 1);
}

#[test]
fn the_addendum_waits_for_the_certificate_that_it_adds_to_x_2() {
    let world = World::with_customer(10);
    for authority in [0, 1] {
        world.set_authority(authority, AuthorityState::Down);
    }
    let id = first_dispatch(&world.receive(&Letter::from(&Customer::taro())));
    world.pass(60);
    comes_back(&world, &id, bounce());
    world.pass(600);
    let added = addendum(&world, &id);
    assert_eq!(world.original(&added.dispatch.id), None);
    for authority in [0, 1] {
        world.set_authority(authority, AuthorityState::Up);
    }
    world.settle();
    world.assert_finished();
    let main = world.dispatch(&id).and_then(|main| main.certificate);
    let text = world.certificate_text_in_full(&added.dispatch.id);
    assert!(text.contains(&main.expect("certified").digest.to_string()));
}

#[test]
fn a_late_bounce_survives_a_crash_anywhere() {
    for function in FUNCTIONS {
        for process in 0..3 {
            for after_calls in 1.. {
                let world = World::with_customer(10);
                let id = hanako_gets_a_letter(&world);
                world.crash_later(function, process, after_calls);
                comes_back(&world, &id, bounce());
                world.settle();
                while world.redrive() > 0 {
                    world.settle();
                }
                if world.crashes() == 0 {
                    break;
                }
                let place = format!("{function} {process} died after {after_calls}");
                world.assert_finished();
                assert_eq!(addenda(&world, &id).len(), 1, "{place}");
                assert!((2..=3).contains(&mails_to_sender(&world)), "{place}");
            }
        }
    }
}

#[test]
fn a_port_that_fails_once_changes_nothing_about_a_late_bounce() {
    for operation in [
        "open_addendum",
        "start_dispatch",
        "events",
        "load",
        "commit",
    ] {
        for fault in [Fault::Fails, Fault::AnswerLost] {
            for skip in 0..3 {
                let world = World::with_customer(10);
                let id = hanako_gets_a_letter(&world);
                world.plan(operation, skip, fault);
                comes_back(&world, &id, bounce());
                world.settle();
                world.assert_finished();
                let place = format!("{operation} {skip} {fault:?}");
                assert_eq!(addenda(&world, &id).len(), 1, "{place}");
                assert_eq!(mails_to_sender(&world), 2, "{place}");
            }
        }
    }
}
