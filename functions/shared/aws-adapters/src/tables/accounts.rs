//! Accounts and proven senders.

use domain::{
    Account, AccountId, AccountStatus, AllowlistEntry, EmailAddress, Settings, Standing,
    TrustSetting, check_after_use,
};
use workflow::ports::{FindAccount, PortResult};

use super::item::{Item, ItemError, Reader, flag, item, text};
use super::lapse::{
    moment, status_from_item, status_name, warning_from_map, warning_to_map, watch,
};
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
        self.read(FINDING_ACCOUNT, self.accounts_table()?, key_of_account(id))
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
        let mut stored = account_to_item(account);
        stored.extend(item(watch(check_after_use(account.last_used_at))));
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

pub(super) fn key_of_account(id: &AccountId) -> Item {
    item([("account_id", text(id))])
}

fn account_to_item(account: &Account) -> Item {
    let mut attributes = vec![
        ("account_id", text(&account.id)),
        ("company", text(&account.company)),
        ("contact", text(&account.contact)),
        ("mail", text(&account.mail)),
        ("status", text(status_name(account.status))),
        ("last_used_at", moment(account.last_used_at)),
        (
            "certificates_by_mail",
            flag(account.settings.certificates_by_mail),
        ),
        ("zone", text(account.settings.zone.as_str())),
    ];
    if let AccountStatus::Lapsed { at } = account.status {
        attributes.push(("lapsed_at", text(at)));
    }
    let address = account.address.as_ref();
    attributes.extend(address.map(|address| ("address", text(address))));
    let mobile = account.mobile.as_ref();
    attributes.extend(mobile.map(|mobile| ("mobile", text(mobile))));
    let warned = account.warned.as_ref();
    attributes.extend(warned.map(|warned| ("lapse_warning", warning_to_map(warned))));
    item(attributes)
}

fn account_from_item(item: &Item) -> Result<Account, ItemError> {
    let item = Reader(item);
    Ok(Account {
        id: item.parse("account_id")?,
        company: item.text("company")?.to_owned(),
        address: item.optional_text("address")?.map(str::to_owned),
        contact: item.text("contact")?.to_owned(),
        mail: item.parse("mail")?,
        mobile: item.optional_parse("mobile")?,
        status: status_from_item(item)?,
        settings: Settings {
            certificates_by_mail: item.flag("certificates_by_mail")?,
            zone: item.parse("zone")?,
        },
        last_used_at: item.parse("last_used_at")?,
        warned: item
            .optional_map("lapse_warning")?
            .map(warning_from_map)
            .transpose()?,
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

fn trust_name(trust: TrustSetting) -> &'static str {
    match trust {
        TrustSetting::Dkim => "dkim",
        TrustSetting::DkimOrSpf => "dkim_or_spf",
    }
}

#[cfg(test)]
mod tests {
    use domain::{LapseWarning, NoticeState, WarningState};
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn an_account_survives_storage_i_031() {
        let at: Timestamp = "2031-01-05T00:00:00.000001Z".parse().unwrap();
        let lapsed = AccountStatus::Lapsed { at };
        for status in [AccountStatus::Active, AccountStatus::Suspended, lapsed] {
            for is_full in [true, false] {
                let account = Account {
                    id: "K7Q2".parse().unwrap(),
                    company: "髙島産業株式会社".to_owned(),
                    address: is_full.then(|| "東京都千代田区1-1".to_owned()),
                    contact: String::new(),
                    mail: "Office@日本.example".parse().unwrap(),
                    mobile: is_full.then(|| "+819012345678".parse().unwrap()),
                    status,
                    settings: Settings {
                        certificates_by_mail: is_full,
                        zone: "Asia/Tokyo".parse().unwrap(),
                    },
                    last_used_at: at,
                    warned: is_full.then_some(WarningState {
                        warning: LapseWarning::ThirtyDays,
                        notice: NoticeState::Attempted { at },
                    }),
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
