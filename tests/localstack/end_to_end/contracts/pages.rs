//! The pages behind links, through the function URL of `serve-web`.

use domain::limits::UNKNOWN_LINKS_MAX;
use localstack::{Browser, Sender, fresh_mobile};

use super::{certificate_text, find};

/// Sends an offer to an address and a number; returns its id, the number and the link in the SMS.
fn offered(sender: &Sender) -> (String, String, String) {
    let mobile = fresh_mobile();
    let recipient = format!("hanako+{}@recipient.test", mobile.trim_start_matches('+'));
    let letter = sender
        .contract(&format!("{recipient} {mobile} 業務委託契約"))
        .with_attachments(&[("terms.pdf", "application/pdf", b"%PDF-1.4 terms")]);
    let id = format!("{}-01", sender.world.post(&letter).message_id());
    let link = sender.world.sms(&mobile, 1).link().to_owned();
    let _ = sender.seen_event(&id, "sms_confirmed");
    let _ = sender.seen_event(&id, "delivered");
    (id, mobile, link)
}

#[test]
fn a_link_scanner_changes_nothing_and_a_form_answers_once_x_9() {
    let sender = Sender::with_points(1);
    let world = sender.world;
    let (id, _, link) = offered(&sender);
    let before = sender.dispatches();
    let scanner = Browser::new(world);
    for _ in 0..3 {
        let page = scanner.get(&link);
        assert_eq!(page.status, 200);
        assert!(page.html().contains("甲は乙に本件を委託する。"));
        assert_eq!(page.field("cache-control"), Some("no-store"));
        assert_eq!(page.field("set-cookie"), None);
        let head = scanner.head(&link);
        assert_eq!((head.status, head.body.len()), (200, 0));
        let file = scanner.get(&format!("{link}/files/1"));
        assert_eq!((file.status, &file.body[..]), (200, &b"%PDF-1.4 terms"[..]));
        let copy = scanner.get(&link.replace("/o/", "/c/"));
        assert_eq!(copy.status, 404, "there is no certificate yet");
    }
    assert_eq!(sender.dispatches(), before);
    assert_eq!(sender.points(), (0, 1));

    let person = Browser::new(world);
    let form = [
        ("choice", "agree"),
        ("text", "条件のとおり\r\nお受けします。"),
    ];
    let asked = person.post(&link, &form);
    assert!(
        asked.html().contains("まだ記録されていません"),
        "{}",
        asked.html()
    );
    assert_eq!(sender.dispatches(), before, "one tap records nothing");
    let first = person.answer(&link, &form);
    assert_eq!(first.status, 200);
    assert!(first.html().contains("回答を記録しました"));
    // Sent again by somebody else, before the end and after it.
    let replayed = Browser::new(world).answer(&link, &form);
    assert_eq!(replayed.html(), first.html());
    let dispatch = sender.ended_dispatches(1).remove(0);
    assert_eq!(
        Browser::new(world).answer(&link, &form).html(),
        first.html()
    );
    let other = person.answer(&link, &[("choice", "decline"), ("text", "")]);
    assert!(other.html().contains("is not certified as your answer"));

    let certificate = certificate_text(&sender, &dispatch);
    let source = person.source.to_string();
    for said in ["同意する", "条件のとおりお受けします。", &source] {
        assert!(certificate.contains(said), "{said}: {certificate}");
    }
    let dispatches = sender.dispatches();
    let answers = find(&dispatches, &id).answers();
    let choices = answers.iter();
    let choices = choices.map(|(answer, is_late)| (answer.choice.as_deref(), *is_late));
    let expected = [(Some("agree"), false), (Some("decline"), true)];
    assert!(choices.eq(expected), "{answers:?}");
    assert_eq!(
        dispatches[0].certificate_sha256,
        dispatch.certificate_sha256
    );
    assert_eq!(
        (sender.points(), sender.ledger_lines("posted")),
        ((0, 0), 1)
    );
}

#[test]
fn a_browser_answers_whatever_it_says_about_the_origin_of_the_form() {
    let sender = Sender::with_points(2);
    let origins = ["null", "the page's own"];
    let ids = origins.map(|origin| {
        let (id, _, link) = offered(&sender);
        let end = link.find("/o/").expect("a link to an offer");
        let own = link.get(..end).expect("where the page is");
        let origin = if origin == "null" { origin } else { own };
        let form = [("choice", "agree"), ("text", "")];
        let page = Browser::new(sender.world).answer_from(origin, &link, &form);
        assert_eq!(page.status, 200, "{origin}");
        assert!(page.html().contains("回答を記録しました"), "{origin}");
        // As on AWS, where nobody asked for such fields.
        let mut fields = page.fields.iter().map(|(name, _)| name);
        assert!(!fields.any(|name| name.starts_with("access-control-")));
        id
    });
    let dispatches = sender.ended_dispatches(ids.len());
    for id in ids {
        let outcome = find(&dispatches, &id).outcome.as_deref();
        assert_eq!(outcome, Some("answered"));
    }
}

#[test]
fn every_button_is_quoted_and_none_is_interpreted_p_024() {
    let sender = Sender::with_points(2);
    let answers = [
        ("decline", "", "同意しない"),
        ("text", "条件を相談したい", "条件を相談したい"),
    ];
    let offers = answers.map(|(choice, text, said)| {
        let (id, _, link) = offered(&sender);
        sender.world.answer_by_link(&link, choice, text);
        (id, said)
    });
    let dispatches = sender.ended_dispatches(offers.len());
    for (id, said) in offers {
        let dispatch = find(&dispatches, &id);
        assert_eq!(dispatch.outcome.as_deref(), Some("answered"), "{said}");
        assert!(certificate_text(&sender, dispatch).contains(said), "{said}");
    }
}

#[test]
fn what_is_no_answer_is_told_so_and_not_recorded() {
    let sender = Sender::with_points(1);
    let (_, _, link) = offered(&sender);
    let browser = Browser::new(sender.world);
    let long = "長".repeat(2_001);
    for (form, status) in [
        (&[("choice", "maybe")][..], 400),
        (&[], 400),
        (&[("choice", "text"), ("text", " ")], 422),
        (&[("choice", "agree"), ("text", &long)], 422),
    ] {
        assert_eq!(browser.post(&link, form).status, status, "{form:?}");
    }
    assert!(sender.dispatches()[0].answers().is_empty());
}

#[test]
fn who_guesses_links_is_stopped_and_nobody_else_is() {
    let sender = Sender::with_points(1);
    let (_, _, link) = offered(&sender);
    let (start, token) = link.rsplit_once('/').expect("a path");
    let guesser = Browser::new(sender.world);
    let guess = |number: u32| {
        let token: String = token.chars().rev().collect();
        let kinds = [format!("{start}/{token}"), format!("{start}/guess{number}")];
        kinds[usize::try_from(number % 2).expect("0 or 1")].clone()
    };
    for number in 0..UNKNOWN_LINKS_MAX {
        assert_eq!(guesser.get(&guess(number)).status, 404, "{number}");
    }
    let stopped = guesser.get(&guess(1));
    assert_eq!(stopped.status, 429);
    let seconds = stopped.field("retry-after").map(str::parse::<u32>);
    assert!(matches!(seconds, Some(Ok(1..=3_600))), "{seconds:?}");
    let form = [("choice", "agree"), ("text", "")];
    assert_eq!(guesser.post(&guess(0), &form).status, 429);
    assert_eq!(Browser::new(sender.world).get(&guess(0)).status, 404);
    // Whoever has a link may use it, behind whatever address.
    assert_eq!(guesser.get(&link).status, 200);
    assert!(sender.dispatches()[0].answers().is_empty());
}

#[test]
fn who_has_only_a_number_gets_the_original_for_a_code_x_10() {
    let sender = Sender::with_points(1);
    let world = sender.world;
    let mobile = fresh_mobile();
    let _ = sender.offer(&format!("{mobile} 業務委託契約"));
    world.answer_by_sms(&mobile_with_offer(&sender, &mobile), "承諾します。");
    let dispatch = sender.ended_dispatches(1).remove(0);
    let link = world.sms(&mobile, 2).link().to_owned();
    assert!(link.contains("/c/"), "{link}");

    let browser = Browser::new(world);
    assert_eq!(browser.get(&link).status, 200);
    let ask = format!("{link}/code");
    let wrong = browser.post(&ask, &[("number", "080-9999-9999")]);
    assert_eq!(world.phone(&mobile).len(), 2, "a visit sends no code");
    let typed = mobile.replace("+81", "0");
    let right = browser.post(&ask, &[("number", &typed)]);
    assert_eq!((right.status, right.html()), (200, wrong.html()), "C-012");
    let sms = world.sms(&mobile, 3).text;
    let digits: String = sms.chars().filter(char::is_ascii_digit).collect();
    let code = digits.get(..6).expect("six digits");
    let other = if code == "000000" { "000001" } else { "000000" };
    assert_eq!(browser.post(&link, &[("code", other)]).status, 403);
    let file = browser.post(&link, &[("code", code)]);
    assert_eq!(file.status, 200);
    assert_eq!(file.field("content-type"), Some("application/pdf"));
    assert!(file.body == sender.original(&dispatch), "the same bytes");
}

#[test]
fn a_link_says_so_when_the_mail_of_its_offer_is_kept_no_longer() {
    let sender = Sender::with_points(1);
    let world = sender.world;
    let (id, _, link) = offered(&sender);
    world.answer_by_link(&link, "agree", "");
    let _ = sender.ended_dispatches(1);
    let _ = world.contract_transitions(&id);
    let (mail, _) = id.rsplit_once('-').expect("two parts");
    world.delete_object(world.output("InboundBucket"), &format!("raw/{mail}"));
    let browser = Browser::new(world);
    let page = browser.get(&link);
    assert_eq!(page.status, 200);
    assert!(page.html().contains("保存期間を過ぎた"), "{}", page.html());
    assert!(!page.html().contains("甲は乙に本件を委託する。"));
    assert_eq!(browser.get(&format!("{link}/files/1")).status, 404);
}

/// The number, once it has the offer.
fn mobile_with_offer(sender: &Sender, mobile: &str) -> String {
    let _ = sender.world.sms(mobile, 1);
    mobile.to_owned()
}
