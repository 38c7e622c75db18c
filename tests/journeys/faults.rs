//! What the world outside does to us: authorities away, keys busy, objects missing, answers lost.

use domain::DispatchId;
use serde_json::json;
use tests::customer::{Customer, Letter};
use tests::{AuthorityState, ExecutionState, Fault, Reaction, Rehearsal, ResponderState, World};

use super::{
    HANAKO, first_dispatch, hanako_gets_a_letter, mails_about, mails_to_sender, messages_to,
    outcome,
};

/// Everything that a timestamp authority can do wrong (issue 4).
const BAD_AUTHORITIES: [AuthorityState; 7] = [
    AuthorityState::Down,
    AuthorityState::Garbage,
    AuthorityState::WrongImprint,
    AuthorityState::WrongNonce,
    AuthorityState::WrongTime,
    AuthorityState::WrongPolicy,
    AuthorityState::Expired,
];

/// Everything that keeps us from knowing that no certificate is revoked, and may pass (issue 4).
const BAD_RESPONDERS: [ResponderState; 5] = [
    ResponderState::Down,
    ResponderState::Garbage,
    ResponderState::Unknown,
    ResponderState::Stale,
    ResponderState::Stranger,
];

#[test]
fn two_authorities_vouch_for_a_certificate_x_11() {
    let world = World::with_customer(10);
    let id = hanako_gets_a_letter(&world);
    world.assert_finished();
    assert_eq!(world.authority_of(&id).as_deref(), Some("test-1"));
    assert_eq!(world.second_authority_of(&id).as_deref(), Some("test-2"));
}

#[test]
fn a_third_authority_stands_in_for_either_of_the_others_x_2() {
    for behavior in BAD_AUTHORITIES {
        for (bad, first, second) in [(0, "test-2", "test-3"), (1, "test-1", "test-3")] {
            let world = World::with_customer(10);
            world.add_authority();
            world.set_authority(bad, behavior);
            let id = hanako_gets_a_letter(&world);
            world.assert_finished();
            assert_eq!(
                (world.authority_of(&id), world.second_authority_of(&id)),
                (Some(first.to_owned()), Some(second.to_owned())),
                "{behavior:?}"
            );
        }
    }
}

#[test]
fn without_both_timestamps_no_certificate_leaves_until_there_are_x_2() {
    for behavior in BAD_AUTHORITIES {
        for bad in [0, 1] {
            let world = World::with_customer(10);
            world.set_authority(bad, behavior);
            let id = first_dispatch(&world.receive(&Letter::from(&Customer::taro())));
            world.pass(6 * 3_600);
            world.assert_sound();
            assert_eq!(outcome(&world, &id), "relayed");
            assert_eq!((world.original(&id), mails_to_sender(&world)), (None, 0));
            world.set_authority(bad, AuthorityState::Up);
            world.settle();
            world.assert_finished();
            assert!(world.original(&id).is_some(), "{behavior:?} {bad}");
            assert_eq!(mails_to_sender(&world), 1);
        }
    }
}

#[test]
fn without_revocation_data_no_certificate_leaves_until_there_is_some_x_2() {
    for behavior in BAD_RESPONDERS {
        let world = World::with_customer(10);
        world.set_responders(behavior);
        let id = first_dispatch(&world.receive(&Letter::from(&Customer::taro())));
        world.pass(6 * 3_600);
        world.assert_sound();
        assert_eq!(outcome(&world, &id), "relayed");
        assert_eq!((world.original(&id), mails_to_sender(&world)), (None, 0));
        world.set_responders(ResponderState::Up);
        world.settle();
        world.assert_finished();
        assert!(world.original(&id).is_some(), "{behavior:?}");
    }
}

#[test]
fn what_fails_for_a_day_is_parked_x_2() {
    for behavior in BAD_RESPONDERS {
        let world = World::with_customer(10);
        world.set_responders(behavior);
        let id = hanako_gets_a_letter(&world);
        world.assert_sound();
        assert_eq!(world.parked().len(), 1, "{behavior:?}");
        assert!(world.original(&id).is_none());
    }
}

#[test]
fn a_revocation_list_serves_where_no_responder_answers() {
    let world = World::with_customer(10);
    world.set_responders(ResponderState::ListsOnly);
    let id = hanako_gets_a_letter(&world);
    world.assert_finished();
    assert!(world.original(&id).is_some());
}

#[test]
fn nothing_is_signed_with_a_revoked_certificate_x_2() {
    let world = World::with_customer(10);
    world.set_responders(ResponderState::Revoked);
    let id = hanako_gets_a_letter(&world);
    world.assert_sound();
    assert_eq!((world.original(&id), mails_to_sender(&world)), (None, 0));
    assert_eq!(world.parked().len(), 1);
}

#[test]
fn nothing_is_signed_with_a_certificate_that_ends_within_thirty_days_s_028() {
    for (days, is_signed) in [(29, false), (31, true)] {
        let world = World::with_customer(10);
        world.renew_signer(days);
        let id = hanako_gets_a_letter(&world);
        world.assert_sound();
        assert_eq!(world.original(&id).is_some(), is_signed, "{days} days");
        assert_eq!(world.parked().len(), usize::from(!is_signed));
    }
    // An operator renews the certificate and starts the dispatch again.
    let world = World::with_customer(10);
    world.renew_signer(3);
    let id = hanako_gets_a_letter(&world);
    world.renew_signer(365);
    assert_eq!(world.replay_parked(), 1);
    world.settle();
    world.assert_finished();
    assert!(world.original(&id).is_some());
}

#[test]
fn a_key_that_is_throttled_for_hours_delays_and_changes_nothing_else() {
    let world = World::with_customer(10);
    world.break_port("sign_digest", Fault::Fails);
    let id = first_dispatch(&world.receive(&Letter::from(&Customer::taro())));
    world.pass(6 * 3_600);
    assert_eq!((world.original(&id), mails_to_sender(&world)), (None, 0));
    world.mend();
    world.settle();
    world.assert_finished();
    assert_eq!(mails_to_sender(&world), 1);
}

/// A certificate that no authority stamps; a late bounce comes three hours after its issue. With
/// its text as it is composed first.
fn unstamped_before_a_late_bounce() -> (World, DispatchId, String) {
    let world = World::with_customer(10);
    world.react(HANAKO, Reaction::LateBounce);
    world.set_authority(0, AuthorityState::Down);
    world.set_authority(1, AuthorityState::Down);
    let id = first_dispatch(&world.receive(&Letter::from(&Customer::taro())));
    world.pass(3_600);
    let text = world.certificate_text(&id);
    (world, id, text)
}

fn has_bounced(world: &World, id: &DispatchId) -> bool {
    let events = world.events(id);
    events.iter().any(|event| event.kind.name() == "bounced")
}

#[test]
fn a_certificate_that_is_composed_again_says_what_was_known_at_its_issue_x_7() {
    let (world, id, text) = unstamped_before_a_late_bounce();
    let draft = world.object(&format!("drafts/{id}.pdf"));
    world.pass(4 * 3_600);
    assert!(has_bounced(&world, &id));
    world.call_soon(("ComposeCertificate", json!({ "dispatch_id": id.as_str() })));
    world.pass(60);
    assert_eq!(world.certificate_text(&id), text);
    assert_eq!(world.object(&format!("drafts/{id}.pdf")), draft);
}

/// A verifier believes two days between issue and first timestamp.
#[test]
fn a_certificate_that_waited_for_more_than_a_day_is_issued_anew_x_7() {
    const BOUNCE: &str = "550 5.1.1 user unknown";
    let (world, id, text) = unstamped_before_a_late_bounce();
    world.settle();
    assert!(has_bounced(&world, &id));
    world.set_authority(0, AuthorityState::Up);
    world.set_authority(1, AuthorityState::Up);
    // The certificate, and the addendum of the bounce, which waited for it.
    assert_eq!(world.replay_parked(), 2);
    world.settle();
    world.assert_finished();
    assert!(!text.contains(BOUNCE));
    assert!(world.certificate_text(&id).contains(BOUNCE));
    assert!(world.original(&id).is_some());
}

#[test]
fn what_no_retry_mends_is_parked_and_replayed_by_one_command() {
    let world = World::with_customer(10);
    world.set_authority(0, AuthorityState::Down);
    world.set_authority(1, AuthorityState::Down);
    let id = hanako_gets_a_letter(&world);
    assert_eq!(world.parked().len(), 1);
    assert!(
        world
            .executions()
            .iter()
            .all(|one| one.state == ExecutionState::Failed)
    );
    assert!(world.original(&id).is_none());
    world.set_authority(0, AuthorityState::Up);
    world.set_authority(1, AuthorityState::Up);
    assert_eq!(world.replay_parked(), 1);
    world.settle();
    world.assert_finished();
    assert_eq!(
        (messages_to(&world, HANAKO), mails_to_sender(&world)),
        (1, 1)
    );
}

#[test]
fn a_signature_of_another_key_is_never_stored() {
    let world = World::with_customer(10);
    world.swap_signing_key();
    let id = hanako_gets_a_letter(&world);
    world.assert_sound();
    assert_eq!((world.original(&id), mails_to_sender(&world)), (None, 0));
    assert_eq!(
        world.parked().len(),
        1,
        "nobody can mend that by trying again"
    );
}

#[test]
fn a_draft_that_was_swapped_is_never_signed() {
    for forged in [&b"%PDF-1.7 a forgery"[..], b""] {
        let world = World::with_customer(10);
        world.break_port("sign_digest", Fault::Fails);
        let id = first_dispatch(&world.receive(&Letter::from(&Customer::taro())));
        world.pass(10);
        let draft = format!("drafts/{id}.pdf");
        let genuine = world.object(&draft).expect("it is composed");
        // What somebody wrote behind a genuine draft.
        let forged = [&genuine[..], forged, b" "].concat();
        world.put_object(&draft, forged);
        world.mend();
        world.settle();
        world.assert_sound();
        assert_eq!((world.original(&id), mails_to_sender(&world)), (None, 0));
        assert_eq!(world.parked().len(), 1);
        let failures = world.failures().concat();
        assert!(
            failures.contains("bytes follow the last revision"),
            "{failures}"
        );
        // Who replays the dispatch has it composed again.
        assert_eq!(world.replay_parked(), 1);
        world.settle();
        world.assert_finished();
        assert_eq!(world.object(&draft), Some(genuine));
        assert_eq!(mails_to_sender(&world), 1);
    }
}

#[test]
fn a_draft_of_another_dispatch_is_never_signed() {
    let world = World::with_customer(10);
    world.break_port("sign_digest", Fault::Fails);
    let two = Letter::from(&Customer::taro()).to(&[HANAKO, "jiro@recipient.test"]);
    let first = first_dispatch(&world.receive(&two));
    world.pass(10);
    let drafts: Vec<String> = world
        .dispatches()
        .iter()
        .map(|stored| format!("drafts/{}.pdf", stored.dispatch.id))
        .collect();
    let [one, other] = drafts.as_slice() else {
        panic!("two recipients: {drafts:?}");
    };
    let swapped = [one, other].map(|key| world.object(key).expect("it is composed"));
    let [ours, theirs] = swapped;
    world.put_object(one, theirs);
    world.put_object(other, ours);
    world.mend();
    world.settle();
    world.assert_sound();
    assert_eq!(world.original(&first), None);
    assert_eq!((world.parked().len(), mails_to_sender(&world)), (2, 0));
    let failures = world.failures().concat();
    assert!(failures.contains("not the one that compose-certificate recorded"));
}

#[test]
fn an_original_that_is_not_what_was_recorded_is_never_mailed_i_054() {
    let world = World::with_customer(10);
    world.break_port("read_original", Fault::Fails);
    let id = first_dispatch(&world.receive(&Letter::from(&Customer::taro())));
    world.pass(10);
    world.mend();
    world.corrupt_original(&id);
    world.settle();
    assert_eq!(mails_to_sender(&world), 0);
    assert_eq!(world.parked().len(), 1);
}

#[test]
fn a_port_that_fails_once_delays_and_changes_nothing_else() {
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
        "fix_issued_at",
        "record_draft",
        "sign_digest",
        "request_timestamp",
        "request_ocsp",
        "create_original",
        "record_certificate",
        "read_original",
        "move_copy",
        "complete_wait",
    ] {
        for fault in [Fault::Fails, Fault::AnswerLost] {
            let world = World::with_customer(10);
            world.plan(operation, 0, fault);
            let id = hanako_gets_a_letter(&world);
            world.assert_finished();
            let ended = outcome(&world, &id);
            // A commit whose answer got lost leaves us unsure whether we sent: that is a state.
            let is_unsure = operation == "commit" && fault == Fault::AnswerLost;
            let is_honest = is_unsure && ended == "unconfirmed_unsent";
            assert!(
                ended == "relayed" || is_honest,
                "{operation} {fault:?}: {ended}"
            );
            assert!(messages_to(&world, HANAKO) <= 1, "{operation} {fault:?}");
            assert_eq!(mails_to_sender(&world), 1, "{operation} {fault:?}");
        }
    }
}

#[test]
fn a_provider_that_is_busy_is_asked_again() {
    let world = World::with_customer(10);
    world.fail_once("send_mail");
    let id = hanako_gets_a_letter(&world);
    world.assert_finished();
    assert_eq!(
        (outcome(&world, &id), messages_to(&world, HANAKO)),
        ("relayed", 1)
    );
    insta::assert_snapshot!("busy_provider", world.report());
}

#[test]
fn an_answer_that_got_lost_is_not_asked_for_again_but_heard_in_the_events() {
    let world = World::with_customer(10);
    world.plan("send_mail", 0, Fault::AnswerLost);
    let id = hanako_gets_a_letter(&world);
    world.assert_finished();
    assert_eq!(
        (outcome(&world, &id), messages_to(&world, HANAKO)),
        ("relayed", 1)
    );
}

#[test]
fn a_request_that_got_lost_is_not_charged() {
    let world = World::with_customer(10);
    world.plan("send_mail", 0, Fault::RequestLost);
    let id = hanako_gets_a_letter(&world);
    world.assert_finished();
    assert_eq!(
        (outcome(&world, &id), messages_to(&world, HANAKO)),
        ("unconfirmed_unsent", 0)
    );
    assert_eq!(world.balance(&Customer::taro().account).available.get(), 10);
}

#[test]
fn a_notice_whose_answer_got_lost_is_sent_again_after_the_doubt_p_013() {
    let world = World::with_customer(10);
    world.plan("send_mail", 0, Fault::AnswerLost);
    world.receive(&Letter::from(&Customer::taro()).unsigned());
    world.settle();
    world.assert_finished();
    assert_eq!(
        mails_to_sender(&world),
        2,
        "two notices are better than silence"
    );
}

#[test]
fn a_copy_whose_answer_got_lost_is_sent_again_after_the_doubt() {
    let world = World::with_customer(10);
    world.plan("send_mail", 1, Fault::RequestLost);
    hanako_gets_a_letter(&world);
    world.assert_finished();
    assert_eq!(mails_to_sender(&world), 1);
}

#[test]
fn a_mail_that_is_not_stored_yet_is_read_later() {
    let world = World::with_customer(10);
    let letter = Letter::from(&Customer::taro());
    let id = world.store_mail(&letter);
    let bytes = world.object(&format!("raw/{id}")).expect("it is stored");
    world.lose_object(&format!("raw/{id}"));
    world.repeat_receipt(&letter, &id);
    world.pass(30);
    assert!(world.dispatches().is_empty());
    world.put_object(&format!("raw/{id}"), bytes);
    world.settle();
    world.assert_finished();
    assert_eq!(world.dispatches().len(), 1);
}

#[test]
fn a_mail_that_is_missing_for_good_ends_with_the_dead_letters() {
    let world = World::with_customer(10);
    let letter = Letter::from(&Customer::taro());
    let id = world.store_mail(&letter);
    world.lose_object(&format!("raw/{id}"));
    world.repeat_receipt(&letter, &id);
    world.settle();
    world.assert_sound();
    assert_eq!(world.dead_letters().len(), 1, "{:?}", world.dead_letters());
    assert_eq!(world.intake(&id), None);
}

#[test]
fn a_mail_that_vanished_before_its_delivery_is_parked() {
    let world = World::with_customer(10);
    world.break_port("keep_wait_token", Fault::Fails);
    let id = world.receive(&Letter::from(&Customer::taro()));
    world.pass(1);
    world.lose_object(&format!("raw/{id}"));
    world.mend();
    world.settle();
    world.assert_sound();
    assert_eq!(world.parked().len(), 1);
    assert_eq!(messages_to(&world, HANAKO), 0);
}

#[test]
fn a_dns_that_fails_is_asked_again_and_then_the_mail_is_refused_q_8() {
    let world = World::with_customer(10);
    world.plan("look_up_txt", 0, Fault::Fails);
    let id = hanako_gets_a_letter(&world);
    world.assert_finished();
    assert_eq!(outcome(&world, &id), "relayed");

    let world = World::with_customer(10);
    world.break_port("look_up_txt", Fault::Fails);
    world.receive(&Letter::from(&Customer::taro()));
    world.settle();
    world.assert_finished();
    assert_eq!((world.dispatches().len(), mails_to_sender(&world)), (0, 1));
}

#[test]
fn every_step_called_twice_does_its_work_once() {
    for rehearsal in [Rehearsal::Twice, Rehearsal::LoseFirstAnswer] {
        for reaction in Reaction::ALL {
            let world = World::with_customer(10);
            world.rehearse(rehearsal);
            world.react(HANAKO, reaction);
            hanako_gets_a_letter(&world);
            world.assert_finished();
            let messages = usize::from(reaction != Reaction::Refused);
            assert_eq!(
                messages_to(&world, HANAKO),
                messages,
                "{rehearsal:?} {reaction:?}"
            );
            assert_eq!(
                mails_to_sender(&world),
                mails_about(reaction),
                "{rehearsal:?} {reaction:?}"
            );
        }
    }
}

#[test]
fn every_step_that_fails_once_at_every_port_comes_to_its_end() {
    for reaction in Reaction::ALL {
        let world = World::with_customer(10);
        world.fail_every_step_once();
        world.react(HANAKO, reaction);
        let inbound = world.receive(&Letter::from(&Customer::taro()));
        world.settle();
        // Lambda gives up on an asynchronous call after three tries; an operator does not.
        while world.redrive() > 0 {
            world.settle();
        }
        world.assert_finished();
        let id = first_dispatch(&inbound);
        assert_ne!(outcome(&world, &id), "open", "{reaction:?}");
        let messages = usize::from(reaction != Reaction::Refused);
        assert_eq!(messages_to(&world, HANAKO), messages, "{reaction:?}");
        assert_eq!(
            mails_to_sender(&world),
            mails_about(reaction),
            "{reaction:?}"
        );
    }
}
