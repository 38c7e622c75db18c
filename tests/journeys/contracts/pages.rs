//! The pages behind the links of an offer and of its certificate, from the link in the message on.

use domain::limits::{CODE_TRIES_MAX, CODES_MAX};
use domain::{Choice, CopiesTo, DispatchId};
use http::Method;
use tests::World;
use tests::customer::Customer;

use super::{BY_BOTH, BY_SMS, MOBILE, answers, offered, outcome};

/// A visit, as browsers, link scanners and previews make them.
const VISITS: [Method; 2] = [Method::GET, Method::HEAD];

/// The path of the last link that an SMS brought.
fn linked_path(world: &World) -> String {
    let sms = world.sms_outbox().pop().expect("an SMS was sent").sms;
    let (_, path) = sms.text.split_once("https://akashi.test").expect("a link");
    let path = path.split_whitespace().next().expect("a path");
    path.to_owned()
}

/// The six digits that the last SMS brought.
fn code(world: &World) -> String {
    let text = world.sms_outbox().pop().expect("an SMS was sent").sms.text;
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.get(..6).expect("six digits").to_owned()
}

/// A contract by SMS that was agreed to on the page, and the path of its certificate.
fn completed(world: &World) -> (DispatchId, String) {
    let id = offered(world, BY_SMS);
    world.answer_by_link(&id, Choice::Agree, "");
    world.settle();
    world.assert_finished();
    (id, linked_path(world))
}

#[test]
fn a_visit_of_any_page_changes_nothing_and_a_form_answers_once_x_9() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_BOTH);
    let path = linked_path(&world);
    let before = (world.dispatch(&id), world.events(&id));
    for method in &VISITS {
        let page = world.visit(method, &path);
        assert_eq!(page.status, 200, "{method}");
        assert_eq!(
            page.says("甲は乙に本件を委託する。"),
            *method == Method::GET
        );
        assert_eq!(world.visit(method, &format!("{path}/files/1")).status, 404);
        assert_eq!(world.visit(method, &path.replace("/o/", "/c/")).status, 404);
    }
    assert_eq!((world.dispatch(&id), world.events(&id)), before);
    assert_eq!(outcome(&world, &id), "open");

    let form = [("choice", "text"), ("text", "条件を\r\n相談したい")];
    let asked = world.send_page_form(&path, &form);
    assert!(asked.status == 200 && asked.says("相談したい"), "{asked:?}");
    assert_eq!((world.dispatch(&id), world.events(&id)), before, "Q-23");
    for _ in 0..2 {
        let page = world.send_page_form(&format!("{path}/answer"), &form);
        assert!(page.status == 200 && page.says("相談したい"), "{page:?}");
    }
    world.settle();
    world.assert_finished();
    assert_eq!(outcome(&world, &id), "answered");
    assert_eq!(
        answers(&world, &id),
        [("条件を\n相談したい".to_owned(), false)]
    );
}

#[test]
fn who_has_only_a_number_gets_the_original_for_a_code_x_10() {
    let world = World::with_customer(10);
    let (id, path) = completed(&world);
    let ask = format!("{path}/code");
    let sent = world.sms_outbox().len();
    for method in &VISITS {
        assert_eq!(world.visit(method, &path).status, 200);
        assert_eq!(world.visit(method, &ask).status, 200);
    }
    // Whether a number is the right one is not told (C-012), but only that one gets a code.
    let wrong = world.send_page_form(&ask, &[("number", "080-9999-9999")]);
    assert_eq!(world.sms_outbox().len(), sent);
    let right = world.send_page_form(&ask, &[("number", "０９０－１２３４－５６７８")]);
    assert_eq!(right, wrong);
    let sms = world.sms_outbox().pop().expect("a code was sent").sms;
    assert_eq!(sms.to.as_str(), MOBILE);

    let code = code(&world);
    let other = if code == "000000" { "000001" } else { "000000" };
    let page = world.send_page_form(&path, &[("code", other)]);
    assert_eq!(page.status, 403);
    let file = world.send_page_form(&path, &[("code", &code)]);
    assert_eq!(file.status, 200);
    assert_eq!(Some(file.body), world.original(&id), "the same file (X-10)");
}

#[test]
fn a_code_opens_nothing_after_too_many_tries_or_too_much_time() {
    let world = World::with_customer(10);
    let (_, path) = completed(&world);
    let ask = || world.send_page_form(&format!("{path}/code"), &[("number", "09012345678")]);
    assert_eq!(ask().status, 200);
    let first = code(&world);
    for _ in 0..CODE_TRIES_MAX {
        assert_eq!(
            world.send_page_form(&path, &[("code", "999999")]).status,
            403
        );
    }
    assert_eq!(world.send_page_form(&path, &[("code", &first)]).status, 403);
    assert_eq!(ask().status, 200);
    let second = code(&world);
    world.pass(601);
    assert_eq!(
        world.send_page_form(&path, &[("code", &second)]).status,
        403
    );
    for _ in 2..CODES_MAX {
        assert_eq!(ask().status, 200);
    }
    let sent = world.sms_outbox().len();
    assert_eq!(ask().status, 429, "enough codes for an hour");
    assert_eq!(world.sms_outbox().len(), sent);
}

#[test]
fn no_code_opens_what_the_account_does_not_hand_out_p_037() {
    let world = World::with_customer(10);
    let (_, path) = completed(&world);
    world.change_account(&Customer::taro().account, |account| {
        account.settings.contracts.copies = CopiesTo::SenderOnly;
    });
    let sent = world.sms_outbox().len();
    assert_eq!(world.visit(&Method::GET, &path).status, 404);
    let asked = world.send_page_form(&format!("{path}/code"), &[("number", "09012345678")]);
    assert_eq!(asked.status, 404);
    assert_eq!(world.sms_outbox().len(), sent);
}
