//! What was so when a submission was accepted, and is printed as of then.

use crate::limits::{PRICE_TABLE_VERSION, RULES_VERSION};
use crate::{Account, EmailAddress, Language, ZoneName};

/// What a certificate says of the customer and of the service's rules. It is fixed at intake, so
/// that neither a change of the account nor a release changes what is composed later (S-027).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Company name as registered (I-031, P-046).
    pub company: String,
    /// Person in charge (I-031, P-046).
    pub contact: String,
    /// Where the service writes to about the account itself (I-031).
    pub mail: EmailAddress,
    /// The zone in which times are shown beside UTC (I-006).
    pub zone: ZoneName,
    /// Which language comes first in mails about it.
    pub language: Language,
    /// Version of the rules that were applied (S-027).
    pub rules_version: String,
    /// Version of the price table that was applied (S-027).
    pub price_table_version: String,
}

impl Terms {
    /// Those of an account, under the rules of this release.
    #[must_use]
    pub fn of(account: &Account) -> Self {
        Self {
            company: account.company.clone(),
            contact: account.contact.clone(),
            mail: account.mail.clone(),
            zone: account.settings.zone.clone(),
            language: account.settings.language,
            rules_version: RULES_VERSION.to_owned(),
            price_table_version: PRICE_TABLE_VERSION.to_owned(),
        }
    }
}
