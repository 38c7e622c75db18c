//! Every value of the evidence that follows from the embedded mails and the providers' records,
//! read again by the readers that the service uses ([`readers::reread`]), and compared. What only
//! the operator says is listed.
//!
//! A difference under the same version of the readers is an alteration. Under another version the
//! readers may have been mended since, and it is told; what follows from bytes alone differs under
//! no version.

use certificate::{SenderClaim, VersionedRecord, other_mail_name};
use domain::Sha256Digest;
use mail::ParsedMail;
use readers::{Basis, EmbeddedMail, EmbeddedMails, READER_VERSION, Standing, Value, reread};

use crate::embedded::EmbeddedFile;
use crate::pages::content;
use crate::report::{Check, Finding, Report};
use crate::senders;

/// Most differences that are told; all of them are among the values of the report.
const DIFFERENCES_TOLD_MAX: usize = 40;

/// Checks the mails: the signatures of their senders, and what the evidence says of them. Each mail
/// is parsed once.
pub(crate) fn check(files: &[EmbeddedFile<'_>], record: &VersionedRecord, report: &mut Report) {
    report.made(Check::Senders);
    let original = Mail::read(files, record, "original.eml", Some("body.html"));
    let answer = Mail::read(files, record, "answer.eml", Some("answer.html"));
    for claim in record.claims() {
        let mails = [&original, &answer].into_iter().flatten();
        for mail in mails.filter(|mail| mail.name == claim.file) {
            check_senders(mail, &claim, report);
        }
    }
    let delivered = Mail::read(files, record, "delivered.eml", None);
    let others =
        (1..).map_while(|number| Mail::read(files, record, &other_mail_name(number), None));
    let others: Vec<Mail<'_>> = others.collect();
    let others: Vec<EmbeddedMail<'_>> = others.iter().map(Mail::embedded).collect();
    let mails = EmbeddedMails {
        original: original.as_ref().map(Mail::embedded),
        delivered: delivered.as_ref().map(Mail::embedded),
        answer: answer.as_ref().map(Mail::embedded),
        others: &others,
    };
    let evidence = record.evidence();
    report.made(Check::Values);
    let values = reread(evidence, &mails);
    tell(&values, evidence.reader_version, report);
    report.facts.values = values;
}

fn check_senders(mail: &Mail<'_>, claim: &SenderClaim<'_>, report: &mut Report) {
    senders::check(&mail.parsed, claim, report);
}

/// A file of the certificate that is a mail.
struct Mail<'f> {
    name: String,
    raw: &'f [u8],
    parsed: ParsedMail<'f>,
    digest: Sha256Digest,
    html: Option<&'f [u8]>,
}

impl<'f> Mail<'f> {
    /// Its digest is that of the list of files, with which the file itself is compared elsewhere.
    fn read(
        files: &'f [EmbeddedFile<'_>],
        record: &VersionedRecord,
        name: &str,
        html: Option<&str>,
    ) -> Option<Self> {
        let raw = content(files, name)?;
        let row = record.files().iter().find(|row| row.name == name)?;
        Some(Self {
            name: name.to_owned(),
            raw,
            parsed: ParsedMail::parse(raw),
            digest: row.digest,
            html: html.and_then(|html| content(files, html)),
        })
    }

    fn embedded(&self) -> EmbeddedMail<'_> {
        EmbeddedMail {
            raw: self.raw,
            parsed: &self.parsed,
            digest: self.digest,
            html: self.html,
        }
    }
}

fn tell(values: &[Value], version: u32, report: &mut Report) {
    let differences = values.iter().filter_map(|value| match &value.standing {
        Standing::Differs(difference) => Some((&value.name, difference)),
        Standing::Recomputed | Standing::OperatorsWord => None,
    });
    // What follows from bytes first: it may be the worse finding.
    let mut differences: Vec<_> = differences.collect();
    differences.sort_by_key(|(_, difference)| difference.basis != Basis::Bytes);
    for (name, difference) in differences.into_iter().take(DIFFERENCES_TOLD_MAX) {
        let (name, said, found) = (
            name.clone(),
            difference.said.clone(),
            difference.found.clone(),
        );
        let finding = match difference.basis {
            Basis::Reader if version != READER_VERSION => Finding::ValueReadOtherwise {
                name,
                said,
                found,
                version,
            },
            Basis::Reader | Basis::Bytes => Finding::ValueDiffers { name, said, found },
        };
        report.find(Check::Values, finding);
    }
}
