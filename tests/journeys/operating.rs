//! What the operator does: stops accounts, removes senders, starts again what was given up.

use std::collections::BTreeSet;

use domain::{
    AcceptanceNotices, AccountStatus, Choice, ContractSettings, Granting, Language, LedgerPageOf,
    MaySend, OfferOrder, Outcome, Refusal, SenderRemoval, Settings, SettingsChange, StatusChanged,
    TrustSetting,
};
use jiff::{SignedDuration, Timestamp};
use tests::customer::{Customer, Letter};
use tests::{AuthorityState, ExecutionState, Fault, World, block_on};
use workflow::account::manage::{ManageAccounts, SettingsChanged};
use workflow::account::open::{OpenAccount, Opened, Opening, SenderConflict};
use workflow::account::senders::{SenderAdded, Senders};
use workflow::billing::grant::Grant;
use workflow::billing::statement::Statement;
use workflow::operator::listing::{ListDispatches, ListedState, Listing, Wanted};
use workflow::operator::ports::CallEnd;
use workflow::ports::{ChangeStatus as _, KeepSenders as _, StoredIntake};

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
    assert_eq!(reasons, [Refusal::AccountSuspended]);
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

fn opening() -> Opening {
    Opening {
        id: "K7Q2".parse().expect("is valid"),
        company: "証株式会社".to_owned(),
        address: None,
        contact: "髙﨑 花子".to_owned(),
        mail: "office@customer.test".parse().expect("is valid"),
        mobile: None,
        settings: Settings {
            certificates_by_mail: true,
            acceptance_notices: AcceptanceNotices::default(),
            language: Language::default(),
            zone: "Asia/Tokyo".parse().expect("is valid"),
            contracts: ContractSettings::default(),
        },
        senders: vec![
            "taro@customer.test".parse().expect("is valid"),
            "Jiro@customer.test".parse().expect("is valid"),
        ],
        trust: TrustSetting::Dkim,
    }
}

#[test]
fn an_account_is_opened_with_its_senders_and_once_more_without_a_change() {
    let world = World::new();
    let (accounts, clock) = (world.ports(), world.ports());
    let step = OpenAccount { accounts, clock };
    let open = |opening| block_on(step.run(opening)).unwrap();
    // Cut off behind the first sender.
    world.plan("allow_sender", 1, Fault::Fails);
    assert!(block_on(step.run(opening())).is_err());
    let Opened::Open(account) = open(opening()) else {
        panic!("it was cut off, and is ended");
    };
    assert_eq!(account.status, AccountStatus::Active);
    assert_eq!(account.last_used_at, world.now());
    assert!(matches!(open(opening()), Opened::Open(_)));
    let id = account.id;
    let senders = || block_on(world.ports().senders_of(&id)).unwrap();
    let listed: Vec<_> = senders().into_iter().map(|one| one.entry.sender).collect();
    let mut expected = opening().senders;
    expected.sort_by_key(domain::EmailAddress::key);
    assert_eq!(listed, expected);

    let mut other = opening();
    other.contact = "別人".to_owned();
    let Opened::Differs(all) = open(other) else {
        panic!("it has another contact");
    };
    assert_eq!(
        all.iter().map(|one| one.option).collect::<Vec<_>>(),
        ["--contact"]
    );
    let [taro, jiro] = [0, 1].map(|at| opening().senders.remove(at));
    let removal = block_on(world.ports().remove_sender(&id, &jiro, world.now()));
    assert_eq!(removal.unwrap(), SenderRemoval::Removed);
    let mut other = opening();
    other.trust = TrustSetting::DkimOrSpf;
    let conflicts = vec![
        SenderConflict::TrustedOtherwise {
            sender: taro.clone(),
            standing: TrustSetting::Dkim,
        },
        SenderConflict::Removed(jiro),
    ];
    assert_eq!(open(other), Opened::Conflicts(conflicts));
    assert_eq!(senders().len(), 2, "nothing was changed");
    let other = Opening {
        id: "0THER".parse().unwrap(),
        senders: vec![taro.clone()],
        ..opening()
    };
    let (sender, by) = (taro, id);
    assert_eq!(open(other), Opened::SenderTaken { sender, by });
}

#[test]
fn what_the_operator_changes_says_what_came_of_it() {
    let world = World::with_customer(0);
    let taro = Customer::taro();
    let (id, nobody) = (&taro.account, "N0B0DY".parse().unwrap());
    let accounts = world.ports();
    let step = ManageAccounts { accounts };
    let change = |id, change| block_on(step.change_settings(id, &change)).unwrap();
    let zone = SettingsChange {
        zone: Some("UTC".parse().unwrap()),
        ..SettingsChange::default()
    };
    assert_eq!(
        change(id, SettingsChange::default()),
        SettingsChanged::Nothing
    );
    assert_eq!(change(&nobody, zone.clone()), SettingsChanged::NoAccount);
    let SettingsChanged::Changed(changed) = change(id, zone) else {
        panic!("there is the account");
    };
    assert_eq!(changed.settings.zone.as_str(), "UTC");
    assert_eq!(block_on(step.find(id)).unwrap().as_ref(), Some(&*changed));
    assert_eq!(block_on(step.list()).unwrap(), [*changed]);

    let (accounts, clock) = (world.ports(), world.ports());
    let step = Senders { accounts, clock };
    let add = |id: &domain::AccountId| {
        let trust = TrustSetting::Dkim;
        block_on(step.add(id.clone(), taro.address.clone(), trust)).unwrap()
    };
    assert!(matches!(add(id), SenderAdded::Added(_)));
    assert_eq!(add(&nobody), SenderAdded::NoAccount);
    assert_eq!(block_on(step.list(&nobody)).unwrap(), None);
    let removal = block_on(step.remove(id, &taro.address)).unwrap();
    assert_eq!(removal, SenderRemoval::Removed);

    let (ledger, clock) = (world.ports(), world.ports());
    let step = Grant { ledger, clock };
    let reference = "invoice 1".parse().unwrap();
    let points = domain::Points::new(3);
    for (id, expected) in [
        (id, Granting::Granted),
        (id, Granting::GrantedBefore),
        (&nobody, Granting::NoAccount),
    ] {
        let granting = block_on(step.run(id, points, &reference)).unwrap();
        assert_eq!(granting, expected);
    }
    let ledger = world.ports();
    let step = Statement { ledger };
    assert_eq!(block_on(step.balance(&nobody)).unwrap(), None);
    let balance = block_on(step.balance(id)).unwrap().unwrap();
    assert_eq!(balance.available, points);
    let newest = LedgerPageOf {
        after: None,
        from: None,
        until: None,
        newest_first: true,
        entries_max: 1,
    };
    let page = block_on(step.page(id, &newest)).unwrap();
    assert_eq!(page.entries.len(), 1);
    assert!(page.next.is_some());
}

/// Thirty mails, one a day, the tenth of which is refused.
fn a_month_of_mails() -> (World, Vec<Timestamp>) {
    let world = World::with_customer(100);
    let mut days = Vec::new();
    for number in 1..=30 {
        if number == 10 {
            stop(&world, MaySend::No);
        }
        days.push(world.now());
        world.receive(&Letter::from(&Customer::taro()).subject(&format!("mail {number}")));
        world.settle();
        if number == 10 {
            stop(&world, MaySend::Yes);
        }
        world.skip(SignedDuration::from_hours(24));
    }
    (world, days)
}

fn listed(world: &World, wanted: &Wanted) -> Listing {
    let store = world.ports();
    let step = ListDispatches { store };
    let listing = block_on(step.page(wanted)).expect("is valid");
    listing.expect("the account exists")
}

fn numbers(listing: &Listing) -> Vec<u64> {
    let serials = listing.entries.iter().map(|entry| entry.serial());
    serials.map(|serial| serial.number().get()).collect()
}

#[test]
fn what_was_sent_is_listed_by_time_page_by_page_from_either_end_p_071() {
    let (world, days) = a_month_of_mails();
    let all = Wanted {
        account: Customer::taro().account,
        state: None,
        outcome: None,
        from: None,
        until: None,
        after: None,
        newest_first: false,
        entries_max: 100,
    };
    let whole: Vec<u64> = (1..=30).collect();
    assert_eq!(numbers(&listed(&world, &all)), whole);
    for (from, until) in [(0, 30), (4, 9), (8, 11), (29, 30), (7, 7), (0, 1)] {
        for newest_first in [false, true] {
            let mut wanted = Wanted {
                from: days.get(from).copied(),
                until: days.get(until).copied(),
                newest_first,
                entries_max: 2,
                ..all.clone()
            };
            let mut found = Vec::new();
            loop {
                let page = listed(&world, &wanted);
                assert!(page.entries.len() <= 2);
                found.extend(numbers(&page));
                let Some(next) = page.next else {
                    break;
                };
                wanted.after = Some(next);
            }
            let range = u64::try_from(from).unwrap() + 1..=u64::try_from(until).unwrap();
            let mut expected: Vec<u64> = range.collect();
            if newest_first {
                expected.reverse();
            }
            assert_eq!(found, expected, "{from} to {until}, {newest_first}");
        }
    }
    let of_state = |state| Wanted {
        state: Some(state),
        ..all.clone()
    };
    assert_eq!(
        numbers(&listed(&world, &of_state(ListedState::Refused))),
        [10]
    );
    assert_eq!(
        numbers(&listed(&world, &of_state(ListedState::Open))),
        [0; 0]
    );
    let ended = numbers(&listed(&world, &of_state(ListedState::Ended)));
    let expected: BTreeSet<u64> = whole.into_iter().filter(|number| *number != 10).collect();
    assert_eq!(ended.into_iter().collect::<BTreeSet<u64>>(), expected);
    let noex = Wanted {
        outcome: Some(Outcome::Noex),
        ..all.clone()
    };
    assert_eq!(numbers(&listed(&world, &noex)), [0; 0]);
    let nobodys = Wanted {
        account: "N0B0DY".parse().unwrap(),
        ..all
    };
    let store = world.ports();
    let step = ListDispatches { store };
    assert_eq!(block_on(step.page(&nobodys)).unwrap(), None);
}
