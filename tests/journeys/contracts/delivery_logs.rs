//! SNS's delivery logs tell of every SMS of the AWS account; only some are our offers.

use domain::{Channel, Command, Observation, decide};
use tests::{Fault, SentSms, SmsReaction, World};
use workflow::ports::{Change, Commit, CommitChange};

use super::{BY_SMS, MOBILE, offered, outcome};

const SUCCESS: (&str, &str) = ("SUCCESS", "Message has been accepted by phone carrier");

/// An SMS of a code, of a copy's link, or of another product in the same account.
fn foreign_sms(world: &World, to: &str) -> SentSms {
    SentSms {
        message_id: "34d9b400-c6dd-5444-820d-foreign".parse().expect("an id"),
        at: world.now(),
        sms: workflow::ports::OutgoingSms {
            to: to.parse().expect("a number"),
            text: "123456".to_owned(),
        },
    }
}

fn report(world: &World, sent: &SentSms) {
    let (status, words) = SUCCESS;
    world.report_event(&sent.record(status, words));
}

#[test]
fn a_log_of_an_sms_that_is_no_dispatch_is_no_failure() {
    for to in [MOBILE, "+819099999999", "+15550100123"] {
        let world = World::with_customer(10);
        world.react_by_sms(MOBILE, SmsReaction::Silent);
        let id = offered(&world, BY_SMS);
        let before = (world.dispatch(&id), world.events(&id));
        report(&world, &foreign_sms(&world, to));
        world.pass(600);
        let (failures, letters) = (world.failures(), world.dead_letters());
        assert_eq!((failures, letters), (vec![], vec![]), "{to}");
        assert_eq!((world.dispatch(&id), world.events(&id)), before, "{to}");
    }
}

#[test]
fn an_attempt_whose_end_nobody_heard_of_makes_no_failures_of_later_logs() {
    let world = World::with_customer(10);
    world.plan("send_sms", 0, Fault::RequestLost);
    offered(&world, BY_SMS);
    report(&world, &foreign_sms(&world, MOBILE));
    world.pass(600);
    assert_eq!((world.failures(), world.dead_letters()), (vec![], vec![]));
}

/// The process that hands an SMS over is slow: the log comes before the id is recorded.
#[test]
fn a_log_that_comes_before_the_id_is_recorded_is_not_lost_p_023() {
    let world = World::with_customer(10);
    world.plan("send_sms", 0, Fault::AnswerLost);
    let inbound = world.receive(&tests::customer::Letter::contract(BY_SMS));
    world.pass(10);
    let id = super::first_dispatch(&inbound);
    let sent = world.sms_outbox().pop().expect("it was sent");
    assert_eq!(world.failures().len(), 1, "the log is read again later");
    record_handover(&world, &id, &sent);
    world.pass(120);
    assert_eq!(world.failures().len(), 1, "{:?}", world.failures());
    let stored = world.dispatch(&id).expect("it is there");
    assert_eq!(
        stored.progress.sms.fate,
        Some(domain::Fate::Relayed),
        "{}",
        world.report()
    );
    assert_eq!(outcome(&world, &id), "open");
}

/// What the slow process records in the end.
fn record_handover(world: &World, id: &domain::DispatchId, sent: &SentSms) {
    let ports = world.ports();
    let stored = world.dispatch(id).expect("it is there");
    let message_id = sent.message_id.clone();
    let learned = Observation::ProviderAccepted { message_id };
    let command = Command::Observe(Channel::Sms, learned);
    let course = stored.dispatch.course();
    let decision = decide(course, &stored.progress, &command, world.now());
    let change = Change {
        expected_version: stored.version,
        progress: decision.progress,
        event: None,
        charge: None,
        delivered: None,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let commit = runtime.block_on(ports.commit(&stored.dispatch, &change));
    assert_eq!(commit.expect("the store answers"), Commit::Written);
}
