//! What a dishonest operator could make: evidence that says something else than the embedded mails
//! and the providers' records, in one value, with pages made from it and signed with the operator's
//! own key. Each names the value that must be found.

use std::sync::LazyLock;

use certificate::sample::{attachments_of, message_of, origin_of};
use certificate::{BodyText, ChannelState, ContractSection, Evidence, ProductEvidence, Reply};
use domain::{BodySource, Damage, DeliveryChange, Recipient};

use crate::genuine::{
    FONTS, Files, addendum_evidence, answer_mail, contract_evidence, draft_of, evidence, sealed,
};
use crate::{Case, Expected, GENUINE};

/// A forgery, and where in `evidence.json` the value stands that gives it away.
#[derive(Clone)]
pub struct Contradiction {
    /// The file.
    pub case: Case,
    /// The value.
    pub value: &'static str,
}

/// All of them, made once.
pub static CONTRADICTIONS: LazyLock<Vec<Contradiction>> =
    LazyLock::new(|| [of_mails(), of_contracts(), of_addenda(), of_files()].concat());

pub(crate) fn all() -> Vec<Case> {
    let cases = CONTRADICTIONS.iter().map(|one| one.case.clone());
    let mut cases: Vec<Case> = cases.collect();
    cases.extend(of_other_readers());
    cases
}

type Change = fn(&mut Evidence);

fn forged(
    evidence: &Evidence,
    mail: &[u8],
    kind: &str,
    (value, change): (&'static str, Change),
) -> Contradiction {
    let mut forged = evidence.clone();
    change(&mut forged);
    assert!(forged != *evidence, "{value} changed nothing");
    contradiction(draft_of(&forged, mail), kind, value)
}

fn contradiction(draft: Vec<u8>, kind: &str, value: &'static str) -> Contradiction {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = value.chars().map(plain).collect();
    let pdf = GENUINE.authorities.archive(draft);
    Contradiction {
        case: Case::altered(format!("value-{kind}-{name}"), pdf),
        value,
    }
}

#[expect(clippy::too_many_lines, reason = "a table: one value after another")]
fn of_mails() -> Vec<Contradiction> {
    let mail = &GENUINE.original;
    let evidence = evidence(mail);
    let changes: [(&'static str, Change); 46] = [
        ("Origin.Mail.SenderDetails.Address", |one| {
            // Whom the signature is verified for is said with it.
            origin_of(one).sender.address = "jiro@customer.test".parse().expect("an address");
        }),
        ("Origin.Mail.SenderDetails.DisplayName", |one| {
            origin_of(one).sender.display_name = Some("The Minister".to_owned());
        }),
        ("RecipientDetails", |one| {
            one.recipient = Recipient::Mail("minister@recipient.test".parse().expect("one"));
        }),
        ("CheckAddress", |one| one.check_address.push('0')),
        ("SubmissionTime", |one| {
            one.accepted_at = "2026-11-20T01:15:01Z".parse().expect("a time");
        }),
        ("Product.Mail.UserContentInfo.Subject", |one| {
            message_of(one).subject.push('!')
        }),
        ("Product.Mail.UserContentInfo.MessageIdentifier", |one| {
            message_of(one).message_id = Some("<another@customer.test>".to_owned());
        }),
        ("Product.Mail.UserContentInfo.DateHeader", |one| {
            message_of(one).date_header = Some("Mon, 05 Jan 2025 08:59:58 +0900".to_owned());
        }),
        ("Product.Mail.UserContentInfo.BodyText", |one| {
            let text = message_of(one)
                .body_text
                .text()
                .replace("330,000", "930,000");
            message_of(one).body_text = BodyText::new(text);
        }),
        ("Product.Mail.UserContentInfo.BodySource", |one| {
            message_of(one).body_source = BodySource::HtmlAsText;
        }),
        ("Product.Mail.UserContentInfo.BodyCharset", |one| {
            let charset = message_of(one).body_charset.as_mut().expect("one");
            charset.read_as = "UTF-8".to_owned();
        }),
        ("Product.Mail.UserContentInfo.UnshownPart", |one| {
            message_of(one).unshown_part = Some(certificate::UnshownPartRow {
                part_number: "1".to_owned(),
                content_type: "image/png".to_owned(),
                name_as_sent: None,
            });
        }),
        ("Product.Mail.UserContentInfo.SizeBytes", |one| {
            message_of(one).size_bytes += 1
        }),
        ("Product.Mail.UserContentInfo.RawHeader", |one| {
            let header = String::from_utf8(message_of(one).raw_header.clone()).expect("text");
            message_of(one).raw_header = header.replace("Thunderbird", "Thunderclap").into_bytes();
        }),
        ("Product.Mail.UserContentInfo.Damages", |one| {
            message_of(one).damages = vec![Damage::MissingEnd];
        }),
        ("Product.Mail.Attachments", |one| {
            attachments_of(one).pop();
        }),
        ("Product.Mail.Attachments[0].NameAsSent", |one| {
            attachments_of(one)[0].name_as_sent = Some("receipt.png".to_owned());
        }),
        ("Product.Mail.Attachments[0].EmbeddedName", |one| {
            attachments_of(one)[0].embedded_name = "receipt.png".to_owned();
        }),
        ("Product.Mail.Attachments[0].ContentType", |one| {
            attachments_of(one)[0].content_type = "image/gif".to_owned();
        }),
        ("Product.Mail.Attachments[0].ContentId", |one| {
            attachments_of(one)[0].content_id = None;
        }),
        ("Product.Mail.Attachments[0].IsInline", |one| {
            attachments_of(one)[0].is_inline = false;
        }),
        ("Product.Mail.Attachments[1].SizeBytes", |one| {
            attachments_of(one)[1].size_bytes += 1
        }),
        ("Product.Mail.Attachments[1].Digest", |one| {
            attachments_of(one)[1].digest = crate::genuine::digest(b"another file");
        }),
        ("Product.Mail.Attachments[1].Damaged", |one| {
            attachments_of(one)[1].damaged = true
        }),
        ("Product.Mail.Delivered.SizeBytes", |one| {
            delivered_of(one).size_bytes += 1
        }),
        ("Product.Mail.Delivered.ProviderMessageId", |one| {
            delivered_of(one).provider_message_id = Some("0100-another".to_owned());
        }),
        ("Product.Mail.Delivered.RawHeader", |one| {
            let header = delivered_of(one).raw_header.as_mut().expect("a header");
            *header = String::from_utf8_lossy(header)
                .replace("2026", "2027")
                .into_bytes();
        }),
        ("Product.Mail.Delivered.Changes", |one| {
            delivered_of(one).changes = vec![DeliveryChange::NoticeInText];
        }),
        ("Product.Mail.Delivered.Notices", |one| {
            let notices = delivered_of(one).notices.as_mut().expect("notices");
            notices
                .before
                .push_str("ご確認のうえ3日以内にお支払いください。");
        }),
        ("Outcome.Code", |one| one.outcome.code = "noex".to_owned()),
        ("Outcome.Japanese", |one| {
            one.outcome.japanese.push_str("受信者は読みました。")
        }),
        ("Outcome.English", |one| {
            one.outcome.english.push_str(" The recipient read it.")
        }),
        ("Events[3].Verbatim", |one| {
            one.events[3].verbatim = None;
        }),
        ("Events[3].DescriptionEnglish", |one| {
            // A 250 on the page above a 550 in the record.
            let record = one.events[3].verbatim.as_mut().expect("a record");
            *record = record.replace("250 2.0.0 OK", "550 5.1.1 no");
        }),
        ("Events[3].Name", |one| {
            let record = one.events[3].verbatim.as_mut().expect("a record");
            *record = record
                .replace("\"Delivery\"", "\"DeliveryDelay\"")
                .replace("\"delivery\":", "\"deliveryDelay\":");
        }),
        ("Events[3].DescriptionJapanese", |one| {
            one.events[3]
                .description_japanese
                .push_str("受信者は読みました。");
        }),
        ("Events[3].EventTime", |one| {
            one.events[3].at = "2026-11-20T01:15:08.880Z".parse().expect("a time");
        }),
        ("Events[3].Source", |one| {
            one.events[3].source = "Amazon SNS".to_owned()
        }),
        ("Events[3].ERDSEventId", |one| one.events[3].etsi = None),
        ("Events[3].Quoted", |one| {
            one.events[3].quoted = Some("I agree".to_owned())
        }),
        ("Events[3].Verbatim", |one| {
            // Another message of the same operator.
            let record = one.events[3].verbatim.as_mut().expect("a record");
            *record = record.replace("0106019a9d2f3c4e", "0106019a9d2f3c4f");
        }),
        ("Events[3].Verbatim", |one| {
            // Another recipient of the same mail.
            let record = one.events[3].verbatim.as_mut().expect("a record");
            *record = record.replace("hanako@", "jiro@");
        }),
        ("Events[1].DescriptionEnglish", |one| {
            one.events[1].description_english = "The recipient opened it.".to_owned();
        }),
        ("Events[2].DescriptionJapanese", |one| {
            one.events[2].description_japanese.push('。');
        }),
        ("Events[2].Name", |one| {
            one.events[2].name = "complained".to_owned()
        }),
        ("Events", |one| one.events.swap(1, 2)),
    ];
    let mut forgeries: Vec<Contradiction> = changes
        .into_iter()
        .map(|change| forged(&evidence, mail, "mail", change))
        .collect();
    number(&mut forgeries);
    forgeries
}

/// The same value is forged in several ways.
fn number(forgeries: &mut [Contradiction]) {
    for (number, one) in forgeries.iter_mut().enumerate() {
        one.case.name.push_str(&format!("-{number}"));
    }
}

fn delivered_of(evidence: &mut Evidence) -> &mut certificate::DeliveredMessage {
    let ProductEvidence::Mail(mail) = &mut evidence.product else {
        panic!("no mail");
    };
    &mut mail.delivered
}

fn contract_of(evidence: &mut Evidence) -> &mut ContractSection {
    let ProductEvidence::Contract(contract) = &mut evidence.product else {
        panic!("no contract");
    };
    contract
}

#[expect(clippy::too_many_lines, reason = "a table: one value after another")]
fn of_contracts() -> Vec<Contradiction> {
    let sealed = sealed();
    let evidence = contract_evidence(&sealed);
    let changes: [(&'static str, Change); 27] = [
        ("RecipientDetails", |one| {
            one.recipient = Recipient::Both {
                mail: "taro@customer.test".parse().expect("an address"),
                mobile: "+819012345679".parse().expect("a number"),
            };
        }),
        ("Product.Contract.UserContentInfo.Subject", |one| {
            message_of(one).subject = "taro@customer.test Contract YS-2026-0417".to_owned();
        }),
        ("Product.Contract.UserContentInfo.BodyText", |one| {
            message_of(one).body_text = BodyText::new("無償です。\n".to_owned());
        }),
        ("Product.Contract.Attachments[0].Digest", |one| {
            attachments_of(one)[0].digest = crate::genuine::digest(b"other terms");
        }),
        ("Product.Contract.Channels", |one| {
            contract_of(one).channels.pop();
        }),
        ("Product.Contract.Channels[0].State", |one| {
            contract_of(one).channels[0].state = ChannelState::NotExisting;
        }),
        ("Product.Contract.Channels[0].EventTime", |one| {
            contract_of(one).channels[0].at = None
        }),
        ("Product.Contract.Channels[1].Detail", |one| {
            contract_of(one).channels[1].detail = Some("Read by the recipient".to_owned());
        }),
        ("Product.Contract.Mail.Notices", |one| {
            contract_of(one).mail.as_mut().expect("a mail").notices = None;
        }),
        ("Product.Contract.Mail.ProviderMessageId", |one| {
            contract_of(one)
                .mail
                .as_mut()
                .expect("a mail")
                .provider_message_id = None;
        }),
        ("Product.Contract.SMS", |one| contract_of(one).sms = None),
        ("Product.Contract.SMS.ProviderMessageId", |one| {
            let sms = contract_of(one).sms.as_mut().expect("an SMS");
            sms.provider_message_id = Some("another".to_owned());
        }),
        ("Product.Contract.SMS.Encoding", |one| {
            contract_of(one).sms.as_mut().expect("an SMS").encoding = "GSM-7".to_owned();
        }),
        ("Product.Contract.SMS.Parts", |one| {
            contract_of(one).sms.as_mut().expect("an SMS").parts += 1;
        }),
        ("Product.Contract.SMS.Provider", |one| {
            contract_of(one).sms.as_mut().expect("an SMS").provider = "Amazon SES".to_owned();
        }),
        ("Product.Contract.SMS.Carrier", |one| {
            contract_of(one).sms.as_mut().expect("an SMS").carrier = Some("Another".to_owned());
        }),
        ("Product.Contract.Reply", |one| {
            one.outcome.code = "no_response".to_owned()
        }),
        ("Product.Contract.Reply.Answered.ReceptionTime", |one| {
            let Reply::Answered(answer) = &mut contract_of(one).reply else {
                panic!("no answer");
            };
            answer.received_at = "2026-11-21T03:20:11Z".parse().expect("a time");
        }),
        ("Product.Contract.Reply.Answered.Proof", |one| {
            let Reply::Answered(answer) = &mut contract_of(one).reply else {
                panic!("no answer");
            };
            answer.proof = certificate::Proof::CallerId;
        }),
        (
            "Product.Contract.Reply.Answered.Road.Mail.DisplayName",
            |one| {
                answer_mail(one).display_name = None;
            },
        ),
        (
            "Product.Contract.Reply.Answered.Road.Mail.Message.BodyText",
            |one| {
                answer_mail(one).message.body_text = BodyText::new("承諾します。\n".to_owned());
            },
        ),
        (
            "Product.Contract.Reply.Answered.Road.Mail.Message.Subject",
            |one| {
                answer_mail(one).message.subject = "Re: I agree".to_owned();
            },
        ),
        ("Product.Contract.Reply.Answered.Road.Mail.Hops", |one| {
            answer_mail(one).hops.clear()
        }),
        (
            "Product.Contract.Reply.Answered.Road.Mail.Attachments",
            |one| {
                answer_mail(one).attachments.clear();
            },
        ),
        ("Outcome.English", |one| {
            one.outcome.english = one.outcome.english.replace("Authenticated", "Notarized");
        }),
        ("Outcome.Code", |one| {
            // The answer that settled it is gone.
            one.events.pop();
        }),
        ("Events[7].DescriptionEnglish", |one| {
            let sms = one.events.iter_mut().find(|row| row.source == "Amazon SNS");
            let record = sms.expect("an SMS").verbatim.as_mut().expect("a record");
            *record = record.replace("accepted by phone", "refused by phone");
        }),
    ];
    let forge = |change| forged(&evidence, &sealed, "contract", change);
    let mut forgeries: Vec<Contradiction> = changes.into_iter().map(forge).collect();
    // Its place in the log, which the clocks of the providers decide.
    let sms = evidence
        .events
        .iter()
        .position(|row| row.source == "Amazon SNS");
    assert_eq!(sms, Some(6), "the line of the SMS");
    if let Some(last) = forgeries.last_mut() {
        last.value = "Events[6].DescriptionEnglish";
    }
    number(&mut forgeries);
    forgeries
}

fn of_addenda() -> Vec<Contradiction> {
    let sealed = sealed();
    let evidence = addendum_evidence(&sealed);
    let changes: [(&'static str, Change); 3] = [
        (
            "Product.Addendum.Added.Answer.Road.Mail.Message.BodyText",
            |one| {
                answer_mail(one).message.body_text = BodyText::new("承諾します。\n".to_owned());
            },
        ),
        ("Product.Addendum.Added.Answer.Road.Mail.From", |one| {
            one.recipient = Recipient::Mail("hanako@recipient.test".parse().expect("one"));
        }),
        ("Outcome.Code", |one| {
            one.outcome.code = "answered".to_owned()
        }),
    ];
    let forge = |change| forged(&evidence, &sealed, "addendum", change);
    changes.into_iter().map(forge).collect()
}

/// The evidence is told of a `delivered.eml` that is none of the message.
fn of_files() -> Vec<Contradiction> {
    let mail = &GENUINE.original;
    let with = |value, change: fn(&str) -> String| {
        let mut evidence = evidence(mail);
        let mut files = Files::of(&evidence, mail);
        let text = String::from_utf8(files.delivered.clone()).expect("seven bits");
        files.delivered = change(&text).into_bytes();
        assert!(
            files.delivered != text.as_bytes(),
            "{value} changed nothing"
        );
        let message = message_of(&mut evidence).clone();
        let header = readers::header_of(&files.delivered).expect("a header");
        let delivered = delivered_of(&mut evidence);
        delivered.raw_header = Some(header.to_vec());
        delivered.size_bytes = files.delivered.len() as u64;
        delivered.digest = crate::genuine::digest(&files.delivered);
        delivered.changes = letters::mails::changes_named_in(header);
        delivered.notices = readers::notices(&files.delivered, &message);
        let embedded = files.embedded(&evidence);
        let draft = certificate::render(&evidence, embedded, &FONTS).expect("a draft");
        contradiction(draft, "delivered", value)
    };
    vec![
        with("Product.Mail.Delivered.RawHeader.To", |mail| {
            mail.replacen("<hanako@recipient.test>", "<jiro@recipient.test>", 1)
        }),
        with("Product.Mail.Delivered.RawHeader.X-Akashi-Serial", |mail| {
            mail.replacen("K7Q2-000123", "K7Q2-000124", 1)
        }),
        with("Product.Mail.Delivered.Changes", |mail| {
            mail.replacen("text_in_utf_8", "text_from_html", 1)
        }),
        with("Product.Mail.Delivered", |mail| {
            // The file within it.
            mail.replacen("JVBERi0xLjQK", "JVBERi0xLjUK", 1)
        }),
    ]
}

/// The same differences under readers of another version: nobody knows what those read.
fn of_other_readers() -> Vec<Case> {
    let mail = &GENUINE.original;
    let with = |name: &str, expected, change: Change| {
        let mut evidence = evidence(mail);
        change(&mut evidence);
        let pdf = GENUINE.authorities.archive(draft_of(&evidence, mail));
        Case {
            expected,
            ..Case::altered(format!("readers-{name}"), pdf)
        }
    };
    vec![
        with("earlier-and-the-same", Expected::Authentic, |one| {
            one.reader_version = readers::EARLIER_READERS;
        }),
        with("earlier-and-another-text", Expected::Incomplete, |one| {
            one.reader_version = readers::EARLIER_READERS;
            message_of(one).subject.push('?');
        }),
        with("later-and-another-text", Expected::Incomplete, |one| {
            one.reader_version = readers::READER_VERSION + 1;
            message_of(one).subject.push('?');
        }),
        with("earlier-and-another-size", Expected::Altered, |one| {
            one.reader_version = readers::EARLIER_READERS;
            message_of(one).size_bytes += 1;
        }),
    ]
}
