//! What an account that is opened once more would change: nothing happens in silence.

use domain::{Account, Named};

/// One thing in which an account is another than was asked for, in words of the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The option, e.g. `--zone`.
    pub option: &'static str,
    /// What stands there.
    pub standing: String,
    /// What was asked for.
    pub wanted: String,
}

/// Compares; times, status and warnings are nobody's wish.
#[must_use]
pub fn differences(standing: &Account, wanted: &Account) -> Vec<Difference> {
    let was = fields(standing);
    let asked = fields(wanted);
    let pairs = was.into_iter().zip(asked);
    pairs
        .filter(|((_, was), (_, asked))| was != asked)
        .map(|((option, standing), (_, wanted))| Difference {
            option,
            standing,
            wanted,
        })
        .collect()
}

fn fields(account: &Account) -> [(&'static str, String); 12] {
    let optional = |value: Option<&str>| value.unwrap_or("(none)").to_owned();
    let Account {
        id: _,
        company,
        address,
        contact,
        mail,
        mobile,
        status: _,
        settings,
        last_used_at: _,
        warned: _,
    } = account;
    let contracts = &settings.contracts;
    [
        ("--company", company.clone()),
        ("--address", optional(address.as_deref())),
        ("--contact", contact.clone()),
        ("--mail", mail.as_str().to_owned()),
        (
            "--mobile",
            optional(mobile.as_ref().map(domain::MobileNumber::as_str)),
        ),
        ("--mails", settings.certificates_by_mail.to_string()),
        (
            "--acceptance-notices",
            settings.acceptance_notices.name().to_owned(),
        ),
        ("--zone", settings.zone.as_str().to_owned()),
        ("--language", settings.language.name().to_owned()),
        ("--answer-hours", contracts.deadline.hours().to_string()),
        ("--offer-order", contracts.order.name().to_owned()),
        ("--copies", contracts.copies.name().to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use domain::{AcceptanceNotices, AccountStatus, ContractSettings, Language, Settings};

    use super::*;

    fn account() -> Account {
        Account {
            id: "K7Q2".parse().unwrap(),
            company: "証株式会社".to_owned(),
            address: None,
            contact: "髙﨑 花子".to_owned(),
            mail: "taro@customer.test".parse().unwrap(),
            mobile: None,
            status: AccountStatus::Active,
            settings: Settings {
                certificates_by_mail: true,
                acceptance_notices: AcceptanceNotices::default(),
                language: Language::default(),
                zone: "Asia/Tokyo".parse().unwrap(),
                contracts: ContractSettings::default(),
            },
            last_used_at: "2026-01-05T00:00:00Z".parse().unwrap(),
            warned: None,
        }
    }

    #[test]
    fn what_differs_is_told_by_its_option() {
        let mut wanted = account();
        wanted.company = "別会社".to_owned();
        wanted.mobile = Some("+819012345678".parse().unwrap());
        wanted.settings.zone = "UTC".parse().unwrap();
        let found = differences(&account(), &wanted);
        let told: Vec<(&str, &str, &str)> = found
            .iter()
            .map(|one| (one.option, one.standing.as_str(), one.wanted.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("--company", "証株式会社", "別会社"),
                ("--mobile", "(none)", "+819012345678"),
                ("--zone", "Asia/Tokyo", "UTC"),
            ]
        );
    }

    #[test]
    fn status_and_use_of_an_account_are_nobodys_wish() {
        let mut standing = account();
        standing.status = AccountStatus::Suspended;
        standing.last_used_at = "2026-02-05T00:00:00Z".parse().unwrap();
        assert_eq!(differences(&standing, &account()), []);
    }
}
