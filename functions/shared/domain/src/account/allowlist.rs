//! Who may send for an account.

use jiff::Timestamp;

use crate::{AccountId, EmailAddress, Named};

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

impl TrustSetting {
    /// Every setting there is.
    pub const ALL: [Self; 2] = [Self::Dkim, Self::DkimOrSpf];
}

impl Named for TrustSetting {
    const VALUES: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        match self {
            Self::Dkim => "dkim",
            Self::DkimOrSpf => "dkim_or_spf",
        }
    }
}

/// A sender that an account has or had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedSender {
    /// As it was proven.
    pub entry: AllowlistEntry,
    /// When it was removed, if it was.
    pub removed_at: Option<Timestamp>,
}

/// What came of putting a sender on an allowlist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowing {
    /// It stands there as given.
    Allowed,
    /// It sends for another account; nothing was written.
    TakenBy(AccountId),
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
