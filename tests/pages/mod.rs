//! The pages behind links, as a browser, a link scanner or a stranger asks the real site for them.

mod answers;
mod behind_cdn;
mod codes;
mod comparing;
mod sizes;
mod summaries;
mod visits;
mod words;

use bytes::Bytes;
use domain::{AnswerStanding, AnswerToken, Choice, DispatchId, Origin, SubmissionId};
use http::header::CONTENT_TYPE;
use http::{Request, Response, StatusCode};
use letters::links::Page;
use tests::World;
use tests::customer::Letter;

/// Hanako's mobile number.
const MOBILE: &str = "+819012345678";

/// The type of what a browser sends with a form.
const FORM: &str = "application/x-www-form-urlencoded";

/// A path that nobody was given.
const UNKNOWN: &str = "/o/aaaaaaaaaaaaaaaaaaaaaaaaaa";

/// A contract that was offered to Hanako by mail and SMS, with an attachment.
struct Contract {
    world: World,
    id: DispatchId,
}

impl Contract {
    /// Open: nobody has answered.
    fn open() -> Self {
        Self::with_subject("注文書 2026-01")
    }

    fn with_subject(subject: &str) -> Self {
        let world = World::with_customer(10);
        let letter = Letter::contract(&format!("hanako@recipient.test 090-1234-5678 {subject}"))
            .body("注文書\r\n\r\n数量 10, price 1,000 yen.\r\n")
            .with_attachments(&[("terms.pdf", "application/pdf", b"%PDF")]);
        let submission = SubmissionId::of_mail(&world.receive(&letter));
        let id = DispatchId::of_recipient(&submission, 0);
        world.pass(60);
        Self { world, id }
    }

    /// The same, agreed to and certified.
    fn completed() -> Self {
        let contract = Self::open();
        let world = &contract.world;
        world.answer_by_link(&contract.id, Choice::Agree, "");
        world.settle();
        world.assert_finished();
        assert_eq!(contract.standings(), [AnswerStanding::Recipient]);
        contract
    }

    /// The path of the offer.
    fn offer(&self) -> String {
        Page::Offer.path(&self.world.token_of(&self.id))
    }

    /// The token of the recipient's copy; one that nobody was given, while there is none.
    fn copy_token(&self) -> AnswerToken {
        let stored = self.world.dispatch(&self.id).expect("it was accepted");
        let copy = stored.copy_token.map(|copy| copy.token);
        copy.unwrap_or_else(|| AnswerToken::new(0x0fed_cba9_8765_4321))
    }

    /// The path of the certificate.
    fn copy(&self) -> String {
        Page::Copy.path(&self.copy_token())
    }

    /// The path of the form that asks for a code.
    fn code_form(&self) -> String {
        Page::CopyCode.path(&self.copy_token())
    }

    /// The path on which the holder of the copy can answer.
    fn copy_answer(&self) -> String {
        Page::Offer.path(&self.copy_token())
    }

    /// Where the mail of the offer is kept.
    fn raw_key(&self) -> String {
        let stored = self.world.dispatch(&self.id).expect("it was accepted");
        let Origin::Mail { inbound, .. } = stored.dispatch.origin;
        format!("raw/{inbound}")
    }

    fn get(&self, path: &str) -> Response<Bytes> {
        let request = Request::get(path).body(Bytes::new());
        self.world.ask(&request.expect("a request"))
    }

    /// Somebody presses a button of the page of an offer, and confirms it on the next page.
    fn answer(&self, offer: &str, form: &str) -> Response<Bytes> {
        let before = self.world.events(&self.id);
        let asked = self.post(offer, form);
        assert_eq!(asked.status(), StatusCode::OK, "{}", html(&asked));
        assert_eq!(
            self.world.events(&self.id),
            before,
            "asking records nothing"
        );
        self.post(&format!("{offer}/answer"), form)
    }

    fn post(&self, path: &str, form: &str) -> Response<Bytes> {
        let request = Request::post(path).header(CONTENT_TYPE, FORM);
        let request = request.body(Bytes::from(form.to_owned()));
        self.world.ask(&request.expect("a request"))
    }

    /// For whose each answer was taken, in their order.
    fn standings(&self) -> Vec<AnswerStanding> {
        let events = self.world.events(&self.id).into_iter();
        let standings = events.filter_map(|event| Some(event.kind.answer()?.standing));
        standings.collect()
    }

    /// What a page says: its text, one line for each element that stands alone. The style sheet and
    /// the attributes are left out.
    fn text(&self, response: &Response<Bytes>) -> String {
        let html = html(response);
        let (head, rest) = html.split_once("<style>").expect("a page has a style");
        let (_, rest) = rest.split_once("</style>").expect("a style ends");
        let mut text = String::new();
        let mut tag = None;
        for c in head.chars().chain(rest.chars()) {
            match (c, &mut tag) {
                ('<', _) => tag = Some(String::new()),
                ('>', Some(name)) => {
                    let name = name.trim_start_matches('/').split(' ').next();
                    let stands_in_line = ["span", "bdi", "strong", "a", "time"];
                    if !stands_in_line.contains(&name.unwrap_or_default()) {
                        text.push('\n');
                    }
                    tag = None;
                }
                (c, Some(name)) => name.push(c),
                (c, None) => text.push(c),
            }
        }
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        let token = self.world.token_of(&self.id);
        lines.join("\n").replace(token.as_str(), "[token]")
    }
}

fn html(response: &Response<Bytes>) -> String {
    String::from_utf8(response.body().to_vec()).expect("a page is UTF-8")
}
