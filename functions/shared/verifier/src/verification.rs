//! One verification, and the threads that work on it.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use certificate::VersionedRecord;
use pades::inspect::{DocumentSignature, InspectedToken, Inspector};
use paper::FontSet;
use sha2::{Digest, Sha256};

use crate::byte_range::{Covered, Digests};
use crate::changes::{self, Layers};
use crate::clocks::Judge;
use crate::company::Hosts;
use crate::embedded::{self, EmbeddedFile};
use crate::limits::{FILE_BYTES_MAX, budget_of_signatures};
use crate::object::Deviation;
use crate::reader::Reader;
use crate::report::{Check, Finding, Report};
use crate::revisions::File;
use crate::revocation::ValidationData;
use crate::work::Work;
use crate::{company, pages, recompute, signer, times};

/// Gives the fonts when the first page is to be made; `None` where there are none.
pub type LoadFonts<'a> = &'a (dyn Fn() -> Option<&'a FontSet> + Sync);

/// A file that was opened, and the checks that are still to be made. A program with threads lets
/// several of them [`Verification::work`]; the report is the same.
pub struct Verification<'a> {
    pdf: &'a [u8],
    reader: Reader<'a>,
    load_fonts: Option<LoadFonts<'a>>,
    opened: Option<Opened<'a>>,
    digests: OnceLock<Digests<'a>>,
    progress: Mutex<Progress>,
    /// Told when it is known whether the signer is trusted.
    is_settled: Condvar,
    report: Mutex<Report>,
}

/// Which checks nobody has begun.
struct Progress {
    first: Vec<Part>,
    behind: Vec<Part>,
    signer: Signer,
}

/// What is known of the signer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signer {
    /// Nobody has looked yet, or somebody is just looking.
    Unknown,
    /// What is dear may be done.
    Trusted,
    /// It may not.
    Refused,
}

/// What was read of a file whose revisions are as the service makes them.
struct Opened<'a> {
    file: File<'a>,
    layers: Layers,
    data: ValidationData,
    content: Option<Content<'a>>,
}

/// The embedded files, and what the certificate says.
struct Content<'a> {
    files: Vec<EmbeddedFile<'a>>,
    record: VersionedRecord,
}

/// What one thread does alone.
#[derive(Clone, Copy)]
enum Part {
    /// The signature, the timestamps and their certificates, with the digests.
    Signature,
    /// The embedded files against the evidence.
    Files,
    /// The signatures of the senders, and what is said of the mails.
    Mails,
    /// The pages, made again.
    Pages,
}

/// What costs as much as the file is large, whoever signed it; from the back.
const FIRST: [Part; 2] = [Part::Files, Part::Signature];
/// What may cost far more, and is done for a signer who is trusted; from the back.
const BEHIND: [Part; 2] = [Part::Mails, Part::Pages];

impl<'a> Verification<'a> {
    /// Reads what all checks need.
    #[must_use]
    pub fn open(pdf: &'a [u8], reader: Reader<'a>) -> Self {
        let mut report = Report::new();
        report.facts.file_bytes = pdf.len();
        let opened = open(pdf, &mut report);
        Self {
            pdf,
            reader,
            load_fonts: None,
            opened,
            digests: OnceLock::new(),
            progress: Mutex::new(Progress {
                first: FIRST.to_vec(),
                behind: BEHIND.to_vec(),
                signer: Signer::Unknown,
            }),
            is_settled: Condvar::new(),
            report: Mutex::new(report),
        }
    }

    /// Takes the fonts from there and not from the reader: they need not be loaded before all that
    /// comes before the pages.
    #[must_use]
    pub fn with_fonts_from(self, load: LoadFonts<'a>) -> Self {
        Self {
            load_fonts: Some(load),
            ..self
        }
    }

    /// Makes checks until none is left that nobody has begun.
    pub fn work(&self) {
        while let Some(opened) = &self.opened
            && let Some(part) = self.next_part()
        {
            let settling = match part {
                Part::Signature => Some(Settling(self)),
                Part::Files | Part::Mails | Part::Pages => None,
            };
            let mut report = Report::new();
            self.check(part, opened, &mut report);
            if settling.is_some() && !report.is_refused() {
                self.progress().signer = Signer::Trusted;
            }
            drop(settling);
            let mut whole = self.report.lock().unwrap_or_else(PoisonError::into_inner);
            whole.join(report);
        }
    }

    /// Makes the checks that are left. A check that a thread began and did not finish was not
    /// made, and the verdict says so.
    #[must_use]
    pub fn finish(self) -> Report {
        self.work();
        let file_digest = self.digests().of_file();
        let memory = self.opened.as_ref().map(|opened| opened.file.work());
        let report = self.report.into_inner();
        let mut report = report.unwrap_or_else(PoisonError::into_inner);
        report.facts.file_digest = file_digest;
        for (work, amount) in memory.into_iter().flatten() {
            report.spent(work, u64::try_from(amount).unwrap_or(u64::MAX));
        }
        report
    }

    fn digests(&self) -> &Digests<'a> {
        self.digests.get_or_init(|| Digests::new(self.pdf))
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits where it is not known yet whether there will be more to do.
    fn next_part(&self) -> Option<Part> {
        let mut progress = self.progress();
        if let Some(part) = progress.first.pop() {
            return Some(part);
        }
        let is_unknown = |progress: &mut Progress| progress.signer == Signer::Unknown;
        let settled = self.is_settled.wait_while(progress, is_unknown);
        settled.unwrap_or_else(PoisonError::into_inner).behind.pop()
    }

    fn check(&self, part: Part, opened: &Opened<'_>, report: &mut Report) {
        let is_trusted = self.progress().signer == Signer::Trusted;
        match (part, opened.content.as_ref()) {
            (Part::Signature, _) => {
                check_signature(opened, self.digests(), &self.reader, report);
            }
            (Part::Files, Some(Content { files, record })) => {
                pages::check_files(files, record, report);
            }
            (Part::Mails, Some(_)) if !is_trusted => {
                for check in [Check::Senders, Check::Values] {
                    report.find(check, Finding::NotMade(check));
                }
            }
            (Part::Pages, Some(_)) if !is_trusted => {
                report.find(Check::Pages, Finding::NotMade(Check::Pages));
            }
            (Part::Mails, Some(Content { files, record })) => {
                recompute::check(files, record, report);
            }
            (Part::Pages, Some(Content { files, record })) => {
                let draft = opened.file.revisions.first();
                let draft = draft.map(|revision| opened.file.bytes(&revision.span));
                let draft = draft.unwrap_or_default();
                let fonts = match self.load_fonts {
                    Some(load) => load(),
                    None => self.reader.fonts,
                };
                pages::check(draft, files, record, fonts, report);
            }
            (Part::Files | Part::Mails | Part::Pages, None) => {}
        }
    }
}

/// While this lives the signature is looked at. Whatever ends that, nobody waits any longer.
struct Settling<'v, 'a>(&'v Verification<'a>);

impl Drop for Settling<'_, '_> {
    fn drop(&mut self) {
        let mut progress = self.0.progress();
        if progress.signer == Signer::Unknown {
            progress.signer = Signer::Refused;
        }
        self.0.is_settled.notify_all();
    }
}

/// What a deviation is: work that ran out, or what it is otherwise.
fn finding(deviation: Deviation, otherwise: fn(Deviation) -> Finding) -> Finding {
    match deviation.work() {
        Some(work) => Finding::TooMuchWork(work),
        None => otherwise(deviation),
    }
}

fn open<'a>(pdf: &'a [u8], report: &mut Report) -> Option<Opened<'a>> {
    let (file, layers) = read_file(pdf, report)?;
    let data = match layers.validation.as_ref() {
        None => ValidationData::default(),
        Some(validation) => ValidationData::read(&file, validation).unwrap_or_else(|deviation| {
            report.find(Check::Revocation, Finding::Change(deviation));
            ValidationData::default()
        }),
    };
    let content = read_content(&file, report);
    Some(Opened {
        file,
        layers,
        data,
        content,
    })
}

fn read_file<'a>(pdf: &'a [u8], report: &mut Report) -> Option<(File<'a>, Layers)> {
    let refusal = if !pdf.starts_with(b"%PDF-") {
        Some(Finding::NotAPdf)
    } else if pdf.len() > FILE_BYTES_MAX {
        Some(Finding::TooLarge)
    } else {
        None
    };
    report.made(Check::Structure);
    if let Some(refusal) = refusal {
        report.find(Check::Structure, refusal);
        return None;
    }
    let file = File::read(pdf)
        .map_err(|deviation| report.find(Check::Structure, finding(deviation, Finding::Structure)));
    let file = file.ok()?;
    report.made(Check::Changes);
    // What takes too much memory seems to be missing, which is not what is wrong.
    let layers = changes::read(&file);
    let layers = file
        .check_memory()
        .and(layers)
        .map_err(|deviation| report.find(Check::Changes, finding(deviation, Finding::Change)));
    Some((file, layers.ok()?))
}

/// The embedded files, and what the certificate says.
fn read_content<'a>(file: &File<'a>, report: &mut Report) -> Option<Content<'a>> {
    let files = embedded::read(file);
    let files = match file.check_memory().and(files) {
        Ok(files) => files,
        Err(deviation) => {
            report.made(Check::EmbeddedFiles);
            report.find(Check::EmbeddedFiles, finding(deviation, Finding::Files));
            return None;
        }
    };
    let name_and_size = |file: &EmbeddedFile<'_>| (file.name.clone(), file.bytes.len());
    report.facts.files = files.iter().map(name_and_size).collect();
    let record = pages::evidence(&files, report)?;
    Some(Content { files, record })
}

fn check_signature(
    opened: &Opened<'_>,
    digests: &Digests<'_>,
    reader: &Reader<'_>,
    report: &mut Report,
) {
    report.made(Check::Signature);
    let inspector = Inspector::new(budget_of_signatures());
    check_parts_of_signature(opened, digests, &inspector, reader, report);
    let budget = inspector.budget();
    for (of, work) in Work::OF_SIGNATURES {
        if budget.exhausted() == Some(of) {
            report.find(Check::Signature, Finding::TooMuchWork(work));
        }
        let mut spent = budget.spent();
        if let Some((_, amount)) = spent.find(|(spent, _)| *spent == of) {
            report.spent(work, amount);
        }
    }
}

fn check_parts_of_signature(
    opened: &Opened<'_>,
    digests: &Digests<'_>,
    inspector: &Inspector,
    reader: &Reader<'_>,
    report: &mut Report,
) {
    let Opened { layers, data, .. } = opened;
    let record = opened.content.as_ref().map(|content| &content.record);
    let digest = digests.of(&layers.signature);
    let signature = match inspector.signature(&layers.signature.container, &digest) {
        Ok(signature) => signature,
        Err(error) => {
            report.find(Check::Signature, Finding::Signature(error.to_string()));
            return;
        }
    };
    report.facts.signer = Some(signature.chain().subject());
    report.made(Check::Timestamps);
    let tokens = tokens(inspector, &signature, &layers.stamps, digests, report);
    let named: BTreeSet<[u8; 32]> = record.map(named_roots).unwrap_or_default();
    let judge = Judge {
        roots: &reader.trust.timestamps,
        named: &named,
        data,
        inspector,
        at: reader.at,
        last: layers.stamps.len(),
    };
    let proof = judge.judge(&tokens, report);
    let hosts = Hosts {
        chain: signature.chain().certificates(),
        tokens: &tokens,
        roots: &reader.trust.timestamps,
        times: &proof.times,
    };
    company::check(data, &hosts, inspector, report);
    if let Some(record) = record {
        layers.told.check(record, report);
        if let Some(stamped_at) = proof.stamped_at {
            times::check(record.timeline(), layers.told.signed_at, stamped_at, report);
        }
    }
    report.facts.signed_before = proof.existed_at;
    let judge = signer::Judge {
        trust: reader.trust,
        data,
        inspector,
        claim: record.map(VersionedRecord::issuer),
        at: reader.at,
    };
    judge.judge(signature.chain(), &proof, report);
}

/// SHA-256 of the roots of timestamp authorities that the evidence names.
fn named_roots(record: &VersionedRecord) -> BTreeSet<[u8; 32]> {
    let authorities = record.timestamp_authorities().iter();
    let roots = authorities.flat_map(|authority| &authority.roots);
    roots.map(|root| *root.fingerprint.as_bytes()).collect()
}

/// All tokens whose own signatures hold, with their positions.
fn tokens(
    inspector: &Inspector,
    signature: &DocumentSignature,
    stamps: &[Covered],
    digests: &Digests<'_>,
    report: &mut Report,
) -> Vec<(usize, InspectedToken)> {
    let mut tokens = Vec::new();
    let mut take = |position, checked| match checked {
        Ok(token) => tokens.push((position, token)),
        Err(problem) => {
            let problem = format!("{problem}");
            report.find(Check::Timestamps, Finding::Token { position, problem });
        }
    };
    if let Some(token) = signature.token() {
        let imprint = Sha256::digest(signature.value()).into();
        take(0, inspector.token(token, &imprint));
    }
    for (index, stamp) in stamps.iter().enumerate() {
        take(
            index + 1,
            inspector.token(&stamp.container, &digests.of(stamp)),
        );
    }
    if tokens.is_empty() {
        report.find(Check::Timestamps, Finding::NoTimestamp);
    }
    tokens
}
