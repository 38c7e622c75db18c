//! The relayed mail holds the original content unchanged, whatever the original is, and can
//! travel through any mail server.

use domain::{EmailAddress, Language, MailDomain, Operator, Serial, ThreadKey};
use jiff::Timestamp;
use letters::mails::{Letterhead, Relay, relay};
use mail::ParsedMail;
use proptest::prelude::*;

use crate::corpus;
use crate::damaged::{header_like, mutated};

fn relayed(original: &ParsedMail<'_>) -> Vec<u8> {
    let domain: MailDomain = "akashi.test".parse().unwrap();
    let sender: EmailAddress = "taro@customer.test".parse().unwrap();
    let recipient: EmailAddress = "hanako@recipient.test".parse().unwrap();
    let serial: Serial = "K7Q2-000123".parse().unwrap();
    let date: Timestamp = "2026-01-05T00:00:05Z".parse().unwrap();
    let thread = ThreadKey::new(1);
    let operator = Operator::named("Akashi");
    let letterhead = Letterhead {
        language: Language::default(),
        operator: &operator,
        thread: Some(&thread),
        service_domain: &domain,
        id: "o3vrnil0e2-01",
        date,
    };
    let name = original.from_display_name();
    relay(
        &letterhead,
        &Relay {
            original,
            sender: &sender,
            sender_name: name.as_deref(),
            recipient: &recipient,
            serial: &serial,
        },
    )
}

/// Text, HTML and attachments are the same as in the original; the text stands behind the notice.
pub(crate) fn check_content_is_unchanged(
    name: &str,
    raw: &[u8],
    compose: impl Fn(&ParsedMail<'_>) -> Vec<u8>,
) {
    let original = ParsedMail::parse(raw);
    let bytes = compose(&original);
    let copy = ParsedMail::parse(&bytes);
    let (text, copied_text) = (original.body().text, copy.body().text);
    let (_, behind_notice) = copied_text
        .split_once("------\n")
        .expect("the notice is there");
    let (sent, received) = (original.attachments(), copy.attachments());
    // A body with a file name, or of a type that few mailers show, is a file beside the notice.
    let is_a_file = received.len() > sent.len() && shows_nothing(behind_notice);
    if is_a_file {
        let has = |content: &[u8]| received.iter().any(|file| *file.content() == *content);
        assert!(sent.iter().all(|file| has(&file.content())), "{name}");
        let root = original.root().map(|root| root.content().into_owned());
        let is_single = original
            .root()
            .is_some_and(|root| root.children().is_none());
        assert!(
            !is_single || has(&root.unwrap_or_default()),
            "{name}: the body"
        );
        return;
    }
    assert_eq!(
        behind_notice.trim_end_matches('\n'),
        text.trim_end_matches('\n'),
        "{name}"
    );
    assert_eq!(copy.body().html, original.body().html, "{name}");
    assert_eq!(received.len(), sent.len(), "{name}");
    for (received, sent) in received.iter().zip(&sent) {
        assert_eq!(received.content(), sent.content(), "{name}");
        assert_eq!(received.content_type, sent.content_type, "{name}");
        assert_eq!(received.name_as_sent, sent.name_as_sent, "{name}");
        assert_eq!(received.content_id, sent.content_id, "{name}");
    }
}

/// Blanks, and characters without a width.
fn shows_nothing(text: &str) -> bool {
    let is_invisible = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}');
    text.chars().all(|c| c.is_whitespace() || is_invisible(c))
}

/// RFC 5321 and SES: seven bits, no NUL, CRLF, lines of at most 998 octets.
pub(crate) fn check_can_travel(name: &str, bytes: &[u8]) {
    assert!(bytes.is_ascii() && !bytes.contains(&0), "{name}");
    let text = std::str::from_utf8(bytes).unwrap();
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert!(
        lines
            .iter()
            .all(|line| line.len() <= 998 && !line.contains(['\r', '\n'])),
        "{name}"
    );
}

#[test]
fn relays_every_mail_of_the_corpus_with_unchanged_content_i_068() {
    for (name, raw) in corpus::mails() {
        check_content_is_unchanged(&name, &raw, relayed);
        check_can_travel(&name, &relayed(&ParsedMail::parse(&raw)));
    }
}

#[test]
fn copies_no_trace_signature_or_bcc_field() {
    let mut raw =
        b"Return-Path: <x@y.test>\r\nReceived: from a by b\r\nBcc: hidden@x.test\r\n".to_vec();
    raw.extend(corpus::mail("dkim-rsa-relaxed"));
    let bytes = relayed(&ParsedMail::parse(&raw));
    let text = String::from_utf8(bytes).unwrap().to_ascii_lowercase();
    for field in [
        "return-path:",
        "received:",
        "bcc:",
        "dkim-signature:",
        "auto-submitted:",
    ] {
        assert!(!text.contains(&format!("\n{field}")), "{field}");
    }
}

#[test]
fn the_same_arguments_give_the_same_bytes() {
    let raw = corpus::mail("registered-mail");
    assert_eq!(
        relayed(&ParsedMail::parse(&raw)),
        relayed(&ParsedMail::parse(&raw))
    );
}

#[test]
fn relays_the_sample_mail_as_recorded_i_064_i_067() {
    let raw = corpus::mail("registered-mail");
    let bytes = relayed(&ParsedMail::parse(&raw));
    insta::assert_snapshot!(String::from_utf8(bytes).unwrap().replace("\r\n", "\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_mail_is_relayed_without_panic(raw in mutated()) {
        check_can_travel("mutated", &relayed(&ParsedMail::parse(&raw.0)));
        check_content_is_unchanged("mutated", &raw.0, relayed);
    }

    #[test]
    fn any_bytes_are_relayed_without_panic(raw in prop::collection::vec(any::<u8>(), 0..2_000)) {
        check_can_travel("any bytes", &relayed(&ParsedMail::parse(&raw)));
        check_content_is_unchanged("any bytes", &raw, relayed);
    }

    #[test]
    fn any_header_like_text_is_relayed_without_panic(raw in header_like()) {
        check_can_travel("header-like", &relayed(&ParsedMail::parse(raw.as_bytes())));
    }
}
