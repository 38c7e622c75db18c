//! Accounts that are open: reading them, changing them, stopping them.

use domain::{Account, AccountId, MaySend, SettingsChange, StatusChanged};

use crate::Failure;
use crate::ports::{ChangeSettings, ChangeStatus, FindAccount, ListAccounts};

/// What came of changing settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingsChanged {
    /// The account from now on.
    Changed(Box<Account>),
    /// The change names nothing.
    Nothing,
    /// There is no such account.
    NoAccount,
}

/// The steps with their port.
#[derive(Debug, Clone)]
pub struct ManageAccounts<Accounts> {
    /// Keeps accounts.
    pub accounts: Accounts,
}

impl<Accounts> ManageAccounts<Accounts>
where
    Accounts: FindAccount + ListAccounts + ChangeSettings + ChangeStatus,
{
    /// An account, or `None` when there is no such account.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn find(&self, id: &AccountId) -> Result<Option<Account>, Failure> {
        Ok(self.accounts.find_account(id).await?)
    }

    /// All accounts, by their codes.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(&self) -> Result<Vec<Account>, Failure> {
        Ok(self.accounts.list_accounts().await?)
    }

    /// Changes what is named, also of an account that may not send. Contracts that are under way
    /// keep what they began with.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn change_settings(
        &self,
        id: &AccountId,
        change: &SettingsChange,
    ) -> Result<SettingsChanged, Failure> {
        if change.is_empty() {
            return Ok(SettingsChanged::Nothing);
        }
        let account = self.accounts.change_settings(id, change).await?;
        Ok(account.map_or(SettingsChanged::NoAccount, |account| {
            SettingsChanged::Changed(Box::new(account))
        }))
    }

    /// Stops an account, or lets it go on (P-069).
    ///
    /// # Errors
    /// When the store fails.
    pub async fn change_status(
        &self,
        id: &AccountId,
        to: MaySend,
    ) -> Result<StatusChanged, Failure> {
        Ok(self.accounts.change_status(id, to).await?)
    }
}
