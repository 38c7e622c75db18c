//! Accounts and proven senders.

use domain::{
    Account, AccountId, AccountStatus, AllowlistEntry, EmailAddress, Settings, Standing,
    TrustSetting,
};
use workflow::ports::{FindAccount, PortResult};

use super::item::{Item, ItemError, Reader, flag, item, text};
use super::write::is_taken;
use super::{Tables, unreadable};
use crate::fault::{permanent, port_error};

const FINDING_SENDER: &str = "finding a sender";
const FINDING_ACCOUNT: &str = "finding an account";
const OPENING_ACCOUNT: &str = "opening an account";
const ALLOWING_SENDER: &str = "allowing a sender";

/// What came of putting a sender on an allowlist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowing {
    /// It stands there as given.
    Allowed,
    /// It sends for another account; nothing was written.
    TakenBy(AccountId),
}

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
        let entry = allowlist_entry_from_item(&found).map_err(unreadable(FINDING_SENDER))?;
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
        let key = item([("account_id", text(id))]);
        self.read(FINDING_ACCOUNT, self.accounts_table()?, key)
            .await?
            .map(|found| account_from_item(&found).map_err(unreadable(FINDING_ACCOUNT)))
            .transpose()
    }
}

impl Tables {
    /// Opens an account. The first one with its id stays, and is returned.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn open_account(&self, account: &Account) -> PortResult<Account> {
        let request = self
            .client
            .put_item()
            .table_name(self.accounts_table()?)
            .set_item(Some(account_to_item(account)))
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

    /// Puts a proven sender on its account's allowlist, or replaces what stands there.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn allow_sender(&self, entry: &AllowlistEntry) -> PortResult<Allowing> {
        let request = self
            .client
            .put_item()
            .table_name(self.allowlist_table()?)
            .set_item(Some(allowlist_entry_to_item(entry)))
            .condition_expression("attribute_not_exists(sender) OR account_id = :account")
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

fn account_to_item(account: &Account) -> Item {
    item([
        ("account_id", text(&account.id)),
        ("company", text(&account.company)),
        ("contact", text(&account.contact)),
        ("status", text(status_name(account.status))),
        (
            "certificates_by_mail",
            flag(account.settings.certificates_by_mail),
        ),
        ("zone", text(account.settings.zone.as_str())),
    ])
}

fn account_from_item(item: &Item) -> Result<Account, ItemError> {
    let item = Reader(item);
    Ok(Account {
        id: item.parse("account_id")?,
        company: item.text("company")?.to_owned(),
        contact: item.text("contact")?.to_owned(),
        status: item.named("status", |name| {
            [AccountStatus::Active, AccountStatus::Suspended]
                .into_iter()
                .find(|status| status_name(*status) == name)
        })?,
        settings: Settings {
            certificates_by_mail: item.flag("certificates_by_mail")?,
            zone: item.parse("zone")?,
        },
    })
}

fn allowlist_entry_to_item(entry: &AllowlistEntry) -> Item {
    item([
        ("sender", text(entry.sender.key())),
        ("spelling", text(&entry.sender)),
        ("account_id", text(&entry.account)),
        ("proven_at", text(entry.proven_at)),
        ("trust", text(trust_name(entry.trust))),
    ])
}

fn allowlist_entry_from_item(item: &Item) -> Result<AllowlistEntry, ItemError> {
    let item = Reader(item);
    Ok(AllowlistEntry {
        sender: item.parse("spelling")?,
        account: item.parse("account_id")?,
        proven_at: item.parse("proven_at")?,
        trust: item.named("trust", |name| {
            [TrustSetting::Dkim, TrustSetting::DkimOrSpf]
                .into_iter()
                .find(|trust| trust_name(*trust) == name)
        })?,
    })
}

fn status_name(status: AccountStatus) -> &'static str {
    match status {
        AccountStatus::Active => "active",
        AccountStatus::Suspended => "suspended",
    }
}

fn trust_name(trust: TrustSetting) -> &'static str {
    match trust {
        TrustSetting::Dkim => "dkim",
        TrustSetting::DkimOrSpf => "dkim_or_spf",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_survives_storage() {
        for status in [AccountStatus::Active, AccountStatus::Suspended] {
            for certificates_by_mail in [true, false] {
                let account = Account {
                    id: "K7Q2".parse().unwrap(),
                    company: "髙島産業株式会社".to_owned(),
                    contact: String::new(),
                    status,
                    settings: Settings {
                        certificates_by_mail,
                        zone: "Asia/Tokyo".parse().unwrap(),
                    },
                };
                assert_eq!(account_from_item(&account_to_item(&account)), Ok(account));
            }
        }
    }

    #[test]
    fn an_allowlist_entry_keeps_its_spelling_and_is_found_by_its_key_q_16() {
        for trust in [TrustSetting::Dkim, TrustSetting::DkimOrSpf] {
            let entry = AllowlistEntry {
                sender: "Taro@日本.example".parse().unwrap(),
                account: "K7Q2".parse().unwrap(),
                proven_at: "2026-01-05T01:02:03.456789Z".parse().unwrap(),
                trust,
            };
            let item = allowlist_entry_to_item(&entry);
            assert_eq!(Reader(&item).text("sender"), Ok("taro@xn--wgv71a.example"));
            let back = allowlist_entry_from_item(&item).unwrap();
            assert_eq!(back, entry);
            assert_eq!(back.sender.as_str(), "Taro@日本.example");
        }
    }

    #[test]
    fn a_foreign_item_is_refused_by_the_name_of_the_attribute() {
        let item = item([("account_id", text("K7Q2")), ("company", flag(true))]);
        assert_eq!(
            account_from_item(&item),
            Err(ItemError {
                attribute: "company"
            })
        );
    }
}
