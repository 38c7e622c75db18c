//! The events that SES publishes about a mail it accepted from us.
//! <https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html>
//! The notifications of an identity say the same in an older form, without tags:
//! <https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html>

use std::collections::BTreeMap;

use domain::{
    Bounce, BounceKind, Channel, DispatchId, EventId, Observation, ProviderMessageId, Sha256Digest,
};
use jiff::Timestamp;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::RecordError;

/// The name of the message tag that carries the dispatch id.
const DISPATCH_TAG: &str = "dispatch";

/// The name of the tag in which SES says through which configuration set a mail was sent
/// (<https://docs.aws.amazon.com/ses/latest/dg/monitor-using-event-publishing.html>).
const CONFIGURATION_SET_TAG: &str = "ses:configuration-set";

/// A provider's event, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedEvent {
    /// Digest of the record: the same record twice is one event.
    pub id: EventId,
    /// On which channel.
    pub channel: Channel,
    /// Which message of ours it is about, by the provider's id.
    pub message_id: ProviderMessageId,
    /// Which dispatch it is about, by our own tag; absent on mails that are no dispatch.
    pub dispatch: Option<DispatchId>,
    /// Through which configuration set it was sent, if the provider says so.
    pub configuration_set: Option<String>,
    /// To whom it was sent, as the provider writes it.
    pub recipients: Vec<String>,
    /// What was seen.
    pub observation: Observation,
    /// When, by the provider's clock.
    pub at: Timestamp,
    /// The record, unchanged.
    pub verbatim: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SesEvent {
    /// Named so where an identity, and not a configuration set, is told to notify.
    #[serde(alias = "notificationType")]
    event_type: String,
    mail: Mail,
    delivery: Option<Delivery>,
    bounce: Option<RawBounce>,
    complaint: Option<Complaint>,
    delivery_delay: Option<DeliveryDelay>,
    reject: Option<Reject>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mail {
    message_id: String,
    timestamp: String,
    #[serde(default)]
    destination: Vec<String>,
    #[serde(default)]
    tags: BTreeMap<String, Vec<String>>,
}

impl Mail {
    fn tag(&self, name: &str) -> Option<&str> {
        let values = self.tags.get(name)?;
        values.first().map(String::as_str)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaint {
    timestamp: String,
    complaint_sub_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Delivery {
    timestamp: String,
    #[serde(default)]
    smtp_response: String,
    #[serde(rename = "reportingMTA", default)]
    reporting_mta: String,
    remote_mta_ip: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawBounce {
    timestamp: String,
    bounce_type: String,
    #[serde(default)]
    bounce_sub_type: String,
    #[serde(default)]
    bounced_recipients: Vec<BouncedRecipient>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BouncedRecipient {
    status: Option<String>,
    diagnostic_code: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeliveryDelay {
    timestamp: String,
    #[serde(default)]
    delay_type: String,
}

#[derive(Deserialize)]
struct Reject {
    #[serde(default)]
    reason: String,
}

/// Reads one event. `None` for kinds that say nothing about the way of a mail (opens, clicks and
/// subscriptions, which we do not ask for: X-9).
///
/// # Errors
/// When the record is not what AWS documents.
pub fn parse_ses_event(record: &str) -> Result<Option<ReportedEvent>, RecordError> {
    let event: SesEvent = serde_json::from_str(record).map_err(RecordError::Json)?;
    let message_id: ProviderMessageId = event
        .mail
        .message_id
        .parse()
        .map_err(|_| RecordError::Field("mail.messageId"))?;
    let mail = &event.mail;
    let dispatch = mail.tag(DISPATCH_TAG).and_then(|id| id.parse().ok());
    let configuration_set = mail.tag(CONFIGURATION_SET_TAG).map(str::to_owned);
    let recipients = mail.destination.clone();
    let Some((at, observation)) = observation(&event, &message_id)? else {
        return Ok(None);
    };
    Ok(Some(ReportedEvent {
        channel: Channel::Mail,
        id: EventId::new(Sha256Digest::new(Sha256::digest(record.as_bytes()).into())),
        message_id,
        dispatch,
        configuration_set,
        recipients,
        observation,
        at: at.parse().map_err(|_| RecordError::Field("timestamp"))?,
        verbatim: record.to_owned(),
    }))
}

fn observation<'a>(
    event: &'a SesEvent,
    message_id: &ProviderMessageId,
) -> Result<Option<(&'a str, Observation)>, RecordError> {
    fn part<'a, T>(part: Option<&'a T>, name: &'static str) -> Result<&'a T, RecordError> {
        part.ok_or(RecordError::Field(name))
    }
    let sent_at = event.mail.timestamp.as_str();
    Ok(Some(match event.event_type.as_str() {
        "Send" => (
            sent_at,
            Observation::ProviderAccepted {
                message_id: message_id.clone(),
            },
        ),
        "Delivery" => {
            let delivery = part(event.delivery.as_ref(), "delivery")?;
            let seen = Observation::Delivered {
                smtp_response: delivery.smtp_response.clone(),
                reporting_mta: delivery.reporting_mta.clone(),
                remote_mta_ip: delivery.remote_mta_ip.clone(),
            };
            (&delivery.timestamp, seen)
        }
        "Bounce" => {
            let bounce = part(event.bounce.as_ref(), "bounce")?;
            (&bounce.timestamp, Observation::Bounced(read_bounce(bounce)))
        }
        "Complaint" => {
            let complaint = part(event.complaint.as_ref(), "complaint")?;
            (&complaint.timestamp, read_complaint(complaint))
        }
        "DeliveryDelay" => {
            let delay = part(event.delivery_delay.as_ref(), "deliveryDelay")?;
            (
                &delay.timestamp,
                Observation::Delayed {
                    reason: delay.delay_type.clone(),
                },
            )
        }
        "Reject" => {
            let reject = part(event.reject.as_ref(), "reject")?;
            (
                sent_at,
                Observation::ProviderRefused {
                    reason: reject.reason.clone(),
                },
            )
        }
        _ => return Ok(None),
    }))
}

/// Kinds of bounces and complaints of what SES stopped before any SMTP attempt, which is not
/// evidence of anything (Q-5): its own list, the account's, a tenant's, and addresses that it
/// doubts. The last two names are told by clients of SES, not read in its pages.
/// <https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html>
const SUPPRESSED: [&str; 4] = [
    "Suppressed",
    "OnAccountSuppressionList",
    "OnTenantSuppressionList",
    "EmailValidationSuppressed",
];

/// A complaint of this kind means that nothing was sent: the address is suppressed (Q-5).
fn read_complaint(complaint: &Complaint) -> Observation {
    let kind = complaint.complaint_sub_type.as_deref();
    if kind.is_some_and(|kind| SUPPRESSED.contains(&kind)) {
        let kind = BounceKind::Suppressed;
        Observation::Bounced(Bounce {
            kind,
            status: None,
            diagnostic: None,
        })
    } else {
        Observation::Complained
    }
}

fn read_bounce(bounce: &RawBounce) -> Bounce {
    let recipient = bounce.bounced_recipients.first();
    let status = recipient.and_then(|bounced| bounced.status.clone());
    let diagnostic = recipient.and_then(|bounced| bounced.diagnostic_code.clone());
    let kind = match (bounce.bounce_type.as_str(), bounce.bounce_sub_type.as_str()) {
        (_, kind) if SUPPRESSED.contains(&kind) => BounceKind::Suppressed,
        // SES calls a domain that does not exist transient, with a permanent status (Q-5).
        _ if names_no_address(status.as_deref(), diagnostic.as_deref()) => BounceKind::Permanent,
        ("Permanent", "NoEmail") if status.is_none() => BounceKind::Permanent,
        ("Permanent", _) => BounceKind::Refused,
        // SES's form of an out-of-office reply.
        ("Transient", "General") if status.is_none() && diagnostic.is_none() => {
            BounceKind::AutomaticReply
        }
        ("Transient", _) => BounceKind::Transient,
        _ => BounceKind::Undetermined,
    };
    Bounce {
        kind,
        status,
        diagnostic,
    }
}

/// The enhanced status codes (RFC 3463) that say that the mailbox (X.1.1, X.1.3, X.1.10) or its
/// domain (X.1.2, X.4.4) does not exist, for good (class 5). All others speak of something else: a
/// policy, a size, a full mailbox (Q-28).
const NO_ADDRESS: [&str; 5] = ["5.1.1", "5.1.2", "5.1.3", "5.1.10", "5.4.4"];

/// Whether a server says so, in the status, or in its own words where no status is given.
fn names_no_address(status: Option<&str>, diagnostic: Option<&str>) -> bool {
    let said = status.map(str::trim).filter(|status| !status.is_empty());
    let said = said.or_else(|| enhanced_status(diagnostic.unwrap_or_default()));
    said.is_some_and(|status| NO_ADDRESS.contains(&status))
}

/// The first `class.subject.detail` of a text, as in `smtp; 550-5.1.1 user unknown`.
fn enhanced_status(text: &str) -> Option<&str> {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split(|c: char| !(c.is_ascii_digit() || c == '.'))
        .find(|word| {
            let parts: Vec<&str> = word.split('.').collect();
            parts.len() == 3 && parts.iter().all(|part| is_number(part))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounce(kind: &str, sub_kind: &str, recipient: &str) -> BounceKind {
        let record = format!(
            r#"{{"eventType":"Bounce","mail":{{"messageId":"0100-1","timestamp":
            "2026-01-05T00:00:00.000Z"}},"bounce":{{"timestamp":"2026-01-05T00:00:01.000Z",
            "bounceType":"{kind}","bounceSubType":"{sub_kind}",
            "bouncedRecipients":[{{"emailAddress":"a@example.test"{recipient}}}]}}}}"#
        );
        let report = parse_ses_event(&record).unwrap().unwrap();
        let Observation::Bounced(bounce) = &report.observation else {
            panic!("no bounce: {report:?}");
        };
        bounce.kind
    }

    #[test]
    fn reads_what_each_bounce_says_about_the_address_q_5_q_28() {
        let dead_domain = r#","status":"5.4.4","diagnosticCode":"smtp; 550 5.4.4 Invalid domain""#;
        let unknown = r#","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown""#;
        let blocked = r#","status":"5.7.1","diagnosticCode":"smtp; 550-5.7.1 [192.0.2.90]""#;
        let too_large = r#","status":"5.3.4","diagnosticCode":"smtp; 552 5.3.4 too large""#;
        let closed = r#","status":"5.7.133","diagnosticCode":"smtp; 550 5.7.133 group""#;
        let words_alone = r#","diagnosticCode":"smtp; 550-5.1.1 [192.0.2.90] user unknown""#;
        let full = r#","status":"5.2.2","diagnosticCode":"smtp; 552 5.2.2 Mailbox full""#;
        for (kind, sub_kind, recipient, expected) in [
            ("Permanent", "General", "", BounceKind::Refused),
            ("Permanent", "General", unknown, BounceKind::Permanent),
            ("Permanent", "General", blocked, BounceKind::Refused),
            ("Permanent", "General", too_large, BounceKind::Refused),
            ("Permanent", "General", closed, BounceKind::Refused),
            ("Permanent", "General", words_alone, BounceKind::Permanent),
            ("Permanent", "NoEmail", "", BounceKind::Permanent),
            ("Permanent", "NoEmail", blocked, BounceKind::Refused),
            ("Permanent", SUPPRESSED[0], "", BounceKind::Suppressed),
            ("Permanent", SUPPRESSED[1], "", BounceKind::Suppressed),
            ("Permanent", SUPPRESSED[2], unknown, BounceKind::Suppressed),
            ("Permanent", SUPPRESSED[3], "", BounceKind::Suppressed),
            ("Transient", "General", dead_domain, BounceKind::Permanent),
            ("Transient", "General", "", BounceKind::AutomaticReply),
            ("Transient", "MailboxFull", full, BounceKind::Transient),
            ("Transient", "General", full, BounceKind::Transient),
            ("Undetermined", "Undetermined", "", BounceKind::Undetermined),
        ] {
            assert_eq!(
                bounce(kind, sub_kind, recipient),
                expected,
                "{kind} {sub_kind}"
            );
        }
    }
}
