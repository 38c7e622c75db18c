//! What was found when a sender was authenticated, as this version writes it: results by their
//! codes, so that nobody has to read sentences.

use domain::{
    Alignment, ArcReport, ArcResult, ArcSet, ArcSignature, AuthenticationEvidence, Coverage,
    DkimSignature, HeaderField, SignatureResult, SigningAlgorithm, SpfResult,
};
use jiff::Timestamp;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::record::codec::{named, named_list, named_option};

/// Who vouches for a sender's address, as verified when the mail was received.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Wire {
    /// When the DNS was asked and the signatures were verified.
    verification_time: Timestamp,
    /// Every DKIM signature that was examined, in the order of the header.
    #[serde(rename = "DKIM")]
    dkim: Vec<DkimRow>,
    /// Which of them the trust check relied on: its place in `DKIM`, from 0.
    relied_on: Option<usize>,
    /// What the receiving side found SPF to say of the envelope's return path.
    #[serde(rename = "SPF", with = "named")]
    spf: SpfResult,
    /// The header fields that only SPF vouched for when the mail was taken in.
    #[serde(rename = "VouchedBySPF", with = "named_list")]
    by_spf: Vec<HeaderField>,
    /// The seals of servers on the way (RFC 8617). Nobody is trusted because of them.
    #[serde(rename = "ARC")]
    arc: ArcChain,
}

/// One DKIM signature and the DNS records it was verified with.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DkimRow {
    /// `d=`; empty where the field is malformed.
    domain: String,
    /// `s=`.
    selector: String,
    /// `a=`; null where the field is malformed.
    #[serde(with = "named_option")]
    algorithm: Option<SigningAlgorithm>,
    /// `pass`, `no_dns_answer`, or why it does not count.
    result: String,
    /// The words of the resolver, where it did not answer.
    result_detail: Option<String>,
    /// How the domain and that of From belong together.
    #[serde(with = "named")]
    alignment: Alignment,
    /// The DNS name that was asked.
    #[serde(rename = "DNSName")]
    dns_name: String,
    /// The TXT records that DNS answered, each as one text.
    #[serde(rename = "DNSRecords")]
    dns_records: Vec<String>,
    /// The header fields of which it covers every instance, of those that the trust check relies on
    ///
    #[serde(with = "named_list")]
    covered_fields: Vec<HeaderField>,
    /// Those of which it leaves an instance uncovered.
    #[serde(with = "named_list")]
    uncovered_fields: Vec<HeaderField>,
}

/// The seals of servers on the way.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ArcChain {
    /// `pass`, `none`, `no_dns_answer`, or why it does not count.
    #[serde(with = "named")]
    result: ArcResult,
    /// What each server added, the first one's first.
    sets: Vec<ArcRow>,
}

/// What one server added.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ArcRow {
    /// Its place, counted from 1.
    instance: u32,
    /// Its seal over what it and the servers before it added.
    seal: ArcSignatureRow,
    /// Its signature over the message; only that of the newest is verified.
    message_signature: Option<ArcSignatureRow>,
}

/// One signature of a server, and the DNS records it was verified with.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ArcSignatureRow {
    /// `d=`.
    domain: String,
    /// `s=`.
    selector: String,
    /// `a=`.
    #[serde(with = "named")]
    algorithm: SigningAlgorithm,
    /// `pass`, `no_dns_answer`, or why it does not count.
    result: String,
    /// The words of the resolver, where it did not answer.
    result_detail: Option<String>,
    /// The DNS name that was asked.
    #[serde(rename = "DNSName")]
    dns_name: String,
    /// The TXT records that DNS answered, each as one text.
    #[serde(rename = "DNSRecords")]
    dns_records: Vec<String>,
}

pub(super) fn serialize<S: Serializer>(
    evidence: &AuthenticationEvidence,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let wire = Wire {
        verification_time: evidence.verified_at,
        dkim: evidence.signatures.iter().map(DkimRow::new).collect(),
        relied_on: evidence.relied_on,
        spf: evidence.spf,
        by_spf: evidence.by_spf.iter().copied().collect(),
        arc: ArcChain {
            result: evidence.arc.result,
            sets: evidence.arc.sets.iter().map(ArcRow::new).collect(),
        },
    };
    wire.serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<AuthenticationEvidence, D::Error> {
    let wire = Wire::deserialize(deserializer)?;
    let signatures = wire.dkim.into_iter().map(DkimRow::read);
    let sets = wire.arc.sets.into_iter().map(ArcRow::read);
    let unknown = || D::Error::custom("a result that is none of the known ones");
    Ok(AuthenticationEvidence {
        verified_at: wire.verification_time,
        signatures: signatures.collect::<Option<_>>().ok_or_else(unknown)?,
        relied_on: wire.relied_on,
        spf: wire.spf,
        by_spf: wire.by_spf.into_iter().collect(),
        arc: ArcReport {
            result: wire.arc.result,
            sets: sets.collect::<Option<_>>().ok_or_else(unknown)?,
        },
    })
}

impl DkimRow {
    fn new(signature: &DkimSignature) -> Self {
        Self {
            domain: signature.domain.clone(),
            selector: signature.selector.clone(),
            algorithm: signature.algorithm,
            result: signature.result.code().to_owned(),
            result_detail: signature.result.detail().map(str::to_owned),
            alignment: signature.alignment,
            dns_name: signature.dns_name.clone(),
            dns_records: signature.dns_records.clone(),
            covered_fields: signature.coverage.covered().iter().copied().collect(),
            uncovered_fields: signature.coverage.uncovered().iter().copied().collect(),
        }
    }

    fn read(self) -> Option<DkimSignature> {
        let covered = self.covered_fields.into_iter().map(|field| (field, true));
        let uncovered = self
            .uncovered_fields
            .into_iter()
            .map(|field| (field, false));
        let fields = covered.chain(uncovered);
        Some(DkimSignature {
            domain: self.domain,
            selector: self.selector,
            algorithm: self.algorithm,
            result: SignatureResult::from_code(&self.result, self.result_detail)?,
            alignment: self.alignment,
            dns_name: self.dns_name,
            dns_records: self.dns_records,
            coverage: fields.fold(Coverage::default(), |coverage, (field, is_covered)| {
                coverage.with(field, is_covered)
            }),
        })
    }
}

impl ArcRow {
    fn new(set: &ArcSet) -> Self {
        Self {
            instance: set.instance,
            seal: ArcSignatureRow::new(&set.seal),
            message_signature: set.message.as_ref().map(ArcSignatureRow::new),
        }
    }

    fn read(self) -> Option<ArcSet> {
        Some(ArcSet {
            instance: self.instance,
            seal: self.seal.read()?,
            message: match self.message_signature {
                Some(row) => Some(row.read()?),
                None => None,
            },
        })
    }
}

impl ArcSignatureRow {
    fn new(signature: &ArcSignature) -> Self {
        Self {
            domain: signature.domain.clone(),
            selector: signature.selector.clone(),
            algorithm: signature.algorithm,
            result: signature.result.code().to_owned(),
            result_detail: signature.result.detail().map(str::to_owned),
            dns_name: signature.dns_name.clone(),
            dns_records: signature.dns_records.clone(),
        }
    }

    fn read(self) -> Option<ArcSignature> {
        Some(ArcSignature {
            domain: self.domain,
            selector: self.selector,
            algorithm: self.algorithm,
            result: SignatureResult::from_code(&self.result, self.result_detail)?,
            dns_name: self.dns_name,
            dns_records: self.dns_records,
        })
    }
}
