//! The five DynamoDB tables: accounts, allowlist, points, dispatches and access.
//!
//! What is in the first four is evidence or money, and none of it expires. `access` holds what is
//! counted and kept for a while.
//!
//! | table | key | items |
//! |---|---|---|
//! | accounts | `account_id` | the account |
//! | allowlist | `sender` | a proven sender, by the key form of the address; one that was removed |
//! | | | has `removed_at` |
//! | points | `account_id`, `entry` | `BALANCE`, `CHARGE#<dispatch>`, `GRANT#<reference>` |
//! | | | `RESERVATION#<submission>`: what is held for recipients without a charge yet |
//! | | | `LAPSE#<date>`: the points that went when the account closed |
//! | dispatches | `SUBMISSION#<id>`, `INTAKE` | what was decided about it; its idempotency key |
//! | | `SUBMISSION#<id>`, `PLAN` | what becomes of it, where that takes more transactions |
//! | | `SUBMISSION#<id>`, `STARTED` | how many of that is written and started for certain |
//! | | `SUBMISSION#<id>`, `SUMMARY` | how many of its dispatches have not ended yet |
//! | | `ACCOUNT#<id>`, `SERIAL` | the last serial given |
//! | | `DISPATCH#<id>`, `DISPATCH` | a dispatch and how far it has come |
//! | | `DISPATCH#<id>`, `EVENT#<id>` | one event of it |
//! | | `MARK#<account>#<digest>`, `MARK` | by what an accepted mail is known again |
//! | access | `CODE#<dispatch>`, `CODE` | the newest one-time code of a contract |
//! | | `RATE#<digest>`, `WINDOW#<start>` | uses by one source |
//! | | `SMS#<account>#<day>`, `COUNT` | the SMS that an account asked for on a day |
//! | | `UNVOUCHED#<sender>`, `TALLY` | mails that nobody vouched for, until they are told of |
//!
//! The index `by-account` (`account_id`, `serial`) holds dispatches and refused mails: together
//! they are an account's serials without a gap. `by-lapse-check` holds the accounts that are open.
//! `by-renewal` holds the dispatches with a certificate, by when its timestamp is to be renewed.
//! Of the other indexes each holds the dispatches that have its key: `by-provider-message`
//! (`provider_message_id`), `by-sms-message` (`sms_message_id`), and of contracts `by-answer-token`
//! (`answer_token`) and `by-mobile` (`mobile`, `accepted_at`). `by-copy-token` (`copy_token`) holds
//! contracts and addenda whose recipient was to get their certificate.

mod access;
mod account_item;
mod accounts;
mod addenda;
mod authentication;
mod billing;
mod contention;
mod dispatch_item;
mod dispatches;
mod due;
mod event_item;
mod intake;
mod item;
mod lapses;
mod notice;
mod operator;
mod reasons;
mod renewals;
mod summaries;
#[cfg(test)]
mod tests;
mod turn;
mod unfolding;
mod uses;
mod write;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::KeysAndAttributes;
use workflow::ports::{PortError, PortResult};

pub use self::reasons::refusals_as_json;

use self::item::{Item, ItemError};
use crate::fault::{permanent, port_error, transient};

/// Most items of one `BatchGetItem`
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>).
const BATCH_ITEMS_MAX: usize = 100;

/// How often what a batch left out is asked for again.
const BATCH_ROUNDS_MAX: usize = 8;

/// Accounts, intake and dispatches in DynamoDB.
#[derive(Debug, Clone)]
pub struct Tables {
    client: Client,
    names: TableNames,
}

/// The names of the tables. A function is told only of those that it works with; using another is
/// a permanent failure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableNames {
    /// Accounts.
    pub accounts: Option<String>,
    /// Proven senders.
    pub allowlist: Option<String>,
    /// Balances and ledger entries.
    pub points: Option<String>,
    /// Dispatches, events, serial counters and idempotency keys.
    pub dispatches: Option<String>,
    /// One-time codes and counters.
    pub access: Option<String>,
}

impl Tables {
    /// The tables with these names.
    #[must_use]
    pub fn new(client: Client, names: TableNames) -> Self {
        Self { client, names }
    }

    fn accounts_table(&self) -> PortResult<&str> {
        named(self.names.accounts.as_deref(), "finding the accounts table")
    }

    fn allowlist_table(&self) -> PortResult<&str> {
        named(
            self.names.allowlist.as_deref(),
            "finding the allowlist table",
        )
    }

    fn points_table(&self) -> PortResult<&str> {
        named(self.names.points.as_deref(), "finding the points table")
    }

    fn dispatches_table(&self) -> PortResult<&str> {
        named(
            self.names.dispatches.as_deref(),
            "finding the dispatches table",
        )
    }

    fn access_table(&self) -> PortResult<&str> {
        named(self.names.access.as_deref(), "finding the access table")
    }

    /// One item, read consistently.
    async fn read(
        &self,
        operation: &'static str,
        table: &str,
        key: Item,
    ) -> PortResult<Option<Item>> {
        let request = self
            .client
            .get_item()
            .table_name(table)
            .set_key(Some(key))
            .consistent_read(true);
        let output = request
            .send()
            .await
            .map_err(|error| port_error(operation, &error))?;
        Ok(output.item)
    }
}

impl Tables {
    /// The items with these keys, read consistently, with one question for each hundred and in any
    /// order. Those that do not exist are left out.
    async fn read_all(
        &self,
        operation: &'static str,
        table: &str,
        keys: Vec<Item>,
    ) -> PortResult<Vec<Item>> {
        let mut found = Vec::new();
        for batch in keys.chunks(BATCH_ITEMS_MAX) {
            let mut keys = batch.to_vec();
            for round in 0..BATCH_ROUNDS_MAX {
                if keys.is_empty() {
                    break;
                }
                // What is left out was too much at once (BatchGetItem's page in the API reference).
                if round > 0 {
                    contention::short_pause().await;
                }
                let wanted = KeysAndAttributes::builder()
                    .set_keys(Some(keys))
                    .consistent_read(true)
                    .build()
                    .map_err(|error| permanent(operation, error.to_string()))?;
                let request = self.client.batch_get_item().request_items(table, wanted);
                let output = request
                    .send()
                    .await
                    .map_err(|error| port_error(operation, &error))?;
                let items = output.responses().and_then(|all| all.get(table));
                found.extend_from_slice(items.map(Vec::as_slice).unwrap_or_default());
                let left = output.unprocessed_keys().and_then(|all| all.get(table));
                keys = left.map(|left| left.keys().to_vec()).unwrap_or_default();
            }
            if !keys.is_empty() {
                return Err(transient(operation, "the table is too busy"));
            }
        }
        Ok(found)
    }
}

fn named<'a>(name: Option<&'a str>, operation: &'static str) -> PortResult<&'a str> {
    name.ok_or_else(|| permanent(operation, "this function was not told its name"))
}

fn unreadable(operation: &'static str) -> impl FnOnce(ItemError) -> PortError {
    move |error| PortError::Permanent {
        operation,
        source: error.into(),
    }
}
