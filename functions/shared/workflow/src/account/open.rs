//! Opens an account. Opening it once more ends what was cut off, and changes nothing else.

use domain::{
    Account, AccountId, AccountStatus, Allowing, AllowlistEntry, EmailAddress, ListedSender,
    MobileNumber, Settings, TrustSetting,
};
use jiff::Timestamp;

use super::{Difference, differences};
use crate::Failure;
use crate::ports::{AllowSender, Clock, InsertAccount, KeepSenders};

/// What is said of a new account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Its code.
    pub id: AccountId,
    /// Company name.
    pub company: String,
    /// Company address, if it is known.
    pub address: Option<String>,
    /// Person in charge.
    pub contact: String,
    /// Where the service writes to about the account itself.
    pub mail: EmailAddress,
    /// Mobile number, if there is one.
    pub mobile: Option<MobileNumber>,
    /// What it chose.
    pub settings: Settings,
    /// Who may send for it; somebody has seen proof of each.
    pub senders: Vec<EmailAddress>,
    /// What their mails are asked for.
    pub trust: TrustSetting,
}

/// What came of opening an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// It is open, and all of the senders may send.
    Open(Box<Account>),
    /// It was open before, and is another one than asked for: nothing was changed.
    Differs(Vec<Difference>),
    /// It was open before, and its senders are not as asked for: nothing was changed.
    Conflicts(Vec<SenderConflict>),
    /// It is open. This sender sends for another account.
    SenderTaken {
        /// Who.
        sender: EmailAddress,
        /// Whose sender it is.
        by: AccountId,
    },
}

/// What stands in the way of opening an account with a sender once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SenderConflict {
    /// It was removed.
    Removed(EmailAddress),
    /// Its mails are asked for something else.
    TrustedOtherwise {
        /// Who.
        sender: EmailAddress,
        /// What they are asked for.
        standing: TrustSetting,
    },
}

/// The step with its ports.
#[derive(Debug, Clone)]
pub struct OpenAccount<Accounts, Time> {
    /// Keeps accounts and senders.
    pub accounts: Accounts,
    /// The clock.
    pub clock: Time,
}

impl<Accounts, Time> OpenAccount<Accounts, Time>
where
    Accounts: InsertAccount + AllowSender + KeepSenders,
    Time: Clock,
{
    /// Opens the account and lets its senders send.
    ///
    /// # Errors
    /// When a store fails.
    pub async fn run(&self, opening: Opening) -> Result<Opened, Failure> {
        let now = self.clock.now();
        let (senders, trust) = (opening.senders.clone(), opening.trust);
        let wanted = account(opening, now);
        let standing = self.accounts.insert_account(&wanted).await?;
        let differing = differences(&standing, &wanted);
        if !differing.is_empty() {
            return Ok(Opened::Differs(differing));
        }
        let known = self.accounts.senders_of(&standing.id).await?;
        let conflicts = conflicts(&known, &senders, trust);
        if !conflicts.is_empty() {
            return Ok(Opened::Conflicts(conflicts));
        }
        for sender in senders {
            if find(&known, &sender).is_some() {
                continue;
            }
            let entry = AllowlistEntry {
                sender,
                account: standing.id.clone(),
                proven_at: now,
                trust,
            };
            if let Allowing::TakenBy(by) = self.accounts.allow_sender(&entry).await? {
                let sender = entry.sender;
                return Ok(Opened::SenderTaken { sender, by });
            }
        }
        Ok(Opened::Open(Box::new(standing)))
    }
}

fn account(opening: Opening, now: Timestamp) -> Account {
    Account {
        id: opening.id,
        company: opening.company,
        address: opening.address,
        contact: opening.contact,
        mail: opening.mail,
        mobile: opening.mobile,
        status: AccountStatus::Active,
        settings: opening.settings,
        last_used_at: now,
        warned: None,
    }
}

fn find<'a>(known: &'a [ListedSender], sender: &EmailAddress) -> Option<&'a ListedSender> {
    known
        .iter()
        .find(|one| one.entry.sender.key() == sender.key())
}

fn conflicts(
    known: &[ListedSender],
    wanted: &[EmailAddress],
    trust: TrustSetting,
) -> Vec<SenderConflict> {
    let conflict = |sender: &EmailAddress| {
        let known = find(known, sender)?;
        let (sender, standing) = (sender.clone(), known.entry.trust);
        if known.removed_at.is_some() {
            Some(SenderConflict::Removed(sender))
        } else {
            (standing != trust).then_some(SenderConflict::TrustedOtherwise { sender, standing })
        }
    };
    wanted.iter().filter_map(conflict).collect()
}
