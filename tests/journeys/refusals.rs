//! Mails that are refused: a registered sender hears every reason at once, nothing is sent to
//! anybody else, nothing is charged.

use domain::limits::{MESSAGE_SIZE_BYTES_MAX, RECIPIENTS_MAX};
use domain::{AccountStatus, TrustSetting};
use mail::TxtAnswer;
use tests::World;
use tests::customer::{Customer, Letter, SERVICE_ADDRESS};

use super::{mails_to_sender, messages_to};

fn taro() -> Letter {
    Letter::from(&Customer::taro())
}

/// A world in which a letter is refused, and the letter.
fn refused_letters() -> Vec<(&'static str, World, Letter)> {
    let world = || World::with_customer(10);
    let many: Vec<String> = (0..=RECIPIENTS_MAX)
        .map(|n| format!("r{n}@recipient.test"))
        .collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let suspended = world();
    suspended.change_account(&Customer::taro().account, |account| {
        account.status = AccountStatus::Suspended;
    });
    let size = usize::try_from(MESSAGE_SIZE_BYTES_MAX).expect("it fits") + 1;
    let keyless = world();
    keyless.publish("s1._domainkey.customer.test", TxtAnswer::NotFound);
    vec![
        ("no_recipient", world(), taro().without("To")),
        (
            "only_service_addresses",
            world(),
            taro().to(&[SERVICE_ADDRESS]),
        ),
        (
            "unreadable_recipients",
            world(),
            taro().to(&["hanako@recipient.test", "山田"]),
        ),
        ("beyond_smtp", world(), taro().to(&["山田@recipient.test"])),
        (
            "too_many_recipients",
            World::with_customer(999),
            taro().to(&many),
        ),
        ("too_large", world(), taro().of_size(size)),
        (
            "repeated_fields",
            world(),
            taro()
                .another_field("To", "jiro@recipient.test")
                .another_field("Subject", "another")
                .signed_over(&[
                    "from",
                    "to",
                    "to",
                    "cc",
                    "subject",
                    "subject",
                    "date",
                    "message-id",
                    "mime-version",
                    "content-type",
                    "content-transfer-encoding",
                ]),
        ),
        ("not_authenticated", world(), taro().unsigned()),
        (
            "signed_by_a_stranger",
            world(),
            taro().signed_by("stranger.test"),
        ),
        ("key_withdrawn", keyless, taro()),
        ("virus", world(), taro().verdicts("FAIL", "PASS")),
        ("account_suspended", suspended, taro()),
        ("not_enough_points", World::with_customer(0), taro()),
    ]
}

#[test]
fn each_refusal_is_told_in_two_languages_and_nothing_else_happens_p_013() {
    for (name, world, letter) in refused_letters() {
        let before = world.balance(&Customer::taro().account);
        world.receive(&letter);
        world.settle();
        world.assert_finished();
        assert_eq!(world.dispatches().len(), 0, "{name}");
        assert_eq!(world.outbox().len(), 1, "{name}: {}", world.report());
        assert_eq!(mails_to_sender(&world), 1, "{name}");
        assert_eq!(world.balance(&Customer::taro().account), before, "{name}");
        insta::assert_snapshot!(format!("refused_{name}"), world.outbox_in_full());
    }
}

#[test]
fn all_reasons_are_told_at_once_p_013() {
    let world = World::with_customer(0);
    world.change_account(&Customer::taro().account, |account| {
        account.status = AccountStatus::Suspended;
    });
    let size = usize::try_from(MESSAGE_SIZE_BYTES_MAX).expect("it fits") + 1;
    let letter = taro()
        .to(&["hanako@recipient.test", "山田"])
        .verdicts("FAIL", "FAIL")
        .of_size(size);
    world.receive(&letter);
    world.settle();
    world.assert_finished();
    insta::assert_snapshot!("refused_for_every_reason", world.report());
    insta::assert_snapshot!("refused_for_every_reason_notice", world.outbox_in_full());
}

#[test]
fn five_mebibytes_exactly_are_accepted_q_2() {
    let world = World::with_customer(10);
    let size = usize::try_from(MESSAGE_SIZE_BYTES_MAX).expect("it fits");
    world.receive(&taro().of_size(size));
    world.settle();
    world.assert_finished();
    assert_eq!(messages_to(&world, super::HANAKO), 1);
}

#[test]
fn a_mail_for_more_recipients_than_points_goes_to_nobody_i_047() {
    let world = World::with_customer(1);
    world.receive(&taro().to(&["a@recipient.test", "b@recipient.test"]));
    world.settle();
    world.assert_finished();
    assert_eq!((world.dispatches().len(), mails_to_sender(&world)), (0, 1));
    world.receive(&taro());
    world.settle();
    world.assert_finished();
    assert_eq!(
        messages_to(&world, super::HANAKO),
        1,
        "the point is still there"
    );
}

#[test]
fn spf_counts_only_where_the_allowlist_says_so_q_8() {
    for (trust, spf, accepted) in [
        (TrustSetting::Dkim, "PASS", false),
        (TrustSetting::DkimOrSpf, "PASS", true),
        (TrustSetting::DkimOrSpf, "FAIL", false),
    ] {
        let world = World::with_customer(10);
        world.trust(&Customer::taro().address, trust);
        world.receive(&taro().unsigned().verdicts("PASS", spf));
        world.settle();
        world.assert_finished();
        assert_eq!(world.dispatches().len() == 1, accepted, "{trust:?} {spf}");
    }
}

#[test]
fn spf_of_a_stranger_vouches_for_nobody_q_8() {
    let world = World::with_customer(10);
    world.trust(&Customer::taro().address, TrustSetting::DkimOrSpf);
    world.receive(&taro().unsigned().returned_to("taro@stranger.test"));
    world.settle();
    assert_eq!(world.dispatches().len(), 0);
}

#[test]
fn a_refused_mail_takes_a_serial_and_the_next_one_the_next_p_071() {
    let world = World::with_customer(10);
    world.receive(&taro().verdicts("FAIL", "PASS"));
    world.receive(&taro());
    world.receive(&taro().verdicts("FAIL", "PASS"));
    world.receive(&taro());
    world.settle();
    world.assert_finished();
    let serials: Vec<String> = world
        .dispatches()
        .iter()
        .map(|stored| stored.dispatch.serial.to_string())
        .collect();
    assert_eq!(serials, ["K7Q2-000002", "K7Q2-000004"]);
}

#[test]
fn a_refused_mail_that_comes_twice_is_refused_once() {
    let world = World::with_customer(10);
    let letter = taro().unsigned();
    let id = world.receive(&letter);
    world.settle();
    world.repeat_receipt(&letter, &id);
    world.settle();
    world.assert_finished();
    assert_eq!(mails_to_sender(&world), 1);
}
