//! Amazon SNS in memory, for SMS: takes messages, tells later in its delivery logs what became of
//! them, and hands in what people send to our number.
//! <https://docs.aws.amazon.com/sns/latest/dg/sms_stats_cloudwatch.html>
//! <https://docs.aws.amazon.com/sms-voice/latest/userguide/two-way-sms-payload.html>

use std::io::Write;

use domain::ProviderMessageId;
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use workflow::ports::{Handover, OutgoingSms};

use crate::World;
use crate::engine::Job;
use crate::provider::{WAY_TO_PROVIDER, in_sns};
use crate::world::State;

/// Our number, to which people answer.
const OUR_NUMBER: &str = "+815012345678";

/// How long SNS takes to write down what a carrier said, in seconds.
const LOG_SECONDS: i64 = 3;

/// What becomes of an SMS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SmsReaction {
    /// The carrier confirms it.
    #[default]
    Confirmed,
    /// There is no such number.
    InvalidNumber,
    /// The telephone stays off.
    Unreachable,
    /// Its owner wants no SMS from us; nobody tried.
    OptedOut,
    /// Our own limit is reached; nobody tried.
    SpendingLimit,
    /// SNS took it and says nothing more.
    Silent,
    /// SNS refuses it at once.
    Refused,
}

/// An SMS that the provider took.
#[derive(Debug, Clone)]
pub struct SentSms {
    /// The provider's id.
    pub message_id: ProviderMessageId,
    /// When it was taken.
    pub at: Timestamp,
    /// The message.
    pub sms: OutgoingSms,
}

impl SmsReaction {
    /// Every reaction there is.
    pub const ALL: [Self; 7] = [
        Self::Confirmed,
        Self::InvalidNumber,
        Self::Unreachable,
        Self::OptedOut,
        Self::SpendingLimit,
        Self::Silent,
        Self::Refused,
    ];

    /// The status and the words in SNS's log, if it writes any.
    fn logged(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Confirmed => Some(("SUCCESS", "Message has been accepted by phone carrier")),
            Self::InvalidNumber => Some(("FAILURE", "Invalid phone number")),
            Self::Unreachable => Some(("FAILURE", "Phone is currently unreachable/unavailable")),
            Self::OptedOut => Some(("FAILURE", "Phone number is opted out")),
            Self::SpendingLimit => Some(("FAILURE", "No quota left for account")),
            Self::Silent | Self::Refused => None,
        }
    }
}

impl World {
    /// Decides what becomes of SMS to a number. Without it the carrier confirms them.
    ///
    /// # Panics
    /// When the number is none.
    pub fn react_by_sms(&self, number: &str, reaction: SmsReaction) {
        let number = number.parse().expect("a number");
        self.lock().sms_reactions.insert(number, reaction);
    }

    /// Every SMS that the provider took from us, in order.
    #[must_use]
    pub fn sms_outbox(&self) -> Vec<SentSms> {
        self.lock().sms_outbox.clone()
    }

    /// Somebody sends an SMS to our number.
    pub fn send_us_sms(&self, number: &str, text: &str) {
        let call = self.sms_call(number, text);
        self.call_soon(call);
    }

    /// The call with which SNS hands in an SMS to our number; each has an id of its own.
    #[must_use]
    pub fn sms_call(&self, number: &str, text: &str) -> (&'static str, Value) {
        let mut state = self.lock();
        state.sms_received += 1;
        let record = json!({
            "originationNumber": number,
            "destinationNumber": OUR_NUMBER,
            "messageKeyword": "KEYWORD_123456789012",
            "messageBody": text,
            "inboundMessageId": format!("cae173d2-{:06}", state.sms_received),
            "previousPublishedMessageId": "wJalrXUtnFEMI",
        });
        ("RecordEvent", in_sns(&record, state.now))
    }
}

impl State {
    /// Takes an SMS, or refuses it; what becomes of it is told later.
    pub(crate) fn take_sms(&mut self, sms: &OutgoingSms) -> Handover {
        self.now += WAY_TO_PROVIDER;
        let handover = self.decide_on_sms(sms);
        self.now += WAY_TO_PROVIDER;
        handover
    }

    fn decide_on_sms(&mut self, sms: &OutgoingSms) -> Handover {
        let reaction = self.sms_reactions.get(&sms.to).copied();
        let reaction = reaction.unwrap_or_default();
        if reaction == SmsReaction::Refused {
            return Handover::Refused("InvalidParameter: Phone number is not valid".to_owned());
        }
        let number = self.sms_outbox.len() + 1;
        let message_id: ProviderMessageId = format!("34d9b400-c6dd-5444-820d-{number:012}")
            .parse()
            .expect("a counted id");
        let sent = SentSms {
            message_id: message_id.clone(),
            at: self.now,
            sms: sms.clone(),
        };
        if let Some((status, words)) = reaction.logged() {
            let told_at = self.now + SignedDuration::from_secs(LOG_SECONDS);
            let payload = in_logs(&sent.record(status, words));
            self.tell("RecordEvent", &payload, told_at);
        }
        self.sms_outbox.push(sent);
        Handover::Accepted(message_id)
    }

    /// Calls a function with a provider's record; in disorder late, and now and then twice.
    pub(crate) fn tell(&mut self, function: &'static str, payload: &Value, told_at: Timestamp) {
        let arrives_at = told_at + self.detour();
        let job = Job::Invoke {
            function,
            payload: payload.clone(),
            attempt: 0,
        };
        self.agenda.add(arrives_at, job.clone());
        if self.comes_twice() {
            let again_at = arrives_at + self.detour();
            self.agenda.add(again_at, job);
        }
    }
}

impl SentSms {
    /// What SNS writes into its log about this SMS.
    #[must_use]
    pub fn record(&self, status: &str, words: &str) -> Value {
        json!({
            "notification": {
                "messageId": self.message_id.as_str(),
                "timestamp": time_of_log(self.at),
            },
            "delivery": {
                "phoneCarrier": "NTT DOCOMO",
                "mnc": 10,
                "mcc": 440,
                "numberOfMessageParts": 1,
                "destination": self.sms.to.as_str(),
                "priceInUSD": 0.07451,
                "smsType": "Transactional",
                "providerResponse": words,
                "dwellTimeMs": 599,
                "dwellTimeMsUntilDeviceAck": 1344,
            },
            "status": status,
        })
    }
}

/// When it was published, e.g. `2026-01-05 00:00:00.100`, in UTC.
fn time_of_log(at: Timestamp) -> String {
    let zoned = at.to_zoned(TimeZone::UTC);
    zoned.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string()
}

/// A line of a log in the batch in which CloudWatch Logs hands it to a function.
fn in_logs(line: &Value) -> Value {
    let batch = json!({
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": "sns/ap-northeast-1/123456789012/DirectPublishToPhoneNumber",
        "logStream": "1",
        "subscriptionFilters": ["sms"],
        "logEvents": [{ "id": "1", "timestamp": 0, "message": line.to_string() }],
    });
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer
        .write_all(batch.to_string().as_bytes())
        .expect("memory takes everything");
    let packed = packer.finish().expect("memory takes everything");
    json!({ "awslogs": { "data": base64_simd::STANDARD.encode_to_string(packed) } })
}
