//! Accounts and proven senders.

use domain::{
    Account, AccountId, Allowing, AllowlistEntry, EmailAddress, SettingsChange, Standing,
    check_after_use,
};
use workflow::ports::{
    AllowSender, ChangeSettings, FindAccount, InsertAccount, PortResult, ReadBalance,
};

use super::account_item::{
    account_from_item, account_to_item, allowlist_entry_from_item, allowlist_entry_to_item,
    change_attributes, key_of_account, sender_from_item,
};
use super::item::{item, text};
use super::lapses::LAPSES;
use super::write::{Update, is_taken};
use super::{Tables, unreadable};
use crate::fault::{permanent, port_error};

const FINDING_SENDER: &str = "finding a sender";
const FINDING_ACCOUNT: &str = "finding an account";
const OPENING_ACCOUNT: &str = "opening an account";
const CHANGING_SETTINGS: &str = "changing the settings of an account";
const ALLOWING_SENDER: &str = "allowing a sender";

impl FindAccount for Tables {
    async fn find_standing(&self, sender: &EmailAddress) -> PortResult<Option<Standing>> {
        // Strangers cost this one read.
        let key = item([("sender", text(sender.key()))]);
        let found = self
            .read(FINDING_SENDER, self.allowlist_table()?, key)
            .await?;
        let Some(found) = found else {
            return Ok(None);
        };
        let sender = sender_from_item(&found).map_err(unreadable(FINDING_SENDER))?;
        if sender.removed_at.is_some() {
            return Ok(None);
        }
        let entry = sender.entry;
        let (account, balance) = tokio::try_join!(
            self.find_account(&entry.account),
            self.balance(&entry.account)
        )?;
        // Silence would hide it: somebody has proven this address for an account that is gone.
        let account =
            account.ok_or_else(|| permanent(FINDING_SENDER, "its account does not exist"))?;
        Ok(Some(Standing {
            entry,
            account,
            balance,
        }))
    }

    async fn find_account(&self, id: &AccountId) -> PortResult<Option<Account>> {
        self.read(FINDING_ACCOUNT, self.accounts_table()?, key_of_account(id))
            .await?
            .map(|found| account_from_item(&found).map_err(unreadable(FINDING_ACCOUNT)))
            .transpose()
    }
}

impl InsertAccount for Tables {
    async fn insert_account(&self, account: &Account) -> PortResult<Account> {
        let mut stored = account_to_item(account);
        stored.extend(item(LAPSES.watch(check_after_use(account.last_used_at))));
        let request = self
            .client
            .put_item()
            .table_name(self.accounts_table()?)
            .set_item(Some(stored))
            .condition_expression("attribute_not_exists(account_id)");
        match request.send().await {
            Ok(_) => Ok(account.clone()),
            Err(error) if is_taken(&error) => self
                .find_account(&account.id)
                .await?
                .ok_or_else(|| permanent(OPENING_ACCOUNT, "it was there and is gone")),
            Err(error) => Err(port_error(OPENING_ACCOUNT, &error)),
        }
    }
}

impl ChangeSettings for Tables {
    async fn change_settings(
        &self,
        id: &AccountId,
        change: &SettingsChange,
    ) -> PortResult<Option<Account>> {
        let assignments = change_attributes(change);
        if assignments.is_empty() {
            return self.find_account(id).await;
        }
        let key = item([("account_id", text(id))]);
        let update = Update::of(self.accounts_table()?, key).when_there("account_id");
        let update = assignments
            .into_iter()
            .fold(update, |update, (name, value)| update.set(name, value));
        let written = update.send_through(&self.client, CHANGING_SETTINGS).await?;
        written
            .map(|account| account_from_item(&account).map_err(unreadable(CHANGING_SETTINGS)))
            .transpose()
    }
}

impl AllowSender for Tables {
    async fn allow_sender(&self, entry: &AllowlistEntry) -> PortResult<Allowing> {
        let request = self
            .client
            .put_item()
            .table_name(self.allowlist_table()?)
            .set_item(Some(allowlist_entry_to_item(entry)))
            .condition_expression(
                "attribute_not_exists(sender) OR account_id = :account \
                 OR attribute_exists(removed_at)",
            )
            .expression_attribute_values(":account", text(&entry.account));
        match request.send().await {
            Ok(_) => Ok(Allowing::Allowed),
            Err(error) if is_taken(&error) => {
                let key = item([("sender", text(entry.sender.key()))]);
                let standing = self
                    .read(ALLOWING_SENDER, self.allowlist_table()?, key)
                    .await?;
                let standing = standing
                    .ok_or_else(|| permanent(ALLOWING_SENDER, "it was there and is gone"))?;
                let standing =
                    allowlist_entry_from_item(&standing).map_err(unreadable(ALLOWING_SENDER))?;
                Ok(Allowing::TakenBy(standing.account))
            }
            Err(error) => Err(port_error(ALLOWING_SENDER, &error)),
        }
    }
}
