//! What providers tell: the events of SES, the delivery logs of SNS, the answers of two-way SMS. A
//! record is kept as it came; what is said of it is read here, the day it comes and years later.

mod ses_event;
mod sms;

pub use ses_event::{ReportedEvent, parse_ses_event};
pub use sms::{IncomingSms, Report, parse_report};

/// A provider's record is not what the provider documents.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// It is not the JSON it should be.
    #[error("the record is not the expected JSON")]
    Json(#[source] serde_json::Error),
    /// A field is missing or malformed.
    #[error("the field {0} is missing or malformed")]
    Field(&'static str),
}
