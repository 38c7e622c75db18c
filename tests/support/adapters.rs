//! The operator's side of the AWS adapters, for the contracts on LocalStack.

use aws_adapters::{Allowing, Granting, Tables};
use domain::{Account, AccountId, AllowlistEntry, Balance, Points};

use crate::contracts::Bookkeeper;

impl Bookkeeper for Tables {
    async fn open(&self, account: &Account, entry: &AllowlistEntry, points: Points) {
        self.open_account(account).await.expect("the table answers");
        let allowing = self.allow_sender(entry).await.expect("the table answers");
        assert!(matches!(allowing, Allowing::Allowed), "{allowing:?}");
        let reference = "contract".parse().expect("a reference");
        let now = entry.proven_at;
        let granting = self.grant_points(&account.id, points, &reference, now);
        let granting = granting.await.expect("the table answers");
        // A contract may open an account once more: its points are there then.
        let is_granted = matches!(granting, Granting::Granted | Granting::GrantedBefore);
        assert!(is_granted, "{granting:?}");
    }

    async fn balance(&self, account: &AccountId) -> Balance {
        let balance = Self::balance(self, account).await;
        balance.expect("the table answers")
    }
}
