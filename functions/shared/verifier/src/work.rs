//! What a verification costs, by kind. `limits` says how much of each it may be.

use crate::language::Language;
use crate::verdict::Verdict;

/// A kind of work, counted in operations: a time would be another on every machine, and a verdict
/// must be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    /// Objects in the tables of all revisions.
    Objects,
    /// Values in all objects: dictionaries, arrays, numbers, names, strings.
    Values,
    /// Bytes of memory that the values take which are kept, or those of one object.
    ValueBytes,
    /// Public key operations.
    Signatures,
    /// Times that a certificate is read, taken into a pool or tried as an issuer.
    Certificates,
    /// Times that an OCSP response or a revocation list is looked at.
    Answers,
    /// Bytes that are hashed for signatures of issuers, or searched for an entry.
    Bytes,
    /// Bytes of `evidence.json`.
    EvidenceBytes,
    /// Values in `evidence.json`: each number, string, list and object.
    EvidenceValues,
    /// Characters that are set on pages, each line counting as forty at least.
    Characters,
}

impl Work {
    /// What `pades` counts, and what it is here.
    pub(crate) const OF_SIGNATURES: [(pades::Work, Self); 4] = [
        (pades::Work::Signatures, Self::Signatures),
        (pades::Work::Certificates, Self::Certificates),
        (pades::Work::Answers, Self::Answers),
        (pades::Work::Bytes, Self::Bytes),
    ];

    /// A stable name for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Objects => "objects",
            Self::Values => "values",
            Self::ValueBytes => "value_bytes",
            Self::Signatures => "signatures",
            Self::Certificates => "certificates",
            Self::Answers => "answers",
            Self::Bytes => "bytes",
            Self::EvidenceBytes => "evidence_bytes",
            Self::EvidenceValues => "evidence_values",
            Self::Characters => "characters",
        }
    }

    /// What it means that there is more to do than the budget has. What a certificate never needs
    /// is none. But who answers an offer decides how long that answer is: a trusted signer's
    /// evidence may be longer than what this program reads, and that is no alteration.
    #[must_use]
    pub fn verdict(self) -> Verdict {
        match self {
            Self::Objects
            | Self::Values
            | Self::ValueBytes
            | Self::Signatures
            | Self::Certificates
            | Self::Answers
            | Self::Bytes => Verdict::Altered,
            Self::EvidenceBytes | Self::EvidenceValues | Self::Characters => Verdict::Incomplete,
        }
    }

    /// What it is called.
    #[must_use]
    pub fn words(self, language: Language) -> &'static str {
        let (japanese, english) = match self {
            Self::Objects => ("PDF オブジェクト", "objects of the PDF"),
            Self::Values => ("PDF オブジェクトの値", "values in objects of the PDF"),
            Self::ValueBytes => (
                "PDF オブジェクトの値の大きさ（バイト）",
                "bytes of values in objects of the PDF",
            ),
            Self::Signatures => ("署名の検証", "signatures to verify"),
            Self::Certificates => ("証明書の照合", "certificates to look at"),
            Self::Answers => ("失効情報の照合", "answers of issuers to look at"),
            Self::Bytes => ("署名と失効情報のバイト", "bytes that issuers signed"),
            Self::EvidenceBytes => ("evidence.json のバイト", "bytes of evidence.json"),
            Self::EvidenceValues => ("evidence.json の値", "values in evidence.json"),
            Self::Characters => ("紙面の文字", "characters on the pages"),
        };
        match language {
            Language::Japanese => japanese,
            Language::English => english,
        }
    }
}
