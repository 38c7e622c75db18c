//! What an account's serials were given to: dispatches, and mails that were refused.

use std::future::Future;

use domain::{AccountId, InboundMessageId, Product, Serial};
use jiff::Timestamp;

use super::{PortResult, StoredDispatch, StoredIntake};

/// What an account's serials were given to.
pub trait ListSerials {
    /// One page, with one question to the store. What was written a moment ago may be missing: the
    /// index follows the table.
    fn serials_of(
        &self,
        account: &AccountId,
        page: &PageOf,
    ) -> impl Future<Output = PortResult<SerialPage>> + Send;

    /// What a serial was given to.
    fn find_by_serial(
        &self,
        serial: &Serial,
    ) -> impl Future<Output = PortResult<Option<SerialHolder>>> + Send;
}

/// Which page of an account's serials. The order is that of their texts: up to the millionth the
/// order of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageOf {
    /// Begins behind this serial.
    pub after: Option<Serial>,
    /// Whether the newest come first.
    pub newest_first: bool,
    /// Most entries; a page may hold fewer although more follow.
    pub entries_max: usize,
}

/// A page of an account's serials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SerialPage {
    /// In order.
    pub entries: Vec<SerialHolder>,
    /// Behind which serial the next page begins, if more may follow.
    pub next: Option<Serial>,
}

/// What an account's serial was given to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SerialHolder {
    /// A dispatch.
    Dispatch(Box<StoredDispatch>),
    /// A mail that was refused (P-071).
    RefusedMail(Box<RefusedMail>),
}

impl SerialHolder {
    /// The serial.
    #[must_use]
    pub fn serial(&self) -> &Serial {
        match self {
            Self::Dispatch(stored) => &stored.dispatch.serial,
            Self::RefusedMail(refused) => &refused.serial,
        }
    }

    /// When it was given. Serials are given in this order, but for the moments that a transaction
    /// may wait for its turn.
    #[must_use]
    pub fn given_at(&self) -> Option<Timestamp> {
        match self {
            Self::Dispatch(stored) => match stored.dispatch.product {
                // An addendum has the acceptance of its contract, and is born settled.
                Product::Addendum(_) => stored.progress.settled.map(|settled| settled.at),
                Product::Mail | Product::Contract(_) => Some(stored.dispatch.accepted_at),
            },
            Self::RefusedMail(refused) => match &refused.intake {
                StoredIntake::Refused { refused_at, .. } => Some(*refused_at),
                // Neither has a serial of its own by which it could be listed.
                StoredIntake::Accepted { .. } | StoredIntake::Unvouched { .. } => None,
            },
        }
    }
}

/// A mail that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedMail {
    /// SES's id of it.
    pub inbound: InboundMessageId,
    /// Its serial.
    pub serial: Serial,
    /// What was decided.
    pub intake: StoredIntake,
}
