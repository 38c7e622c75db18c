//! Certificates of the deployed stack, before independent judges.

use judges::{Case, NOW, Question};
use localstack::{Browser, Dispatch, Sender};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tests::customer::Letter;

/// The header with the empty line that ends it, and the body.
fn split_at_body(mail: &[u8]) -> (&[u8], &[u8]) {
    let end = mail.windows(4).position(|four| four == b"\r\n\r\n");
    mail.split_at(end.expect("an empty line") + 4)
}

/// A certificate with its judges.
pub(crate) fn case(sender: &Sender, dispatch: &Dispatch) -> Case {
    let original = sender.original(dispatch);
    Case::new(&dispatch.serial, &original, &sender.world.trusted_roots())
}

#[test]
fn judges_find_nothing_wrong_and_the_sample_mail_inside_i_006_i_054() {
    let sender = Sender::with_points(3);
    let world = sender.world;
    let sample = std::fs::read(world.root().join("events/registered-mail.eml"));
    let recipient = sender.recipient("hanako");
    let letter = Letter::of_bytes(&sender.customer, &sample.expect("the sample"))
        .field("From", &format!("Taro <{}>", sender.address()))
        .to(&[&recipient]);
    // What the customer's server adds when it takes the mail.
    let server = sender.letter(&[]);
    let letter = letter
        .field("Date", &server.value("Date"))
        .field("Message-ID", &server.value("Message-ID"));
    let reply = sender.send(&letter);
    let dispatches = sender.ended_dispatches(1);
    let case = case(&sender, &dispatches[0]);
    assert_eq!(case.objections(NOW), [""; 0]);

    let raw = format!("raw/{}", reply.message_id());
    let raw = world.object(world.output("InboundBucket"), &raw);
    let raw = raw.expect("the mail as SES stored it");
    assert!(raw.ends_with(&letter.as_sent()));
    assert!(case.embedded_file("original.eml") == raw, "the mail itself");
    let delivered = case.embedded_file("delivered.eml");
    let body = split_at_body(&delivered).1;
    let received = sender.raw(&sender.mailbox(&recipient)[0]);
    assert!(
        split_at_body(&received).1 == body,
        "what the recipient received"
    );

    let pages = case.pages();
    assert!(pages.len() > 1, "a certificate has several pages");
    for page in &pages {
        assert!(page.contains(&dispatches[0].serial), "{page}");
    }
    let text = pages.concat();
    for expected in ["髙﨑", &recipient, sender.address()] {
        assert!(text.contains(expected), "{expected} is on the certificate");
    }
}

#[test]
fn judges_find_a_flipped_byte_in_a_certificate() {
    let sender = Sender::with_points(1);
    let dispatch = sender.sent_to(&sender.recipient("hanako"));
    let mut certificate = sender.original(&dispatch);
    let middle = certificate.len() / 2;
    certificate[middle] ^= 1;
    let name = format!("{}-flipped", dispatch.serial);
    let case = Case::new(&name, &certificate, &sender.world.trusted_roots());
    assert_ne!(case.signature(), [""; 0]);
    assert_ne!(case.ask_pyhanko(Question::Trust, NOW), [""; 0]);
}

#[test]
fn what_was_sent_and_is_gone_keeps_no_certificate_from_being_made() {
    let sender = Sender::with_points(1);
    let world = sender.world;
    let reply = sender.send(&sender.letter(&[&sender.recipient("silent")]));
    let id = format!("{}-01", reply.message_id());
    let _ = sender.seen_event(&id, "provider_accepted");
    let sent = format!("delivered/{id}.eml");
    world.delete_object(world.output("InboundBucket"), &sent);
    world.restart_workflow(&id, 2);
    let dispatch = sender.ended_dispatches(1).remove(0);
    assert_eq!(dispatch.outcome.as_deref(), Some("unconfirmed"));
    let case = case(&sender, &dispatch);
    assert_eq!(case.objections(NOW), [""; 0]);
    let raw = format!("raw/{}", reply.message_id());
    let raw = world.object(world.output("InboundBucket"), &raw);
    assert!(Some(case.embedded_file("original.eml")) == raw);
}

#[test]
fn an_original_that_was_stored_and_not_recorded_is_recorded_and_not_signed_again() {
    let sender = Sender::with_points(1);
    let world = sender.world;
    let dispatch = sender.sent_to(&sender.recipient("hanako"));
    let (id, original) = (&dispatch.dispatch_id, sender.original(&dispatch));
    // sign-certificate was cut off between the two.
    let forgotten = "REMOVE certificate, renewal_watch, renewal_check_at";
    world.change_dispatch(id, forgotten, &Value::Null);
    let function = world.output("SignCertificateFunction");
    let again = world.invoke(function, &json!({ "dispatch_id": id }));
    assert_eq!(again.error, None, "{}", again.payload);
    let recorded = sender.ended_dispatches(1).remove(0);
    assert_eq!(recorded.certificate_key, dispatch.certificate_key);
    assert_eq!(recorded.certificate_sha256, dispatch.certificate_sha256);
    assert!(sender.original(&recorded) == original, "the same original");
}

#[test]
fn the_address_that_a_certificate_prints_knows_the_file() {
    let sender = Sender::with_points(1);
    let dispatch = sender.sent_to(&sender.recipient("hanako"));
    let case = case(&sender, &dispatch);
    let evidence = case.embedded_file("evidence.json");
    let evidence: Value = serde_json::from_slice(&evidence).expect("the record");
    let printed = evidence["Evidence"]["CheckAddress"].as_str();
    let (address, _) = printed
        .and_then(|address| address.split_once('#'))
        .expect("an address and the digest of the content");
    let browser = Browser::new(sender.world);
    assert_eq!(browser.get(address).status, 200);
    let digest = format!("{:x}", Sha256::digest(sender.original(&dispatch)));
    let page = browser.post(address, &[("digest", &digest)]);
    assert!(page.html().contains("the very file"), "{}", page.html());
    let page = browser.post(address, &[("digest", &"0".repeat(64))]);
    assert!(page.html().contains("not a file that was issued"));
}
