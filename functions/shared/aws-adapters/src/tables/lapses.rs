//! Accounts that may lapse (I-046): the due work of `by-lapse-check`. A use changes `last_used_at`
//! alone, so that a sending costs nothing in the index.

use domain::{Account, AccountId, AccountStatus, Balance, Points, WarningState, billing};
use jiff::Timestamp;
use workflow::ports::{DUE_ACCOUNTS_MAX, FindAccount, LapseStore, PortResult, ReadBalance};

use super::account_item::{key_of_account, warning_to_map};
use super::billing::PostingWrites;
use super::contention::short_pause;
use super::due::DueWork;
use super::item::{Reader, moment, text};
use super::write::{Transaction, Update, transact};
use super::{Tables, unreadable};

const LISTING_DUE: &str = "listing accounts that may lapse";
const PUTTING_OFF: &str = "putting off the next look at an account";
const MOVING_WARNING: &str = "moving the warning of an account on";
const LAPSING: &str = "closing an unused account";

/// Accounts that are not closed, by when to look at them next.
pub(super) const LAPSES: DueWork = DueWork {
    index: "by-lapse-check",
    watch: "lapse_watch",
    partition: "open",
    check_at: "lapse_check_at",
    listing: LISTING_DUE,
    items_max: DUE_ACCOUNTS_MAX,
};

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
            .set("status", text(AccountStatus::LAPSED))
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
    /// A write to an account that nobody used, warned or closed since it was seen.
    fn as_seen(&self, seen: &Account) -> PortResult<Update> {
        let update = Update::of(self.accounts_table()?, key_of_account(&seen.id))
            .when("last_used_at", moment(seen.last_used_at))
            .when_not("status", text(AccountStatus::LAPSED));
        Ok(match &seen.warned {
            Some(warned) => update.when("lapse_warning", warning_to_map(warned)),
            None => update.when_missing("lapse_warning"),
        })
    }
}
