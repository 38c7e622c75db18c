//! What shows that the recipient gave an answer, and what does not: tokens until they end,
//! signatures, the carrier's word.

use std::collections::BTreeSet;
use std::io::Read;

use domain::limits::UNPROVEN_ANSWERS_MAX;
use domain::{AnswerStanding, AnswerToken, Choice, DispatchId, InboundMessageId};
use flate2::read::ZlibDecoder;
use mail::ParsedMail;
use tests::customer::{Customer, Letter};
use tests::{Reaction, SentMail, World};

use super::{
    BY_BOTH, BY_MAIL, BY_SMS, HANAKO, MOBILE, THIRTY_DAYS, answers, copies, offered, outcome,
};

const CONTRACT: &str = "contract@akashi.test";

/// Whose each answer is, in the order of their times.
fn standings(world: &World, id: &DispatchId) -> Vec<AnswerStanding> {
    let events = world.events(id).into_iter();
    let standings = events.filter_map(|event| Some(event.kind.answer()?.standing));
    standings.collect()
}

fn addenda(world: &World) -> usize {
    let dispatches = world.dispatches();
    let addenda = dispatches
        .iter()
        .filter(|one| one.dispatch.adds_to().is_some());
    addenda.count()
}

/// The last certificate that Hanako got by mail.
fn last_copy(world: &World) -> SentMail {
    let copies = world.outbox().into_iter().rev();
    let mut hers =
        copies.filter(|sent| sent.dispatch().is_none() && sent.mail.to.as_str() == HANAKO);
    hers.next().expect("she got a copy")
}

/// A mail in Hanako's name that nobody vouches for.
fn forged(letter: Letter) -> Letter {
    letter.unsigned().verdicts("PASS", "FAIL")
}

/// To the visible address, so without the token.
fn without_token(letter: Letter) -> Letter {
    letter.to(&[CONTRACT]).delivered_to(&[CONTRACT])
}

#[test]
fn a_mail_in_the_recipients_name_without_token_and_signature_settles_nothing_q_23() {
    type Change = (&'static str, fn(Letter) -> Letter);
    let changes: [Change; 5] = [
        ("unsigned", |letter| without_token(forged(letter))),
        ("signed by another domain", |letter| {
            let letter = letter.signed_by("elsewhere.test");
            without_token(letter).verdicts("PASS", "FAIL")
        }),
        ("sent by a server of hers, and unsigned", |letter| {
            without_token(letter.unsigned())
        }),
        // A genuine mail of hers to somebody else, who passes it on.
        ("signed for somebody else", |letter| {
            let letter = letter.to(&["taro@customer.test"]).delivered_to(&[CONTRACT]);
            letter.verdicts("PASS", "FAIL")
        }),
        ("to a token that nobody has", |letter| {
            let guess = format!("{}@a.akashi.test", AnswerToken::new(5).as_str());
            forged(letter).to(&[&guess]).delivered_to(&[&guess])
        }),
    ];
    for (name, change) in changes {
        let world = World::with_customer(10);
        let id = offered(&world, BY_MAIL);
        let letter = Letter::answer(&world.offer_mail(&id), "承諾します（偽）。");
        world.receive(&change(letter));
        world.pass(60);
        assert_eq!(outcome(&world, &id), "open", "{name}");
        let unauthenticated = [AnswerStanding::Unauthenticated];
        assert_eq!(standings(&world, &id), unauthenticated, "{name}");
        world.settle();
        world.assert_finished();
        assert_eq!(outcome(&world, &id), "no_response", "{name}");
        assert_eq!((copies(&world), addenda(&world)), ((1, 0), 0), "{name}");
        // Kept, and quoted under what it is.
        let text = world.certificate_text(&id);
        assert!(text.contains("承諾します（偽）。"), "{name}: {text}");
        assert!(text.contains("認証なし"), "{name}: {text}");
    }
}

#[test]
fn a_reference_that_is_guessed_from_a_dispatch_leads_nowhere() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_MAIL);
    let guess = AnswerToken::new(7);
    for reference in [
        format!("<{id}.offer@akashi.test>"),
        format!("<{id}.offer.{}@akashi.test>", guess.as_str()),
        format!("<{id}.contract-certificate.{}@akashi.test>", guess.as_str()),
    ] {
        let letter = Letter::answer(&world.offer_mail(&id), "承諾します。");
        let letter = without_token(letter)
            .field("In-Reply-To", &reference)
            .field("References", &reference);
        world.receive(&letter);
        world.pass(60);
        assert_eq!(answers(&world, &id), [], "{reference}");
    }
}

#[test]
fn the_outcome_says_whether_the_answer_was_authenticated_q_23() {
    let by_mail = |change: fn(Letter) -> Letter| {
        move |world: &World, id: &DispatchId| {
            let letter = Letter::answer(&world.offer_mail(id), "承諾します。");
            world.receive(&change(letter));
        }
    };
    let signed = by_mail(|letter| letter);
    let unsigned = by_mail(forged);
    let by_sms = |world: &World, _: &DispatchId| world.send_us_sms(MOBILE, "承諾します。");
    let by_link =
        |world: &World, id: &DispatchId| world.answer_by_link(id, Choice::Agree, "承諾します。");
    type Road<'a> = &'a dyn Fn(&World, &DispatchId);
    let roads: [(Road, &str, &str); 4] = [
        (
            &signed,
            "認証あり：回答のメールには",
            "Authenticated: the mail",
        ),
        (
            &unsigned,
            "認証なし：回答者が回答先のアドレス",
            "Not authenticated: all",
        ),
        (
            &by_sms,
            "認証なし：SMSの送信元の番号",
            "Not authenticated: the number",
        ),
        (
            &by_link,
            "認証なし：回答者が回答ページのリンク",
            "Not authenticated: all",
        ),
    ];
    for (answer, japanese, english) in roads {
        let world = World::with_customer(10);
        let id = offered(&world, BY_BOTH);
        answer(&world, &id);
        world.settle();
        world.assert_finished();
        assert_eq!(outcome(&world, &id), "answered", "{japanese}");
        let text = world.certificate_text(&id);
        assert!(text.contains(japanese), "{japanese}: {text}");
        assert!(text.contains(english), "{english}: {text}");
        // The mail that brings it says so, too.
        let copy = last_copy(&world).mail.raw;
        let body = ParsedMail::parse(&copy).body().text;
        assert!(body.contains(japanese) && body.contains(english), "{body}");
    }
}

#[test]
fn the_sender_who_uses_the_token_of_the_offer_after_its_end_is_nobody_q_31() {
    type End = (&'static str, Reaction, bool);
    let ends: [End; 3] = [
        ("answered", Reaction::Delivered, true),
        ("no_response", Reaction::Delivered, false),
        ("noex", Reaction::UnknownUser, false),
    ];
    for (end, reaction, is_answered) in ends {
        let world = World::with_customer(10);
        world.react(HANAKO, reaction);
        let id = offered(&world, BY_MAIL);
        if is_answered {
            world.answer_by_mail(&id, "承諾します。");
        }
        world.settle();
        assert_eq!(outcome(&world, &id), end);
        let before = (copies(&world), world.original(&id));
        let token = world.token_of(&id);
        let page = world.send_form(token.as_str(), Choice::Agree, "承諾しました。");
        assert_eq!(page, "unauthenticated", "{end}");
        world.receive(&forged(Letter::answer(&world.offer_mail(&id), "はい。")));
        world.settle();
        world.assert_finished();
        let later = standings(&world, &id).split_off(usize::from(is_answered));
        assert_eq!(later, [AnswerStanding::Unauthenticated; 2], "{end}");
        assert_eq!((copies(&world), world.original(&id)), before, "{end}");
        assert_eq!(addenda(&world), 0, "{end}");
        // Whoever wrote with a signature is heard all the same (P-065).
        world.answer_by_mail(&id, "本人です。");
        world.settle();
        world.assert_finished();
        assert_eq!(addenda(&world), 1, "{end}");
    }
}

#[test]
fn no_token_in_what_the_sender_gets_proves_anything_q_31() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_BOTH);
    world.receive(&forged(Letter::answer(
        &world.offer_mail(&id),
        "承諾します。",
    )));
    world.settle();
    // Two more answers, whose mails quote where they answer to.
    for text in ["追伸です。", "再追伸です。"] {
        let copy = last_copy(&world);
        let quoted = ParsedMail::parse(&copy.mail.raw)
            .body()
            .text
            .replace('\n', "\n> ");
        let letter = Letter::answer(&copy, &format!("{text}\n> {quoted}"));
        world.receive(&forged(letter));
        world.settle();
    }
    world.assert_finished();
    assert_eq!(addenda(&world), 2, "{}", world.report());
    let known = tokens_of_sender(&world);
    assert!(
        known.contains(&world.token_of(&id)),
        "delivered.eml is read"
    );
    assert!(
        known.len() >= 3,
        "answer.eml of both addenda is read: {}",
        known.len()
    );
    let taken = standings(&world, &id).len();
    for token in &known {
        let page = world.send_form(token.as_str(), Choice::Decline, "取り消します。");
        assert!(
            ["unauthenticated", "unknown token"].contains(&page.as_str()),
            "{page}"
        );
        let reply_to = format!("{}@a.akashi.test", token.as_str());
        let letter = Letter::answer(&world.offer_mail(&id), "取り消します。");
        world.receive(&forged(letter.to(&[&reply_to]).delivered_to(&[&reply_to])));
    }
    world.settle();
    world.assert_finished();
    let later = standings(&world, &id).split_off(taken);
    assert!(
        !later.is_empty()
            && later
                .iter()
                .all(|one| *one == AnswerStanding::Unauthenticated)
    );
    assert_eq!(addenda(&world), 2);
    // The newest copy is still good.
    world.receive(&forged(Letter::answer(&last_copy(&world), "本人です。")));
    world.settle();
    assert_eq!(addenda(&world), 3);
}

/// Every token in the mails to the sender, in the files attached to them and embedded in those.
fn tokens_of_sender(world: &World) -> BTreeSet<AnswerToken> {
    let sender = Customer::taro().address;
    let mut tokens = BTreeSet::new();
    for sent in world.outbox() {
        if sent.mail.to.as_str() != sender.as_str() {
            continue;
        }
        let mail = ParsedMail::parse(&sent.mail.raw);
        tokens.extend(tokens_in(&sent.mail.raw));
        tokens.extend(tokens_in(mail.body().text.as_bytes()));
        for attachment in mail.attachments() {
            for stream in streams_of(&attachment.content()) {
                tokens.extend(tokens_in(&stream));
            }
        }
    }
    tokens
}

/// The streams of a PDF, inflated where they are deflated.
fn streams_of(pdf: &[u8]) -> Vec<Vec<u8>> {
    let find = |bytes: &[u8], word: &[u8]| bytes.windows(word.len()).position(|some| some == word);
    let mut rest = pdf;
    let streams = std::iter::from_fn(|| {
        rest = rest.get(find(rest, b"stream\n")? + 7..)?;
        let end = find(rest, b"endstream")?;
        let raw = rest.get(..end)?;
        rest = rest.get(end + 9..)?;
        Some(raw)
    });
    let streams = streams.map(|raw| {
        let mut inflated = Vec::new();
        match ZlibDecoder::new(raw).read_to_end(&mut inflated) {
            Ok(_) => inflated,
            Err(_) => raw.to_vec(),
        }
    });
    streams.collect()
}

fn tokens_in(bytes: &[u8]) -> BTreeSet<AnswerToken> {
    let words = bytes.split(|byte| !byte.is_ascii_alphanumeric());
    let words = words.filter_map(|word| std::str::from_utf8(word).ok());
    words.filter_map(|word| word.parse().ok()).collect()
}

#[test]
fn the_token_of_a_copy_takes_one_answer_and_the_next_copy_has_another_q_31() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_SMS);
    world.send_us_sms(MOBILE, "承諾します。");
    world.settle();
    let mut used = vec![world.token_of(&id)];
    for number in 1..=3 {
        let newest = newest_copy_token(&world);
        assert!(!used.contains(&newest));
        let text = format!("追伸{number}");
        let page = world.send_form(newest.as_str(), Choice::Text, &text);
        assert_eq!(page, "recorded");
        used.push(newest);
        for old in &used {
            let page = world.send_form(old.as_str(), Choice::Text, "別人です。");
            assert_eq!(page, "unauthenticated");
        }
        world.settle();
        world.assert_finished();
        assert_eq!(addenda(&world), number);
    }
}

/// The token in the last SMS about a certificate.
fn newest_copy_token(world: &World) -> AnswerToken {
    let sms = world.sms_outbox().pop().expect("an SMS was sent").sms;
    let (_, rest) = sms.text.split_once("/c/").expect("a link to a copy");
    let token = rest.split_whitespace().next().expect("a token");
    token.parse().expect("a token")
}

#[test]
fn an_answer_on_another_road_ends_what_the_copy_before_it_proves_q_31() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_BOTH);
    world.answer_by_mail(&id, "承諾します。");
    world.settle();
    let first = last_copy(&world);
    // Signed and to the visible address; it quotes the link of the copy, and the sender reads it.
    let body = ParsedMail::parse(&first.mail.raw).body().text;
    let letter = Letter::answer(&world.offer_mail(&id), &format!("追伸です。\n> {body}"));
    world.receive(&without_token(letter));
    world.settle();
    assert_eq!(addenda(&world), 1);
    world.receive(&forged(Letter::answer(&first, "別人です。")));
    world.settle();
    world.assert_finished();
    assert_eq!(
        standings(&world, &id).pop(),
        Some(AnswerStanding::Unauthenticated)
    );
    assert_eq!(addenda(&world), 1);
    world.receive(&forged(Letter::answer(&last_copy(&world), "本人です。")));
    world.settle();
    assert_eq!(addenda(&world), 2);
}

#[test]
fn a_signed_answer_that_is_sent_in_again_by_somebody_else_is_no_other_answer_q_31() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_MAIL);
    let letter = Letter::answer(&world.offer_mail(&id), "承諾します。").as_it_is();
    for letter in [
        letter.clone(),
        letter.clone(),
        letter.verdicts("PASS", "FAIL"),
    ] {
        world.receive(&letter);
        world.settle();
    }
    world.assert_finished();
    assert_eq!(answers(&world, &id).len(), 1);
    assert_eq!((copies(&world), addenda(&world)), ((1, 1), 0));
}

/// Gmail does not sign Content-Type. Whoever holds her signed answer, because it stands in the
/// certificate, takes that field away, and the same mail reads as another text.
#[test]
fn a_signed_answer_that_is_made_to_read_otherwise_is_no_other_answer_q_31() {
    const GMAIL: [&str; 6] = [
        "to",
        "subject",
        "message-id",
        "date",
        "from",
        "mime-version",
    ];
    const NO_MIME: [&str; 5] = ["to", "subject", "message-id", "date", "from"];
    for (signed, stripped) in [
        (&GMAIL[..], &["Content-Type"][..]),
        (&NO_MIME[..], &["MIME-Version", "Content-Type"][..]),
    ] {
        let world = World::with_customer(10);
        let id = offered(&world, BY_MAIL);
        let letter = Letter::answer(&world.offer_mail(&id), "承諾します。")
            .without("Content-Transfer-Encoding")
            .field("Content-Type", "multipart/mixed; boundary=b1")
            .body("--b1\r\n\r\n承諾します。\r\n--b1--\r\n")
            .signed_over(signed)
            .as_it_is();
        world.receive(&letter);
        world.settle();
        assert_eq!(standings(&world, &id), [AnswerStanding::Recipient]);
        let letter = letter.verdicts("PASS", "FAIL");
        let letter = stripped
            .iter()
            .fold(letter, |letter, name| letter.stripped(name));
        world.receive(&letter);
        world.settle();
        world.assert_finished();
        let of_recipient = standings(&world, &id)
            .into_iter()
            .filter(|standing| *standing == AnswerStanding::Recipient);
        assert_eq!(of_recipient.count(), 1, "{stripped:?}");
        assert_eq!(addenda(&world), 0, "{stripped:?}");
    }
}

/// Who has the address of an offer may send whatever they like, and cannot keep the certificate
/// from being issued by that, nor fill the bucket.
#[test]
fn of_what_proves_nothing_so_much_is_kept_as_a_certificate_can_quote() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_MAIL);
    let offer = world.offer_mail(&id);
    let by_another = |number: usize| {
        let letter = Letter::answer(&offer, &format!("{number}"));
        letter.field("From", "Jiro <jiro@recipient.test>")
    };
    let mails: Vec<_> = (0..UNPROVEN_ANSWERS_MAX + 5)
        .map(|number| {
            let inbound = world.receive(&by_another(number));
            world.pass(5);
            inbound
        })
        .collect();
    let kept = [AnswerStanding::AnotherAddress; UNPROVEN_ANSWERS_MAX];
    assert_eq!(standings(&world, &id), kept);
    let is_expiring = |mail: &InboundMessageId| world.is_expiring(mail);
    assert!(!mails[..UNPROVEN_ANSWERS_MAX].iter().any(is_expiring));
    assert!(mails[UNPROVEN_ANSWERS_MAX..].iter().all(is_expiring));
    world.answer_by_mail(&id, "承諾します。");
    world.settle();
    world.assert_finished();
    assert_eq!(outcome(&world, &id), "answered");
    assert_eq!(copies(&world), (1, 1));
    // Nor does the token that ended bring more.
    let token = world.token_of(&id);
    let page = world.send_form(token.as_str(), Choice::Agree, "はい。");
    assert_eq!(page, "enough of these");
    // What proves something is always taken.
    world.receive(&forged(Letter::answer(&last_copy(&world), "追伸です。")));
    world.settle();
    assert_eq!(addenda(&world), 1);
}

#[test]
fn an_answer_that_reached_us_in_time_and_is_read_after_the_settlement_is_hers() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_BOTH);
    let letter = forged(Letter::answer(
        &world.offer_mail(&id),
        "メールでも承諾します。",
    ));
    let inbound = world.store_mail(&letter);
    let call = world.receipt_call(&letter, &inbound);
    world.pass(60);
    world.send_us_sms(MOBILE, "承諾します。");
    world.settle();
    assert_eq!(outcome(&world, &id), "answered");
    world.call_soon(call);
    world.settle();
    world.assert_finished();
    assert_eq!(addenda(&world), 1);
}

#[test]
fn an_answer_with_the_token_of_a_copy_survives_a_crash_anywhere() {
    for function in ["SendCopies", "ServeWeb", "ParseMail"] {
        for process in 0..4 {
            for after_calls in 1.. {
                let world = World::with_customer(10);
                let id = offered(&world, BY_MAIL);
                world.crash_later(function, process, after_calls);
                world.answer_by_mail(&id, "承諾します。");
                come_to_an_end(&world);
                let token = world.dispatch(&id).and_then(|stored| stored.copy_token);
                let token = token.expect("she got a copy").token;
                let form = world.form_call(token.as_str(), Choice::Text, "追伸です。");
                // A browser tries again; the page may have died after the recording.
                for _ in 0..3 {
                    world.call_soon(form.clone());
                    world.pass(5);
                }
                let old = world.token_of(&id);
                let page = world.form_call(old.as_str(), Choice::Text, "別人です。");
                world.call_soon(page);
                come_to_an_end(&world);
                if world.crashes() == 0 {
                    break;
                }
                let place = format!("{function} {process} died after {after_calls}");
                world.assert_finished();
                assert_eq!(addenda(&world), 1, "{place}");
                let expected = [
                    AnswerStanding::Recipient,
                    AnswerStanding::Recipient,
                    AnswerStanding::Unauthenticated,
                ];
                assert_eq!(standings(&world, &id), expected, "{place}");
            }
        }
    }
}

fn come_to_an_end(world: &World) {
    world.settle();
    while world.redrive() > 0 {
        world.settle();
    }
}

#[test]
fn nobody_gets_a_copy_or_a_token_of_one_when_nobody_answered_p_052() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_MAIL);
    world.pass(THIRTY_DAYS + 120);
    world.settle();
    world.assert_finished();
    assert_eq!(outcome(&world, &id), "no_response");
    assert_eq!(
        world.dispatch(&id).and_then(|stored| stored.copy_token),
        None
    );
}
