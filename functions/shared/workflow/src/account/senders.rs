//! Who may send for an account (I-034).

use domain::{
    AccountId, Allowing, AllowlistEntry, EmailAddress, ListedSender, SenderRemoval, TrustSetting,
};

use crate::Failure;
use crate::ports::{AllowSender, Clock, FindAccount, KeepSenders};

/// What came of letting an address send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SenderAdded {
    /// It may send.
    Added(Box<ListedSender>),
    /// It sends for another account.
    TakenBy(AccountId),
    /// There is no such account.
    NoAccount,
}

/// The steps with their ports.
#[derive(Debug, Clone)]
pub struct Senders<Accounts, Time> {
    /// Keeps accounts and senders.
    pub accounts: Accounts,
    /// The clock.
    pub clock: Time,
}

impl<Accounts, Time> Senders<Accounts, Time>
where
    Accounts: FindAccount + AllowSender + KeepSenders,
    Time: Clock,
{
    /// Lets an address send whose owner has proven it, or changes what its mails are asked for.
    ///
    /// # Errors
    /// When a store fails.
    pub async fn add(
        &self,
        account: AccountId,
        sender: EmailAddress,
        trust: TrustSetting,
    ) -> Result<SenderAdded, Failure> {
        if self.accounts.find_account(&account).await?.is_none() {
            return Ok(SenderAdded::NoAccount);
        }
        let entry = AllowlistEntry {
            sender,
            account,
            proven_at: self.clock.now(),
            trust,
        };
        Ok(match self.accounts.allow_sender(&entry).await? {
            Allowing::Allowed => SenderAdded::Added(Box::new(ListedSender {
                entry,
                removed_at: None,
            })),
            Allowing::TakenBy(other) => SenderAdded::TakenBy(other),
        })
    }

    /// All senders that an account ever had, or `None` when there is no such account.
    ///
    /// # Errors
    /// When a store fails.
    pub async fn list(&self, account: &AccountId) -> Result<Option<Vec<ListedSender>>, Failure> {
        if self.accounts.find_account(account).await?.is_none() {
            return Ok(None);
        }
        Ok(Some(self.accounts.senders_of(account).await?))
    }

    /// Takes a sender from an account: from then on it is a stranger (P-012).
    ///
    /// # Errors
    /// When a store fails.
    pub async fn remove(
        &self,
        account: &AccountId,
        sender: &EmailAddress,
    ) -> Result<SenderRemoval, Failure> {
        let now = self.clock.now();
        Ok(self.accounts.remove_sender(account, sender, now).await?)
    }
}
