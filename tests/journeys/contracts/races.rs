//! Answers, deadlines and bounces that meet: whatever comes first settles, everything is kept.

use domain::{AnswerDeadline, Choice, OfferOrder};
use jiff::SignedDuration;
use serde_json::json;
use tests::customer::{Customer, Letter};
use tests::{Fault, Reaction, World};

use super::super::messages_to;
use super::{
    BY_BOTH, BY_MAIL, HANAKO, MOBILE, THIRTY_DAYS, answers, copies, execution, first_dispatch,
    offered, offers_by_sms, outcome, world_in,
};

/// Until when Hanako may answer.
fn answer_until(world: &World, id: &domain::DispatchId) -> jiff::Timestamp {
    let stored = world.dispatch(id).expect("it was accepted");
    stored.dispatch.answer_until().expect("it is an offer")
}

/// So long after its deadline an offer still waits for what arrived in time, with a margin.
const GRACE: i64 = 70;

/// Lets time pass up to this moment.
fn pass_until(world: &World, moment: jiff::Timestamp) {
    let left = moment.duration_since(world.now());
    world.pass(left.as_secs());
    let rest = moment.duration_since(world.now());
    assert!(rest < SignedDuration::from_secs(1), "{rest:?} are left");
}

#[test]
fn an_answer_in_the_last_second_that_is_read_before_the_timeout_settles_q_1() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_MAIL);
    pass_until(&world, answer_until(&world, &id));
    assert_eq!(outcome(&world, &id), "open");
    world.answer_by_mail(&id, "間に合いました。");
    world.settle();
    world.assert_finished();
    assert_eq!(outcome(&world, &id), "answered");
    assert_eq!(copies(&world), (1, 1));
}

#[test]
fn an_answer_in_the_last_second_that_is_read_after_the_timeout_is_kept_beside_q_1() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_MAIL);
    pass_until(&world, answer_until(&world, &id));
    let letter = Letter::answer(&world.offer_mail(&id), "遅れて届きました。");
    let inbound = world.store_mail(&letter);
    let call = world.receipt_call(&letter, &inbound);
    world.pass(GRACE);
    assert_eq!(outcome(&world, &id), "no_response");
    world.call_soon(call);
    world.settle();
    world.assert_finished();
    assert_eq!(outcome(&world, &id), "no_response");
    assert_eq!(
        answers(&world, &id),
        [("遅れて届きました。".to_owned(), true)]
    );
    // An addendum certifies it, to both parties (P-065).
    assert_eq!(copies(&world), (2, 1));
}

#[test]
fn an_answer_and_the_timeout_at_once_are_one_outcome_in_every_order() {
    let mut ends = std::collections::BTreeSet::new();
    for seed in 0..30 {
        let world = World::with_customer(10);
        let id = offered(&world, BY_MAIL);
        pass_until(&world, answer_until(&world, &id));
        let letter = Letter::answer(&world.offer_mail(&id), "承諾します。");
        let inbound = world.store_mail(&letter);
        let answer = world.receipt_call(&letter, &inbound);
        let until = answer_until(&world, &id);
        while world.now() < until {
            world.skip(SignedDuration::from_millis(50));
        }
        let deadline = json!({ "deadline": { "dispatch_id": id.as_str() } });
        let failed = world.call_at_once(&[answer, ("RecordEvent", deadline)], seed);
        assert_eq!(failed, 0, "seed {seed}: {:?}", world.failures());
        world.settle();
        world.assert_finished();
        let is_late = match outcome(&world, &id) {
            "answered" => false,
            "no_response" => true,
            other => panic!("seed {seed}: {other}"),
        };
        ends.insert(is_late);
        let told = [("承諾します。".to_owned(), is_late)];
        assert_eq!(answers(&world, &id), told, "seed {seed}");
        assert_eq!(copies(&world), (1 + usize::from(is_late), 1), "seed {seed}");
    }
    assert_eq!(ends.len(), 2, "one order was never drawn");
}

#[test]
fn an_answer_after_the_deadline_never_settles_though_nobody_noticed_the_deadline_yet() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_MAIL);
    world.break_port("commit", Fault::Fails);
    world.pass(THIRTY_DAYS + GRACE);
    let letter = Letter::answer(&world.offer_mail(&id), "遅れました。");
    world.receive(&letter);
    world.mend();
    world.settle();
    world.assert_finished();
    assert_eq!(outcome(&world, &id), "no_response");
    assert_eq!(answers(&world, &id).len(), 1);
    assert_eq!(copies(&world), (2, 1));
}

#[test]
fn a_bounce_after_the_answer_changes_nothing() {
    let world = World::with_customer(10);
    world.react(HANAKO, Reaction::Silent);
    let id = offered(&world, BY_MAIL);
    world.answer_by_mail(&id, "承諾します。");
    world.settle();
    let original = world.original(&id);
    let bounce = json!({
        "bounceType": "Permanent",
        "bounceSubType": "General",
        "bouncedRecipients": [{ "emailAddress": HANAKO, "status": "5.1.1" }],
    });
    let sent = world.offer_mail(&id);
    world.report_event(&sent.record("Bounce", bounce, world.now()));
    world.settle();
    world.assert_finished();
    assert_eq!(outcome(&world, &id), "answered");
    assert_eq!(world.original(&id), original);
    let last = world.events(&id).pop().expect("there are events");
    assert_eq!((last.kind.name(), last.is_supplementary), ("bounced", true));
}

#[test]
fn the_first_of_two_answers_settles_and_the_second_is_kept_p_025() {
    for order in OfferOrder::ALL {
        let world = world_in(order);
        let id = offered(&world, BY_BOTH);
        world.send_us_sms(MOBILE, "承諾します。");
        world.pass(1);
        world.answer_by_mail(&id, "やはり見送ります。");
        world.settle();
        world.assert_finished();
        assert_eq!(outcome(&world, &id), "answered");
        let told = [
            ("承諾します。".to_owned(), false),
            ("やはり見送ります。".to_owned(), true),
        ];
        assert_eq!(answers(&world, &id), told, "{order:?}");
        // The second one has an addendum.
        assert_eq!(world.executions().len(), 2);
        assert_eq!(copies(&world), (2, 2), "{order:?}");
    }
}

#[test]
fn an_answer_to_the_certificate_is_kept_and_the_certificate_stays_p_065() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_MAIL);
    world.answer_by_mail(&id, "承諾します。");
    world.settle();
    let original = world.original(&id);
    let copy = world
        .outbox()
        .into_iter()
        .find(|sent| sent.dispatch().is_none() && sent.mail.to.as_str() == HANAKO);
    let letter = Letter::answer(&copy.expect("she got a copy"), "受け取りました。");
    world.receive(&letter);
    world.settle();
    world.assert_finished();
    let told = [
        ("承諾します。".to_owned(), false),
        ("受け取りました。".to_owned(), true),
    ];
    assert_eq!(answers(&world, &id), told);
    assert_eq!(world.original(&id), original);
    assert_eq!(copies(&world), (2, 2));
}

#[test]
fn a_deadline_that_is_changed_while_an_offer_waits_does_not_change_for_it_q_1() {
    for hours in [1, 2_160] {
        let world = World::with_customer(10);
        let id = offered(&world, BY_MAIL);
        world.change_account(&Customer::taro().account, |account| {
            let deadline = AnswerDeadline::from_hours(hours);
            account.settings.contracts.deadline = deadline.expect("it is allowed");
        });
        world.pass(THIRTY_DAYS - 120);
        assert_eq!(outcome(&world, &id), "open", "{hours}");
        world.pass(180 + GRACE);
        assert_eq!(outcome(&world, &id), "no_response", "{hours}");
    }
}

#[test]
fn an_offer_waits_as_long_as_its_account_says_q_1() {
    for hours in [1, 24, 48, 720, 2_160] {
        let world = World::with_customer(10);
        world.change_account(&Customer::taro().account, |account| {
            let deadline = AnswerDeadline::from_hours(hours);
            account.settings.contracts.deadline = deadline.expect("it is allowed");
        });
        let id = offered(&world, BY_MAIL);
        world.pass(i64::from(hours) * 3_600 - 61);
        assert_eq!(outcome(&world, &id), "open", "{hours}");
        world.pass(GRACE);
        assert_eq!(outcome(&world, &id), "no_response", "{hours}");
        world.assert_finished();
    }
}

#[test]
fn a_workflow_that_is_started_again_while_it_waits_sends_nothing_again() {
    for order in OfferOrder::ALL {
        for is_answered in [true, false] {
            let world = world_in(order);
            let id = offered(&world, BY_BOTH);
            world.replay(&id);
            world.pass(3_600);
            assert_eq!(offers_by_sms(&world), 1, "{order:?}");
            assert_eq!(messages_to(&world, HANAKO), 1, "{order:?}");
            if is_answered {
                world.answer_by_link(&id, Choice::Agree, "");
            }
            world.settle();
            world.assert_finished();
            let expected = if is_answered {
                "answered"
            } else {
                "no_response"
            };
            assert_eq!(outcome(&world, &id), expected);
            assert_eq!(copies(&world), (1, usize::from(is_answered)), "{order:?}");
            assert_eq!(offers_by_sms(&world), 1, "{order:?}");
            // Both executions come to their end, each by its own clock.
            assert!(execution(&world, &id).transitions() <= 18);
        }
    }
}

#[test]
fn an_offer_whose_deadline_passed_before_it_could_leave_is_not_attempted_q_5() {
    let world = World::with_customer(10);
    world.break_port("start_dispatch", Fault::Denied);
    let inbound = world.receive(&Letter::contract(BY_BOTH));
    world.pass(THIRTY_DAYS + 10);
    world.mend();
    assert_eq!(world.redrive(), 1);
    world.settle();
    world.assert_finished();
    let id = first_dispatch(&inbound);
    assert_eq!(outcome(&world, &id), "not_attempted_deadline");
    assert_eq!(
        (world.sms_outbox().len(), messages_to(&world, HANAKO)),
        (0, 0)
    );
    assert_eq!(world.balance(&Customer::taro().account).available.get(), 10);
}
