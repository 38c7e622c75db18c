//! The sender's message.

use certificate::{AttachmentRow, Evidence, Message, Origin, ProductEvidence};
use domain::{EmailAddress, MailDomain, Recipient, ServedCountries};
use mail::{ParsedMail, read_destinations};

use super::values::Values;
use super::{EmbeddedMail, EmbeddedMails, place_of};
use crate::message::{attachments, kept_subject, with_digest};

/// Compares what is said of `original.eml`.
pub(super) fn compare(evidence: &Evidence, mails: &EmbeddedMails<'_>, values: &mut Values) {
    let place = place_of(&evidence.product);
    let message = format!("{place}.UserContentInfo");
    let (said, rows) = match &evidence.product {
        ProductEvidence::Mail(mail) => (&mail.message, &mail.attachments),
        ProductEvidence::Contract(contract) => (&contract.message, &contract.attachments),
        ProductEvidence::Addendum(_) => {
            for name in [&message, &format!("{place}.Main")] {
                values.word(name);
            }
            for name in [
                "Origin.Mail.SenderDetails",
                "RecipientDetails",
                "CheckAddress",
            ] {
                values.word(name);
            }
            return;
        }
    };
    let Some(original) = &mails.original else {
        values.differ(message, "original.eml", "-");
        return;
    };
    let mail = original.parsed;
    compare_sender(evidence, mail, values);
    let addressed = Addressed::read(evidence, mail);
    compare_message(&message, said, original, &addressed.subject, values);
    compare_attachments(place, rows, mail, values);
    let is_named = addressed.recipients.contains(&evidence.recipient);
    if is_named {
        values.recomputed("RecipientDetails");
    } else {
        let named: Vec<String> = addressed
            .recipients
            .iter()
            .map(ToString::to_string)
            .collect();
        let said = evidence.recipient.to_string();
        values.differ("RecipientDetails", &said, &named.join("; "));
    }
    // What it ends with; where the pages are is the operator's word.
    let end = format!("/{}#{}", evidence.serial, said.digest);
    if evidence.check_address.ends_with(&end) {
        values.recomputed("CheckAddress");
    } else {
        values.differ("CheckAddress", &evidence.check_address, &end);
    }
}

fn compare_sender(evidence: &Evidence, mail: &ParsedMail<'_>, values: &mut Values) {
    let Origin::Mail(origin) = &evidence.origin;
    let place = "Origin.Mail.SenderDetails";
    let said = Some(origin.sender.address.clone());
    values.same(format!("{place}.Address"), &said, &mail.from());
    let name = format!("{place}.DisplayName");
    values.same(name, &origin.sender.display_name, &mail.from_display_name());
}

/// To whom a message goes, and under which subject.
struct Addressed {
    recipients: Vec<Recipient>,
    subject: String,
}

impl Addressed {
    fn read(evidence: &Evidence, mail: &ParsedMail<'_>) -> Self {
        let domain: Option<MailDomain> = evidence.issuer.service_domain.parse().ok();
        let owns = |address: &EmailAddress| {
            let ours = domain.as_ref().map(MailDomain::as_str);
            ours.is_some_and(|ours| {
                let rest = address.domain().as_str().strip_suffix(ours);
                rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            })
        };
        match &evidence.product {
            ProductEvidence::Contract(_) => {
                let read = read_destinations(&mail.subject(), &every_country(), owns);
                Self {
                    recipients: read.recipients,
                    subject: kept_subject(read.subject),
                }
            }
            ProductEvidence::Mail(_) | ProductEvidence::Addendum(_) => {
                let to = mail.to(owns).recipients.into_iter();
                Self {
                    recipients: to.map(Recipient::Mail).collect(),
                    subject: kept_subject(mail.subject()),
                }
            }
        }
    }
}

/// Which countries are served is the operator's affair: a number of another one would have been
/// refused, and is read as one all the same.
fn every_country() -> ServedCountries {
    "1,2,3,4,5,6,7,8,9".parse().unwrap_or_default()
}

/// Compares what is said of a mail. `subject` is the part of its subject that is one.
pub(super) fn compare_message(
    place: &str,
    said: &Message,
    mail: &EmbeddedMail<'_>,
    subject: &str,
    values: &mut Values,
) {
    let found = with_digest(mail.raw, mail.parsed, mail.digest);
    let name = |field: &str| format!("{place}.{field}");
    values.same_text(name("Subject"), &said.subject, subject);
    values.same(
        name("MessageIdentifier"),
        &said.message_id,
        &found.message_id,
    );
    values.same(name("DateHeader"), &said.date_header, &found.date_header);
    values.same_text(
        name("BodyText"),
        said.body_text.text(),
        found.body_text.text(),
    );
    let (said_size, found_size) = (said.body_text.size_bytes(), found.body_text.size_bytes());
    values.same(name("BodyText.SizeBytes"), &said_size, &found_size);
    values.same(name("BodySource"), &said.body_source, &found.body_source);
    values.same(name("UnshownPart"), &said.unshown_part, &found.unshown_part);
    values.same(name("BodyCharset"), &said.body_charset, &found.body_charset);
    values.same_bytes(name("SizeBytes"), &said.size_bytes, &found.size_bytes);
    values.same_bytes(name("Digest"), &said.digest, &found.digest);
    let header = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if said.raw_header == found.raw_header {
        values.recomputed(name("RawHeader"));
    } else {
        let (said, found) = (header(&said.raw_header), header(&found.raw_header));
        values.differ(name("RawHeader"), &said, &found);
    }
    values.same(name("Damages"), &said.damages, &found.damages);
    let html = mail.parsed.body().html;
    if html.as_deref() == mail.html {
        values.recomputed(name("HTML"));
    } else {
        let size = |bytes: Option<&[u8]>| match bytes {
            Some(bytes) => format!("{} B", bytes.len()),
            None => "-".to_owned(),
        };
        values.differ(name("HTML"), &size(mail.html), &size(html.as_deref()));
    }
}

/// Compares what is said of a mail's other parts.
pub(super) fn compare_attachments(
    place: &str,
    said: &[AttachmentRow],
    mail: &ParsedMail<'_>,
    values: &mut Values,
) {
    let found = attachments(mail);
    if said.len() != found.len() {
        let count = |rows: &[AttachmentRow]| rows.len().to_string();
        values.differ(format!("{place}.Attachments"), &count(said), &count(&found));
    }
    for (number, (said, found)) in said.iter().zip(&found).enumerate() {
        let row = format!("{place}.Attachments[{number}]");
        if said == found {
            values.recomputed(row);
            continue;
        }
        let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let pairs = [
            (
                "NameAsSent",
                text(&said.name_as_sent),
                text(&found.name_as_sent),
            ),
            (
                "EmbeddedName",
                said.embedded_name.clone(),
                found.embedded_name.clone(),
            ),
            (
                "ContentType",
                said.content_type.clone(),
                found.content_type.clone(),
            ),
            ("ContentId", text(&said.content_id), text(&found.content_id)),
            (
                "SizeBytes",
                said.size_bytes.to_string(),
                found.size_bytes.to_string(),
            ),
            ("Digest", said.digest.to_string(), found.digest.to_string()),
            (
                "IsInline",
                said.is_inline.to_string(),
                found.is_inline.to_string(),
            ),
            (
                "Damaged",
                said.damaged.to_string(),
                found.damaged.to_string(),
            ),
        ];
        for (field, said, found) in pairs {
            values.agree(&row, field, &said, &found);
        }
    }
}
