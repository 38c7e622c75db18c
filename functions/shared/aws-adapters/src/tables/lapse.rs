//! Accounts by the time at which they have to be looked at because they may lapse (I-046).
//!
//! The index `by-lapse-check` has one partition, `lapse_watch`, and in it the accounts that are not
//! closed, sorted by `lapse_check_at`, in seconds since 1970. One partition is enough, because it
//! is hardly ever written: a use changes `last_used_at` alone and leaves the time of the next look
//! too early. When that comes, the account is put off to where it belongs, once in years. So a
//! sending costs nothing in the index, a look costs the accounts that are due, and nothing ever
//! reads all of them.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use domain::{
    Account, AccountId, AccountStatus, Balance, LapseWarning, Points, WarningState, lapse_at,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use workflow::ports::{DUE_ACCOUNTS_MAX, FindAccount, LapseStore, PortResult};

use super::accounts::key_of_account;
use super::contention::short_pause;
use super::item::{ItemError, Reader, map, text};
use super::notice::{notice_from_map, notice_to_map};
use super::points::LedgerEntry;
use super::write::{Transaction, Update, transact};
use super::{Tables, unreadable};
use crate::fault::{permanent, port_error};

const LISTING_DUE: &str = "listing accounts that may lapse";
const PUTTING_OFF: &str = "putting off the next look at an account";
const MOVING_WARNING: &str = "moving the warning of an account on";
const LAPSING: &str = "closing an unused account";
const USING: &str = "recording the use of an account";

const BY_LAPSE_CHECK: &str = "by-lapse-check";

/// The one partition of the index.
const WATCHED: &str = "open";

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
        let request = self
            .client
            .query()
            .table_name(self.accounts_table()?)
            .index_name(BY_LAPSE_CHECK)
            .key_condition_expression("lapse_watch = :watched AND lapse_check_at <= :now")
            .expression_attribute_values(":watched", text(WATCHED))
            .expression_attribute_values(":now", AttributeValue::N(now.as_second().to_string()))
            // Keys of so many accounts are far smaller than one page of an answer.
            .limit(i32::try_from(DUE_ACCOUNTS_MAX).unwrap_or(i32::MAX));
        let output = request
            .send()
            .await
            .map_err(|error| port_error(LISTING_DUE, &error))?;
        let ids = output
            .items()
            .iter()
            .map(|found| Reader(found).parse("account_id"));
        ids.collect::<Result<_, _>>()
            .map_err(unreadable(LISTING_DUE))
    }

    async fn find_with_balance(&self, id: &AccountId) -> PortResult<Option<(Account, Balance)>> {
        let (account, balance) = tokio::try_join!(self.find_account(id), self.balance(id))?;
        Ok(account.map(|account| (account, balance)))
    }

    async fn check_later(&self, seen: &Account, at: Timestamp) -> PortResult<bool> {
        let update = self.as_seen(seen)?.set("lapse_check_at", check_at(at));
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
            .set("lapsed_at", text(at))
            .remove("lapse_watch")
            .remove("lapse_check_at");
        let entry = LedgerEntry::Lapse {
            due_on: lapse_at(seen.last_used_at).to_zoned(TimeZone::UTC).date(),
            points,
            lapsed_at: at,
        };
        let [balance, entry] = self.take_all(&seen.id, points, &entry)?;
        let writes = vec![account.in_transaction()?, balance, entry];
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

/// What puts an account into the index.
pub(super) fn watch(at: Timestamp) -> [(&'static str, AttributeValue); 2] {
    [
        ("lapse_watch", text(WATCHED)),
        ("lapse_check_at", check_at(at)),
    ]
}

/// With all nine decimals, so that texts compare like times.
pub(super) fn moment(at: Timestamp) -> AttributeValue {
    text(format!("{at:.9}"))
}

/// Whole seconds, never too early: at that time the look finds something to do.
pub(super) fn check_at(at: Timestamp) -> AttributeValue {
    let begun = i64::from(at.subsec_nanosecond() > 0);
    AttributeValue::N(at.as_second().saturating_add(begun).to_string())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_moments_sort_like_times_and_a_check_is_never_too_early() {
        let times = [
            "2026-01-05T00:00:00Z",
            "2026-01-05T00:00:00.000000001Z",
            "2026-01-05T00:00:00.5Z",
            "2026-01-05T00:00:01Z",
        ];
        let times = times.map(|text| text.parse::<Timestamp>().unwrap());
        let stored = times.map(|time| moment(time).as_s().unwrap().clone());
        assert!(stored.is_sorted(), "{stored:?}");
        for (time, stored) in times.iter().zip(&stored) {
            assert_eq!(stored.parse::<Timestamp>().unwrap(), *time);
        }
        let checks = times.map(|time| check_at(time).as_n().unwrap().parse::<i64>().unwrap());
        let first = times[0].as_second();
        assert_eq!(checks, [first, first + 1, first + 1, first + 1]);
    }
}
