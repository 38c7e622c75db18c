//! What was found when a sender was authenticated, as the tables keep it: JSON in one attribute,
//! because nothing in it is searched for.

use domain::{
    Alignment, ArcReport, ArcResult, ArcSet, ArcSignature, AuthenticationEvidence, Coverage,
    DkimSignature, HeaderField, Named, SignatureResult, SigningAlgorithm, SpfResult,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::item::ItemError;

/// The version of this form. A reader refuses what it does not know.
const VERSION: u32 = 2;

#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    verified_at: Timestamp,
    signatures: Vec<StoredDkim>,
    relied_on: Option<usize>,
    spf: String,
    by_spf: Vec<String>,
    arc: StoredArc,
}

#[derive(Serialize, Deserialize)]
struct StoredDkim {
    #[serde(flatten)]
    signature: StoredSignature,
    alignment: String,
    covered: Vec<String>,
    uncovered: Vec<String>,
}

/// What every signature has.
#[derive(Serialize, Deserialize)]
struct StoredSignature {
    domain: String,
    selector: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    algorithm: Option<String>,
    result: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    dns_name: String,
    dns_records: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct StoredArc {
    result: String,
    sets: Vec<StoredSet>,
}

#[derive(Serialize, Deserialize)]
struct StoredSet {
    instance: u32,
    seal: StoredSignature,
    message: Option<StoredSignature>,
}

/// The stored form.
pub(super) fn to_json(evidence: &AuthenticationEvidence) -> String {
    let stored = Stored {
        version: VERSION,
        verified_at: evidence.verified_at,
        signatures: evidence.signatures.iter().map(store_dkim).collect(),
        relied_on: evidence.relied_on,
        spf: evidence.spf.name().to_owned(),
        by_spf: names(&evidence.by_spf),
        arc: StoredArc {
            result: evidence.arc.result.name().to_owned(),
            sets: evidence.arc.sets.iter().map(store_set).collect(),
        },
    };
    // Strings, numbers and lists written to memory: nothing here can fail.
    serde_json::to_string(&stored).unwrap_or_default()
}

fn store_dkim(signature: &DkimSignature) -> StoredDkim {
    StoredDkim {
        signature: StoredSignature {
            domain: signature.domain.clone(),
            selector: signature.selector.clone(),
            algorithm: signature.algorithm.map(|one| one.name().to_owned()),
            result: signature.result.code().to_owned(),
            detail: signature.result.detail().map(str::to_owned),
            dns_name: signature.dns_name.clone(),
            dns_records: signature.dns_records.clone(),
        },
        alignment: signature.alignment.name().to_owned(),
        covered: names(signature.coverage.covered()),
        uncovered: names(signature.coverage.uncovered()),
    }
}

fn store_set(set: &ArcSet) -> StoredSet {
    StoredSet {
        instance: set.instance,
        seal: store_arc(&set.seal),
        message: set.message.as_ref().map(store_arc),
    }
}

fn store_arc(signature: &ArcSignature) -> StoredSignature {
    StoredSignature {
        domain: signature.domain.clone(),
        selector: signature.selector.clone(),
        algorithm: Some(signature.algorithm.name().to_owned()),
        result: signature.result.code().to_owned(),
        detail: signature.result.detail().map(str::to_owned),
        dns_name: signature.dns_name.clone(),
        dns_records: signature.dns_records.clone(),
    }
}

fn names<'f>(fields: impl IntoIterator<Item = &'f HeaderField>) -> Vec<String> {
    let fields = fields.into_iter();
    fields.map(|field| field.name().to_owned()).collect()
}

const UNREADABLE: ItemError = ItemError {
    attribute: "authentication",
};

/// Reads the stored form.
///
/// # Errors
/// When it is not of a known version, or something in it is not known.
pub(super) fn from_json(json: &str) -> Result<AuthenticationEvidence, ItemError> {
    let stored: Stored = serde_json::from_str(json).map_err(|_| UNREADABLE)?;
    if stored.version != VERSION {
        return Err(UNREADABLE);
    }
    restore(stored).ok_or(UNREADABLE)
}

fn restore(stored: Stored) -> Option<AuthenticationEvidence> {
    let signatures = stored.signatures.into_iter().map(restore_dkim);
    let by_spf = stored.by_spf.iter().map(|name| HeaderField::of_name(name));
    let sets = stored.arc.sets.into_iter().map(restore_set);
    Some(AuthenticationEvidence {
        verified_at: stored.verified_at,
        signatures: signatures.collect::<Option<_>>()?,
        relied_on: stored.relied_on,
        spf: SpfResult::of_name(&stored.spf)?,
        by_spf: by_spf.collect::<Option<_>>()?,
        arc: ArcReport {
            result: ArcResult::of_name(&stored.arc.result)?,
            sets: sets.collect::<Option<_>>()?,
        },
    })
}

fn restore_dkim(stored: StoredDkim) -> Option<DkimSignature> {
    let covered = stored.covered.iter().map(|name| (name, true));
    let uncovered = stored.uncovered.iter().map(|name| (name, false));
    let mut coverage = Coverage::default();
    for (name, is_covered) in covered.chain(uncovered) {
        coverage = coverage.with(HeaderField::of_name(name)?, is_covered);
    }
    let signature = stored.signature;
    Some(DkimSignature {
        domain: signature.domain,
        selector: signature.selector,
        algorithm: match signature.algorithm {
            Some(name) => Some(SigningAlgorithm::of_name(&name)?),
            None => None,
        },
        result: SignatureResult::from_code(&signature.result, signature.detail)?,
        alignment: Alignment::of_name(&stored.alignment)?,
        dns_name: signature.dns_name,
        dns_records: signature.dns_records,
        coverage,
    })
}

fn restore_set(stored: StoredSet) -> Option<ArcSet> {
    Some(ArcSet {
        instance: stored.instance,
        seal: restore_arc(stored.seal)?,
        message: match stored.message {
            Some(message) => Some(restore_arc(message)?),
            None => None,
        },
    })
}

fn restore_arc(stored: StoredSignature) -> Option<ArcSignature> {
    Some(ArcSignature {
        domain: stored.domain,
        selector: stored.selector,
        algorithm: SigningAlgorithm::of_name(&stored.algorithm?)?,
        result: SignatureResult::from_code(&stored.result, stored.detail)?,
        dns_name: stored.dns_name,
        dns_records: stored.dns_records,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use domain::{ArcFailure, SignatureFailure};

    use super::*;

    /// With something of everything.
    pub(in crate::tables) fn evidence() -> AuthenticationEvidence {
        let dkim = |result, algorithm| DkimSignature {
            domain: "customer.test".to_owned(),
            selector: "s1".to_owned(),
            algorithm,
            result,
            alignment: Alignment::Relaxed,
            dns_name: "s1._domainkey.customer.test".to_owned(),
            dns_records: vec!["v=DKIM1; p=\u{1}髙".to_owned()],
            coverage: Coverage::default()
                .with(HeaderField::Subject, true)
                .with(HeaderField::To, false),
        };
        let arc = |result| ArcSignature {
            domain: "list.test".to_owned(),
            selector: "s2".to_owned(),
            algorithm: SigningAlgorithm::Ed25519Sha256,
            result,
            dns_name: String::new(),
            dns_records: Vec::new(),
        };
        AuthenticationEvidence {
            verified_at: "2026-01-05T00:00:00.000001Z".parse().unwrap(),
            signatures: vec![
                dkim(SignatureResult::Pass, Some(SigningAlgorithm::RsaSha256)),
                dkim(SignatureResult::Fail(SignatureFailure::Malformed), None),
                dkim(
                    SignatureResult::TemporaryError("SERVFAIL".to_owned()),
                    Some(SigningAlgorithm::RsaSha1),
                ),
            ],
            relied_on: Some(0),
            spf: SpfResult::NoPolicy,
            by_spf: [HeaderField::To, HeaderField::ContentType].into(),
            arc: ArcReport {
                result: ArcResult::Fail(ArcFailure::Seal),
                sets: vec![ArcSet {
                    instance: 1,
                    seal: arc(SignatureResult::Fail(SignatureFailure::NoKey)),
                    message: Some(arc(SignatureResult::Pass)),
                }],
            },
        }
    }

    #[test]
    fn all_that_was_found_survives_storage() {
        let evidence = evidence();
        assert_eq!(from_json(&to_json(&evidence)), Ok(evidence));
    }

    #[test]
    fn another_version_and_an_unknown_result_are_refused() {
        let json = to_json(&evidence());
        for (from, to) in [
            ("\"version\":2", "\"version\":1"),
            ("\"result\":\"pass\"", "\"result\":\"passed\""),
        ] {
            let changed = json.replace(from, to);
            assert_ne!(changed, json);
            assert_eq!(from_json(&changed), Err(UNREADABLE), "{to}");
        }
    }
}
