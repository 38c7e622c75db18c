//! What the operator's commands need from the outside, beside the ports of the steps.

use std::future::Future;

use domain::{Account, AccountId, AllowlistEntry, DispatchId, EmailAddress, Serial};
use jiff::Timestamp;
use serde_json::Value;

use crate::Begin;
use crate::ports::{PortResult, StoredDispatch, StoredIntake};

/// Lists all accounts.
pub trait ListAccounts {
    /// Every account, by its code. It reads the whole table: a question for a person, not for a
    /// step.
    fn list_accounts(&self) -> impl Future<Output = PortResult<Vec<Account>>> + Send;
}

/// Stops an account and lets it go on (P-069).
pub trait ChangeStatus {
    /// Writes whether an account may send, unless it lapsed.
    fn change_status(
        &self,
        id: &AccountId,
        to: MaySend,
    ) -> impl Future<Output = PortResult<StatusChanged>> + Send;
}

/// Whether an account may send: what the operator decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaySend {
    /// It may.
    Yes,
    /// Its mails are refused with a warning (P-013).
    No,
}

/// What came of changing the status of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatusChanged {
    /// It is as asked for, whether it was so before or not; the account from now on.
    Changed(Box<Account>),
    /// The account lapsed, which nobody undoes (I-046): nothing was written.
    Lapsed,
    /// There is no such account.
    NoAccount,
}

/// The senders of an account (I-034).
pub trait KeepSenders {
    /// All senders that an account ever had, by their addresses. It reads the whole table.
    fn senders_of(
        &self,
        account: &AccountId,
    ) -> impl Future<Output = PortResult<Vec<ListedSender>>> + Send;

    /// Takes a sender from an account, and remembers when: from then on it is a stranger (P-012).
    fn remove_sender(
        &self,
        account: &AccountId,
        sender: &EmailAddress,
        at: Timestamp,
    ) -> impl Future<Output = PortResult<SenderRemoval>> + Send;
}

/// A sender that an account has or had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedSender {
    /// As it was proven.
    pub entry: AllowlistEntry,
    /// When it was removed, if it was.
    pub removed_at: Option<Timestamp>,
}

/// What came of removing a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SenderRemoval {
    /// It is removed.
    Removed,
    /// It was removed before, at this time, which stays.
    RemovedBefore(Timestamp),
    /// The account has no such sender.
    NotThere,
}

/// What an account's serials were given to.
pub trait ListSerials {
    /// One page, with one question to the store. What was written a moment ago may be missing: the
    /// index follows the table.
    fn serials_of(
        &self,
        account: &AccountId,
        page: &PageOf,
    ) -> impl Future<Output = PortResult<SerialPage>> + Send;

    /// These dispatches, with one question for each hundred. Those that do not exist are left out.
    fn load_all(
        &self,
        ids: &[DispatchId],
    ) -> impl Future<Output = PortResult<Vec<StoredDispatch>>> + Send;
}

/// Which page of an account's serials. The order is that of their texts: up to the millionth the
/// order of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageOf {
    /// Begins behind this serial.
    pub after: Option<Serial>,
    /// Whether the newest come first.
    pub newest_first: bool,
    /// Most entries; a page may hold fewer although more follow.
    pub entries_max: usize,
}

/// A page of an account's serials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SerialPage {
    /// In order.
    pub entries: Vec<SerialHolder>,
    /// Behind which serial the next page begins, if more may follow.
    pub next: Option<Serial>,
}

/// What an account's serial was given to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SerialHolder {
    /// A dispatch.
    Dispatch(Box<StoredDispatch>),
    /// A mail that was refused (P-071).
    RefusedMail(Box<RefusedMail>),
}

impl SerialHolder {
    /// The serial.
    #[must_use]
    pub fn serial(&self) -> &Serial {
        match self {
            Self::Dispatch(stored) => &stored.dispatch.serial,
            Self::RefusedMail(refused) => &refused.serial,
        }
    }
}

/// A mail that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedMail {
    /// SES's id of it.
    pub inbound: domain::InboundMessageId,
    /// Its serial.
    pub serial: Serial,
    /// What was decided.
    pub intake: StoredIntake,
}

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
