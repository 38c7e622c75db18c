//! Mails that no mailer should write and some do. Whoever can be read as sender and recipient gets
//! served: what is certified are the original bytes, and the damage is told.

use domain::TrustSetting;
use tests::World;
use tests::customer::{Customer, Letter};

use super::{HANAKO, first_dispatch, mails_to_sender, messages_to, outcome};

fn taro() -> Letter {
    Letter::from(&Customer::taro())
}

fn nested(depth: usize) -> Letter {
    let mut body = String::new();
    for level in 1..=depth {
        let kind = format!("multipart/mixed; boundary=b{level}");
        body.push_str(&format!("--b{}\r\nContent-Type: {kind}\r\n\r\n", level - 1));
    }
    body.push_str(&format!("--b{depth}\r\n\r\ndeep inside\r\n"));
    taro()
        .field("Content-Type", "multipart/mixed; boundary=b0")
        .body(body)
}

fn many_fields(count: usize) -> Letter {
    (0..count).fold(taro(), |letter, number| {
        letter.another_field(&format!("X-{number}"), "v")
    })
}

/// A signature over line ends that every server rewrites proves nothing, so SPF counts here too.
fn lenient_world() -> World {
    let world = World::with_customer(10);
    world.trust(&Customer::taro().address, TrustSetting::DkimOrSpf);
    world
}

fn bad_letters() -> Vec<(&'static str, Letter)> {
    let attachment: &[u8] = &[7; 3_000];
    let whole = taro().with_attachments(&[("a.bin", "application/octet-stream", attachment)]);
    vec![
        ("10,000 nested parts", nested(10_000)),
        ("9,000 header fields", many_fields(9_000)),
        (
            "a header line of 1 MB",
            taro().another_field("X-Long", &"x".repeat(1_000_000)),
        ),
        (
            "a subject of 1 MB",
            taro().field("Subject", &"件".repeat(300_000)),
        ),
        (
            "a body line of 1 MB",
            taro().body("y".repeat(1_000_000) + "\r\n"),
        ),
        (
            "NUL bytes",
            taro().body(b"before\0after\r\n\0\r\n".to_vec()),
        ),
        ("truncated base64", whole.cut_body(500)),
        (
            "base64 that is none",
            taro()
                .field("Content-Transfer-Encoding", "base64")
                .body("*** no base64 ***\r\n"),
        ),
        (
            "an unknown charset",
            taro().field("Content-Type", "text/plain; charset=x-klingon"),
        ),
        (
            "another charset than the label says",
            taro().field("Content-Type", "text/plain; charset=us-ascii"),
        ),
        (
            "a multipart without boundary",
            taro().field("Content-Type", "multipart/mixed"),
        ),
        (
            "a type that is none",
            taro().field("Content-Type", ";;;=\""),
        ),
        ("no body at all", taro().body("")),
        (
            "lone line feeds",
            taro().unsigned().body("one\ntwo\rthree\r\n"),
        ),
        (
            "no Date, no Message-ID",
            taro().without("Date").without("Message-ID"),
        ),
    ]
}

#[test]
fn broken_mails_are_certified_as_they_came_q_20() {
    for (name, letter) in bad_letters() {
        let world = lenient_world();
        let id = first_dispatch(&world.receive(&letter));
        world.settle();
        world.assert_finished();
        assert_eq!(outcome(&world, &id), "relayed", "{name}");
        let certificate = world.original(&id).expect("it is certified");
        let sent = letter.as_sent();
        let is_inside = certificate.windows(sent.len()).any(|window| window == sent);
        assert!(is_inside, "{name}: the original is not inside");
    }
}

#[test]
fn a_signature_over_a_hundred_thousand_fields_is_not_verified_and_the_sender_hears_it() {
    let world = World::with_customer(10);
    world.receive(&many_fields(100_000));
    world.settle();
    world.assert_finished();
    assert_eq!((world.dispatches().len(), mails_to_sender(&world)), (0, 1));
}

#[test]
fn what_we_send_on_keeps_the_limits_of_smtp() {
    for (name, letter) in bad_letters() {
        let world = lenient_world();
        world.receive(&letter);
        world.settle();
        assert_eq!(messages_to(&world, HANAKO), 1, "{name}");
        for sent in world.outbox() {
            let longest = sent
                .mail
                .raw
                .split(|byte| *byte == b'\n')
                .map(<[u8]>::len)
                .max();
            // RFC 5321 section 4.5.3.1.6: 1,000 octets with the line break.
            assert!(
                longest.is_some_and(|length| length < 1_000),
                "{name}: {longest:?}"
            );
            assert!(!sent.mail.raw.contains(&0), "{name}: NUL");
        }
    }
}

#[test]
fn a_recipient_under_an_international_domain_gets_the_mail_q_16() {
    let world = World::with_customer(10);
    world.receive(&taro().to(&["hanako@日本語.example"]));
    world.settle();
    world.assert_finished();
    let outbox = world.outbox();
    let sent = outbox.first().expect("it was sent");
    assert_eq!(sent.mail.to.to_wire(), "hanako@xn--wgv71a119e.example");
}
