//! A process may die after any call of a port. Whatever it was doing, calling it again ends well:
//! at most one message, one charge, one certificate.

use tests::customer::{Customer, Letter};
use tests::{FUNCTIONS, Reaction, World};

use super::{HANAKO, first_dispatch, mails_to_sender, messages_to, outcome};

/// More calls of ports than any step makes.
const CALLS_MAX: usize = 60;

/// What may come out of a crash, when `expected` would have come without one.
fn is_honest(ended: &str, expected: &str) -> bool {
    // Between "we are about to send" and the provider's answer nobody knows whether it was sent.
    ended == expected || ended == "unconfirmed" || ended == "unconfirmed_unsent"
}

/// How long the slowest certificate took; none at all took no time.
fn hours_to_certificate(world: &World) -> i64 {
    let hours = |stored: &workflow::ports::StoredDispatch| {
        let certificate = stored.certificate.as_ref()?;
        Some(
            certificate
                .timestamped_at
                .duration_since(stored.dispatch.accepted_at)
                .as_hours(),
        )
    };
    world
        .dispatches()
        .iter()
        .filter_map(hours)
        .max()
        .unwrap_or(0)
}

fn crash_everywhere(reaction: Reaction, expected: &str) {
    for function in FUNCTIONS {
        let mut places = 0;
        for after_calls in 1..CALLS_MAX {
            let world = World::with_customer(10);
            world.react(HANAKO, reaction);
            world.crash(function, after_calls);
            let inbound = world.receive(&Letter::from(&Customer::taro()));
            world.settle();
            if world.crashes() == 0 {
                break;
            }
            places += 1;
            let place = format!("{function} died after {after_calls} calls, {reaction:?}");
            world.assert_finished();
            let ended = outcome(&world, &first_dispatch(&inbound));
            assert!(is_honest(ended, expected), "{place}: {ended}");
            assert!(messages_to(&world, HANAKO) <= 1, "{place}");
            if ended == expected && expected == "relayed" {
                assert_eq!(messages_to(&world, HANAKO), 1, "{place}");
            }
            if ended == expected && reaction != Reaction::Silent {
                assert!(
                    hours_to_certificate(&world) < 1,
                    "{place}: it waited for the deadline"
                );
            }
            // A copy is sent again when nobody knows whether it was: never none.
            assert!((1..=2).contains(&mails_to_sender(&world)), "{place}");
        }
        let is_called = places > 0 || !["ParseMail", "Deliver"].contains(&function);
        assert!(
            is_called && places < CALLS_MAX - 1,
            "{function} died in {places} places"
        );
    }
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
