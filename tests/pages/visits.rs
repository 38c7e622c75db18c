//! What a visit does, and what it does not.

use bytes::Bytes;
use domain::limits::{UNKNOWN_LINKS_MAX, WEB_FILE_BYTES_MAX};
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION,
    REFERRER_POLICY, RETRY_AFTER, SET_COOKIE, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use http::{Method, Request, StatusCode};
use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tests::Fault;

use super::{Contract, FORM, UNKNOWN, html};

#[test]
fn each_path_and_method_has_its_status() {
    let contract = Contract::open();
    let (offer, copy) = (contract.offer(), contract.copy());
    for (method, path, status) in [
        (Method::GET, offer.clone(), 200),
        (Method::HEAD, offer.clone(), 200),
        (Method::GET, format!("{offer}/files/1"), 200),
        (Method::GET, format!("{offer}/files/0"), 404),
        (Method::GET, format!("{offer}/files/2"), 404),
        (Method::GET, format!("{offer}/files/x"), 404),
        (Method::POST, format!("{offer}/files/1"), 405),
        (Method::DELETE, offer.clone(), 405),
        (Method::OPTIONS, offer.clone(), 405),
        (Method::POST, offer.clone(), 415),
        (Method::GET, format!("{offer}/answer"), 200),
        (Method::POST, format!("{offer}/answer"), 415),
        (Method::DELETE, format!("{offer}/answer"), 405),
        (Method::GET, UNKNOWN.to_owned(), 404),
        (Method::GET, "/o/guess".to_owned(), 404),
        (Method::GET, copy.clone(), 404),
        (Method::GET, "/".to_owned(), 200),
        (Method::POST, "/".to_owned(), 405),
        (Method::GET, "/x".to_owned(), 404),
        (Method::GET, "/robots.txt".to_owned(), 200),
    ] {
        let request = Request::builder().method(method.clone()).uri(&path);
        let response = contract
            .world
            .ask(&request.body(Bytes::new()).expect("a request"));
        assert_eq!(response.status().as_u16(), status, "{method} {path}");
        assert_eq!(method == Method::HEAD, response.body().is_empty());
        assert_eq!(status == 405, response.headers().contains_key(ALLOW));
    }
    let completed = Contract::completed();
    for path in [completed.copy(), completed.code_form()] {
        assert_eq!(completed.get(&path).status(), StatusCode::OK, "{path}");
    }
}

#[test]
fn every_response_keeps_its_address_secret_and_runs_nothing() {
    let contract = Contract::open();
    let offer = contract.offer();
    for path in [offer.clone(), format!("{offer}/files/1"), "/x".to_owned()] {
        let response = contract.get(&path);
        let header = |name: &str| {
            let value = response.headers().get(name).expect("it is there");
            value.to_str().expect("it is a text").to_owned()
        };
        assert_eq!(header(CACHE_CONTROL.as_str()), "no-store");
        assert_eq!(header(REFERRER_POLICY.as_str()), "no-referrer");
        assert_eq!(header(X_CONTENT_TYPE_OPTIONS.as_str()), "nosniff");
        let transport = header(STRICT_TRANSPORT_SECURITY.as_str());
        assert_eq!(transport, "max-age=63072000");
        let policy = header(CONTENT_SECURITY_POLICY.as_str());
        assert!(policy.starts_with("default-src 'none'"));
        assert!(header("x-robots-tag").contains("noindex"));
        for absent in [SET_COOKIE, LOCATION] {
            assert!(!response.headers().contains_key(absent));
        }
    }
    assert!(!html(&contract.get(&offer)).contains("<script"));
}

#[test]
fn an_attachment_is_saved_and_never_shown() {
    let contract = Contract::open();
    let response = contract.get(&format!("{}/files/1", contract.offer()));
    assert_eq!(response.headers()[CONTENT_TYPE], "application/octet-stream");
    let disposition = response.headers()[CONTENT_DISPOSITION].to_str();
    let disposition = disposition.expect("it is a text");
    assert!(disposition.starts_with("attachment; filename=\"terms.pdf\""));
    assert_eq!(response.body().as_ref(), b"%PDF");
}

#[test]
fn links_that_open_nothing_look_alike_and_are_counted() {
    let contract = Contract::open();
    let world = &contract.world;
    // At the beginning of a window, which is an hour.
    let gone = world.now().as_second().rem_euclid(3_600);
    world.skip(SignedDuration::from_secs(3_600 - gone));
    let pages: Vec<String> = ["/o/guess", UNKNOWN, &contract.copy()]
        .into_iter()
        .map(|path| html(&contract.get(path)))
        .collect();
    assert!(pages.iter().all(|page| *page == pages[0]));
    let counted = u32::try_from(pages.len()).expect("three pages");
    for _ in counted..UNKNOWN_LINKS_MAX {
        assert_eq!(contract.get("/c/guess").status(), StatusCode::NOT_FOUND);
    }
    let refused = contract.get("/o/guess");
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()[RETRY_AFTER], "3600");
    // Whoever was given a link still gets in, from behind the same address.
    assert_eq!(contract.get(&contract.offer()).status(), StatusCode::OK);
}

#[test]
fn what_is_missing_or_too_large_is_told() {
    let contract = Contract::open();
    let (world, offer) = (&contract.world, contract.offer());
    assert!(world.lose_object(&contract.raw_key()));
    assert!(contract.text(&contract.get(&offer)).contains("is over"));
    let head = "From: a@b.test\r\nContent-Type: application/zip\r\n\r\n";
    let large = head.to_owned() + &"a".repeat(WEB_FILE_BYTES_MAX + 1);
    world.put_object(&contract.raw_key(), large);
    let large = contract.get(&format!("{offer}/files/1"));
    assert_eq!(large.status(), StatusCode::INSUFFICIENT_STORAGE);
    world.break_port("find_by_answer_token", Fault::Denied);
    let down = contract.get(&offer);
    assert_eq!(down.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(down.headers().contains_key(RETRY_AFTER));
}

/// The same two worlds all the way through: what one visit left behind, the next one would see.
#[test]
fn visits_change_nothing_and_nothing_panics_x_9() {
    let contracts = [Contract::open(), Contract::completed()];
    let path = "(/|/[oc]/|/o/[a-z2-7]{26}|/[oc]/TOKEN|/[oc]/TOKEN/[a-z]{0,5}/?[0-9a-z]{0,22})";
    let content_type = "(application/x-www-form-urlencoded|[ -~]{0,20})";
    let visits = (path, any::<Vec<u8>>(), 0_usize..4, content_type);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(64));
    let check = |(path, body, method, content_type): (String, Vec<u8>, usize, String)| {
        let method = [Method::GET, Method::HEAD, Method::OPTIONS, Method::POST][method].clone();
        for contract in &contracts {
            let world = &contract.world;
            let token = match method == Method::POST {
                true => contract.copy_token(),
                false => world.token_of(&contract.id),
            };
            let path = path.replace("TOKEN", token.as_str());
            let of_world = || {
                let stored = world.dispatches();
                let sent = (world.sms_outbox().len(), world.outbox().len());
                let (codes, _) = world.kept_of_visitors();
                (stored, world.events(&contract.id), sent, codes)
            };
            let before = of_world();
            let request = Request::builder()
                .method(method.clone())
                .uri(&path)
                .header(CONTENT_TYPE, &content_type);
            let request = request.body(Bytes::from(body.clone())).expect("a request");
            let response = world.ask(&request);
            prop_assert!(response.status() != StatusCode::SERVICE_UNAVAILABLE);
            if method != Method::POST {
                prop_assert!(before == of_world(), "{method} {path}");
            }
        }
        Ok(())
    };
    let run = runner.run(&visits, check);
    assert!(run.is_ok(), "{run:?}");
    assert!(content_type.contains(FORM), "forms are among what is sent");
}
