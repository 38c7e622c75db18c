//! What the sender of a contract hears before it ends: what was accepted, and that one of its two
//! roads failed while the other goes on.

use domain::{AcceptanceNotices, DispatchId, Language, OfferOrder};
use tests::customer::{Customer, Letter};
use tests::{Reaction, SmsReaction, World};
use workflow::ports::MailTag;

use super::{BY_BOTH, BY_MAIL, HANAKO, MOBILE, notices, offered, outcome, world_in};

fn accepted(world: &World) -> usize {
    notices(world, |tag| matches!(tag, MailTag::Acceptance(_)))
}

fn failed(world: &World) -> usize {
    notices(world, |tag| matches!(tag, MailTag::FailedRoad(_)))
}

fn world_that_tells(choice: AcceptanceNotices) -> World {
    let world = World::with_customer(10);
    world.change_account(&Customer::taro().account, |account| {
        account.settings.acceptance_notices = choice;
    });
    world
}

/// What went to Taro of this kind, as he reads it.
fn letters(world: &World, kind: &str) -> String {
    let all = world.outbox_in_full();
    let told = all.split("===== ").filter(|letter| letter.contains(kind));
    told.collect()
}

#[test]
fn the_sender_is_told_at_once_what_was_understood_unless_they_want_it_otherwise() {
    for (choice, of_contract, of_mail) in [
        (AcceptanceNotices::Contracts, 1, 0),
        (AcceptanceNotices::All, 1, 1),
        (AcceptanceNotices::None, 0, 0),
    ] {
        let world = world_that_tells(choice);
        let letter = Letter::contract(BY_BOTH);
        let id = world.receive(&letter);
        world.pass(60);
        assert_eq!(accepted(&world), of_contract, "{choice:?}");
        world.repeat_receipt(&letter, &id);
        world.pass(60);
        assert_eq!(accepted(&world), of_contract, "{choice:?}: once");
        let world = world_that_tells(choice);
        world.receive(&Letter::from(&Customer::taro()));
        world.pass(60);
        assert_eq!(accepted(&world), of_mail, "{choice:?}");
    }
}

#[test]
fn the_language_of_the_account_comes_first_in_what_is_written_for_it() {
    for (language, first, second) in [
        (Language::Japanese, "受け付けました", "was accepted"),
        (Language::English, "was accepted", "受け付けました"),
    ] {
        let world = world_that_tells(AcceptanceNotices::Contracts);
        world.change_account(&Customer::taro().account, |account| {
            account.settings.language = language;
        });
        world.receive(&Letter::contract(BY_BOTH));
        world.pass(60);
        let told = letters(&world, "acceptance");
        let (_, text) = told.split_once("\n\n").expect("a text");
        let place = |words: &str| text.find(words).expect(words);
        assert!(place(first) < place(second), "{language:?}: {text}");
    }
}

#[test]
fn an_acceptance_names_destinations_deadline_and_cost() {
    let world = world_that_tells(AcceptanceNotices::Contracts);
    let subject = "hanako@recipient.test 090-1234-5678 jiro@recipient.test 業務委託契約";
    world.receive(&Letter::contract(subject));
    world.pass(60);
    insta::assert_snapshot!(letters(&world, "acceptance of"));
}

#[test]
fn the_sender_hears_once_that_one_road_failed_while_the_other_goes_on() {
    for order in OfferOrder::ALL {
        for (mail, sms) in [
            (Reaction::UnknownUser, SmsReaction::Confirmed),
            (Reaction::Refused, SmsReaction::Confirmed),
            (Reaction::Suppressed, SmsReaction::Confirmed),
            (Reaction::Delivered, SmsReaction::InvalidNumber),
            (Reaction::Delivered, SmsReaction::Unreachable),
        ] {
            let world = world_in(order);
            world.react(HANAKO, mail);
            world.react_by_sms(MOBILE, sms);
            let id = offered(&world, BY_BOTH);
            world.pass(3_600);
            assert_eq!(failed(&world), 1, "{order:?} {mail:?} {sms:?}");
            report_all_again(&world, &id);
            assert_eq!(failed(&world), 1, "{order:?} {mail:?} {sms:?}: once");
            world.send_us_sms(MOBILE, "承諾します。");
            world.settle();
            assert_eq!(outcome(&world, &id), "answered");
            report_all_again(&world, &id);
            assert_eq!(failed(&world), 1, "{order:?} {mail:?} {sms:?}: nor later");
        }
    }
}

#[test]
fn a_failed_road_is_told_in_words() {
    let world = world_in(OfferOrder::Parallel);
    world.react(HANAKO, Reaction::UnknownUser);
    offered(&world, BY_BOTH);
    insta::assert_snapshot!(letters(&world, "failed road of"));
}

#[test]
fn a_road_that_fails_after_the_end_or_alone_is_told_by_the_certificate_only() {
    // There is no other road.
    let alone = world_in(OfferOrder::Parallel);
    alone.react(HANAKO, Reaction::UnknownUser);
    let id = offered(&alone, BY_MAIL);
    alone.settle();
    assert_eq!((failed(&alone), outcome(&alone, &id)), (0, "noex"));
    // Both work.
    let both = world_in(OfferOrder::Parallel);
    offered(&both, BY_BOTH);
    both.pass(3_600);
    assert_eq!(failed(&both), 0);
    // It was answered before the bounce came.
    let late = world_in(OfferOrder::Parallel);
    late.react(HANAKO, Reaction::Mute);
    let id = offered(&late, BY_BOTH);
    late.send_us_sms(MOBILE, "承諾します。");
    late.pass(60);
    report_all_again(&late, &id);
    late.settle();
    assert_eq!((failed(&late), outcome(&late, &id)), (0, "answered"));
}

/// The bounce of each mail of the offer comes once more.
fn report_all_again(world: &World, id: &DispatchId) {
    for sent in world.outbox() {
        if sent.dispatch() != Some(id) {
            continue;
        }
        let bounced = serde_json::json!({
            "feedbackId": "0100-again",
            "bounceType": "Permanent",
            "bounceSubType": "General",
            "timestamp": "2026-01-05T00:00:10.000Z",
            "bouncedRecipients": [{
                "emailAddress": HANAKO,
                "action": "failed",
                "status": "5.1.1",
                "diagnosticCode": "smtp; 550 5.1.1 no such user",
            }],
        });
        world.report_event(&sent.record("Bounce", bounced, world.now()));
    }
    world.pass(60);
}
