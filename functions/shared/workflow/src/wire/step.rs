//! What the state machine passes from step to step: ids and tags, never mail bodies.

use domain::{DispatchId, IdError, Outcome};
use serde::{Deserialize, Serialize};

use crate::ports::WaitToken;

/// The input of an execution of `registered-mail`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WorkflowInput {
    /// Which dispatch.
    pub dispatch_id: String,
    /// How long to wait for a settling event, in seconds.
    pub delivery_timeout_seconds: u64,
}

/// The input and the answer of most steps.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DispatchRef {
    dispatch_id: String,
}

impl DispatchRef {
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
}

impl WaitingDispatch {
    /// The named dispatch and the token of the wait.
    ///
    /// # Errors
    /// When the text is no dispatch id.
    pub fn parse(self) -> Result<(DispatchId, WaitToken), IdError> {
        Ok((self.dispatch_id.parse()?, WaitToken(self.task_token)))
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
}

/// The answer of a step that settles an outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepAnswer {
    /// Which dispatch.
    pub dispatch_id: String,
    /// Where to go.
    pub next: Next,
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
    /// From SNS.
    Notification(SnsEvent),
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
}

impl SnsEvent {
    /// The messages inside, as published.
    pub fn messages(&self) -> impl Iterator<Item = &str> {
        self.records
            .iter()
            .map(|record| record.sns.message.as_str())
    }
}
