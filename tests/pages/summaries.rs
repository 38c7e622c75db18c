//! The list of the certificates of a mail to many.

use bytes::Bytes;
use domain::limits::{COPIES_EACH_MAX, UNKNOWN_LINKS_MAX};
use domain::{SubmissionId, SummaryToken};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{Method, Request, Response};
use letters::links::{ListPage, SummaryKey};
use tests::World;
use tests::customer::{Customer, Letter};
use workflow::ports::StoredIntake;

use super::html;

/// A mail to one recipient more than get their certificates one by one.
struct Many {
    world: World,
    key: SummaryKey,
}

impl Many {
    /// Certified, but for what the world does not settle.
    fn certified() -> Self {
        let world = World::with_customer(100);
        let to: Vec<String> = (0..=COPIES_EACH_MAX)
            .map(|number| format!("r{number}@recipient.test"))
            .collect();
        let to: Vec<&str> = to.iter().map(String::as_str).collect();
        let inbound = world.receive(&Letter::from(&Customer::taro()).to(&to));
        world.settle();
        let Some(StoredIntake::Accepted { summary, .. }) = world.intake(&inbound) else {
            panic!("it is not accepted");
        };
        let key = SummaryKey {
            id: SubmissionId::of_mail(&inbound),
            token: summary.expect("its sender gets a summary"),
        };
        Self { world, key }
    }

    fn with_token(&self, token: SummaryToken) -> SummaryKey {
        let id = self.key.id.clone();
        SummaryKey { id, token }
    }

    fn ask(&self, method: Method, path: &str) -> Response<Bytes> {
        let request = Request::builder().method(method).uri(path);
        self.world
            .ask(&request.body(Bytes::new()).expect("a request"))
    }

    fn get(&self, path: &str) -> Response<Bytes> {
        self.ask(Method::GET, path)
    }
}

#[test]
fn the_list_names_each_recipient_with_outcome_serial_digest_and_file_i_061() {
    let many = Many::certified();
    let page = html(&many.get(&ListPage::All.path(&many.key)));
    let ids = many.key.id.dispatches(COPIES_EACH_MAX + 1);
    for (id, number) in ids.zip(1..) {
        let stored = many.world.dispatch(&id).expect("it was accepted");
        let certificate = stored.certificate.expect("it is certified");
        for expected in [
            format!("r{}@recipient.test", number - 1),
            certificate.digest.to_string(),
            format!("{}.pdf", stored.dispatch.serial),
            ListPage::One(number).path(&many.key),
        ] {
            assert!(page.contains(&expected), "{expected}");
        }
    }
    assert!(page.contains("The recipient's mail server took the mail over"));
}

#[test]
fn the_list_opens_by_its_own_link_alone() {
    let many = Many::certified();
    let (list, last) = (ListPage::All.path(&many.key), COPIES_EACH_MAX + 1);
    let one = |number: usize| ListPage::One(number).path(&many.key);
    let another = many.with_token(SummaryToken::new(1));
    let id = many.key.id.to_string();
    for (method, path, status) in [
        (Method::GET, list.clone(), 200),
        (Method::HEAD, list.clone(), 200),
        (Method::GET, one(1), 200),
        (Method::GET, one(last), 200),
        (Method::GET, one(0), 404),
        (Method::GET, one(last + 1), 404),
        (Method::GET, ListPage::All.path(&another), 404),
        (Method::GET, ListPage::One(1).path(&another), 404),
        (Method::GET, list.replace(&id, "abd"), 404),
        (Method::GET, format!("/l/{id}/guess"), 404),
        (Method::POST, list.clone(), 405),
        (Method::POST, one(1), 405),
    ] {
        let response = many.ask(method.clone(), &path);
        assert_eq!(response.status().as_u16(), status, "{method} {path}");
    }
}

#[test]
fn a_submission_whose_certificates_are_mailed_one_by_one_has_no_list() {
    let world = World::with_customer(10);
    let inbound = world.receive(&Letter::from(&Customer::taro()));
    world.settle();
    let key = SummaryKey {
        id: SubmissionId::of_mail(&inbound),
        token: SummaryToken::new(1),
    };
    let request = Request::get(ListPage::All.path(&key)).body(Bytes::new());
    let response = world.ask(&request.expect("a request"));
    assert_eq!(response.status().as_u16(), 404);
}

#[test]
fn a_certificate_of_the_list_is_saved_byte_for_byte_i_054() {
    let many = Many::certified();
    let id = many.key.id.dispatches(1).next().expect("one");
    let serial = many.world.dispatch(&id).expect("there").dispatch.serial;
    let response = many.get(&ListPage::One(1).path(&many.key));
    assert_eq!(response.headers()[CONTENT_TYPE], "application/pdf");
    let disposition = response.headers()[CONTENT_DISPOSITION].to_str();
    let expected = format!("attachment; filename=\"{serial}.pdf\"");
    assert!(disposition.expect("text").starts_with(&expected));
    let original = many.world.original(&id).expect("it is stored");
    assert!(response.body() == &original, "the original's bytes");
}

#[test]
fn whoever_guesses_lists_is_counted_like_those_who_guess_offers() {
    let many = Many::certified();
    let guess = ListPage::All.path(&many.with_token(SummaryToken::new(1)));
    for _ in 0..UNKNOWN_LINKS_MAX {
        assert_eq!(many.get(&guess).status().as_u16(), 404);
    }
    assert_eq!(many.get(&guess).status().as_u16(), 429);
    let list = ListPage::All.path(&many.key);
    assert_eq!(many.get(&list).status().as_u16(), 200);
}
