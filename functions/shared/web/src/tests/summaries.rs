//! The list of the certificates of a mail to many.

use bytes::Bytes;
use domain::SummaryToken;
use domain::limits::UNKNOWN_LINKS_MAX;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{Method, Request};

use super::world::{PDF, SUMMARY_BITS, World};
use super::{get, html, send, text};

fn list() -> String {
    format!("/l/abc/{}", SummaryToken::new(SUMMARY_BITS).as_str())
}

#[test]
fn the_list_names_each_recipient_with_outcome_serial_and_digest_i_061() {
    insta::assert_snapshot!(text(&get(&World::summarized(), &list())));
    let world = World::summarized();
    world.lock().contract.certificate = None;
    let page = html(&get(&world, &list()));
    assert!(!page.contains(".pdf") && page.contains("K7Q2-000123"));
}

#[test]
fn the_list_opens_by_its_own_link_alone() {
    let another = SummaryToken::new(SUMMARY_BITS + 1);
    for (method, path, status) in [
        (Method::GET, list(), 200),
        (Method::HEAD, list(), 200),
        (Method::GET, format!("{}/1", list()), 200),
        (Method::GET, format!("{}/0", list()), 404),
        (Method::GET, format!("{}/2", list()), 404),
        (Method::GET, format!("/l/abc/{}", another.as_str()), 404),
        (Method::GET, format!("/l/abc/{}/1", another.as_str()), 404),
        (Method::GET, list().replace("abc", "abd"), 404),
        (Method::GET, "/l/abc/guess".to_owned(), 404),
        (Method::POST, list(), 405),
        (Method::POST, format!("{}/1", list()), 405),
    ] {
        let request = Request::builder().method(method.clone()).uri(&path);
        let response = send(&World::summarized(), request.body(Bytes::new()).unwrap());
        assert_eq!(response.status().as_u16(), status, "{method} {path}");
    }
    // A submission whose certificates are mailed one by one has no list.
    assert_eq!(get(&World::completed(), &list()).status().as_u16(), 404);
}

#[test]
fn a_certificate_of_the_list_is_saved_byte_for_byte_i_054() {
    let response = get(&World::summarized(), &format!("{}/1", list()));
    assert_eq!(response.headers()[CONTENT_TYPE], "application/pdf");
    let disposition = response.headers()[CONTENT_DISPOSITION].to_str().unwrap();
    assert!(disposition.starts_with("attachment; filename=\"K7Q2-000123.pdf\""));
    assert_eq!(response.body().as_ref(), PDF);
    let world = World::summarized();
    world.lock().contract.certificate = None;
    assert_eq!(get(&world, &format!("{}/1", list())).status().as_u16(), 404);
}

#[test]
fn whoever_guesses_lists_is_counted_like_those_who_guess_offers() {
    let world = World::summarized();
    let guess = format!("/l/abc/{}", SummaryToken::new(1).as_str());
    for _ in 0..UNKNOWN_LINKS_MAX {
        assert_eq!(get(&world, &guess).status().as_u16(), 404);
    }
    assert_eq!(get(&world, &guess).status().as_u16(), 429);
    assert_eq!(get(&world, &list()).status().as_u16(), 200);
}
