//! The mails of a registered contract, as people get them.

use domain::{
    Bilingual, EmailAddress, Language, MailDomain, Outcome, Recipient, Serial, ThreadKey, ZoneName,
};
use letters::mails::{
    ContractCopy, ContractParty, Letterhead, Offer, contract_copy, offer, thread_of_message_id,
};
use letters::words::contract_outcome_words;
use mail::ParsedMail;

use crate::corpus;
use crate::notices::{address, readable, with_letterhead};
use crate::relaying::check_can_travel;
use crate::unchanged::check_content_is_unchanged;

const LINK: &str = "https://c.akashi.test/a/abcdefghijklmnopqrstuvwxyz";

/// A letterhead of a dispatch whose messages can be referred to.
fn in_thread(write: impl FnOnce(&Letterhead<'_>) -> Vec<u8>) -> Vec<u8> {
    let thread = ThreadKey::new(1);
    with_letterhead(|letterhead| {
        write(&Letterhead {
            language: Language::default(),
            thread: Some(&thread),
            ..*letterhead
        })
    })
}

pub(crate) fn offered(original: &ParsedMail<'_>, zone: &str) -> Vec<u8> {
    let zone: ZoneName = zone.parse().unwrap();
    let from = address("contract@c.akashi.test");
    let sender = address("taro@customer.test");
    let recipient = address("hanako@recipient.test");
    let reply_to = address("abcdefghijklmnopqrstuvwxyz@c.akashi.test");
    let serial: Serial = "K7Q2-000123".parse().unwrap();
    in_thread(|letterhead| {
        offer(
            letterhead,
            &Offer {
                original,
                from: &from,
                sender: &sender,
                sender_name: original.from_display_name().as_deref(),
                company: "株式会社カスタマー",
                operator: "Akashi",
                recipient: &recipient,
                serial: &serial,
                subject: "秘密保持契約の件",
                reply_to: &reply_to,
                answer_link: LINK,
                answer_until: "2026-02-04T00:00:00Z".parse().unwrap(),
                zone: &zone,
            },
        )
    })
}

#[test]
fn offers_a_contract_as_recorded_p_020_p_041_i_064() {
    let raw = corpus::mail("contract-subject-iso-2022-jp");
    let bytes = offered(&ParsedMail::parse(&raw), "Asia/Tokyo");
    let mail = ParsedMail::parse(&bytes);
    let header = String::from_utf8(mail.raw_header().to_vec()).unwrap();
    let shown = format!(
        "{}\n[subject] {}\n[name] {}\n\n{}",
        header.replace("\r\n", "\n"),
        mail.subject(),
        mail.from_display_name().unwrap(),
        mail.body().text
    );
    insta::assert_snapshot!(shown);
    assert_eq!(
        mail.automatic("contract@c.akashi.test"),
        None,
        "a person may answer"
    );
}

#[test]
fn the_content_of_an_offer_is_that_of_the_original_whatever_that_is_p_041() {
    for (name, raw) in corpus::mails() {
        check_content_is_unchanged(&name, &raw, |original| offered(original, "UTC"));
        check_can_travel(&name, &offered(&ParsedMail::parse(&raw), "UTC"));
    }
}

#[test]
fn the_deadline_is_shown_in_the_zone_of_the_account_q_1_i_006() {
    let raw = corpus::mail("contract-subject-utf-8");
    for (zone, expected) in [
        ("UTC", "回答期限: 2026年2月4日（水）0時00分（UTC）\n"),
        (
            "Asia/Tokyo",
            "回答期限: 2026年2月4日（水）9時00分（日本時間）\n",
        ),
        (
            "Asia/Tokyo",
            "Answer by: 4 February 2026, 9:00 (Asia/Tokyo)",
        ),
    ] {
        let bytes = offered(&ParsedMail::parse(&raw), zone);
        let text = ParsedMail::parse(&bytes).body().text;
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn an_offer_names_its_dispatch_in_references_which_the_provider_keeps_p_044() {
    let domain: MailDomain = "akashi.test".parse().unwrap();
    let raw = corpus::mail("contract-subject-utf-8");
    let bytes = offered(&ParsedMail::parse(&raw), "UTC");
    let mail = ParsedMail::parse(&bytes);
    for id in mail.references().iter().chain(&mail.message_id()) {
        let (dispatch, thread) = thread_of_message_id(id, &domain).unwrap();
        assert_eq!(dispatch.as_str(), "o3vrnil0e2-01");
        assert_eq!(thread, ThreadKey::new(1));
    }
    assert_eq!(mail.references().len(), 1);
}

fn copied(party: ContractParty<'_>, to: &EmailAddress, outcome: &Bilingual, pdf: &[u8]) -> Vec<u8> {
    let recipient = Recipient::Both {
        mail: address("hanako@recipient.test"),
        mobile: "+819012345678".parse().unwrap(),
    };
    in_thread(|letterhead| {
        contract_copy(
            letterhead,
            &ContractCopy {
                party,
                to,
                company: "株式会社カスタマー",
                serial: &"K7Q2-000123".parse().unwrap(),
                adds_to: None,
                recipient: &recipient,
                subject: "秘密保持契約の件",
                outcome,
                ended: Outcome::Answered,
                pdf,
            },
        )
    })
}

#[test]
fn both_parties_get_the_same_file_and_the_recipient_may_answer_p_037_p_065_x_10() {
    let pdf: Vec<u8> = (0..100_000_u32)
        .map(|n| n.to_le_bytes()[n as usize % 3])
        .collect();
    let answered = contract_outcome_words(Outcome::Answered).into();
    let from = address("contract@c.akashi.test");
    let reply_to = address("abcdefghijklmnopqrstuvwxyz@c.akashi.test");
    let recipient = ContractParty::Recipient {
        from: &from,
        reply_to: &reply_to,
        answer_link: LINK,
    };
    let to_sender = copied(
        ContractParty::Sender,
        &address("taro@customer.test"),
        &answered,
        &pdf,
    );
    let to_recipient = copied(
        recipient,
        &address("hanako@recipient.test"),
        &answered,
        &pdf,
    );
    insta::assert_snapshot!("contract-certificate-for-the-sender", readable(&to_sender));
    insta::assert_snapshot!(
        "contract-certificate-for-the-recipient",
        readable(&to_recipient)
    );
    for bytes in [&to_sender, &to_recipient] {
        let mail = ParsedMail::parse(bytes);
        let attachments = mail.attachments();
        assert_eq!(attachments.len(), 1);
        assert_eq!(attachments[0].content().as_ref(), pdf);
        check_can_travel("certificate", bytes);
    }
    let mail = ParsedMail::parse(&to_recipient);
    let domain: MailDomain = "akashi.test".parse().unwrap();
    let (dispatch, _) = thread_of_message_id(&mail.references()[0], &domain).unwrap();
    assert_eq!(dispatch.as_str(), "o3vrnil0e2-01");
    // What only the recipient may know.
    let said = |bytes: &[u8]| readable(bytes).contains("abcdefghijklmnopqrstuvwxyz");
    assert_eq!((said(&to_sender), said(&to_recipient)), (false, true));
}

#[test]
fn finds_the_offer_that_an_answer_refers_to_p_044() {
    let domain = "akashi.test".parse().unwrap();
    let raw = corpus::mail("answer-with-quotation");
    let references = ParsedMail::parse(&raw).references();
    let found = references
        .iter()
        .find_map(|id| thread_of_message_id(id, &domain));
    let (dispatch, thread) = found.unwrap();
    assert_eq!(dispatch.as_str(), "o3vrnil0e2-01");
    assert_eq!(thread, ThreadKey::new(1));
    for (id, expected) in [
        ("<a-01.contract-certificate.KEY@AKASHI.test>", Some("a-01")),
        (" <a-01.offer.KEY@akashi.test> ", Some("a-01")),
        // Whoever knows the dispatch does not know the key.
        ("<a-01.offer@akashi.test>", None),
        ("<a-01.offer.@akashi.test>", None),
        ("<a-01.offer.guess@akashi.test>", None),
        ("<a-01.relay.KEY@akashi.test>", None),
        ("<a-01.refusal.KEY@akashi.test>", None),
        ("<a-01.offer.KEY@other.test>", None),
        ("<a-01.offer.KEY@x@akashi.test>", None),
        ("<a/b.offer.KEY@akashi.test>", None),
        ("<.offer.KEY@akashi.test>", None),
        ("a-01.offer.KEY@akashi.test", None),
        ("<>", None),
        ("", None),
    ] {
        let id = id.replace("KEY", ThreadKey::new(1).as_str());
        let found = thread_of_message_id(&id, &domain);
        let dispatch = found.as_ref().map(|(dispatch, _)| dispatch.as_str());
        assert_eq!(dispatch, expected, "{id}");
    }
}
