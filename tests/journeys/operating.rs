//! What the operator does: stops accounts, removes senders, starts again what was given up.

use domain::{Choice, OfferOrder, TrustSetting};
use tests::customer::{Customer, Letter};
use tests::{AuthorityState, ExecutionState, Fault, World, block_on};
use workflow::operator::ports::{
    CallEnd, ChangeStatus as _, KeepSenders as _, MaySend, SenderRemoval, StatusChanged,
};
use workflow::ports::StoredIntake;

use super::contracts::world_in;
use super::{HANAKO, first_dispatch, hanako_gets_a_letter, mails_to_sender, messages_to, outcome};

/// Longer than Lambda tries a call again, and far shorter than any deadline.
const AN_HOUR_SECONDS: i64 = 3_600;

fn stop(world: &World, to: MaySend) {
    let account = Customer::taro().account;
    let changed = block_on(world.ports().change_status(&account, to));
    assert!(matches!(changed, Ok(StatusChanged::Changed(_))));
}

#[test]
fn the_mails_of_a_suspended_account_are_refused_until_it_goes_on_p_069() {
    let world = World::with_customer(10);
    stop(&world, MaySend::No);
    let inbound = world.receive(&Letter::from(&Customer::taro()));
    world.settle();
    let Some(StoredIntake::Refused { reasons, .. }) = world.intake(&inbound) else {
        panic!("the mail was not refused");
    };
    assert!(reasons.contains("account_suspended"), "{reasons}");
    assert_eq!(
        (messages_to(&world, HANAKO), mails_to_sender(&world)),
        (0, 1)
    );
    stop(&world, MaySend::Yes);
    let id = hanako_gets_a_letter(&world);
    assert_eq!(outcome(&world, &id), "relayed");
    world.assert_finished();
}

#[test]
fn what_is_under_way_goes_on_when_its_account_is_suspended_p_069() {
    let world = World::with_customer(10);
    world.break_port("sign_digest", Fault::Fails);
    let id = first_dispatch(&world.receive(&Letter::from(&Customer::taro())));
    world.pass(AN_HOUR_SECONDS);
    stop(&world, MaySend::No);
    world.mend();
    world.settle();
    assert!(world.original(&id).is_some());
    world.assert_finished();
}

#[test]
fn a_removed_sender_is_ignored_like_a_stranger_p_012() {
    let world = World::with_customer(10);
    let taro = Customer::taro();
    let ports = world.ports();
    let removal = ports.remove_sender(&taro.account, &taro.address, world.now());
    assert_eq!(block_on(removal).expect("answers"), SenderRemoval::Removed);
    let inbound = world.receive(&Letter::from(&taro));
    world.settle();
    world.assert_finished();
    assert_eq!(world.intake(&inbound), None);
    assert!(world.outbox().is_empty());
}

/// A report was recorded, and whoever recorded it died before telling the workflow: all three
/// tries, so that nothing but the deadline would end the wait.
#[test]
fn a_replay_ends_a_wait_that_nobody_told_of_its_outcome() {
    let world = World::with_customer(10);
    world.break_port("complete_wait", Fault::Fails);
    let id = first_dispatch(&world.receive(&Letter::from(&Customer::taro())));
    world.pass(AN_HOUR_SECONDS);
    world.mend();
    assert_eq!(outcome(&world, &id), "relayed");
    let waits = |world: &World| {
        let mut executions = world.executions().into_iter();
        executions.any(|one| one.state == ExecutionState::Waiting)
    };
    assert!(
        waits(&world),
        "the outcome is known, and the workflow waits"
    );
    let replayed = world.replay_by_command(&id);
    assert_eq!(replayed.restart.execution, id.as_str());
    assert!(replayed.restart.ran_before, "nothing runs beside it");
    world.pass(AN_HOUR_SECONDS);
    assert!(!waits(&world));
    assert!(world.original(&id).is_some(), "hours before its deadline");
    assert_eq!(world.executions().len(), 1);
    // The reports that could not be dealt with are still there, and do no harm.
    let redriven = world.redrive_by_command();
    assert!(!redriven.is_empty());
    assert!(redriven.iter().all(|(_, end)| *end == CallEnd::Done));
    world.settle();
    world.assert_finished();
    assert_eq!(
        (messages_to(&world, HANAKO), mails_to_sender(&world)),
        (1, 1)
    );
}

/// The form behind a link has no second try: who dies there leaves the contract waiting for weeks.
#[test]
fn a_replay_ends_the_wait_of_a_contract_whose_answer_was_recorded() {
    let world = world_in(OfferOrder::Parallel);
    world.trust(&Customer::taro().address, TrustSetting::DkimOrSpf);
    let letter = Letter::contract("hanako@recipient.test 業務委託契約").unsigned();
    let id = first_dispatch(&world.receive(&letter));
    world.pass(AN_HOUR_SECONDS);
    world.break_port("complete_wait", Fault::Fails);
    let token = world.token_of(&id);
    let form = world.form_call(token.as_str(), Choice::Agree, "承諾します。");
    assert_eq!(world.call_at_once(&[form], 1), 1, "it died before telling");
    world.mend();
    world.pass(24 * AN_HOUR_SECONDS);
    assert_eq!(outcome(&world, &id), "answered");
    assert!(world.original(&id).is_none(), "it waits for thirty days");
    assert!(world.replay_by_command(&id).restart.ran_before);
    world.pass(AN_HOUR_SECONDS);
    assert!(world.original(&id).is_some());
    world.settle();
    world.assert_finished();
}

#[test]
fn a_replay_of_what_rightly_waits_changes_nothing() {
    let world = World::with_customer(10);
    world.react(HANAKO, tests::Reaction::Silent);
    let id = first_dispatch(&world.receive(&Letter::from(&Customer::taro())));
    world.pass(AN_HOUR_SECONDS);
    for _ in 0..2 {
        let replayed = world.replay_by_command(&id);
        assert!(replayed.restart.ran_before);
        assert_eq!(outcome(&world, &id), "open");
    }
    world.settle();
    assert_eq!(outcome(&world, &id), "unconfirmed");
    world.assert_finished();
    assert_eq!(messages_to(&world, HANAKO), 1);
}

/// Both authorities are away for more than a day.
fn parked_dispatch(world: &World) -> domain::DispatchId {
    for authority in [0, 1] {
        world.set_authority(authority, AuthorityState::Down);
    }
    let id = hanako_gets_a_letter(world);
    for authority in [0, 1] {
        world.set_authority(authority, AuthorityState::Up);
    }
    id
}

#[test]
fn a_replay_takes_what_it_starts_out_of_the_queue_and_nothing_else() {
    let world = World::with_customer(10);
    let [first, second] = [parked_dispatch(&world), parked_dispatch(&world)];
    assert_eq!(world.parked().len(), 2);
    let replayed = world.replay_by_command(&first);
    assert_eq!(replayed.letters_deleted, 1);
    assert_eq!(world.parked().len(), 1, "the alarm stays for the other");
    let all = world.replay_all_by_command();
    let ids: Vec<_> = all.dispatches.iter().map(|(id, _)| id).collect();
    assert_eq!(ids, [&second]);
    assert!(all.unreadable.is_empty());
    assert_eq!(world.parked().len(), 0, "the alarm ends");
    world.settle();
    world.assert_finished();
}

#[test]
fn a_letter_of_an_execution_that_still_runs_stays_in_the_queue() {
    let world = World::with_customer(10);
    world.react(HANAKO, tests::Reaction::Silent);
    let id = first_dispatch(&world.receive(&Letter::from(&Customer::taro())));
    world.pass(60);
    world.park(&format!(
        "{{\"dispatch_id\":\"{id}\",\"execution\":\"{id}\",\"state\":{{}}}}"
    ));
    assert_eq!(world.replay_by_command(&id).letters_deleted, 0);
    assert_eq!(world.parked().len(), 1);
}

#[test]
fn a_dispatch_that_cannot_be_started_again_keeps_its_letter() {
    let world = World::with_customer(10);
    let id = parked_dispatch(&world);
    world.park("{\"dispatch_id\":\"nobody-01\",\"execution\":\"nobody-01\",\"state\":{}}");
    world.park("{\"other\":true}");
    let all = world.replay_all_by_command();
    let ended: Vec<_> = all
        .dispatches
        .iter()
        .map(|(id, replayed)| (id.as_str(), replayed.is_ok()))
        .collect();
    let mut expected = [(id.as_str(), true), ("nobody-01", false)];
    expected.sort_unstable();
    assert_eq!(ended, expected);
    assert_eq!(all.unreadable.len(), 1);
    assert_eq!(world.parked().len(), 2);
}

#[test]
fn a_mail_that_failed_is_taken_in_when_it_is_called_again() {
    let world = World::with_customer(10);
    world.break_port("record_acceptance", Fault::Fails);
    let inbound = world.receive(&Letter::from(&Customer::taro()));
    world.settle();
    assert_eq!(world.dead_letters().len(), 1);
    let failed = world.redrive_by_command();
    assert!(
        matches!(&*failed, [(_, CallEnd::Failed { error, .. })] if error == "TransientFailure")
    );
    assert_eq!(world.dead_letters().len(), 1, "it stays until it succeeds");
    world.mend();
    let done = world.redrive_by_command();
    let [(call, CallEnd::Done)] = &*done else {
        panic!("{done:?}");
    };
    assert_eq!(call.about, format!("mail {inbound}"));
    world.settle();
    world.assert_finished();
    assert_eq!(outcome(&world, &first_dispatch(&inbound)), "relayed");
}
