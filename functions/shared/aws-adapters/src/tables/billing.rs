//! The balance of an account, and its ledger.
//!
//! What is written was planned by `domain::billing`: a posting becomes its lines and one update of
//! the balance, with the bounds that it names as conditions.

mod item;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::billing::{self, Bounds, LineWrite};
use domain::{
    AccountId, Balance, ChargeState, EntryId, GrantReference, Granting, LedgerPage, LedgerPageOf,
    Named, Points, Posting,
};
use jiff::{SignedDuration, Timestamp};
use workflow::ports::{GrantPoints, PortError, PortResult, ReadBalance, ReadLedger};

use self::item::{
    balance_from_item, entry_from_item, entry_to_item, key_of_balance, key_of_entry, key_of_place,
    place_from_item,
};
use super::contention::Contention;
use super::item::{moment, text};
use super::uses::NotUsed;
use super::write::{Transaction, Update, put_new, transact};
use super::{Tables, unreadable};
use crate::fault::{port_error, transient};

const READING_BALANCE: &str = "reading a balance";
const READING_LEDGER: &str = "reading a ledger";
const GRANTING: &str = "granting points";

const BY_TIME: &str = "by-time";

/// Where each write stands in the transaction of a grant, which has one line.
const GRANT: usize = 0;
const GRANTED_BALANCE: usize = 1;
const USE: usize = 2;

/// A posting as the parts of a transaction.
pub(super) struct PostingWrites {
    /// The one change of the balance, if there is one.
    pub(super) balance: Option<TransactWriteItem>,
    /// The lines, in their order.
    pub(super) lines: Vec<TransactWriteItem>,
}

impl ReadBalance for Tables {
    async fn balance(&self, account: &AccountId) -> PortResult<Balance> {
        let found = self
            .read(
                READING_BALANCE,
                self.points_table()?,
                key_of_balance(account),
            )
            .await?;
        found.map_or(Ok(Balance::default()), |found| {
            balance_from_item(&found).map_err(unreadable(READING_BALANCE))
        })
    }
}

impl ReadLedger for Tables {
    async fn ledger(&self, account: &AccountId, page: &LedgerPageOf) -> PortResult<LedgerPage> {
        let table = self.points_table()?;
        let most = i32::try_from(page.entries_max).unwrap_or(i32::MAX).max(1);
        let begins_behind = page.after.as_ref();
        let begins_behind = begins_behind.map(|place| key_of_place(account, place));
        // Whatever a span leaves open has moments on its side; an index knows no open span.
        let from = page.from.unwrap_or(Timestamp::MIN);
        let until = page.until.map_or(Timestamp::MAX, last_before);
        if from > until {
            let (entries, next) = (Vec::new(), None);
            return Ok(LedgerPage { entries, next });
        }
        let output = self
            .client
            .query()
            .table_name(table)
            .index_name(BY_TIME)
            .key_condition_expression("account_id = :account AND #at BETWEEN :from AND :until")
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":account", text(account))
            .expression_attribute_values(":from", moment(from))
            .expression_attribute_values(":until", moment(until))
            .scan_index_forward(!page.newest_first)
            .set_exclusive_start_key(begins_behind)
            .limit(most)
            .send()
            .await
            .map_err(|error| port_error(READING_LEDGER, &error))?;
        let places = output.items().iter().map(place_from_item);
        let places: Vec<_> = places
            .collect::<Result<_, _>>()
            .map_err(unreadable(READING_LEDGER))?;
        let has_more = output.last_evaluated_key().is_some();
        let next = places.last().filter(|_| has_more).cloned();
        // The index says what there is, and the table how it stands: a charge that ends does not
        // write to the index again.
        let keys = places
            .iter()
            .map(|place| key_of_entry(account, &place.entry));
        let found = self.read_all(READING_LEDGER, table, keys.collect()).await?;
        let entries = found.iter().map(entry_from_item);
        let mut entries: Vec<_> = entries
            .collect::<Result<_, _>>()
            .map_err(unreadable(READING_LEDGER))?;
        // A batch answers in any order.
        let rank = |id: &EntryId| places.iter().position(|place| place.entry == *id);
        entries.sort_by_key(|entry: &domain::LedgerEntry| rank(&entry.id()));
        Ok(LedgerPage { entries, next })
    }
}

impl GrantPoints for Tables {
    async fn grant_points(
        &self,
        account: &AccountId,
        points: Points,
        reference: &GrantReference,
        at: Timestamp,
    ) -> PortResult<Granting> {
        let Some(posting) = billing::grant(account, points, reference, at) else {
            return Ok(Granting::TooMany);
        };
        let mut contention = Contention::begin();
        let mut is_latest_use = true;
        loop {
            let PostingWrites { balance, lines } = self.posting(&posting)?;
            let mut writes = lines;
            writes.extend(balance);
            writes.push(self.record_use(account, at, is_latest_use)?);
            let canceled = match transact(&self.client, GRANTING, writes).await? {
                Transaction::Written => return Ok(Granting::Granted),
                Transaction::Canceled(canceled) => canceled,
            };
            if canceled.condition_failed(GRANT) {
                return Ok(Granting::GrantedBefore);
            }
            if canceled.condition_failed(USE) {
                match self.why_not_used(account, at).await? {
                    NotUsed::UsedLater => is_latest_use = false,
                    NotUsed::Lapsed => return Ok(Granting::AccountLapsed),
                    NotUsed::NoAccount => return Ok(Granting::NoAccount),
                }
                continue;
            }
            if canceled.condition_failed(GRANTED_BALANCE) {
                return Ok(Granting::TooMany);
            }
            if !contention.pause().await {
                return Err(transient(GRANTING, "others keep changing the balance"));
            }
        }
    }
}

impl Tables {
    /// Whatever a posting says, and nothing else.
    pub(super) fn posting(&self, posting: &Posting) -> PortResult<PostingWrites> {
        let table = self.points_table()?;
        let balance = Update::of(table, key_of_balance(&posting.account))
            .shift("available", posting.delta.available)
            .shift("reserved", posting.delta.reserved)
            .within("available", posting.available)
            .within("reserved", posting.reserved);
        let lines = posting.lines.iter().map(|line| match line {
            LineWrite::New(entry) => {
                put_new(table, entry_to_item(&posting.account, entry), "entry")
            }
            LineWrite::Draw { points, .. } => {
                let left = Bounds {
                    least: *points,
                    ..Bounds::ANY
                };
                Update::of(table, key_of_entry(&posting.account, &line.id()))
                    .shift("left", -i64::from(points.get()))
                    .when_there("left")
                    .within("left", left)
                    .in_transaction()
            }
            LineWrite::End { to, at, .. } => {
                Update::of(table, key_of_entry(&posting.account, &line.id()))
                    .set("state", text(to.name()))
                    .set("ended_at", text(at))
                    .when("state", text(ChargeState::Reserved.name()))
                    .in_transaction()
            }
        });
        Ok(PostingWrites {
            balance: posting
                .concerns_balance()
                .then(|| balance.in_transaction())
                .transpose()?,
            lines: lines.collect::<PortResult<_>>()?,
        })
    }
}

/// The last moment before another one.
fn last_before(moment: Timestamp) -> Timestamp {
    let instant = SignedDuration::from_nanos(1);
    moment.checked_sub(instant).unwrap_or(Timestamp::MIN)
}

/// A ledger whose entry and balance contradict what was recorded about a dispatch.
pub(super) fn broken_ledger(operation: &'static str) -> PortError {
    crate::fault::permanent(
        operation,
        "the charge is not reserved, or the balance holds less",
    )
}
