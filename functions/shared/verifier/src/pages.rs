//! The embedded files and the pages against `evidence.json`: made again from it, the certificate
//! must have the same bytes. So nothing hides in it, and every value on a page is evidence.

use crate::embedded::EmbeddedFile;
use crate::limits::{EMBEDDED_FILES_MAX, limit};
use crate::report::{Check, Finding, Report};
use crate::work::Work;
use certificate::{
    Embedded, EmbeddedMail, Purpose, RebuildError, RecordError, VersionedRecord, other_mail_name,
    rebuild_named,
};
use domain::Sha256Digest;
use paper::FontSet;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Evidence of so many bytes gives no more than a few hundred pages.
const UNCOUNTED_BYTES_MAX: usize = 65_536;
/// The name of the evidence among the embedded files.
const EVIDENCE: &str = "evidence.json";

/// Reads the evidence, if there is any.
pub(crate) fn evidence(files: &[EmbeddedFile<'_>], report: &mut Report) -> Option<VersionedRecord> {
    let Some(json) = content(files, EVIDENCE) else {
        report.find(Check::EmbeddedFiles, Finding::NoEvidence);
        return None;
    };
    match VersionedRecord::from_json(json) {
        Ok(record) => {
            spent(report, Work::EvidenceBytes, json.len());
            report.facts.serial = Some(record.serial().to_string());
            let purpose = record.purpose();
            report.facts.purpose = Some(purpose);
            match purpose {
                Purpose::Evidence => {}
                Purpose::Test => report.find(Check::EmbeddedFiles, Finding::IssuedAsTest),
            }
            Some(record)
        }
        Err(RecordError::TooLarge(bytes)) => {
            spent(report, Work::EvidenceBytes, bytes);
            let finding = Finding::TooMuchWork(Work::EvidenceBytes);
            report.find(Check::EmbeddedFiles, finding);
            None
        }
        Err(RecordError::TooManyValues) => {
            let finding = Finding::TooMuchWork(Work::EvidenceValues);
            report.find(Check::EmbeddedFiles, finding);
            None
        }
        Err(error @ RecordError::Version(_)) => {
            let finding = Finding::UnknownEvidence(error.to_string());
            report.find(Check::EmbeddedFiles, finding);
            None
        }
        Err(error) => {
            let finding = Finding::BrokenEvidence(error.to_string());
            report.find(Check::EmbeddedFiles, finding);
            None
        }
    }
}

fn spent(report: &mut Report, work: Work, amount: usize) {
    report.spent(work, u64::try_from(amount).unwrap_or(u64::MAX));
}

/// Compares names, sizes and digests. Each file is hashed once, however often the evidence names
/// it, and of rows that name no file as many are told as there may be files.
pub(crate) fn check_files(
    files: &[EmbeddedFile<'_>],
    record: &VersionedRecord,
    report: &mut Report,
) {
    report.made(Check::EmbeddedFiles);
    let mut find = |finding| report.find(Check::EmbeddedFiles, finding);
    let mut digests: BTreeMap<&str, Sha256Digest> = BTreeMap::new();
    for row in record.files().iter().take(EMBEDDED_FILES_MAX) {
        match content(files, &row.name) {
            None => find(Finding::FileMissing(row.name.clone())),
            Some(bytes) => {
                let digest = digests
                    .entry(&row.name)
                    .or_insert_with(|| Sha256Digest::new(Sha256::digest(bytes).into()));
                if u64::try_from(bytes.len()) != Ok(row.size_bytes) || *digest != row.digest {
                    find(Finding::FileDiffers(row.name.clone()));
                }
            }
        }
    }
    // There cannot be so many, so it is missing.
    if let Some(row) = record.files().get(EMBEDDED_FILES_MAX) {
        find(Finding::FileMissing(row.name.clone()));
    }
    let is_named =
        |name: &str| name == EVIDENCE || record.files().iter().any(|row| row.name == name);
    for file in files.iter().filter(|file| !is_named(&file.name)) {
        find(Finding::FileUnknown(file.name.clone()));
    }
}

/// Makes the certificate again and compares it with the first revision. That the embedded mails are
/// those that the evidence names is for [`check_files`] to say.
pub(crate) fn check(
    draft: &[u8],
    files: &[EmbeddedFile<'_>],
    record: &VersionedRecord,
    fonts: Option<&FontSet>,
    report: &mut Report,
) {
    report.made(Check::Pages);
    let finding = if !record.has_template() {
        Some(Finding::OtherTemplate(record.template_version().to_owned()))
    } else if let Some(fonts) = fonts {
        let characters = characters(files, record, fonts);
        spent(report, Work::Characters, characters);
        if characters > limit(Work::Characters) {
            Some(Finding::TooMuchWork(Work::Characters))
        } else {
            difference(draft, files, record, fonts)
        }
    } else {
        Some(Finding::NoFonts)
    };
    if let Some(finding) = finding {
        report.find(Check::Pages, finding);
    }
}

/// How much would be set on the pages. To compose them only for that costs a tenth of making them:
/// where the evidence is short, its length says that there is nothing to count.
fn characters(files: &[EmbeddedFile<'_>], record: &VersionedRecord, fonts: &FontSet) -> usize {
    let bytes = content(files, EVIDENCE).map_or(0, <[u8]>::len);
    if bytes <= UNCOUNTED_BYTES_MAX {
        bytes
    } else {
        record.characters(fonts)
    }
}

fn difference(
    draft: &[u8],
    files: &[EmbeddedFile<'_>],
    record: &VersionedRecord,
    fonts: &FontSet,
) -> Option<Finding> {
    let mail = |eml: &str, html: &str| {
        content(files, eml).map(|eml| EmbeddedMail {
            eml,
            html_part: content(files, html),
        })
    };
    let others: Vec<&[u8]> = (1..)
        .map_while(|number| content(files, &other_mail_name(number)))
        .collect();
    let embedded = Embedded {
        original: mail("original.eml", "body.html"),
        delivered: content(files, "delivered.eml"),
        answer: mail("answer.eml", "answer.html"),
        others: &others,
    };
    match rebuild_named(record, content(files, EVIDENCE)?, embedded, fonts) {
        Ok(again) => again
            .first_difference(draft)
            .map(|same| Finding::PagesDiffer(format!("from byte {same} on"))),
        Err(RebuildError::Template(version)) => Some(Finding::OtherTemplate(version)),
        Err(error) => Some(Finding::PagesDiffer(error.to_string())),
    }
}

/// The bytes of the file of a name.
pub(crate) fn content<'f>(files: &'f [EmbeddedFile<'_>], name: &str) -> Option<&'f [u8]> {
    let file = files.iter().find(|file| file.name == name);
    file.map(|file| &*file.bytes)
}
