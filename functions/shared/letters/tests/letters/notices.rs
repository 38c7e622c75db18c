//! Every mail that the service itself writes, as people get it.

use domain::{
    AcceptanceNotices, Account, AccountStatus, Balance, Channel, ContractSettings, Distrust, Doubt,
    EmailAddress, Fate, HeaderField, Language, MailDomain, Named, NotAttempted, Operator, Outcome,
    Points, Recipient, Refusal, Serial, Settings, Sha256Digest, TrustSetting, Unusable,
    UnusableReason, UnvouchedCount, ZoneName,
};
use jiff::Timestamp;
use letters::mails::{
    AcceptanceNotice, AcceptanceReason, CertificateCopy, FailedRoadNotice, LapseNotice, Letterhead,
    NotAttemptedNotice, RefusalNotice, SummarizedDispatch, SummaryNotice, UnvouchedNotice,
    acceptance_notice, certificate_copy, failed_road_notice, lapse_notice, not_attempted_notice,
    refusal_notice, summary_notice, unvouched_notice,
};
use mail::ParsedMail;

pub(crate) fn with_letterhead<T>(write: impl FnOnce(&Letterhead<'_>) -> T) -> T {
    let domain: MailDomain = "akashi.test".parse().unwrap();
    let date: Timestamp = "2026-01-05T00:00:05Z".parse().unwrap();
    let operator = Operator {
        contact: Some("03-1234-5678".parse().unwrap()),
        privacy: Some("https://akashi.test/privacy".parse().unwrap()),
        ..Operator::named("証明株式会社")
    };
    write(&Letterhead {
        language: Language::default(),
        service_domain: &domain,
        operator: &operator,
        id: "o3vrnil0e2-01",
        thread: None,
        date,
    })
}

/// The header as it stands and the text as it is read; the wire form is checked on the way.
pub(crate) fn readable(bytes: &[u8]) -> String {
    assert!(bytes.is_ascii());
    let mail = ParsedMail::parse(bytes);
    assert_eq!(mail.damages(), []);
    assert!(
        mail.automatic("no-reply@akashi.test").is_some(),
        "no machine may answer (Q-13)"
    );
    let header = String::from_utf8(mail.raw_header().to_vec())
        .unwrap()
        .replace("\r\n", "\n");
    format!(
        "{header}\n[subject] {}\n\n{}",
        mail.subject(),
        mail.body().text
    )
}

pub(crate) fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

fn zone() -> ZoneName {
    "Asia/Tokyo".parse().unwrap()
}

/// The notice that a mail with this subject was refused.
fn refusal(subject: &str, refusals: &[Refusal]) -> Vec<u8> {
    with_letterhead(|letterhead| {
        refusal_notice(
            letterhead,
            &RefusalNotice {
                sender: &address("taro@customer.test"),
                company: "株式会社カスタマー",
                serial: &"K7Q2-000123".parse().unwrap(),
                subject,
                message_id: Some("<1@customer.test>"),
                refusals,
            },
        )
    })
}

#[test]
fn refuses_with_every_reason_and_what_to_do_p_013_q_2() {
    let shortage = Balance::free(Points::new(1))
        .shortage(Points::new(2))
        .unwrap();
    let refusals = [
        Refusal::NoRecipient,
        Refusal::OnlyServiceAddresses,
        Refusal::UnreadableRecipients(vec!["山田".to_owned(), "x@y.test z".to_owned()]),
        Refusal::TooManyRecipients {
            count: 41,
            limit: 40,
        },
        Refusal::TooLarge {
            size_bytes: 5_242_881,
            limit_bytes: 5_242_880,
        },
        Refusal::RepeatedFields(vec![HeaderField::Subject, HeaderField::To]),
        Refusal::TooManySms { count: 3, left: 2 },
        Refusal::Virus,
        Refusal::AccountSuspended,
        Refusal::AccountLapsed,
        Refusal::NotEnoughPoints(shortage),
    ];
    insta::assert_snapshot!(readable(&refusal("ご請求（髙﨑様）", &refusals)));
}

#[test]
fn refuses_a_contract_with_every_reason_of_its_subject_p_060_q_3_q_19() {
    let unusable = |text: &str, why| Unusable {
        text: text.to_owned(),
        why,
    };
    let refusals = [
        Refusal::NoDestination,
        Refusal::UnusableDestinations(vec![
            unusable("03-1234-5678", UnusableReason::Landline),
            unusable("+12025550123", UnusableReason::Foreign),
            unusable("mail@akashi.test", UnusableReason::OwnAddress),
            unusable("花子@recipient.test", UnusableReason::UnsendableAddress),
        ]),
        Refusal::TooManyDestinations {
            count: 21,
            limit: 20,
        },
        Refusal::MixedServices,
    ];
    insta::assert_snapshot!(readable(&refusal(
        "03-1234-5678 秘密保持契約の件",
        &refusals
    )));
}

#[test]
fn mails_a_certificate_with_its_exact_bytes_i_035_i_048_i_054() {
    let serial: Serial = "K7Q2-000123".parse().unwrap();
    let pdf: Vec<u8> = (0..200_000_u32)
        .map(|n| n.to_le_bytes()[n as usize % 3])
        .collect();
    let bytes = with_letterhead(|letterhead| {
        certificate_copy(
            letterhead,
            &CertificateCopy {
                to: &address("taro@customer.test"),
                account: "株式会社カスタマー",
                serial: &serial,
                recipient: &Recipient::Mail(address("hanako@recipient.test")),
                subject: "ご請求（髙﨑様）",
                outcome: Outcome::Relayed,
                pdf: &pdf,
            },
        )
    });
    insta::assert_snapshot!(readable(&bytes));
    let mail = ParsedMail::parse(&bytes);
    let attachments = mail.attachments();
    assert_eq!(attachments.len(), 1);
    assert_eq!(attachments[0].content(), pdf);
    assert_eq!(
        attachments[0].name_as_sent.as_deref(),
        Some("K7Q2-000123.pdf")
    );
}

#[test]
fn says_what_was_not_attempted_and_that_it_costs_nothing_q_5() {
    let serial: Serial = "K7Q2-000123".parse().unwrap();
    for reason in [
        NotAttempted::Suppressed,
        NotAttempted::ProviderRefused,
        NotAttempted::SpendingLimit,
        NotAttempted::DeadlinePassed,
    ] {
        let bytes = with_letterhead(|letterhead| {
            not_attempted_notice(
                letterhead,
                &NotAttemptedNotice {
                    sender: &address("taro@customer.test"),
                    company: "株式会社カスタマー",
                    serial: &serial,
                    recipient: &Recipient::Mail(address("hanako@recipient.test")),
                    subject: "ご請求",
                    reason,
                },
            )
        });
        insta::assert_snapshot!(Outcome::NotAttempted(reason).name(), readable(&bytes));
    }
}

#[test]
fn warns_that_an_account_lapses_and_says_how_to_keep_it_i_045_i_046() {
    let account = Account {
        id: "K7Q2".parse().unwrap(),
        company: "株式会社カスタマー".to_owned(),
        address: None,
        contact: "髙﨑 太郎".to_owned(),
        mail: address("office@customer.test"),
        mobile: None,
        status: AccountStatus::Active,
        settings: Settings {
            certificates_by_mail: true,
            acceptance_notices: AcceptanceNotices::default(),
            language: Language::default(),
            zone: "Asia/Tokyo".parse().unwrap(),
            contracts: ContractSettings::default(),
        },
        last_used_at: "2020-02-29T15:00:00Z".parse().unwrap(),
        warned: None,
    };
    let notice = LapseNotice {
        account: &account,
        closes_at: "2025-02-28T15:00:00Z".parse().unwrap(),
        points: Points::new(120),
    };
    let bytes = with_letterhead(|letterhead| lapse_notice(letterhead, &notice));
    insta::assert_snapshot!(readable(&bytes));
}

#[test]
fn the_notice_of_unvouched_mails_counts_them_without_a_word_of_theirs_q_30() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let distrust = Distrust {
        trust: TrustSetting::Dkim,
        doubts: vec![
            Doubt::NoSignature,
            Doubt::NotSigned([HeaderField::Subject].into()),
            Doubt::NotSignedNorSpf([HeaderField::To, HeaderField::ContentType].into()),
            Doubt::NotAddressedToUs,
            Doubt::TooOld(at("2025-12-01T00:00:00Z")),
            Doubt::InFuture(at("2026-02-01T00:00:00Z")),
            Doubt::Undated,
        ],
    };
    let count = UnvouchedCount {
        refused_at: vec![at("2026-01-05T00:00:00Z"), at("2026-01-05T01:00:00Z")],
        more: 3,
    };
    let bytes = with_letterhead(|letterhead| {
        unvouched_notice(
            letterhead,
            &UnvouchedNotice {
                sender: &address("taro@customer.test"),
                count: &count,
                distrust: &distrust,
                zone: &zone(),
            },
        )
    });
    insta::assert_snapshot!(readable(&bytes));
}

#[test]
fn the_notice_of_an_acceptance_says_what_was_understood_and_what_it_costs_q_21() {
    let mobile = "+819012345678".parse().unwrap();
    let both = Recipient::Both {
        mail: address("jiro@recipient.test"),
        mobile,
    };
    let dispatches = [
        (
            "K7Q2-000001",
            Recipient::Mail(address("hanako@recipient.test")),
        ),
        ("K7Q2-000002", both),
    ];
    let dispatches = dispatches.map(|(serial, to)| (serial.parse().unwrap(), to));
    for (reason, until) in [
        (AcceptanceReason::OnlySpf, None),
        (AcceptanceReason::Setting, Some("2026-02-04T00:00:59.9Z")),
    ] {
        let bytes = with_letterhead(|letterhead| {
            acceptance_notice(
                letterhead,
                &AcceptanceNotice {
                    sender: &address("taro@customer.test"),
                    company: "株式会社カスタマー",
                    reason,
                    subject: "御通知\r\nBcc: x@y.test",
                    accepted_at: "2026-01-05T00:00:00Z".parse().unwrap(),
                    answer_until: until.map(|until| until.parse().unwrap()),
                    zone: &zone(),
                    price_each: Points::new(1),
                    dispatches: &dispatches,
                },
            )
        });
        insta::assert_snapshot!(format!("acceptance {reason:?}"), readable(&bytes));
    }
}

#[test]
fn a_failed_road_is_told_with_its_reason_and_the_road_that_goes_on() {
    let recipient = Recipient::Both {
        mail: address("jiro@recipient.test"),
        mobile: "+819012345678".parse().unwrap(),
    };
    for (failed, fate) in [
        (Channel::Mail, Fate::Noex),
        (
            Channel::Sms,
            Fate::NotAttempted(NotAttempted::SpendingLimit),
        ),
    ] {
        let bytes = with_letterhead(|letterhead| {
            failed_road_notice(
                letterhead,
                &FailedRoadNotice {
                    sender: &address("taro@customer.test"),
                    company: "株式会社カスタマー",
                    serial: &"K7Q2-000123".parse().unwrap(),
                    recipient: &recipient,
                    subject: "業務委託契約",
                    failed,
                    fate,
                },
            )
        });
        insta::assert_snapshot!(format!("failed road {failed:?}"), readable(&bytes));
    }
}

#[test]
fn a_summary_names_each_recipient_with_outcome_serial_and_digest_i_061() {
    let outcomes = [
        Outcome::Relayed,
        Outcome::Noex,
        Outcome::Relayed,
        Outcome::NotAttempted(NotAttempted::Suppressed),
    ];
    let dispatches = outcomes
        .into_iter()
        .zip(1_u8..)
        .map(|(outcome, number)| SummarizedDispatch {
            serial: format!("K7Q2-00000{number}").parse().unwrap(),
            recipient: Recipient::Mail(address(&format!("r{number}@recipient.test"))),
            outcome,
            certificate: outcome
                .is_certified()
                .then(|| Sha256Digest::new([number; 32])),
        });
    let bytes = with_letterhead(|letterhead| {
        summary_notice(
            letterhead,
            &SummaryNotice {
                to: &address("taro@customer.test"),
                account: "証株式会社",
                subject: "御通知\r\nBcc: x@y.test",
                accepted_at: "2026-01-05T00:00:00Z".parse().unwrap(),
                zone: &zone(),
                link: "https://akashi.test/l/abc/mfqwcylbmfqwcylbmfqwcylbme",
                dispatches: &dispatches.collect::<Vec<_>>(),
            },
        )
    });
    insta::assert_snapshot!(readable(&bytes));
}

#[test]
fn a_hostile_subject_or_message_id_writes_no_field_of_its_own() {
    let bytes = with_letterhead(|letterhead| {
        refusal_notice(
            letterhead,
            &RefusalNotice {
                sender: &address("taro@customer.test"),
                company: "a\r\nBcc: x@y.test",
                serial: &"K7Q2-000123".parse().unwrap(),
                subject: "a\r\nBcc: x@y.test\0",
                message_id: Some("<1@customer.test>\r\nBcc: x@y.test"),
                refusals: &[Refusal::NoRecipient],
            },
        )
    });
    let header = readable(&bytes);
    assert!(
        !header.contains("\nBcc:") && !header.contains("In-Reply-To"),
        "{header}"
    );
}
