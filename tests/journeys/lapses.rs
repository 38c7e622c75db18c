//! Accounts that nobody uses (I-046): the clock runs over years, and `expire-accounts` comes on
//! time, twice, late, or not to its end.

use domain::{
    AccountId, AccountStatus, Balance, LapseWarning, NoticeState, Points, Refusal, lapse_at,
};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tests::customer::{Customer, Letter};
use tests::{Fault, Rehearsal, World};
use workflow::ports::{MailTag, StoredIntake};

use super::first_dispatch;

const DAY_SECONDS: i64 = 86_400;

/// More calls of ports than the step makes for one account.
const CALLS_MAX: usize = 40;

/// Looks at an account that is opened and never used: three warnings and the end.
const LOOKS: usize = 4;

fn taro() -> AccountId {
    Customer::taro().account
}

fn pass_until(world: &World, at: Timestamp) {
    // Whole seconds, and not too early.
    let left = at.duration_since(world.now()) + SignedDuration::from_millis(999);
    world.pass(left.as_secs().max(0));
}

/// Lets the rule come when an account is due, and leaves time for what is tried again.
fn look_when_due(world: &World, id: &AccountId) {
    if let Some(at) = world.lapse_check(id) {
        pass_until(world, at);
        world.expire_accounts();
        world.pass(400);
    }
}

/// An account of ten points for which all is ready to lapse at this moment.
fn about_to_lapse() -> World {
    let world = World::with_customer(10);
    for _ in 1..LOOKS {
        look_when_due(&world, &taro());
    }
    let closes = world.lapse_check(&taro()).expect("it is open");
    pass_until(&world, closes);
    assert_eq!(warnings(&world, &taro()).len(), 3);
    world
}

/// When warnings about an account were sent.
fn warnings(world: &World, id: &AccountId) -> Vec<Timestamp> {
    let outbox = world.outbox();
    let is_warning = |sent: &&tests::SentMail| sent.mail.tag == MailTag::LapseWarning(id.clone());
    outbox
        .iter()
        .filter(is_warning)
        .map(|sent| sent.at)
        .collect()
}

fn lapsed_at(world: &World, id: &AccountId) -> Option<Timestamp> {
    match world.account(id).status {
        AccountStatus::Lapsed { at } => Some(at),
        AccountStatus::Active | AccountStatus::Suspended => None,
    }
}

/// How many days before it lapses, whole ones.
fn days_before(end: Timestamp, at: Timestamp) -> i64 {
    (end.duration_since(at).as_secs() + 60) / DAY_SECONDS
}

#[test]
fn six_years_of_days_bring_three_warnings_and_one_end_i_046() {
    let world = World::with_customer(10);
    let opened = world.now();
    for _ in 0..6 * 366 {
        world.expire_accounts();
        world.pass(DAY_SECONDS);
        world.assert_sound();
    }
    let end = lapse_at(opened);
    let days = warnings(&world, &taro())
        .into_iter()
        .map(|at| days_before(end, at));
    assert_eq!(days.collect::<Vec<_>>(), [90, 30, 7]);
    let late = lapsed_at(&world, &taro())
        .expect("it lapsed")
        .duration_since(end);
    assert!((0..=DAY_SECONDS).contains(&late.as_secs()), "{late:?}");
    assert_eq!(world.balance(&taro()), Balance::default());
    assert_eq!(world.lapsed_points(&taro()), Some(Points::new(10)));
    world.assert_finished();
}

#[test]
fn a_warning_says_when_what_and_what_to_do_i_045_i_046() {
    let world = about_to_lapse();
    let shown = world.outbox_in_full();
    for expected in [
        "2031年1月5日（日）9時00分（日本時間）",
        "5 January 2031, 9:00 (Asia/Tokyo)",
        "失効するポイント: 10",
        "Points that will lapse: 10",
        "send a registered mail or a contract, or buy points",
        "not refunded",
        "Certificates that were issued are kept",
        "To: <taro@customer.test>",
    ] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
}

#[test]
fn the_edges_of_the_calendar_end_to_the_second_wherever_the_account_is_i_046() {
    for (used, end) in [
        ("2028-02-29T00:00:00Z", "2033-02-28T00:00:00Z"),
        ("2028-02-29T23:59:59Z", "2033-02-28T23:59:59Z"),
        ("2028-03-01T00:00:00Z", "2033-03-01T00:00:00Z"),
        ("2026-12-31T23:59:59Z", "2031-12-31T23:59:59Z"),
    ] {
        for zone in [
            "Asia/Tokyo",
            "Pacific/Kiritimati",
            "America/Los_Angeles",
            "UTC",
        ] {
            let world = World::with_customer(1);
            world.change_account(&taro(), |account| {
                account.settings.zone = zone.parse().expect("a zone");
            });
            pass_until(&world, used.parse().expect("a time"));
            world.grant(&taro(), 2);
            // The look that the opening asked for finds a later use, and is put off.
            for _ in 0..=LOOKS {
                let checked = world.lapse_check(&taro());
                look_when_due(&world, &taro());
                assert_ne!(world.lapse_check(&taro()), checked, "{used} {zone}");
            }
            let end: Timestamp = end.parse().expect("a time");
            let lapsed = lapsed_at(&world, &taro()).expect("it lapsed");
            let late = lapsed.duration_since(end).as_secs();
            assert!((0..=1).contains(&late), "{used} {zone}: {lapsed}");
            assert_eq!(world.lapsed_points(&taro()), Some(Points::new(3)));
            world.assert_finished();
        }
    }
}

#[test]
fn nothing_happens_a_second_early_i_046() {
    let world = World::with_customer(1);
    for look in 0..LOOKS {
        let due = world.lapse_check(&taro()).expect("it is open");
        pass_until(&world, due - SignedDuration::from_secs(2));
        world.expire_accounts();
        world.pass(0);
        assert_eq!(warnings(&world, &taro()).len(), look);
        assert_eq!(lapsed_at(&world, &taro()), None);
        look_when_due(&world, &taro());
    }
    assert!(lapsed_at(&world, &taro()).is_some());
}

#[test]
fn a_use_in_the_second_of_the_end_keeps_the_account_i_046() {
    let world = about_to_lapse();
    world.grant(&taro(), 1);
    world.expire_accounts();
    world.pass(0);
    let account = world.account(&taro());
    assert_eq!(
        (account.status, account.warned),
        (AccountStatus::Active, None)
    );
    assert_eq!(world.balance(&taro()).available, Points::new(11));
    // Five years more, with warnings of their own.
    for _ in 0..LOOKS {
        look_when_due(&world, &taro());
    }
    assert_eq!(warnings(&world, &taro()).len(), 6);
    assert_eq!(world.lapsed_points(&taro()), Some(Points::new(11)));
    world.assert_finished();
}

#[test]
fn a_mail_to_a_lapsed_account_is_refused_and_says_why_p_013_i_046() {
    let world = about_to_lapse();
    world.expire_accounts();
    world.pass(0);
    let inbound = world.receive(&Letter::from(&Customer::taro()));
    world.settle();
    let Some(StoredIntake::Refused {
        reasons, notice, ..
    }) = world.intake(&inbound)
    else {
        panic!("{}", world.report());
    };
    assert_eq!(reasons, [Refusal::AccountLapsed]);
    assert!(matches!(notice, NoticeState::Sent { .. }));
    assert!(
        world
            .outbox_in_full()
            .contains("was not used for five years and is closed")
    );
    world.assert_finished();
}

#[test]
fn the_end_and_a_sending_at_once_are_never_both_i_046() {
    let mut ends = [0, 0];
    for seed in 0..60 {
        let world = about_to_lapse();
        let letter = Letter::from(&Customer::taro());
        let id = world.store_mail(&letter);
        let calls = [
            ("ExpireAccounts", json!({})),
            world.receipt_call(&letter, &id),
        ];
        assert_eq!(world.call_at_once(&calls, seed), 0, "seed {seed}");
        world.assert_sound();
        let is_accepted = matches!(world.intake(&id), Some(StoredIntake::Accepted { .. }));
        let is_lapsed = lapsed_at(&world, &taro()).is_some();
        assert_ne!(is_accepted, is_lapsed, "seed {seed}: {}", world.report());
        let [sendings, lapses] = &mut ends;
        *(if is_lapsed { lapses } else { sendings }) += 1;
    }
    assert!(
        ends.iter().all(|times| *times > 0),
        "each wins sometimes: {ends:?}"
    );
}

#[test]
fn coming_twice_or_unheard_changes_nothing_i_046() {
    for rehearsal in [Rehearsal::Twice, Rehearsal::LoseFirstAnswer] {
        let world = World::with_customer(10);
        world.rehearse(rehearsal);
        for _ in 0..LOOKS {
            look_when_due(&world, &taro());
        }
        assert_eq!(warnings(&world, &taro()).len(), 3, "{rehearsal:?}");
        assert_eq!(
            world.lapsed_points(&taro()),
            Some(Points::new(10)),
            "{rehearsal:?}"
        );
        world.assert_finished();
    }
    let world = about_to_lapse();
    let calls = [("ExpireAccounts", json!({})), ("ExpireAccounts", json!({}))];
    for seed in 0..20 {
        let failed = world.call_at_once(&calls, seed);
        assert_eq!(failed, 0, "seed {seed}");
    }
    world.assert_finished();
    assert_eq!(world.lapsed_points(&taro()), Some(Points::new(10)));
}

#[test]
fn being_cut_off_anywhere_loses_nothing_i_046() {
    for look in 0..LOOKS {
        let mut died = 0;
        for after_calls in 1..CALLS_MAX {
            let world = World::with_customer(10);
            world.crash_later("ExpireAccounts", look, after_calls);
            for _ in 0..LOOKS {
                look_when_due(&world, &taro());
            }
            let place = format!("look {look} died after {after_calls} calls");
            // A warning is sent again when nobody knows whether it was: never none.
            let count = warnings(&world, &taro()).len();
            assert!((3..=4).contains(&count), "{place}: {count}");
            let lapsed = lapsed_at(&world, &taro());
            assert!(lapsed.is_some(), "{place}: {}", world.report());
            assert_eq!(
                world.lapsed_points(&taro()),
                Some(Points::new(10)),
                "{place}"
            );
            world.assert_finished();
            died += world.crashes();
            if world.crashes() == 0 {
                break;
            }
        }
        assert!(died >= 3, "look {look} died in {died} places only");
    }
}

#[test]
fn a_month_late_warns_once_and_still_gives_seven_days_i_046() {
    let world = World::with_customer(10);
    look_when_due(&world, &taro());
    let end = lapse_at(world.account(&taro()).last_used_at);
    pass_until(&world, end + SignedDuration::from_secs(30 * DAY_SECONDS));
    let late = world.now();
    for _ in 0..20 {
        world.expire_accounts();
        world.pass(DAY_SECONDS);
    }
    let sent = warnings(&world, &taro());
    assert_eq!(sent.len(), 2, "the thirty days are passed over: {sent:?}");
    let last = sent.last().expect("two warnings");
    assert_eq!(last.duration_since(late).as_secs(), 0);
    let warned = world.account(&taro()).warned.map(|warned| warned.warning);
    assert_eq!(warned, Some(LapseWarning::SevenDays));
    let lapsed = lapsed_at(&world, &taro()).expect("it lapsed");
    assert!((7..=8).contains(&days_before(lapsed, late)), "{lapsed}");
    world.assert_finished();
}

#[test]
fn a_use_after_a_warning_takes_it_back_i_046() {
    for looks in 1..LOOKS {
        let world = World::with_customer(10);
        for _ in 0..looks {
            look_when_due(&world, &taro());
        }
        world.grant(&taro(), 1);
        let used = world.now();
        assert_eq!(world.account(&taro()).warned, None);
        look_when_due(&world, &taro());
        assert_eq!(warnings(&world, &taro()).len(), looks, "put off");
        look_when_due(&world, &taro());
        let sent = warnings(&world, &taro());
        let last = *sent.last().expect("warned again");
        assert_eq!(
            (sent.len(), days_before(lapse_at(used), last)),
            (looks + 1, 90)
        );
    }
}

#[test]
fn an_open_dispatch_ends_first_i_046() {
    let world = World::with_customer(2);
    world.break_port("start_dispatch", Fault::Denied);
    world.receive(&Letter::from(&Customer::taro()));
    world.pass(1_000);
    world.mend();
    for _ in 0..=LOOKS {
        look_when_due(&world, &taro());
    }
    let due = world.lapse_check(&taro()).expect("it waits");
    assert!(due <= world.now(), "and is looked at every day");
    assert_eq!(
        (lapsed_at(&world, &taro()), warnings(&world, &taro()).len()),
        (None, 3)
    );
    assert_eq!(world.redrive(), 1);
    world.pass(DAY_SECONDS);
    let balance = world.balance(&taro());
    assert_eq!(
        (balance.available, balance.reserved),
        (Points::new(1), Points::ZERO)
    );
    world.expire_accounts();
    world.pass(0);
    assert_eq!(world.lapsed_points(&taro()), Some(Points::new(1)));
    world.assert_sound();
}

/// Makes it five years, to the second, since the account was used.
fn use_was_five_years_ago(world: &World) {
    let now = world.now();
    let year = now.to_zoned(TimeZone::UTC).year() - 5;
    let used = now.to_zoned(TimeZone::UTC).with().year(year).build();
    let used = used.expect("a day of that year").timestamp();
    world.change_account(&taro(), |account| account.last_used_at = used);
}

#[test]
fn a_waiting_contract_ends_first_by_its_answer_or_its_deadline_i_046() {
    for is_answered in [true, false] {
        let world = World::with_customer(10);
        let contract = Letter::contract("hanako@recipient.test 業務委託契約");
        let id = first_dispatch(&world.receive(&contract));
        world.pass(60);
        use_was_five_years_ago(&world);
        for _ in 0..10 {
            world.expire_accounts();
            world.pass(DAY_SECONDS);
        }
        assert_eq!(warnings(&world, &taro()).len(), 1, "late: the last one");
        assert_eq!(lapsed_at(&world, &taro()), None, "the contract waits");
        if is_answered {
            world.answer_by_mail(&id, "承諾します。");
        } else {
            world.pass(30 * DAY_SECONDS);
        }
        world.pass(60);
        let left = world.balance(&taro());
        assert_eq!(left.reserved, Points::ZERO);
        world.expire_accounts();
        world.pass(60);
        assert!(lapsed_at(&world, &taro()).is_some(), "{}", world.report());
        assert_eq!(world.lapsed_points(&taro()), Some(left.available));
        assert!(left.available > Points::ZERO, "there was something to lose");
        assert!(world.original(&id).is_some(), "the certificate stays (Q-6)");
        world.assert_finished();
    }
}

#[test]
fn mails_and_contracts_are_uses_and_what_is_refused_is_none_i_046() {
    let letters = [
        (Letter::from(&Customer::taro()), true),
        (Letter::contract("hanako@recipient.test 業務委託契約"), true),
        (Letter::contract("090-1234-5678 業務委託契約"), true),
        (Letter::contract("業務委託契約"), false),
        (
            Letter::from(&Customer::taro()).verdicts("FAIL", "PASS"),
            false,
        ),
    ];
    for (letter, is_use) in letters {
        let world = World::with_customer(10);
        let opened = world.now();
        look_when_due(&world, &taro());
        let came = world.now();
        let inbound = world.receive(&letter);
        world.pass(60);
        let intake = world.intake(&inbound).expect("it is recorded");
        assert_eq!(
            matches!(intake, StoredIntake::Accepted { .. }),
            is_use,
            "{}",
            world.report()
        );
        let account = world.account(&taro());
        let expected = if is_use { came } else { opened };
        assert_eq!(account.last_used_at, expected, "{}", world.report());
        assert_eq!(account.warned.is_none(), is_use);
    }
}

#[test]
fn one_account_that_fails_does_not_stop_the_others() {
    let world = World::with_customer(1);
    let others = ["A111", "B222"].map(|code| {
        let address = format!("taro@{}.test", code.to_lowercase());
        let customer = Customer::new(code, &address);
        world.open_account(&customer, 2);
        customer.account
    });
    pass_until(&world, world.lapse_check(&taro()).expect("it is open"));
    world.plan("send_mail", 1, Fault::Denied);
    world.expire_accounts();
    world.pass(0);
    let ids = [others.as_slice(), &[taro()]].concat();
    let warned = |id: &AccountId| warnings(&world, id).len();
    let sent: usize = ids.iter().map(warned).sum();
    assert_eq!(sent, 2, "two of three");
    world.pass(400);
    for id in &ids {
        assert_eq!(warned(id), 1, "{id}");
    }
    assert!(world.dead_letters().is_empty());
}
