//! Certificates of the deployed stack, before independent judges.

use judges::{Case, NOW, Question};
use localstack::{Dispatch, Sender, World};
use serde_json::Value;
use tests::customer::Letter;

/// The roots that a reader has to trust: the signer's, then the timestamp authorities'.
fn trusted_roots(world: &World) -> Vec<String> {
    let key = world.output("SigningConfigurationKey");
    let configuration = world.object(world.output("OriginalsBucket"), key);
    let configuration: Value =
        serde_json::from_slice(&configuration.expect("a configuration")).expect("JSON");
    let text = |value: &Value| value.as_str().expect("PEM").to_owned();
    let chain = configuration["chain"].as_array().expect("a chain");
    let authorities = configuration["timestamp_authorities"].as_array();
    let authorities = authorities.expect("authorities").iter();
    let roots = authorities.flat_map(|authority| {
        let roots = authority["trusted_roots"].as_array();
        roots.expect("roots").iter().map(text)
    });
    let signer = chain.last().map(text).expect("a root");
    std::iter::once(signer).chain(roots).collect()
}

/// The header with the empty line that ends it, and the body.
fn split_at_body(mail: &[u8]) -> (&[u8], &[u8]) {
    let end = mail.windows(4).position(|four| four == b"\r\n\r\n");
    mail.split_at(end.expect("an empty line") + 4)
}

/// A certificate with its judges.
pub(crate) fn case(sender: &Sender, dispatch: &Dispatch) -> Case {
    let original = sender.original(dispatch);
    Case::new(&dispatch.serial, &original, &trusted_roots(sender.world))
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
    let case = Case::new(&name, &certificate, &trusted_roots(sender.world));
    assert_ne!(case.signature(), [""; 0]);
    assert_ne!(case.ask_pyhanko(Question::Trust, NOW), [""; 0]);
}
