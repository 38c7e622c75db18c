//! A balance and the lines of a ledger as items.

use domain::{AccountId, Balance, EntryId, LedgerEntry, LedgerPlace, Named, Points};

use super::super::item::{Item, ItemError, Reader, item, moment, number, text};

/// The item that holds the balance, among those of the lines.
pub(super) const BALANCE: &str = "BALANCE";

pub(super) fn key_of_balance(account: &AccountId) -> Item {
    item([("account_id", text(account)), ("entry", text(BALANCE))])
}

pub(super) fn key_of_entry(account: &AccountId, entry: &EntryId) -> Item {
    item([("account_id", text(account)), ("entry", text(entry))])
}

/// Where a page of the index `by-time` begins: the keys of the index and of the table.
pub(super) fn key_of_place(account: &AccountId, place: &LedgerPlace) -> Item {
    let mut key = key_of_entry(account, &place.entry);
    key.insert("at".to_owned(), moment(place.at));
    key
}

pub(super) fn place_from_item(found: &Item) -> Result<LedgerPlace, ItemError> {
    let found = Reader(found);
    Ok(LedgerPlace {
        at: found.parse("at")?,
        entry: found.parse("entry")?,
    })
}

pub(super) fn balance_from_item(item: &Item) -> Result<Balance, ItemError> {
    let item = Reader(item);
    Ok(Balance {
        available: Points::new(item.number("available")?),
        reserved: Points::new(item.number("reserved")?),
    })
}

pub(super) fn entry_to_item(account: &AccountId, entry: &LedgerEntry) -> Item {
    let mut stored = key_of_entry(account, &entry.id());
    stored.extend(item([
        ("points", number(entry.points().get())),
        ("at", moment(entry.at())),
    ]));
    match entry {
        LedgerEntry::Charge {
            serial,
            state,
            ended_at,
            ..
        } => {
            stored.extend(item([
                ("serial", text(serial)),
                ("state", text(state.name())),
            ]));
            stored.extend(ended_at.map(|at| ("ended_at".to_owned(), text(at))));
        }
        LedgerEntry::Reservation { left, .. } => {
            stored.extend(item([("left", number(left.get()))]));
        }
        LedgerEntry::Grant { .. } | LedgerEntry::Lapse { .. } => {}
    }
    stored
}

pub(super) fn entry_from_item(item: &Item) -> Result<LedgerEntry, ItemError> {
    let item = Reader(item);
    let points = Points::new(item.number("points")?);
    let at = item.parse("at")?;
    Ok(match item.parse("entry")? {
        EntryId::Grant(reference) => LedgerEntry::Grant {
            reference,
            points,
            at,
        },
        EntryId::Lapse(due_on) => LedgerEntry::Lapse { due_on, points, at },
        EntryId::Reservation(submission) => LedgerEntry::Reservation {
            submission,
            points,
            left: Points::new(item.number("left")?),
            at,
        },
        EntryId::Charge(dispatch) => LedgerEntry::Charge {
            dispatch,
            serial: item.parse("serial")?,
            points,
            state: item.value("state")?,
            at,
            ended_at: item.optional_parse("ended_at")?,
        },
    })
}

#[cfg(test)]
mod tests {
    use domain::{ChargeState, GrantReference};
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn every_ledger_entry_survives_storage() {
        let account: AccountId = "K7Q2".parse().unwrap();
        let at: Timestamp = "2026-01-05T00:00:00.000000001Z".parse().unwrap();
        let reference: GrantReference = "請求書 2026-001 #2".parse().unwrap();
        let mut entries = vec![LedgerEntry::Grant {
            reference,
            points: Points::new(u32::MAX),
            at,
        }];
        entries.push(LedgerEntry::Lapse {
            due_on: "2031-02-28".parse().unwrap(),
            points: Points::new(7),
            at,
        });
        entries.push(LedgerEntry::Reservation {
            submission: "abc".parse().unwrap(),
            points: Points::new(500),
            left: Points::new(20),
            at,
        });
        for (state, ended_at) in [
            (ChargeState::Reserved, None),
            (ChargeState::Posted, Some(at)),
            (ChargeState::Voided, Some(at)),
        ] {
            entries.push(LedgerEntry::Charge {
                dispatch: "abc-01".parse().unwrap(),
                serial: "K7Q2-000123".parse().unwrap(),
                points: Points::new(1),
                state,
                at,
                ended_at,
            });
        }
        for entry in entries {
            let item = entry_to_item(&account, &entry);
            let place = place_from_item(&item).unwrap();
            assert_eq!(place, entry.place());
            let key = key_of_place(&account, &place);
            assert!(
                key.iter()
                    .all(|(name, value)| item.get(name) == Some(value))
            );
            assert_eq!(entry_from_item(&item), Ok(entry));
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
        assert!(entry_from_item(&item).is_err());
        assert!(!item.contains_key("at"), "it is in no list of lines");
    }
}
