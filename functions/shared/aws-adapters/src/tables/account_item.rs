//! One account and one proven sender as items.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    Account, AccountId, AccountStatus, AllowlistEntry, AnswerDeadline, ContractSettings,
    ListedSender, Named, Settings, SettingsChange, WarningState,
};

use super::item::{Attributes, Item, ItemError, Reader, flag, item, map, moment, number, text};
use super::notice::{notice_from_map, notice_to_map};

pub(super) fn key_of_account(id: &AccountId) -> Item {
    item([("account_id", text(id))])
}

pub(super) fn account_to_item(account: &Account) -> Item {
    let Settings {
        certificates_by_mail,
        acceptance_notices,
        zone,
        language,
        contracts,
    } = &account.settings;
    let mut attributes = vec![
        ("account_id", text(&account.id)),
        ("status", text(account.status.name())),
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
        acceptance_notices: Some(*acceptance_notices),
        zone: Some(zone.clone()),
        language: Some(*language),
        deadline: Some(contracts.deadline),
        order: Some(contracts.order),
        copies: Some(contracts.copies),
    }));
    item(attributes)
}

pub(super) fn change_attributes(change: &SettingsChange) -> Attributes {
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
        change
            .acceptance_notices
            .map(|notices| ("acceptance_notices", text(notices.name()))),
        zone.map(|zone| ("zone", text(zone.as_str()))),
        change
            .language
            .map(|language| ("language", text(language.name()))),
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
            acceptance_notices: item
                .optional_value("acceptance_notices")?
                .unwrap_or_default(),
            zone: item.parse("zone")?,
            language: item.optional_value("language")?.unwrap_or_default(),
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
    let order = item.optional_value("offer_order")?;
    let copies = item.optional_value("copies_to")?;
    Ok(ContractSettings {
        deadline: deadline.unwrap_or_default(),
        order: order.unwrap_or_default(),
        copies: copies.unwrap_or_default(),
    })
}

pub(super) fn allowlist_entry_to_item(entry: &AllowlistEntry) -> Item {
    item([
        ("sender", text(entry.sender.key())),
        ("spelling", text(&entry.sender)),
        ("account_id", text(&entry.account)),
        ("proven_at", text(entry.proven_at)),
        ("trust", text(entry.trust.name())),
    ])
}

pub(super) fn allowlist_entry_from_item(item: &Item) -> Result<AllowlistEntry, ItemError> {
    let item = Reader(item);
    Ok(AllowlistEntry {
        sender: item.parse("spelling")?,
        account: item.parse("account_id")?,
        proven_at: item.parse("proven_at")?,
        trust: item.value("trust")?,
    })
}

pub(super) fn sender_from_item(found: &Item) -> Result<ListedSender, ItemError> {
    Ok(ListedSender {
        entry: allowlist_entry_from_item(found)?,
        removed_at: Reader(found).optional_parse("removed_at")?,
    })
}

pub(super) fn warning_to_map(state: &WarningState) -> AttributeValue {
    map([
        ("warning", text(state.warning.name())),
        ("notice", notice_to_map(&state.notice)),
    ])
}

pub(super) fn warning_from_map(map: Reader<'_>) -> Result<WarningState, ItemError> {
    Ok(WarningState {
        warning: map.value("warning")?,
        notice: notice_from_map(map.map("notice")?)?,
    })
}

/// The status of an account, with what belongs to it.
pub(super) fn status_from_item(item: Reader<'_>) -> Result<AccountStatus, ItemError> {
    Ok(match item.value("status")? {
        AccountStatus::Lapsed { .. } => AccountStatus::Lapsed {
            at: item.parse("lapsed_at")?,
        },
        status @ (AccountStatus::Active | AccountStatus::Suspended) => status,
    })
}

#[cfg(test)]
mod tests {
    use domain::{
        AcceptanceNotices, CopiesTo, Language, LapseWarning, NoticeState, OfferOrder, TrustSetting,
    };
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
            acceptance_notices: AcceptanceNotices::default(),
            zone: "Asia/Tokyo".parse().unwrap(),
            language: Language::English,
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
                    for acceptance_notices in AcceptanceNotices::ALL {
                        let settings = Settings {
                            acceptance_notices,
                            ..settings(certificates_by_mail, contracts)
                        };
                        let account = account(AccountStatus::Active, settings);
                        assert_eq!(account_from_item(&account_to_item(&account)), Ok(account));
                    }
                }
            }
        }
    }

    #[test]
    fn an_account_from_before_there_were_contracts_has_the_usual_terms_q_1() {
        let defaults = settings(true, ContractSettings::default());
        let account = account(AccountStatus::Active, defaults);
        let mut old = account_to_item(&account);
        for added in [
            "answer_deadline_hours",
            "offer_order",
            "copies_to",
            "acceptance_notices",
        ] {
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
