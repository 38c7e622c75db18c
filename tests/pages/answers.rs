//! What a form answers, and for whom it counts.

use bytes::Bytes;
use domain::limits::FORM_SIZE_BYTES_MAX;
use domain::{AnswerRoad, AnswerStanding, Named, Outcome, SeenBy};
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{Request, StatusCode};
use jiff::SignedDuration;
use tests::SOURCE;

use super::{Contract, FORM, html};

#[test]
fn an_answer_is_recorded_as_it_was_given_and_once_p_024() {
    let contract = Contract::open();
    let (world, offer) = (&contract.world, contract.offer());
    let form = "choice=decline&text=%E3%81%84%E3%81%84%E3%81%88%0D%0Ano";
    let request = Request::post(format!("{offer}/answer"))
        .header(CONTENT_TYPE, FORM)
        .header(USER_AGENT, "x".repeat(1_000));
    let first = world.ask(&request.body(Bytes::from(form)).expect("a request"));
    assert_eq!(first.status(), StatusCode::OK);
    world.skip(SignedDuration::from_mins(5));
    let second = contract.answer(&offer, form);
    assert_eq!(html(&first), html(&second));
    let events = world.events(&contract.id);
    let given: Vec<_> = events
        .iter()
        .filter_map(|event| event.kind.answer())
        .collect();
    let [answer] = given.as_slice() else {
        panic!("{given:?}");
    };
    assert_eq!(answer.text, "いいえ\nno");
    let AnswerRoad::Link {
        choice,
        source_ip,
        seen_by,
        user_agent,
    } = &answer.road
    else {
        panic!("{answer:?}");
    };
    assert_eq!(
        (choice.name(), source_ip.as_str(), *seen_by),
        ("decline", SOURCE, SeenBy::WebServer)
    );
    assert_eq!(user_agent.len(), 512);
    let stored = world.dispatch(&contract.id).expect("it was accepted");
    assert_eq!(stored.progress.outcome(), Some(Outcome::Answered));
}

#[test]
fn an_answer_after_the_first_is_an_addendum() {
    let open = Contract::open();
    let first = open.answer(&open.offer(), "choice=agree&text=");
    assert!(!open.text(&first).contains("addendum"));
    let page = open.get(&open.offer());
    assert!(open.text(&page).contains("An answer is recorded."));
    let completed = Contract::completed();
    let second = completed.answer(&completed.copy_answer(), "choice=text&text=wait");
    assert!(completed.text(&second).contains("recorded as an addendum"));
    assert_eq!(completed.standings(), [AnswerStanding::Recipient; 2]);
}

#[test]
fn the_link_of_a_settled_offer_shows_what_is_so_and_how_to_answer_now_q_31() {
    let contract = Contract::completed();
    let page = contract.get(&contract.offer());
    assert_eq!(page.status(), StatusCode::OK);
    let text = contract.text(&page);
    for said in [
        "takes no answer any more",
        "How to answer now",
        "もう回答できません",
        "今から回答するには",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(!html(&page).contains("<form"), "{}", html(&page));
    // A form that was open since before is taken, and not as the recipient's.
    let taken = contract.answer(&contract.offer(), "choice=agree&text=I+am+she");
    let taken = contract.text(&taken);
    assert!(taken.contains("Not recorded as your answer"));
    assert!(!taken.contains("Your answer is recorded"));
    let expected = [AnswerStanding::Recipient, AnswerStanding::Unauthenticated];
    assert_eq!(contract.standings(), expected);
    let stored = contract.world.dispatch(&contract.id);
    let stored = stored.expect("it was accepted");
    assert_eq!(stored.progress.answers_taken, 1);
}

#[test]
fn the_link_of_a_copy_takes_one_answer_q_31() {
    let contract = Contract::completed();
    let link = contract.copy_answer();
    let form = "choice=text&text=wait";
    assert!(html(&contract.get(&link)).contains("<form"));
    let first = contract.answer(&link, form);
    // The same form again is the same answer.
    assert_eq!(html(&first), html(&contract.answer(&link, form)));
    let page = contract.get(&link);
    let text = contract.text(&page);
    assert!(text.contains("was used up by your last answer"));
    assert!(!html(&page).contains("<form"), "{}", html(&page));
    let second = contract.answer(&link, "choice=agree&text=");
    assert!(
        contract
            .text(&second)
            .contains("Not recorded as your answer")
    );
    let expected = [
        AnswerStanding::Recipient,
        AnswerStanding::Recipient,
        AnswerStanding::Unauthenticated,
    ];
    assert_eq!(contract.standings(), expected);
}

#[test]
fn what_is_sent_through_one_link_takes_nothing_from_another_q_31() {
    let contract = Contract::completed();
    let form = "choice=decline&text=";
    contract.answer(&contract.offer(), form);
    let theirs = contract.answer(&contract.copy_answer(), form);
    assert!(contract.text(&theirs).contains("Your answer is recorded"));
    let expected = [
        AnswerStanding::Recipient,
        AnswerStanding::Unauthenticated,
        AnswerStanding::Recipient,
    ];
    assert_eq!(contract.standings(), expected);
}

#[test]
fn an_answer_is_asked_once_more_before_it_is_recorded_q_23() {
    let contract = Contract::open();
    let offer = contract.offer();
    let form = "choice=agree&text=%3Cb%3E%22%0D%0A%E3%81%AF%E3%81%84";
    let asked = contract.post(&offer, form);
    let text = contract.text(&asked);
    for said in [
        "まだ記録されていません",
        "同意する I agree",
        "手続きは終わります",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let page = html(&asked);
    let action = format!("action=\"{offer}/answer\"");
    for held in [
        action.as_str(),
        "name=\"choice\" value=\"agree\"",
        "name=\"text\" value=\"&lt;b&gt;&quot;\nはい\"",
    ] {
        assert!(page.contains(held), "{held}: {page}");
    }
    assert!(contract.standings().is_empty(), "nothing is recorded yet");

    // Who goes back finds what they wrote.
    let back = contract.post(&offer, &format!("{form}&back=1"));
    assert!(html(&back).contains("\n&lt;b&gt;&quot;\nはい</textarea>"));
    let loaded_again = contract.get(&format!("{offer}/answer"));
    assert!(html(&loaded_again).contains("<textarea"));
    assert!(contract.standings().is_empty(), "nor by going back");

    // A double click, and a page that was kept open.
    for _ in 0..2 {
        let taken = contract.post(&format!("{offer}/answer"), form);
        assert!(contract.text(&taken).contains("Your answer is recorded"));
    }
    assert_eq!(contract.standings(), [AnswerStanding::Recipient]);
    let late = contract.post(&offer, form);
    let text = contract.text(&late);
    assert!(text.contains("How to answer now"), "{text}");
    assert_eq!(contract.standings(), [AnswerStanding::Recipient]);
}

#[test]
fn what_is_no_answer_is_not_recorded() {
    let too_long = format!("choice=text&text={}", "a".repeat(2_001));
    let too_large = format!("choice=text&text={}", "a".repeat(FORM_SIZE_BYTES_MAX));
    let contract = Contract::open();
    let before = contract.world.events(&contract.id);
    for (form, status) in [
        ("", 400),
        ("choice=maybe&text=x", 400),
        ("choice=agree&choice=decline", 400),
        ("choice=text&text=+%0D%0A", 422),
        (too_long.as_str(), 422),
        (too_large.as_str(), 413),
    ] {
        for path in [contract.offer(), format!("{}/answer", contract.offer())] {
            let response = contract.post(&path, form);
            assert_eq!(response.status().as_u16(), status, "{path} {form:.40}");
            assert_eq!(contract.world.events(&contract.id), before);
        }
    }
    let longest = format!("choice=text&text={}", "%F0%A0%AE%B7".repeat(2_000));
    let taken = contract.answer(&contract.offer(), &longest);
    assert_eq!(taken.status(), StatusCode::OK);
}
