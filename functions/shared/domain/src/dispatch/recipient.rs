//! Whom a dispatch goes to, and by which roads.

use std::fmt;

use crate::{EmailAddress, MobileNumber, Named};

/// Whom a dispatch goes to: at least one address or number (P-010, P-060).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Recipient {
    /// By mail only.
    Mail(EmailAddress),
    /// By SMS only.
    Mobile(MobileNumber),
    /// By both, to the same person.
    Both {
        /// Their address.
        mail: EmailAddress,
        /// Their number.
        mobile: MobileNumber,
    },
}

/// A road on which a message goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Mail.
    Mail,
    /// SMS.
    Sms,
}

impl Channel {
    /// Every channel there is.
    pub const ALL: [Self; 2] = [Self::Mail, Self::Sms];
}

impl Named for Channel {
    const VALUES: &'static [Self] = &Self::ALL;

    // Used in stored items, between steps and in logs.
    fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Sms => "sms",
        }
    }
}

impl Recipient {
    /// The recipient with what is known of them, if anything is.
    #[must_use]
    pub fn from_parts(mail: Option<EmailAddress>, mobile: Option<MobileNumber>) -> Option<Self> {
        match (mail, mobile) {
            (Some(mail), Some(mobile)) => Some(Self::Both { mail, mobile }),
            (Some(mail), None) => Some(Self::Mail(mail)),
            (None, Some(mobile)) => Some(Self::Mobile(mobile)),
            (None, None) => None,
        }
    }

    /// Their address, when it is known.
    #[must_use]
    pub fn mail(&self) -> Option<&EmailAddress> {
        match self {
            Self::Mail(mail) | Self::Both { mail, .. } => Some(mail),
            Self::Mobile(_) => None,
        }
    }

    /// Their number, when it is known.
    #[must_use]
    pub fn mobile(&self) -> Option<&MobileNumber> {
        match self {
            Self::Mobile(mobile) | Self::Both { mobile, .. } => Some(mobile),
            Self::Mail(_) => None,
        }
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mail(mail) => fmt::Display::fmt(mail, f),
            Self::Mobile(mobile) => fmt::Display::fmt(mobile, f),
            Self::Both { mail, mobile } => write!(f, "{mail}, {mobile}"),
        }
    }
}
