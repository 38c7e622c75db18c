//! The pages behind a CDN, which says who visits and proves that it is the operator's.

use domain::limits::UNKNOWN_LINKS_MAX;
use domain::{Answer, AnswerRoad, SeenBy};
use serde_json::{Value, json};
use tests::SOURCE;
use web::{Door, ORIGIN_SECRET_HEADER, UrlAnswer, UrlEvent};

use super::{Contract, FORM, UNKNOWN};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// A request as Lambda hands it over.
pub(super) fn url_event(method: &str, path: &str, headers: &Value) -> UrlEvent {
    let event = json!({
        "rawPath": path,
        "headers": headers,
        "body": "choice=decline",
        "requestContext": { "http": { "method": method, "sourceIp": SOURCE } },
    });
    serde_json::from_value(event).expect("an event of a function URL")
}

pub(super) fn json_of(answer: &UrlAnswer) -> Value {
    serde_json::to_value(answer).expect("an answer has a JSON form")
}

fn behind_cdn() -> Door {
    Door::BehindCdn(SECRET.parse().expect("a secret"))
}

fn answers(contract: &Contract) -> Vec<Answer> {
    let events = contract.world.events(&contract.id).into_iter();
    let answers = events.filter_map(|event| event.kind.answer().cloned());
    answers.collect()
}

#[test]
fn behind_a_cdn_the_recorded_address_is_the_visitors_and_nobody_goes_past_it() {
    let viewer = "2001:db8::7:46532";
    for (headers, status) in [
        (json!({ "content-type": FORM }), 403),
        (
            json!({ "content-type": FORM, "cloudfront-viewer-address": viewer }),
            403,
        ),
        (
            json!({ "content-type": FORM, ORIGIN_SECRET_HEADER: SECRET }),
            503,
        ),
        (
            json!({
                "content-type": FORM,
                ORIGIN_SECRET_HEADER: SECRET,
                "cloudfront-viewer-address": viewer,
            }),
            200,
        ),
    ] {
        let contract = Contract::completed();
        let world = &contract.world;
        let before = answers(&contract).len();
        let visits = [
            ("GET", contract.copy()),
            ("GET", contract.offer()),
            ("POST", format!("{}/answer", contract.offer())),
        ];
        for (method, path) in visits {
            let answer = world.serve(behind_cdn(), &url_event(method, &path, &headers));
            let answer = json_of(&answer);
            assert_eq!(answer["statusCode"], status, "{method} {path} {headers}");
            let body = answer["body"].as_str().expect("a page");
            let is_told =
                body.contains("届いたメール又はSMS") && body.contains("Please open the link");
            assert_eq!(is_told, status == 403);
            let answers = answers(&contract);
            let new = answers.get(before..).unwrap_or_default();
            if (method, status) != ("POST", 200) {
                assert!(new.is_empty() && world.kept_of_visitors().1 == 0);
                continue;
            }
            let [
                Answer {
                    road:
                        AnswerRoad::Link {
                            source_ip, seen_by, ..
                        },
                    ..
                },
            ] = new
            else {
                panic!("{new:?}");
            };
            assert_eq!((source_ip.as_str(), *seen_by), ("2001:db8::7", SeenBy::Cdn));
        }
    }
}

#[test]
fn behind_a_cdn_each_visitor_is_counted_alone() {
    let contract = Contract::open();
    let visit = |viewer: &str| {
        let headers = json!({
            ORIGIN_SECRET_HEADER: SECRET,
            "cloudfront-viewer-address": viewer,
        });
        let event = url_event("GET", UNKNOWN, &headers);
        json_of(&contract.world.serve(behind_cdn(), &event))["statusCode"].clone()
    };
    for _ in 0..UNKNOWN_LINKS_MAX {
        assert_eq!(visit("198.51.100.1:1"), 404);
    }
    assert_eq!(visit("198.51.100.1:2"), 429);
    assert_eq!(visit("198.51.100.2:1"), 404);
}
