//! The senders' DKIM signatures, verified again with the keys that the evidence keeps: the
//! domain's DNS is not asked, so this works when the keys are long gone.

use crate::embedded::EmbeddedFile;
use crate::pages::content;
use crate::report::{Check, Finding, Report};
use certificate::{Authentication, Record};
use domain::EmailAddress;
use jiff::Timestamp;
use mail::ParsedMail;
use mail::dkim::{DnsAnswers, SignatureResult, TxtAnswer, verify};

/// How the evidence calls a signature that holds.
const PASS: &str = "pass";
/// How it begins to speak of a signature whose key could not be had.
const NO_ANSWER: &str = "not verified";

/// Checks the sender's message, and the answer if it was a mail.
pub(crate) fn check(files: &[EmbeddedFile<'_>], record: &Record, report: &mut Report) {
    report.made(Check::Senders);
    let evidence = &record.evidence;
    if let Some(original) = content(files, "original.eml") {
        let at = evidence.accepted_at;
        check_mail(
            original,
            &evidence.sender.address,
            &evidence.authentication,
            at,
            report,
        );
    }
}

fn check_mail(
    message: &[u8],
    from: &EmailAddress,
    said: &Authentication,
    received_at: Timestamp,
    report: &mut Report,
) {
    let mut answers = DnsAnswers::default();
    for row in &said.signatures {
        let answer = if !row.dns_records.is_empty() {
            TxtAnswer::Found(row.dns_records.clone())
        } else if row.result.starts_with(NO_ANSWER) {
            TxtAnswer::Failed(String::new())
        } else {
            TxtAnswer::NotFound
        };
        answers.0.insert(row.dns_name.clone(), answer);
    }
    let at = said
        .signatures
        .first()
        .map_or(received_at, |row| row.looked_up_at);
    let mail = ParsedMail::parse(message);
    let found = verify(mail.sent_bytes(), from, &answers, at);
    if found.signatures.len() != said.signatures.len() || found.relied_on != said.relied_on {
        report.find(Check::Senders, Finding::SendersDiffer);
    }
    for (row, signature) in said.signatures.iter().zip(&found.signatures) {
        let holds = signature.result == SignatureResult::Pass;
        let is_same = row.domain == signature.domain
            && row.selector == signature.selector
            && (row.result == PASS) == holds;
        if !is_same {
            let finding = Finding::SenderDiffers {
                domain: row.domain.clone(),
                said: row.result.clone(),
                found: format!("{:?}", signature.result),
            };
            report.find(Check::Senders, finding);
        }
    }
}
