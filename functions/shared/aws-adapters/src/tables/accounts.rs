//! Accounts and proven senders.

use domain::{
    Account, AccountId, AccountStatus, Allowing, AllowlistEntry, AnswerDeadline, ContractSettings,
    CopiesTo, EmailAddress, OfferOrder, Settings, SettingsChange, Standing, TrustSetting,
    check_after_use,
};
use workflow::ports::{
    AllowSender, ChangeSettings, FindAccount, InsertAccount, PortResult, ReadBalance,
};

use super::item::{Attributes, Item, ItemError, Reader, flag, item, moment, number, text};
use super::lapses::{LAPSES, status_from_item, status_name, warning_from_map, warning_to_map};
use super::operator::sender_from_item;
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

pub(super) fn key_of_account(id: &AccountId) -> Item {
    item([("account_id", text(id))])
}

fn account_to_item(account: &Account) -> Item {
    let Settings {
        certificates_by_mail,
        zone,
        contracts,
    } = &account.settings;
    let mut attributes = vec![
        ("account_id", text(&account.id)),
        ("status", text(status_name(account.status))),
        ("last_used_at", moment(account.last_used_at)),
    ];
    if let AccountStatus::Lapsed { at } = account.status {
        attributes.push(("lapsed_at", text(at)));
    }
    let warned = account.warned.as_ref();
    attributes.extend(warned.map(|warned| ("lapse_warning", warning_to_map(warned))));
    attributes.extend(change_attributes(&SettingsChange {
        company: Some(account.company.clone()),
        address: account.address.clone(),
        contact: Some(account.contact.clone()),
        mail: Some(account.mail.clone()),
        mobile: account.mobile.clone(),
        certificates_by_mail: Some(*certificates_by_mail),
        zone: Some(zone.clone()),
        deadline: Some(contracts.deadline),
        order: Some(contracts.order),
        copies: Some(contracts.copies),
    }));
    item(attributes)
}

fn change_attributes(change: &SettingsChange) -> Attributes {
    let by_mail = change.certificates_by_mail;
    let zone = change.zone.as_ref();
    let hours = change.deadline.map(AnswerDeadline::hours);
    [
        change.company.as_ref().map(|name| ("company", text(name))),
        change
            .address
            .as_ref()
            .map(|address| ("address", text(address))),
        change.contact.as_ref().map(|name| ("contact", text(name))),
        change.mail.as_ref().map(|mail| ("mail", text(mail))),
        change
            .mobile
            .as_ref()
            .map(|mobile| ("mobile", text(mobile))),
        by_mail.map(|by_mail| ("certificates_by_mail", flag(by_mail))),
        zone.map(|zone| ("zone", text(zone.as_str()))),
        hours.map(|hours| ("answer_deadline_hours", number(hours))),
        change
            .order
            .map(|order| ("offer_order", text(order.name()))),
        change
            .copies
            .map(|copies| ("copies_to", text(copies.name()))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub(super) fn account_from_item(item: &Item) -> Result<Account, ItemError> {
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
            contracts: contract_settings_from_item(item)?,
        },
        last_used_at: item.parse("last_used_at")?,
        warned: item
            .optional_map("lapse_warning")?
            .map(warning_from_map)
            .transpose()?,
    })
}

/// Accounts from before there were contracts have none of these.
fn contract_settings_from_item(item: Reader<'_>) -> Result<ContractSettings, ItemError> {
    let attribute = "answer_deadline_hours";
    let deadline = item
        .optional_number(attribute)?
        .map(|hours| AnswerDeadline::from_hours(hours).map_err(|_| ItemError { attribute }))
        .transpose()?;
    let order = item.optional_one_of("offer_order", OfferOrder::ALL, OfferOrder::name)?;
    let copies = item.optional_one_of("copies_to", CopiesTo::ALL, CopiesTo::name)?;
    Ok(ContractSettings {
        deadline: deadline.unwrap_or_default(),
        order: order.unwrap_or_default(),
        copies: copies.unwrap_or_default(),
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

pub(super) fn allowlist_entry_from_item(item: &Item) -> Result<AllowlistEntry, ItemError> {
    let item = Reader(item);
    let trusts = [TrustSetting::Dkim, TrustSetting::DkimOrSpf];
    Ok(AllowlistEntry {
        sender: item.parse("spelling")?,
        account: item.parse("account_id")?,
        proven_at: item.parse("proven_at")?,
        trust: item.one_of("trust", trusts, trust_name)?,
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

    fn account(status: AccountStatus, settings: Settings) -> Account {
        Account {
            id: "K7Q2".parse().unwrap(),
            company: "髙島産業株式会社".to_owned(),
            address: None,
            contact: String::new(),
            mail: "Office@日本.example".parse().unwrap(),
            mobile: None,
            status,
            settings,
            last_used_at: "2026-01-05T00:00:00.5Z".parse().unwrap(),
            warned: None,
        }
    }

    fn settings(certificates_by_mail: bool, contracts: ContractSettings) -> Settings {
        Settings {
            certificates_by_mail,
            zone: "Asia/Tokyo".parse().unwrap(),
            contracts,
        }
    }

    #[test]
    fn an_account_survives_storage_i_031() {
        let at: Timestamp = "2031-01-05T00:00:00.000001Z".parse().unwrap();
        let lapsed = AccountStatus::Lapsed { at };
        for status in [AccountStatus::Active, AccountStatus::Suspended, lapsed] {
            for is_full in [true, false] {
                let mut account = account(status, settings(is_full, ContractSettings::default()));
                account.address = is_full.then(|| "東京都千代田区1-1".to_owned());
                account.mobile = is_full.then(|| "+819012345678".parse().unwrap());
                account.warned = is_full.then_some(WarningState {
                    warning: LapseWarning::ThirtyDays,
                    notice: NoticeState::Attempted { at },
                });
                assert_eq!(account_from_item(&account_to_item(&account)), Ok(account));
            }
        }
    }

    #[test]
    fn the_settings_of_an_account_survive_storage() {
        for certificates_by_mail in [true, false] {
            for order in OfferOrder::ALL {
                for copies in CopiesTo::ALL {
                    let contracts = ContractSettings {
                        deadline: AnswerDeadline::from_hours(48).unwrap(),
                        order,
                        copies,
                    };
                    let settings = settings(certificates_by_mail, contracts);
                    let account = account(AccountStatus::Active, settings);
                    assert_eq!(account_from_item(&account_to_item(&account)), Ok(account));
                }
            }
        }
    }

    #[test]
    fn an_account_from_before_there_were_contracts_has_the_usual_terms_q_1() {
        let defaults = settings(true, ContractSettings::default());
        let account = account(AccountStatus::Active, defaults);
        let mut old = account_to_item(&account);
        for added in ["answer_deadline_hours", "offer_order", "copies_to"] {
            assert!(old.remove(added).is_some(), "{added}");
        }
        assert_eq!(account_from_item(&old), Ok(account));
        old.insert("answer_deadline_hours".to_owned(), number(0_u32));
        let attribute = "answer_deadline_hours";
        assert_eq!(account_from_item(&old), Err(ItemError { attribute }));
    }

    #[test]
    fn a_change_of_settings_writes_what_was_chosen_and_nothing_else() {
        assert!(change_attributes(&SettingsChange::default()).is_empty());
        let change = SettingsChange {
            copies: Some(CopiesTo::SenderOnly),
            ..SettingsChange::default()
        };
        let expected = vec![("copies_to", text("sender_only"))];
        assert_eq!(change_attributes(&change), expected);
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
