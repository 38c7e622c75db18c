//! Mails to many recipients: recorded once, and unfolded in batches (I-061, Q-22).

use std::collections::BTreeSet;

use domain::limits::{COPIES_EACH_MAX, RECIPIENTS_AT_ONCE_MAX, RECIPIENTS_MAX};
use domain::{DispatchId, InboundMessageId, LedgerEntry, OfferOrder, Points, SubmissionId};
use http::Method;
use mail::ParsedMail;
use serde_json::json;
use tests::customer::{Customer, Letter};
use tests::{Fault, Reaction, Rehearsal, World};
use workflow::ports::{MailTag, StoredIntake, Unfolding};

/// Recipients of a mail of three batches.
const FIVE: usize = 5;

/// How many orders are tried.
const SEEDS: u64 = 10;

/// A world in which a mail of five recipients takes three batches.
fn world_of_small_batches() -> World {
    let world = World::with_customer(10);
    world.write_at_once(2);
    world
}

fn recipient(number: usize) -> String {
    format!("r{number}@recipient.test")
}

fn letter_to(recipients: usize) -> Letter {
    let to: Vec<String> = (0..recipients).map(recipient).collect();
    let to: Vec<&str> = to.iter().map(String::as_str).collect();
    Letter::from(&Customer::taro()).to(&to)
}

/// The summaries that went to the sender, and the mails about one recipient.
fn mails_to_sender(world: &World) -> (usize, usize) {
    let outbox = world.outbox();
    let count =
        |is_it: fn(&MailTag) -> bool| outbox.iter().filter(|sent| is_it(&sent.mail.tag)).count();
    (
        count(|tag| matches!(tag, MailTag::Summary(_))),
        count(|tag| matches!(tag, MailTag::Copy(_))),
    )
}

/// Everything is finished, each recipient has one message, one certificate, one charge of one
/// point, and the serials are those of the first to the last.
fn assert_all_came(world: &World, inbound: &InboundMessageId, recipients: usize, place: &str) {
    world.assert_finished();
    let submission = SubmissionId::of_mail(inbound);
    let mut serials = BTreeSet::new();
    for id in submission.dispatches(recipients) {
        let stored = world.dispatch(&id).expect("it was unfolded");
        assert!(stored.certificate.is_some(), "{place}: {id}");
        serials.insert(stored.dispatch.serial.number().get());
    }
    let last = u64::try_from(recipients).expect("few");
    assert!(serials.into_iter().eq(1..=last), "{place}: no gaps");
    let outbox = world.outbox();
    let messages = outbox.iter().filter(|sent| sent.dispatch().is_some());
    let mut reached: Vec<&str> = messages.map(|sent| sent.mail.to.as_str()).collect();
    let mut expected: Vec<String> = (0..recipients).map(recipient).collect();
    reached.sort_unstable();
    expected.sort_unstable();
    assert_eq!(reached, expected, "{place}: one message each");
    let lines = world.ledger_of(&Customer::taro().account);
    let charges = lines.iter().filter(
        |line| matches!(line, LedgerEntry::Charge { points, .. } if *points == Points::new(1)),
    );
    assert_eq!(charges.count(), recipients, "{place}: one charge each");
}

#[test]
fn a_mail_to_five_hundred_gets_five_hundred_certificates_serials_and_charges_q_22() {
    let points = u32::try_from(RECIPIENTS_MAX).expect("few");
    let world = World::with_customer(points + 7);
    let inbound = world.receive(&letter_to(RECIPIENTS_MAX));
    world.settle();
    assert_all_came(&world, &inbound, RECIPIENTS_MAX, "all at once");
    let balance = world.balance(&Customer::taro().account);
    assert_eq!((balance.available.get(), balance.reserved.get()), (7, 0));
}

#[test]
fn a_mail_that_fits_is_written_at_once_and_another_with_a_plan_i_061() {
    for (recipients, expected) in [
        (RECIPIENTS_AT_ONCE_MAX, Unfolding::AtOnce),
        (RECIPIENTS_AT_ONCE_MAX + 1, Unfolding::Planned),
    ] {
        let world = World::with_customer(100);
        // Nothing starts, so that it is seen as it was recorded.
        world.break_port("start_dispatch", Fault::Denied);
        let inbound = world.receive(&letter_to(recipients));
        world.pass(1);
        let Some(StoredIntake::Accepted { unfolding, .. }) = world.intake(&inbound) else {
            panic!("it is not accepted");
        };
        assert_eq!(unfolding, expected, "{recipients}");
        assert_eq!(world.dispatches().len(), RECIPIENTS_AT_ONCE_MAX);
        world.assert_sound();
    }
}

#[test]
fn what_is_recorded_and_not_unfolded_is_reserved_and_adds_up_i_042() {
    for whole in 0..3 {
        let world = world_of_small_batches();
        world.plan("unfold", whole, Fault::Denied);
        // What was sent meanwhile is not settled yet.
        for number in 0..FIVE {
            world.react(&recipient(number), Reaction::Mute);
        }
        let inbound = world.receive(&letter_to(FIVE));
        world.pass(1);
        assert_eq!(world.dispatches().len(), 2 * whole);
        world.assert_sound();
        let balance = world.balance(&Customer::taro().account);
        assert_eq!((balance.available.get(), balance.reserved.get()), (5, 5));
        // Meanwhile the account goes on: its next mail has the serials behind.
        world.receive(&Letter::from(&Customer::taro()));
        world.pass(1);
        let last = world
            .dispatches()
            .into_iter()
            .map(|one| one.dispatch.serial.number().get());
        assert_eq!(last.max(), Some(6));
        world.settle();
        let submission = SubmissionId::of_mail(&inbound);
        assert!(
            submission
                .dispatches(FIVE)
                .all(|id| world.dispatch(&id).is_some())
        );
        world.assert_finished();
    }
}

#[test]
fn a_mail_of_several_batches_survives_a_crash_anywhere_i_061() {
    let mut after_calls = 1;
    loop {
        let world = world_of_small_batches();
        world.crash("ParseMail", after_calls);
        let inbound = world.receive(&letter_to(FIVE));
        world.settle();
        let place = format!("died after {after_calls} calls");
        assert_all_came(&world, &inbound, FIVE, &place);
        if world.crashes() == 0 {
            break;
        }
        after_calls += 1;
    }
    // The acceptance, a plan, three batches and five workflows lie behind each other.
    assert!(after_calls > 15, "it died in {after_calls} places only");
}

#[test]
fn a_call_that_goes_on_after_a_crash_leaves_what_is_settled_alone() {
    let mut was_settled = false;
    for skip in 1..=3 {
        let world = world_of_small_batches();
        // Some of the workflows run to their ends before the mail is taken up again.
        world.plan("start_dispatch", skip, Fault::Fails);
        let inbound = world.receive(&letter_to(FIVE));
        world.pass(30);
        let settled: Vec<_> = world
            .dispatches()
            .into_iter()
            .filter(|stored| stored.certificate.is_some())
            .collect();
        was_settled |= !settled.is_empty();
        world.settle();
        assert_all_came(&world, &inbound, FIVE, &format!("after {skip} starts"));
        for before in settled {
            let after = world.dispatch(&before.dispatch.id).expect("it stays");
            assert_eq!(after.certificate, before.certificate);
        }
    }
    assert!(was_settled, "nothing settled in between");
}

#[test]
fn a_call_that_goes_on_begins_where_the_one_before_is_known_to_have_come() {
    let world = world_of_small_batches();
    // The third batch cannot be written: two are, with their workflows.
    world.plan("unfold", 2, Fault::Fails);
    let inbound = world.receive(&letter_to(FIVE));
    world.pass(1);
    let before = world.calls_of("start_dispatch");
    assert_eq!(before, 4);
    world.settle();
    assert_all_came(&world, &inbound, FIVE, "gone on");
    assert_eq!(world.calls_of("start_dispatch"), FIVE);
}

#[test]
fn a_mail_of_several_batches_may_be_taken_in_twice_or_fail_at_every_port() {
    for rehearsal in [
        Rehearsal::Twice,
        Rehearsal::LoseFirstAnswer,
        Rehearsal::FailEveryPortOnce,
    ] {
        let world = world_of_small_batches();
        world.rehearse(rehearsal);
        let inbound = world.receive(&letter_to(FIVE));
        world.settle();
        // What fails more often than Lambda tries is called again by the operator.
        while world.redrive() > 0 {
            world.settle();
        }
        world.rehearse(Rehearsal::Once);
        world.replay_parked();
        world.settle();
        assert_all_came(&world, &inbound, FIVE, &format!("{rehearsal:?}"));
    }
}

#[test]
fn a_mail_of_several_batches_taken_in_thrice_at_once_is_one_mail() {
    for seed in 0..SEEDS {
        let world = world_of_small_batches();
        let letter = letter_to(FIVE);
        let id = world.store_mail(&letter);
        let call = world.receipt_call(&letter, &id);
        let failed = world.call_at_once(&vec![call; 3], seed);
        assert_eq!(failed, 0, "seed {seed}: {:?}", world.failures());
        world.settle();
        assert_all_came(&world, &id, FIVE, &format!("seed {seed}"));
    }
}

#[test]
fn an_answer_that_got_lost_between_recording_and_unfolding_changes_nothing() {
    for (port, count) in [
        ("record_acceptance", 1),
        ("find_plan", 1),
        ("started", 1),
        ("unfold", 3),
        ("note_started", 3),
    ] {
        for skip in 0..count {
            let world = world_of_small_batches();
            world.plan(port, skip, Fault::AnswerLost);
            let inbound = world.receive(&letter_to(FIVE));
            world.settle();
            assert_all_came(&world, &inbound, FIVE, &format!("{port} {skip}"));
        }
    }
}

#[test]
fn so_many_messages_of_a_mail_leave_a_second_and_only_who_waits_pays_for_it() {
    let world = World::with_customer(10);
    world.send_per_second(2);
    let inbound = world.receive(&letter_to(FIVE));
    world.settle();
    assert_all_came(&world, &inbound, FIVE, "paced");
    let outbox = world.outbox();
    let messages = outbox.iter().filter(|sent| sent.dispatch().is_some());
    let times: Vec<_> = messages.map(|sent| sent.at).collect();
    for (early, late) in times.iter().zip(times.iter().skip(2)) {
        assert!(late.duration_since(*early).as_secs() >= 1, "{times:?}");
    }
    for execution in world.executions() {
        let waits = execution
            .history
            .iter()
            .any(|state| state == "wait-to-send");
        let is_first = [0, 1]
            .map(|position| DispatchId::of_recipient(&SubmissionId::of_mail(&inbound), position));
        assert_eq!(waits, !is_first.contains(&execution.dispatch()));
        assert_eq!(
            execution.transitions(),
            8 + usize::from(waits),
            "{execution:?}"
        );
    }
}

#[test]
fn contracts_of_one_mail_are_paced_alike_on_either_branch() {
    let world = World::with_customer(10);
    world.send_per_second(1);
    let account = Customer::taro().account;
    world.change_account(&account, |account| {
        account.settings.contracts.order = OfferOrder::MailThenSms;
    });
    let destinations = "a@recipient.test +819000000001 b@recipient.test +819000000002";
    world.receive(&Letter::contract(&format!("{destinations} Contract")));
    world.pass(0);
    let states = |state: &str| {
        let executions = world.executions().into_iter();
        executions
            .filter(|one| one.history.iter().any(|entered| entered == state))
            .count()
    };
    assert_eq!(
        (states("deliver-by-mail"), states("wait-to-mail-first")),
        (2, 1)
    );
    assert_eq!(world.outbox().len(), 1);
    world.pass(1);
    assert_eq!(world.outbox().len(), 2);
}

#[test]
fn above_twenty_recipients_the_sender_gets_one_summary_in_place_of_the_copies() {
    for (recipients, expected) in [
        (COPIES_EACH_MAX, (0, COPIES_EACH_MAX)),
        (COPIES_EACH_MAX + 1, (1, 0)),
    ] {
        let world = World::with_customer(30);
        let inbound = world.receive(&letter_to(recipients));
        world.settle();
        assert_all_came(&world, &inbound, recipients, "summarized");
        assert_eq!(mails_to_sender(&world), expected, "{recipients}");
    }
}

#[test]
fn a_summary_comes_when_the_last_certificate_is_there_and_lists_all_i_052() {
    let world = world_of_small_batches();
    world.copy_each_of(2);
    // One bounces, one is suppressed, and of one nothing is heard for a day.
    world.react(&recipient(1), Reaction::UnknownUser);
    world.react(&recipient(2), Reaction::Suppressed);
    world.react(&recipient(3), Reaction::Silent);
    let inbound = world.receive(&letter_to(FIVE));
    world.pass(3_600);
    assert_eq!(
        mails_to_sender(&world),
        (0, 0),
        "one certificate is missing"
    );
    world.settle();
    world.assert_finished();
    assert_eq!(mails_to_sender(&world), (1, 0));
    let outbox = world.outbox();
    let summary = outbox
        .iter()
        .find(|sent| matches!(sent.mail.tag, MailTag::Summary(_)));
    let summary = summary.expect("it was sent");
    assert_eq!(summary.mail.to, Customer::taro().address);
    let mail = ParsedMail::parse(&summary.mail.raw);
    let text = mail.body().text;
    for (position, id) in SubmissionId::of_mail(&inbound).dispatches(FIVE).enumerate() {
        let stored = world.dispatch(&id).expect("it is there");
        let outcome = super::outcome(&world, &id);
        let entry = format!(
            "- {}  {}\n  {outcome}\n",
            stored.dispatch.serial,
            recipient(position)
        );
        assert!(text.contains(&entry), "{entry}\n{text}");
        if let Some(certificate) = stored.certificate {
            assert!(text.contains(&certificate.digest.to_string()), "{text}");
        }
    }
    // The link in it shows the list, and hands out each certificate byte for byte.
    let link = text
        .lines()
        .find_map(|line| line.split_once("https://akashi.test"));
    let (_, path) = link.expect("there is a link");
    let page = world.visit(&Method::GET, path);
    assert!(page.says("K7Q2-000005.pdf"), "{page:?}");
    let first = SubmissionId::of_mail(&inbound)
        .dispatches(1)
        .next()
        .expect("one");
    let original = world.original(&first).expect("it is certified");
    let file = world.visit(&Method::GET, &format!("{path}/1"));
    assert!(file.body == original, "byte for byte");
}

#[test]
fn an_account_that_wants_no_certificates_by_mail_is_told_only_of_what_was_not_attempted_i_035_q_5()
{
    for (reaction, expected) in [
        (Reaction::Delivered, (0, 0)),
        (Reaction::Suppressed, (1, 0)),
    ] {
        let world = world_of_small_batches();
        world.copy_each_of(2);
        world.change_account(&Customer::taro().account, |account| {
            account.settings.certificates_by_mail = false;
        });
        world.react(&recipient(4), reaction);
        world.receive(&letter_to(FIVE));
        world.settle();
        world.assert_finished();
        assert_eq!(mails_to_sender(&world), expected, "{reaction:?}");
    }
}

#[test]
fn a_summary_survives_a_crash_anywhere_and_is_sent_once_unless_in_doubt() {
    for process in 0..FIVE {
        let mut after_calls = 1;
        loop {
            let world = world_of_small_batches();
            world.copy_each_of(2);
            world.crash_later("SendCopies", process, after_calls);
            let inbound = world.receive(&letter_to(FIVE));
            world.settle();
            let place = format!("process {process} died after {after_calls} calls");
            assert_all_came(&world, &inbound, FIVE, &place);
            let (summaries, copies) = mails_to_sender(&world);
            assert!(
                (1..=2).contains(&summaries) && copies == 0,
                "{place}: {summaries}"
            );
            if world.crashes() == 0 {
                break;
            }
            assert_eq!(summaries == 2, is_doubtful(&world), "{place}");
            after_calls += 1;
        }
        assert!(
            after_calls > 3,
            "process {process} died in {after_calls} places only"
        );
    }
}

/// Whether a process died between handing the summary over and noting it.
fn is_doubtful(world: &World) -> bool {
    let outbox = world.outbox();
    let times: BTreeSet<_> = outbox
        .iter()
        .filter(|sent| matches!(sent.mail.tag, MailTag::Summary(_)))
        .map(|sent| sent.at)
        .collect();
    times.len() == 2
}

#[test]
fn dispatches_that_end_at_once_are_counted_once_and_send_one_summary() {
    for seed in 0..SEEDS {
        let world = world_of_small_batches();
        world.copy_each_of(2);
        // The copies wait until they are called by hand, all at once.
        world.break_port("count_ended", Fault::Denied);
        let inbound = world.receive(&letter_to(FIVE));
        world.settle();
        world.mend();
        let submission = SubmissionId::of_mail(&inbound);
        let ids = submission.dispatches(FIVE);
        let calls: Vec<_> = ids
            .map(|id| ("SendCopies", json!({ "dispatch_id": id.as_str() })))
            .collect();
        let twice = [calls.clone(), calls].concat();
        // Who meets another that is sending comes again later: that is what retries are for.
        world.call_at_once(&twice, seed);
        world.replay_parked();
        world.settle();
        assert_all_came(&world, &inbound, FIVE, &format!("seed {seed}"));
        assert_eq!(mails_to_sender(&world), (1, 0), "seed {seed}");
    }
}

#[test]
fn a_late_bounce_of_one_of_many_is_told_by_itself_q_28() {
    let world = World::with_customer(100);
    world.react(&recipient(0), Reaction::LateBounce);
    let many = COPIES_EACH_MAX + 1;
    let inbound = world.receive(&letter_to(many));
    world.settle();
    world.assert_finished();
    assert_eq!(mails_to_sender(&world), (1, 1), "the summary, and the news");
    let submission = SubmissionId::of_mail(&inbound);
    let first = submission.dispatches(many).next().expect("one of many");
    let addenda = world.dispatches().into_iter();
    let addenda = addenda.filter(|stored| stored.dispatch.adds_to() == Some(&first));
    assert_eq!(addenda.count(), 1);
}
