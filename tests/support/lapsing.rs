//! Accounts that may lapse, in memory.

use domain::{
    Account, AccountId, AccountStatus, Balance, LedgerEntry, Points, WarningState, billing,
    check_after_use,
};
use jiff::Timestamp;
use serde_json::json;
use workflow::ports::{DUE_ACCOUNTS_MAX, LapseStore, PortResult};

use crate::World;
use crate::engine::Job;
use crate::ports::{Ports, permanent};
use crate::world::State;

impl World {
    /// The scheduled rule calls `expire-accounts`.
    pub fn expire_accounts(&self) {
        let mut state = self.lock();
        let now = state.now;
        let payload = json!({ "source": "aws.events" });
        state.agenda.add(
            now,
            Job::Invoke {
                function: "ExpireAccounts",
                payload,
                attempt: 0,
            },
        );
    }

    /// An account as the service has it.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn account(&self, id: &AccountId) -> Account {
        let state = self.lock();
        state.accounts.get(id).expect("the account exists").clone()
    }

    /// Points that an account lost because nobody used it, if it lapsed.
    #[must_use]
    pub fn lapsed_points(&self, id: &AccountId) -> Option<Points> {
        let state = self.lock();
        let mut lines = state.lines_of(id);
        lines.find_map(|line| match line {
            LedgerEntry::Lapse { points, .. } => Some(*points),
            LedgerEntry::Charge { .. }
            | LedgerEntry::Reservation { .. }
            | LedgerEntry::Grant { .. } => None,
        })
    }

    /// When an account is looked at next; never, once it is closed.
    #[must_use]
    pub fn lapse_check(&self, id: &AccountId) -> Option<Timestamp> {
        self.lock().lapse_checks.get(id).copied()
    }
}

impl State {
    /// Opens an account, or changes it; the first look at it is that of a new one.
    pub(crate) fn insert_account(&mut self, account: Account) {
        let first_check = check_after_use(account.last_used_at);
        self.lapse_checks.insert(account.id.clone(), first_check);
        self.accounts.insert(account.id.clone(), account);
    }

    pub(crate) fn is_open(&self, id: &AccountId) -> bool {
        let account = self.accounts.get(id);
        account.is_some_and(|account| !account.is_lapsed())
    }

    /// Records a use, unless a later one is known. `false` when the account is closed.
    pub(crate) fn record_use(&mut self, id: &AccountId, at: Timestamp) -> bool {
        let is_open = self.is_open(id);
        if let Some(account) = self.accounts.get_mut(id)
            && is_open
            && account.last_used_at <= at
        {
            account.last_used_at = at;
            account.warned = None;
        }
        is_open
    }

    /// The account, if nobody used, warned or closed it since it was seen.
    fn as_seen(&mut self, seen: &Account) -> Option<&mut Account> {
        let account = self.accounts.get_mut(&seen.id)?;
        let is_same = account.last_used_at == seen.last_used_at && account.warned == seen.warned;
        (is_same && !account.is_lapsed()).then_some(account)
    }

    fn lapse_account(&mut self, seen: &Account, points: Points, at: Timestamp) -> bool {
        if self.as_seen(seen).is_none() {
            return false;
        }
        if self.post(&billing::lapse(seen, points, at)) != Some(true) {
            return false;
        }
        if let Some(account) = self.accounts.get_mut(&seen.id) {
            account.status = AccountStatus::Lapsed { at };
        }
        self.lapse_checks.remove(&seen.id);
        true
    }
}

impl LapseStore for Ports {
    async fn due_accounts(&self, now: Timestamp) -> PortResult<Vec<AccountId>> {
        let list = |state: &mut State| {
            let mut due: Vec<(Timestamp, AccountId)> = state
                .lapse_checks
                .iter()
                .filter(|(_, at)| **at <= now)
                .map(|(id, at)| (*at, id.clone()))
                .collect();
            due.sort();
            due.truncate(DUE_ACCOUNTS_MAX);
            Ok(due.into_iter().map(|(_, id)| id).collect())
        };
        self.call("due_accounts", list).await
    }

    async fn find_with_balance(&self, id: &AccountId) -> PortResult<Option<(Account, Balance)>> {
        let find = |state: &mut State| {
            let balance = state.balances.get(id).copied().unwrap_or_default();
            let account = state.accounts.get(id).cloned();
            Ok(account.map(|account| (account, balance)))
        };
        self.call("find_with_balance", find).await
    }

    async fn check_later(&self, seen: &Account, at: Timestamp) -> PortResult<bool> {
        let put_off = |state: &mut State| {
            let is_same = state.as_seen(seen).is_some();
            if is_same {
                state.lapse_checks.insert(seen.id.clone(), at);
            }
            Ok(is_same)
        };
        self.call("check_later", put_off).await
    }

    async fn move_warning(&self, seen: &Account, to: &WarningState) -> PortResult<bool> {
        let advance = |state: &mut State| {
            let account = state.as_seen(seen);
            let is_same = account.is_some();
            if let Some(account) = account {
                account.warned = Some(to.clone());
            }
            Ok(is_same)
        };
        self.call("move_warning", advance).await
    }

    async fn lapse_account(
        &self,
        seen: &Account,
        points: Points,
        at: Timestamp,
    ) -> PortResult<bool> {
        let lapse = |state: &mut State| {
            if state.accounts.contains_key(&seen.id) {
                Ok(state.lapse_account(seen, points, at))
            } else {
                Err(permanent("lapse_account", "there is no such account"))
            }
        };
        self.call("lapse_account", lapse).await
    }
}
