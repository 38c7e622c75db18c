//! The certificate of a recipient who proves the number of the offer by a code.

use domain::limits::{CODE_LIFETIME_SECONDS, CODE_TRIES_MAX, CODES_MAX};
use http::StatusCode;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use jiff::SignedDuration;

use super::{Contract, MOBILE, html};

const NUMBER: &str = "number=09012345678";

impl Contract {
    /// Asks for a code, and reads it from the SMS.
    fn code(&self) -> String {
        let asked = self.post(&self.code_form(), NUMBER);
        assert_eq!(asked.status(), StatusCode::OK);
        let text = self
            .world
            .sms_outbox()
            .pop()
            .expect("an SMS was sent")
            .sms
            .text;
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        digits.get(..6).expect("six digits").to_owned()
    }
}

/// Another one than this code.
fn other_than(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

#[test]
fn a_code_opens_the_certificate_byte_by_byte_x_10() {
    let contract = Contract::completed();
    let sent = contract.post(
        &contract.code_form(),
        "number=%EF%BC%90%EF%BC%99%EF%BC%90-1234-5678",
    );
    assert_eq!(sent.status(), StatusCode::OK);
    let sms = contract
        .world
        .sms_outbox()
        .pop()
        .expect("an SMS was sent")
        .sms;
    assert_eq!(sms.to.as_str(), MOBILE);
    let code = contract.code();
    let (kept, _) = contract.world.kept_of_visitors();
    assert!(!kept.is_empty() && !format!("{kept:?}").contains(&code));
    let wrong = contract.post(&contract.copy(), &format!("code={}", other_than(&code)));
    assert_eq!(wrong.status(), StatusCode::FORBIDDEN);
    // As a Japanese keyboard writes it, with a space.
    let (first, last) = code.split_at(3);
    let wide: String = first
        .bytes()
        .map(|digit| format!("%EF%BC%{:X}", 0x90 + digit - b'0'))
        .collect();
    let pdf = contract.post(&contract.copy(), &format!("code={wide}+{last}"));
    assert_eq!(pdf.status(), StatusCode::OK);
    assert_eq!(pdf.headers()[CONTENT_TYPE], "application/pdf");
    let original = contract.world.original(&contract.id);
    assert_eq!(Some(pdf.into_body()), original);
}

#[test]
fn a_code_is_worth_nothing_after_five_tries_or_ten_minutes() {
    let contract = Contract::completed();
    let code = contract.code();
    let entered = |code: &str| {
        let page = contract.post(&contract.copy(), &format!("code={code}"));
        page.status()
    };
    for _ in 0..CODE_TRIES_MAX {
        assert_eq!(entered("1"), StatusCode::FORBIDDEN);
        assert_eq!(entered(other_than(&code)), StatusCode::FORBIDDEN);
    }
    assert_eq!(entered(&code), StatusCode::FORBIDDEN);
    let code = contract.code();
    contract
        .world
        .skip(SignedDuration::from_secs(CODE_LIFETIME_SECONDS));
    assert_eq!(entered(&code), StatusCode::FORBIDDEN);
}

#[test]
fn another_number_gets_the_same_page_and_no_sms_c_012() {
    let right = Contract::completed();
    let right = html(&right.post(&right.code_form(), NUMBER));
    for other in ["number=09000000000", "number=x", "number=", ""] {
        let contract = Contract::completed();
        let sent = contract.world.sms_outbox().len();
        let page = html(&contract.post(&contract.code_form(), other));
        assert_eq!(page, right);
        assert_eq!(contract.world.sms_outbox().len(), sent);
    }
}

#[test]
fn three_codes_are_sent_within_an_hour() {
    let contract = Contract::completed();
    let first_at = contract.world.now();
    let sent = contract.world.sms_outbox().len();
    for _ in 0..CODES_MAX {
        contract.code();
    }
    let refused = contract.post(&contract.code_form(), NUMBER);
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    // Handing an SMS over takes its time.
    let left = SignedDuration::from_hours(1) - contract.world.now().duration_since(first_at);
    assert_eq!(refused.headers()[RETRY_AFTER], left.as_secs().to_string());
    assert_eq!(contract.world.sms_outbox().len(), sent + CODES_MAX);
}

#[test]
fn a_certificate_that_is_not_the_recorded_one_is_not_handed_out_i_054() {
    let contract = Contract::completed();
    let code = contract.code();
    contract.world.corrupt_original(&contract.id);
    let response = contract.post(&contract.copy(), &format!("code={code}"));
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
}
