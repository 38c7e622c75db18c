//! Who vouches for the sender of a mail: the signature of their domain.

use std::collections::BTreeSet;

use domain::{
    ArcReport, ArcResult, ArcSignature, AuthenticationEvidence, DkimSignature, HeaderField, Named,
    SignatureResult, SigningAlgorithm,
};
use jiff::Timestamp;
use paper::{Block, Field, Value, Words};

use super::composer::Composer;
use super::pieces::fixed;
use super::sections::Section;
use super::wording::{self as say, results};
use crate::limits::ROWS_MAX;
use crate::record::v3::Origin;

/// The keys that signatures of one mail were verified with.
pub(super) struct Keys<'e> {
    /// Of the section that names them.
    number: usize,
    found: &'e AuthenticationEvidence,
}

/// How signatures are checked, if there are any.
pub(super) fn check_of(keys: &[Keys<'_>]) -> &'static [Words] {
    if has_signatures(keys) {
        say::CHECK_KEYS
    } else {
        &[]
    }
}

fn has_signatures(keys: &[Keys<'_>]) -> bool {
    keys.iter().any(|keys| !keys.found.signatures.is_empty())
}

impl<'e> Composer<'e> {
    /// Who vouches for the sender of a mail to the service.
    pub(super) fn sender_authentication(&mut self) -> Keys<'e> {
        let Origin::Mail(origin) = &self.evidence.origin;
        self.section(Section::Authentication, say::AUTHENTICATION);
        self.authentication(&origin.authentication)
    }

    pub(super) fn authentication(&mut self, found: &'e AuthenticationEvidence) -> Keys<'e> {
        let relied_on = found
            .relied_on
            .and_then(|index| Some((index, found.signatures.get(index)?)));
        let relied_on = match relied_on {
            Some((index, signature)) => {
                let name = format!("{}.{}  {}", self.section, index + 1, signature.domain);
                let mut values = vec![self.strong(&name)];
                values.extend(fixed(results::of_alignment(signature.alignment)));
                values
            }
            None => fixed(say::RELIED_ON_NONE),
        };
        let by_spf = self.names(say::VOUCHED_BY_SPF, &found.by_spf);
        let fields = vec![
            Field {
                label: say::RELIED_ON,
                value: relied_on,
            },
            Field {
                label: say::SPF,
                value: fixed(results::of_spf(found.spf)),
            },
            by_spf,
            Field {
                label: say::ARC,
                value: self.arc(&found.arc),
            },
        ];
        self.blocks.push(Block::Fields(fields));
        if found.signatures.is_empty() {
            self.remark(say::SIGNATURES_NONE);
        }
        for (index, signature) in found.signatures.iter().take(ROWS_MAX).enumerate() {
            self.signature(index + 1, signature);
        }
        self.rest(found.signatures.len());
        Keys {
            number: self.section,
            found,
        }
    }

    /// The result, and who sealed; the keys are in `evidence.json`.
    fn arc(&mut self, chain: &ArcReport) -> Vec<Value> {
        if chain.result == ArcResult::None {
            return fixed(say::ARC_NONE);
        }
        let mut values = fixed(results::of_chain(chain.result));
        for set in &chain.sets {
            let line = |name: &str, signature: &ArcSignature| {
                let (domain, selector) = (&signature.domain, &signature.selector);
                let result = results::of_signature(&signature.result);
                format!(
                    "i={} {name}: {domain} ({selector}): {}",
                    set.instance, result.english
                )
            };
            values.push(self.quiet(&line("ARC-Seal", &set.seal)));
            if let Some(signature) = &set.message {
                values.push(self.quiet(&line("ARC-Message-Signature", signature)));
            }
        }
        values
    }

    /// Names of header fields, if there are any.
    fn names(&mut self, label: Words, fields: &BTreeSet<HeaderField>) -> Field {
        let names: Vec<&str> = fields.iter().map(|field| field.name()).collect();
        let text = Some(names.join(", ")).filter(|text| !text.is_empty());
        self.field(label, text.as_deref(), say::NO_FIELD)
    }

    fn signature(&mut self, number: usize, signature: &DkimSignature) {
        self.signature_heading(self.section, number, signature);
        let result = results::of_signature(&signature.result);
        let mut covered = self.names(say::COVERED, signature.coverage.covered());
        // A signature that covers less of the body does not hold.
        if signature.result == SignatureResult::Pass {
            covered.value.extend(fixed(say::WHOLE_BODY));
        }
        let fields = vec![
            Field {
                label: say::RESULT,
                value: self.filled(&result),
            },
            Field {
                label: say::ALIGNMENT,
                value: fixed(results::of_alignment(signature.alignment)),
            },
            covered,
            self.names(say::UNCOVERED, signature.coverage.uncovered()),
        ];
        self.blocks.push(Block::Fields(fields));
    }

    fn signature_heading(&mut self, section: usize, number: usize, signature: &DkimSignature) {
        let detail = self.line(&format!("{section}.{number}  {}", signature.domain));
        self.blocks.push(Block::Subheading {
            words: say::SIGNATURE,
            detail: Some(detail),
        });
    }

    /// The keys of signatures as they stood in the DNS.
    pub(super) fn keys(&mut self, keys: &[Keys<'_>]) {
        if !has_signatures(keys) {
            return;
        }
        self.section(Section::Keys, say::KEYS);
        self.remark(say::KEYS_NOTE);
        for keys in keys {
            let signatures = keys.found.signatures.iter().take(ROWS_MAX).enumerate();
            for (index, signature) in signatures {
                self.signature_heading(keys.number, index + 1, signature);
                self.key(signature, keys.found.verified_at);
            }
        }
    }

    fn key(&mut self, signature: &DkimSignature, looked_up_at: Timestamp) {
        let algorithm = signature.algorithm.map(SigningAlgorithm::name);
        let mut fields = vec![
            self.field(say::DOMAIN, Some(&signature.domain), say::NO_VALUE),
            self.field(say::SELECTOR, Some(&signature.selector), say::NO_VALUE),
            self.field(say::ALGORITHM, algorithm, say::NO_VALUE),
            self.field(say::DNS_NAME, Some(&signature.dns_name), say::NO_VALUE),
            Field {
                label: say::LOOKED_UP,
                value: self.times_of(looked_up_at),
            },
        ];
        if signature.dns_records.is_empty() {
            fields.push(Field {
                label: say::DNS_RECORD,
                value: fixed(say::NO_DNS_RECORD),
            });
        }
        self.blocks.push(Block::Fields(fields));
        for record in signature.dns_records.iter().take(ROWS_MAX) {
            self.record(record);
        }
    }
}
