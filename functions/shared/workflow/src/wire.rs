//! What goes over the wire between AWS and the steps, and between one step and the next. JSON
//! ends here: behind this module there are only domain types.

mod logs;
mod receipt;
mod scheduled;
mod signing;
mod step;

pub use logs::LogsEvent;
pub use readers::{IncomingSms, RecordError, Report, ReportedEvent, parse_report, parse_ses_event};
pub use receipt::{Receipt, ReceiptEvent};
pub use scheduled::ScheduledEvent;
pub use signing::parse_signing_configuration;
pub use step::{
    DeadlineOf, DispatchRef, EventInput, Next, Sending, StepAnswer, WaitingDispatch, WorkflowInput,
};

/// Something on the wire is not what its sender documents.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// It is not the JSON it should be.
    #[error("the record is not the expected JSON")]
    Json(#[source] serde_json::Error),
    /// A certificate in it cannot be used.
    #[error("a certificate in the record cannot be used")]
    Certificate(#[source] pades::Error),
    /// A field is missing or malformed.
    #[error("the field {0} is missing or malformed")]
    Field(&'static str),
}

impl From<WireError> for crate::Failure {
    fn from(error: WireError) -> Self {
        Self::permanent_because("reading or writing a record", error)
    }
}

impl From<RecordError> for crate::Failure {
    fn from(error: RecordError) -> Self {
        Self::permanent_because("reading a provider's record", error)
    }
}
