//! Answers that settle nothing: each becomes an addendum certificate, linked to its contract's by
//! digest (P-065, X-10).

use domain::{Choice, DispatchId};
use tests::customer::{Customer, Letter};
use tests::{AuthorityState, FUNCTIONS, Fault, World};
use workflow::ports::StoredDispatch;

use super::{
    BY_BOTH, BY_MAIL, BY_SMS, HANAKO, MOBILE, THIRTY_DAYS, answers, copies, execution, offered,
    outcome,
};

/// The addenda of a contract, in the order of their serials.
fn addenda(world: &World, contract: &DispatchId) -> Vec<StoredDispatch> {
    let mut addenda: Vec<_> = world
        .dispatches()
        .into_iter()
        .filter(|stored| stored.dispatch.adds_to() == Some(contract))
        .collect();
    addenda.sort_by_key(|stored| stored.dispatch.serial.number());
    addenda
}

/// The only addendum.
fn addendum(world: &World, contract: &DispatchId) -> StoredDispatch {
    let mut addenda = addenda(world, contract);
    assert_eq!(addenda.len(), 1, "{}", world.report());
    addenda.remove(0)
}

/// A contract whose time is over, and whose recipient writes all the same.
fn answered_too_late(world: &World) -> DispatchId {
    let id = offered(world, BY_MAIL);
    world.pass(THIRTY_DAYS + 120);
    assert_eq!(outcome(world, &id), "no_response");
    world.answer_by_mail(&id, "遅くなりましたが、承諾します。");
    world.settle();
    id
}

#[test]
fn a_late_answer_is_certified_in_an_addendum_that_names_the_certificate_by_digest_p_065() {
    let world = World::with_customer(10);
    let id = answered_too_late(&world);
    world.assert_finished();
    let added = addendum(&world, &id);
    let main = world.dispatch(&id).expect("the contract");
    let main = main.certificate.expect("the contract is certified");
    assert_eq!(outcome(&world, &added.dispatch.id), "answered_later");
    // What stands on its pages, digests and all.
    let text = world.certificate_text_in_full(&added.dispatch.id);
    assert!(text.contains("遅くなりましたが、承諾します。"), "{text}");
    assert!(text.contains(&main.digest.to_string()), "{text}");
    assert!(text.contains(&added.dispatch.serial.to_string()), "{text}");
    // It is one more certificate for both parties, and costs nothing.
    assert_eq!(copies(&world), (2, 1));
    let balance = world.balance(&Customer::taro().account);
    assert_eq!((balance.available.get(), balance.reserved.get()), (9, 0));
    insta::assert_snapshot!(world.certificate_text(&added.dispatch.id));
}

#[test]
fn an_addendum_takes_few_transitions_and_waits_for_nothing() {
    let world = World::with_customer(10);
    let id = answered_too_late(&world);
    let added = addendum(&world, &id);
    // Five of its own, and the choice of where a product begins, which all of them pass.
    assert!(execution(&world, &added.dispatch.id).transitions() <= 6);
}

#[test]
fn each_later_answer_on_each_road_has_an_addendum_of_its_own() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_BOTH);
    for (choice, text) in [
        (Choice::Agree, "一"),
        (Choice::Decline, "二"),
        // Again, and after another one: that is a third answer and no repetition.
        (Choice::Agree, "一"),
    ] {
        // The first by the link of the offer, each later one by that of the newest copy.
        let token = world.newest_token_of(&id);
        for _ in 0..2 {
            world.send_form(token.as_str(), choice, text);
            world.pass(60);
        }
    }
    world.send_us_sms(MOBILE, "四");
    world.pass(5);
    world.answer_by_mail(&id, "五");
    world.settle();
    world.assert_finished();
    let texts: Vec<_> = answers(&world, &id)
        .into_iter()
        .map(|(text, _)| text)
        .collect();
    assert_eq!(texts, ["一", "二", "一", "四", "五"]);
    let addenda = addenda(&world, &id);
    let quoted = ["二", "一", "四", "五"];
    assert_eq!(addenda.len(), quoted.len());
    for (addendum, text) in addenda.iter().zip(quoted) {
        let pages = world.certificate_text(&addendum.dispatch.id);
        assert!(pages.contains(text), "{text}: {pages}");
    }
}

#[test]
fn what_is_no_answer_of_the_recipient_has_no_addendum() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_MAIL);
    world.answer_by_mail(&id, "承諾します。");
    world.settle();
    let sent = world.offer_mail(&id);
    world.receive(&Letter::answer(&sent, "別人です。").written_by("jiro@recipient.test"));
    world.receive(&Letter::answer(&sent, "不在です。").field("Auto-Submitted", "auto-replied"));
    world.settle();
    world.assert_finished();
    assert_eq!(answers(&world, &id).len(), 3);
    assert!(addenda(&world, &id).is_empty());
}

#[test]
fn an_addendum_waits_for_the_certificate_that_it_adds_to_x_2() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_MAIL);
    for authority in [0, 1] {
        world.set_authority(authority, AuthorityState::Down);
    }
    world.answer_by_mail(&id, "承諾します。");
    world.pass(60);
    world.answer_by_mail(&id, "追伸です。");
    world.pass(600);
    assert!(world.original(&id).is_none());
    let added = addendum(&world, &id);
    assert!(world.original(&added.dispatch.id).is_none());
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
fn who_is_known_by_number_gets_a_link_to_the_addendum() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_SMS);
    world.send_us_sms(MOBILE, "承諾します。");
    world.pass(60);
    world.send_us_sms(MOBILE, "よろしくお願いします。");
    world.settle();
    world.assert_finished();
    let added = addendum(&world, &id);
    let token = added.copy_token.expect("it was sent").token;
    let link = format!("/c/{}", token.as_str());
    let links = world.sms_outbox();
    let links = links.iter().filter(|sent| sent.sms.text.contains(&link));
    assert_eq!(links.count(), 1, "{}", world.report());
}

#[test]
fn twenty_answers_have_addenda_and_the_rest_is_kept_as_events() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_MAIL);
    let most = domain::limits::ADDENDA_MAX;
    for number in 0..most + 3 {
        world.answer_by_mail(&id, &format!("{number}"));
        world.pass(1);
    }
    world.settle();
    world.assert_finished();
    assert_eq!(answers(&world, &id).len(), most + 3);
    assert_eq!(addenda(&world, &id).len(), most);
}

#[test]
fn an_answer_to_an_addendum_belongs_to_the_contract() {
    let world = World::with_customer(10);
    let id = answered_too_late(&world);
    let copy = world.outbox().into_iter().rev().find(|sent| {
        let is_copy = sent.dispatch().is_none();
        is_copy && sent.mail.to.as_str() == HANAKO
    });
    world.receive(&Letter::answer(
        &copy.expect("she got the addendum"),
        "確かめました。",
    ));
    world.settle();
    world.assert_finished();
    assert_eq!(answers(&world, &id).len(), 2);
    assert_eq!(addenda(&world, &id).len(), 2);
}

#[test]
fn a_late_answer_survives_a_crash_anywhere() {
    for function in FUNCTIONS {
        for process in 0..5 {
            for after_calls in 1.. {
                let world = World::with_customer(10);
                let id = offered(&world, BY_MAIL);
                world.pass(THIRTY_DAYS + 120);
                world.crash_later(function, process, after_calls);
                world.answer_by_mail(&id, "遅くなりました。");
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
                let (sender, recipient) = copies(&world);
                assert!((2..=3).contains(&sender), "{place}: {sender}");
                assert!((1..=2).contains(&recipient), "{place}: {recipient}");
            }
        }
    }
}

#[test]
fn a_port_that_fails_once_changes_nothing_about_an_addendum() {
    for operation in [
        "open_addendum",
        "start_dispatch",
        "events",
        "load",
        "read_object",
    ] {
        for fault in [Fault::Fails, Fault::AnswerLost] {
            for skip in 0..4 {
                let world = World::with_customer(10);
                let id = offered(&world, BY_MAIL);
                world.pass(THIRTY_DAYS + 120);
                world.plan(operation, skip, fault);
                world.answer_by_mail(&id, "遅くなりました。");
                world.settle();
                world.assert_finished();
                let place = format!("{operation} {skip} {fault:?}");
                assert_eq!(addenda(&world, &id).len(), 1, "{place}");
                assert_eq!(copies(&world), (2, 1), "{place}");
            }
        }
    }
}
