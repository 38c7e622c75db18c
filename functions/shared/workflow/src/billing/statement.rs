//! Reads an account's points and its ledger.

use domain::{AccountId, Balance, LedgerPage, LedgerPageOf};

use crate::Failure;
use crate::ports::{FindAccount, ReadBalance, ReadLedger};

/// The steps with their port.
#[derive(Debug, Clone)]
pub struct Statement<Ledger> {
    /// Keeps accounts, balances and ledgers.
    pub ledger: Ledger,
}

impl<Ledger> Statement<Ledger>
where
    Ledger: FindAccount + ReadBalance + ReadLedger,
{
    /// The points of an account, or `None` when there is no such account.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn balance(&self, account: &AccountId) -> Result<Option<Balance>, Failure> {
        if self.ledger.find_account(account).await?.is_none() {
            return Ok(None);
        }
        Ok(Some(self.ledger.balance(account).await?))
    }

    /// A page of the ledger of an account that exists.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn page(
        &self,
        account: &AccountId,
        page: &LedgerPageOf,
    ) -> Result<LedgerPage, Failure> {
        Ok(self.ledger.ledger(account, page).await?)
    }
}
