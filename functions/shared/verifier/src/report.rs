//! The verdict, and all that led to it.

use crate::object::Deviation;
use crate::verdict::Verdict;
use crate::work::Work;
use certificate::Purpose;
use jiff::Timestamp;
use readers::Value;
use std::collections::BTreeMap;

/// What is checked, in the order of checking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// Every byte belongs to a revision, and every revision to a known kind.
    Structure,
    /// Nothing changed between revisions but signatures, validation data and timestamps.
    Changes,
    /// The signature covers the whole certificate, and holds.
    Signature,
    /// The signer is an operator whom the reader trusts, and whom the evidence names.
    SignerChain,
    /// At least one trusted timestamp proves when the signature existed.
    Timestamps,
    /// No certificate was revoked when it was used.
    Revocation,
    /// The embedded files are those that the evidence names.
    EmbeddedFiles,
    /// The pages say what the evidence says: made again from it, they are the same bytes.
    Pages,
    /// The DKIM signatures and ARC seals of the message, and of an answer by mail, verify with the
    /// keys that are kept in the evidence.
    Senders,
    /// The values of the evidence are those that the embedded mails and the providers' records give
    /// when they are read again.
    Values,
}

impl Check {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Structure,
        Self::Changes,
        Self::Signature,
        Self::SignerChain,
        Self::Timestamps,
        Self::Revocation,
        Self::EmbeddedFiles,
        Self::Pages,
        Self::Senders,
        Self::Values,
    ];

    /// A stable name for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Structure => "structure",
            Self::Changes => "changes",
            Self::Signature => "signature",
            Self::SignerChain => "signer_chain",
            Self::Timestamps => "timestamps",
            Self::Revocation => "revocation",
            Self::EmbeddedFiles => "embedded_files",
            Self::Pages => "pages",
            Self::Senders => "senders",
            Self::Values => "values",
        }
    }
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckResult {
    /// It was made, and nothing was found.
    Passed,
    /// It was made, and found something.
    Failed,
    /// It could not be made.
    NotPossible,
}

impl CheckResult {
    /// A stable name for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotPossible => "not_possible",
        }
    }
}

/// Something that was found. [`crate::wording`] has the sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The bytes do not begin as a PDF does.
    NotAPdf,
    /// The file is larger than [`crate::FILE_BYTES_MAX`].
    TooLarge,
    /// The file is built in another way than the service builds files.
    Structure(Deviation),
    /// A revision changed what it must not.
    Change(Deviation),
    /// There is more to check than the budget of a verification has.
    TooMuchWork(Work),
    /// A check was not made, because the signature or its time is not to be trusted: what the check
    /// costs is spent on what somebody answers for.
    NotMade(Check),
    /// The signature cannot be read, is not over these bytes, or does not hold.
    Signature(String),
    /// No trusted root is above the signer's certificate. Its own root is named, so that the
    /// reader can compare the fingerprint with one got elsewhere.
    SignerUntrusted {
        /// Subject of the last certificate of the signer's own chain.
        root: String,
        /// SHA-256 of that certificate.
        fingerprint: [u8; 32],
    },
    /// The signer's certificate leads to a trusted root, but the reader knows no operator for whom
    /// it signs: anybody whom that authority has certified could have signed.
    SignerNotNamed {
        /// Its subject.
        subject: String,
        /// SHA-256 of it, to compare with one got elsewhere.
        fingerprint: [u8; 32],
    },
    /// The signer's certificate signs for an operator, but did not when this was signed.
    SignerNotThen {
        /// The operator's name.
        operator: String,
        /// When it was signed.
        at: Timestamp,
    },
    /// A certificate between the signer's and the root is not for that, or the search for a path
    /// was given up.
    SignerPath(String),
    /// Another certificate signed than the evidence names.
    OtherSigner {
        /// SHA-256 of the certificate that the evidence names.
        named: [u8; 32],
        /// SHA-256 of the one that signed.
        found: [u8; 32],
    },
    /// The evidence names another operator than the one for whom the certificate signs.
    OtherOperator {
        /// Whom the evidence names.
        named: String,
        /// For whom it signs, as the reader knows.
        found: String,
    },
    /// The signer's certificates were not valid when the signature was made.
    SignerNotValid(Timestamp),
    /// The signer's certificate, or one above it, was revoked before the signature was made.
    SignerRevoked {
        /// Its subject.
        subject: String,
        /// When it was revoked.
        at: Timestamp,
    },
    /// There is no timestamp at all.
    NoTimestamp,
    /// A token cannot be read, is for other bytes, or its signature does not hold.
    Token {
        /// Zero is the signature's own.
        position: usize,
        /// What is wrong.
        problem: String,
    },
    /// Neither a trusted root nor one that the evidence names is above the token's certificate.
    TokenUntrusted {
        /// Zero is the signature's own.
        position: usize,
        /// Subject of the last certificate on the way up.
        root: String,
        /// SHA-256 of that certificate.
        fingerprint: [u8; 32],
    },
    /// A certificate between the token's and a trusted root is not for that, or the search for a
    /// path was given up.
    TokenPath {
        /// Zero is the signature's own.
        position: usize,
        /// What is wrong.
        problem: String,
    },
    /// An authority stamped that the evidence names, and that the reader does not trust: another
    /// clock counts.
    ClockNotTrusted {
        /// Zero is the signature's own.
        position: usize,
        /// Subject of its root.
        root: String,
        /// SHA-256 of the root.
        fingerprint: [u8; 32],
    },
    /// Only the timestamps at these positions count for this reader, all of one authority.
    ClocksThatCount(Vec<usize>),
    /// The validation data holds a certificate that neither the signer nor a timestamp needs.
    CertificateUnknown(String),
    /// The validation data holds an answer or a list about nobody who signed or stamped.
    RevocationDataUnknown,
    /// The token's certificate was not valid at the token's own time.
    TokenNotValid {
        /// Zero is the signature's own.
        position: usize,
        /// What its clock says.
        time: Timestamp,
    },
    /// The token's authority says that its clock may be off by more than a minute.
    TokenInaccurate {
        /// Zero is the signature's own.
        position: usize,
    },
    /// A timestamp is older than the one that it covers.
    StampsFall {
        /// Of the one that is too old.
        position: usize,
        /// What its clock says.
        time: Timestamp,
        /// What the clock of the one before says.
        before: Timestamp,
    },
    /// The evidence tells of something later than the first timestamp over it.
    EventAfterStamp {
        /// When it is said to have happened.
        at: Timestamp,
        /// What the first timestamp says.
        stamped_at: Timestamp,
    },
    /// The certificate was issued after its first timestamp, or more than two days before.
    IssueOutside {
        /// When it is said to have been issued.
        issued_at: Timestamp,
        /// What the first timestamp says.
        stamped_at: Timestamp,
    },
    /// The signing time in the signature is missing, or not between issue and first timestamp.
    SigningTimeOutside {
        /// When the certificate is said to have been issued.
        issued_at: Timestamp,
        /// What the first timestamp says.
        stamped_at: Timestamp,
    },
    /// An entry of the signature that is for people says something else than the evidence demands.
    SignatureWordsDiffer(&'static str),
    /// The token's certificate had expired before anything newer confirmed it.
    TokenStale {
        /// Zero is the signature's own.
        position: usize,
        /// End of the validity.
        expired_at: Timestamp,
    },
    /// The token's certificate was revoked.
    TokenRevoked {
        /// Zero is the signature's own.
        position: usize,
        /// Whose certificate.
        subject: String,
        /// When it was revoked.
        at: Timestamp,
    },
    /// The token is younger than what confirms it.
    TokenFromTheFuture {
        /// Zero is the signature's own.
        position: usize,
        /// Its time.
        time: Timestamp,
        /// When it must have existed.
        confirmed_at: Timestamp,
    },
    /// Not one timestamp can be trusted.
    NoGoodClock,
    /// There is only one timestamp, or all of them lead to one root.
    OneClock,
    /// Nothing in the file says whether this certificate was revoked.
    NoRevocationData {
        /// Its subject.
        subject: String,
    },
    /// The embedded files cannot be read.
    Files(Deviation),
    /// There is no `evidence.json`: a certificate of an early version.
    NoEvidence,
    /// `evidence.json` is of another version than this program knows.
    UnknownEvidence(String),
    /// `evidence.json` cannot be read.
    BrokenEvidence(String),
    /// The certificate was issued by a service for trials, and not as evidence.
    IssuedAsTest,
    /// An embedded file is not the one that the evidence names.
    FileDiffers(String),
    /// The evidence names a file that is not there.
    FileMissing(String),
    /// A file is there that the evidence does not name.
    FileUnknown(String),
    /// The pages are not those that the evidence gives.
    PagesDiffer(String),
    /// The pages were made with another version of the template.
    OtherTemplate(String),
    /// There are no fonts to make the pages with.
    NoFonts,
    /// The stored DKIM keys give another result than the evidence says.
    SenderDiffers {
        /// The embedded mail.
        file: &'static str,
        /// Domain of the signature.
        domain: String,
        /// What the evidence says, in the words of certificates.
        said: String,
        /// What verifying gave.
        found: String,
    },
    /// The evidence names other fields that only SPF vouched for than the signature relied on
    /// leaves uncovered.
    VouchersDiffer {
        /// The embedded mail.
        file: &'static str,
    },
    /// The evidence holds other signatures than the message.
    SendersDiffer {
        /// The embedded mail.
        file: &'static str,
    },
    /// The stored keys give another result for the seals of servers on the way (ARC), or the
    /// evidence lists others.
    SealsDiffer {
        /// The embedded mail.
        file: &'static str,
    },
    /// A value of the evidence is another than what was read again of the embedded mails and
    /// records.
    ValueDiffers {
        /// Where it stands in `evidence.json`.
        name: String,
        /// What the evidence says, cut where it is long.
        said: String,
        /// What was found.
        found: String,
    },
    /// The same, where the evidence names another version of the readers than this program's, which
    /// may have read otherwise.
    ValueReadOtherwise {
        /// Where it stands in `evidence.json`.
        name: String,
        /// What the evidence says, cut where it is long.
        said: String,
        /// What was found.
        found: String,
        /// The version that the evidence names.
        version: u32,
    },
}

impl Finding {
    /// What it makes of the verdict; `None` for what is only told.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        match self {
            Self::TooMuchWork(work) => Some(work.verdict()),
            Self::NotAPdf
            | Self::TooLarge
            | Self::Structure(_)
            | Self::Change(_)
            | Self::Signature(_)
            | Self::Token { .. }
            | Self::OtherSigner { .. }
            | Self::OtherOperator { .. }
            | Self::CertificateUnknown(_)
            | Self::RevocationDataUnknown
            | Self::StampsFall { .. }
            | Self::EventAfterStamp { .. }
            | Self::IssueOutside { .. }
            | Self::SigningTimeOutside { .. }
            | Self::SignatureWordsDiffer(_)
            | Self::Files(_)
            | Self::BrokenEvidence(_)
            | Self::FileDiffers(_)
            | Self::FileMissing(_)
            | Self::FileUnknown(_)
            | Self::PagesDiffer(_)
            | Self::SenderDiffers { .. }
            | Self::SendersDiffer { .. }
            | Self::VouchersDiffer { .. }
            | Self::SealsDiffer { .. }
            | Self::ValueDiffers { .. } => Some(Verdict::Altered),
            Self::SignerUntrusted { .. }
            | Self::SignerNotNamed { .. }
            | Self::SignerNotThen { .. }
            | Self::SignerPath(_)
            | Self::SignerNotValid(_)
            | Self::SignerRevoked { .. }
            | Self::NoTimestamp
            | Self::NoGoodClock => Some(Verdict::Untrusted),
            Self::OneClock
            | Self::NoRevocationData { .. }
            // Whoever made it, nothing says that it is the service's.
            | Self::TokenUntrusted { .. }
            | Self::TokenPath { .. }
            | Self::TokenNotValid { .. }
            | Self::NoEvidence
            | Self::UnknownEvidence(_)
            | Self::OtherTemplate(_)
            | Self::NotMade(_)
            | Self::ValueReadOtherwise { .. }
            | Self::NoFonts => Some(Verdict::Incomplete),
            // It is what was issued, which was a test.
            Self::IssuedAsTest
            // Another clock may still be good.
            | Self::ClockNotTrusted { .. }
            | Self::ClocksThatCount(_)
            | Self::TokenInaccurate { .. }
            | Self::TokenStale { .. }
            | Self::TokenRevoked { .. }
            | Self::TokenFromTheFuture { .. } => None,
        }
    }
}

/// A timestamp of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimestampFact {
    /// Subject of the authority's certificate.
    pub authority: String,
    /// What its clock said.
    pub time: Timestamp,
    /// Whether it leads to a trusted root and still counts.
    pub is_good: bool,
}

/// What the file says of itself, as far as it could be read. Only [`Report::verdict`] says whether
/// any of it may be believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// SHA-256 of the whole file.
    pub file_digest: [u8; 32],
    /// Bytes of the file.
    pub file_bytes: usize,
    /// Subject of the signing certificate.
    pub signer: Option<String>,
    /// SHA-256 of the signing certificate: what the operator publishes.
    pub signer_fingerprint: Option<[u8; 32]>,
    /// The operator whom the reader trusts, if the signer is one of its own.
    pub operator: Option<String>,
    /// When the signature demonstrably existed.
    pub signed_before: Option<Timestamp>,
    /// Signature timestamp first, then document timestamps.
    pub timestamps: Vec<TimestampFact>,
    /// The certificate's serial number.
    pub serial: Option<String>,
    /// What it was issued for.
    pub purpose: Option<Purpose>,
    /// Names and sizes of the embedded files.
    pub files: Vec<(String, usize)>,
    /// What the verification cost, as far as that is counted ([`crate::BUDGET`]).
    pub work: BTreeMap<Work, u64>,
    /// The values of the evidence, and whether each was recomputed or is the operator's word.
    pub values: Vec<Value>,
}

/// All that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What the file says of itself.
    pub facts: Facts,
    findings: Vec<(Check, Finding)>,
    skipped: Vec<Check>,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self {
            facts: Facts::default(),
            findings: Vec::new(),
            // A check is not made until it is.
            skipped: Check::ALL.to_vec(),
        }
    }

    /// Takes over what others found. What any of them checked is checked.
    pub(crate) fn join(&mut self, other: Self) {
        self.skipped.retain(|check| other.skipped.contains(check));
        self.findings.extend(other.findings);
        self.findings.sort_by_key(|(check, _)| *check);
        let facts = other.facts;
        self.facts.signer = self.facts.signer.take().or(facts.signer);
        self.facts.signer_fingerprint = self.facts.signer_fingerprint.or(facts.signer_fingerprint);
        self.facts.operator = self.facts.operator.take().or(facts.operator);
        self.facts.signed_before = self.facts.signed_before.or(facts.signed_before);
        self.facts.timestamps.extend(facts.timestamps);
        self.facts.work.extend(facts.work);
        self.facts.values.extend(facts.values);
    }

    /// Notes what was spent.
    pub(crate) fn spent(&mut self, work: Work, amount: u64) {
        self.facts.work.insert(work, amount);
    }

    pub(crate) fn find(&mut self, check: Check, finding: Finding) {
        self.findings.push((check, finding));
    }

    pub(crate) fn extend(&mut self, check: Check, finding: Option<Finding>) {
        self.findings
            .extend(finding.map(|finding| (check, finding)));
    }

    pub(crate) fn made(&mut self, check: Check) {
        self.skipped.retain(|skipped| *skipped != check);
    }

    /// Does what was found up to here leave the file in doubt?
    pub(crate) fn is_refused(&self) -> bool {
        let mut verdicts = self.findings.iter().map(|(_, finding)| finding.verdict());
        verdicts.any(|verdict| verdict >= Some(Verdict::Untrusted))
    }

    /// The worst of all findings; never "authentic" while a check was not made.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let findings = self.findings.iter();
        let worst = findings.filter_map(|(_, finding)| finding.verdict()).max();
        let least = if self.skipped.is_empty() {
            Verdict::Authentic
        } else {
            Verdict::Incomplete
        };
        worst.map_or(least, |worst| worst.max(least))
    }

    /// Every finding with the check that it belongs to.
    #[must_use]
    pub fn findings(&self) -> &[(Check, Finding)] {
        &self.findings
    }

    /// How each check ended.
    #[must_use]
    pub fn results(&self) -> Vec<(Check, CheckResult)> {
        Check::ALL.map(|check| (check, self.result(check))).to_vec()
    }

    fn result(&self, check: Check) -> CheckResult {
        let mut of_check = self.findings.iter().filter(|(of, _)| *of == check);
        let verdicts: Vec<Verdict> = of_check
            .by_ref()
            .filter_map(|(_, finding)| finding.verdict())
            .collect();
        match verdicts.into_iter().max() {
            Some(Verdict::Altered | Verdict::Untrusted) => CheckResult::Failed,
            Some(Verdict::Incomplete) => CheckResult::NotPossible,
            Some(Verdict::Authentic) | None if self.skipped.contains(&check) => {
                CheckResult::NotPossible
            }
            Some(Verdict::Authentic) | None => CheckResult::Passed,
        }
    }
}
