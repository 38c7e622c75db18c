//! Points: the balance of an account, and its ledger. Steps write both by what they are, an
//! acceptance or a change of a dispatch; the operator adds points.

use std::future::Future;

use domain::{AccountId, Balance, GrantReference, Granting, LedgerPage, LedgerPageOf, Points};
use jiff::Timestamp;

use super::PortResult;

/// Reads the points of an account.
pub trait ReadBalance {
    /// Its points, read consistently; none when it never had any.
    fn balance(&self, account: &AccountId) -> impl Future<Output = PortResult<Balance>> + Send;
}

/// Reads the ledger of an account.
pub trait ReadLedger {
    /// One page. Its lines are as they stand now; one that was written a moment ago may be missing,
    /// because an index follows its table.
    fn ledger(
        &self,
        account: &AccountId,
        page: &LedgerPageOf,
    ) -> impl Future<Output = PortResult<LedgerPage>> + Send;
}

/// Adds points to an account.
pub trait GrantPoints {
    /// In one transaction: a line of the ledger, the balance, and the account's use (I-046). Once
    /// per reference.
    fn grant_points(
        &self,
        account: &AccountId,
        points: Points,
        reference: &GrantReference,
        at: Timestamp,
    ) -> impl Future<Output = PortResult<Granting>> + Send;
}
