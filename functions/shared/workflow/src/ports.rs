//! What the steps need from the outside. One small trait per concern; domain types in and out.
//! `aws-adapters` has the real ones, the tests have in-memory ones that pass the same contract.

mod access;
mod accounts;
mod authorities;
mod billing;
mod certificates;
mod dispatches;
mod dns;
mod intake;
mod machines;
mod objects;
mod providers;
mod serials;
mod summaries;

use jiff::Timestamp;

pub use self::access::{CodeKeeping, CodeStore, KeptCode, RateKey, RateLimit};
pub use self::accounts::{
    AllowSender, ChangeSettings, ChangeStatus, DUE_ACCOUNTS_MAX, FindAccount, InsertAccount,
    KeepSenders, LapseStore, ListAccounts,
};
pub use self::authorities::{FetchCrl, RequestOcsp, RequestTimestamp, SignDigest};
pub use self::billing::{GrantPoints, ReadBalance, ReadLedger};
pub use self::certificates::{DUE_RENEWALS_MAX, Renewal, RenewalStore, StoredCertificate};
pub use self::dispatches::{
    Change, Commit, CommitChange, ComposedDraft, Delivered, DeliveredMessage, DeliveredSms,
    FindByMessage, FindByToken, KeepCopies, KeepRoadNotice, KeepWaitToken, ListOffers,
    LoadDispatch, LoadDispatches, OFFERS_LISTED_MAX, OpenAddendum, Party, PrepareIssue,
    RecordCertificate, StoredDispatch,
};
pub use self::dns::LookUpTxt;
pub use self::intake::{
    Acceptance, AcceptanceResult, FindIntake, MARKS_MAX, NewDispatch, Plan, RecordIntake,
    RefusalRecord, StoredIntake, UnfoldIntake, Unfolding, UnvouchedRecord,
};
pub use self::machines::{CompleteWait, StartDispatch, WaitToken};
pub use self::objects::{
    CreateOriginal, Creation, ExpireObject, OBJECT_ROOM_BYTES, OriginalVersion, ReadObject,
    RenewOriginal, VersionTag, WriteObject,
};
pub use self::providers::{Handover, MailTag, OutgoingMail, OutgoingSms, SendMail, SendSms};
pub use self::serials::{ListSerials, PageOf, RefusedMail, SerialHolder, SerialPage};
pub use self::summaries::{KeepSummary, SummaryProgress};

/// Something outside failed. Classified once, where it is known what happened.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// Worth another try later: throttled, unreachable, timed out.
    #[error("{operation} failed for now")]
    Transient {
        /// What was tried.
        operation: &'static str,
        /// What came back.
        #[source]
        source: Cause,
    },
    /// Another try would fail the same way: denied, malformed, missing.
    #[error("{operation} failed")]
    Permanent {
        /// What was tried.
        operation: &'static str,
        /// What came back.
        #[source]
        source: Cause,
    },
}

/// The cause of a [`PortError`], whatever its type.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// The result of a port.
pub type PortResult<T> = Result<T, PortError>;

/// The wall clock.
pub trait Clock {
    /// The present time.
    fn now(&self) -> Timestamp;
}

/// Unpredictable numbers: for the nonce of a timestamp request (RFC 3161 section 2.4.1), and for
/// the tokens of an offer and of a copy, and the keys of threads; and for the codes of the pages.
pub trait Nonces {
    /// A number nobody can guess.
    fn nonce(&self) -> PortResult<u64>;

    /// Twice as many bits.
    ///
    /// # Errors
    /// As [`Self::nonce`].
    fn long_nonce(&self) -> PortResult<u128> {
        let (high, low) = (self.nonce()?, self.nonce()?);
        Ok((u128::from(high) << 64) | u128::from(low))
    }
}
