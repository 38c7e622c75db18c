//! Mail made to exhaust a reader (issue 2, bad input). Each has a named outcome; that reading stays
//! linear shows in the limits of time, which are wide enough for a busy machine and far below what
//! quadratic reading takes.

use std::time::{Duration, Instant};

use crate::damaged::{header_like, mutated};
use domain::{BodySource, Damage};
use mail::ParsedMail;
use proptest::prelude::*;

const HEADER: &str = "From: taro@customer.test\r\nTo: hanako@recipient.test\r\nSubject: x\r\n";

/// Reads all there is, and says how long that took.
fn read(raw: &[u8]) -> (ParsedMail<'_>, Duration) {
    let start = Instant::now();
    let mail = ParsedMail::parse(raw);
    let _ = (
        mail.from(),
        mail.to(|_| false),
        mail.subject(),
        mail.message_id(),
        mail.date(),
    );
    let _ = (
        mail.body(),
        mail.attachments(),
        mail.damages(),
        mail::dkim::lookups(&mail::SignedMail::read(raw)),
        mail::arc::verify(
            &mut mail::SignedMail::read(raw),
            &mail::DnsAnswers::default(),
            jiff::Timestamp::UNIX_EPOCH,
        ),
    );
    (mail, start.elapsed())
}

#[track_caller]
fn check(raw: &[u8], damages: &[Damage]) {
    let (mail, took) = read(raw);
    assert_eq!(mail.damages(), damages);
    assert!(mail.from().is_some() && mail.to(|_| false).recipients.len() == 1);
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[test]
fn ten_thousand_nested_parts_are_followed_to_a_limit() {
    let mut raw = HEADER.to_owned();
    for level in 0..10_000 {
        raw += &format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n");
    }
    check(raw.as_bytes(), &[Damage::MissingEnd, Damage::NestedTooDeep]);
}

#[test]
fn ten_thousand_nested_messages_are_one_attachment() {
    let raw = format!(
        "{HEADER}{}",
        "Content-Type: message/rfc822\r\n\r\n".repeat(10_000)
    );
    check(raw.as_bytes(), &[]);
    assert_eq!(ParsedMail::parse(raw.as_bytes()).attachments().len(), 1);
}

#[test]
fn ten_thousand_parts_beside_each_other_are_told_apart_to_a_limit() {
    let parts = "--b\r\n\r\nx\r\n".repeat(10_000);
    let raw = format!("{HEADER}Content-Type: multipart/mixed; boundary=b\r\n\r\n{parts}--b--\r\n");
    check(raw.as_bytes(), &[Damage::TooManyParts]);
}

#[test]
fn a_hundred_thousand_header_fields_hide_nothing() {
    let raw = format!("{HEADER}{}\r\nbody", "X-Many: 1\r\n".repeat(100_000));
    check(raw.as_bytes(), &[Damage::TooManyHeaderFields]);
    let late = format!("{}{HEADER}\r\nbody", "X-Many: 1\r\n".repeat(100_000));
    check(late.as_bytes(), &[Damage::TooManyHeaderFields]);
}

#[test]
fn header_lines_of_a_megabyte_are_read() {
    let long = "a".repeat(1_000_000);
    let words = "=?UTF-8?B?44GC?= ".repeat(60_000);
    let starts = "=?a?B?".repeat(170_000);
    for field in [
        format!("X-Long: {long}\r\n"),
        format!("Comments: {words}\r\n"),
        format!("Content-Type: text/plain; charset={long}\r\n"),
        format!("Content-Type: text/plain{}\r\n", "; a=b".repeat(200_000)),
        format!(
            "Content-Disposition: inline{}\r\n",
            "; filename*1=x".repeat(70_000)
        ),
        format!("References: {starts}\r\n"),
    ] {
        let raw = format!("{HEADER}{field}\r\nbody");
        let (mail, took) = read(raw.as_bytes());
        assert!(
            mail.from().is_some() && took < Duration::from_secs(20),
            "{took:?}"
        );
    }
    for subject in [long, words, starts] {
        let raw = format!("From: taro@customer.test\r\nSubject: {subject}\r\n\r\nbody");
        assert!(read(raw.as_bytes()).1 < Duration::from_secs(20));
    }
}

#[test]
fn address_fields_of_a_megabyte_are_read_to_a_limit() {
    for to in [
        "a@b.test, ".repeat(100_000),
        "\"".repeat(1_000_001),
        "(".repeat(1_000_000),
        "<".repeat(1_000_000),
        "=?".repeat(500_000),
        "a:".repeat(500_000),
        ",".repeat(1_000_000),
        (0..60_000).map(|n| format!("r{n}@b.test,")).collect(),
    ] {
        let raw = format!("From: taro@customer.test\r\nTo: {to}\r\n\r\nbody");
        let (mail, took) = read(raw.as_bytes());
        assert!(mail.to(|_| false).recipients.len() <= 10_000);
        assert!(took < Duration::from_secs(20), "{took:?}");
    }
}

#[test]
fn forty_megabytes_are_read_in_any_shape() {
    const MEBIBYTE: usize = 1_048_576;
    let base64 = "QUtBU0hJQUtBU0hJQUtBU0hJQUtBU0hJQUtBU0hJQUtBU0hJQUtBU0hJQUtBU0hJQUtBU0hJQUtB\r\n";
    // SES takes 40 MB. The shapes that are slow without optimization are smaller here.
    for (fields, unit, size) in [
        (
            "Content-Transfer-Encoding: base64\r\nContent-Type: application/pdf\r\n",
            base64,
            40,
        ),
        ("Content-Type: text/plain\r\n", "plain text\r\n", 40),
        (
            "Content-Type: multipart/mixed; boundary=b\r\n",
            "--b\r\n\r\n",
            10,
        ),
        (
            "Content-Type: multipart/mixed; boundary=b\r\n",
            "--c\r\n",
            10,
        ),
        ("Content-Type: text/html\r\n", "<p>x &amp; y", 5),
    ] {
        let raw = format!(
            "{HEADER}{fields}\r\n{}",
            unit.repeat(size * MEBIBYTE / unit.len())
        );
        let (mail, took) = read(raw.as_bytes());
        assert!(mail.from().is_some());
        assert!(took < Duration::from_secs(60), "{fields} {took:?}");
    }
}

#[test]
fn a_mail_without_anything_is_empty_and_says_so() {
    for raw in ["", "\r\n", "\n\n", "\0", "\r"] {
        let (mail, _) = read(raw.as_bytes());
        assert_eq!((mail.from(), mail.subject()), (None, String::new()));
        assert!(mail.attachments().is_empty());
        assert_eq!(mail.body().source, BodySource::Empty);
    }
}

#[test]
fn header_fields_inside_the_content_are_not_the_mails() {
    let raw = format!("{HEADER}\r\nFrom: evil@x.test\r\nTo: evil@x.test\r\n");
    check(raw.as_bytes(), &[]);
}

/// Reads everything there is to read.
fn read_all(raw: &[u8]) {
    let mail = ParsedMail::parse(raw);
    let _ = (
        mail.from(),
        mail.to(|_| false),
        mail.automatic("x"),
        mail.subject(),
        mail.date(),
    );
    let _ = (
        mail.body(),
        mail::safe_names(&mail.attachments()),
        mail.damages(),
    );
    let signed = mail::SignedMail::read(raw);
    let _ = (mail::dkim::lookups(&signed), mail::arc::lookups(&signed));
    read_answer(&mail);
}

/// What is read of an answer is bounded, whatever the bytes.
fn read_answer(mail: &ParsedMail<'_>) {
    let _ = mail.automatic_answer("x");
    let text = mail.answer_text();
    assert!(text.len() <= domain::limits::ANSWER_TEXT_BYTES_MAX);
    assert!(mail.own_words().len() <= text.len());
    assert!(mail.references().len() <= 100 && mail.received_hops().len() <= 100);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_mail_is_read_without_panic(raw in mutated()) {
        read_all(&raw.0);
    }

    #[test]
    fn any_bytes_are_read_without_panic(raw in prop::collection::vec(any::<u8>(), 0..2_000)) {
        read_all(&raw);
    }

    #[test]
    fn any_header_like_text_is_read_without_panic(raw in header_like()) {
        read_all(raw.as_bytes());
    }
}
