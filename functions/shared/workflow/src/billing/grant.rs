//! Adds points to an account, once per reference.

use domain::{AccountId, GrantReference, Granting, Points};
use tracing::info;

use crate::Failure;
use crate::ports::{Clock, GrantPoints};

/// The step with its ports.
#[derive(Debug, Clone)]
pub struct Grant<Ledger, Time> {
    /// Keeps balances and ledgers.
    pub ledger: Ledger,
    /// The clock.
    pub clock: Time,
}

impl<Ledger, Time> Grant<Ledger, Time>
where
    Ledger: GrantPoints,
    Time: Clock,
{
    /// Adds the points, which is a use of the account (I-046).
    ///
    /// # Errors
    /// When the store fails, or is too busy.
    pub async fn run(
        &self,
        account: &AccountId,
        points: Points,
        reference: &GrantReference,
    ) -> Result<Granting, Failure> {
        let now = self.clock.now();
        let granting = self.ledger.grant_points(account, points, reference, now);
        let granting = granting.await?;
        if granting == Granting::Granted {
            info!(account_id = %account, %points, "granted points");
        }
        Ok(granting)
    }
}
