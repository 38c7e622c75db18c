//! What comes back, and what of it is an answer (P-024, P-044).

use domain::{AnswerStanding, Choice, OfferOrder};
use tests::World;
use tests::customer::{Customer, Letter};

use super::{
    BY_BOTH, BY_MAIL, BY_SMS, HANAKO, MOBILE, answers, copies, offered, outcome, world_in,
};

/// A name, and how a letter is changed.
type Change = (&'static str, fn(Letter) -> Letter);

/// What is said of the one thing that came back.
fn standing(world: &World, id: &domain::DispatchId) -> Option<AnswerStanding> {
    world
        .events(id)
        .into_iter()
        .find_map(|event| Some(event.kind.answer()?.standing))
}

#[test]
fn an_answer_is_known_by_its_address_or_by_what_it_refers_to_p_044() {
    let contract_address = "contract@akashi.test";
    let changes: [Change; 7] = [
        ("as mailers do it", |letter| letter),
        ("without references", |letter| {
            letter.without("In-Reply-To").without("References")
        }),
        ("with a subject of its own", |letter| {
            letter.subject("承諾の件")
        }),
        ("to the visible address", |letter| {
            letter
                .to(&["contract@akashi.test"])
                .delivered_to(&["contract@akashi.test"])
        }),
        ("with References only", |letter| {
            letter
                .without("In-Reply-To")
                .to(&["contract@akashi.test"])
                .delivered_to(&["contract@akashi.test"])
        }),
        ("spelled in capitals", |letter| {
            letter.field("From", "Hanako <HANAKO@Recipient.test>")
        }),
        ("without any signature", Letter::unsigned),
    ];
    for (name, change) in changes {
        let world = World::with_customer(10);
        let id = offered(&world, BY_MAIL);
        let sent = world.offer_mail(&id);
        assert_eq!(sent.mail.from.as_str(), contract_address);
        world.receive(&change(Letter::answer(&sent, "承諾します。")));
        world.settle();
        world.assert_finished();
        assert_eq!(outcome(&world, &id), "answered", "{name}");
        assert_eq!(copies(&world), (1, 1), "{name}");
    }
}

#[test]
fn any_text_is_an_answer_and_none_is_interpreted_p_024() {
    for text in [
        "承諾します。",
        "お断りします。",
        "？",
        "契約内容を電話で確認したい",
    ] {
        let world = World::with_customer(10);
        let id = offered(&world, BY_BOTH);
        world.send_us_sms(MOBILE, text);
        world.settle();
        world.assert_finished();
        assert_eq!(outcome(&world, &id), "answered", "{text}");
        assert_eq!(answers(&world, &id), [(text.to_owned(), false)]);
        assert!(world.certificate_text(&id).contains(text), "it is quoted");
    }
}

#[test]
fn each_button_of_the_page_is_an_answer_p_024() {
    for (choice, text) in [
        (Choice::Agree, ""),
        (Choice::Decline, ""),
        (Choice::Text, "条件を相談したい"),
        (Choice::Agree, &"あ".repeat(2_000)),
    ] {
        for subject in [BY_MAIL, BY_SMS, BY_BOTH] {
            let world = World::with_customer(10);
            let id = offered(&world, subject);
            world.answer_by_link(&id, choice, text);
            world.settle();
            world.assert_finished();
            assert_eq!(outcome(&world, &id), "answered", "{choice:?} {subject}");
            assert_eq!(copies(&world), (1, 1), "{choice:?} {subject}");
        }
    }
}

#[test]
fn a_visit_of_the_page_changes_nothing_x_9() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_BOTH);
    let before = world.dispatch(&id);
    for _ in 0..3 {
        let shown = world.open_page(&world.token_of(&id));
        assert_eq!(shown, before);
    }
    assert_eq!(world.dispatch(&id), before);
    assert_eq!(answers(&world, &id), []);
}

#[test]
fn a_form_that_says_nothing_or_too_much_is_no_answer() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_BOTH);
    let token = world.token_of(&id);
    for (text, choice, expected) in [
        (String::new(), Choice::Text, "no answer"),
        (" \n　".to_owned(), Choice::Text, "no answer"),
        ("長".repeat(2_001), Choice::Text, "no answer"),
        ("長".repeat(2_001), Choice::Agree, "no answer"),
    ] {
        assert_eq!(world.send_form(token.as_str(), choice, &text), expected);
    }
    assert_eq!(outcome(&world, &id), "open");
    assert_eq!(answers(&world, &id), []);
}

#[test]
fn a_guessed_link_opens_nothing() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_BOTH);
    let guess = domain::AnswerToken::new(u128::MAX / 3);
    assert_eq!(world.open_page(&guess), None);
    let page = world.send_form(guess.as_str(), Choice::Agree, "");
    assert_eq!(page, "unknown token");
    let cut = world
        .token_of(&id)
        .as_str()
        .get(1..)
        .expect("26 letters")
        .to_owned();
    assert_eq!(world.send_form(&cut, Choice::Agree, ""), "no form");
    assert_eq!(answers(&world, &id), []);
}

#[test]
fn a_form_that_is_sent_again_is_one_answer() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_BOTH);
    let token = world.token_of(&id);
    for _ in 0..3 {
        let page = world.send_form(token.as_str(), Choice::Agree, "承諾します。");
        assert_eq!(page, "recorded");
        world.pass(5);
    }
    // Another button later is another answer, and comes second.
    world.send_form(token.as_str(), Choice::Decline, "");
    world.settle();
    world.assert_finished();
    assert_eq!(outcome(&world, &id), "answered");
    let told = [("承諾します。".to_owned(), false), (String::new(), true)];
    assert_eq!(answers(&world, &id), told);
}

#[test]
fn what_no_person_wrote_is_an_event_and_no_answer_q_13() {
    let changes: [Change; 6] = [
        ("a vacation reply", |letter| {
            letter.field("Auto-Submitted", "auto-replied")
        }),
        ("a vacation reply that says so in its subject", |letter| {
            letter
                .subject("自動応答: 契約の件")
                .field("X-Auto-Response-Suppress", "OOF")
        }),
        ("a vacation reply of a hosting provider", |letter| {
            letter.field("X-Autoresponder", "will not send another reply")
        }),
        ("a null return path", |letter| letter.returned_to("")),
        ("bulk mail", |letter| letter.field("Precedence", "bulk")),
        ("a report of a server", |letter| {
            let kind = "multipart/report; report-type=delivery-status; boundary=b1";
            letter
                .field("Content-Type", kind)
                .without("Content-Transfer-Encoding")
                .returned_to("")
                .body("--b1\r\nContent-Type: text/plain\r\n\r\nNot delivered.\r\n--b1--\r\n")
        }),
    ];
    for (name, change) in changes {
        let world = World::with_customer(10);
        let id = offered(&world, BY_MAIL);
        world.receive(&change(Letter::answer(
            &world.offer_mail(&id),
            "不在です。",
        )));
        world.pass(60);
        assert_eq!(outcome(&world, &id), "open", "{name}");
        let said = standing(&world, &id);
        assert!(
            matches!(said, Some(AnswerStanding::Automatic(_))),
            "{name}: {said:?}"
        );
        world.answer_by_mail(&id, "承諾します。");
        world.settle();
        world.assert_finished();
        assert_eq!(outcome(&world, &id), "answered", "{name}");
        assert_eq!(answers(&world, &id).len(), 2, "{name}");
    }
}

#[test]
fn a_person_whose_mailer_asks_for_no_automatic_replies_answers_p_024() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_MAIL);
    let letter = Letter::answer(&world.offer_mail(&id), "承諾します。");
    world.receive(&letter.field("X-Auto-Response-Suppress", "All"));
    world.settle();
    world.assert_finished();
    assert_eq!(outcome(&world, &id), "answered");
}

#[test]
fn a_reply_without_a_word_or_a_file_is_an_event_and_no_answer_q_23() {
    for text in ["", "\r\n\r\n", "> 申込み\r\n> 条件", "-- \r\n"] {
        let world = World::with_customer(10);
        let id = offered(&world, BY_MAIL);
        world.answer_by_mail(&id, text);
        world.pass(60);
        assert_eq!(outcome(&world, &id), "open", "{text:?}");
        assert_eq!(
            standing(&world, &id),
            Some(AnswerStanding::Empty),
            "{text:?}"
        );
        world.answer_by_mail(&id, "承諾します。");
        world.settle();
        world.assert_finished();
        assert_eq!(outcome(&world, &id), "answered", "{text:?}");
    }
}

/// What came is not silence, and its words are kept.
#[test]
fn a_certificate_of_no_response_says_what_else_came_and_quotes_it_q_23() {
    let away: Change = ("An automatic reply did arrive", |letter| {
        letter.field("Auto-Submitted", "auto-replied")
    });
    let stranger: Change = ("A reply from another address did arrive", |letter| {
        letter.written_by("jiro@elsewhere.test")
    });
    for (words, change) in [away, stranger] {
        let world = World::with_customer(10);
        let id = offered(&world, BY_MAIL);
        let letter = Letter::answer(&world.offer_mail(&id), "三月九日まで不在です。");
        world.receive(&change(letter));
        world.settle();
        world.assert_finished();
        assert_eq!(outcome(&world, &id), "no_response");
        let text = world.certificate_text(&id);
        for expected in [words, "三月九日まで不在です。"] {
            assert!(text.contains(expected), "{expected}: {text}");
        }
    }
}

#[test]
fn an_answer_of_somebody_else_is_shown_and_settles_nothing() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_MAIL);
    let letter = Letter::answer(&world.offer_mail(&id), "代わりに承諾します。");
    world.receive(&letter.written_by("jiro@elsewhere.test"));
    world.settle();
    world.assert_finished();
    assert_eq!(outcome(&world, &id), "no_response");
    assert_eq!(standing(&world, &id), Some(AnswerStanding::AnotherAddress));
    let text = world.certificate_text(&id);
    assert!(text.contains("jiro@elsewhere.test"), "{text}");
    assert_eq!(copies(&world), (1, 0));
}

#[test]
fn a_mail_without_one_sender_answers_nothing() {
    for from in ["hanako@recipient.test, jiro@elsewhere.test", "no address"] {
        let world = World::with_customer(10);
        let id = offered(&world, BY_MAIL);
        let letter = Letter::answer(&world.offer_mail(&id), "承諾します。");
        world.receive(&letter.field("From", from));
        world.settle();
        world.assert_finished();
        assert_eq!(outcome(&world, &id), "no_response", "{from}");
        assert_eq!(
            standing(&world, &id),
            Some(AnswerStanding::AnotherAddress),
            "{from}"
        );
    }
}

#[test]
fn a_mail_with_a_wrong_token_and_no_reference_leaves_no_trace() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_MAIL);
    let guess = format!("{}@a.akashi.test", domain::AnswerToken::new(9).as_str());
    for address in [
        guess.as_str(),
        "guess@a.akashi.test",
        "contract@akashi.test",
    ] {
        let letter = Letter::answer(&world.offer_mail(&id), "承諾します。")
            .without("In-Reply-To")
            .without("References")
            .delivered_to(&[address]);
        world.receive(&letter);
    }
    world.pass(600);
    assert_eq!(answers(&world, &id), []);
    assert_eq!((world.failures(), world.dead_letters()), (vec![], vec![]));
    assert_eq!(outcome(&world, &id), "open");
}

#[test]
fn a_mail_that_refers_to_a_registered_mail_answers_no_contract() {
    let world = World::with_customer(10);
    let mail = super::super::hanako_gets_a_letter(&world);
    let sent = world.offer_mail(&mail);
    let own = {
        let parsed = mail::ParsedMail::parse(&sent.mail.raw);
        parsed.message_id().expect("ours have one")
    };
    let theirs = format!("<{}@ap-northeast-1.amazonses.com>", sent.message_id);
    let forged = format!("<{mail}.offer@akashi.test>");
    for reference in [own, theirs, forged] {
        let letter = Letter::from(&Customer::new("ZZZZ", HANAKO))
            .without("Cc")
            .field("In-Reply-To", &reference)
            .field("References", &reference)
            .delivered_to(&["contract@akashi.test"]);
        world.receive(&letter);
    }
    world.settle();
    world.assert_finished();
    assert_eq!(answers(&world, &mail), []);
}

#[test]
fn malware_in_an_answer_is_told_and_not_passed_on() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_MAIL);
    let letter = Letter::answer(&world.offer_mail(&id), "EICAR");
    world.receive(&letter.verdicts("FAIL", "PASS"));
    world.settle();
    world.assert_finished();
    assert_eq!(outcome(&world, &id), "no_response");
    assert_eq!(standing(&world, &id), Some(AnswerStanding::Malware));
    assert_eq!(answers(&world, &id), [(String::new(), false)]);
    assert!(!world.certificate_text(&id).contains("EICAR"));
}

#[test]
fn a_small_answer_and_a_large_one_are_answers() {
    for bytes in [10_000, 6_000_000] {
        let world = World::with_customer(10);
        let id = offered(&world, BY_MAIL);
        let letter = Letter::answer(&world.offer_mail(&id), "承諾します。").of_size(bytes);
        world.receive(&letter);
        world.settle();
        world.assert_finished();
        assert_eq!(outcome(&world, &id), "answered", "{bytes}");
        let kept = answers(&world, &id);
        let (text, _) = kept.first().expect("it was kept");
        assert!(text.starts_with("承諾します。"), "{bytes}");
        assert!(
            text.len() <= domain::limits::ANSWER_TEXT_BYTES_MAX,
            "{bytes}"
        );
        // The large one is certified by its digest: with all of it, nobody could be sent a copy.
        let is_told = world
            .certificate_text(&id)
            .contains("not embedded: it is larger than 5 MiB");
        assert_eq!(is_told, bytes > 5 * 1_048_576, "{bytes}");
        let certificate = world.original(&id).expect("it is certified");
        assert!(certificate.len() < 3_000_000, "{}", certificate.len());
    }
}

#[test]
fn an_sms_of_a_stranger_is_ignored() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_BOTH);
    world.send_us_sms("+819099999999", "承諾します。");
    world.pass(60);
    assert_eq!((world.failures(), world.dead_letters()), (vec![], vec![]));
    assert_eq!(answers(&world, &id), []);
    assert_eq!(outcome(&world, &id), "open");
}

#[test]
fn an_sms_answers_the_latest_offer_that_is_open_p_044() {
    let world = World::with_customer(10);
    let first = offered(&world, BY_SMS);
    let second = offered(&world, BY_BOTH);
    for (text, answered) in [("二番目", &second), ("一番目", &first)] {
        world.send_us_sms(MOBILE, text);
        world.pass(60);
        assert_eq!(outcome(&world, answered), "answered", "{text}");
        assert_eq!(answers(&world, answered), [(text.to_owned(), false)]);
    }
    world.send_us_sms(MOBILE, "もう一度");
    world.settle();
    world.assert_finished();
    assert_eq!(
        answers(&world, &second).len(),
        2,
        "none is open: the latest keeps it"
    );
    assert_eq!(answers(&world, &first).len(), 1);
}

#[test]
fn an_sms_that_comes_twice_answers_one_offer() {
    let world = World::with_customer(10);
    let first = offered(&world, BY_SMS);
    let second = offered(&world, BY_SMS);
    let call = world.sms_call(MOBILE, "承諾します。");
    for _ in 0..2 {
        world.call_soon(call.clone());
        world.pass(60);
    }
    // Nor does it answer an offer that was made after it.
    let third = offered(&world, BY_SMS);
    world.call_soon(call);
    world.pass(60);
    world.assert_sound();
    assert_eq!(outcome(&world, &second), "answered");
    assert_eq!(
        (outcome(&world, &first), outcome(&world, &third)),
        ("open", "open")
    );
}

#[test]
fn an_answer_that_ses_tells_twice_is_one_answer() {
    for order in OfferOrder::ALL {
        let world = world_in(order);
        let id = offered(&world, BY_BOTH);
        let letter = Letter::answer(&world.offer_mail(&id), "承諾します。");
        let inbound = world.receive(&letter);
        world.pass(5);
        world.repeat_receipt(&letter, &inbound);
        world.settle();
        world.assert_finished();
        assert_eq!(answers(&world, &id), [("承諾します。".to_owned(), false)]);
    }
}
