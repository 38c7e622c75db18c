//! Accounts and their allowlists of senders.

use std::str::FromStr;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::{
    AccountId, AnswerDeadline, CopiesTo, EmailAddress, MobileNumber, OfferOrder, WarningState,
};

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

/// What an account's owner chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Whether certificates are mailed to the sender (I-035).
    pub certificates_by_mail: bool,
    /// The zone in which times are shown beside UTC (I-006).
    pub zone: ZoneName,
    /// What its contracts begin with.
    pub contracts: ContractSettings,
}

/// What the contracts of an account begin with; a contract that is under way keeps what it began
/// with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ContractSettings {
    /// How long an offer waits for its answer.
    pub deadline: AnswerDeadline,
    /// In which order mail and SMS go out (P-022).
    pub order: OfferOrder,
    /// Who gets the certificate of a completed contract (P-037).
    pub copies: CopiesTo,
}

/// The IANA name of a time zone that exists in the bundled time zone database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneName(String);

/// A mail address that its owner proved to be theirs (I-034), and the account it sends for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowlistEntry {
    /// The sender.
    pub sender: EmailAddress,
    /// The account that pays.
    pub account: AccountId,
    /// When the mail loop was completed.
    pub proven_at: Timestamp,
    /// What the trust check asks of its mails.
    pub trust: TrustSetting,
}

/// How a sender's mails are authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrustSetting {
    /// A passing DKIM signature aligned with From.
    Dkim,
    /// The same, or SPF aligned with From for a domain that has no DKIM.
    DkimOrSpf,
}

impl Account {
    /// Whether it is closed, because it was not used for five years (I-046).
    #[must_use]
    pub fn is_lapsed(&self) -> bool {
        matches!(self.status, AccountStatus::Lapsed { .. })
    }
}

impl ZoneName {
    /// The IANA name, e.g. `Asia/Tokyo`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The zone's rules. UTC if the name vanished from the database since it was parsed.
    #[must_use]
    pub fn time_zone(&self) -> TimeZone {
        TimeZone::get(&self.0).unwrap_or(TimeZone::UTC)
    }
}

impl FromStr for ZoneName {
    type Err = jiff::Error;
    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        TimeZone::get(text).map(|_| Self(text.to_owned()))
    }
}
