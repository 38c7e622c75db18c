//! A message on its way out.

use crate::ports::{OutgoingMail, OutgoingSms};

/// A message ready to go out.
pub(super) enum Message {
    /// By mail.
    Mail(OutgoingMail),
    /// By SMS, with the number of its parts.
    Sms(OutgoingSms, u32),
}
