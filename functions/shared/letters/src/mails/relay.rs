//! The mail that the recipient gets (I-064, I-067, I-068).

use domain::{EmailAddress, Serial};
use mail::ParsedMail;

use super::Letterhead;
use super::guidance::{Guidance, GuidanceTemplate};
use super::wrapped::{Wrapped, sender_line};

pub(super) const NOTICE: &str = include_str!("relay.txt");

/// What is relayed, and to whom.
#[derive(Debug, Clone, Copy)]
pub struct Relay<'r, 'a> {
    /// The mail as it came in.
    pub original: &'r ParsedMail<'a>,
    /// Who wrote it; replies go there.
    pub sender: &'r EmailAddress,
    /// The sender's display name.
    pub sender_name: Option<&'r str>,
    /// The one recipient.
    pub recipient: &'r EmailAddress,
    /// The dispatch's serial.
    pub serial: &'r Serial,
}

/// The mail that the recipient gets: from our address with the sender's name, Reply-To the
/// sender, the same subject, a short notice with the serial, the message, and what else there is to
/// say. The notices stand outside the certified content (I-064), in the same text and the same HTML
/// as the message, so that every mailer shows both; what cannot be rearranged goes as a file. What
/// is otherwise than in the original is named in a field, which
/// [`changes_named_in`](super::changes_named_in) reads.
///
/// No trace, signature or Bcc field of the original is copied; of its other fields only those by
/// which mailers group a conversation.
#[must_use]
pub fn relay(letterhead: &Letterhead<'_>, relay: &Relay<'_, '_>) -> Vec<u8> {
    let wrapped = Wrapped {
        kind: "relay",
        original: relay.original,
        from: &format!("mail@{}", letterhead.service_domain),
        sender: relay.sender,
        sender_name: relay.sender_name,
        reply_to: relay.sender,
        recipient: relay.recipient,
        subject: &relay.original.subject(),
        references: references(relay.original),
        serial: relay.serial,
        guidance: guidance(letterhead, relay),
    };
    wrapped.write(letterhead)
}

/// Most message ids that are passed on for threading, newest kept.
const REFERENCES_MAX: usize = 20;

fn guidance(letterhead: &Letterhead<'_>, relay: &Relay<'_, '_>) -> Guidance {
    let sender_line = sender_line(relay.sender, relay.sender_name);
    let serial = relay.serial.to_string();
    let values = [
        ("sender_line", sender_line.as_str()),
        ("serial", &serial),
        ("sender", relay.sender.as_str()),
        ("operator", &letterhead.operator.name),
    ];
    let template = GuidanceTemplate::read(NOTICE);
    Guidance::new(&template, &values, letterhead.language, letterhead.operator)
}

/// The conversation that the original belongs to, the original last: an answer then refers to it,
/// although the provider gives our mail an id of its own.
fn references(original: &ParsedMail<'_>) -> Option<String> {
    let earlier = original.references_header().unwrap_or_default();
    let replied_to = original.in_reply_to_header().unwrap_or_default();
    let own = original.message_id().unwrap_or_default();
    let earlier = if earlier.is_empty() {
        replied_to
    } else {
        earlier
    };
    let ids: Vec<&str> = earlier
        .split_whitespace()
        .chain(own.split_whitespace())
        .filter(|id| {
            id.starts_with('<')
                && id.ends_with('>')
                && id.len() <= 250
                && id.bytes().all(|byte| byte.is_ascii_graphic())
        })
        .collect();
    let kept = ids.get(ids.len().saturating_sub(REFERENCES_MAX)..)?;
    (!kept.is_empty()).then(|| kept.join("\r\n "))
}
