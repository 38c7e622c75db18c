//! What the state machine passes from step to step: ids and tags, never mail bodies.

use domain::{Channel, DispatchId, IdError, Named, Outcome};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::LogsEvent;
use crate::dispatch::begin::Begin;
use crate::ports::WaitToken;

/// The input of an execution of `dispatch`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WorkflowInput {
    dispatch_id: String,
    #[serde(flatten)]
    begin: Begin,
}

impl WorkflowInput {
    /// Begins the workflow of a dispatch.
    #[must_use]
    pub fn new(id: &DispatchId, begin: Begin) -> Self {
        Self {
            dispatch_id: id.as_str().to_owned(),
            begin,
        }
    }
}

/// The input and the answer of most steps.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DispatchRef {
    dispatch_id: String,
}

impl DispatchRef {
    /// Names a dispatch.
    #[must_use]
    pub fn new(id: &DispatchId) -> Self {
        Self {
            dispatch_id: id.as_str().to_owned(),
        }
    }

    /// The named dispatch.
    ///
    /// # Errors
    /// When the text is no dispatch id.
    pub fn id(&self) -> Result<DispatchId, IdError> {
        self.dispatch_id.parse()
    }
}

/// The input of a step that is waited for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WaitingDispatch {
    dispatch_id: String,
    task_token: String,
    /// The only channel to use now; all that the dispatch takes when it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    only: Option<OnlyChannel>,
}

/// The channel that goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OnlyChannel {
    Mail,
}

/// What a step that sends and waits is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// Which dispatch.
    pub id: DispatchId,
    /// Under which token its outcome is waited for.
    pub token: WaitToken,
    /// On which channels it may go out now.
    pub channels: &'static [Channel],
}

impl WaitingDispatch {
    /// What is asked for.
    ///
    /// # Errors
    /// When the text is no dispatch id.
    pub fn parse(self) -> Result<Sending, IdError> {
        Ok(Sending {
            id: self.dispatch_id.parse()?,
            token: WaitToken(self.task_token),
            channels: match self.only {
                Some(OnlyChannel::Mail) => &[Channel::Mail],
                None => &Channel::ALL,
            },
        })
    }
}

/// Which branch the state machine takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    /// Make a certificate.
    Certify,
    /// Nothing was attempted: tell the sender, certify nothing.
    Notify,
    /// What became of the offer's mail is known: send its SMS (P-022).
    OfferBySms,
}

/// The answer of a step that settles an outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepAnswer {
    /// Which dispatch.
    pub dispatch_id: String,
    /// Where to go.
    pub next: Next,
    /// The stable name of the outcome, for whoever reads the execution; `open` while there is none.
    pub outcome: String,
}

impl StepAnswer {
    /// The branch that follows from an outcome.
    #[must_use]
    pub fn of(id: &DispatchId, outcome: Outcome) -> Self {
        let next = if outcome.is_certified() {
            Next::Certify
        } else {
            Next::Notify
        };
        Self {
            dispatch_id: id.as_str().to_owned(),
            next,
            outcome: outcome.name().to_owned(),
        }
    }

    /// The mail of an offer had its turn.
    #[must_use]
    pub fn turn_of_sms(id: &DispatchId) -> Self {
        Self {
            dispatch_id: id.as_str().to_owned(),
            next: Next::OfferBySms,
            outcome: "open".to_owned(),
        }
    }
}

/// The input of `record-event`: provider events that came through SNS, or a deadline that the
/// state machine saw pass.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum EventInput {
    /// From the state machine.
    Deadline {
        /// Whose deadline.
        deadline: DeadlineOf,
    },
    /// From SNS: what SES reports, and SMS to our number.
    Notification(SnsEvent),
    /// From CloudWatch Logs: what SNS reports about SMS.
    Logs(LogsEvent),
}

/// Whose deadline passed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeadlineOf {
    /// Which dispatch.
    pub dispatch_id: String,
}

/// SNS's envelope of a Lambda invocation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SnsEvent {
    #[serde(rename = "Records")]
    records: Vec<SnsRecord>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct SnsRecord {
    #[serde(rename = "Sns")]
    sns: SnsMessage,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct SnsMessage {
    #[serde(rename = "Message")]
    message: String,
    #[serde(rename = "Timestamp", default, skip_serializing_if = "Option::is_none")]
    timestamp: Option<String>,
}

impl SnsEvent {
    /// The messages inside, as published, each with the time of its publication.
    pub fn messages(&self) -> impl Iterator<Item = (&str, Option<Timestamp>)> {
        self.records.iter().map(|record| {
            let published_at = record.sns.timestamp.as_ref();
            let published_at = published_at.and_then(|text| text.parse().ok());
            (record.sns.message.as_str(), published_at)
        })
    }
}
