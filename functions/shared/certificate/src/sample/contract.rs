//! Samples of registered contracts and of addenda.

use domain::{
    AnswerDeadline, ArcReport, ArcResult, ArcSet, ArcSignature, AuthenticationEvidence, Channel,
    Charset, CharsetReason, Choice, DkimSignature, EtsiEvent, OfferOrder, Recipient, SeenBy,
    SignatureResult, SigningAlgorithm,
};

use super::{
    attachments, authentication, check_address, delivered, digest, evidence, message,
    outcome as outcome_words, own_event as own,
};
use crate::record::v3::embedded_others;
use crate::{
    Added, AddendumSection, AnswerLink, AnswerMail, AnswerRoad, AnswerSection, AnswerSms,
    AttachmentRow, BodyText, ChannelRow, ChannelState, ContractSection, DeliveredSms, Embedded,
    EmbeddedMail, EventRow, Evidence, HopRow, MailFile, MainCertificate, Message, MessageElsewhere,
    OtherMail, OutcomeWords, ProductEvidence, Proof, Reply,
};

/// The mail of the answer in [`answered_by_mail`] and [`addendum`].
pub const ANSWER: &[u8] =
    b"From: hanako@recipient.test\r\nTo: answer@c.akashi.test\r\n\r\nagreed\r\n";

/// The mail that came back and answers nothing in [`no_response`].
pub const AUTOMATIC_REPLY: &[u8] = b"From: hanako@recipient.test\r\n\
    To: answer@c.akashi.test\r\nAuto-Submitted: auto-replied\r\n\r\naway\r\n";

/// The HTML part of that mail.
pub const ANSWER_HTML: &[u8] = "<p>申込みのとおりお受けします。</p>".as_bytes();

/// A sample with its name, for tests that go through all of them.
pub type Named = (&'static str, Evidence);

/// Every sample of a contract or of an addendum.
#[must_use]
pub fn all() -> [Named; 7] {
    [
        ("answered_by_mail", answered_by_mail()),
        ("answered_by_sms", answered_by_sms()),
        ("answered_by_link", answered_by_link()),
        ("noex", noex()),
        ("no_response", no_response()),
        ("addendum", addendum()),
        ("late_bounce", super::late_bounce::late_bounce()),
    ]
}

/// The mails that belong to one of these samples.
#[must_use]
pub fn files(evidence: &Evidence) -> Embedded<'static> {
    let original = EmbeddedMail {
        eml: super::ORIGINAL,
        html_part: Some(super::HTML),
    };
    let answer = EmbeddedMail {
        eml: ANSWER,
        html_part: Some(ANSWER_HTML),
    };
    let answers_by_mail = evidence.answer().and_then(AnswerSection::mail).is_some();
    Embedded {
        original: evidence.message().map(|_| original),
        delivered: evidence.delivered().map(|_| super::DELIVERED),
        answer: answers_by_mail.then_some(answer),
        others: match embedded_others(evidence).count() {
            0 => &[],
            _ => &[AUTOMATIC_REPLY],
        },
    }
}

/// By mail and SMS, answered by mail.
#[must_use]
pub fn answered_by_mail() -> Evidence {
    contract(
        both_roads(),
        Reply::Answered(Box::new(mail_answer())),
        answered(SIGNED),
    )
}

/// By mail and SMS, answered by SMS.
#[must_use]
pub fn answered_by_sms() -> Evidence {
    let sms = AnswerSms {
        from: "+819012345678".parse().unwrap(),
        to: "+815012340000".to_owned(),
        text: "承知しました。\nよろしくお願いします。髙﨑".to_owned(),
        provider: "AWS End User Messaging".to_owned(),
        provider_message_id: Some("cae173d2-66b9-564c-8309-21f858e9fb84".to_owned()),
        carrier: None,
    };
    let answer = AnswerSection {
        received_at: "2026-11-21T03:20:11.042Z".parse().unwrap(),
        proof: Proof::CallerId,
        road: AnswerRoad::Sms(sms),
    };
    let outcome = answered(UNVERIFIED);
    contract(both_roads(), Reply::Answered(Box::new(answer)), outcome)
}

/// By SMS only, answered on the page behind the link.
#[must_use]
pub fn answered_by_link() -> Evidence {
    let link = AnswerLink {
        choice: Choice::Agree,
        label: "同意します".to_owned(),
        text: "開始日は12月1日でお願いします。".to_owned(),
        source_ip: "203.0.113.77".to_owned(),
        source_ip_seen_by: SeenBy::WebServer,
        user_agent: Some(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15"
                .to_owned(),
        ),
    };
    let answer = AnswerSection {
        received_at: "2026-11-20T09:02:45.310Z".parse().unwrap(),
        proof: Proof::OfferToken,
        road: AnswerRoad::Link(link),
    };
    let mut evidence = contract(
        vec![sms_row(ChannelState::Accepted, "Successful")],
        Reply::Answered(Box::new(answer)),
        answered(BY_LINK),
    );
    evidence.recipient = Recipient::Mobile("+819012345678".parse().unwrap());
    if let ProductEvidence::Contract(contract) = &mut evidence.product {
        contract.mail = None;
    }
    evidence
}

/// By mail only, to an address that does not exist.
#[must_use]
pub fn noex() -> Evidence {
    let row = ChannelRow {
        channel: Channel::Mail,
        state: ChannelState::NotExisting,
        at: Some("2026-11-20T01:15:08.881Z".parse().unwrap()),
        detail: Some("550 5.1.1 <hanako@recipient.test>: User unknown".to_owned()),
    };
    let words = outcome_words(
        "noex",
        "宛先が存在しないため、申込みを恒久的に届けられませんでした（NOEX）。",
        "The offer could not be delivered for good: the destination does not exist (NOEX).",
    );
    let mut evidence = contract(vec![row], Reply::NoSuchDestination, words);
    evidence.recipient = Recipient::Mail("hanako@recipient.test".parse().unwrap());
    evidence.settled_at = "2026-11-20T01:15:09.482Z".parse().unwrap();
    evidence.issued_at = "2026-11-20T01:15:31Z".parse().unwrap();
    evidence.events.truncate(1);
    evidence.events.push(EventRow {
        source: "Amazon SES".to_owned(),
        verbatim: Some(r#"{"eventType":"Bounce"}"#.to_owned()),
        ..own(
            "2026-11-20T01:15:08.881Z",
            "bounced",
            Some(EtsiEvent::RelayToNonErdsFailure),
            "宛先が存在しないとの応答がありました: 550 5.1.1",
            "The destination was reported not to exist: 550 5.1.1",
        )
    });
    if let ProductEvidence::Contract(contract) = &mut evidence.product {
        contract.sms = None;
    }
    evidence
}

/// By mail and SMS, the SMS without a result; nobody answered in time.
#[must_use]
pub fn no_response() -> Evidence {
    let silent = ChannelRow {
        channel: Channel::Sms,
        state: ChannelState::Unconfirmed,
        at: None,
        detail: None,
    };
    let rows = vec![mail_row(), silent];
    let words = outcome_words(
        "no_response",
        "申込みは送信されましたが、期限までに回答が届きませんでした（NORESPMAIL）。\
         受信者が読んだかどうか、承諾したかどうかを示すものではありません。",
        "The offer was sent, and no answer arrived by the deadline (NORESPMAIL). This does not \
         show whether the recipient read it or agrees with it.",
    );
    let mut evidence = contract(rows, Reply::None, words);
    evidence.settled_at = "2026-12-20T01:15:02Z".parse().unwrap();
    evidence.issued_at = "2026-12-20T01:15:40Z".parse().unwrap();
    evidence.events.pop();
    evidence.events.push(EventRow {
        source: "Amazon SES".to_owned(),
        quoted: Some("12月1日まで不在にしております。".to_owned()),
        other_mail: Some(OtherMail::Embedded(MailFile {
            size_bytes: AUTOMATIC_REPLY.len() as u64,
            digest: crate::embed::digest_of(AUTOMATIC_REPLY),
        })),
        ..own(
            "2026-11-20T01:15:20Z",
            "answer_received",
            Some(EtsiEvent::ReceivedFromNonErds),
            "自動応答を受信しました。回答としては扱いません: メール（hanako@recipient.test）",
            "An automatic reply arrived, which answers nothing: by mail (hanako@recipient.test)",
        )
    });
    evidence.events.push(own(
        "2026-12-20T01:15:02Z",
        "answer_deadline_passed",
        Some(EtsiEvent::AcceptanceRejectionExpiry),
        "回答の期限が過ぎました。",
        "The time for an answer was over.",
    ));
    evidence
}

/// An answer by mail that came after the certificate of [`no_response`].
#[must_use]
pub fn addendum() -> Evidence {
    let main = no_response();
    let mut answer = mail_answer();
    answer.received_at = "2026-12-24T05:06:07Z".parse().unwrap();
    let arrived = EventRow {
        at: answer.received_at,
        recorded_at: answer.received_at,
        ..answered_event(&Reply::None)
    };
    let section = AddendumSection {
        main: MainCertificate {
            serial: main.serial.clone(),
            digest: digest(40),
            issued_at: main.issued_at,
        },
        message: elsewhere(&message()),
        added: Added::Answer(Box::new(answer)),
    };
    Evidence {
        serial: "K7Q2-000131".parse().unwrap(),
        check_address: check_address("K7Q2-000131"),
        issued_at: "2026-12-24T05:06:31Z".parse().unwrap(),
        settled_at: arrived.at,
        outcome: authenticated(
            "answered_later",
            "契約の結果が確定した後、または期限が過ぎた後に、回答が届きました。回答の文面はそのまま証明書に載せており、その意味は判断していません。",
            "An answer arrived after the outcome of the contract was settled, or after its \
             deadline. The certificate quotes it word for word and does not interpret it.",
            SIGNED,
        ),
        events: vec![arrived],
        product: ProductEvidence::Addendum(Box::new(section)),
        ..main
    }
}

/// By what a message is known in an addendum.
pub(super) fn elsewhere(message: &Message) -> MessageElsewhere {
    MessageElsewhere {
        subject: message.subject.clone(),
        message_id: message.message_id.clone(),
        size_bytes: message.size_bytes,
        digest: message.digest,
    }
}

/// What is said of the authentication of an answer.
type Said = (&'static str, &'static str);

const SIGNED: Said = (
    "認証あり：回答のメールには、差出人のドメインによるDKIM署名があります。",
    "Authenticated: the mail of the answer has a DKIM signature of its sender's domain.",
);
const UNVERIFIED: Said = (
    "認証なし：SMSの送信元の番号は通信事業者が示したもので、検証されていません。",
    "Not authenticated: the number that the SMS came from is what the carrier says, and is \
     unverified.",
);
const BY_LINK: Said = (
    "認証なし：回答者が回答ページのリンクを知っていたことだけが分かっています。",
    "Not authenticated: all that is known is that whoever answered knew the link.",
);

fn authenticated(code: &str, japanese: &str, english: &str, said: Said) -> OutcomeWords {
    let japanese = format!("{japanese}{}", said.0);
    outcome_words(code, &japanese, &format!("{english} {}", said.1))
}

fn answered(said: Said) -> OutcomeWords {
    authenticated(
        "answered",
        "申込みに対して回答が届きました。回答の文面はそのまま証明書に載せており、その意味は判断していません。",
        "An answer to the offer arrived. The certificate quotes it word for word and does not \
         interpret it.",
        said,
    )
}

fn contract(channels: Vec<ChannelRow>, reply: Reply, outcome: OutcomeWords) -> Evidence {
    let sample = evidence();
    let mut events = sample.events.clone();
    events.push(answered_event(&reply));
    Evidence {
        issued_at: "2026-11-21T03:21:00Z".parse().unwrap(),
        settled_at: "2026-11-21T03:20:12Z".parse().unwrap(),
        recipient: Recipient::Both {
            mail: "hanako@recipient.test".parse().unwrap(),
            mobile: "+819012345678".parse().unwrap(),
        },
        outcome,
        product: ProductEvidence::Contract(Box::new(ContractSection {
            message: message(),
            attachments: attachments(),
            deadline: AnswerDeadline::default(),
            answer_until: "2026-12-20T01:15:02Z".parse().unwrap(),
            order: OfferOrder::MailThenSms,
            channels,
            mail: Some(delivered()),
            sms: Some(DeliveredSms {
                text: "㈱𠮷田商事よりご契約のお申込みが届いています。ご回答: \
                       https://c.akashi.test/a/k3b2v7"
                    .to_owned(),
                encoding: "UCS-2".to_owned(),
                parts: 2,
                provider: "Amazon SNS".to_owned(),
                provider_message_id: Some("3d2c1b0a-7a59-5a5f-9b7e-2b1c0f0d9e11".to_owned()),
                carrier: Some("NTT DOCOMO".to_owned()),
            }),
            reply,
        })),
        events,
        ..sample
    }
}

fn both_roads() -> Vec<ChannelRow> {
    let sms = sms_row(ChannelState::Accepted, "Message has been accepted by phone");
    vec![mail_row(), sms]
}

fn mail_row() -> ChannelRow {
    ChannelRow {
        channel: Channel::Mail,
        state: ChannelState::Accepted,
        at: Some("2026-11-20T01:15:08.881Z".parse().unwrap()),
        detail: Some("250 2.0.0 OK 1795137308 d9443c01a7336-2a8f1".to_owned()),
    }
}

fn sms_row(state: ChannelState, detail: &str) -> ChannelRow {
    ChannelRow {
        channel: Channel::Sms,
        state,
        at: Some("2026-11-20T01:15:14.207Z".parse().unwrap()),
        detail: Some(detail.to_owned()),
    }
}

fn sealed_by_a_list() -> ArcReport {
    let signature = ArcSignature {
        domain: "lists.test".to_owned(),
        selector: "arc".to_owned(),
        algorithm: SigningAlgorithm::RsaSha256,
        result: SignatureResult::Pass,
        dns_name: "arc._domainkey.lists.test".to_owned(),
        dns_records: vec!["v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A".to_owned()],
    };
    ArcReport {
        result: ArcResult::Pass,
        sets: vec![ArcSet {
            instance: 1,
            seal: signature.clone(),
            message: Some(signature),
        }],
    }
}

fn mail_answer() -> AnswerSection {
    let sample = authentication();
    let signatures = sample.signatures.iter().map(|signature| DkimSignature {
        domain: "recipient.test".to_owned(),
        selector: "mail1".to_owned(),
        dns_name: "mail1._domainkey.recipient.test".to_owned(),
        ..signature.clone()
    });
    let mail = AnswerMail {
        from: "hanako@recipient.test".parse().unwrap(),
        display_name: Some("髙﨑 花子".to_owned()),
        message: Message {
            subject: "Re: ご契約内容の確認".to_owned(),
            message_id: Some("<a81f.77@mx.recipient.test>".to_owned()),
            date_header: Some("Sat, 21 Nov 2026 12:20:02 +0900".to_owned()),
            body_text: BodyText::new(
                "㈱𠮷田商事 髙﨑様\r\n\r\n申込みのとおりお受けします。\r\n\
                        署名した書面を添付します。\r\n\r\n髙﨑 花子\r\n"
                    .to_owned(),
            ),
            body_charset: Some(Charset {
                label: Some("utf-8".to_owned()),
                read_as: "UTF-8".to_owned(),
                reason: CharsetReason::AsLabelled,
            }),
            size_bytes: ANSWER.len() as u64,
            digest: crate::embed::digest_of(ANSWER),
            raw_header: ANSWER_HEADER.as_bytes().to_vec(),
            ..message()
        },
        attachments: vec![AttachmentRow {
            name_as_sent: Some("承諾書.pdf".to_owned()),
            embedded_name: "承諾書.pdf".to_owned(),
            content_type: "application/pdf".to_owned(),
            content_id: None,
            size_bytes: 81_220,
            digest: digest(21),
            is_inline: false,
            damaged: false,
        }],
        authentication: AuthenticationEvidence {
            verified_at: "2026-11-21T03:20:11.500Z".parse().unwrap(),
            signatures: signatures.collect(),
            arc: sealed_by_a_list(),
            ..sample
        },
        hops: hops(),
    };
    AnswerSection {
        received_at: "2026-11-21T03:20:11.042Z".parse().unwrap(),
        proof: Proof::AlignedSignature,
        road: AnswerRoad::Mail(Box::new(mail)),
    }
}

fn hops() -> Vec<HopRow> {
    let text = |text: &str| Some(text.to_owned());
    vec![
        HopRow {
            from_name: text("mx.recipient.test"),
            from_ip: text("198.51.100.25"),
            by: text("inbound-smtp.ap-northeast-1.amazonaws.com"),
            at: Some("2026-11-21T03:20:09Z".parse().unwrap()),
            is_attested: true,
        },
        HopRow {
            from_name: text("[192.168.1.23]"),
            from_ip: text("203.0.113.77"),
            by: text("mx.recipient.test"),
            at: Some("2026-11-21T03:20:04Z".parse().unwrap()),
            is_attested: false,
        },
        HopRow {
            from_name: None,
            from_ip: None,
            by: text("localhost"),
            at: None,
            is_attested: false,
        },
    ]
}

fn answered_event(reply: &Reply) -> EventRow {
    let road = match reply {
        Reply::Answered(answer) => Some(&answer.road),
        Reply::None | Reply::NoSuchDestination | Reply::Undelivered => None,
    };
    let (japanese, english) = match road {
        Some(AnswerRoad::Sms(_)) => ("SMS（+819012345678）", "by SMS (+819012345678)"),
        Some(AnswerRoad::Link(_)) => (
            "回答ページ（IP: 203.0.113.77）",
            "on the page behind the link (IP 203.0.113.77)",
        ),
        Some(AnswerRoad::Mail(_)) | None => (
            "メール（hanako@recipient.test）",
            "by mail (hanako@recipient.test)",
        ),
    };
    own(
        "2026-11-21T03:20:11.042Z",
        "answer_received",
        Some(EtsiEvent::ReceivedFromNonErds),
        &format!("受信者からの回答を受信しました: {japanese}"),
        &format!("An answer arrived: {english}"),
    )
}

const ANSWER_HEADER: &str = concat!(
    "Received: from mx.recipient.test (mx.recipient.test [198.51.100.25])\r\n",
    " by inbound-smtp.ap-northeast-1.amazonaws.com with SMTP id 7c1j9f;\r\n",
    " Sat, 21 Nov 2026 03:20:09 +0000 (UTC)\r\n",
    "Received: from [192.168.1.23] (unknown [203.0.113.77]) by mx.recipient.test;\r\n",
    " Sat, 21 Nov 2026 12:20:04 +0900\r\n",
    "From: hanako@recipient.test\r\n",
    "To: answer@c.akashi.test\r\n",
    "Message-ID: <a81f.77@mx.recipient.test>\r\n",
    "\r\n",
);
