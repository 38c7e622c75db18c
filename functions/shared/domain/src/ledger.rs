//! Prepaid points: reserve, then post or void, once (two-phase transfers).

use std::fmt;

use crate::ChargeState;

/// A number of points. Whole, never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Points(u32);

/// An account's points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Balance {
    /// Free to use.
    pub available: Points,
    /// Held for dispatches whose outcome is open.
    pub reserved: Points,
}

/// One dispatch's charge. Its id is the dispatch id, so that no retry makes a second one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// How many points.
    pub points: Points,
    /// What became of them.
    pub state: EntryState,
}

/// What became of an entry's points.
pub type EntryState = ChargeState;

/// Fewer points are available than a mail needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{needed} points are needed, {available} are available")]
pub struct InsufficientPoints {
    /// What the mail costs.
    pub needed: Points,
    /// What there is.
    pub available: Points,
}

/// A transition that the ledger does not know: the entry was already ended the other way, or the
/// balance holds less than the entry says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the ledger entry cannot make this transition")]
pub struct LedgerError;

impl Points {
    /// None.
    pub const ZERO: Self = Self(0);

    /// So many points.
    #[must_use]
    pub fn new(points: u32) -> Self {
        Self(points)
    }

    /// How many.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }

    /// The price of `recipients` recipients at this price each (I-042), at most `u32::MAX`.
    #[must_use]
    pub fn times(self, recipients: usize) -> Self {
        Self(
            self.0
                .saturating_mul(u32::try_from(recipients).unwrap_or(u32::MAX)),
        )
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Balance {
    /// Holds points for an open dispatch.
    ///
    /// # Errors
    /// When fewer are available: nothing is held then.
    pub fn reserve(self, points: Points) -> Result<Self, InsufficientPoints> {
        match self.available.0.checked_sub(points.0) {
            Some(available) => Ok(Self {
                available: Points(available),
                reserved: Points(self.reserved.0.saturating_add(points.0)),
            }),
            None => Err(InsufficientPoints {
                needed: points,
                available: self.available,
            }),
        }
    }

    /// Ends a reserved entry: posted points are spent, voided ones are available again. Ending an
    /// entry the same way twice changes nothing.
    ///
    /// # Errors
    /// When the entry was ended the other way, or `to` is `Reserved`.
    pub fn end(self, entry: Entry, to: EntryState) -> Result<(Self, Entry), LedgerError> {
        if entry.state == to {
            return Ok((self, entry));
        }
        if entry.state != EntryState::Reserved {
            return Err(LedgerError);
        }
        let reserved = Points(
            self.reserved
                .0
                .checked_sub(entry.points.0)
                .ok_or(LedgerError)?,
        );
        let available = match to {
            EntryState::Voided => Points(self.available.0.saturating_add(entry.points.0)),
            EntryState::Posted => self.available,
            EntryState::Reserved => return Err(LedgerError),
        };
        Ok((
            Self {
                available,
                reserved,
            },
            Entry { state: to, ..entry },
        ))
    }

    /// Takes all points of an account that lapses (I-046), and says how many they were.
    ///
    /// # Errors
    /// When points are reserved: the outcome of a dispatch is open.
    pub fn lapse(self) -> Result<(Self, Points), LedgerError> {
        if self.reserved == Points::ZERO {
            Ok((Self::default(), self.available))
        } else {
            Err(LedgerError)
        }
    }

    /// Adds bought or granted points.
    #[must_use]
    pub fn grant(self, points: Points) -> Self {
        Self {
            available: Points(self.available.0.saturating_add(points.0)),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn points_lapse_wholly_and_not_while_some_are_reserved_i_046() {
        let balance = Balance::default().grant(Points::new(2));
        assert_eq!(balance.lapse(), Ok((Balance::default(), Points::new(2))));
        let open = balance.reserve(Points::new(1)).unwrap();
        assert_eq!(open.lapse(), Err(LedgerError));
    }

    #[test]
    fn refuses_to_go_below_zero() {
        let balance = Balance::default().grant(Points::new(2));
        let error = balance.reserve(Points::new(3)).unwrap_err();
        assert_eq!(
            (error.needed, error.available),
            (Points::new(3), Points::new(2))
        );
    }

    #[test]
    fn an_entry_ends_once_and_only_one_way() {
        let balance = Balance::default()
            .grant(Points::new(5))
            .reserve(Points::new(2))
            .unwrap();
        let entry = Entry {
            points: Points::new(2),
            state: EntryState::Reserved,
        };
        let (posted, ended) = balance.end(entry, EntryState::Posted).unwrap();
        assert_eq!((posted.available.get(), posted.reserved.get()), (3, 0));
        assert_eq!(posted.end(ended, EntryState::Posted), Ok((posted, ended)));
        assert_eq!(posted.end(ended, EntryState::Voided), Err(LedgerError));
    }

    proptest! {
        #[test]
        fn no_point_is_lost_doubled_or_invented(
            granted in 0_u32..200,
            steps in proptest::collection::vec((0_u32..9, any::<bool>(), 0_usize..30), 0..60),
        ) {
            let mut balance = Balance::default().grant(Points::new(granted));
            let mut entries: Vec<Entry> = Vec::new();
            for (points, post, which) in steps {
                let points = Points::new(points);
                if let Ok(next) = balance.reserve(points) {
                    balance = next;
                    entries.push(Entry { points, state: EntryState::Reserved });
                }
                if let Some(entry) = entries.get_mut(which) {
                    let to = if post { EntryState::Posted } else { EntryState::Voided };
                    if let Ok((next, ended)) = balance.end(*entry, to) {
                        balance = next;
                        *entry = ended;
                    }
                }
                let sum = |state| -> u32 {
                    entries.iter().filter(|e| e.state == state).map(|e| e.points.get()).sum()
                };
                prop_assert_eq!(balance.reserved.get(), sum(EntryState::Reserved));
                prop_assert_eq!(
                    balance.available.get() + sum(EntryState::Reserved) + sum(EntryState::Posted),
                    granted
                );
            }
        }
    }
}
