//! What happened to the genuine dispatches, as their providers tell it.

use certificate::{EventRow, Evidence};
use domain::{
    Answer, AnswerProof, AnswerRoad, AnswerStanding, Channel, Event, EventId, EventKind,
    EventSource, Observation, Sha256Digest,
};
use jiff::Timestamp;
use readers::{Report, in_order, logged, parse_report, row};

/// The provider's id of the mail.
pub(crate) const MAIL_ID: &str = "0106019a9d2f3c4e-5b6a7c8d-1234-4321-9abc-def012345678-000000";
/// The provider's id of the SMS.
pub(crate) const SMS_ID: &str = "3d2c1b0a-7a59-5a5f-9b7e-2b1c0f0d9e11";
/// Where the SMS went.
pub(crate) const NUMBER: &str = "+819012345678";

/// A mail that the recipient's server took.
pub(crate) fn of_mail(evidence: &Evidence) -> Vec<EventRow> {
    in_order(mail_events(evidence).into_iter())
}

fn mail_events(evidence: &Evidence) -> Vec<EventRow> {
    let accepted = row(
        &EventKind::Accepted,
        EventSource::Akashi,
        evidence.accepted_at,
    );
    let begun = EventKind::AttemptStarted(Channel::Mail);
    let later = [
        own("2026-11-20T01:15:05.120Z", begun),
        accepted_by_provider("2026-11-20T01:15:05.660Z", Channel::Mail, MAIL_ID),
        told("2026-11-20T01:15:09.482Z", &delivery(evidence)),
    ];
    std::iter::once(accepted).chain(later).collect()
}

/// An offer on both roads, and its answer by mail.
pub(crate) fn of_contract(evidence: &Evidence) -> Vec<EventRow> {
    let begun = EventKind::AttemptStarted(Channel::Sms);
    let of_sms = [
        own("2026-11-20T01:15:11.020Z", begun),
        accepted_by_provider("2026-11-20T01:15:11.400Z", Channel::Sms, SMS_ID),
        told("2026-11-20T01:15:16.900Z", SMS_DELIVERY),
        answered(evidence, false),
    ];
    in_order(mail_events(evidence).into_iter().chain(of_sms))
}

/// An answer that came later.
pub(crate) fn of_addendum(evidence: &Evidence) -> Vec<EventRow> {
    vec![answered(evidence, true)]
}

fn own(at: &str, kind: EventKind) -> EventRow {
    let at = at.parse().expect("a time");
    row(&kind, EventSource::Akashi, at)
}

fn accepted_by_provider(at: &str, channel: Channel, id: &str) -> EventRow {
    let message_id = id.parse().expect("an id");
    own(
        at,
        EventKind::Observed(channel, Observation::ProviderAccepted { message_id }),
    )
}

fn told(recorded_at: &str, record: &str) -> EventRow {
    let Ok(Report::OfMessage(report)) = parse_report(record, None) else {
        panic!("no report: {record}");
    };
    logged(&Event {
        id: report.id,
        kind: EventKind::Observed(report.channel, report.observation),
        source: match report.channel {
            Channel::Mail => EventSource::Ses,
            Channel::Sms => EventSource::Sns,
        },
        at: report.at,
        recorded_at: recorded_at.parse().expect("a time"),
        is_supplementary: false,
        verbatim: Some(report.verbatim),
    })
}

fn answered(evidence: &Evidence, is_supplementary: bool) -> EventRow {
    let section = evidence.answer().expect("an answer");
    let mail = section.mail().expect("a mail");
    let at: Timestamp = section.received_at;
    logged(&Event {
        id: EventId::new(Sha256Digest::new([7; 32])),
        kind: EventKind::AnswerReceived(Answer {
            road: AnswerRoad::Mail {
                inbound: "answer".parse().expect("an id"),
                from: Some(mail.from.clone()),
            },
            standing: AnswerStanding::Recipient,
            proof: AnswerProof::Signature,
            received_at: at,
            text: String::new(),
            authentication: None,
        }),
        source: EventSource::Ses,
        at,
        recorded_at: at,
        is_supplementary,
        verbatim: None,
    })
}

fn delivery(evidence: &Evidence) -> String {
    let recipient = evidence.recipient.mail().expect("an address");
    DELIVERY.replace("{recipient}", &recipient.to_string())
}

const DELIVERY: &str = concat!(
    r#"{"eventType":"Delivery","mail":{"timestamp":"2026-11-20T01:15:05.502Z","source":"mai"#,
    r#"l@akashi.test","messageId":"0106019a9d2f3c4e-5b6a7c8d-1234-4321-9abc-def012345678-00"#,
    r#"0000","destination":["{recipient}"],"headersTruncated":false,"tags":{"ses:configurat"#,
    r#"ion-set":["akashi-registered-mail"]}},"delivery":{"timestamp":"2026-11-20T01:15:08.8"#,
    r#"81Z","processingTimeMillis":3379,"recipients":["{recipient}"],"smtpResponse":"250 2."#,
    r#"0.0 OK 1795137308 d9443c01a7336-2a8f1","reportingMTA":"e234-9.smtp-out.ap-northeast-"#,
    r#"1.amazonses.com"}}"#,
);

const SMS_DELIVERY: &str = concat!(
    r#"{"notification":{"messageId":"3d2c1b0a-7a59-5a5f-9b7e-2b1c0f0d9e11","#,
    r#""timestamp":"2026-11-20 01:15:13.000"},"delivery":{"phoneCarrier":"NTT DOCOMO","#,
    r#""destination":"+819012345678","providerResponse":"Message has been accepted by phone","#,
    r#""dwellTimeMs":1207},"status":"SUCCESS"}"#,
);
