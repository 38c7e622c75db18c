//! Version 3 of the record: what a certificate is made from, as plain data, already decided, filled
//! in by the workflow. What belongs to one product is within the product, what belongs to one way
//! in is within the origin, and results are codes: `record/codec` says how they are written.

mod addendum;
mod authentication;
mod contract;
mod evidence;
mod file;
mod files;
mod message;
mod other_mail;
mod outcome;
mod summary;
mod words;

pub use addendum::{Added, AddendumSection, BounceSection, MainCertificate, MessageElsewhere};
pub use contract::{
    AnswerLink, AnswerMail, AnswerRoad, AnswerSection, AnswerSms, ChannelRow, ChannelState,
    ContractSection, DeliveredSms, HopRow, Proof, Reply,
};
pub use evidence::{
    EventRow, Evidence, Issuer, MailOrigin, MailSection, NamedAuthority, NamedRoot, Origin, Party,
    ProductEvidence, Sender, ToldAgain,
};
pub use file::Record;
pub use message::{AttachmentRow, BodyText, DeliveredMessage, Message, Notices, UnshownPartRow};
pub use other_mail::{MailFile, OtherMail, other_mail_name};
pub use outcome::OutcomeWords;

pub(crate) use file::{RECORD_VERSION, read};
pub(crate) use files::{ANSWER_HTML, ORIGINAL_HTML, check, claims, mails, whole};
#[cfg(any(test, feature = "testing"))]
pub(crate) use files::{embedded_others, record_file};
pub(crate) use summary::summary;
pub(crate) use words::{signature_words, timeline};
