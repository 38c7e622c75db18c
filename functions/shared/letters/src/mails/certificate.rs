//! The certificate of a registered mail, for its sender (I-035).

use domain::{EmailAddress, Outcome, Recipient, Serial};

use super::Letterhead;
use super::footer::footer;
use super::notice::{address, shown, written};
use super::writer::{Writer, boundary};
use crate::template::{Template, fill};
use crate::words::{outcome_in_brief, outcome_words};

pub(super) const TEXT: &str = include_str!("certificate.txt");

/// A copy of a certificate.
#[derive(Debug, Clone, Copy)]
pub struct CertificateCopy<'a> {
    /// Who gets the copy: the registered sender.
    pub to: &'a EmailAddress,
    /// The company of the account, for the salutation.
    pub account: &'a str,
    /// The dispatch's serial.
    pub serial: &'a Serial,
    /// The recipient of the certified mail.
    pub recipient: &'a Recipient,
    /// Its subject.
    pub subject: &'a str,
    /// Its outcome.
    pub outcome: Outcome,
    /// The certificate, attached byte for byte (I-054).
    pub pdf: &'a [u8],
}

/// A certificate by mail (I-035): the outcome in honest words, how to check the signature
/// (I-048), the certificate attached byte for byte.
#[must_use]
pub fn certificate_copy(letterhead: &Letterhead<'_>, copy: &CertificateCopy<'_>) -> Vec<u8> {
    let mut writer = Writer::begin_with_file(letterhead, "certificate", copy.pdf);
    address(&mut writer, letterhead, copy.to);
    let serial = copy.serial.to_string();
    let outcome = outcome_words(copy.outcome);
    let brief = outcome_in_brief(copy.outcome);
    let values = [
        ("account", copy.account),
        ("serial", &serial),
        ("recipient", &written(copy.recipient)),
        ("subject", &shown(copy.subject)),
        ("outcome_japanese", outcome.japanese),
        ("outcome_english", outcome.english),
        ("brief_japanese", brief.japanese),
        ("brief_english", brief.english),
        ("operator", &letterhead.operator.name),
    ];
    let template = Template::read(TEXT, letterhead.language);
    writer.subject(&fill(&template.subject, &values));
    let text = fill(&template.text, &values);
    write_with_certificate(writer, letterhead, &text, &serial, copy.pdf)
}

/// The fields that mails with certificates share, a text and the file.
pub(super) fn write_with_certificate(
    mut writer: Writer,
    letterhead: &Letterhead<'_>,
    text: &str,
    serial: &str,
    pdf: &[u8],
) -> Vec<u8> {
    writer.field("Auto-Submitted", "auto-generated");
    writer.field("X-Akashi-Serial", serial);
    writer.field("MIME-Version", "1.0");
    let boundary = boundary(letterhead, b"");
    writer.field(
        "Content-Type",
        &format!("multipart/mixed;\r\n boundary=\"{boundary}\""),
    );
    writer.text(&format!("\r\n--{boundary}\r\n"));
    writer.text_part(&format!("{text}{}", footer(letterhead.operator)));
    writer.text(&format!("--{boundary}\r\n"));
    writer.field(
        "Content-Type",
        &format!("application/pdf; name=\"{serial}.pdf\""),
    );
    let disposition = format!("attachment; filename=\"{serial}.pdf\"");
    writer.field("Content-Disposition", &disposition);
    writer.text("Content-Transfer-Encoding: base64\r\n\r\n");
    writer.base64(pdf);
    writer.text(&format!("--{boundary}--\r\n"));
    writer.finish()
}
