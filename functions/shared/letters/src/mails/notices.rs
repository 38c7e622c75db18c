//! The notices of a delivered mail apart from the message that stands between them.

use crate::template::RULE_BELOW;

/// What the service wrote before and behind a message, from the texts of the message and of the
/// mail that was delivered: the inverse of what [`relay`](super::relay) and
/// [`offer`](super::offer) put together. Lines end with `\n`. Nothing where the message does not
/// stand between two notices word for word.
///
/// ```
/// let rule = "-".repeat(70);
/// let delivered = format!("From Taro\n{rule}\n\nHello\n\n{rule}\n\nSerial 1\n");
/// let notices = letters::mails::notices_around("Hello\n", &delivered);
/// assert_eq!(notices, Some(("From Taro", "Serial 1")));
/// assert_eq!(letters::mails::notices_around("Bye\n", &delivered), None);
/// ```
#[must_use]
pub fn notices_around<'d>(message: &str, delivered: &'d str) -> Option<(&'d str, &'d str)> {
    let (before, rest) = delivered.split_once(RULE_BELOW)?;
    let behind = rest.strip_prefix(message.trim_end_matches('\n'))?;
    let behind = behind.trim_start_matches('\n');
    let behind = behind.strip_prefix(RULE_BELOW.trim_start_matches('\n'))?;
    Some((before, behind.trim_end_matches('\n')))
}
