//! Uses of accounts: sendings and purchases of points, which keep an account open (I-046).

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{AccountId, AccountStatus};
use jiff::Timestamp;
use workflow::ports::{FindAccount, PortResult};

use super::Tables;
use super::account_item::key_of_account;
use super::item::{moment, text};
use super::write::Update;
use crate::fault::permanent;

const USING: &str = "recording the use of an account";

/// Why a use could not be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotUsed {
    /// The account is closed.
    Lapsed,
    /// A later use is known already, which stays.
    UsedLater,
    /// There is no such account.
    NoAccount,
}

impl Tables {
    /// Records a use, if the account is open. `is_latest` says that no later use is known: then it
    /// becomes the last one and takes back a warning.
    pub(super) fn record_use(
        &self,
        account: &AccountId,
        at: Timestamp,
        is_latest: bool,
    ) -> PortResult<TransactWriteItem> {
        let update = Update::of(self.accounts_table()?, key_of_account(account))
            .when_there("account_id")
            .when_not("status", text(AccountStatus::LAPSED));
        if is_latest {
            update
                .set("last_used_at", moment(at))
                .remove("lapse_warning")
                .when_not_after("last_used_at", moment(at))
        } else {
            update.set_once("last_used_at", moment(at))
        }
        .in_transaction()
    }

    /// Why the condition of [`Tables::record_use`] did not hold: each reason stays as it is.
    pub(super) async fn why_not_used(
        &self,
        account: &AccountId,
        at: Timestamp,
    ) -> PortResult<NotUsed> {
        match self.find_account(account).await? {
            None => Ok(NotUsed::NoAccount),
            Some(account) if account.is_lapsed() => Ok(NotUsed::Lapsed),
            Some(account) if account.last_used_at > at => Ok(NotUsed::UsedLater),
            Some(_) => Err(permanent(USING, "an open account does not take it")),
        }
    }
}
