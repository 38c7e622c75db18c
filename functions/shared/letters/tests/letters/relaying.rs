//! The relayed mail holds the original content unchanged, whatever the original is, and can
//! travel through any mail server.

use domain::limits::{DELIVERED_SIZE_BYTES_MAX, MESSAGE_SIZE_BYTES_MAX};
use domain::{
    DeliveryChange, EmailAddress, FileReason, Language, MailDomain, Operator, Serial, ThreadKey,
};
use jiff::Timestamp;
use letters::mails::{Letterhead, Relay, changes_named_in, relay};
use mail::ParsedMail;
use proptest::prelude::*;

use crate::corpus;
use crate::damaged::{header_like, mutated};
use crate::unchanged::{RULE, check_content_is_unchanged, message_within};

pub(crate) fn relayed(original: &ParsedMail<'_>) -> Vec<u8> {
    relayed_in(Language::Japanese, original)
}

fn relayed_in(language: Language, original: &ParsedMail<'_>) -> Vec<u8> {
    let domain: MailDomain = "akashi.test".parse().unwrap();
    let sender: EmailAddress = "taro@customer.test".parse().unwrap();
    let recipient: EmailAddress = "hanako@recipient.test".parse().unwrap();
    let serial: Serial = "K7Q2-000123".parse().unwrap();
    let date: Timestamp = "2026-01-05T00:00:05Z".parse().unwrap();
    let thread = ThreadKey::new(1);
    let operator = Operator::named("Akashi");
    let letterhead = Letterhead {
        language,
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
    let copy = ParsedMail::parse(&bytes);
    let body = copy.body();
    let html = String::from_utf8(body.html.unwrap().into_owned()).unwrap();
    let shown = format!(
        "{}\n[text]\n{}\n[html]\n{html}",
        String::from_utf8_lossy(copy.raw_header()),
        body.text
    );
    insta::assert_snapshot!(shown.replace("\r\n", "\n"));
}

#[test]
fn a_mail_of_plain_text_is_one_text_whose_notices_are_in_the_accounts_language_first() {
    let raw = b"From: taro@customer.test\r\nSubject: x\r\n\r\nHello\r\n";
    let bytes = relayed_in(Language::English, &ParsedMail::parse(raw));
    let copy = ParsedMail::parse(&bytes);
    assert!(copy.root().unwrap().children().is_none());
    insta::assert_snapshot!(copy.body().text);
}

#[test]
fn the_message_begins_on_the_first_screen_of_a_telephone() {
    let raw = corpus::mail("utf-8-base64");
    let bytes = relayed(&ParsedMail::parse(&raw));
    let text = ParsedMail::parse(&bytes).body().text;
    let (before, _) = text.split_once(RULE).unwrap();
    assert!(before.lines().count() <= 4, "{before}");
}

/// RFC 3676: neither the sender's lines nor ours change their meaning.
#[test]
fn text_that_flows_goes_on_flowing_and_ours_does_not() {
    let raw = "From: a@b.test\r\n\
               Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\r\n\
               \r\n本契約は \r\n解除する。 \r\n";
    let bytes = relayed(&ParsedMail::parse(raw.as_bytes()));
    let copy = ParsedMail::parse(&bytes);
    let root = copy.root().unwrap();
    assert_eq!(root.parameter("format").as_deref(), Some("flowed"));
    assert_eq!(root.parameter("delsp").as_deref(), Some("yes"));
    assert!(root.text().text.contains("\n本契約は \n解除する。 \n\n--"));
    assert_eq!(message_within(&copy.body().text), "本契約は解除する。");
}

/// Our block is ASCII, so that octets of any character set can stay that has no shifts.
#[test]
fn html_stays_octet_for_octet_wherever_ascii_can_stand_in_it() {
    for (charset, content, expected) in [
        (
            "shift_jis",
            &b"<body>\x83\x5c\x95\x5c</body>"[..],
            "\"shift_jis\"",
        ),
        ("euc-jp", b"<body>\xb7\xc0\xcc\xf3</body>", "\"euc-jp\""),
        ("gb18030", b"<body>\x81\x30\x81\x30</body>", "\"gb18030\""),
        ("iso-2022-jp", b"<body>\x1b$B7@Ls\x1b(B</body>", "\"utf-8\""),
        ("utf-16le", b"<\0b\0>\0a\0", "\"utf-8\""),
    ] {
        let mut raw =
            format!("From: a@b.test\r\nContent-Type: text/html; charset={charset}\r\n\r\n")
                .into_bytes();
        raw.extend(content);
        let bytes = relayed(&ParsedMail::parse(&raw));
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(
            text.contains(&format!("Content-Type: text/html; charset={expected}")),
            "{charset}"
        );
        let changes = changes_named_in(ParsedMail::parse(&bytes).raw_header());
        let is_converted = changes.contains(&DeliveryChange::HtmlInUtf8);
        assert_eq!(is_converted, expected.contains("utf-8"), "{charset}");
        check_content_is_unchanged(charset, &raw, relayed);
    }
}

#[test]
fn what_may_not_be_taken_apart_goes_as_a_file_and_so_does_what_cannot_be_read() {
    let plain = |body: &str| format!("From: a@b.test\r\n\r\n{body}\r\n").into_bytes();
    for (raw, expected) in [
        (corpus::mail("signed-smime"), FileReason::Signed),
        (corpus::mail("encrypted-openpgp"), FileReason::Encrypted),
        (corpus::mail("opaque-smime"), FileReason::Signed),
        (
            plain("-----BEGIN PGP SIGNED MESSAGE-----\r\nx"),
            FileReason::Signed,
        ),
        (
            plain("Hi,\r\n-----BEGIN PGP MESSAGE-----\r\nx"),
            FileReason::Encrypted,
        ),
        (
            corpus::mail("answer-delivery-report"),
            FileReason::Structure,
        ),
        (
            corpus::mail("multipart-without-boundary"),
            FileReason::Structure,
        ),
        (
            corpus::mail("utf-8-cut-inside-a-character"),
            FileReason::Unreadable,
        ),
    ] {
        let original = ParsedMail::parse(&raw);
        let bytes = relayed(&original);
        let copy = ParsedMail::parse(&bytes);
        let changes = changes_named_in(copy.raw_header());
        assert_eq!(
            changes,
            [DeliveryChange::SentAsFile(expected)],
            "{:?}",
            original.subject()
        );
    }
    // Words about PGP are none of it.
    let raw = plain("> -----BEGIN PGP MESSAGE-----\r\nA -----BEGIN PGP MESSAGE-----");
    let bytes = relayed(&ParsedMail::parse(&raw));
    assert_eq!(
        changes_named_in(ParsedMail::parse(&bytes).raw_header()),
        [DeliveryChange::NoticeInText]
    );
}

#[test]
fn a_signed_message_is_one_that_a_mailer_opens_and_names_no_other_recipient() {
    let mut raw = b"Received: from a by b\r\nBcc: hidden@x.test\r\nCc: other@x.test\r\n".to_vec();
    raw.extend(corpus::mail("signed-smime"));
    let bytes = relayed(&ParsedMail::parse(&raw));
    let copy = ParsedMail::parse(&bytes);
    let files = copy.attachments();
    assert_eq!(files[0].content_type, "message/rfc822");
    let content = files[0].content();
    let inner = ParsedMail::parse(&content);
    assert_eq!(inner.from().unwrap().as_str(), "taro@customer.test");
    assert_eq!(inner.subject(), ParsedMail::parse(&raw).subject());
    let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    for word in ["hidden@", "other@", "received:", "bcc:"] {
        assert!(!text.contains(word), "{word}");
    }
}

/// RFC 2046 section 5.2.1: a message may not be encoded.
#[test]
fn an_attached_message_that_cannot_travel_is_a_file_of_octets() {
    for (kind, name) in [
        ("message/rfc822; name=\"letter.eml\"", "letter.eml"),
        ("message/rfc822; name=letter", "letter.eml"),
        ("message/rfc822", "attached.eml"),
        ("message/global", "attached.eml"),
    ] {
        let raw = format!(
            "From: a@b.test\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n\
             --m\r\n\r\nHi\r\n--m\r\nContent-Type: {kind}\r\nContent-ID: <i>\r\n\r\n\
             Subject: x\r\n\r\n契約\r\n--m--\r\n"
        );
        let bytes = relayed(&ParsedMail::parse(raw.as_bytes()));
        let copy = ParsedMail::parse(&bytes);
        let files = copy.attachments();
        assert_eq!(files[0].content_type, "application/octet-stream", "{kind}");
        assert_eq!(files[0].name_as_sent.as_deref(), Some(name), "{kind}");
        let content = files[0].content();
        assert_eq!(
            content.trim_ascii_end(),
            "Subject: x\r\n\r\n契約".as_bytes()
        );
        let text = String::from_utf8(bytes.clone()).unwrap().to_lowercase();
        assert!(!text.contains("content-type: message/"), "{kind}");
        check_content_is_unchanged(kind, raw.as_bytes(), relayed);
    }
}

#[test]
fn a_part_that_is_written_anew_keeps_the_fields_that_say_what_it_is_about() {
    let raw = "From: a@b.test\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n\
               --m\r\n\r\nHi\r\n--m\r\nContent-Type: image/png\r\n\
               Content-Transfer-Encoding: binary\r\nContent-Location: https://x.test/a.png\r\n\
               Content-Base: https://x.test/\r\nContent-Description: a\r\n picture\r\n\
               Content-Language: ja\r\nContent-Description: 絵\r\n\r\n絵\r\n--m--\r\n";
    let bytes = relayed(&ParsedMail::parse(raw.as_bytes()));
    check_can_travel("fields", &bytes);
    let text = String::from_utf8(bytes).unwrap();
    for field in [
        "Content-Location: https://x.test/a.png",
        "Content-Base: https://x.test/",
        "Content-Description: a\r\n picture",
        "Content-Language: ja",
    ] {
        assert!(text.contains(&format!("\r\n{field}\r\n")), "{field}");
    }
}

/// Octets under an encoding that is not known here stay as they are, or in the whole message.
#[test]
fn a_file_in_an_unknown_encoding_keeps_its_octets_and_its_field() {
    let raw = |content: &str| {
        format!(
            "From: a@b.test\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n\
             --m\r\n\r\nHi\r\n--m\r\nContent-Type: application/pdf; name=a.pdf\r\n\
             Content-Transfer-Encoding: x-uuencode\r\n\r\n{content}\r\n--m--\r\n"
        )
    };
    let travelling = raw("begin 644 a");
    let bytes = relayed(&ParsedMail::parse(travelling.as_bytes()));
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains("Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 a\r\n"));
    let other = raw("契約");
    let bytes = relayed(&ParsedMail::parse(other.as_bytes()));
    assert_eq!(
        changes_named_in(ParsedMail::parse(&bytes).raw_header()),
        [DeliveryChange::SentAsFile(FileReason::Unreadable)]
    );
    check_content_is_unchanged("unknown encoding", other.as_bytes(), relayed);
}

/// SES refuses more than 500 parts.
#[test]
fn a_message_of_more_parts_than_the_provider_takes_goes_as_one_file_of_octets() {
    for (files, is_file) in [(440, false), (460, true), (900, true)] {
        let file = "--m\r\nContent-Type: application/pdf; name=\"a.pdf\"\r\n\r\n%PDF\r\n";
        let raw = format!(
            "From: a@b.test\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n\
             --m\r\n\r\nHello\r\n{}--m--\r\n",
            file.repeat(files)
        );
        let bytes = relayed(&ParsedMail::parse(raw.as_bytes()));
        let text = String::from_utf8(bytes).unwrap();
        let parts = text.matches("Content-Type: ").count();
        assert!(parts <= 500, "{files}: {parts}");
        let changes = changes_named_in(ParsedMail::parse(text.as_bytes()).raw_header());
        let expected = [DeliveryChange::SentAsFile(FileReason::Structure)];
        assert_eq!(changes == expected, is_file, "{files}");
    }
}

/// Nobody can tell which of the plain texts the HTML repeats.
#[test]
fn a_text_beside_html_in_one_form_of_the_message_is_not_lost() {
    let mail = |second: &str| {
        format!(
            "From: a@b.test\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n\
             --a\r\n\r\nA\r\n--a\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n\
             --m\r\nContent-Type: text/html\r\n\r\n<p>B</p>\r\n\
             --m\r\n{second}\r\n--m--\r\n--a--\r\n"
        )
    };
    for (second, is_file) in [
        ("\r\nC", true),
        ("\r\n ", false),
        ("Content-Type: text/html\r\n\r\n<p>C</p>", false),
    ] {
        let raw = mail(second);
        let bytes = relayed(&ParsedMail::parse(raw.as_bytes()));
        let changes = changes_named_in(ParsedMail::parse(&bytes).raw_header());
        let expected = [DeliveryChange::SentAsFile(FileReason::Structure)];
        assert_eq!(changes == expected, is_file, "{second}: {changes:?}");
        check_content_is_unchanged(second, raw.as_bytes(), relayed);
    }
}

/// Elements that hide what is in them, and character sets under whose labels ASCII is none.
#[test]
fn what_hides_the_notice_is_closed_or_goes_as_a_file() {
    let mail = |kind: &str, body: &str| {
        format!("From: a@b.test\r\nContent-Type: {kind}\r\n\r\n{body}\r\n")
    };
    let raw = mail("text/html", "<body><div style=\"display:none\">a</body>");
    let bytes = relayed(&ParsedMail::parse(raw.as_bytes()));
    let html = ParsedMail::parse(&bytes).body().html.unwrap().into_owned();
    let html = String::from_utf8(html).unwrap();
    assert!(html.contains(">a</div><div style=\"border:1px"), "{html}");
    check_content_is_unchanged("open", raw.as_bytes(), relayed);
    for (kind, body, reason) in [
        (
            "text/html",
            "<script><!--<script></script>a",
            FileReason::Structure,
        ),
        (
            "text/plain; charset=hz-gb-2312",
            "~{VPND~}",
            FileReason::Unreadable,
        ),
        ("text/html; charset=ibm037", "a", FileReason::Unreadable),
        (
            "text/html",
            "<meta charset=hz-gb-2312>~{VPND~}",
            FileReason::Unreadable,
        ),
    ] {
        let raw = mail(kind, body);
        let bytes = relayed(&ParsedMail::parse(raw.as_bytes()));
        let changes = changes_named_in(ParsedMail::parse(&bytes).raw_header());
        assert_eq!(changes, [DeliveryChange::SentAsFile(reason)], "{kind}");
    }
}

/// Text that grows when it is written in UTF-8, beside HTML that it is made from.
#[test]
fn a_mail_of_the_largest_size_stays_below_what_servers_take() {
    let size = usize::try_from(MESSAGE_SIZE_BYTES_MAX).unwrap();
    let header = |kind: &str| {
        format!("From: a@b.test\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n")
    };
    for (kind, line, is_file) in [
        ("text/plain; charset=us-ascii", &b"aaaa\r\n"[..], false),
        ("text/plain; charset=utf-8", "契約\r\n".as_bytes(), false),
        (
            "text/plain; charset=shift_jis",
            b"\xb1\xb2\xb3\xb4\r\n",
            true,
        ),
        ("text/html; charset=utf-8", "<p>契約\r\n".as_bytes(), true),
        ("application/octet-stream", &[0, 1, 2, 3], false),
    ] {
        let mut raw = header(kind).into_bytes();
        let room = size - raw.len();
        raw.extend(line.iter().cycle().take(room / line.len() * line.len()));
        let bytes = relayed(&ParsedMail::parse(&raw));
        assert!(
            bytes.len() <= DELIVERED_SIZE_BYTES_MAX,
            "{kind}: {}",
            bytes.len()
        );
        let changes = changes_named_in(ParsedMail::parse(&bytes).raw_header());
        let expected = [DeliveryChange::SentAsFile(FileReason::Size)];
        assert_eq!(changes == expected, is_file, "{kind}: {changes:?}");
    }
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
