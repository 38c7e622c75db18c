//! Rich samples for the tests of this and other crates (feature `testing`). All names, addresses
//! and digests are invented.
#![expect(
    clippy::unwrap_used,
    reason = "tests may fail loudly; this is never in a product"
)]

pub mod contract;
mod late_bounce;

use domain::{
    Alignment, ArcReport, AuthenticationEvidence, BodySource, Charset, CharsetReason, Coverage,
    DeliveryChange, DkimSignature, EtsiEvent, HeaderField, Points, Recipient, Sha256Digest,
    SignatureResult, SigningAlgorithm, SpfResult,
};

use crate::{
    AttachmentRow, BodyText, DeliveredMessage, EventRow, Evidence, Issuer, MailOrigin, MailSection,
    Message, NamedAuthority, NamedRoot, Notices, Origin, OutcomeWords, Party, ProductEvidence,
    Purpose, Sender,
};

pub use late_bounce::late_bounce;

/// The original message of [`evidence`].
pub const ORIGINAL: &[u8] =
    b"From: taro@customer.test\r\nTo: hanako@recipient.test\r\n\r\n\x82\xa0\r\n";

/// The message of [`evidence`] as it was handed over for delivery.
pub const DELIVERED: &[u8] = b"From: \"taro@customer.test\" <mail@akashi.test>\r\n\
    Reply-To: taro@customer.test\r\n\
    To: hanako@recipient.test\r\n\
    Subject: =?UTF-8?B?44CQ6YeN6KaB44CR?=\r\n\
    X-Akashi-Changes: notice_in_text,\r\n notice_in_html,\r\n text_in_utf_8\r\n\
    \r\n\
    \x82\xa0\r\n";

/// The HTML part of [`evidence`].
pub const HTML: &[u8] = "<p>拝啓</p>".as_bytes();

/// A mail from a business to a customer, relayed.
pub fn evidence() -> Evidence {
    let accepted_at = "2026-11-20T01:15:02Z".parse().unwrap();
    Evidence {
        serial: "K7Q2-000123".parse().unwrap(),
        issued_at: "2026-11-20T01:15:31Z".parse().unwrap(),
        reader_version: 1,
        check_address: check_address("K7Q2-000123"),
        zone: "Asia/Tokyo".parse().unwrap(),
        accepted_at,
        settled_at: "2026-11-20T01:15:09.482Z".parse().unwrap(),
        outcome: outcome(
            "relayed",
            "宛先のメールサーバーがメールを受け取りました（応答250）。受信者が読んだことを示すものではありません。",
            "The recipient's mail server took the mail over (reply 250). This does not show that \
             the recipient read it.",
        ),
        account: Party {
            company: "株式会社𠮷田商事".to_owned(),
            contact: "髙﨑 太郎".to_owned(),
            address: Some("office@customer.test".parse().unwrap()),
        },
        recipient: Recipient::Mail("hanako@recipient.test".parse().unwrap()),
        price: Points::new(1),
        rules_version: "2026-11".to_owned(),
        price_table_version: "2026-11".to_owned(),
        origin: Origin::Mail(Box::new(MailOrigin {
            sender: Sender {
                address: "taro@customer.test".parse().unwrap(),
                display_name: Some("髙﨑 太郎（営業①課）".to_owned()),
            },
            authentication: authentication(),
        })),
        product: ProductEvidence::Mail(Box::new(MailSection {
            message: message(),
            attachments: attachments(),
            delivered: delivered(),
        })),
        events: events(),
        issuer: Issuer {
            operator: "あかし証明サービス".to_owned(),
            service_domain: "akashi.test".to_owned(),
            signer: Sha256Digest::new([0xa5; 32]),
            timestamp_authorities: vec![authority("One", 0xb1), authority("Two", 0xb2)],
            purpose: Purpose::Evidence,
        },
    }
}

fn authority(name: &str, digit: u8) -> NamedAuthority {
    NamedAuthority {
        name: format!("TSA {name}"),
        roots: vec![NamedRoot {
            subject: format!("CN=TSA {name} Root"),
            fingerprint: Sha256Digest::new([digit; 32]),
        }],
    }
}

/// The address that the certificate with this serial prints.
fn check_address(serial: &str) -> String {
    format!("https://pages.akashi.test/v/{serial}#{}", "5a".repeat(32))
}

/// The message of a mail or contract, to be changed.
pub fn message_of(evidence: &mut Evidence) -> &mut Message {
    match &mut evidence.product {
        ProductEvidence::Mail(mail) => Some(&mut mail.message),
        ProductEvidence::Contract(contract) => Some(&mut contract.message),
        ProductEvidence::Addendum(_) => None,
    }
    .unwrap()
}

/// Its attachments.
pub fn attachments_of(evidence: &mut Evidence) -> &mut Vec<AttachmentRow> {
    match &mut evidence.product {
        ProductEvidence::Mail(mail) => Some(&mut mail.attachments),
        ProductEvidence::Contract(contract) => Some(&mut contract.attachments),
        ProductEvidence::Addendum(_) => None,
    }
    .unwrap()
}

/// Who wrote the mail by which it came in.
pub fn origin_of(evidence: &mut Evidence) -> &mut MailOrigin {
    let Origin::Mail(origin) = &mut evidence.origin;
    origin
}

fn outcome(code: &str, japanese: &str, english: &str) -> OutcomeWords {
    OutcomeWords {
        code: code.to_owned(),
        japanese: japanese.to_owned(),
        english: english.to_owned(),
    }
}

/// The sample with other content: what a page must also look well with.
#[must_use]
pub fn variants() -> Vec<(&'static str, Evidence)> {
    let with = |change: &dyn Fn(&mut Evidence)| {
        let mut evidence = evidence();
        change(&mut evidence);
        evidence
    };
    let many = |evidence: &mut Evidence| {
        let attachments = attachments_of(evidence);
        *attachments = vec![attachments.clone(); 10].concat();
    };
    let html_only = |evidence: &mut Evidence| {
        message_of(evidence).body_source = BodySource::HtmlAsText;
        attachments_of(evidence).clear();
    };
    let long = |evidence: &mut Evidence| {
        let message = message_of(evidence);
        message.body_text = BodyText::new(BODY.repeat(12));
        message.subject = message.subject.repeat(5);
    };
    let scripts = |evidence: &mut Evidence| {
        message_of(evidence).body_text = BodyText::new(SCRIPTS.to_owned());
        origin_of(evidence).sender.display_name = Some("金民秀 김민수 / מיכל / أحمد 😀".to_owned());
    };
    vec![
        ("many_attachments", with(&many)),
        ("html_only", with(&html_only)),
        ("long", with(&long)),
        ("scripts", with(&scripts)),
    ]
}

const SCRIPTS: &str = concat!(
    "简体中文：本合同自签署之日起生效，发票另寄。\r\n",
    "繁體中文：本合約自簽署之日起生效，發票另寄。\r\n",
    "한국어: 임대차 계약서를 보내 드립니다.\r\n",
    "Русский: Договор аренды от 12 марта.  Ελληνικά: Σύμβαση μίσθωσης\r\n",
    "हिन्दी: किराये का अनुबंध संलग्न है। क्षेत्र श्री\r\n",
    "ไทย: สัญญาเช่าลงวันที่ ๑๒ มีนาคม\r\n",
    "عربي: عقد إيجار بتاريخ ١٢ مارس، مُوَقَّع.\r\n",
    "עברית: חוזה שכירות מיום 12 במרץ.\r\n",
    "😀🎉❤\u{FE0F}👍🏽🇯🇵 ⁂☃♔⠿⚖ ≒∵∀x∈ℝ [U+E000] \u{E000}\u{202e}\r\n",
);

fn delivered() -> DeliveredMessage {
    DeliveredMessage {
        size_bytes: DELIVERED.len() as u64,
        digest: crate::embed::digest_of(DELIVERED),
        provider_message_id: Some(
            "0106019a9d2f3c4e-5b6a7c8d-1234-4321-9abc-def012345678-000000".to_owned(),
        ),
        raw_header: DELIVERED.strip_suffix(DELIVERED_BODY).map(<[u8]>::to_vec),
        changes: vec![
            DeliveryChange::NoticeInText,
            DeliveryChange::NoticeInHtml,
            DeliveryChange::TextInUtf8,
        ],
        notices: Some(Notices {
            before: "髙﨑 太郎様が、証明メールで送ったメッセージです。".to_owned(),
            behind: "管理番号: K7Q2-000123\nご返信は差出人に届きます。".to_owned(),
        }),
    }
}

const DELIVERED_BODY: &[u8] = b"\x82\xa0\r\n";

/// Some digest; equal seeds give equal ones.
pub fn digest(seed: u8) -> Sha256Digest {
    Sha256Digest::new(std::array::from_fn(|i| {
        seed.wrapping_mul(31)
            .wrapping_add(u8::try_from(i * 7).unwrap())
    }))
}

fn message() -> Message {
    Message {
        subject: "【重要】ご契約内容の確認と①お支払期限のお知らせ㈱𠮷田商事".to_owned(),
        message_id: Some("<20261120101455.4F2A1@mail.customer.test>".to_owned()),
        date_header: Some("Fri, 20 Nov 2026 10:14:55 +0900".to_owned()),
        body_text: BodyText::new(BODY.to_owned()),
        body_source: BodySource::PlainText,
        unshown_part: None,
        body_charset: Some(Charset {
            label: Some("iso-2022-jp".to_owned()),
            read_as: "ISO-2022-JP".to_owned(),
            reason: CharsetReason::AsLabelled,
        }),
        size_bytes: ORIGINAL.len() as u64,
        digest: crate::embed::digest_of(ORIGINAL),
        raw_header: HEADER.as_bytes().to_vec(),
        damages: Vec::new(),
    }
}

const BODY: &str = concat!(
    "髙﨑 花子 様\r\n",
    "\r\n",
    "平素より格別のお引き立てを賜り、厚く御礼申し上げます。㈱𠮷田商事の髙﨑です。\r\n",
    "\r\n",
    "さて、2026年10月1日付「業務委託契約書」（契約番号 YS-2026-0417）第8条に基づき、下記のとおりご請求申し上げます。お手数をおかけいたしますが、内容をご確認",
    "のうえ、期日までにお支払いくださいますようお願い申し上げます。\r\n",
    "\r\n",
    "　　　　　　　　　　　　　　　　　記\r\n",
    "\r\n",
    "　① ご請求金額　　1,284,000円（消費税込み）\r\n",
    "　② お支払期限　　2026年11月30日（月）\r\n",
    "　③ お振込先　　　◯◯銀行　丸の内支店　普通 1234567\r\n",
    "\r\n",
    "期限までにお支払いがない場合には、契約第12条により契約を解除することがあります。本メールは登録電子メールとして送信しています。\r\n",
    "\r\n",
    "ご不明な点がありましたら、下記までご連絡ください。😀\r\n",
    "\r\n",
    "--\r\n",
    "髙﨑 太郎\r\n",
    "https://www.customer.test/contracts/2026/10/01/ys-2026-0417/confirmation?reference=012",
    "3456789abcdef0123456789abcdef0123456789abcdef\r\n",
);

const HEADER: &str = concat!(
    "Received: from mail.customer.test (mail.customer.test [192.0.2.10])\r\n",
    " by inbound-smtp.ap-northeast-1.amazonaws.com with SMTP id 8b2k0hsq9v6m1u3q\r\n",
    " for mail@akashi.test; Fri, 20 Nov 2026 01:14:58 +0000 (UTC)\r\n",
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=customer.test;\r\n",
    " s=s2026; t=1795137295; h=from:to:cc:subject:date:message-id;\r\n",
    " bh=9jXUq8r7m0Zc1dQk6l2n5w8t3y4u6i7o9p1a2s3d4f5=;\r\n",
    " b=Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9v\r\n",
    " YmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFy\r\n",
    "From: =?ISO-2022-JP?B?GyRCfWI6ahsoQg==?= <taro@customer.test>\r\n",
    "To: hanako@recipient.test\r\n",
    "Cc: mail@akashi.test\r\n",
    "Subject: =?UTF-8?B?44CQ6YeN6KaB44CR?=\r\n",
    "Date: Fri, 20 Nov 2026 10:14:55 +0900\r\n",
    "Message-ID: <20261120101455.4F2A1@mail.customer.test>\r\n",
    "MIME-Version: 1.0\r\n",
    "Content-Type: multipart/mixed; boundary=\"=_b1\"\r\n",
    "\r\n",
);

fn attachments() -> Vec<AttachmentRow> {
    let row = |name: Option<&str>, safe_name: &str, content_type: &str, seed: u8| AttachmentRow {
        name_as_sent: name.map(str::to_owned),
        embedded_name: safe_name.to_owned(),
        content_type: content_type.to_owned(),
        content_id: None,
        size_bytes: 12_345 * u64::from(seed),
        digest: digest(seed),
        is_inline: false,
        damaged: false,
    };
    vec![
        row(
            Some("業務委託契約書（㈱𠮷田商事）.pdf"),
            "業務委託契約書（㈱𠮷田商事）.pdf",
            "application/pdf",
            3,
        ),
        AttachmentRow {
            content_id: Some("<logo@customer.test>".to_owned()),
            is_inline: true,
            ..row(Some("logo.png"), "logo.png", "image/png", 4)
        },
        row(
            Some("../invoice\u{202e}fdp.exe"),
            "invoice fdp.exe",
            "application/octet-stream",
            5,
        ),
        AttachmentRow {
            damaged: true,
            ..row(None, "part-4", "application/zip", 6)
        },
    ]
}

fn authentication() -> AuthenticationEvidence {
    let covered = [
        HeaderField::From,
        HeaderField::Subject,
        HeaderField::Date,
        HeaderField::MessageId,
        HeaderField::MimeVersion,
    ];
    let uncovered = [HeaderField::To, HeaderField::Cc];
    AuthenticationEvidence {
        verified_at: "2026-11-20T01:15:00.210Z".parse().unwrap(),
        signatures: vec![DkimSignature {
            domain: "customer.test".to_owned(),
            selector: "s2026".to_owned(),
            algorithm: Some(SigningAlgorithm::RsaSha256),
            result: SignatureResult::Pass,
            alignment: Alignment::Exact,
            dns_name: "s2026._domainkey.customer.test".to_owned(),
            dns_records: vec![format!(
                "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A{}",
                "MIIBCgKCAQEAu5oIUrFDWZK7F4thFxpZa2or6jBEX3cSL6b2TJdPkO5iNn9vHNXhNX31nOefN8FksX94"
                    .repeat(4)
            )],
            coverage: coverage(&covered, &uncovered),
        }],
        relied_on: Some(0),
        spf: SpfResult::Pass,
        by_spf: uncovered.into(),
        arc: ArcReport::default(),
    }
}

fn coverage(covered: &[HeaderField], uncovered: &[HeaderField]) -> Coverage {
    let covered = covered.iter().map(|field| (*field, true));
    let fields = covered.chain(uncovered.iter().map(|field| (*field, false)));
    fields.fold(Coverage::default(), |coverage, (field, is_covered)| {
        coverage.with(field, is_covered)
    })
}

fn own_event(
    at: &str,
    name: &str,
    etsi: Option<EtsiEvent>,
    japanese: &str,
    english: &str,
) -> EventRow {
    EventRow {
        at: at.parse().unwrap(),
        recorded_at: at.parse().unwrap(),
        source: "Akashi".to_owned(),
        name: name.to_owned(),
        etsi,
        description_japanese: japanese.to_owned(),
        description_english: english.to_owned(),
        is_supplementary: false,
        reported_message_id: None,
        verbatim: None,
        quoted: None,
        other_mail: None,
        also_told: Vec::new(),
    }
}

fn events() -> Vec<EventRow> {
    vec![
        own_event(
            "2026-11-20T01:15:02Z",
            "accepted",
            Some(EtsiEvent::SubmissionAcceptance),
            "本サービスがメールを受理し、番号を付与しました。",
            "The service accepted the mail and gave it its serial.",
        ),
        own_event(
            "2026-11-20T01:15:05.120Z",
            "attempt_started",
            None,
            "送信事業者への引渡しを開始しました。",
            "The service began handing the message to the provider.",
        ),
        EventRow {
            source: "Amazon SES".to_owned(),
            recorded_at: "2026-11-20T01:15:09.482Z".parse().unwrap(),
            verbatim: Some(DELIVERY.to_owned()),
            ..own_event(
                "2026-11-20T01:15:08.881Z",
                "delivered",
                Some(EtsiEvent::RelayToNonErds),
                "受信側メールサーバーが受け取りました: 250 2.0.0 OK 1795137308 d9443c01a7336-2a8f1\
                 （応答を受けたAmazon SESのホスト: e234-9.smtp-out.ap-northeast-1.amazonses.com）",
                "The recipient's mail server took the message: 250 2.0.0 OK 1795137308 \
                 d9443c01a7336-2a8f1 (heard by Amazon SES's host \
                 e234-9.smtp-out.ap-northeast-1.amazonses.com)",
            )
        },
    ]
}

const DELIVERY: &str = concat!(
    r#"{"eventType":"Delivery","mail":{"timestamp":"2026-11-20T01:15:05.502Z","source":"mai"#,
    r#"l@akashi.test","sourceArn":"arn:aws:ses:ap-northeast-1:123456789012:identity/akashi."#,
    r#"test","sendingAccountId":"123456789012","messageId":"0106019a9d2f3c4e-5b6a7c8d-1234-"#,
    r#"4321-9abc-def012345678-000000","destination":["hanako@recipient.test"],"headersTrunc"#,
    r#"ated":false,"tags":{"ses:configuration-set":["akashi-registered-mail"]}},"delivery":"#,
    r#"{"timestamp":"2026-11-20T01:15:08.881Z","processingTimeMillis":3379,"recipients":["h"#,
    r#"anako@recipient.test"],"smtpResponse":"250 2.0.0 OK 1795137308 d9443c01a7336-2a8f1","#,
    r#""reportingMTA":"e234-9.smtp-out.ap-northeast-1.amazonses.com"}}"#,
);
