//! What is read of every mail in the corpus, as one readable snapshot each.

use std::fmt::Write;

use domain::{Damage, EmailAddress};
use mail::{ParsedMail, safe_names};

use crate::corpus;

fn is_service_address(address: &EmailAddress) -> bool {
    address.domain().as_str() == "akashi.test"
}

/// Everything that is read of a mail, a line each; controls escaped.
fn outline(raw: &[u8]) -> String {
    let mail = ParsedMail::parse(raw);
    let mut lines = String::new();
    let mut line = |name: &str, value: &dyn std::fmt::Debug| {
        writeln!(lines, "{name}: {value:?}").expect("a string takes all");
    };
    let address = |address: &EmailAddress| address.key();
    let to = mail.to(is_service_address);
    line("from", &mail.from().as_ref().map(address));
    line("name", &mail.from_display_name());
    line("to", &to.recipients.iter().map(address).collect::<Vec<_>>());
    line("service addresses", &to.service_addresses);
    line("unreadable", &to.unreadable);
    line("automatic", &mail.automatic("taro@customer.test"));
    line("subject", &mail.subject());
    line("message id", &mail.message_id());
    line("date", &mail.date());
    line("header bytes", &mail.raw_header().len());
    let body = mail.body();
    line("body source", &body.source);
    if let Some(part) = &body.unshown {
        line("unshown", part);
    }
    let charset =
        |c: &domain::Charset| format!("{:?} read as {}, {:?}", c.label, c.read_as, c.reason);
    line("charset", &body.charset.as_ref().map(charset));
    line("text", &body.text);
    line("html bytes", &body.html.as_ref().map(|html| html.len()));
    let attachments = mail.attachments();
    for (attachment, name) in attachments.iter().zip(safe_names(&attachments)) {
        line("attachment", &attachment.name_as_sent);
        line("  safe name", &name);
        line("  type", &attachment.content_type);
        line("  content id", &attachment.content_id);
        let content = attachment.content();
        let beginning = content.get(..40.min(content.len())).unwrap_or_default();
        line("  bytes", &String::from_utf8_lossy(beginning));
        line("  length", &attachment.size_bytes);
        line(
            "  inline, damaged",
            &(attachment.is_inline, attachment.is_damaged),
        );
    }
    line("damages", &mail.damages());
    lines
}

#[test]
fn reads_every_mail_of_the_corpus_as_recorded() {
    // The signed mails are copies of a few; the tests of DKIM read them.
    for (name, raw) in corpus::mails()
        .into_iter()
        .filter(|(name, _)| !name.starts_with("dkim-"))
    {
        insta::assert_snapshot!(name, outline(&raw));
    }
}

#[test]
fn keeps_every_byte_that_was_sent_and_the_whole_header_i_010_q_15() {
    let trace = b"Return-Path: <taro@customer.test>\r\nReceived: from mx.customer.test\r\n \
        by inbound-smtp.ap-northeast-1.amazonaws.com with SMTP id abc; Mon\r\n\
        X-SES-Virus-Verdict: PASS\r\n";
    for (name, sent) in corpus::mails() {
        let stored = [trace.as_slice(), &sent].concat();
        let mail = ParsedMail::parse(&stored);
        assert_eq!(mail.sent_bytes(), sent, "{name}");
        let header = mail.raw_header();
        assert!(
            header.starts_with(trace) && stored.starts_with(header),
            "{name}"
        );
    }
}

#[test]
fn a_guess_in_any_field_that_is_shown_is_noted() {
    for (field, is_noted) in [
        (&b"To: \x8eR\x93c <b@c.test>"[..], true),
        (b"To: =?x-none?B?44GC?= <b@c.test>", true),
        (b"Cc: \x8eR\x93c <b@c.test>", true),
        (b"Cc: =?x-none?B?44GC?= <b@c.test>", true),
        (
            b"Received: from caf\xe9 by b; Mon, 5 Jan 2026 00:00:00 +0000",
            true,
        ),
        (b"X-Note: \x8eR\x93c", false),
        ("To: 山田 <b@c.test>".as_bytes(), false),
        ("Cc: 山田 <b@c.test>".as_bytes(), false),
        ("Received: from 山田 by b".as_bytes(), false),
    ] {
        let raw = [field, b"\r\nFrom: a@b.test\r\n\r\na\r\n"].concat();
        let damages = ParsedMail::parse(&raw).damages();
        let noted = damages.contains(&Damage::HeaderCharsetGuessed);
        assert_eq!(
            noted,
            is_noted,
            "{}: {damages:?}",
            String::from_utf8_lossy(field)
        );
    }
}
