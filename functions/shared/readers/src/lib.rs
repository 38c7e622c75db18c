//! What a certificate says, read from what it embeds: mails to their values, providers' records to
//! events, events to the lines of a log. The service makes certificates by these readers, and the
//! verifier reads again by the same ones ([`reread`]): there is no second way to read.
//!
//! Everything depends on nothing but the arguments. This crate has no clock, no randomness, no
//! network and no AWS, and reads no files.
//!
//! ```
//! let raw = b"From: taro@customer.test\r\nSubject: Hello\r\n\r\nHello\r\n";
//! let message = readers::message(raw, &mail::ParsedMail::parse(raw));
//! assert_eq!(message.subject, "Hello");
//! ```

mod again;
mod log;
mod message;
mod outcome;
mod record;
mod road;

pub use again::{Basis, Difference, EmbeddedMail, EmbeddedMails, Standing, Value, reread};
pub use log::{in_order, logged, row};
pub use message::{
    attachments, digest_of, header_of, hops, kept_subject, message, notices, size_of,
};
pub use outcome::outcome_words;
pub use record::{IncomingSms, RecordError, Report, ReportedEvent, parse_report, parse_ses_event};
pub use road::{SMS_PROVIDER, carrier_in, channel_row};

/// The version of everything in this crate, and of what it reads with: `mail`, the words and the
/// shapes of `letters`. It goes up by one when the same bytes are read otherwise than before, so
/// that a mended reader condemns no certificate of an earlier one; a test holds what is read of the
/// corpus against it.
pub const READER_VERSION: u32 = 1;

/// What a certificate names instead where values were read by an earlier version before it was
/// composed, as at the acceptance of a contract that waited for its answer meanwhile.
pub const EARLIER_READERS: u32 = 0;
