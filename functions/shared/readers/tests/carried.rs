//! Every mail of the corpus is found in the mail that delivery makes of it, and no other is.
#![expect(clippy::unwrap_used, reason = "tests may fail loudly")]

use std::path::Path;

use domain::{EmailAddress, Language, Operator};
use jiff::Timestamp;
use letters::mails::{Letterhead, Missing, Relay, carried, changes_named_in, relay};
use mail::ParsedMail;

fn corpus() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/corpus/mails");
    let files = std::fs::read_dir(folder).unwrap();
    let files = files.map(|file| file.unwrap().path());
    let mails = files.filter(|file| file.extension().is_some_and(|end| end == "eml"));
    let mails = mails.map(|file| {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        (name, std::fs::read(file).unwrap())
    });
    mails.collect()
}

fn delivered(raw: &[u8]) -> Vec<u8> {
    let original = ParsedMail::parse(raw);
    let address = |text: &str| -> EmailAddress { text.parse().unwrap() };
    let letterhead = Letterhead {
        service_domain: &"akashi.test".parse().unwrap(),
        operator: &Operator::named("あかし"),
        language: Language::English,
        id: "o3vrnil0e2-01",
        thread: None,
        date: Timestamp::UNIX_EPOCH,
    };
    let message = Relay {
        original: &original,
        sender: &address("taro@customer.test"),
        sender_name: None,
        recipient: &address("hanako@recipient.test"),
        serial: &"K7Q2-000123".parse().unwrap(),
    };
    relay(&letterhead, &message)
}

#[test]
fn a_delivered_mail_carries_its_message_x_1() {
    for (name, raw) in corpus() {
        let (original, delivered) = (ParsedMail::parse(&raw), delivered(&raw));
        let delivered = ParsedMail::parse(&delivered);
        let carried = carried(&original, Some(&delivered));
        assert_eq!(carried.missing, None, "{name}");
        let changes = changes_named_in(delivered.raw_header());
        assert_eq!(carried.changes, changes, "{name}");
    }
}

#[test]
fn a_delivered_mail_of_another_text_carries_it_not() {
    let file = |name: &str| {
        let mut mails = corpus().into_iter();
        mails.find(|(one, _)| one == name).unwrap().1
    };
    let mail = file("dkim-rsa-relaxed");
    let text = String::from_utf8(mail.clone()).unwrap();
    let other_html = text.replacen("330,=\r\n000", "930,=\r\n000", 1);
    let other_html = other_html.replacen("330=\r\n,000", "930=\r\n,000", 1);
    let other_text = text.replacen("330,000$B1_", "930,000$B1_", 1);
    let other_text = other_text.replacen(": 330,000", ": 930,000", 1);
    let other_file = text.replacen("JVBERi0xLjQK", "JVBERi0xLjUK", 1);
    for (other, missing) in [
        (other_text, Missing::Text),
        (other_html, Missing::Html),
        (other_file, Missing::File),
    ] {
        assert!(other != text, "{missing:?}");
        let original = ParsedMail::parse(&mail);
        let delivered = delivered(other.as_bytes());
        let delivered = ParsedMail::parse(&delivered);
        let carried = carried(&original, Some(&delivered));
        assert_eq!(carried.missing, Some(missing));
    }
}
