//! The page whose address a certificate prints.

use bytes::Bytes;
use domain::Serial;
use domain::limits::UNKNOWN_LINKS_MAX;
use http::{Method, Request, StatusCode};
use letters::links::check_path;

use super::{Contract, html};

/// What stands on the page for the file as it was issued, and for any other.
const ISSUED: &str = "the very file that was issued";
const ANOTHER: &str = "not a file that was issued";

impl Contract {
    fn compare(&self, serial: &Serial, digest: &str) -> (StatusCode, String) {
        let form = format!("digest={}", digest.replace(' ', "+"));
        let response = self.post(&check_path(serial), &form);
        (response.status(), html(&response))
    }
}

#[test]
fn the_holder_of_a_certificate_learns_whether_it_is_the_file_that_was_issued_i_054() {
    let contract = Contract::completed();
    let stored = contract.world.dispatch(&contract.id).expect("a contract");
    let (serial, digest) = (
        &stored.dispatch.serial,
        stored
            .certificate
            .expect("it is certified")
            .digest
            .to_string(),
    );
    let signer = stored.draft.expect("it was composed").signer.to_string();
    let page = contract.get(&check_path(serial));
    assert_eq!(page.status(), StatusCode::OK);
    insta::assert_snapshot!("compare", contract.text(&page));
    assert!(!html(&page).contains(&digest), "a visit learns nothing");

    let pairs: Vec<&str> = (0..32).map(|at| &digest[2 * at..2 * at + 2]).collect();
    for typed in [
        digest.clone(),
        digest.to_uppercase(),
        format!("  {digest}  "),
        pairs.join(" "),
    ] {
        let (status, page) = contract.compare(serial, &typed);
        assert_eq!(status, StatusCode::OK, "{typed}");
        assert!(page.contains(ISSUED) && !page.contains(ANOTHER), "{page}");
        assert!(
            page.contains(&signer),
            "the signer's fingerprint to compare"
        );
    }
    for typed in ["", "abc", &digest[1..], &format!("{digest}0")] {
        let (status, page) = contract.compare(serial, typed);
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
        assert!(!page.contains(ISSUED) && !page.contains(ANOTHER));
        assert!(!page.contains(&signer));
    }
}

#[test]
fn another_file_and_a_serial_that_nobody_has_get_the_same_words() {
    let contract = Contract::completed();
    let stored = contract.world.dispatch(&contract.id).expect("a contract");
    let known = stored.dispatch.serial;
    let digest = stored.certificate.expect("it is certified").digest;
    let unknown: Serial = "K7Q2-999999".parse().unwrap();
    let (status, page) = contract.compare(&known, &"0".repeat(64));
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains(ANOTHER));
    let of_unknown = contract.compare(&unknown, &digest.to_string()).1;
    assert_eq!(
        of_unknown.replace("K7Q2-999999", known.to_string().as_str()),
        page
    );
    assert_eq!(contract.get("/v/guess").status(), StatusCode::NOT_FOUND);
    let delete = Request::builder()
        .method(Method::DELETE)
        .uri(check_path(&known));
    let response = contract.world.ask(&delete.body(Bytes::new()).unwrap());
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[test]
fn whoever_guesses_digests_is_stopped() {
    let contract = Contract::completed();
    let stored = contract.world.dispatch(&contract.id).expect("a contract");
    let serial = &stored.dispatch.serial;
    for _ in 0..UNKNOWN_LINKS_MAX {
        assert_eq!(contract.compare(serial, &"0".repeat(64)).0, StatusCode::OK);
    }
    let (status, _) = contract.compare(serial, &"0".repeat(64));
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    let digest = stored.certificate.expect("it is certified").digest;
    let (status, page) = contract.compare(serial, &digest.to_string());
    assert_eq!(status, StatusCode::OK, "who has the file may ask");
    assert!(page.contains(ISSUED));
}
