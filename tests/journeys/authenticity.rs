//! Closed to strangers: who holds a signed mail of a customer cannot make the service
//! act in the customer's name, and an honest mail of every large sender gets in.

use domain::limits::{SIGNATURE_AGE_SECONDS_MAX, UNVOUCHED_NOTICE_SECONDS_MIN};
use domain::{InboundMessageId, TrustSetting};
use tests::World;
use tests::customer::{Customer, Letter, SERVICE_ADDRESS};
use workflow::ports::{MailTag, StoredIntake};

use super::{HANAKO, mails_to_sender, messages_to};

/// What a mail server signs that leaves nothing out.
const ALL: [&str; 10] = [
    "from",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "reply-to",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
];

/// What Microsoft 365 signs (real headers of outlook.com tenants): neither To nor Cc.
const MICROSOFT_365: [&str; 7] = [
    "From",
    "Date",
    "Subject",
    "Message-ID",
    "Content-Type",
    "MIME-Version",
    "X-MS-Exchange-SenderADCheck",
];

/// What Gmail signs (real headers of 2023 to 2025), with names twice that nobody can add then.
const GMAIL: [&str; 13] = [
    "to",
    "subject",
    "message-id",
    "date",
    "from",
    "mime-version",
    "from",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "reply-to",
];

fn taro() -> Letter {
    Letter::from(&Customer::taro())
}

/// SPF says nothing: whoever sends this is no server of the customer's.
fn from_elsewhere(letter: Letter) -> Letter {
    letter.verdicts("PASS", "GRAY")
}

fn taken(world: &World, letter: &Letter) -> InboundMessageId {
    let id = world.receive(letter);
    world.settle();
    world.assert_finished();
    id
}

fn is_accepted(world: &World, id: &InboundMessageId) -> bool {
    matches!(world.intake(id), Some(StoredIntake::Accepted { .. }))
}

fn is_unvouched(world: &World, id: &InboundMessageId) -> bool {
    matches!(world.intake(id), Some(StoredIntake::Unvouched { .. }))
}

fn acceptance_notices(world: &World) -> usize {
    let sent = world.outbox();
    let notices = sent
        .iter()
        .filter(|sent| matches!(sent.mail.tag, MailTag::Acceptance(_)));
    notices.count()
}

#[test]
fn a_field_on_top_of_a_signed_mail_makes_nobody_act_q_21() {
    for (name, value) in [
        ("To", "victim@recipient.test"),
        ("To ", "victim@recipient.test"),
        ("Subject", "Pay at https://evil.test"),
        ("Subject ", "Pay at https://evil.test"),
        ("Content-Type", "text/html"),
        ("Content-Transfer-Encoding", "base64"),
        ("Cc", "victim@recipient.test"),
        ("Reply-To", "evil@evil.test"),
        ("Date", "Tue, 06 Jan 2026 09:00:00 +0900"),
        ("Message-ID", "<another@customer.test>"),
        ("MIME-Version", "1.0"),
    ] {
        for signed in [&ALL[..], &GMAIL[..], &MICROSOFT_365[..]] {
            let world = World::with_customer(10);
            let letter = from_elsewhere(taro().signed_over(signed).prepended(name, value));
            let id = taken(&world, &letter);
            assert!(is_unvouched(&world, &id), "{name} over {signed:?}");
            assert!(world.dispatches().is_empty(), "{name}");
        }
    }
}

/// What a mail says depends on fields that some signers leave out. Who takes one away changes no
/// field that is there.
#[test]
fn a_field_that_is_taken_away_from_a_signed_mail_makes_nobody_act_q_21() {
    for (signer, signed, names) in [
        ("Gmail", &GMAIL[..], &["Content-Type"][..]),
        (
            "Gmail",
            &GMAIL[..],
            &["Content-Type", "Content-Transfer-Encoding"][..],
        ),
        (
            "Yahoo",
            &["From", "To", "Cc", "Subject", "Date", "Reply-To"][..],
            &[
                "MIME-Version",
                "Content-Type",
                "Content-Transfer-Encoding",
                "Message-ID",
            ][..],
        ),
    ] {
        let world = World::with_customer(10);
        let letter = from_elsewhere(taro().signed_over(signed));
        let letter = names
            .iter()
            .fold(letter, |letter, name| letter.stripped(name));
        let id = taken(&world, &letter);
        assert!(is_unvouched(&world, &id), "{signer} without {names:?}");
    }
    // A mail that never had them is signed as it is.
    let world = World::with_customer(10);
    let plain = ["MIME-Version", "Content-Type", "Content-Transfer-Encoding"]
        .into_iter()
        .fold(taro(), Letter::without);
    let id = taken(&world, &from_elsewhere(plain));
    assert!(is_accepted(&world, &id));
}

/// Whatever is put on top of an accepted mail, however it is spelled, keeps no acceptance.
#[test]
fn prepending_a_relied_on_field_never_keeps_an_accept_q_21() {
    for field in ALL {
        for name in [field.to_owned(), field.to_ascii_uppercase()] {
            for blanks in ["", " ", "\t", "  "] {
                for value in ["", "x@victim.test"] {
                    let world = World::with_customer(10);
                    let letter =
                        from_elsewhere(taro()).prepended(&format!("{name}{blanks}"), value);
                    let id = taken(&world, &letter);
                    assert!(!is_accepted(&world, &id), "{name:?} {blanks:?} {value:?}");
                }
            }
        }
    }
}

/// What large senders sign, as real headers show it, and whether the sender is told of an accepted
/// mail because SPF alone vouches for To.
const SIGNERS: [(&str, Signs, &str); 12] = [
    ("Gmail", Signs::These(&GMAIL), "many senders, 2023 to 2025"),
    (
        "Microsoft 365",
        Signs::These(&MICROSOFT_365),
        "d=citrix.onmicrosoft.com, d=amdcloud.onmicrosoft.com, d=oracle.onmicrosoft.com and \
         others, on lore.kernel.org",
    ),
    (
        "Yahoo (yahoo.com)",
        Signs::These(&[
            "From",
            "To",
            "Cc",
            "Subject",
            "Date",
            "In-Reply-To",
            "References",
            "From",
            "Subject",
            "Reply-To",
        ]),
        "s=s2048 t=1776493380, <20260418062241.104697-2-...@yahoo.com> on lore.kernel.org",
    ),
    (
        "Yahoo! JAPAN (yahoo.co.jp)",
        Signs::These(&[
            "Date",
            "From",
            "Reply-To",
            "To",
            "Message-ID",
            "Subject",
            "MIME-Version",
            "Content-Type",
            "References",
        ]),
        "s=yj20110701 t=1582079424, a mail to linux-nvdimm@lists.01.org of 19 February 2020",
    ),
    (
        "Yahoo! JAPAN by SMTP",
        Signs::These(&[
            "Subject",
            "To",
            "Cc",
            "References",
            "From",
            "Message-ID",
            "Date",
            "User-Agent",
            "MIME-Version",
            "In-Reply-To",
            "Content-Type",
            "Content-Transfer-Encoding",
            "Content-Language",
        ]),
        "s=yj20110701 t=1566402088, of 21 August 2019; Received and fields of its own left out",
    ),
    (
        "iCloud",
        Signs::These(&[
            "From",
            "To",
            "Subject",
            "Date",
            "Message-ID",
            "MIME-Version",
            "x-icloud-hme",
        ]),
        "s=1a1hai t=1773638217, <20260316051646.18303-2-...@icloud.com> on lore.kernel.org",
    ),
    (
        "iCloud by Apple Mail",
        Signs::These(&[
            "Content-Type",
            "From",
            "Mime-Version",
            "Date",
            "Subject",
            "Message-Id",
            "To",
            "x-icloud-hme",
        ]),
        "s=1a1hai t=1779120977, to git@vger.kernel.org, 18 May 2026",
    ),
    ("docomo", Signs::Unknown, "unknown"),
    ("au", Signs::Unknown, "unknown"),
    ("SoftBank", Signs::Unknown, "unknown"),
    ("Sakura", Signs::Unknown, "unknown"),
    ("Xserver", Signs::Unknown, "unknown"),
];

/// What a sender signs.
enum Signs {
    These(&'static [&'static str]),
    /// No header of this sender was found in public; its mail gets in if it is signed at all over
    /// From, Subject and Date, and SPF passes.
    Unknown,
}

#[test]
fn honest_mail_of_each_large_sender_that_signs_gets_in_q_21() {
    for (name, signs, source) in &SIGNERS {
        let Signs::These(signed) = signs else {
            assert_eq!(*source, "unknown", "{name}");
            continue;
        };
        let world = World::with_customer(10);
        let id = taken(&world, &taro().signed_over(signed));
        assert!(
            is_accepted(&world, &id),
            "{name}, {source}: {}",
            world.report()
        );
        assert_eq!(messages_to(&world, HANAKO), 1, "{name}");
        let signs_to = signed.iter().any(|name| name.eq_ignore_ascii_case("to"));
        assert_eq!(acceptance_notices(&world), usize::from(!signs_to), "{name}");
        let world = World::with_customer(10);
        let id = taken(&world, &from_elsewhere(taro().signed_over(signed)));
        let of_a_letter = ALL.iter().filter(|field| **field != "reply-to");
        let is_signed = |field: &&str| signed.iter().any(|name| name.eq_ignore_ascii_case(field));
        let covers_all = of_a_letter.copied().all(|field| is_signed(&field));
        assert_eq!(is_accepted(&world, &id), covers_all, "{name} without SPF");
    }
}

#[test]
fn mail_that_is_not_signed_needs_an_entry_that_accepts_spf_q_8() {
    for (trust, accepted) in [(TrustSetting::Dkim, false), (TrustSetting::DkimOrSpf, true)] {
        let world = World::with_customer(10);
        world.trust(&Customer::taro().address, trust);
        let id = taken(&world, &taro().unsigned());
        assert_eq!(is_accepted(&world, &id), accepted);
        assert_eq!(acceptance_notices(&world), usize::from(accepted));
    }
}

#[test]
fn the_sender_hears_what_was_accepted_for_whom_where_only_spf_vouches_q_21() {
    let world = World::with_customer(10);
    let letter = taro()
        .signed_over(&MICROSOFT_365)
        .to(&[HANAKO, "jiro@recipient.test"]);
    let id = taken(&world, &letter);
    assert_eq!(acceptance_notices(&world), 1);
    world.repeat_receipt(&letter, &id);
    world.settle();
    assert_eq!(acceptance_notices(&world), 1, "once");
    let notice = world
        .outbox()
        .into_iter()
        .find(|sent| matches!(sent.mail.tag, MailTag::Acceptance(_)))
        .expect("a notice");
    assert_eq!(notice.mail.to, Customer::taro().address);
    let words = world.outbox_in_full();
    let letters = words.split("===== ");
    let told = letters.filter(|letter| letter.contains("acceptance of"));
    insta::assert_snapshot!("acceptance_notice", told.collect::<String>());
}

#[test]
fn the_service_stands_in_a_signed_to_or_cc_or_spf_vouches_q_21() {
    for (letter, accepted) in [
        (from_elsewhere(taro()), true),
        (from_elsewhere(taro().without("Cc")), false),
        (taro().without("Cc"), true),
        (
            from_elsewhere(taro().without("Cc").to(&[HANAKO, SERVICE_ADDRESS])),
            true,
        ),
    ] {
        let world = World::with_customer(10);
        let id = taken(&world, &letter);
        assert_eq!(is_accepted(&world, &id), accepted);
    }
    // A registered mail of the customer's, sent to the contract address.
    let world = World::with_customer(10);
    let letter = from_elsewhere(taro().subject("victim@recipient.test"));
    let id = taken(
        &world,
        &letter.delivered_to(&[tests::customer::CONTRACT_ADDRESS]),
    );
    assert!(is_unvouched(&world, &id));
}

#[test]
fn a_mail_that_comes_again_is_one_mail_with_one_charge_q_21() {
    let letter = taro().as_it_is();
    let again: [(&str, Letter); 4] = [
        ("the server sends again", letter.clone()),
        ("somebody else sends it", from_elsewhere(letter.clone())),
        (
            "with fields on top",
            letter.clone().prepended("X-Relay", "1"),
        ),
        ("signed anew", letter.clone().signed_over(&GMAIL)),
    ];
    for (name, again) in again {
        let world = World::with_customer(1);
        let first = taken(&world, &letter);
        assert!(is_accepted(&world, &first), "{name}");
        let before = world.outbox().len();
        let second = taken(&world, &again);
        assert_eq!(world.intake(&second), None, "{name}: nothing is recorded");
        assert_eq!(world.dispatches().len(), 1, "{name}");
        assert_eq!(world.outbox().len(), before, "{name}: nobody is alarmed");
        assert!(world.is_expiring(&second) && !world.is_expiring(&first));
    }
}

/// Some servers sign twice, for two domains or with two algorithms.
#[test]
fn a_mail_with_one_of_its_signatures_taken_away_is_the_same_mail_q_21() {
    let without_id: Vec<&str> = ALL
        .into_iter()
        .filter(|name| *name != "message-id")
        .collect();
    let letter = taro().as_it_is();
    let world = World::with_customer(10);
    let first = letter.clone().signed_again_over(&without_id);
    let first = taken(&world, &first);
    assert!(is_accepted(&world, &first));
    // By a server of the customer's, so that SPF vouches for the other Message-ID.
    let again = letter
        .signed_over(&without_id)
        .stripped("Message-ID")
        .prepended("Message-ID", "<another@customer.test>");
    let second = taken(&world, &again);
    assert_eq!(world.intake(&second), None, "nothing is recorded");
    assert_eq!(world.dispatches().len(), 1);
    // The same signature twice is one mark, of which a transaction takes one.
    let world = World::with_customer(10);
    let twice = taro().signed_again_over(&ALL);
    let id = taken(&world, &twice);
    assert!(is_accepted(&world, &id));
}

#[test]
fn a_refused_mail_does_not_use_its_signature_up_q_21() {
    let world = World::with_customer(0);
    let letter = taro().as_it_is();
    let first = taken(&world, &letter);
    assert!(matches!(
        world.intake(&first),
        Some(StoredIntake::Refused { .. })
    ));
    world.grant(&Customer::taro().account, 1);
    let second = taken(&world, &letter);
    assert!(is_accepted(&world, &second));
}

#[test]
fn an_old_mail_is_not_taken_for_a_new_one_q_21() {
    for (seconds, accepted) in [
        (SIGNATURE_AGE_SECONDS_MAX, true),
        (SIGNATURE_AGE_SECONDS_MAX + 1, false),
    ] {
        let world = World::with_customer(1);
        world.pass(seconds);
        let id = taken(&world, &taro().as_it_is());
        assert_eq!(is_accepted(&world, &id), accepted, "{seconds}");
        assert_eq!(is_unvouched(&world, &id), !accepted, "{seconds}");
    }
    let world = World::with_customer(1);
    let tomorrow = taro().field("Date", "Tue, 06 Jan 2026 09:00:00 +0900");
    let id = taken(&world, &tomorrow);
    assert!(is_unvouched(&world, &id), "from the future");
}

#[test]
fn forgeries_make_one_notice_an_hour_without_their_words_q_30() {
    let world = World::with_customer(10);
    let forged = || from_elsewhere(taro().unsigned().subject("Pay at https://evil.test"));
    for _ in 0..5 {
        let id = taken(&world, &forged());
        assert!(is_unvouched(&world, &id));
        assert!(world.is_expiring(&id), "a stranger fills no bucket");
        world.pass(60);
    }
    assert_eq!(mails_to_sender(&world), 1);
    world.pass(UNVOUCHED_NOTICE_SECONDS_MIN);
    let _ = taken(&world, &forged());
    assert_eq!(mails_to_sender(&world), 2);
    let words = world.outbox_in_full();
    assert!(!words.contains("evil"), "{words}");
    insta::assert_snapshot!("unvouched_notices", words);
    // Serials are for what the customer sent.
    let id = taken(&world, &taro());
    assert!(is_accepted(&world, &id));
    let serials: Vec<String> = world
        .dispatches()
        .iter()
        .map(|stored| stored.dispatch.serial.to_string())
        .collect();
    assert_eq!(serials, ["K7Q2-000001"]);
}

#[test]
fn spam_is_not_read_and_mail_of_strangers_goes_soon() {
    let world = World::with_customer(10);
    let spam = taken(&world, &taro().spam());
    let stranger = Customer::new("K7Q2", "stranger@customer.test");
    let strange = taken(&world, &Letter::from(&stranger));
    let honest = taken(&world, &taro());
    assert!(world.is_expiring(&spam) && world.is_expiring(&strange));
    assert!(!world.is_expiring(&honest));
    assert_eq!((world.intake(&spam), world.intake(&strange)), (None, None));
    assert_eq!(messages_to(&world, HANAKO), 1);
}
