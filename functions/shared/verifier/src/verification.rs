//! One verification, and the threads that work on it.

use std::sync::{Mutex, OnceLock, PoisonError};

use certificate::VersionedRecord;
use pades::inspect::{DocumentSignature, InspectedToken, Inspector};
use sha2::{Digest, Sha256};

use crate::byte_range::{Covered, Digests};
use crate::changes::{self, Layers};
use crate::clocks::Judge;
use crate::embedded::{self, EmbeddedFile};
use crate::limits::FILE_BYTES_MAX;
use crate::reader::Reader;
use crate::report::{Check, Finding, Report};
use crate::revisions::File;
use crate::revocation::ValidationData;
use crate::{company, pages, senders, signer, times};

/// A file that was opened, and the checks that are still to be made. A program with threads lets
/// several of them [`Verification::work`]; the report is the same.
pub struct Verification<'a> {
    pdf: &'a [u8],
    reader: Reader<'a>,
    opened: Option<Opened<'a>>,
    digests: OnceLock<Digests<'a>>,
    parts_left: Mutex<Vec<Part>>,
    report: Mutex<Report>,
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
    /// The signatures of the senders.
    Senders,
    /// The digests of the file and of what is signed.
    Digests,
    /// The pages, made again.
    Pages,
}

/// From the back, the longest first: so the threads are done at about the same time.
const PARTS: [Part; 5] = [
    Part::Signature,
    Part::Files,
    Part::Senders,
    Part::Digests,
    Part::Pages,
];

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
            opened,
            digests: OnceLock::new(),
            parts_left: Mutex::new(PARTS.to_vec()),
            report: Mutex::new(report),
        }
    }

    /// Makes checks until none is left that nobody has begun.
    pub fn work(&self) {
        while let Some(opened) = &self.opened
            && let Some(part) = self.next_part()
        {
            let mut report = Report::new();
            self.check(part, opened, &mut report);
            let mut whole = self.report.lock().unwrap_or_else(PoisonError::into_inner);
            whole.join(report);
        }
    }

    /// Makes the checks that are left. A check that a thread began and did not finish was not
    /// made, and the verdict says so.
    #[must_use]
    pub fn finish(self) -> Report {
        self.work();
        let file_digest = match &self.opened {
            Some(opened) => self.digests(opened).of_file(),
            None => Sha256::digest(self.pdf).into(),
        };
        let report = self.report.into_inner();
        let mut report = report.unwrap_or_else(PoisonError::into_inner);
        report.facts.file_digest = file_digest;
        report
    }

    /// Found by whoever needs them first.
    fn digests(&self, opened: &Opened<'_>) -> &Digests<'a> {
        let read = || Digests::new(self.pdf, opened.layers.signature.gap.start);
        self.digests.get_or_init(read)
    }

    fn next_part(&self) -> Option<Part> {
        let parts = self.parts_left.lock();
        parts.unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn check(&self, part: Part, opened: &Opened<'_>, report: &mut Report) {
        let content = opened.content.as_ref();
        match (part, content) {
            (Part::Digests, _) => {
                self.digests(opened);
            }
            (Part::Signature, _) => {
                check_signature(opened, self.digests(opened), &self.reader, report);
            }
            (Part::Files, Some(Content { files, record })) => {
                pages::check_files(files, record, report);
            }
            (Part::Senders, Some(Content { files, record })) => {
                senders::check(files, record, report);
            }
            (Part::Pages, Some(Content { files, record })) => {
                let draft = opened.file.revisions.first();
                let draft = draft.map(|revision| opened.file.bytes(&revision.span));
                let draft = draft.unwrap_or_default();
                pages::check(draft, files, record, self.reader.fonts, report);
            }
            (Part::Files | Part::Senders | Part::Pages, None) => {}
        }
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
        .map_err(|deviation| report.find(Check::Structure, Finding::Structure(deviation)));
    let file = file.ok()?;
    report.made(Check::Changes);
    let layers = changes::read(&file)
        .map_err(|deviation| report.find(Check::Changes, Finding::Change(deviation)));
    Some((file, layers.ok()?))
}

/// The embedded files, and what the certificate says.
fn read_content<'a>(file: &File<'a>, report: &mut Report) -> Option<Content<'a>> {
    let files = match embedded::read(file) {
        Ok(files) => files,
        Err(deviation) => {
            report.made(Check::EmbeddedFiles);
            report.find(Check::EmbeddedFiles, Finding::Files(deviation));
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
    let (layers, data) = (&opened.layers, &opened.data);
    let record = opened.content.as_ref().map(|content| &content.record);
    report.made(Check::Signature);
    let digest = digests.of(&layers.signature);
    let inspector = Inspector::default();
    let signature = match inspector.signature(&layers.signature.container, &digest) {
        Ok(signature) => signature,
        Err(error) => {
            report.find(Check::Signature, Finding::Signature(error.to_string()));
            return;
        }
    };
    report.facts.signer = Some(signature.chain().subject());
    report.made(Check::Timestamps);
    let tokens = tokens(&inspector, &signature, &layers.stamps, digests, report);
    let named: Vec<[u8; 32]> = record.map(named_roots).unwrap_or_default();
    let judge = Judge {
        roots: &reader.trust.timestamps,
        named: &named,
        data,
        inspector: &inspector,
        at: reader.at,
        last: layers.stamps.len(),
    };
    let proof = judge.judge(&tokens, report);
    let trusted = reader.trust.timestamps.iter();
    let known: Vec<_> = signature
        .chain()
        .certificates()
        .iter()
        .chain(trusted)
        .collect();
    company::check(data, &known, &tokens, &proof.times, &inspector, report);
    if let Some(record) = record {
        layers.told.check(record, report);
        if let Some(stamped_at) = proof.stamped_at {
            times::check(record.timeline(), layers.told.signed_at, stamped_at, report);
        }
    }
    report.facts.signed_before = proof.existed_at;
    let trusted = (&reader.trust.signers[..], data, &inspector);
    signer::check(signature.chain(), &proof, trusted, reader.at, report);
}

/// SHA-256 of the roots of timestamp authorities that the evidence names.
fn named_roots(record: &VersionedRecord) -> Vec<[u8; 32]> {
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
