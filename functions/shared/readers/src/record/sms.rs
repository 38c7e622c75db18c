//! What AWS tells about SMS: the delivery logs that SNS writes, and the answers of two-way SMS.
//! <https://docs.aws.amazon.com/sns/latest/dg/sms_stats_cloudwatch.html>
//! <https://docs.aws.amazon.com/sms-voice/latest/userguide/two-way-sms-payload.html>

use std::borrow::Cow;
use std::ops::RangeInclusive;

use domain::{
    Channel, EventId, MobileNumber, Observation, ProviderMessageId, Sha256Digest, SmsFailureKind,
};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::ses_event::ReportedEvent;
use super::{RecordError, parse_ses_event};

/// What SES publishes in plain words to a topic that becomes the destination of a configuration
/// set's events, or stays it through a change. It is seen, and in no document of AWS:
/// <https://github.com/ope-tech/laravel-ses/issues/10>.
const TOPIC_IS_VALID: &str = "Successfully validated SNS topic for Amazon SES event publishing.";

/// A record about one of our messages, or an SMS to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// What became of a message.
    OfMessage(Box<ReportedEvent>),
    /// Somebody sent us an SMS.
    Sms(IncomingSms),
    /// A kind of record that says nothing about the way of a message.
    OfNoConcern,
}

/// An SMS that somebody sent to our number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingSms {
    /// The same SMS twice has the same id.
    pub id: EventId,
    /// The sender's number, as the carrier gives it.
    pub from: MobileNumber,
    /// Our number.
    pub to: String,
    /// The provider's id of it.
    pub message_id: String,
    /// What it says.
    pub text: String,
    /// When the provider published it.
    pub at: Option<Timestamp>,
    /// The provider's record.
    pub verbatim: String,
}

#[derive(Deserialize)]
struct DeliveryLog {
    notification: Notification,
    delivery: Delivery,
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Notification {
    message_id: String,
    timestamp: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Delivery {
    destination: Option<String>,
    phone_carrier: Option<String>,
    #[serde(default)]
    provider_response: String,
    /// How long until the carrier, and until the telephone, confirmed it, in milliseconds.
    dwell_time_ms: Option<u32>,
    dwell_time_ms_until_device_ack: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TwoWaySms {
    origination_number: String,
    destination_number: String,
    message_body: String,
    inbound_message_id: String,
}

/// Reads a record of SES, of SNS's delivery log, or of two-way SMS; `published_at` is when SNS
/// handed it out.
///
/// # Errors
/// When the record is none of these, or not what AWS documents.
pub fn parse_report(record: &str, published_at: Option<Timestamp>) -> Result<Report, RecordError> {
    if record.trim() == TOPIC_IS_VALID {
        return Ok(Report::OfNoConcern);
    }
    // An SMS cut within a character: JSON can write half of one, and text cannot hold it.
    let whole = with_whole_characters(record);
    let value: Value = serde_json::from_str(&whole).map_err(RecordError::Json)?;
    let is_named = |name: &str| value.get(name).is_some();
    if is_named("notificationType") && !is_named("mail") {
        // "You have successfully subscribed your Amazon SNS topic", and the like.
        return Ok(Report::OfNoConcern);
    }
    if is_named("eventType") || is_named("notificationType") {
        let event = parse_ses_event(&whole)?;
        return Ok(event.map_or(Report::OfNoConcern, |event| {
            Report::OfMessage(Box::new(ReportedEvent {
                verbatim: record.to_owned(),
                ..event
            }))
        }));
    }
    if is_named("originationNumber") {
        let sms = incoming(record, value, published_at)?;
        return Ok(sms.map_or(Report::OfNoConcern, Report::Sms));
    }
    if is_named("notification") {
        return delivery(record, value).map(|event| Report::OfMessage(Box::new(event)));
    }
    Err(RecordError::Field("eventType"))
}

/// A JSON text in which U+FFFD stands for each `\\uD800` to `\\uDFFF` that is no half of a pair
/// (RFC 8259 section 8.2). The record itself is kept beside what is read of it.
fn with_whole_characters(record: &str) -> Cow<'_, str> {
    let half_at = |at: usize, range: RangeInclusive<u16>| {
        let digits = record.get(at..at + 6)?.strip_prefix("\\u")?;
        let unit = u16::from_str_radix(digits, 16).ok()?;
        range.contains(&unit).then_some(())
    };
    let mut whole = String::new();
    let (mut copied, mut at) = (0, 0);
    while let Some(found) = record.get(at..).and_then(|rest| rest.find('\\')) {
        at += found;
        if half_at(at, 0xd800..=0xdbff).is_some() && half_at(at + 6, 0xdc00..=0xdfff).is_some() {
            at += 12;
        } else if half_at(at, 0xd800..=0xdfff).is_some() {
            whole.push_str(record.get(copied..at).unwrap_or_default());
            whole.push_str("\\ufffd");
            at += 6;
            copied = at;
        } else {
            // The backslash and what it escapes, be it another one.
            at += 2;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(record);
    }
    whole.push_str(record.get(copied..).unwrap_or_default());
    Cow::Owned(whole)
}

/// `None` when it comes from a name or a short code: no offer went there.
fn incoming(
    record: &str,
    value: Value,
    published_at: Option<Timestamp>,
) -> Result<Option<IncomingSms>, RecordError> {
    let sms: TwoWaySms = serde_json::from_value(value).map_err(RecordError::Json)?;
    let Ok(from) = sms.origination_number.parse() else {
        return Ok(None);
    };
    Ok(Some(IncomingSms {
        id: digest_of(&format!("sms {}", sms.inbound_message_id)),
        from,
        to: sms.destination_number,
        message_id: sms.inbound_message_id,
        text: sms.message_body,
        at: published_at,
        verbatim: record.to_owned(),
    }))
}

fn delivery(record: &str, value: Value) -> Result<ReportedEvent, RecordError> {
    let log: DeliveryLog = serde_json::from_value(value).map_err(RecordError::Json)?;
    let message_id: Result<ProviderMessageId, _> = log.notification.message_id.parse();
    let dwell = log.delivery.dwell_time_ms_until_device_ack;
    let dwell = dwell.or(log.delivery.dwell_time_ms).unwrap_or(0);
    let published_at = time_of_log(&log.notification.timestamp)?;
    let provider_response = log.delivery.provider_response;
    let observation = if log.status == "SUCCESS" {
        Observation::SmsConfirmed {
            provider_response,
            carrier: log.delivery.phone_carrier,
        }
    } else {
        Observation::SmsFailed {
            kind: failure_kind(&provider_response),
            provider_response,
        }
    };
    Ok(ReportedEvent {
        id: digest_of(record),
        channel: Channel::Sms,
        message_id: message_id.map_err(|_| RecordError::Field("notification.messageId"))?,
        dispatch: None,
        configuration_set: None,
        recipients: log.delivery.destination.into_iter().collect(),
        observation,
        // The log's own time is that of the publishing; what it reports came later.
        at: published_at
            .checked_add(SignedDuration::from_millis(dwell.into()))
            .unwrap_or(published_at),
        verbatim: record.to_owned(),
    })
}

/// SNS tells why an SMS failed in words only. Words that are not known say nothing about the
/// number.
fn failure_kind(words: &str) -> SmsFailureKind {
    let words = words.to_ascii_lowercase();
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| words.contains(phrase));
    if says(&[
        "invalid phone number",
        "invalid number",
        "unknown subscriber",
    ]) {
        SmsFailureKind::InvalidNumber
    } else if says(&["opted out", "opt-out", "opted-out"]) {
        SmsFailureKind::OptedOut
    } else if says(&[
        "no quota left",
        "exceed max price",
        "spending limit",
        "monthly spend",
    ]) {
        SmsFailureKind::SpendingLimit
    } else {
        SmsFailureKind::Unreachable
    }
}

/// SNS writes `2016-06-28 00:40:34.558`, in UTC.
fn time_of_log(text: &str) -> Result<Timestamp, RecordError> {
    let malformed = || RecordError::Field("notification.timestamp");
    let local: DateTime = text
        .replacen(' ', "T", 1)
        .parse()
        .map_err(|_| malformed())?;
    let zoned = local.to_zoned(TimeZone::UTC).map_err(|_| malformed())?;
    Ok(zoned.timestamp())
}

fn digest_of(text: &str) -> EventId {
    EventId::new(Sha256Digest::new(Sha256::digest(text.as_bytes()).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(status: &str, response: &str) -> String {
        format!(
            r#"{{"notification":{{"messageId":"34d9b400-c6dd-5444-820d-fbeb0f1f54cf",
            "timestamp":"2016-06-28 00:40:34.558"}},"delivery":{{"phoneCarrier":"NTT DOCOMO",
            "mnc":270,"numberOfMessageParts":1,"destination":"+819012345678",
            "priceInUSD":0.00645,"smsType":"Transactional","mcc":310,
            "providerResponse":"{response}","dwellTimeMs":599}},"status":"{status}"}}"#
        )
    }

    #[test]
    fn a_delivery_log_is_an_event_of_the_sms() {
        let record = log("SUCCESS", "Message has been accepted by phone carrier");
        let Report::OfMessage(event) = parse_report(&record, None).unwrap() else {
            panic!("it is about a message");
        };
        // 599 ms after the publishing, of which the log tells the time.
        assert_eq!(event.at.to_string(), "2016-06-28T00:40:35.157Z");
        assert_eq!(event.channel, Channel::Sms);
        let expected = Observation::SmsConfirmed {
            provider_response: "Message has been accepted by phone carrier".to_owned(),
            carrier: Some("NTT DOCOMO".to_owned()),
        };
        assert_eq!(event.observation, expected);
    }

    #[test]
    fn only_known_words_say_something_about_the_number_x_9() {
        for (words, expected) in [
            ("Invalid phone number", SmsFailureKind::InvalidNumber),
            ("Phone number is opted out", SmsFailureKind::OptedOut),
            ("No quota left for account", SmsFailureKind::SpendingLimit),
            (
                "This delivery would exceed max price",
                SmsFailureKind::SpendingLimit,
            ),
            (
                "Phone is currently unreachable/unavailable",
                SmsFailureKind::Unreachable,
            ),
            ("Phone has blocked SMS", SmsFailureKind::Unreachable),
            (
                "Unknown error attempting to reach phone",
                SmsFailureKind::Unreachable,
            ),
        ] {
            let Report::OfMessage(event) = parse_report(&log("FAILURE", words), None).unwrap()
            else {
                panic!("it is about a message");
            };
            let Observation::SmsFailed { kind, .. } = event.observation else {
                panic!("it failed");
            };
            assert_eq!(kind, expected, "{words}");
        }
    }

    #[test]
    fn an_answer_by_sms_is_read_with_the_time_of_its_publication() {
        let record = r#"{"originationNumber":"+819012345678","destinationNumber":"+815012345678",
            "messageKeyword":"K","messageBody":"承諾します","inboundMessageId":"cae173d2",
            "previousPublishedMessageId":"1"}"#;
        let at: Timestamp = "2026-01-05T00:00:00Z".parse().unwrap();
        let Report::Sms(sms) = parse_report(record, Some(at)).unwrap() else {
            panic!("it is an SMS");
        };
        assert_eq!((sms.text.as_str(), sms.at), ("承諾します", Some(at)));
        assert!(parse_report("{}", None).is_err());
    }

    #[test]
    fn an_answer_that_was_cut_inside_a_character_is_kept() {
        for (body, expected) in [
            (r"承諾\ud83d", "承諾\u{fffd}"),
            (r"\ude00承諾", "\u{fffd}承諾"),
            (r"\ud83d\ude00\uD83D", "😀\u{fffd}"),
            (r"\ud83d\u0041", "\u{fffd}A"),
            (r"\\ud83d", r"\ud83d"),
            (r"\n\ud83d\n", "\n\u{fffd}\n"),
        ] {
            let record = format!(
                r#"{{"originationNumber":"+819012345678","destinationNumber":"+815012345678",
                "messageBody":"{body}","inboundMessageId":"cae173d2"}}"#
            );
            let Report::Sms(sms) = parse_report(&record, None).unwrap() else {
                panic!("it is an SMS");
            };
            assert_eq!(sms.text, expected);
            assert_eq!(sms.verbatim, record);
        }
    }

    #[test]
    fn an_sms_from_a_name_or_a_short_code_answers_nothing() {
        for from in ["AKASHI", "32665", ""] {
            let record = format!(
                r#"{{"originationNumber":"{from}","destinationNumber":"+815012345678",
                "messageBody":"ok","inboundMessageId":"cae173d2"}}"#
            );
            assert_eq!(parse_report(&record, None).unwrap(), Report::OfNoConcern);
        }
    }
}
