//! A process may die after any call of a port, every step may be called twice or fail once: an
//! offer goes out once on each road, ends once, and its certificate reaches whom it must.

use std::ops::RangeInclusive;

use domain::{AcceptanceNotices, Choice, DispatchId, Fate, OfferOrder, TrustSetting};
use tests::customer::{Customer, Letter};
use tests::{FUNCTIONS, Fault, Reaction, Rehearsal, SmsReaction, World};
use workflow::ports::MailTag;

use super::{
    BY_BOTH, HANAKO, MOBILE, answers, copies, first_dispatch, notices, offers_by_sms, outcome,
    world_in,
};

/// More processes than any function needs for one contract.
const PROCESSES_MAX: usize = 5;

/// How Hanako answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reply {
    Mail,
    Sms,
    Link,
    None,
}

/// One way that a contract takes, and its honest ends when something went wrong on the way.
#[derive(Debug, Clone, Copy)]
struct Way {
    order: OfferOrder,
    mail: Reaction,
    sms: SmsReaction,
    reply: Reply,
    ends: &'static [&'static str],
}

const WAYS: [Way; 5] = [
    Way {
        order: OfferOrder::Parallel,
        mail: Reaction::Delivered,
        sms: SmsReaction::Confirmed,
        reply: Reply::Mail,
        ends: &["answered"],
    },
    Way {
        order: OfferOrder::MailThenSms,
        mail: Reaction::UnknownUser,
        sms: SmsReaction::Confirmed,
        reply: Reply::Sms,
        ends: &["answered"],
    },
    Way {
        order: OfferOrder::MailThenSms,
        mail: Reaction::Delivered,
        sms: SmsReaction::Unreachable,
        reply: Reply::Link,
        ends: &["answered"],
    },
    Way {
        order: OfferOrder::MailThenSms,
        mail: Reaction::Delivered,
        sms: SmsReaction::Confirmed,
        reply: Reply::None,
        ends: &["no_response"],
    },
    Way {
        order: OfferOrder::Parallel,
        mail: Reaction::UnknownUser,
        sms: SmsReaction::InvalidNumber,
        reply: Reply::None,
        // Between "we are about to send" and the provider's answer nobody knows whether it left.
        ends: &["noex", "unconfirmed_unsent"],
    },
];

/// Without RSA, so that a run has time for many worlds.
fn begin(way: Way) -> World {
    let world = world_in(way.order);
    world.change_account(&Customer::taro().account, |account| {
        account.settings.acceptance_notices = AcceptanceNotices::Contracts;
    });
    world.trust(&Customer::taro().address, TrustSetting::DkimOrSpf);
    world.react(HANAKO, way.mail);
    world.react_by_sms(MOBILE, way.sms);
    world
}

/// Offers, waits, answers as it can, and lets everything come to its end.
fn walk(world: &World, way: Way) -> DispatchId {
    let inbound = world.receive(&Letter::contract(BY_BOTH).unsigned());
    let id = first_dispatch(&inbound);
    come_to_rest(world);
    let is_mailed = world
        .outbox()
        .iter()
        .any(|sent| sent.dispatch() == Some(&id));
    match way.reply {
        Reply::Mail if is_mailed => {
            let letter = Letter::answer(&world.offer_mail(&id), "承諾します。");
            world.receive(&letter.unsigned());
        }
        Reply::Sms => world.send_us_sms(MOBILE, "承諾します。"),
        Reply::Mail | Reply::Link => world.answer_by_link(&id, Choice::Agree, "承諾します。"),
        Reply::None => {}
    }
    come_to_rest(world);
    world.settle();
    while world.redrive() > 0 {
        world.settle();
    }
    id
}

/// Lambda gives up on an asynchronous call after three tries; an operator who looks every half an
/// hour does not.
fn come_to_rest(world: &World) {
    world.pass(1_800);
    while world.redrive() > 0 {
        world.pass(1_800);
    }
}

fn check(world: &World, id: &DispatchId, way: Way, place: &str) {
    world.assert_finished();
    let ended = outcome(world, id);
    assert!(
        way.ends.contains(&ended),
        "{place}: {ended}\n{}",
        world.report()
    );
    assert!(super::super::messages_to(world, HANAKO) <= 1, "{place}");
    assert!(offers_by_sms(world) <= 1, "{place}");
    let accepted = notices(world, |tag| matches!(tag, MailTag::Acceptance(_)));
    assert!((1..=2).contains(&accepted), "{place}: {accepted}");
    let failed = notices(world, |tag| matches!(tag, MailTag::FailedRoad(_)));
    let expected = expected_of_failed_roads(world, id);
    assert!(
        expected.contains(&failed),
        "{place}: {failed}\n{}",
        world.report()
    );
    let (to_sender, to_recipient) = copies(world);
    // A copy is sent again when nobody knows whether it was: never none.
    assert!((1..=2).contains(&to_sender), "{place}: {to_sender}");
    let expected = if ended == "answered" { 1..=2 } else { 0..=0 };
    assert!(expected.contains(&to_recipient), "{place}: {to_recipient}");
    assert_eq!(
        answers(world, id).len(),
        usize::from(way.reply != Reply::None),
        "{place}"
    );
}

/// How often the sender may be told that one road failed: never in vain, and not at all only where
/// nobody learned of it. Twice where nobody knows whether the notice was sent.
fn expected_of_failed_roads(world: &World, id: &DispatchId) -> RangeInclusive<usize> {
    let stored = world.dispatch(id).expect("it was accepted");
    let fates = [stored.progress.mail.fate, stored.progress.sms.fate];
    let failed = fates
        .iter()
        .flatten()
        .filter(|fate| **fate != Fate::Relayed);
    match failed.count() {
        0 => 0..=0,
        1 => 1..=2,
        // The first of two may have been told while the second was still alive.
        _ => 0..=2,
    }
}

fn crash_everywhere(way: Way) {
    for function in FUNCTIONS {
        for process in 0..PROCESSES_MAX {
            for after_calls in 1.. {
                let world = begin(way);
                world.crash_later(function, process, after_calls);
                let id = walk(&world, way);
                if world.crashes() == 0 {
                    break;
                }
                let place = format!("{function} {process} died after {after_calls}: {way:?}");
                check(&world, &id, way, &place);
            }
        }
    }
}

#[test]
fn an_answer_by_mail_survives_a_crash_anywhere() {
    crash_everywhere(WAYS[0]);
}

#[test]
fn an_answer_by_sms_survives_a_crash_anywhere() {
    crash_everywhere(WAYS[1]);
}

#[test]
fn an_answer_by_link_survives_a_crash_anywhere() {
    crash_everywhere(WAYS[2]);
}

#[test]
fn silence_upon_an_offer_survives_a_crash_anywhere() {
    crash_everywhere(WAYS[3]);
}

#[test]
fn two_dead_roads_survive_a_crash_anywhere() {
    crash_everywhere(WAYS[4]);
}

#[test]
fn every_step_of_a_contract_called_twice_does_its_work_once() {
    for rehearsal in [Rehearsal::Twice, Rehearsal::LoseFirstAnswer] {
        for way in WAYS {
            let world = begin(way);
            world.rehearse(rehearsal);
            let id = walk(&world, way);
            let place = format!("{rehearsal:?} {way:?}");
            check(&world, &id, way, &place);
            assert_eq!(copies(&world).0, 1, "{place}");
            let failed = notices(&world, |tag| matches!(tag, MailTag::FailedRoad(_)));
            assert!(failed <= 1, "{place}: {failed}");
            assert_eq!(Some(&outcome(&world, &id)), way.ends.first(), "{place}");
        }
    }
}

#[test]
fn every_step_of_a_contract_that_fails_once_at_every_port_comes_to_its_end() {
    for way in WAYS {
        let world = begin(way);
        world.fail_every_step_once();
        let id = walk(&world, way);
        let place = format!("{way:?}");
        check(&world, &id, way, &place);
        assert_eq!(copies(&world).0, 1, "{place}");
        assert_eq!(Some(&outcome(&world, &id)), way.ends.first(), "{place}");
    }
}

#[test]
fn a_port_that_fails_once_changes_nothing_about_a_contract() {
    for operation in [
        "read_object",
        "write_object",
        "find_standing",
        "find_account",
        "find_intake",
        "record_acceptance",
        "start_dispatch",
        "load",
        "events",
        "commit",
        "keep_wait_token",
        "find_by_provider_message",
        "find_by_answer_token",
        "fix_copy_token",
        "offers_to",
        "move_copy",
        "move_road_notice",
        "move_intake_notice",
        "complete_wait",
        "look_up_txt",
    ] {
        for fault in [Fault::Fails, Fault::AnswerLost] {
            for way in WAYS {
                for skip in 0..3 {
                    let world = begin(way);
                    world.plan(operation, skip, fault);
                    let id = walk(&world, way);
                    let place = format!("{operation} {skip} {fault:?} {way:?}");
                    check(&world, &id, way, &place);
                }
            }
        }
    }
}
