//! What becomes of a mail that was accepted.

use domain::SettingsChange;
use tests::customer::{Customer, Letter};
use tests::{AuthorityState, Reaction, World, block_on};
use workflow::account::manage::{ManageAccounts, SettingsChanged};

use super::{
    HANAKO, first_dispatch, hanako_gets_a_letter, mails_about, mails_to_sender, outcome,
    seconds_to_last_mail,
};

/// The sample mail of `make demo`.
const SAMPLE: &[u8] = include_bytes!("../../events/registered-mail.eml");

#[test]
fn two_recipients_get_the_mail_and_the_sender_two_certificates_i_061() {
    let world = World::with_customer(10);
    let letter = Letter::from(&Customer::taro())
        .to(&[
            "\"髙﨑 花子\" <hanako@recipient.test>",
            "jiro@recipient.test",
        ])
        .with_attachments(&[("contract.pdf", "application/pdf", b"%PDF-1.7 not really")]);
    world.receive(&letter);
    world.settle();
    world.assert_finished();
    insta::assert_snapshot!("two_recipients", world.report());
    insta::assert_snapshot!("two_recipients_outbox", world.outbox_in_full());
}

#[test]
fn the_sample_mail_becomes_a_certificate() {
    let world = World::with_customer(10);
    // What the customer's server adds when it takes the mail.
    let letter = Letter::of_bytes(&Customer::taro(), SAMPLE)
        .field("Date", "Mon, 05 Jan 2026 09:00:00 +0900")
        .field("Message-ID", "<sample@customer.test>");
    let inbound = world.receive(&letter);
    world.settle();
    world.assert_finished();
    let text = world.certificate_text(&first_dispatch(&inbound));
    insta::assert_snapshot!("sample_certificate", text);
}

/// Reaction, outcome, whether a certificate is issued, whether the points are spent, and within how
/// many seconds the sender hears of it.
type Row = (Reaction, &'static str, bool, bool, i64);

const ENDS: [Row; 15] = [
    (Reaction::Delivered, "relayed", true, true, 5),
    (Reaction::Delayed, "relayed", true, true, 1_805),
    (Reaction::UnknownUser, "noex", true, true, 5),
    (Reaction::NoMailServer, "noex", true, true, 5),
    (Reaction::MailboxFull, "undelivered", true, true, 50_005),
    (Reaction::Undetermined, "unconfirmed", true, true, 86_405),
    (
        Reaction::Suppressed,
        "not_attempted_suppressed",
        false,
        false,
        5,
    ),
    (
        Reaction::SuppressedForComplaint,
        "not_attempted_suppressed",
        false,
        false,
        5,
    ),
    (Reaction::Complained, "relayed", true, true, 5),
    (Reaction::OutOfOffice, "relayed", true, true, 5),
    (Reaction::LateBounce, "relayed", true, true, 10_810),
    (Reaction::Silent, "unconfirmed", true, true, 86_405),
    (Reaction::Mute, "unconfirmed", true, true, 86_405),
    (Reaction::Rejected, "not_attempted_refused", false, false, 5),
    (Reaction::Refused, "not_attempted_refused", false, false, 5),
];

#[test]
fn each_reaction_ends_in_its_outcome_certified_and_charged_as_it_must_be_q_5() {
    let mut wrong = Vec::new();
    for (reaction, expected, is_certified, is_charged, seconds_max) in ENDS {
        let world = World::with_customer(10);
        world.react(HANAKO, reaction);
        let id = hanako_gets_a_letter(&world);
        world.assert_finished();
        let stored = world.dispatch(&id).expect("it was accepted");
        let spent = 10 - world.balance(&Customer::taro().account).available.get();
        let ended = (
            outcome(&world, &id),
            stored.certificate.is_some(),
            spent == 1,
        );
        if ended != (expected, is_certified, is_charged) {
            wrong.push(format!("{reaction:?}: {ended:?}"));
        }
        let seconds = seconds_to_last_mail(&world);
        if seconds > seconds_max {
            wrong.push(format!("{reaction:?}: the sender waited {seconds} seconds"));
        }
        let mails = mails_to_sender(&world);
        if mails != mails_about(reaction) {
            wrong.push(format!("{reaction:?}: {mails} mails to the sender"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_reaction_is_in_the_table() {
    assert!(
        Reaction::ALL
            .into_iter()
            .eq(ENDS.map(|(reaction, ..)| reaction))
    );
}

#[test]
fn an_address_that_does_not_exist_is_certified_and_charged_i_043_i_044() {
    let world = World::with_customer(10);
    world.react(HANAKO, Reaction::UnknownUser);
    let id = hanako_gets_a_letter(&world);
    world.assert_finished();
    insta::assert_snapshot!("noex", world.report());
    let text = world.certificate_text(&id);
    let outcome = text
        .split("\n\n")
        .find(|part| part.contains("noex") || part.contains("NOEX"));
    insta::assert_snapshot!("noex_certificate", outcome.expect("the outcome is told"));
}

#[test]
fn what_was_not_attempted_is_told_and_not_charged_q_5() {
    let world = World::with_customer(10);
    world.react(HANAKO, Reaction::Suppressed);
    hanako_gets_a_letter(&world);
    world.assert_finished();
    insta::assert_snapshot!("suppressed", world.report());
    let full = world.outbox_in_full();
    let notice = full.split("===== ").last().expect("there are mails");
    insta::assert_snapshot!("suppressed_notice", notice);
}

#[test]
fn a_complaint_is_kept_and_changes_nothing() {
    let world = World::with_customer(10);
    world.react(HANAKO, Reaction::Complained);
    let id = hanako_gets_a_letter(&world);
    world.assert_finished();
    let events = world.events(&id);
    let last = events.last().expect("there are events");
    assert!(last.is_supplementary && last.verbatim.is_some(), "{last:?}");
    insta::assert_snapshot!("complaint", world.report());
}

#[test]
fn silence_of_a_day_is_an_outcome_of_its_own() {
    let world = World::with_customer(10);
    world.react(HANAKO, Reaction::Silent);
    let inbound = world.receive(&Letter::from(&Customer::taro()));
    let id = first_dispatch(&inbound);
    world.pass(24 * 3_600 - 1);
    assert_eq!(outcome(&world, &id), "open");
    world.pass(2);
    assert_eq!(outcome(&world, &id), "unconfirmed");
    world.assert_finished();
    insta::assert_snapshot!("silent", world.report());
}

#[test]
fn a_delivery_after_the_deadline_changes_nothing() {
    let world = World::with_customer(10);
    world.react(HANAKO, Reaction::Silent);
    let id = hanako_gets_a_letter(&world);
    let original = world.original(&id);
    let sent = world
        .outbox()
        .into_iter()
        .find(|sent| sent.dispatch() == Some(&id));
    let details = serde_json::json!({ "smtpResponse": "250 ok", "reportingMTA": "a8-90" });
    world.report_event(
        &sent
            .expect("it was sent")
            .record("Delivery", details, world.now()),
    );
    world.settle();
    world.assert_finished();
    assert_eq!(outcome(&world, &id), "unconfirmed");
    assert_eq!(world.original(&id), original);
    assert!(
        world
            .events(&id)
            .last()
            .is_some_and(|event| event.is_supplementary)
    );
}

#[test]
fn an_account_that_wants_no_certificates_by_mail_gets_none_i_035() {
    let world = World::with_customer(10);
    world.change_account(&Customer::taro().account, |account| {
        account.settings.certificates_by_mail = false;
    });
    let id = hanako_gets_a_letter(&world);
    world.assert_finished();
    assert!(world.original(&id).is_some(), "it is stored all the same");
    assert_eq!(mails_to_sender(&world), 0);

    world.react(HANAKO, Reaction::Suppressed);
    hanako_gets_a_letter(&world);
    assert_eq!(
        mails_to_sender(&world),
        1,
        "that nothing was attempted is told in any case"
    );
}

#[test]
fn the_same_recipient_twice_in_to_is_one_dispatch_i_063_q_16() {
    let world = World::with_customer(10);
    let to = [
        "hanako@recipient.test",
        "Hanako@Recipient.TEST",
        "jiro@recipient.test",
    ];
    world.receive(&Letter::from(&Customer::taro()).to(&to));
    world.settle();
    world.assert_finished();
    let recipients: Vec<String> = world
        .dispatches()
        .iter()
        .map(|stored| stored.dispatch.recipient.to_string())
        .collect();
    assert_eq!(recipients, ["hanako@recipient.test", "jiro@recipient.test"]);
}

#[test]
fn the_copy_is_the_original_byte_for_byte_i_054() {
    let world = World::with_customer(10);
    let id = hanako_gets_a_letter(&world);
    let original = world.original(&id).expect("there is a certificate");
    let outbox = world.outbox();
    let copy = outbox
        .iter()
        .find(|sent| sent.dispatch().is_none())
        .expect("a copy");
    let parsed = mail::ParsedMail::parse(&copy.mail.raw);
    let attachments = parsed.attachments();
    assert_eq!(attachments.len(), 1);
    assert_eq!(
        attachments.first().map(|pdf| pdf.content()).as_deref(),
        Some(original.as_ref())
    );
}

#[test]
fn the_original_is_locked_for_ten_years_q_6() {
    let world = World::with_customer(10);
    let id = hanako_gets_a_letter(&world);
    let retained_until = world.retained_until(&id).expect("there is a certificate");
    assert_eq!(retained_until.to_string().get(..10), Some("2036-01-05"));
}

#[test]
fn the_original_mail_is_inside_the_certificate_byte_for_byte_x_5() {
    let world = World::with_customer(10);
    let letter = Letter::from(&Customer::taro());
    let id = first_dispatch(&world.receive(&letter));
    world.settle();
    let original = world.original(&id).expect("there is a certificate");
    let sent = letter.as_sent();
    assert!(original.windows(sent.len()).any(|window| window == sent));
}

#[test]
fn a_certificate_names_the_customer_as_at_intake_s_027() {
    let world = World::with_customer(10);
    let dispatch = hanako_gets_a_letter(&world);
    let before = world.certificate_text(&dispatch);
    let step = ManageAccounts {
        accounts: world.ports(),
    };
    let change = SettingsChange {
        company: Some("株式会社改名".to_owned()),
        contact: Some("別人".to_owned()),
        zone: Some("America/New_York".parse().unwrap()),
        ..SettingsChange::default()
    };
    let changed = block_on(step.change_settings(&Customer::taro().account, &change)).unwrap();
    assert!(matches!(changed, SettingsChanged::Changed(_)));
    assert_eq!(world.certificate_text(&dispatch), before);
    assert!(!before.contains("株式会社改名"));
}

#[test]
fn a_signer_that_changed_while_signing_waited_is_named_anew() {
    let world = World::with_customer(10);
    world.set_all_authorities(AuthorityState::Down);
    let inbound = world.receive(&Letter::from(&Customer::taro()));
    world.pass(60);
    let dispatch = first_dispatch(&inbound);
    let fingerprint = || {
        let text = world.certificate_text_in_full(&dispatch);
        let mut lines = text
            .lines()
            .skip_while(|line| !line.contains("signer's certificate:"));
        lines.nth(1).expect("the fingerprint").trim().to_owned()
    };
    let before = fingerprint();
    world.change_signer(9);
    world.set_all_authorities(AuthorityState::Up);
    world.settle();
    world.assert_finished();
    assert_ne!(fingerprint(), before);
    let draft = world.dispatch(&dispatch).and_then(|stored| stored.draft);
    let named = draft.expect("it was composed").signer.to_string();
    assert_eq!(fingerprint(), named, "the pages that were signed name it");
    assert!(world.original(&dispatch).is_some());
}
