//! Version 3 of the record: what a certificate is made from, as plain data, already decided, filled
//! in by the workflow. What belongs to one product is within the product, what belongs to one way
//! in is within the origin, and results are codes: `record/codec` says how they are written.

mod authentication;
mod contract;
mod evidence;
mod file;
mod files;
mod message;
mod summary;

pub use contract::{
    AddendumSection, AnswerLink, AnswerMail, AnswerRoad, AnswerSection, AnswerSms, ChannelRow,
    ChannelState, ContractSection, DeliveredSms, HopRow, MainCertificate, OfferedMessage, Proof,
    Reply,
};
pub use evidence::{
    EventRow, Evidence, Issuer, MailOrigin, MailSection, Origin, OutcomeWords, Party,
    ProductEvidence, Sender, ToldAgain,
};
pub use file::Record;
pub use message::{AttachmentRow, BodyText, DeliveredMessage, Message, UnshownPartRow};

pub(crate) use file::{RECORD_VERSION, read};
#[cfg(any(test, feature = "testing"))]
pub(crate) use files::record_file;
pub(crate) use files::{ANSWER_HTML, ORIGINAL_HTML, check, claims, mails, whole};
pub(crate) use summary::summary;
