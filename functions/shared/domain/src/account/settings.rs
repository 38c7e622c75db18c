//! What an account's owner chose, and changes of it.

use std::str::FromStr;

use jiff::tz::TimeZone;

use crate::{
    Account, AnswerDeadline, CopiesTo, EmailAddress, Language, MobileNumber, Named, OfferOrder,
    Product,
};

/// What an account's owner chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Whether certificates are mailed to the sender (I-035).
    pub certificates_by_mail: bool,
    /// Of which accepted mails the sender is told at once.
    pub acceptance_notices: AcceptanceNotices,
    /// The zone in which times are shown beside UTC (I-006).
    pub zone: ZoneName,
    /// Which language comes first in what the service writes for the account.
    pub language: Language,
    /// What its contracts begin with.
    pub contracts: ContractSettings,
}

/// Of which accepted mails the sender is told at once. What only SPF vouches for is told of in any
/// case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AcceptanceNotices {
    /// Of contracts: their end is up to 90 days away, and a mistyped number is noticed by nobody.
    #[default]
    Contracts,
    /// Of registered mails, too.
    All,
    /// Of none.
    None,
}

/// What the contracts of an account begin with; a contract that is under way keeps what it began
/// with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ContractSettings {
    /// How long an offer waits for its answer.
    pub deadline: AnswerDeadline,
    /// In which order mail and SMS go out (P-022).
    pub order: OfferOrder,
    /// Who gets the certificate of a completed contract (P-037).
    pub copies: CopiesTo,
}

/// The IANA name of a time zone that exists in the bundled time zone database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneName(String);

/// What is said of an account anew, or chosen by its owner; what is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingsChange {
    /// Company name (I-031).
    pub company: Option<String>,
    /// Company address (I-031).
    pub address: Option<String>,
    /// Person in charge (I-031).
    pub contact: Option<String>,
    /// Where the service writes to about the account itself (I-031).
    pub mail: Option<EmailAddress>,
    /// Mobile number (I-031).
    pub mobile: Option<MobileNumber>,
    /// Whether certificates are mailed to the sender (I-035).
    pub certificates_by_mail: Option<bool>,
    /// Of which accepted mails the sender is told at once.
    pub acceptance_notices: Option<AcceptanceNotices>,
    /// The zone in which times are shown beside UTC (I-006).
    pub zone: Option<ZoneName>,
    /// Which language comes first.
    pub language: Option<Language>,
    /// How long offers wait for their answers.
    pub deadline: Option<AnswerDeadline>,
    /// In which order mail and SMS go out (P-022).
    pub order: Option<OfferOrder>,
    /// Who gets the certificate of a completed contract (P-037).
    pub copies: Option<CopiesTo>,
}

impl AcceptanceNotices {
    /// Every choice there is.
    pub const ALL: [Self; 3] = [Self::Contracts, Self::All, Self::None];

    /// Whether the sender of this product is told.
    #[must_use]
    pub fn tell_of(self, product: &Product) -> bool {
        match product {
            Product::Mail => self == Self::All,
            Product::Contract(_) => self != Self::None,
            Product::Addendum(_) => false,
        }
    }
}

impl Named for AcceptanceNotices {
    const VALUES: &'static [Self] = &Self::ALL;

    // Used in settings and stored items.
    fn name(self) -> &'static str {
        match self {
            Self::Contracts => "contracts",
            Self::All => "all",
            Self::None => "none",
        }
    }
}

impl SettingsChange {
    /// Whether it names nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The account as the change leaves it.
    #[must_use]
    pub fn applied_to(self, account: Account) -> Account {
        let Settings {
            certificates_by_mail,
            acceptance_notices,
            zone,
            language,
            contracts,
        } = account.settings;
        Account {
            company: self.company.unwrap_or(account.company),
            address: self.address.or(account.address),
            contact: self.contact.unwrap_or(account.contact),
            mail: self.mail.unwrap_or(account.mail),
            mobile: self.mobile.or(account.mobile),
            settings: Settings {
                certificates_by_mail: self.certificates_by_mail.unwrap_or(certificates_by_mail),
                acceptance_notices: self.acceptance_notices.unwrap_or(acceptance_notices),
                zone: self.zone.unwrap_or(zone),
                language: self.language.unwrap_or(language),
                contracts: ContractSettings {
                    deadline: self.deadline.unwrap_or(contracts.deadline),
                    order: self.order.unwrap_or(contracts.order),
                    copies: self.copies.unwrap_or(contracts.copies),
                },
            },
            ..account
        }
    }
}

impl ZoneName {
    /// The IANA name, e.g. `Asia/Tokyo`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The zone's rules. UTC if the name vanished from the database since it was parsed.
    #[must_use]
    pub fn time_zone(&self) -> TimeZone {
        TimeZone::get(&self.0).unwrap_or(TimeZone::UTC)
    }
}

impl FromStr for ZoneName {
    type Err = jiff::Error;
    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        TimeZone::get(text).map(|_| Self(text.to_owned()))
    }
}
