//! A process may die after any call of a port. Whatever it was doing, calling it again ends well:
//! at most one message, one charge, one certificate.

use domain::DispatchId;
use tests::customer::{Customer, Letter};
use tests::{FUNCTIONS, Reaction, World};

use super::{HANAKO, first_dispatch, mails_to_sender, messages_to, outcome, seconds_to_last_mail};

/// More calls of ports than any step makes.
const CALLS_MAX: usize = 60;

/// More processes than any function needs for one letter, those for the copy's events included.
const PROCESSES_MAX: usize = 4;

/// What may come out of a crash, when `expected` would have come without one.
fn is_honest(ended: &str, expected: &str) -> bool {
    // Between "we are about to send" and the provider's answer nobody knows whether it was sent.
    ended == expected || ended == "unconfirmed" || ended == "unconfirmed_unsent"
}

/// Each process of each function dies after each of its calls of ports, one in every world.
fn crash_everywhere(reaction: Reaction, expected: &str) {
    for function in FUNCTIONS {
        for process in 0..PROCESSES_MAX {
            let mut after_calls = 1;
            while crash_once(function, process, after_calls, reaction, expected) {
                after_calls += 1;
            }
            let is_certain = process == 0 && ["ParseMail", "Deliver"].contains(&function);
            assert!(after_calls > 1 || !is_certain, "{function} never died");
        }
    }
}

/// Whether the process lived long enough to die there.
fn crash_once(
    function: &'static str,
    process: usize,
    after_calls: usize,
    reaction: Reaction,
    expected: &str,
) -> bool {
    let world = World::with_customer(10);
    world.react(HANAKO, reaction);
    world.crash_later(function, process, after_calls);
    let inbound = world.receive(&Letter::from(&Customer::taro()));
    world.settle();
    let has_died = world.crashes() > 0;
    if has_died {
        let place = format!("{function} {process} died after {after_calls} calls, {reaction:?}");
        check(
            &world,
            &first_dispatch(&inbound),
            reaction,
            expected,
            &place,
        );
    }
    has_died
}

fn check(world: &World, id: &DispatchId, reaction: Reaction, expected: &str, place: &str) {
    world.assert_finished();
    let ended = outcome(world, id);
    assert!(is_honest(ended, expected), "{place}: {ended}");
    assert!(messages_to(world, HANAKO) <= 1, "{place}");
    if ended == expected && expected == "relayed" {
        assert_eq!(messages_to(world, HANAKO), 1, "{place}");
    }
    if ended == expected && reaction != Reaction::Silent {
        let seconds = seconds_to_last_mail(world);
        assert!(
            seconds < 3_600,
            "{place}: the sender waited {seconds} seconds"
        );
    }
    // A copy is sent again when nobody knows whether it was: never none.
    assert!((1..=2).contains(&mails_to_sender(world)), "{place}");
}

#[test]
fn a_delivery_survives_a_crash_anywhere() {
    crash_everywhere(Reaction::Delivered, "relayed");
}

#[test]
fn a_bounce_survives_a_crash_anywhere() {
    crash_everywhere(Reaction::UnknownUser, "noex");
}

#[test]
fn a_suppression_survives_a_crash_anywhere() {
    crash_everywhere(Reaction::Suppressed, "not_attempted_suppressed");
}

#[test]
fn silence_survives_a_crash_anywhere() {
    crash_everywhere(Reaction::Silent, "unconfirmed");
}

#[test]
fn a_refusal_survives_a_crash_anywhere() {
    for after_calls in 1..CALLS_MAX {
        let world = World::with_customer(10);
        world.crash("ParseMail", after_calls);
        world.receive(&Letter::from(&Customer::taro()).unsigned());
        world.settle();
        if world.crashes() == 0 {
            assert!(after_calls > 5, "it died in {after_calls} places only");
            return;
        }
        world.assert_finished();
        assert!(
            (1..=2).contains(&mails_to_sender(&world)),
            "after {after_calls} calls"
        );
    }
    panic!("the step never ends");
}

#[test]
fn an_original_that_was_stored_before_the_crash_is_adopted_i_054() {
    // Dying right after the original was created: the retry signs anew, but keeps the first.
    let mut adopted = 0;
    for after_calls in 1..CALLS_MAX {
        let world = World::with_customer(10);
        world.crash("SignCertificate", after_calls);
        world.receive(&Letter::from(&Customer::taro()));
        world.pass(3);
        let id = world
            .dispatches()
            .first()
            .expect("accepted")
            .dispatch
            .id
            .clone();
        let stored_early = world.original(&id).filter(|_| world.crashes() > 0);
        world.settle();
        world.assert_finished();
        if let Some(first) = stored_early {
            assert_eq!(world.original(&id), Some(first));
            adopted += 1;
        }
    }
    assert!(adopted > 0, "no crash fell between storing and recording");
}
