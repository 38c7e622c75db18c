//! A sample of an addendum to the certificate of a registered mail.

use domain::{BounceKind, EtsiEvent, Points};

use super::contract::elsewhere;
use super::{check_address, digest, evidence, message, outcome, own_event};
use crate::{
    Added, AddendumSection, BounceSection, EventRow, Evidence, MainCertificate, ProductEvidence,
};

/// A bounce that was told an hour after the certificate of [`evidence`](super::evidence()).
#[must_use]
pub fn late_bounce() -> Evidence {
    let main = evidence();
    let bounced = EventRow {
        source: "Amazon SES".to_owned(),
        recorded_at: "2026-11-20T02:17:31.204Z".parse().unwrap(),
        is_supplementary: true,
        verbatim: Some(BOUNCE.to_owned()),
        ..own_event(
            "2026-11-20T02:17:30Z",
            "bounced",
            Some(EtsiEvent::RelayToNonErdsFailure),
            "恒久的な配送不能（宛先又はドメインが存在しない）: 5.1.1 smtp; 550 5.1.1 mailbox does \
             not exist",
            "Permanent bounce (no such address or domain): 5.1.1 smtp; 550 5.1.1 mailbox does not \
             exist",
        )
    };
    let section = AddendumSection {
        main: MainCertificate {
            serial: main.serial.clone(),
            digest: digest(41),
            issued_at: main.issued_at,
        },
        message: elsewhere(&message()),
        added: Added::Bounce(Box::new(BounceSection {
            main_outcome: main.outcome.clone(),
            kind: BounceKind::Permanent,
            status: Some("5.1.1".to_owned()),
            diagnostic: Some("smtp; 550 5.1.1 mailbox does not exist".to_owned()),
            source: bounced.source.clone(),
            at: bounced.at,
            recorded_at: bounced.recorded_at,
        })),
    };
    let delivered = main.events.last().cloned();
    Evidence {
        serial: "K7Q2-000124".parse().unwrap(),
        check_address: check_address("K7Q2-000124"),
        issued_at: "2026-11-20T02:17:55Z".parse().unwrap(),
        settled_at: bounced.recorded_at,
        outcome: outcome(
            "bounced_later",
            "結果が確定した後に、メールを配達できなかったという通知が届きました。先の証明書は取り消されず、記録した事実もそのままです。",
            "After the outcome was settled, a report came that the mail was not delivered. The \
             first certificate is not withdrawn; what it records stays as it is.",
        ),
        price: Points::new(0),
        events: delivered.into_iter().chain([bounced]).collect(),
        product: ProductEvidence::Addendum(Box::new(section)),
        ..main
    }
}

const BOUNCE: &str = concat!(
    r#"{"eventType":"Bounce","bounce":{"bounceType":"Permanent","bounceSubType":"NoEmail","#,
    r#""bouncedRecipients":[{"emailAddress":"hanako@recipient.test","action":"failed","sta"#,
    r#"tus":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 mailbox does not exist"}],"timestamp"#,
    r#"":"2026-11-20T02:17:30.000Z"}}"#,
);
