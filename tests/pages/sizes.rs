//! A page is bounded, an offer hardly.

use bytes::Bytes;
use domain::limits::{WEB_FILES_LISTED_MAX, WEB_RESPONSE_BYTES_MAX};
use http::StatusCode;
use http::header::CONTENT_DISPOSITION;
use proptest::prelude::*;
use serde_json::json;
use web::{Door, UrlAnswer};

use super::behind_cdn::{json_of, url_event};
use super::{Contract, UNKNOWN, html};

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
    serde_json::to_vec(answer)
        .expect("an answer has a JSON form")
        .len()
}

#[test]
fn a_long_offer_is_cut_with_a_link_to_the_whole() {
    let contract = Contract::open();
    let (world, offer) = (&contract.world, contract.offer());
    let link = format!("{offer}/text");
    let short = html(&contract.get(&offer));
    assert!(
        !short.contains(&format!("{link}\"")),
        "what is whole needs no link"
    );
    world.put_object(&contract.raw_key(), long_offer("<&", 4_000_000, 300));
    let page = world.serve(Door::Open, &url_event("GET", &offer, &json!({})));
    assert!(response_bytes(&page) <= WEB_RESPONSE_BYTES_MAX);
    let page = json_of(&page);
    let body = page["body"].as_str().expect("a page");
    assert!(body.contains("全文をご確認ください") && body.contains("read the whole"));
    assert!(body.contains(&link));
    assert!(body.contains(&format!("lists {WEB_FILES_LISTED_MAX} of 300")));
    let whole = contract.get(&link);
    assert_eq!(whole.status(), StatusCode::OK);
    let disposition = whole.headers()[CONTENT_DISPOSITION].to_str();
    let stored = world.dispatch(&contract.id).expect("it was accepted");
    let name = format!("{}.txt", stored.dispatch.serial);
    assert!(disposition.is_ok_and(|disposition| disposition.contains(&name)));
    assert!(whole.body().len() > 3_900_000);
    assert!(whole.body().starts_with(b"<&<&<&"));
    let guessed = contract.get(&format!("{UNKNOWN}/text"));
    assert_eq!(guessed.status(), StatusCode::NOT_FOUND);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn a_page_is_never_larger_than_a_response_may_be(
        unit in "[<>&\"'\u{1}\u{7f}\u{85}\u{202e}\\\\あa]{1,4}",
        text_bytes in 0_usize..2_000_000,
        files in 0_usize..400,
        subject in "[<&\"]{1,4000}",
    ) {
        let contract = Contract::with_subject(&subject.repeat(10));
        let (world, offer) = (&contract.world, contract.offer());
        world.put_object(&contract.raw_key(), long_offer(&unit, text_bytes, files));
        for path in [offer.clone(), format!("{offer}/text"), format!("{offer}/files/1")] {
            let answer = world.serve(Door::Open, &url_event("GET", &path, &json!({})));
            prop_assert!(response_bytes(&answer) <= WEB_RESPONSE_BYTES_MAX);
            // The page itself is never given up: the guard behind it has nothing to do.
            prop_assert!(path != offer || json_of(&answer)["statusCode"] == 200);
        }
    }
}
