//! The room of accounts: who the customers are, who may send for them, and how an account ends.

mod allowlist;
mod lapse;
mod settings;

use jiff::Timestamp;

pub use self::allowlist::{Allowing, AllowlistEntry, ListedSender, SenderRemoval, TrustSetting};
pub use self::lapse::{
    LapseDecision, LapseWarning, WarningState, check_after_use, closes_at, decide_lapse, lapse_at,
};
pub use self::settings::{AcceptanceNotices, ContractSettings, Settings, SettingsChange, ZoneName};
use crate::{AccountId, EmailAddress, MobileNumber, Named};

/// A customer of the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its code, the first half of its serials.
    pub id: AccountId,
    /// Company name as registered (I-031, P-046).
    pub company: String,
    /// Company address (I-031), if the operator wrote it down.
    pub address: Option<String>,
    /// Person in charge (I-031, P-046).
    pub contact: String,
    /// Where the service writes to about the account itself (I-031).
    pub mail: EmailAddress,
    /// Mobile number (I-031); an account by paper application has none (I-033).
    pub mobile: Option<MobileNumber>,
    /// Whether it may send (P-069).
    pub status: AccountStatus,
    /// What it chose.
    pub settings: Settings,
    /// Its last use: a sending or a purchase of points, at first its opening (I-046).
    pub last_used_at: Timestamp,
    /// The latest warning since then that it is going to lapse; a use takes it back (I-046).
    pub warned: Option<WarningState>,
}

/// Whether an account may send (P-069).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountStatus {
    /// It may send.
    Active,
    /// The operator stopped it; its mails are refused with a warning (P-013).
    Suspended,
    /// It was not used for five years: it is closed and its points are gone (I-046). Its
    /// certificates stay, and so do its senders, who are told when they write (P-013).
    Lapsed {
        /// When it was closed.
        at: Timestamp,
    },
}

impl AccountStatus {
    /// The name of every account that is closed, whenever that was.
    pub const LAPSED: &'static str = "lapsed";

    /// One of each kind.
    pub const ALL: [Self; 3] = [
        Self::Active,
        Self::Suspended,
        Self::Lapsed {
            at: Timestamp::UNIX_EPOCH,
        },
    ];
}

impl Named for AccountStatus {
    const VALUES: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Lapsed { .. } => Self::LAPSED,
        }
    }
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

impl From<MaySend> for AccountStatus {
    fn from(may_send: MaySend) -> Self {
        match may_send {
            MaySend::Yes => Self::Active,
            MaySend::No => Self::Suspended,
        }
    }
}

impl Account {
    /// Whether it is closed, because it was not used for five years (I-046).
    #[must_use]
    pub fn is_lapsed(&self) -> bool {
        matches!(self.status, AccountStatus::Lapsed { .. })
    }
}
