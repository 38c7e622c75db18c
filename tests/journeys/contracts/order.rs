//! The mail first, then the SMS (P-022).

use domain::OfferOrder;
use tests::{Fault, Reaction, World};

use super::{
    BY_BOTH, HANAKO, MOBILE, answers, copies, execution, offered, offers_by_sms, outcome, world_in,
};

/// How many seconds after the mail the SMS went out.
fn seconds_between(world: &World, id: &domain::DispatchId) -> i64 {
    let mail = world.offer_mail(id).at;
    let sms = world.sms_outbox();
    let sms = sms.first().expect("the SMS went out");
    sms.at.duration_since(mail).as_secs()
}

#[test]
fn both_go_out_at_once_unless_said_otherwise_p_022() {
    let world = world_in(OfferOrder::Parallel);
    let id = offered(&world, BY_BOTH);
    assert_eq!(seconds_between(&world, &id), 0);
}

#[test]
fn the_sms_waits_for_the_fate_of_the_mail_or_for_its_head_start_p_022() {
    for (reaction, seconds) in [
        (Reaction::Delivered, 2..10),
        (Reaction::UnknownUser, 2..10),
        (Reaction::Suppressed, 2..10),
        // Its fate is known after half an hour, or never.
        (Reaction::Delayed, 900..910),
        (Reaction::Silent, 900..910),
        (Reaction::Mute, 900..910),
    ] {
        let world = world_in(OfferOrder::MailThenSms);
        world.react(HANAKO, reaction);
        let id = offered(&world, BY_BOTH);
        world.pass(1_000);
        let waited = seconds_between(&world, &id);
        assert!(seconds.contains(&waited), "{reaction:?}: {waited}");
        assert_eq!(offers_by_sms(&world), 1, "{reaction:?}");
        world.settle();
        world.assert_finished();
        assert_eq!(outcome(&world, &id), "no_response", "{reaction:?}");
    }
}

#[test]
fn an_answer_to_the_mail_spares_the_sms_p_022() {
    let world = world_in(OfferOrder::MailThenSms);
    world.react(HANAKO, Reaction::Silent);
    let id = offered(&world, BY_BOTH);
    world.answer_by_mail(&id, "承諾します。");
    world.settle();
    world.assert_finished();
    assert_eq!(outcome(&world, &id), "answered");
    assert_eq!(offers_by_sms(&world), 0);
    assert_eq!(copies(&world), (1, 1));
    let states = execution(&world, &id).history.join(" ");
    let expected =
        "begin deliver-by-mail mail-first compose-certificate sign-certificate send-copies";
    assert_eq!(states, expected);
}

#[test]
fn a_head_start_that_ends_goes_on_with_both_roads_p_022() {
    let world = world_in(OfferOrder::MailThenSms);
    world.react(HANAKO, Reaction::Silent);
    let id = offered(&world, BY_BOTH);
    world.pass(1_000);
    world.send_us_sms(MOBILE, "承諾します。");
    world.settle();
    world.assert_finished();
    let states = execution(&world, &id).history.join(" ");
    let expected =
        "begin deliver-by-mail deliver settled compose-certificate sign-certificate send-copies";
    assert_eq!(states, expected);
    assert_eq!(answers(&world, &id), [("承諾します。".to_owned(), false)]);
}

#[test]
fn a_busy_provider_of_sms_does_not_send_the_mail_twice() {
    for order in OfferOrder::ALL {
        let world = world_in(order);
        world.fail_once("send_sms");
        world.fail_once("send_mail");
        let id = offered(&world, BY_BOTH);
        assert_eq!(offers_by_sms(&world), 1, "{order:?}");
        assert_eq!(super::super::messages_to(&world, HANAKO), 1, "{order:?}");
        world.settle();
        world.assert_finished();
        assert_eq!(outcome(&world, &id), "no_response", "{order:?}");
    }
}

#[test]
fn an_sms_whose_fate_nobody_heard_of_is_never_sent_again() {
    for fault in [Fault::AnswerLost, Fault::RequestLost] {
        for order in OfferOrder::ALL {
            let world = world_in(order);
            world.plan("send_sms", 0, fault);
            let id = offered(&world, BY_BOTH);
            world.replay(&id);
            world.settle();
            world.assert_finished();
            assert!(offers_by_sms(&world) <= 1, "{fault:?} {order:?}");
            assert_eq!(outcome(&world, &id), "no_response", "{fault:?} {order:?}");
        }
    }
}

#[test]
fn a_deadline_counts_from_the_intake_and_a_head_start_delays_only_its_notice_q_1() {
    let head_start = i64::try_from(domain::limits::MAIL_HEAD_START_SECONDS).expect("few");
    for (order, reaction, seconds_max) in [
        // A minute is left for what arrived in time and is read later.
        (OfferOrder::Parallel, Reaction::Silent, 70),
        (OfferOrder::MailThenSms, Reaction::Delivered, 70),
        // The wait for an answer begins anew when the SMS goes out; an answer meanwhile is late.
        (OfferOrder::MailThenSms, Reaction::Silent, head_start + 70),
    ] {
        let world = world_in(order);
        world.react(HANAKO, reaction);
        let id = offered(&world, BY_BOTH);
        world.settle();
        let stored = world.dispatch(&id).expect("it was accepted");
        let until = stored.dispatch.answer_until().expect("an offer");
        let settled = stored.progress.settled.expect("settled").at;
        let late = settled.duration_since(until).as_secs();
        let is_soon = (0..=seconds_max).contains(&late);
        assert!(is_soon, "{order:?} {reaction:?}: {late} seconds late");
    }
}
