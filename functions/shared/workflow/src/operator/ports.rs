//! What the operator's commands need from the outside, beside the ports of the steps.

use std::future::Future;

use domain::DispatchId;
use jiff::Timestamp;
use serde_json::Value;

use crate::dispatch::begin::Begin;
use crate::ports::PortResult;

/// Starts workflows again.
pub trait RestartWorkflow {
    /// Starts the workflow of a dispatch again under another name, unless its newest execution
    /// still runs.
    fn restart_workflow(
        &self,
        id: &DispatchId,
        begin: Begin,
    ) -> impl Future<Output = PortResult<Restart>> + Send;
}

/// The execution of a dispatch's workflow that runs now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restart {
    /// Its name.
    pub execution: String,
    /// Whether it was running before.
    pub ran_before: bool,
}

/// The queues in which things wait for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Queue {
    /// Dispatches whose workflow gave up.
    ParkedDispatches,
    /// Mails that `parse-mail` could not deal with.
    FailedMails,
    /// Reports and SMS that `record-event` could not record.
    FailedEvents,
    /// Looks at unused accounts that failed.
    FailedExpirations,
    /// Renewals that failed.
    FailedRenewals,
}

impl Queue {
    /// The queues of calls that Lambda gave up on.
    pub const OF_CALLS: [Self; 4] = [
        Self::FailedMails,
        Self::FailedEvents,
        Self::FailedExpirations,
        Self::FailedRenewals,
    ];

    /// Its stable name, which its alarm has too.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ParkedDispatches => "parked-dispatches",
            Self::FailedMails => "failed-mails",
            Self::FailedEvents => "failed-events",
            Self::FailedExpirations => "failed-expirations",
            Self::FailedRenewals => "failed-renewals",
        }
    }
}

/// What waits in the queues. A queue shows its letters to one reader at a time: who receives them
/// deletes each or gives it back, and those of a reader who vanished come back by themselves.
pub trait Letters {
    /// Everything that waits, the oldest first.
    fn receive_letters(&self, queue: Queue)
    -> impl Future<Output = PortResult<Vec<Letter>>> + Send;

    /// Deletes a letter: its matter is settled. When it was the last one, the alarm ends.
    fn delete_letter(&self, letter: &Letter) -> impl Future<Output = PortResult<()>> + Send;

    /// Gives a letter back, so that the next reader sees it at once.
    fn release_letter(&self, letter: &Letter) -> impl Future<Output = PortResult<()>> + Send;
}

/// Something that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Where.
    pub queue: Queue,
    /// The queue's name for it.
    pub id: String,
    /// By what it is deleted or given back; good for this reading only.
    pub receipt: String,
    /// Since when.
    pub sent_at: Timestamp,
    /// What it says.
    pub body: String,
}

/// Calls functions by hand, as an event would.
pub trait CallFunction {
    /// Calls, and waits for the end.
    fn call_function(
        &self,
        function: Callee,
        event: &Value,
    ) -> impl Future<Output = PortResult<CallEnd>> + Send;
}

/// A function whose failed calls are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callee {
    /// `parse-mail`
    ParseMail,
    /// `record-event`
    RecordEvent,
    /// `expire-accounts`
    ExpireAccounts,
    /// `renew-timestamps`
    RenewTimestamps,
}

impl Callee {
    /// The folder of the function.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ParseMail => "parse-mail",
            Self::RecordEvent => "record-event",
            Self::ExpireAccounts => "expire-accounts",
            Self::RenewTimestamps => "renew-timestamps",
        }
    }

    /// The function whose failed calls a queue keeps; none for parked dispatches.
    #[must_use]
    pub fn of_queue(queue: Queue) -> Option<Self> {
        match queue {
            Queue::ParkedDispatches => None,
            Queue::FailedMails => Some(Self::ParseMail),
            Queue::FailedEvents => Some(Self::RecordEvent),
            Queue::FailedExpirations => Some(Self::ExpireAccounts),
            Queue::FailedRenewals => Some(Self::RenewTimestamps),
        }
    }
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallEnd {
    /// Well.
    Done,
    /// The function failed; what it says.
    Failed {
        /// The name of the error, e.g. `TransientFailure`.
        error: String,
        /// What went wrong.
        cause: String,
    },
}
