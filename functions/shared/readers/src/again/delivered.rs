//! The message as it was handed over.

use certificate::{DeliveredMessage, Evidence, ProductEvidence};
use domain::{DeliveryChange, FileReason, Named};
use letters::mails::{Missing, carried, changes_named_in};

use super::values::Values;
use super::{EmbeddedMail, EmbeddedMails, place_of};
use crate::message::{header_of, notices, size_of};

/// The field in which a mail of ours names its serial.
const SERIAL_FIELD: &str = "X-Akashi-Serial";

/// What ends a subject that was too long to be sent.
const SUBJECT_END: char = '…';

/// Compares what is said of `delivered.eml`, and the mail with the message that it carries.
pub(super) fn compare(evidence: &Evidence, mails: &EmbeddedMails<'_>, values: &mut Values) {
    let Some(said) = evidence.delivered() else {
        return;
    };
    let place = match &evidence.product {
        ProductEvidence::Mail(_) => "Product.Mail.Delivered",
        ProductEvidence::Contract(_) => "Product.Contract.Mail",
        ProductEvidence::Addendum(_) => place_of(&evidence.product),
    };
    let name = |field: &str| format!("{place}.{field}");
    match &mails.delivered {
        Some(delivered) => {
            compare_mail(evidence, said, delivered, &name, values);
        }
        None => {
            for field in ["SizeBytes", "Digest", "RawHeader", "Notices"] {
                values.word(name(field));
            }
        }
    }
    let header = said.raw_header.as_deref();
    let changes = header.map(changes_named_in).unwrap_or_default();
    values.same(name("Changes"), &said.changes, &changes);
    let Some(original) = &mails.original else {
        return;
    };
    let delivered = mails.delivered.as_ref().map(|delivered| delivered.parsed);
    let carried = carried(original.parsed, delivered);
    let is_too_large = said.changes == [DeliveryChange::SentAsFile(FileReason::Size)];
    if header.is_some() && !is_too_large && said.changes != carried.changes {
        values.differ(
            name("Changes"),
            &names(&said.changes),
            &names(&carried.changes),
        );
    }
    match carried.missing {
        Some(missing) => values.differ(place, words(missing), "delivered.eml"),
        None if delivered.is_some() => values.recomputed(place),
        None => {}
    }
}

fn compare_mail(
    evidence: &Evidence,
    said: &DeliveredMessage,
    delivered: &EmbeddedMail<'_>,
    name: &impl Fn(&str) -> String,
    values: &mut Values,
) {
    let size = size_of(delivered.raw);
    values.same_bytes(name("SizeBytes"), &said.size_bytes, &size);
    values.same_bytes(name("Digest"), &said.digest, &delivered.digest);
    let header = header_of(delivered.raw);
    let text =
        |bytes: Option<&[u8]>| bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let (said_header, found_header) = (text(said.raw_header.as_deref()), text(header));
    values.same_bytes(name("RawHeader"), &said_header, &found_header);
    if let Some(message) = evidence.message() {
        let found = notices(delivered.raw, message);
        values.same(name("Notices"), &said.notices, &found);
        let (said, found) = (&message.subject, delivered.parsed.subject());
        if !is_subject(said, &found) {
            values.differ(name("RawHeader.Subject"), said, &found);
        }
    }
    let to = delivered.parsed.to(|_| false).recipients;
    let is_to_recipient = match to.as_slice() {
        [one] => evidence.recipient.mail() == Some(one),
        [] | [_, ..] => false,
    };
    if !is_to_recipient {
        let to: Vec<String> = to.iter().map(ToString::to_string).collect();
        let said = evidence.recipient.to_string();
        values.differ(name("RawHeader.To"), &said, &to.join(", "));
    }
    let serial = serial_in(header.unwrap_or_default());
    let said = evidence.serial.to_string();
    if serial != said {
        values.differ(name(&format!("RawHeader.{SERIAL_FIELD}")), &said, &serial);
    }
}

/// Whether a subject was sent, at its whole length or cut. White space around encoded words is the
/// writer's.
fn is_subject(said: &str, sent: &str) -> bool {
    let bare = |text: &str| -> String { text.split_whitespace().collect() };
    let (said, sent) = (bare(said), bare(sent));
    said == sent
        || sent
            .strip_suffix(SUBJECT_END)
            .is_some_and(|start| said.starts_with(start))
}

fn serial_in(header: &[u8]) -> String {
    let header = String::from_utf8_lossy(header);
    let value = header.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case(SERIAL_FIELD)
            .then(|| value.trim())
    });
    value.unwrap_or_default().to_owned()
}

fn names(changes: &[DeliveryChange]) -> String {
    let names: Vec<&str> = changes.iter().map(|change| change.name()).collect();
    names.join(", ")
}

/// What is missing, by its name in `evidence.json`.
fn words(missing: Missing) -> &'static str {
    match missing {
        Missing::Text => "UserContentInfo.BodyText",
        Missing::Html => "UserContentInfo.HTML",
        Missing::File => "Attachments",
        Missing::Message => "message.eml",
    }
}
