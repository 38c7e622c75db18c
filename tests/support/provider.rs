//! Amazon SES in memory: takes mails, and tells later what became of them, in the records that its
//! developer guide documents.
//! <https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-examples.html>

use domain::{EmailAddress, ProviderMessageId};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use workflow::ports::{Handover, MailTag, OutgoingMail};

use crate::world::State;

/// The configuration set that our mails go out through.
pub(crate) const CONFIGURATION_SET: &str = "akashi";

/// How long a request to the provider takes, and its answer again.
pub(crate) const WAY_TO_PROVIDER: SignedDuration = SignedDuration::from_millis(100);

/// What becomes of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reaction {
    /// The recipient's server answers 250 after two seconds.
    #[default]
    Delivered,
    /// It is away for half an hour, then it answers 250.
    Delayed,
    /// The address does not exist.
    UnknownUser,
    /// The domain takes no mail. SES calls that transient, with the status 5.4.4.
    NoMailServer,
    /// The mailbox is full until SES gives up.
    MailboxFull,
    /// SES cannot read what the server said.
    Undetermined,
    /// SES did not try: the address stands on its global suppression list.
    Suppressed,
    /// SES did not try: the address stands on the account's suppression list for complaints.
    SuppressedForComplaint,
    /// It is delivered; the recipient calls it spam an hour later.
    Complained,
    /// It is delivered, and an automatic answer comes back, which SES reports as a bounce.
    OutOfOffice,
    /// It is delivered; a bounce comes three hours later.
    LateBounce,
    /// SES took it and says nothing more.
    Silent,
    /// SES took it and says nothing at all, not even that.
    Mute,
    /// SES took it and then found that it will not send it.
    Rejected,
    /// SES refuses it at once.
    Refused,
}

/// A mail that the provider took.
#[derive(Debug, Clone)]
pub struct SentMail {
    /// The provider's id.
    pub message_id: ProviderMessageId,
    /// When it was taken.
    pub at: Timestamp,
    /// The mail.
    pub mail: OutgoingMail,
}

/// What SES tells about a mail, and so many seconds after it took it.
type Told = (i64, &'static str, Value);

impl Reaction {
    /// Every reaction there is.
    pub const ALL: [Self; 15] = [
        Self::Delivered,
        Self::Delayed,
        Self::UnknownUser,
        Self::NoMailServer,
        Self::MailboxFull,
        Self::Undetermined,
        Self::Suppressed,
        Self::SuppressedForComplaint,
        Self::Complained,
        Self::OutOfOffice,
        Self::LateBounce,
        Self::Silent,
        Self::Mute,
        Self::Rejected,
        Self::Refused,
    ];

    fn told(self, recipient: &EmailAddress) -> Vec<Told> {
        let to = recipient.to_wire();
        let delivery = (2, "Delivery", delivery(&to));
        let later = match self {
            Self::Delivered => vec![delivery],
            Self::Delayed => vec![
                (60, "DeliveryDelay", delay(&to)),
                (1_800, "Delivery", delivery.2),
            ],
            Self::UnknownUser => vec![(2, "Bounce", unknown_user(&to))],
            Self::NoMailServer => vec![(2, "Bounce", bounce(&to, NO_MAIL_SERVER))],
            Self::MailboxFull => vec![
                (60, "DeliveryDelay", delay(&to)),
                (50_000, "Bounce", bounce(&to, MAILBOX_FULL)),
            ],
            Self::Undetermined => vec![(2, "Bounce", bounce(&to, UNDETERMINED))],
            Self::Suppressed => vec![(2, "Bounce", bounce(&to, SUPPRESSED))],
            Self::SuppressedForComplaint => {
                vec![(
                    2,
                    "Complaint",
                    complaint(&to, Some("OnAccountSuppressionList")),
                )]
            }
            Self::Complained => vec![delivery, (3_600, "Complaint", complaint(&to, None))],
            Self::OutOfOffice => vec![delivery, (4, "Bounce", bounce(&to, AUTOMATIC_ANSWER))],
            Self::LateBounce => vec![delivery, (10_800, "Bounce", unknown_user(&to))],
            Self::Rejected => vec![(1, "Reject", json!({ "reason": "Bad content" }))],
            Self::Silent => Vec::new(),
            Self::Mute | Self::Refused => return Vec::new(),
        };
        std::iter::once((1, "Send", json!({})))
            .chain(later)
            .collect()
    }
}

impl State {
    /// Takes a mail, or refuses it; what becomes of it is told later. The way to the provider and
    /// back takes time, so that what happened before and after can be told apart.
    pub(crate) fn take_mail(&mut self, mail: &OutgoingMail) -> Handover {
        self.now += WAY_TO_PROVIDER;
        let handover = self.decide_on_mail(mail);
        self.now += WAY_TO_PROVIDER;
        handover
    }

    fn decide_on_mail(&mut self, mail: &OutgoingMail) -> Handover {
        let reaction = self
            .reactions
            .get(&mail.to.key())
            .copied()
            .unwrap_or_default();
        if reaction == Reaction::Refused {
            return Handover::Refused(
                "MessageRejected: The message holds what is not allowed.".to_owned(),
            );
        }
        let number = self.outbox.len() + 1;
        let message_id: ProviderMessageId = format!("0100019b8f3c0000-{number:06}")
            .parse()
            .expect("a counted id");
        let sent = SentMail {
            message_id: message_id.clone(),
            at: self.now,
            mail: mail.clone(),
        };
        for (seconds, kind, details) in reaction.told(&mail.to) {
            let told_at = self.now + SignedDuration::from_secs(seconds);
            let payload = in_sns(&sent.record(kind, details, told_at), told_at);
            self.tell("RecordEvent", &payload, told_at);
        }
        self.outbox.push(sent);
        Handover::Accepted(message_id)
    }

    /// How much later than told an event arrives; nothing while the world is in order.
    pub(crate) fn detour(&mut self) -> SignedDuration {
        let Some(random) = &mut self.disorder else {
            return SignedDuration::ZERO;
        };
        let seconds = match random.below(4) {
            0 => 0,
            1 | 2 => random.below(30),
            _ => random.below(60_000),
        };
        SignedDuration::from_secs(i64::try_from(seconds).expect("few seconds"))
    }

    pub(crate) fn comes_twice(&mut self) -> bool {
        self.disorder
            .as_mut()
            .is_some_and(|random| random.once_in(4))
    }
}

impl SentMail {
    /// Which dispatch it is the message of, if it is one.
    #[must_use]
    pub fn dispatch(&self) -> Option<&domain::DispatchId> {
        match &self.mail.tag {
            MailTag::Dispatch(id) => Some(id),
            MailTag::Copy(_)
            | MailTag::FailedRoad(_)
            | MailTag::Refusal(_)
            | MailTag::Acceptance(_)
            | MailTag::Summary(_)
            | MailTag::LapseWarning(_)
            | MailTag::Trial(_) => None,
        }
    }

    /// A record of SES about this mail, with `details` as the member that is named like `kind`.
    #[must_use]
    pub fn record(&self, kind: &str, details: Value, at: Timestamp) -> Value {
        let mut details = details;
        let is_timed = !matches!(kind, "Send" | "Reject");
        if let (true, Some(fields)) = (is_timed, details.as_object_mut()) {
            fields.insert("timestamp".to_owned(), json!(milliseconds(at)));
        }
        let member: String = kind.chars().take(1).flat_map(char::to_lowercase).collect();
        let member = format!("{member}{}", kind.chars().skip(1).collect::<String>());
        json!({
            "eventType": kind,
            "mail": self.mail_member(),
            member: details,
        })
    }

    fn mail_member(&self) -> Value {
        let (tag, id) = match &self.mail.tag {
            MailTag::Dispatch(id) => ("dispatch", id.as_str()),
            MailTag::Copy(id) => ("copy", id.as_str()),
            MailTag::FailedRoad(id) => ("failed_road", id.as_str()),
            MailTag::Refusal(id) => ("refusal", id.as_str()),
            MailTag::Acceptance(id) => ("acceptance", id.as_str()),
            MailTag::Summary(id) => ("summary", id.as_str()),
            MailTag::LapseWarning(id) => ("lapse_warning", id.as_str()),
            MailTag::Trial(id) => ("trial", id.as_str()),
        };
        json!({
            "timestamp": milliseconds(self.at),
            "source": self.mail.from.as_str(),
            "sourceArn": "arn:aws:ses:ap-northeast-1:123456789012:identity/akashi.test",
            "sendingAccountId": "123456789012",
            "messageId": self.message_id.as_str(),
            "destination": [self.mail.to.to_wire()],
            "headersTruncated": false,
            "headers": [],
            "commonHeaders": { "messageId": self.message_id.as_str() },
            "tags": {
                "ses:operation": ["SendEmail"],
                "ses:configuration-set": [CONFIGURATION_SET],
                tag: [id],
            },
        })
    }
}

/// A record in the envelope in which SNS hands it to a function.
pub(crate) fn in_sns(record: &Value, at: Timestamp) -> Value {
    json!({
        "Records": [{
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": "arn:aws:sns:ap-northeast-1:123456789012:events:1",
            "Sns": {
                "Type": "Notification",
                "MessageId": "00000000-0000-4000-8000-000000000000",
                "TopicArn": "arn:aws:sns:ap-northeast-1:123456789012:events",
                "Subject": "Amazon SES Email Event Notification",
                "Message": record.to_string(),
                "Timestamp": milliseconds(at),
            },
        }],
    })
}

/// ISO 8601 in UTC with milliseconds, as in every record of SES.
pub(crate) fn milliseconds(at: Timestamp) -> String {
    format!("{at:.3}")
}

fn delivery(to: &str) -> Value {
    json!({
        "processingTimeMillis": 1_234,
        "recipients": [to],
        "smtpResponse": "250 2.0.0 Ok: queued as 4ZxQ1",
        "reportingMTA": "a8-90.smtp-out.amazonses.com",
    })
}

fn delay(to: &str) -> Value {
    json!({
        "delayType": "TransientCommunicationFailure",
        "delayedRecipients": [{
            "emailAddress": to,
            "status": "4.4.1",
            "diagnosticCode": "smtp; 421 4.4.1 Unable to connect to remote host",
        }],
        "reportingMTA": "a8-90.smtp-out.amazonses.com",
    })
}

fn complaint(to: &str, subtype: Option<&str>) -> Value {
    json!({
        "feedbackId": "0100019b8f3c0000-feedback",
        "complaintSubType": subtype,
        "complainedRecipients": [{ "emailAddress": to }],
    })
}

/// Type, subtype, status and diagnostic of a bounce.
type BounceWords = (
    &'static str,
    &'static str,
    Option<&'static str>,
    Option<&'static str>,
);

const UNKNOWN_USER: BounceWords = (
    "Permanent",
    "General",
    Some("5.1.1"),
    Some("smtp; 550 5.1.1 user unknown"),
);
const NO_MAIL_SERVER: BounceWords = (
    "Transient",
    "General",
    Some("5.4.4"),
    Some("smtp; 550 5.4.4 Invalid domain"),
);
const MAILBOX_FULL: BounceWords = (
    "Transient",
    "MailboxFull",
    Some("4.2.2"),
    Some("smtp; 452 4.2.2 Over quota"),
);
const UNDETERMINED: BounceWords = ("Undetermined", "Undetermined", None, None);
const SUPPRESSED: BounceWords = (
    "Permanent",
    "Suppressed",
    Some("5.1.1"),
    Some("Amazon SES has suppressed sending to this address"),
);
const AUTOMATIC_ANSWER: BounceWords = ("Transient", "General", None, None);

fn unknown_user(to: &str) -> Value {
    bounce(to, UNKNOWN_USER)
}

fn bounce(to: &str, (kind, subtype, status, diagnostic): BounceWords) -> Value {
    let mut recipient = json!({ "emailAddress": to });
    if let Some(fields) = recipient.as_object_mut() {
        if let Some(status) = status {
            fields.insert("action".to_owned(), json!("failed"));
            fields.insert("status".to_owned(), json!(status));
        }
        if let Some(diagnostic) = diagnostic {
            fields.insert("diagnosticCode".to_owned(), json!(diagnostic));
        }
    }
    json!({
        "feedbackId": "0100019b8f3c0000-feedback",
        "bounceType": kind,
        "bounceSubType": subtype,
        "bouncedRecipients": [recipient],
        "reportingMTA": "dns; a8-90.smtp-out.amazonses.com",
    })
}
