//! Accounts and their senders.

use std::future::Future;

use domain::{
    Account, AccountId, Allowing, AllowlistEntry, Balance, EmailAddress, ListedSender, MaySend,
    Points, SenderRemoval, SettingsChange, Standing, StatusChanged, WarningState,
};
use jiff::Timestamp;

use super::PortResult;

/// What is known about senders and accounts.
pub trait FindAccount {
    /// The standing of a sender, or `None` when nobody has proven the address.
    fn find_standing(
        &self,
        sender: &EmailAddress,
    ) -> impl Future<Output = PortResult<Option<Standing>>> + Send;

    /// An account.
    fn find_account(
        &self,
        id: &AccountId,
    ) -> impl Future<Output = PortResult<Option<Account>>> + Send;
}

/// Opens accounts.
pub trait InsertAccount {
    /// Opens an account, and has it looked at when it may lapse (I-046). The first one with its id
    /// stays, and is returned.
    fn insert_account(&self, account: &Account)
    -> impl Future<Output = PortResult<Account>> + Send;
}

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

/// Changes what an account's owner chose.
pub trait ChangeSettings {
    /// Changes what is named; contracts that are under way keep what they began with. The account
    /// from now on, or `None` when there is no such account.
    fn change_settings(
        &self,
        id: &AccountId,
        change: &SettingsChange,
    ) -> impl Future<Output = PortResult<Option<Account>>> + Send;
}

/// Lets an address send for an account.
pub trait AllowSender {
    /// Puts a proven sender on its account's allowlist, or replaces what stands there. One that
    /// another account removed is free.
    fn allow_sender(
        &self,
        entry: &AllowlistEntry,
    ) -> impl Future<Output = PortResult<Allowing>> + Send;
}

/// Most accounts that one question for due ones answers with: more than one invocation of
/// `expire-accounts` can deal with.
pub const DUE_ACCOUNTS_MAX: usize = 1_000;

/// Keeps which account has to be looked at when, because it may lapse (I-046). A use is recorded by
/// what it is: an acceptance, a purchase of points.
///
/// Whoever writes names the account as it was `seen`. If it was used or warned meanwhile, nothing
/// is written and the answer is `false`.
pub trait LapseStore {
    /// The accounts that have to be looked at by now, the longest due first, at most
    /// [`DUE_ACCOUNTS_MAX`]. One may be among them that needs it no more.
    fn due_accounts(
        &self,
        now: Timestamp,
    ) -> impl Future<Output = PortResult<Vec<AccountId>>> + Send;

    /// An account with its points.
    fn find_with_balance(
        &self,
        id: &AccountId,
    ) -> impl Future<Output = PortResult<Option<(Account, Balance)>>> + Send;

    /// Has the account looked at next at this time.
    fn check_later(
        &self,
        seen: &Account,
        at: Timestamp,
    ) -> impl Future<Output = PortResult<bool>> + Send;

    /// Writes down how far a warning has come.
    fn move_warning(
        &self,
        seen: &Account,
        to: &WarningState,
    ) -> impl Future<Output = PortResult<bool>> + Send;

    /// In one transaction: closes the account, takes its points, which have to be these with none
    /// reserved, and writes a line into its ledger.
    fn lapse_account(
        &self,
        seen: &Account,
        points: Points,
        at: Timestamp,
    ) -> impl Future<Output = PortResult<bool>> + Send;
}
