//! Reading again: each value of a certificate that follows from what it embeds, compared with what
//! is read now; and the values that only the operator says.

mod answer;
mod delivered;
mod events;
mod offer;
mod original;
mod own_event;
mod settling;
mod values;

use certificate::{Added, Evidence, ProductEvidence};
use domain::Sha256Digest;
use mail::ParsedMail;

use self::events::Log;
use self::values::Values;

pub use values::{Basis, Difference, Standing, Value};

/// A mail that is embedded in a certificate.
#[derive(Debug, Clone, Copy)]
pub struct EmbeddedMail<'m> {
    /// Its bytes.
    pub raw: &'m [u8],
    /// The same, parsed.
    pub parsed: &'m ParsedMail<'m>,
    /// Their SHA-256, as it was found elsewhere.
    pub digest: Sha256Digest,
    /// The file that is embedded as its HTML part.
    pub html: Option<&'m [u8]>,
}

/// The mails that are embedded in a certificate.
#[derive(Debug, Clone, Copy, Default)]
pub struct EmbeddedMails<'m> {
    /// `original.eml`.
    pub original: Option<EmbeddedMail<'m>>,
    /// `delivered.eml`.
    pub delivered: Option<EmbeddedMail<'m>>,
    /// `answer.eml`.
    pub answer: Option<EmbeddedMail<'m>>,
    /// Those that answer nothing, in the order of the log.
    pub others: &'m [EmbeddedMail<'m>],
}

/// Every value of the evidence, compared with what is read of the embedded mails and records where
/// it follows from them. Values are named as in `evidence.json`, those that differ one by one.
#[must_use]
pub fn reread(evidence: &Evidence, mails: &EmbeddedMails<'_>) -> Vec<Value> {
    let mut values = Values::default();
    original::compare(evidence, mails, &mut values);
    delivered::compare(evidence, mails, &mut values);
    let log = Log::read(evidence, mails, &mut values);
    settling::compare(evidence, &log, &mut values);
    match &evidence.product {
        ProductEvidence::Mail(mail) => {
            let place = "Product.Mail.Delivered";
            let id = mail.delivered.provider_message_id.as_deref();
            log.compare_id(domain::Channel::Mail, id, place, &mut values);
        }
        ProductEvidence::Contract(contract) => {
            offer::compare(evidence, contract, &log, &mut values);
        }
        ProductEvidence::Addendum(addendum) => match &addendum.added {
            Added::Answer(_) => {}
            Added::Bounce(bounce) => settling::compare_bounce(bounce, &log, &mut values),
        },
    }
    answer::compare(evidence, mails, &log, &mut values);
    for name in WORDS {
        values.word(name);
    }
    values.done()
}

/// What nothing in a certificate can show: times of the service's own clock, the customer, the
/// price, who answered what the DNS is not asked again for.
const WORDS: [&str; 13] = [
    "EvidenceIdentifier",
    "IssueTime",
    "TimeZone",
    "SubmissionTime",
    "SettlementTime",
    "Account",
    "PricePoints",
    "RulesVersion",
    "PriceTableVersion",
    "Origin.Mail.Authentication.VerificationTime",
    "Origin.Mail.Authentication.SPF",
    "EvidenceIssuerDetails",
    "Events[].RecordingTime",
];

/// Where the product stands in `evidence.json`.
fn place_of(product: &ProductEvidence) -> &'static str {
    match product {
        ProductEvidence::Mail(_) => "Product.Mail",
        ProductEvidence::Contract(_) => "Product.Contract",
        ProductEvidence::Addendum(_) => "Product.Addendum",
    }
}
