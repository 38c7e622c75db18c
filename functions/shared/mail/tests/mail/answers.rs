//! What is read of a mail that answers an offer (P-024, P-044, P-045, P-047).

use domain::AutomaticMail;
use domain::limits::ANSWER_TEXT_BYTES_MAX;
use mail::ParsedMail;

use crate::corpus;

fn answer(header: &str, text: &str) -> Vec<u8> {
    format!("From: hanako@recipient.test\r\n{header}\r\n{text}").into_bytes()
}

#[test]
fn names_the_messages_that_an_answer_refers_to_p_044() {
    let raw = corpus::mail("answer-with-quotation");
    assert_eq!(
        ParsedMail::parse(&raw).references(),
        [
            "<0106019b8a-1@ap-northeast-1.amazonses.com>",
            "<o3vrnil0e2-01.offer.aaaaaaaaaaaaaaaaaaaaaaaaab@akashi.test>"
        ]
    );
}

#[test]
fn keeps_the_newest_hundred_references_and_no_nonsense() {
    let many: String = (0..5_000).map(|n| format!("<{n}@x.test>\r\n ")).collect();
    let raw = answer(
        &format!(
            "In-Reply-To: your mail <a@x.test> of today\r\nReferences: {many}<a b@x> <é> <>\r\n"
        ),
        "",
    );
    let references = ParsedMail::parse(&raw).references();
    assert_eq!(
        (references.len(), references[0].as_str()),
        (100, "<a@x.test>")
    );
    assert!(references[1..].iter().all(|id| id.starts_with("<49")));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of answers")]
fn knows_answers_that_no_person_wrote_x_9() {
    for (header, envelope_from, expected) in [
        ("", "hanako@recipient.test", None),
        (
            "Auto-Submitted: no\r\nX-Autoreply: no\r\n",
            "hanako@recipient.test",
            None,
        ),
        ("", "<>", Some(AutomaticMail::NullReturnPath)),
        (
            "Auto-Submitted: auto-replied\r\n",
            "x@y.test",
            Some(AutomaticMail::AutoSubmitted),
        ),
        (
            "X-Autoreply: yes\r\n",
            "x@y.test",
            Some(AutomaticMail::AutoSubmitted),
        ),
        (
            "X-Autorespond: away\r\n",
            "x@y.test",
            Some(AutomaticMail::AutoSubmitted),
        ),
        (
            "X-Autoresponder: Will not send another reply\r\n",
            "x@y.test",
            Some(AutomaticMail::AutoSubmitted),
        ),
        (
            "Subject: Automatic reply: the contract\r\n",
            "x@y.test",
            Some(AutomaticMail::AutoSubmitted),
        ),
        (
            "Subject: =?UTF-8?B?44CQ6Ieq5YuV6L+U5L+h44CR5LiN5Zyo?=\r\n",
            "x@y.test",
            Some(AutomaticMail::AutoSubmitted),
        ),
        (
            "Preference: auto_reply\r\n",
            "x@y.test",
            Some(AutomaticMail::Precedence),
        ),
        (
            "",
            "MAILER-DAEMON@y.test",
            Some(AutomaticMail::DeliveryReport),
        ),
        // What people write.
        ("X-Auto-Response-Suppress: All\r\n", "x@y.test", None),
        ("Subject: Re: Out of office\r\n", "x@y.test", None),
        ("Subject: Vacation rental contract\r\n", "x@y.test", None),
        (
            "Precedence: auto_reply\r\n",
            "x@y.test",
            Some(AutomaticMail::Precedence),
        ),
        (
            "Precedence: bulk\r\n",
            "x@y.test",
            Some(AutomaticMail::Precedence),
        ),
        (
            "List-Id: <l.x.test>\r\n",
            "x@y.test",
            Some(AutomaticMail::MailingList),
        ),
        (
            "Content-Type: Multipart/Report; report-type=disposition-notification; boundary=b\r\n",
            "x@y.test",
            Some(AutomaticMail::DeliveryReport),
        ),
    ] {
        let raw = answer(header, "x");
        let found = ParsedMail::parse(&raw).automatic_answer(envelope_from);
        assert_eq!(found, expected, "{header}");
    }
    for (name, expected) in [
        ("answer-with-quotation", None),
        ("answer-html-only", None),
        ("answer-vacation", Some(AutomaticMail::AutoSubmitted)),
        (
            "answer-delivery-report",
            Some(AutomaticMail::DeliveryReport),
        ),
        ("automatic-reply", Some(AutomaticMail::AutoSubmitted)),
        (
            "answer-out-of-office-exchange",
            Some(AutomaticMail::AutoSubmitted),
        ),
        (
            "answer-out-of-office-hosted",
            Some(AutomaticMail::AutoSubmitted),
        ),
        ("answer-of-a-person-with-suppress", None),
    ] {
        let raw = corpus::mail(name);
        let found = ParsedMail::parse(&raw).automatic_answer("hanako@recipient.test");
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn quotes_an_answer_verbatim_and_shows_what_stands_above_the_quotation_p_024() {
    let raw = corpus::mail("answer-with-quotation");
    let mail = ParsedMail::parse(&raw);
    assert_eq!(mail.answer_text(), mail.body().text);
    assert_eq!(mail.own_words(), "承知しました。契約します。\n\n佐藤花子");
    let raw = corpus::mail("answer-html-only");
    let mail = ParsedMail::parse(&raw);
    assert!(mail.answer_text().contains("秘密保持契約の条件"));
    assert_eq!(
        mail.own_words(),
        "条件を確認しました。第2条を除き承諾します。"
    );
}

#[test]
fn own_words_stand_above_every_common_kind_of_quotation() {
    for (text, own) in [
        ("はい", "はい"),
        ("", ""),
        ("ok\n> old\n> older", "ok"),
        (
            "ok\n\nOn Mon, Jan 5, 2026 at 9:00 AM Taro <t@x.test> wrote:\n\n> old",
            "ok",
        ),
        (
            "ok\n\nOn Mon, Jan 5, 2026 at 9:00 AM Taro\n<t@x.test> wrote:\n\n> old",
            "ok",
        ),
        ("ok\n-----Original Message-----\nFrom: t@x.test\nold", "ok"),
        ("ok\n----- 元のメッセージ -----\nold", "ok"),
        (
            "ok\n________________________________\nFrom: t@x.test\nold",
            "ok",
        ),
        (
            "ok\n\n差出人: 山田 <t@x.test>\n送信日時: 2026年1月5日\n宛先: x\nold",
            "ok",
        ),
        ("ok\n*From:* Taro <t@x.test>\n*Sent:* Monday\nold", "ok"),
        ("ok\n2026年1月5日(月) 9:00 山田 <t@x.test>:\nold", "ok"),
        ("ok\n2026/01/05 9:00、t@x.test のメール:\nold", "ok"),
        ("> old\n> 1?\nyes\n> 2?\nno", "yes\nno"),
        ("On Mon, Taro <t@x.test> wrote:\n> old\nyes", "yes"),
        ("-----Original Message-----\nold", ""),
        ("> old", ""),
        ("From: はい\nyes", "From: はい\nyes"),
        ("On the whole we agree.\nyes", "On the whole we agree.\nyes"),
        ("条件:\n第1条", "条件:\n第1条"),
    ] {
        let raw = answer("Content-Type: text/plain; charset=utf-8\r\n", text);
        assert_eq!(ParsedMail::parse(&raw).own_words(), own, "{text}");
    }
}

/// An offer as we deliver it: notice, message and notice in one text.
const OFFER: &str = "【契約の申込み】株式会社カスタマー（山田太郎 <taro@customer.test>）様からの契約の申込みです。
回答期限: 2026年2月4日（水）9時00分（日本時間）
回答: https://c.akashi.test/a/abcdefghijklmnopqrstuvwxyz
[Contract offer] from 株式会社カスタマー. Answer by: 4 February 2026, 9:00 (Asia/Tokyo). Details below.
----------------------------------------------------------------------

秘密保持契約の条件は次のとおりです。
1. ...

----------------------------------------------------------------------

回答の方法（ソフトウェアもアカウントも要りません）:
1. このメールに返信する。ご返信の文章は、そのまま証明書に載ります。
   宛先: abcdefghijklmnopqrstuvwxyz@c.akashi.test

----------------------------------------------------------------------

運営者 / Operator: Akashi
お問い合わせ / Contact: 03-1234-5678
";

#[test]
fn own_words_stand_above_the_offer_that_a_mailer_quotes_p_024() {
    let marked: String = OFFER.lines().map(|line| format!("> {line}\n")).collect();
    for (mailer, quotation) in [
        (
            "Outlook",
            format!(
                "差出人: 山田太郎 <contract@c.akashi.test>\n送信日時: 2026年1月5日 9:00\n\
                 宛先: hanako@recipient.test\n件名: 秘密保持契約の件\n\n{OFFER}"
            ),
        ),
        (
            "Outlook in English",
            format!(
                "________________________________\nFrom: 山田太郎 <contract@c.akashi.test>\n\
                 Sent: Monday, January 5, 2026 9:00 AM\nTo: hanako@recipient.test\n\n{OFFER}"
            ),
        ),
        (
            "Gmail",
            format!("2026年1月5日(月) 9:00 山田太郎 <contract@c.akashi.test>:\n\n{marked}"),
        ),
        (
            "Apple Mail",
            format!("> 2026/01/05 9:00、山田太郎 <contract@c.akashi.test>のメール:\n> \n{marked}"),
        ),
    ] {
        for own in ["承諾します。", "回答期限: 承諾します。\n-----\n佐藤"] {
            for text in [
                format!("{own}\n\n{quotation}"),
                format!("{quotation}\n{own}"),
            ] {
                let raw = answer("Content-Type: text/plain; charset=utf-8\r\n", &text);
                assert_eq!(ParsedMail::parse(&raw).own_words(), own, "{mailer}");
            }
        }
        let raw = answer("Content-Type: text/plain; charset=utf-8\r\n", &quotation);
        assert!(!ParsedMail::parse(&raw).says_something(), "{mailer}");
    }
}

#[test]
fn an_answer_without_a_word_or_a_file_says_nothing_q_23() {
    for (text, expected) in [
        ("", false),
        ("\r\n \u{3000}\u{200b}\r\n", false),
        ("> old\r\n> older\r\n", false),
        ("-- \r\n", false),
        ("-- \r\n花子\r\n090-0000-0000", false),
        ("\r\niPhoneから送信\r\n\r\n> old", false),
        ("On Mon, Jan 5, 2026 Taro <t@x.test> wrote:\r\n> old", false),
        ("ok", true),
        ("はい\r\n-- \r\n花子", true),
        ("> old\r\nはい", true),
        ("👍", true),
    ] {
        let raw = answer("Content-Type: text/plain; charset=utf-8\r\n", text);
        assert_eq!(
            ParsedMail::parse(&raw).says_something(),
            expected,
            "{text:?}"
        );
    }
    for (name, expected) in [
        ("answer-without-a-word", false),
        ("answer-of-a-file-alone", true),
        ("answer-without-empty-line", true),
        ("answer-html-only", true),
        ("opaque-smime", true),
    ] {
        let raw = corpus::mail(name);
        assert_eq!(ParsedMail::parse(&raw).says_something(), expected, "{name}");
    }
}

#[test]
fn cuts_an_answer_at_a_character() {
    let text = format!("a{}", "あ".repeat(ANSWER_TEXT_BYTES_MAX));
    let raw = answer("Content-Type: text/plain; charset=utf-8\r\n", &text);
    let cut = ParsedMail::parse(&raw).answer_text();
    assert!((ANSWER_TEXT_BYTES_MAX - 2..=ANSWER_TEXT_BYTES_MAX).contains(&cut.len()));
    assert!(text.starts_with(&cut));
}

const SES: &str = "Return-Path: <hanako@recipient.test>\r\n\
    Received: from mx.recipient.test (mx.recipient.test [192.0.2.1])\r\n \
    by inbound-smtp.ap-northeast-1.amazonaws.com with SMTP id abc\r\n for x;\r\n \
    Tue, 06 Jan 2026 01:00:02 +0000 (UTC)\r\nX-SES-Virus-Verdict: PASS\r\n";

#[test]
fn only_what_our_receiving_service_wrote_is_attested_p_047() {
    let claims = "Received: from pc ([IPv6:2001:db8::1])\r\n by mx.recipient.test; \
        Tue, 06 Jan 2026 10:00:00 +0900\r\n";
    let forged = SES.replace("192.0.2.1", "198.51.100.1");
    let raw = [
        SES,
        claims,
        &forged,
        "From: hanako@recipient.test\r\n\r\nok",
    ]
    .concat();
    let hops = ParsedMail::parse(raw.as_bytes()).received_hops();
    let found: Vec<_> = hops
        .iter()
        .map(|hop| (hop.ip.map(|ip| ip.to_string()), hop.attested))
        .collect();
    let ip = |text: &str| Some(text.to_owned());
    assert_eq!(
        found,
        [
            (ip("192.0.2.1"), true),
            (ip("2001:db8::1"), false),
            (ip("198.51.100.1"), false)
        ]
    );
    assert_eq!(hops[0].at.unwrap().to_string(), "2026-01-06T01:00:02Z");
    assert!(hops[0].raw.starts_with("from mx.recipient.test (mx") && !hops[0].raw.contains('\n'));
    let without_ses = [claims, &forged, "\r\nok"].concat();
    let hops = ParsedMail::parse(without_ses.as_bytes()).received_hops();
    assert!(hops.len() == 2 && hops.iter().all(|hop| !hop.attested));
}

#[test]
fn chains_made_to_exhaust_a_reader_are_read_to_a_limit() {
    let start = std::time::Instant::now();
    let long = "a".repeat(1_000_000);
    for field in [
        "Received: from a by b; x\r\n".repeat(40_000),
        format!("Received: {long}\r\n"),
        format!("Received: from {}; {long}\r\n", "(".repeat(500_000)),
        format!("Received: from {}", "\r\n [1.1.1.1]".repeat(80_000)),
        format!(
            "Received: from a\0\u{1b}[2J\u{202e} by é{};\r\n",
            "é".repeat(2_000)
        ),
        format!("References: {}\r\n", "<".repeat(1_000_000)),
        format!("In-Reply-To: {}\r\n", "<a@b>".repeat(200_000)),
    ] {
        let raw = answer(&field, &"On <a@b> wrote:\n".repeat(60_000));
        let mail = ParsedMail::parse(&raw);
        let hops = mail.received_hops();
        assert!(hops.len() <= 100 && mail.references().len() <= 100);
        assert!(
            hops.iter()
                .all(|hop| hop.raw.len() <= 20_000 && !hop.raw.contains('\0'))
        );
        assert_eq!(mail.own_words(), "");
    }
    assert!(start.elapsed() < std::time::Duration::from_secs(20));
}
