//! What was found when a sender was authenticated, as it is stored with the intake record.

use domain::{HeaderField, Reliance, Vouched};
use jiff::Timestamp;
use mail::arc::{ArcReport, ArcSignature};
use mail::dkim::{Alignment, DkimReport};
use serde::{Deserialize, Serialize};

use super::refusal::names;
use super::{SpfVerdict, WireError};

/// The version of this record. A reader refuses what it does not know.
const VERSION: u32 = 1;

/// The evidence of a sender's authentication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthenticationRecord {
    version: u32,
    verified_at: String,
    /// Each DKIM signature, in the order of the header.
    pub signatures: Vec<SignatureRecord>,
    /// Which of them the trust check relied on.
    pub relied_on: Option<usize>,
    /// The fields that only SPF vouched for, where the mail was taken in because of that.
    #[serde(default)]
    pub by_spf: Vec<String>,
    /// SPF, in the provider's words.
    pub spf: String,
    /// What servers on the way sealed. Records from before that was verified have none.
    #[serde(default)]
    pub arc: Option<ArcRecord>,
}

/// The ARC chain as we verified it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArcRecord {
    /// The result in words.
    pub result: String,
    /// What each server added, the first one's first.
    pub sets: Vec<ArcSetRecord>,
}

/// What one server added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArcSetRecord {
    /// Its place, counted from 1.
    pub instance: u32,
    /// Its seal.
    pub seal: ArcSignatureRecord,
    /// Its signature over the message, where that was verified.
    pub message: Option<ArcSignatureRecord>,
}

/// One signature of a server, with the DNS records we used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArcSignatureRecord {
    /// The signing domain.
    pub domain: String,
    /// The selector.
    pub selector: String,
    /// The algorithm.
    pub algorithm: String,
    /// The result in words.
    pub result: String,
    /// Where the key was looked up.
    pub dns_name: String,
    /// What the DNS answered.
    pub dns_records: Vec<String>,
}

/// One DKIM signature as we verified it, with the DNS records we used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureRecord {
    /// The signing domain.
    pub domain: String,
    /// The selector.
    pub selector: String,
    /// The algorithm.
    pub algorithm: String,
    /// The result in words.
    pub result: String,
    /// How it is aligned with From.
    pub alignment: String,
    /// Where the key was looked up.
    pub dns_name: String,
    /// What the DNS answered.
    pub dns_records: Vec<String>,
    /// The fields of which it covers every instance, of those that are relied on.
    #[serde(default)]
    pub covered: Vec<String>,
    /// The fields of which it leaves an instance uncovered.
    #[serde(default)]
    pub uncovered: Vec<String>,
}

impl AuthenticationRecord {
    /// Writes down a verification made at `verified_at`.
    #[must_use]
    pub fn new(
        dkim: &DkimReport,
        arc: &ArcReport,
        spf: &SpfVerdict,
        verified_at: Timestamp,
    ) -> Self {
        let signatures = dkim.signatures.iter().map(|signature| SignatureRecord {
            domain: signature.domain.clone(),
            selector: signature.selector.clone(),
            algorithm: signature.algorithm.to_owned(),
            result: signature.result.to_string(),
            alignment: match signature.alignment {
                Alignment::Exact => "exact",
                Alignment::Relaxed => "relaxed",
                Alignment::None => "none",
            }
            .to_owned(),
            dns_name: signature.dns_name.clone(),
            dns_records: signature.dns_records.clone(),
            covered: names(signature.coverage.covered().iter()),
            uncovered: names(signature.coverage.uncovered().iter()),
        });
        Self {
            version: VERSION,
            by_spf: Vec::new(),
            verified_at: verified_at.to_string(),
            signatures: signatures.collect(),
            relied_on: dkim.relied_on,
            spf: format!("{} (Amazon SES)", spf.0),
            arc: Some(ArcRecord::new(arc)),
        }
    }

    /// With what only SPF vouches for.
    #[must_use]
    pub fn with_voucher(mut self, vouched: &Vouched) -> Self {
        let relied_on = HeaderField::ALL
            .into_iter()
            .filter(|field| field.reliance() != Reliance::None);
        let by_spf: Vec<HeaderField> = match vouched.signature {
            Some(_) => vouched.by_spf.iter().copied().collect(),
            None => relied_on.collect(),
        };
        self.by_spf = names(by_spf.iter());
        self
    }

    /// When it was verified.
    ///
    /// # Errors
    /// When the stored time is no time.
    pub fn verified_at(&self) -> Result<Timestamp, WireError> {
        self.verified_at
            .parse()
            .map_err(|_| WireError::Field("verified_at"))
    }

    /// The stored form.
    ///
    /// # Errors
    /// Never in practice: every record has a JSON form.
    pub fn to_json(&self) -> Result<String, WireError> {
        serde_json::to_string(self).map_err(WireError::Json)
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// When it is not a record of a known version.
    pub fn from_json(json: &str) -> Result<Self, WireError> {
        let record: Self = serde_json::from_str(json).map_err(WireError::Json)?;
        if record.version == VERSION {
            Ok(record)
        } else {
            Err(WireError::Field("version"))
        }
    }
}

impl ArcRecord {
    fn new(report: &ArcReport) -> Self {
        let sets = report.sets.iter().map(|set| ArcSetRecord {
            instance: set.instance,
            seal: ArcSignatureRecord::new(&set.seal),
            message: set.message.as_ref().map(ArcSignatureRecord::new),
        });
        Self {
            result: report.result.to_string(),
            sets: sets.collect(),
        }
    }
}

impl ArcSignatureRecord {
    fn new(signature: &ArcSignature) -> Self {
        Self {
            domain: signature.domain.clone(),
            selector: signature.selector.clone(),
            algorithm: signature.algorithm.to_owned(),
            result: signature.result.to_string(),
            dns_name: signature.dns_name.clone(),
            dns_records: signature.dns_records.clone(),
        }
    }
}
