//! The four DynamoDB tables: accounts, allowlist, points and dispatches.
//!
//! | table | key | items |
//! |---|---|---|
//! | accounts | `account_id` | the account |
//! | allowlist | `sender` | a proven sender, by the key form of the address; one that was removed |
//! | | | has `removed_at` |
//! | points | `account_id`, `entry` | `BALANCE`, `CHARGE#<dispatch>`, `GRANT#<reference>` |
//! | | | `LAPSE#<date>`: the points that went when the account closed |
//! | dispatches | `INBOUND#<id>`, `INTAKE` | what was decided about a mail; its idempotency key |
//! | | `ACCOUNT#<id>`, `SERIAL` | the last serial given |
//! | | `DISPATCH#<id>`, `DISPATCH` | a dispatch and how far it has come |
//! | | `DISPATCH#<id>`, `EVENT#<id>` | one event of it |
//! | | `CODE#<dispatch>`, `CODE` | its newest one-time code; expires |
//! | | `RATE#<digest>`, `WINDOW#<start>` | uses by one source; expires |
//!
//! The index `by-account` (`account_id`, `serial`) holds dispatches and refused mails: together
//! they are an account's serials without a gap. `by-lapse-check` holds the accounts that are open.
//! `by-renewal` holds the dispatches with a certificate, by when its timestamp is to be renewed.
//! Of the other indexes each holds the dispatches that have its key: `by-provider-message`
//! (`provider_message_id`), `by-sms-message` (`sms_message_id`), and of contracts `by-answer-token`
//! (`answer_token`) and `by-mobile` (`mobile`, `accepted_at`). `by-copy-token` (`copy_token`) holds
//! contracts and addenda whose recipient was to get their certificate.

mod accounts;
mod addenda;
mod contention;
mod dispatch_item;
mod dispatches;
mod event_item;
mod intake;
mod item;
mod lapse;
mod notice;
mod operator;
mod points;
mod renewal;
#[cfg(test)]
mod tests;
mod web;
mod write;

use aws_sdk_dynamodb::Client;
use workflow::ports::{PortError, PortResult};

pub use accounts::{Allowing, SettingsChange};
pub use points::{GrantReference, Granting, LedgerEntry, ReferenceError};

use self::item::{Item, ItemError};
use crate::fault::{permanent, port_error};

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

fn named<'a>(name: Option<&'a str>, operation: &'static str) -> PortResult<&'a str> {
    name.ok_or_else(|| permanent(operation, "this function was not told its name"))
}

fn unreadable(operation: &'static str) -> impl FnOnce(ItemError) -> PortError {
    move |error| PortError::Permanent {
        operation,
        source: error.into(),
    }
}
