//! What a certificate says of itself at a glance.

use domain::{EmailAddress, Recipient, Serial};
use jiff::Timestamp;

/// The most important of what a certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Its serial.
    pub serial: Serial,
    /// Subject of the message that was sent; empty where it has none.
    pub subject: String,
    /// Who sent it.
    pub sender: EmailAddress,
    /// Whom it went to.
    pub recipient: Recipient,
    /// How it ended, in Japanese.
    pub outcome_japanese: String,
    /// How it ended, in English.
    pub outcome_english: String,
    /// What was seen, in order.
    pub events: Vec<SummaryEvent>,
}

/// One line of the communication log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryEvent {
    /// When it happened.
    pub at: Timestamp,
    /// Its stable name.
    pub name: String,
    /// Who saw it.
    pub source: String,
}
