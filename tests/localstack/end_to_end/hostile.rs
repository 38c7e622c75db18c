//! Mails that no mailer should write. Each is certified or refused by name, and no function
//! uses more than 256 MB.

use localstack::{Sender, World, wait_for};
use tests::customer::Letter;

const MEMORY_MIB_MAX: u32 = 256;
const SES_SIZE_BYTES_MAX: usize = 40 << 20;

const FUNCTIONS: [&str; 6] = [
    "ParseMailFunction",
    "DeliverFunction",
    "RecordEventFunction",
    "ComposeCertificateFunction",
    "SignCertificateFunction",
    "SendCopiesFunction",
];

fn nested(letter: Letter, depth: usize) -> Letter {
    let mut body = String::new();
    for level in 1..=depth {
        let kind = format!("multipart/mixed; boundary=b{level}");
        body.push_str(&format!("--b{}\r\nContent-Type: {kind}\r\n\r\n", level - 1));
    }
    body.push_str(&format!("--b{depth}\r\n\r\ndeep inside\r\n"));
    letter
        .field("Content-Type", "multipart/mixed; boundary=b0")
        .body(body)
}

fn many_fields(letter: Letter, count: usize) -> Letter {
    (0..count).fold(letter, |letter, _| letter.another_field("X-Field", "v"))
}

fn hostile_letters(sender: &Sender) -> Vec<(&'static str, Letter)> {
    let plain = || sender.letter(&[&sender.recipient("hanako")]);
    let typed = |kind: &str| plain().field("Content-Type", kind);
    let encoded = |body: &str| {
        let letter = plain().field("Content-Transfer-Encoding", "base64");
        letter.body(body)
    };
    let long = "x".repeat(1_000_000);
    vec![
        (
            "unparseable MIME",
            typed("multipart/mixed; boundary=\"").body("--\r\n--b\r\n:\r\n"),
        ),
        ("10,000 nested parts", nested(plain(), 10_000)),
        (
            "a header line of 1 MB",
            plain().another_field("X-Long", &long),
        ),
        ("NUL bytes", plain().body("before\0after\r\n\0\r\n")),
        ("truncated base64", encoded("6auY77yR5qeY\r\n6auY77\r\n")),
        ("an unknown charset", typed("text/plain; charset=x-klingon")),
    ]
}

#[test]
fn every_damaged_mail_is_certified_or_refused_by_name_in_little_memory_q_20() {
    let sender = Sender::with_points(20);
    let letters = hostile_letters(&sender);
    for (name, letter) in &letters {
        let reply = sender.send(letter);
        let taken = sender.world.taken(reply.message_id());
        assert_eq!(taken, "accepted", "{name}");
    }
    for dispatch in sender.ended_dispatches(letters.len()) {
        let serial = &dispatch.serial;
        assert_eq!(dispatch.outcome.as_deref(), Some("relayed"), "{serial}");
        assert!(sender.original(&dispatch).starts_with(b"%PDF-"));
    }
    let left = 20 - u32::try_from(letters.len()).expect("few");
    assert_eq!(sender.points(), (left, 0));
    assert_a_signature_over_too_many_fields_is_refused(&sender);
    for function in FUNCTIONS {
        assert_memory_small(sender.world, function);
    }
}

/// Who may send is not found out at any price: the sender hears that DKIM could not be checked.
fn assert_a_signature_over_too_many_fields_is_refused(sender: &Sender) {
    let letter = sender.letter(&[&sender.recipient("hanako")]);
    let reply = sender.send(&many_fields(letter, 100_000));
    assert_eq!(sender.world.taken(reply.message_id()), "unvouched");
    wait_for("a notice names the reason", || {
        let notices = sender.mailbox(sender.address());
        let reason = "no DKIM signature of the From domain passed";
        let mut notices = notices.iter();
        notices
            .any(|notice| notice.text.contains(reason))
            .then_some(())
    });
}

/// Over everything that the function did since these tests began.
fn assert_memory_small(world: &World, output: &str) {
    let lines = world.log_lines(world.output(output), "REPORT");
    let used = lines.iter().filter_map(|line| {
        let (_, rest) = line.split_once("Max Memory Used: ")?;
        rest.split_once(" MB")?.0.parse::<u32>().ok()
    });
    let most = used.max().expect("the function was called");
    assert!(most < MEMORY_MIB_MAX, "{output} used {most} MiB");
}

#[test]
fn a_field_on_top_of_a_signed_mail_reaches_nobody_q_21() {
    let sender = Sender::with_points(5);
    let victim = sender.recipient("victim");
    let signed = sender.letter(&[&sender.recipient("hanako")]);
    let mails = [
        signed.clone().prepended("To", &victim),
        signed.clone().prepended("To ", &victim),
        signed.prepended("Subject", "Pay at https://evil.test"),
    ];
    for mail in &mails {
        let reply = sender.send(mail);
        assert_eq!(sender.world.taken(reply.message_id()), "unvouched");
    }
    assert!(sender.dispatches().is_empty());
    assert_eq!(sender.points(), (5, 0));
    assert!(sender.mailbox(&victim).is_empty());
    let notice = sender.notices(1).remove(0);
    assert!(!notice.text.contains("evil"), "{}", notice.text);
}

#[test]
fn a_mail_that_a_server_sends_twice_is_one_mail_with_one_charge_q_21() {
    let sender = Sender::with_points(1);
    let letter = sender.letter(&[&sender.recipient("hanako")]);
    let first = sender.send(&letter);
    assert_eq!(sender.world.taken(first.message_id()), "accepted");
    // Its 250 got lost, or somebody else has the mail and sends it on.
    let second = sender.send(&letter.prepended("Received", "from elsewhere.test"));
    assert_eq!(sender.world.taken(second.message_id()), "ignored_repeated");
    let dispatch = sender.ended_dispatches(1).remove(0);
    assert_eq!(dispatch.outcome.as_deref(), Some("relayed"));
    assert_eq!(sender.points(), (0, 0));
    let _ = sender.notices(1);
}

#[test]
fn ses_refuses_more_than_forty_megabytes_with_552() {
    let sender = Sender::with_points(1);
    let mut mail = sender.letter(&[&sender.recipient("hanako")]).as_sent();
    let line = [&[b'x'; 998][..], b"\r\n"].concat();
    while mail.len() <= SES_SIZE_BYTES_MAX {
        mail.extend(&line);
    }
    assert_eq!(sender.send_bytes(&mail).code, 552);
    assert!(sender.dispatches().is_empty());
}
