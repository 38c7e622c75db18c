//! What the check of one document may cost, counted in operations: a limit in seconds would depend
//! on the machine, and a verdict must not (X-1).
//!
//! ```
//! use pades::{Budget, Work};
//! let mut budget = Budget::new(&[(Work::Signatures, 2)]);
//! assert!(budget.spend(Work::Signatures, 2));
//! assert!(!budget.spend(Work::Signatures, 1));
//! assert_eq!(budget.exhausted(), Some(Work::Signatures));
//! ```

/// What this crate spends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    /// Public key operations. What was computed before for the same bytes costs nothing.
    Signatures,
    /// Times that a certificate is read, taken into a pool, or tried as an issuer.
    Certificates,
    /// Times that an OCSP response or a revocation list is looked at.
    Answers,
    /// Bytes that are hashed for a signature, or searched for an entry.
    Bytes,
}

/// How much work of each kind may be done, and was. Once more of any kind is asked for than there
/// is, nothing is left of all kinds: whoever asks stops, and whoever began the check looks at
/// [`Budget::exhausted`] at its end. So a budget that ran out is never taken for a check that found
/// nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget<W> {
    rows: Vec<Row<W>>,
    exhausted: Option<W>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row<W> {
    work: W,
    limit: u64,
    spent: u64,
}

impl<W> Default for Budget<W> {
    /// Without any limit: for whoever chose what is checked.
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            exhausted: None,
        }
    }
}

impl<W: Copy + PartialEq> Budget<W> {
    /// A budget of this table. A kind that is not in it is neither limited nor counted.
    #[must_use]
    pub fn new(table: &[(W, u64)]) -> Self {
        let row = |(work, limit): &(W, u64)| Row {
            work: *work,
            limit: *limit,
            spent: 0,
        };
        Self {
            rows: table.iter().map(row).collect(),
            exhausted: None,
        }
    }

    /// Takes so much of one kind. False where it is not there, and then always.
    #[must_use]
    pub fn spend(&mut self, work: W, amount: usize) -> bool {
        if self.exhausted.is_some() {
            return false;
        }
        let Some(row) = self.rows.iter_mut().find(|row| row.work == work) else {
            return true;
        };
        let amount = u64::try_from(amount).unwrap_or(u64::MAX);
        row.spent = row.spent.saturating_add(amount);
        if row.spent > row.limit {
            self.exhausted = Some(work);
        }
        self.exhausted.is_none()
    }

    /// The kind that ran out, if one did.
    #[must_use]
    pub fn exhausted(&self) -> Option<W> {
        self.exhausted
    }

    /// What was asked for of each kind, that which was refused included.
    pub fn spent(&self) -> impl Iterator<Item = (W, u64)> {
        self.rows.iter().map(|row| (row.work, row.spent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_any_kind_once_one_ran_out() {
        let mut budget = Budget::new(&[(Work::Signatures, 2), (Work::Bytes, 10)]);
        assert!(budget.spend(Work::Bytes, 10));
        assert!(budget.spend(Work::Answers, 1_000), "it has no limit");
        assert_eq!(budget.exhausted(), None);
        assert!(!budget.spend(Work::Bytes, 1));
        assert!(!budget.spend(Work::Signatures, 1));
        assert_eq!(budget.exhausted(), Some(Work::Bytes));
        let spent: Vec<_> = budget.spent().collect();
        assert_eq!(spent, [(Work::Signatures, 0), (Work::Bytes, 11)]);
    }
}
