//! `expire-accounts`: warns accounts that nobody uses, and closes them five years after their last
//! use (I-046).
//!
//! Every account that is due is looked at by itself, and what is to be done follows from the
//! account alone (`domain::decide_lapse`). So an invocation may come twice, late, or end anywhere:
//! the next one finds what is left. One account that fails does not stop the others.

use bytes::Bytes;
use domain::limits::EXPIRY_SECONDS_MAX;
use domain::{
    Account, AccountId, Balance, LapseDecision, LapseWarning, NoticeState, WarningState, closes_at,
    decide_lapse,
};
use letters::mails::{LapseNotice, Letterhead, lapse_notice};
use serde::Serialize;
use tracing::{info, warn};

use crate::due::look_at_each;
use crate::notice::send_notice;
use crate::ports::{Clock, DUE_ACCOUNTS_MAX, LapseStore, MailTag, OutgoingMail, SendMail};
use crate::{Failure, Outside, Service};

/// How often an account is decided upon again because somebody else changed it, or because a
/// decision led to the next one. The rest is left to the next invocation.
const ROUNDS_MAX: usize = 4;

/// What one invocation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Expiry {
    /// Warnings that were sent.
    pub warned: usize,
    /// Accounts that were closed.
    pub lapsed: usize,
    /// Accounts that wait for the outcome of a dispatch.
    pub waiting: usize,
    /// Accounts that something went wrong with.
    pub failed: usize,
}

/// The step with its ports.
#[derive(Debug, Clone)]
pub struct ExpireAccounts<O: Outside> {
    /// Knows which accounts are due.
    pub tables: O::Tables,
    /// The provider, for warnings.
    pub mailer: O::Mailer,
    /// The clock.
    pub clock: O::Clock,
    /// Who we are.
    pub service: Service,
}

impl<O> ExpireAccounts<O>
where
    O: Outside,
    O::Tables: LapseStore,
    O::Mailer: SendMail,
    O::Clock: Clock,
{
    /// Looks at all accounts that are due.
    ///
    /// # Errors
    /// Transient when the store fails, when some accounts could not be dealt with, or when there
    /// are more than one invocation has the time for. The next one goes on in each case.
    pub async fn run(&self) -> Result<Expiry, Failure> {
        let began = self.clock.now();
        let due = self.tables.due_accounts(began).await?;
        let has_all = due.len() < DUE_ACCOUNTS_MAX;
        let mut expiry = Expiry::default();
        let looked = look_at_each(due, &self.clock, began, EXPIRY_SECONDS_MAX, async |id| {
            self.look_at(id, &mut expiry).await
        });
        let looked = looked.await;
        let has_time = has_all && looked.had_time;
        expiry.failed = looked.failed.len();
        for (id, failure) in &looked.failed {
            let cause = failure.chain();
            warn!(account_id = %id, cause, "an account could not be dealt with");
        }
        let Expiry {
            warned,
            lapsed,
            waiting,
            failed,
        } = expiry;
        info!(warned, lapsed, waiting, failed, "looked at unused accounts");
        if failed > 0 {
            return Err(Failure::transient(
                "looking at accounts of which some could not be dealt with",
            ));
        }
        if !has_time {
            return Err(Failure::transient(
                "looking at more accounts than there is time for",
            ));
        }
        Ok(expiry)
    }

    /// Does everything that is to be done about one account.
    async fn look_at(&self, id: &AccountId, expiry: &mut Expiry) -> Result<(), Failure> {
        for _ in 0..ROUNDS_MAX {
            let found = self.tables.find_with_balance(id).await?;
            let (account, balance) = found
                .ok_or_else(|| Failure::permanent("finding an account that was listed as due"))?;
            let now = self.clock.now();
            match decide_lapse(&account, balance, now) {
                LapseDecision::Closed => return Ok(()),
                LapseDecision::NothingUntil(at) => {
                    if self.tables.check_later(&account, at).await? {
                        return Ok(());
                    }
                }
                LapseDecision::Warn(warning) => {
                    self.warn(&account, balance, warning).await?;
                    expiry.warned += 1;
                }
                LapseDecision::WaitForOpenDispatches => {
                    expiry.waiting += 1;
                    return Ok(());
                }
                LapseDecision::Lapse(points) => {
                    if self.tables.lapse_account(&account, points, now).await? {
                        expiry.lapsed += 1;
                        info!(account_id = %id, %points, "an account lapsed");
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// Sends a warning to the account's registered address.
    async fn warn(
        &self,
        account: &Account,
        balance: Balance,
        warning: LapseWarning,
    ) -> Result<(), Failure> {
        let mail = OutgoingMail {
            from: self.service.mail_address().clone(),
            to: account.mail.clone(),
            raw: self.compose(account, balance, warning),
            tag: MailTag::LapseWarning(account.id.clone()),
        };
        // A warning that comes after another one has not been begun.
        let known = account.warned.as_ref();
        let known = known.filter(|known| known.warning == warning);
        let begun = known.map_or(NoticeState::Pending, |known| known.notice.clone());
        let moves = async |from: &NoticeState, to: &NoticeState| {
            let state = |notice: &NoticeState| WarningState {
                warning,
                notice: notice.clone(),
            };
            let is_first = *from == begun;
            let seen = Account {
                warned: if is_first {
                    account.warned.clone()
                } else {
                    Some(state(from))
                },
                ..account.clone()
            };
            self.tables.move_warning(&seen, &state(to)).await
        };
        send_notice(&self.mailer, &self.clock, &begun, &mail, moves).await
    }

    fn compose(&self, account: &Account, balance: Balance, warning: LapseWarning) -> Bytes {
        let now = self.clock.now();
        let id = format!(
            "{}-{}-{}",
            account.id,
            account.last_used_at.as_second(),
            warning.days_before()
        );
        let letterhead = Letterhead {
            thread: None,
            service_domain: self.service.domain(),
            operator: self.service.operator(),
            language: account.settings.language,
            id: &id,
            date: now,
        };
        let notice = LapseNotice {
            account,
            closes_at: closes_at(account.last_used_at, warning, now),
            points: balance.available,
        };
        Bytes::from(lapse_notice(&letterhead, &notice))
    }
}
