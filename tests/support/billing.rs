//! Points and ledgers in memory. A posting is carried out as it says, and nothing here knows what
//! it is for.

use domain::billing::{self, LineWrite};
use domain::{
    AccountId, Balance, ChargeState, GrantReference, Granting, LedgerEntry, LedgerPage,
    LedgerPageOf, Points, Posting,
};
use jiff::Timestamp;
use workflow::ports::{GrantPoints, PortResult, ReadBalance, ReadLedger};

use crate::World;
use crate::ports::Ports;
use crate::world::State;

impl World {
    /// The lines of one account's ledger, in no order of time.
    #[must_use]
    pub fn ledger_of(&self, account: &AccountId) -> Vec<LedgerEntry> {
        self.lock().lines_of(account).cloned().collect()
    }
}

impl State {
    /// Writes all of a posting or nothing: `None` when a line is not as it has to be, `false` when
    /// the balance is not.
    pub(crate) fn post(&mut self, posting: &Posting) -> Option<bool> {
        let account = &posting.account;
        for line in &posting.lines {
            let known = self.ledger.get(&(account.clone(), line.id()));
            let is_ready = match (line, known) {
                (LineWrite::New(_), known) => known.is_none(),
                (LineWrite::Draw { points, .. }, Some(LedgerEntry::Reservation { left, .. })) => {
                    left >= points
                }
                (LineWrite::End { .. }, Some(LedgerEntry::Charge { state, .. })) => {
                    *state == ChargeState::Reserved
                }
                (LineWrite::Draw { .. } | LineWrite::End { .. }, _) => false,
            };
            if !is_ready {
                return None;
            }
        }
        let balance = self.balances.get(account).copied().unwrap_or_default();
        let Some(balance) = balance.after(posting) else {
            return Some(false);
        };
        self.balances.insert(account.clone(), balance);
        for line in &posting.lines {
            let key = (account.clone(), line.id());
            match line {
                LineWrite::New(entry) => {
                    self.ledger.insert(key, entry.clone());
                }
                LineWrite::Draw { points, .. } => {
                    if let Some(LedgerEntry::Reservation { left, .. }) = self.ledger.get_mut(&key) {
                        *left = Points::new(left.get() - points.get());
                    }
                }
                LineWrite::End { to, at, .. } => {
                    if let Some(LedgerEntry::Charge {
                        state, ended_at, ..
                    }) = self.ledger.get_mut(&key)
                    {
                        *state = *to;
                        *ended_at = Some(*at);
                    }
                }
            }
        }
        Some(true)
    }

    /// The lines of one account's ledger, in no order of time.
    pub(crate) fn lines_of(&self, account: &AccountId) -> impl Iterator<Item = &LedgerEntry> {
        let lines = self.ledger.iter();
        lines
            .filter(move |((of, _), _)| of == account)
            .map(|(_, entry)| entry)
    }

    pub(crate) fn grant_points(
        &mut self,
        account: &AccountId,
        points: Points,
        reference: &GrantReference,
        at: Timestamp,
    ) -> Granting {
        if !self.accounts.contains_key(account) {
            return Granting::NoAccount;
        }
        let Some(posting) = billing::grant(account, points, reference, at) else {
            return Granting::TooMany;
        };
        let is_known = posting
            .lines
            .iter()
            .any(|line| self.ledger.contains_key(&(account.clone(), line.id())));
        if is_known {
            return Granting::GrantedBefore;
        }
        if !self.is_open(account) {
            return Granting::AccountLapsed;
        }
        if self.post(&posting) != Some(true) {
            return Granting::TooMany;
        }
        self.record_use(account, at);
        Granting::Granted
    }

    fn ledger_page(&self, account: &AccountId, page: &LedgerPageOf) -> LedgerPage {
        let is_wanted = |entry: &&LedgerEntry| {
            let at = entry.at();
            page.from.is_none_or(|from| from <= at) && page.until.is_none_or(|until| at < until)
        };
        let lines = self.lines_of(account).filter(is_wanted);
        let mut lines: Vec<&LedgerEntry> = lines.collect();
        lines.sort_by_key(|entry| entry.place());
        if page.newest_first {
            lines.reverse();
        }
        if let Some(after) = &page.after {
            lines.retain(|entry| {
                if page.newest_first {
                    entry.place() < *after
                } else {
                    entry.place() > *after
                }
            });
        }
        let has_more = lines.len() > page.entries_max;
        lines.truncate(page.entries_max);
        let last = lines.last().map(|entry| entry.place());
        LedgerPage {
            next: last.filter(|_| has_more),
            entries: lines.into_iter().cloned().collect(),
        }
    }
}

impl ReadBalance for Ports {
    async fn balance(&self, account: &AccountId) -> PortResult<Balance> {
        let read = |state: &mut State| Ok(state.balances.get(account).copied().unwrap_or_default());
        self.call("balance", read).await
    }
}

impl ReadLedger for Ports {
    async fn ledger(&self, account: &AccountId, page: &LedgerPageOf) -> PortResult<LedgerPage> {
        self.call("ledger", |state| Ok(state.ledger_page(account, page)))
            .await
    }
}

impl GrantPoints for Ports {
    async fn grant_points(
        &self,
        account: &AccountId,
        points: Points,
        reference: &GrantReference,
        at: Timestamp,
    ) -> PortResult<Granting> {
        let grant = |state: &mut State| Ok(state.grant_points(account, points, reference, at));
        self.call("grant_points", grant).await
    }
}
