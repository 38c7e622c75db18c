//! Accounts that may lapse (I-046): the due work of `by-lapse-check`. A use changes `last_used_at`
//! alone, so that a sending costs nothing in the index.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use domain::{
    Account, AccountId, AccountStatus, Balance, LapseWarning, Points, WarningState, billing,
};
use jiff::Timestamp;
use workflow::ports::{DUE_ACCOUNTS_MAX, FindAccount, LapseStore, PortResult, ReadBalance};

use super::accounts::key_of_account;
use super::billing::PostingWrites;
use super::contention::short_pause;
use super::due::DueWork;
use super::item::{ItemError, Reader, map, moment, text};
use super::notice::{notice_from_map, notice_to_map};
use super::write::{Transaction, Update, transact};
use super::{Tables, unreadable};
use crate::fault::permanent;

const LISTING_DUE: &str = "listing accounts that may lapse";
const PUTTING_OFF: &str = "putting off the next look at an account";
const MOVING_WARNING: &str = "moving the warning of an account on";
const LAPSING: &str = "closing an unused account";
const USING: &str = "recording the use of an account";

/// Accounts that are not closed, by when to look at them next.
pub(super) const LAPSES: DueWork = DueWork {
    index: "by-lapse-check",
    watch: "lapse_watch",
    partition: "open",
    check_at: "lapse_check_at",
    listing: LISTING_DUE,
    items_max: DUE_ACCOUNTS_MAX,
};

/// The status that ends everything.
pub(super) const LAPSED: &str = "lapsed";

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

impl LapseStore for Tables {
    async fn due_accounts(&self, now: Timestamp) -> PortResult<Vec<AccountId>> {
        let due = LAPSES.list(self, self.accounts_table()?, now).await?;
        let ids = due.iter().map(|found| Reader(found).parse("account_id"));
        ids.collect::<Result<_, _>>()
            .map_err(unreadable(LISTING_DUE))
    }

    async fn find_with_balance(&self, id: &AccountId) -> PortResult<Option<(Account, Balance)>> {
        let (account, balance) = tokio::try_join!(self.find_account(id), self.balance(id))?;
        Ok(account.map(|account| (account, balance)))
    }

    async fn check_later(&self, seen: &Account, at: Timestamp) -> PortResult<bool> {
        let update = LAPSES.put_off(self.as_seen(seen)?, at);
        let written = update.send_through(&self.client, PUTTING_OFF).await?;
        Ok(written.is_some())
    }

    async fn move_warning(&self, seen: &Account, to: &WarningState) -> PortResult<bool> {
        let update = self.as_seen(seen)?.set("lapse_warning", warning_to_map(to));
        let written = update.send_through(&self.client, MOVING_WARNING).await?;
        Ok(written.is_some())
    }

    async fn lapse_account(
        &self,
        seen: &Account,
        points: Points,
        at: Timestamp,
    ) -> PortResult<bool> {
        let account = self
            .as_seen(seen)?
            .set("status", text(LAPSED))
            .set("lapsed_at", text(at));
        let account = LAPSES.end(account).in_transaction()?;
        let posting = billing::lapse(seen, points, at);
        let PostingWrites { balance, lines } = self.posting(&posting)?;
        let mut writes = vec![account];
        writes.extend(balance);
        writes.extend(lines);
        match transact(&self.client, LAPSING, writes).await? {
            Transaction::Written => Ok(true),
            Transaction::Canceled(canceled) => {
                if canceled.is_conflict() {
                    short_pause().await;
                }
                Ok(false)
            }
        }
    }
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
            .when_not("status", text(LAPSED));
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

    /// A write to an account that nobody used, warned or closed since it was seen.
    fn as_seen(&self, seen: &Account) -> PortResult<Update> {
        let update = Update::of(self.accounts_table()?, key_of_account(&seen.id))
            .when("last_used_at", moment(seen.last_used_at))
            .when_not("status", text(LAPSED));
        Ok(match &seen.warned {
            Some(warned) => update.when("lapse_warning", warning_to_map(warned)),
            None => update.when_missing("lapse_warning"),
        })
    }
}

pub(super) fn warning_to_map(state: &WarningState) -> AttributeValue {
    map([
        ("warning", text(state.warning.name())),
        ("notice", notice_to_map(&state.notice)),
    ])
}

pub(super) fn warning_from_map(map: Reader<'_>) -> Result<WarningState, ItemError> {
    Ok(WarningState {
        warning: map.named("warning", |name| {
            LapseWarning::ALL
                .into_iter()
                .find(|warning| warning.name() == name)
        })?,
        notice: notice_from_map(map.map("notice")?)?,
    })
}

/// The status of an account, with what belongs to it.
pub(super) fn status_from_item(item: Reader<'_>) -> Result<AccountStatus, ItemError> {
    let attribute = "status";
    match item.text(attribute)? {
        "active" => Ok(AccountStatus::Active),
        "suspended" => Ok(AccountStatus::Suspended),
        LAPSED => Ok(AccountStatus::Lapsed {
            at: item.parse("lapsed_at")?,
        }),
        _ => Err(ItemError { attribute }),
    }
}

/// The stable name of a status.
pub(super) fn status_name(status: AccountStatus) -> &'static str {
    match status {
        AccountStatus::Active => "active",
        AccountStatus::Suspended => "suspended",
        AccountStatus::Lapsed { .. } => LAPSED,
    }
}
