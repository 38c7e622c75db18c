//! The embedded files and the pages against `evidence.json`: made again from it, the certificate
//! must have the same bytes. So nothing hides in it, and every value on a page is evidence.

use crate::embedded::EmbeddedFile;
use crate::report::{Check, Finding, Report};
use certificate::{
    Embedded, EmbeddedMail, FontSet, Hashed, RebuildError, Record, RecordError, TEMPLATE_VERSION,
    rebuild_hashed,
};

/// The name of the evidence among the embedded files.
const EVIDENCE: &str = "evidence.json";

/// Reads the evidence, if there is any.
pub(crate) fn evidence(files: &[EmbeddedFile<'_>], report: &mut Report) -> Option<Record> {
    let Some(json) = content(files, EVIDENCE) else {
        report.find(Check::EmbeddedFiles, Finding::NoEvidence);
        return None;
    };
    report.made(Check::EmbeddedFiles);
    match Record::from_json(json) {
        Ok(record) => {
            report.facts.serial = Some(record.evidence.serial.to_string());
            Some(record)
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

/// Compares names, sizes and digests; gives what was hashed, in the order of `files`.
pub(crate) fn check_files<'f>(
    files: &'f [EmbeddedFile<'_>],
    record: &Record,
    report: &mut Report,
) -> Vec<Hashed<'f>> {
    let hashed: Vec<Hashed<'f>> = files.iter().map(|file| Hashed::of(&file.bytes)).collect();
    let mut find = |finding| report.find(Check::EmbeddedFiles, finding);
    for row in &record.files {
        let mut pairs = files.iter().zip(&hashed);
        match pairs.find(|(file, _)| file.name == row.name) {
            None => find(Finding::FileMissing(row.name.clone())),
            Some((file, hashed)) => {
                let size = u64::try_from(file.bytes.len());
                if size != Ok(row.size_bytes) || hashed.digest() != row.digest {
                    find(Finding::FileDiffers(row.name.clone()));
                }
            }
        }
    }
    let is_named = |name: &str| name == EVIDENCE || record.files.iter().any(|row| row.name == name);
    for file in files.iter().filter(|file| !is_named(&file.name)) {
        find(Finding::FileUnknown(file.name.clone()));
    }
    hashed
}

/// Makes the certificate again and compares it with the first revision.
pub(crate) fn check(
    draft: &[u8],
    (files, hashed): (&[EmbeddedFile<'_>], &[Hashed<'_>]),
    record: &Record,
    fonts: Option<&FontSet>,
    report: &mut Report,
) {
    report.made(Check::Pages);
    let finding = if record.template_version != TEMPLATE_VERSION {
        Some(Finding::OtherTemplate(record.template_version.clone()))
    } else if let Some(fonts) = fonts {
        difference(draft, (files, hashed), record, fonts)
    } else {
        Some(Finding::NoFonts)
    };
    if let Some(finding) = finding {
        report.find(Check::Pages, finding);
    }
}

fn difference(
    draft: &[u8],
    (files, hashed): (&[EmbeddedFile<'_>], &[Hashed<'_>]),
    record: &Record,
    fonts: &FontSet,
) -> Option<Finding> {
    let mail = |eml: &str, html: &str| {
        content(files, eml).map(|eml| EmbeddedMail {
            eml,
            html_part: content(files, html),
        })
    };
    let embedded = Embedded {
        original: mail("original.eml", "body.html"),
        answer: mail("answer.eml", "answer.html"),
    };
    match rebuild_hashed(record, content(files, EVIDENCE)?, embedded, hashed, fonts) {
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
