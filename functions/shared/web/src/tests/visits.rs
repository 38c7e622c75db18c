//! What a visit does, and what it does not.

use bytes::Bytes;
use domain::limits::{
    CODE_LIFETIME_SECONDS, CODE_TRIES_MAX, CODES_MAX, FORM_SIZE_BYTES_MAX, UNKNOWN_LINKS_MAX,
    WEB_FILE_BYTES_MAX, WEB_FILES_LISTED_MAX, WEB_RESPONSE_BYTES_MAX,
};
use domain::{Answer, AnswerRoad, AnswerStanding, Event, EventKind, Outcome, SeenBy};
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION,
    REFERRER_POLICY, RETRY_AFTER, SET_COOKIE, STRICT_TRANSPORT_SECURITY, USER_AGENT,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{Method, Request, StatusCode};
use jiff::SignedDuration;
use proptest::prelude::*;

use super::world::{NUMBER, PDF, World};
use super::{copy_token, get, html, post, run, send, text, token};
use crate::{Door, ORIGIN_SECRET_HEADER, UrlAnswer, UrlEvent};

const CODE: &str = "123456";

fn offer() -> String {
    format!("/o/{}", token())
}

fn copy() -> String {
    format!("/c/{}", copy_token())
}

#[test]
fn each_path_and_method_has_its_status() {
    let (offer, copy) = (offer(), copy());
    let unknown = "/o/aaaaaaaaaaaaaaaaaaaaaaaaaa".to_owned();
    for (method, path, status) in [
        (Method::GET, offer.clone(), 200),
        (Method::HEAD, offer.clone(), 200),
        (Method::GET, format!("{offer}/files/1"), 200),
        (Method::GET, format!("{offer}/files/0"), 404),
        (Method::GET, format!("{offer}/files/2"), 404),
        (Method::POST, format!("{offer}/files/1"), 405),
        (Method::DELETE, offer.clone(), 405),
        (Method::OPTIONS, offer.clone(), 405),
        (Method::POST, offer.clone(), 415),
        (Method::GET, unknown.clone(), 404),
        (Method::GET, "/o/guess".to_owned(), 404),
        (Method::GET, copy.clone(), 404),
        (Method::GET, "/".to_owned(), 404),
        (Method::GET, "/robots.txt".to_owned(), 200),
    ] {
        let request = Request::builder().method(method.clone()).uri(&path);
        let response = send(&World::new(), request.body(Bytes::new()).unwrap());
        assert_eq!(response.status().as_u16(), status, "{method} {path}");
        assert_eq!(method == Method::HEAD, response.body().is_empty());
        assert_eq!(status == 405, response.headers().contains_key(ALLOW));
    }
    let completed = World::completed();
    assert_eq!(get(&completed, &copy).status(), StatusCode::OK);
    assert_eq!(
        get(&completed, &format!("{copy}/code")).status(),
        StatusCode::OK
    );
}

#[test]
fn every_response_keeps_its_address_secret_and_runs_nothing() {
    for path in [offer(), format!("{}/files/1", offer()), "/x".to_owned()] {
        let response = get(&World::new(), &path);
        let header = |name| response.headers()[&name].to_str().unwrap().to_owned();
        assert_eq!(header(CACHE_CONTROL), "no-store");
        assert_eq!(header(REFERRER_POLICY), "no-referrer");
        assert_eq!(header(X_CONTENT_TYPE_OPTIONS), "nosniff");
        assert_eq!(header(STRICT_TRANSPORT_SECURITY), "max-age=63072000");
        assert!(header(CONTENT_SECURITY_POLICY).starts_with("default-src 'none'"));
        assert!(
            response.headers()["x-robots-tag"]
                .to_str()
                .unwrap()
                .contains("noindex")
        );
        for absent in [SET_COOKIE, LOCATION] {
            assert!(!response.headers().contains_key(absent));
        }
    }
    assert!(!html(&get(&World::new(), &offer())).contains("<script"));
}

#[test]
fn an_attachment_is_saved_and_never_shown() {
    let response = get(&World::new(), &format!("{}/files/1", offer()));
    assert_eq!(response.headers()[CONTENT_TYPE], "application/octet-stream");
    let disposition = response.headers()[CONTENT_DISPOSITION].to_str().unwrap();
    assert!(disposition.starts_with("attachment; filename=\"terms.pdf\""));
    assert_eq!(response.body().as_ref(), b"%PDF");
}

#[test]
fn an_answer_is_recorded_as_it_was_given_and_once_p_024() {
    let world = World::new();
    let form = "choice=decline&text=%E3%81%84%E3%81%84%E3%81%88%0D%0Ano";
    let request = Request::post(offer())
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(USER_AGENT, "x".repeat(1_000));
    let first = send(&world, request.body(Bytes::from(form)).unwrap());
    assert_eq!(first.status(), StatusCode::OK);
    world.lock().now += SignedDuration::from_mins(5);
    let second = post(&world, &offer(), form);
    assert_eq!(html(&first), html(&second));
    let state = world.lock();
    let [event] = state.events.as_slice() else {
        panic!("{:?}", state.events);
    };
    let EventKind::AnswerReceived(answer) = &event.kind else {
        panic!("{event:?}");
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
        ("decline", super::SOURCE, SeenBy::WebServer)
    );
    assert_eq!(user_agent.len(), 512);
    assert_eq!(state.contract.progress.outcome(), Some(Outcome::Answered));
}

#[test]
fn an_answer_after_the_first_is_a_supplement() {
    let world = World::new();
    assert!(!text(&post(&world, &offer(), "choice=agree&text=")).contains("supplement"));
    assert!(text(&get(&world, &offer())).contains("An answer is recorded."));
    let world = World::completed();
    let second = post(&world, &copy_link(), "choice=text&text=wait");
    assert!(text(&second).contains("recorded as a supplement"));
    assert_eq!(standings(&world), [AnswerStanding::Recipient]);
}

#[test]
fn the_link_of_a_settled_offer_shows_what_is_so_and_how_to_answer_now_q_31() {
    let world = World::completed();
    let page = get(&world, &offer());
    assert_eq!(page.status(), StatusCode::OK);
    for said in [
        "takes no answer any more",
        "How to answer now",
        "もう回答できません",
        "今から回答するには",
    ] {
        assert!(text(&page).contains(said), "{said}: {}", text(&page));
    }
    assert!(!html(&page).contains("<form"), "{}", html(&page));
    // A form that was open since before is taken, and not as the recipient's.
    let taken = post(&world, &offer(), "choice=agree&text=I+am+she");
    assert!(text(&taken).contains("Not recorded as your answer"));
    assert!(!text(&taken).contains("Your answer is recorded"));
    assert_eq!(standings(&world), [AnswerStanding::Unauthenticated]);
    assert_eq!(world.lock().contract.progress.answers_taken, 1);
}

#[test]
fn the_link_of_a_copy_takes_one_answer_q_31() {
    let world = World::completed();
    let form = "choice=text&text=wait";
    assert!(html(&get(&world, &copy_link())).contains("<form"));
    let first = post(&world, &copy_link(), form);
    // The same form again is the same answer.
    assert_eq!(html(&first), html(&post(&world, &copy_link(), form)));
    let page = get(&world, &copy_link());
    assert!(text(&page).contains("was used up by your last answer"));
    assert!(!html(&page).contains("<form"), "{}", html(&page));
    let second = post(&world, &copy_link(), "choice=agree&text=");
    assert!(text(&second).contains("Not recorded as your answer"));
    let expected = [AnswerStanding::Recipient, AnswerStanding::Unauthenticated];
    assert_eq!(standings(&world), expected);
}

#[test]
fn what_is_sent_through_one_link_takes_nothing_from_another_q_31() {
    let world = World::completed();
    let form = "choice=decline&text=";
    post(&world, &offer(), form);
    let theirs = post(&world, &copy_link(), form);
    assert!(text(&theirs).contains("Your answer is recorded"));
    let expected = [AnswerStanding::Unauthenticated, AnswerStanding::Recipient];
    assert_eq!(standings(&world), expected);
}

fn copy_link() -> String {
    format!("/o/{}", copy_token())
}

fn standings(world: &World) -> Vec<AnswerStanding> {
    let events = world.lock().events.clone();
    let standings = events.iter().filter_map(|event| {
        let EventKind::AnswerReceived(answer) = &event.kind else {
            return None;
        };
        Some(answer.standing)
    });
    standings.collect()
}

#[test]
fn what_is_no_answer_is_not_recorded() {
    let too_long = format!("choice=text&text={}", "a".repeat(2_001));
    let too_large = format!("choice=text&text={}", "a".repeat(FORM_SIZE_BYTES_MAX));
    for (form, status) in [
        ("", 400),
        ("choice=maybe&text=x", 400),
        ("choice=agree&choice=decline", 400),
        ("choice=text&text=+%0D%0A", 422),
        (too_long.as_str(), 422),
        (too_large.as_str(), 413),
    ] {
        let world = World::new();
        let response = post(&world, &offer(), form);
        assert_eq!(response.status().as_u16(), status, "{form:.40}");
        assert!(world.lock().events.is_empty());
    }
    let longest = format!("choice=text&text={}", "%F0%A0%AE%B7".repeat(2_000));
    assert_eq!(
        post(&World::new(), &offer(), &longest).status(),
        StatusCode::OK
    );
}

#[test]
fn links_that_open_nothing_look_alike_and_are_counted() {
    let world = World::new();
    let pages: Vec<String> = ["/o/guess", "/o/aaaaaaaaaaaaaaaaaaaaaaaaaa", &copy()]
        .into_iter()
        .map(|path| html(&get(&world, path)))
        .collect();
    assert!(pages.iter().all(|page| *page == pages[0]));
    for _ in pages.len()..usize::try_from(UNKNOWN_LINKS_MAX).unwrap() {
        assert_eq!(get(&world, "/c/guess").status(), StatusCode::NOT_FOUND);
    }
    let refused = get(&world, "/o/guess");
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()[RETRY_AFTER], "3600");
    // Whoever was given a link still gets in, from behind the same address.
    assert_eq!(get(&world, &offer()).status(), StatusCode::OK);
}

#[test]
fn a_code_opens_the_certificate_byte_by_byte_x_10() {
    let world = World::completed();
    let sent = post(
        &world,
        &format!("{}/code", copy()),
        "number=%EF%BC%90%EF%BC%99%EF%BC%90-1234-5678",
    );
    assert_eq!(sent.status(), StatusCode::OK);
    {
        let state = world.lock();
        assert_eq!(state.sent[0].to.as_str(), NUMBER);
        assert!(state.sent[0].text.contains(CODE));
        assert!(!format!("{:?}", state.code).contains(CODE));
    }
    let wrong = post(&world, &copy(), "code=000000");
    assert_eq!(wrong.status(), StatusCode::FORBIDDEN);
    let pdf = post(&world, &copy(), "code=%EF%BC%91%EF%BC%92%EF%BC%93+456");
    assert_eq!(pdf.status(), StatusCode::OK);
    assert_eq!(pdf.headers()[CONTENT_TYPE], "application/pdf");
    assert_eq!(pdf.body().as_ref(), PDF);
}

#[test]
fn a_code_is_worth_nothing_after_five_tries_or_ten_minutes() {
    let world = World::completed();
    let code = format!("{}/code", copy());
    post(&world, &code, "number=09012345678");
    for _ in 0..CODE_TRIES_MAX {
        assert_eq!(
            post(&world, &copy(), "code=1").status(),
            StatusCode::FORBIDDEN
        );
        assert_eq!(
            post(&world, &copy(), "code=000000").status(),
            StatusCode::FORBIDDEN
        );
    }
    assert_eq!(
        post(&world, &copy(), "code=123456").status(),
        StatusCode::FORBIDDEN
    );
    post(&world, &code, "number=09012345678");
    world.lock().now += SignedDuration::from_secs(CODE_LIFETIME_SECONDS);
    assert_eq!(
        post(&world, &copy(), "code=123456").status(),
        StatusCode::FORBIDDEN
    );
}

#[test]
fn another_number_gets_the_same_page_and_no_sms_c_012() {
    let world = World::completed();
    let code = format!("{}/code", copy());
    let right = html(&post(&world, &code, "number=09012345678"));
    for other in ["number=09000000000", "number=x", "number=", ""] {
        let world = World::completed();
        assert_eq!(html(&post(&world, &code, other)), right);
        assert!(world.lock().sent.is_empty());
    }
}

#[test]
fn three_codes_are_sent_within_an_hour() {
    let world = World::completed();
    let code = format!("{}/code", copy());
    for _ in 0..CODES_MAX {
        assert_eq!(
            post(&world, &code, "number=09012345678").status(),
            StatusCode::OK
        );
    }
    let refused = post(&world, &code, "number=09012345678");
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()[RETRY_AFTER], "3600");
    assert_eq!(world.lock().sent.len(), CODES_MAX);
}

#[test]
fn a_certificate_that_is_not_the_recorded_one_is_not_handed_out_i_054() {
    let world = World::completed();
    post(&world, &format!("{}/code", copy()), "number=09012345678");
    world.lock().pdf = Bytes::from_static(b"%PDF-1.7 another");
    let response = post(&world, &copy(), "code=123456");
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
}

#[test]
fn what_is_missing_or_too_large_is_told() {
    let world = World::new();
    world.lock().raw = None;
    assert!(text(&get(&world, &offer())).contains("is over"));
    let head = "From: a@b.test\r\nContent-Type: application/zip\r\n\r\n";
    world.lock().raw = Some(Bytes::from(
        head.to_owned() + &"a".repeat(WEB_FILE_BYTES_MAX + 1),
    ));
    let large = get(&world, &format!("{}/files/1", offer()));
    assert_eq!(large.status(), StatusCode::INSUFFICIENT_STORAGE);
    world.lock().is_down = true;
    let down = get(&world, &offer());
    assert_eq!(down.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(down.headers().contains_key(RETRY_AFTER));
}

fn answers(events: &[Event]) -> impl Iterator<Item = &Answer> {
    events.iter().filter_map(|event| {
        if let EventKind::AnswerReceived(answer) = &event.kind {
            Some(answer)
        } else {
            None
        }
    })
}

/// A request as Lambda hands it over.
fn url_event(method: &str, path: &str, headers: serde_json::Value) -> UrlEvent {
    let event = serde_json::json!({
        "rawPath": path,
        "headers": headers,
        "body": "choice=agree",
        "requestContext": { "http": { "method": method, "sourceIp": super::SOURCE } },
    });
    serde_json::from_value(event).unwrap()
}

fn json_of(answer: &UrlAnswer) -> serde_json::Value {
    serde_json::to_value(answer).unwrap()
}

#[test]
fn behind_a_cdn_the_recorded_address_is_the_visitors_and_nobody_goes_past_it() {
    const SECRET: &str = "0123456789abcdef0123456789abcdef";
    let form = "application/x-www-form-urlencoded";
    let viewer = "2001:db8::7:46532";
    for (headers, status) in [
        (serde_json::json!({ "content-type": form }), 403),
        (
            serde_json::json!({ "content-type": form, "cloudfront-viewer-address": viewer }),
            403,
        ),
        (
            serde_json::json!({ "content-type": form, ORIGIN_SECRET_HEADER: SECRET }),
            503,
        ),
        (
            serde_json::json!({
                "content-type": form,
                ORIGIN_SECRET_HEADER: SECRET,
                "cloudfront-viewer-address": viewer,
            }),
            200,
        ),
    ] {
        for (method, path) in [("POST", offer()), ("GET", copy()), ("GET", offer())] {
            let world = World::completed();
            let site = world.site_behind(Door::BehindCdn(SECRET.parse().unwrap()));
            let answer = run(site.serve(&url_event(method, &path, headers.clone())));
            let answer = json_of(&answer);
            assert_eq!(answer["statusCode"], status, "{method} {path} {headers}");
            let body = answer["body"].as_str().unwrap();
            let is_told =
                body.contains("届いたメール又はSMS") && body.contains("Please open the link");
            assert_eq!(is_told, status == 403);
            let state = world.lock();
            let roads: Vec<_> = answers(&state.events).map(|answer| &answer.road).collect();
            if (method, status) != ("POST", 200) {
                assert!(roads.is_empty() && state.uses.is_empty());
                continue;
            }
            let [
                AnswerRoad::Link {
                    source_ip, seen_by, ..
                },
            ] = roads.as_slice()
            else {
                panic!("{roads:?}");
            };
            assert_eq!((source_ip.as_str(), *seen_by), ("2001:db8::7", SeenBy::Cdn));
        }
    }
}

#[test]
fn behind_a_cdn_each_visitor_is_counted_alone() {
    const SECRET: &str = "0123456789abcdef0123456789abcdef";
    let world = World::new();
    let visit = |viewer: &str| {
        let site = world.site_behind(Door::BehindCdn(SECRET.parse().unwrap()));
        let headers = serde_json::json!({
            ORIGIN_SECRET_HEADER: SECRET,
            "cloudfront-viewer-address": viewer,
        });
        let path = "/o/aaaaaaaaaaaaaaaaaaaaaaaaaa";
        json_of(&run(site.serve(&url_event("GET", path, headers))))["statusCode"].clone()
    };
    for _ in 0..UNKNOWN_LINKS_MAX {
        assert_eq!(visit("198.51.100.1:1"), 404);
    }
    assert_eq!(visit("198.51.100.1:2"), 429);
    assert_eq!(visit("198.51.100.2:1"), 404);
}

/// An offer whose text is `unit`, again and again, with so many attachments.
fn long_offer(unit: &str, text_bytes: usize, files: usize) -> Bytes {
    let mut mail = String::from(
        "From: a@b.test\r\nSubject: x\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n",
    );
    let line = unit.repeat(60 / unit.len().max(1));
    while mail.len() < text_bytes {
        mail.push_str(&line);
        mail.push_str("\r\n");
    }
    for number in 0..files {
        let name = "<&\u{1}".repeat(80);
        mail.push_str("--b\r\nContent-Type: application/x\r\nContent-Disposition: attachment; ");
        mail.push_str(&format!("filename=\"{number}{name}\"\r\n\r\nx\r\n"));
    }
    mail.push_str("--b--\r\n");
    Bytes::from(mail)
}

fn response_bytes(answer: &UrlAnswer) -> usize {
    serde_json::to_vec(answer).unwrap().len()
}

#[test]
fn a_long_offer_is_cut_with_a_link_to_the_whole() {
    let world = World::new();
    world.lock().raw = Some(long_offer("<&", 4_000_000, 300));
    let page = run(world
        .site()
        .serve(&url_event("GET", &offer(), serde_json::json!({}))));
    assert!(response_bytes(&page) <= WEB_RESPONSE_BYTES_MAX);
    let body = json_of(&page)["body"].as_str().unwrap().to_owned();
    assert!(body.contains("全文をご確認ください") && body.contains("read the whole"));
    assert!(body.contains(&format!("{}/text", offer())));
    assert!(body.contains(&format!("lists {WEB_FILES_LISTED_MAX} of 300")));
    let whole = get(&world, &format!("{}/text", offer()));
    assert_eq!(whole.status(), StatusCode::OK);
    assert!(
        whole.headers()[CONTENT_DISPOSITION]
            .to_str()
            .unwrap()
            .contains("K7Q2-000123.txt")
    );
    assert!(whole.body().len() > 3_900_000);
    assert!(whole.body().starts_with(b"<&<&<&"));
    let short = get(&World::new(), &offer());
    assert!(
        !html(&short).contains(&format!("{}/text\"", offer())),
        "what is whole needs no link"
    );
    let guessed = get(&world, "/o/aaaaaaaaaaaaaaaaaaaaaaaaaa/text");
    assert_eq!(guessed.status(), StatusCode::NOT_FOUND);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn a_page_is_never_larger_than_a_response_may_be(
        unit in "[<>&\"'\u{1}\u{7f}\u{85}\u{202e}\\\\あa]{1,4}",
        text_bytes in 0_usize..2_000_000,
        files in 0_usize..400,
        subject in "[<&\"]{0,4000}",
    ) {
        let world = World::new();
        {
            let mut state = world.lock();
            state.raw = Some(long_offer(&unit, text_bytes, files));
            state.subject = subject.repeat(1_000);
        }
        for path in [offer(), format!("{}/text", offer()), format!("{}/files/1", offer())] {
            let site = world.site();
            let answer = run(site.serve(&url_event("GET", &path, serde_json::json!({}))));
            prop_assert!(response_bytes(&answer) <= WEB_RESPONSE_BYTES_MAX);
            // The page itself is never given up: the guard behind it has nothing to do.
            let is_page = path == offer();
            prop_assert!(!is_page || json_of(&answer)["statusCode"] == 200);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn visits_change_nothing_and_nothing_panics_x_9(
        path in "(/|/[oc]/|/o/[a-z2-7]{26}|/[oc]/TOKEN|/[oc]/TOKEN/[a-z]{0,5}/?[0-9a-z]{0,22})",
        body in any::<Vec<u8>>(),
        method in 0_usize..4,
        content_type in "(application/x-www-form-urlencoded|[ -~]{0,20})",
    ) {
        let path = path.replace("TOKEN", &if method == 3 { copy_token() } else { token() });
        let method = [Method::GET, Method::HEAD, Method::OPTIONS, Method::POST][method].clone();
        for world in [World::new(), World::completed()] {
            let before = {
                let state = world.lock();
                (state.contract.clone(), state.events.clone())
            };
            let request = Request::builder()
                .method(method.clone())
                .uri(&path)
                .header(CONTENT_TYPE, &content_type);
            let response = send(&world, request.body(Bytes::from(body.clone())).unwrap());
            prop_assert!(response.status() != StatusCode::SERVICE_UNAVAILABLE);
            if method != Method::POST {
                let state = world.lock();
                prop_assert_eq!(before, (state.contract.clone(), state.events.clone()));
                prop_assert!(state.sent.is_empty() && state.code.is_none());
            }
        }
    }
}
