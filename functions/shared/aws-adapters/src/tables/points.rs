//! Points: the balance of an account, and its ledger.

use std::fmt;
use std::str::FromStr;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{AccountId, Balance, ChargeState, Dispatch, DispatchId, Entry, Points, Serial};
use jiff::Timestamp;
use jiff::civil::Date;
use workflow::ports::{PortError, PortResult};

use super::contention::Contention;
use super::item::{Item, ItemError, Reader, item, number, text};
use super::lapse::NotUsed;
use super::write::{Transaction, Update, put_new, transact};
use super::{Tables, unreadable};
use crate::fault::{port_error, transient};

const READING_BALANCE: &str = "reading a balance";
const READING_LEDGER: &str = "reading a ledger";
const GRANTING: &str = "granting points";

const BALANCE: &str = "BALANCE";
const CHARGE_PREFIX: &str = "CHARGE#";
const GRANT_PREFIX: &str = "GRANT#";
const LAPSE_PREFIX: &str = "LAPSE#";

/// Where each write stands in the transaction of a grant.
const GRANT: usize = 0;
const GRANTED_BALANCE: usize = 1;
const USE: usize = 2;

/// Longest reference of a grant, in bytes: an invoice number or a sentence, not a document.
const REFERENCE_LENGTH_BYTES_MAX: usize = 100;

/// Why points were granted, in the operator's words; one reference grants once per account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantReference(String);

/// A text that is no reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a reference must have 1 to 100 bytes and no control characters")]
pub struct ReferenceError;

/// What came of granting points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Granting {
    /// The points were added.
    Granted,
    /// The reference was used before: nothing was written.
    GrantedBefore,
    /// The account would have more points than can be counted: nothing was written.
    TooMany,
    /// The account was not used for five years and is closed (I-046): nothing was written.
    AccountLapsed,
    /// There is no such account: nothing was written.
    NoAccount,
}

/// One line of an account's ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LedgerEntry {
    /// What a dispatch costs.
    Charge {
        /// Which dispatch.
        dispatch: DispatchId,
        /// Its serial.
        serial: Serial,
        /// How many points, and what became of them.
        entry: Entry,
        /// When they were reserved.
        reserved_at: Timestamp,
        /// When they were posted or voided.
        ended_at: Option<Timestamp>,
    },
    /// Points that the operator added.
    Grant {
        /// Why.
        reference: GrantReference,
        /// How many.
        points: Points,
        /// When.
        granted_at: Timestamp,
    },
    /// Points that were left when the account lapsed (I-045, I-046).
    Lapse {
        /// The day, in UTC, on which five years had passed since the last use.
        due_on: Date,
        /// How many.
        points: Points,
        /// When the account was closed.
        lapsed_at: Timestamp,
    },
}

impl LedgerEntry {
    /// When it was last changed: when its points were granted, posted, voided or reserved.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Charge {
                reserved_at,
                ended_at,
                ..
            } => ended_at.unwrap_or(*reserved_at),
            Self::Grant { granted_at, .. } => *granted_at,
            Self::Lapse { lapsed_at, .. } => *lapsed_at,
        }
    }

    /// By time, and of one moment by serial.
    fn order(&self) -> (Timestamp, Option<&Serial>) {
        let serial = match self {
            Self::Charge { serial, .. } => Some(serial),
            Self::Grant { .. } | Self::Lapse { .. } => None,
        };
        (self.at(), serial)
    }
}

impl FromStr for GrantReference {
    type Err = ReferenceError;
    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let valid = (1..=REFERENCE_LENGTH_BYTES_MAX).contains(&text.len())
            && !text.chars().any(char::is_control);
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(ReferenceError)
        }
    }
}

impl fmt::Display for GrantReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Tables {
    /// The points of an account, read consistently; none when it never had any.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn balance(&self, account: &AccountId) -> PortResult<Balance> {
        let found = self
            .read(
                READING_BALANCE,
                self.points_table()?,
                key_of_entry(account, BALANCE),
            )
            .await?;
        found.map_or(Ok(Balance::default()), |found| {
            balance_from_item(&found).map_err(unreadable(READING_BALANCE))
        })
    }

    /// An account's ledger in the order of time, with one question for each megabyte: some five
    /// thousand entries.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn ledger(&self, account: &AccountId) -> PortResult<Vec<LedgerEntry>> {
        let mut pages = self
            .client
            .query()
            .table_name(self.points_table()?)
            .consistent_read(true)
            .key_condition_expression("account_id = :account")
            .expression_attribute_values(":account", text(account))
            .into_paginator()
            .items()
            .send();
        let mut entries = Vec::new();
        while let Some(found) = pages.next().await {
            let found = found.map_err(|error| port_error(READING_LEDGER, &error))?;
            entries.extend(entry_from_item(&found).map_err(unreadable(READING_LEDGER))?);
        }
        entries.sort_by(|one: &LedgerEntry, other| one.order().cmp(&other.order()));
        Ok(entries)
    }

    /// Adds points, once per reference. That is a use of the account (I-046).
    ///
    /// # Errors
    /// When the table fails, or is too busy.
    pub async fn grant_points(
        &self,
        account: &AccountId,
        points: Points,
        reference: &GrantReference,
        granted_at: Timestamp,
    ) -> PortResult<Granting> {
        let mut contention = Contention::begin();
        let mut is_latest_use = true;
        loop {
            let mut writes = self.grant(account, points, reference, granted_at)?;
            writes.push(self.record_use(account, granted_at, is_latest_use)?);
            let canceled = match transact(&self.client, GRANTING, writes).await? {
                Transaction::Written => return Ok(Granting::Granted),
                Transaction::Canceled(canceled) => canceled,
            };
            if canceled.condition_failed(GRANT) {
                return Ok(Granting::GrantedBefore);
            }
            if canceled.condition_failed(USE) {
                match self.why_not_used(account, granted_at).await? {
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

    fn grant(
        &self,
        account: &AccountId,
        points: Points,
        reference: &GrantReference,
        granted_at: Timestamp,
    ) -> PortResult<Vec<TransactWriteItem>> {
        let table = self.points_table()?;
        let grant = LedgerEntry::Grant {
            reference: reference.clone(),
            points,
            granted_at,
        };
        let balance = Update::of(table, key_of_entry(account, BALANCE))
            .add("available", points.get())
            .add("reserved", 0)
            .when_at_most("available", u32::MAX - points.get());
        Ok(vec![
            put_new(table, entry_to_item(account, &grant), "entry")?,
            balance.in_transaction()?,
        ])
    }

    /// Holds points for dispatches, if there are enough.
    pub(super) fn reserve(
        &self,
        account: &AccountId,
        points: Points,
    ) -> PortResult<TransactWriteItem> {
        Update::of(self.points_table()?, key_of_entry(account, BALANCE))
            .take("available", points.get())
            .add("reserved", points.get())
            .in_transaction()
    }

    /// Takes all points of an account that lapses: the balance and the ledger's line. `points` have
    /// to be all that are available, with none reserved.
    pub(super) fn take_all(
        &self,
        account: &AccountId,
        points: Points,
        entry: &LedgerEntry,
    ) -> PortResult<[TransactWriteItem; 2]> {
        let table = self.points_table()?;
        let balance = Update::of(table, key_of_entry(account, BALANCE))
            .set("available", number(0_u32))
            .set("reserved", number(0_u32))
            .when_at_most("reserved", 0);
        // An account that never had points has no balance.
        let balance = match points.get() {
            0 => balance.when_at_most("available", 0),
            some => balance.when("available", number(some)),
        };
        let entry = put_new(table, entry_to_item(account, entry), "entry")?;
        Ok([balance.in_transaction()?, entry])
    }

    /// Writes down what a new dispatch costs.
    pub(super) fn open_charge(&self, dispatch: &Dispatch) -> PortResult<TransactWriteItem> {
        let charge = LedgerEntry::Charge {
            dispatch: dispatch.id.clone(),
            serial: dispatch.serial.clone(),
            entry: Entry {
                points: dispatch.price,
                state: ChargeState::Reserved,
            },
            reserved_at: dispatch.accepted_at,
            ended_at: None,
        };
        put_new(
            self.points_table()?,
            entry_to_item(dispatch.serial.account(), &charge),
            "entry",
        )
    }

    /// Spends the points of a dispatch or gives them back: the charge and the balance.
    pub(super) fn end_charge(
        &self,
        dispatch: &Dispatch,
        to: ChargeState,
        at: Timestamp,
    ) -> PortResult<[TransactWriteItem; 2]> {
        let table = self.points_table()?;
        let account = dispatch.serial.account();
        let entry = format!("{CHARGE_PREFIX}{}", dispatch.id);
        let charge = Update::of(table, key_of_entry(account, &entry))
            .set("state", text(to.name()))
            .set("ended_at", text(at))
            .when("state", text(ChargeState::Reserved.name()));
        let balance = Update::of(table, key_of_entry(account, BALANCE))
            .take("reserved", dispatch.price.get());
        let balance = match to {
            ChargeState::Voided => balance.add("available", dispatch.price.get()),
            ChargeState::Posted | ChargeState::Reserved => balance,
        };
        Ok([charge.in_transaction()?, balance.in_transaction()?])
    }
}

fn key_of_entry(account: &AccountId, entry: &str) -> Item {
    item([("account_id", text(account)), ("entry", text(entry))])
}

fn balance_from_item(item: &Item) -> Result<Balance, ItemError> {
    let item = Reader(item);
    Ok(Balance {
        available: Points::new(item.number("available")?),
        reserved: Points::new(item.number("reserved")?),
    })
}

fn entry_to_item(account: &AccountId, entry: &LedgerEntry) -> Item {
    match entry {
        LedgerEntry::Charge {
            dispatch,
            serial,
            entry,
            reserved_at,
            ended_at,
        } => {
            let mut attributes = vec![
                ("serial", text(serial)),
                ("account_id", text(account)),
                ("entry", text(format!("{CHARGE_PREFIX}{dispatch}"))),
                ("points", number(entry.points.get())),
                ("state", text(entry.state.name())),
                ("reserved_at", text(reserved_at)),
            ];
            attributes.extend(ended_at.map(|at| ("ended_at", text(at))));
            item(attributes)
        }
        LedgerEntry::Grant {
            reference,
            points,
            granted_at,
        } => item([
            ("account_id", text(account)),
            ("entry", text(format!("{GRANT_PREFIX}{reference}"))),
            ("points", number(points.get())),
            ("granted_at", text(granted_at)),
        ]),
        LedgerEntry::Lapse {
            due_on,
            points,
            lapsed_at,
        } => item([
            ("account_id", text(account)),
            ("entry", text(format!("{LAPSE_PREFIX}{due_on}"))),
            ("points", number(points.get())),
            ("lapsed_at", text(lapsed_at)),
        ]),
    }
}

/// `None` for the balance, which lies among the entries.
fn entry_from_item(item: &Item) -> Result<Option<LedgerEntry>, ItemError> {
    let item = Reader(item);
    let entry = item.text("entry")?;
    if entry == BALANCE {
        return Ok(None);
    }
    let malformed = ItemError { attribute: "entry" };
    let points = Points::new(item.number("points")?);
    if let Some(reference) = entry.strip_prefix(GRANT_PREFIX) {
        return Ok(Some(LedgerEntry::Grant {
            reference: reference.parse().map_err(|_| malformed)?,
            points,
            granted_at: item.parse("granted_at")?,
        }));
    }
    if let Some(due_on) = entry.strip_prefix(LAPSE_PREFIX) {
        return Ok(Some(LedgerEntry::Lapse {
            due_on: due_on.parse().map_err(|_| malformed)?,
            points,
            lapsed_at: item.parse("lapsed_at")?,
        }));
    }
    let dispatch = entry
        .strip_prefix(CHARGE_PREFIX)
        .ok_or_else(|| malformed.clone())?;
    Ok(Some(LedgerEntry::Charge {
        dispatch: dispatch.parse().map_err(|_| malformed)?,
        serial: item.parse("serial")?,
        entry: Entry {
            points,
            state: item.named("state", |name| {
                ChargeState::ALL
                    .into_iter()
                    .find(|state| state.name() == name)
            })?,
        },
        reserved_at: item.parse("reserved_at")?,
        ended_at: item.optional_parse("ended_at")?,
    }))
}

/// A ledger whose entry and balance contradict what was recorded about a dispatch.
pub(super) fn broken_ledger(operation: &'static str) -> PortError {
    crate::fault::permanent(
        operation,
        "the charge is not reserved, or the balance holds less",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ledger_entry_survives_storage() {
        let account: AccountId = "K7Q2".parse().unwrap();
        let at: Timestamp = "2026-01-05T00:00:00Z".parse().unwrap();
        let mut entries = vec![LedgerEntry::Grant {
            reference: "請求書 2026-001 #2".parse().unwrap(),
            points: Points::new(u32::MAX),
            granted_at: at,
        }];
        entries.push(LedgerEntry::Lapse {
            due_on: "2031-02-28".parse().unwrap(),
            points: Points::new(7),
            lapsed_at: at,
        });
        for (state, ended_at) in [
            (ChargeState::Reserved, None),
            (ChargeState::Posted, Some(at)),
            (ChargeState::Voided, Some(at)),
        ] {
            entries.push(LedgerEntry::Charge {
                dispatch: "abc-01".parse().unwrap(),
                serial: "K7Q2-000123".parse().unwrap(),
                entry: Entry {
                    points: Points::new(1),
                    state,
                },
                reserved_at: at,
                ended_at,
            });
        }
        for entry in entries {
            let item = entry_to_item(&account, &entry);
            assert_eq!(entry_from_item(&item), Ok(Some(entry)));
        }
    }

    #[test]
    fn a_balance_is_read_and_is_no_entry() {
        let item = item([
            ("entry", text(BALANCE)),
            ("available", number(7_u32)),
            ("reserved", number(2_u32)),
        ]);
        let balance = Balance {
            available: Points::new(7),
            reserved: Points::new(2),
        };
        assert_eq!(balance_from_item(&item), Ok(balance));
        assert_eq!(entry_from_item(&item), Ok(None));
    }

    #[test]
    fn a_reference_is_short_and_printable() {
        for (text, valid) in [
            ("invoice 1", true),
            ("", false),
            ("a\nb", false),
            (&"x".repeat(101), false),
        ] {
            assert_eq!(text.parse::<GrantReference>().is_ok(), valid, "{text}");
        }
    }
}
