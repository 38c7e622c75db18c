//! Certificate policies (RFC 5280 sections 6.1.2 to 6.1.5), for a reader to whom every policy is
//! acceptable: a path fails where an authority asks for a policy and no policy is left.
//!
//! Of the tree of valid policies only the last level is kept, as a set. Whether it is empty is all
//! that such a reader asks of the tree.

use super::misfit::Misfit;
use crate::Certificate;
use crate::certificate::Extension;
use const_oid::ObjectIdentifier;
use std::collections::BTreeSet;
use x509_cert::ext::pkix::PolicyConstraints;
use x509_cert::ext::pkix::certpolicy::CertificatePolicies;
use x509_cert::ext::pkix::{InhibitAnyPolicy, PolicyMappings};

/// `anyPolicy`
const ANY_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.32.0");
/// `id-qt-cps` and `id-qt-unotice`, which only tell people something.
const QUALIFIERS: [ObjectIdentifier; 2] = [
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.2.1"),
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.2.2"),
];
/// Policies, or mappings of them, of one certificate; public authorities name up to ten.
const POLICIES_MAX: usize = 64;

const BROKEN: &str = "its certificate policies cannot be read";
const TOO_MANY: &str = "it has too many certificate policies";

/// What is asked of the certificates further down.
struct State {
    /// The policies of the last level of the tree.
    valid: BTreeSet<ObjectIdentifier>,
    /// So many certificates may still come before a policy has to be valid.
    explicit: usize,
    mapping: usize,
    any: usize,
}

/// Does the path have a valid policy, as far as its authorities ask for one?
pub(super) fn check(path: &[&Certificate]) -> Result<(), Misfit> {
    let Some((_, below_root)) = path.split_last() else {
        return Ok(());
    };
    let skip = below_root.len() + 1;
    let mut state = State {
        valid: BTreeSet::from([ANY_POLICY]),
        explicit: skip,
        mapping: skip,
        any: skip,
    };
    for (position, certificate) in below_root.iter().enumerate().rev() {
        let step = state.step(certificate, position == 0);
        step.map_err(|problem| Misfit { position, problem })?;
    }
    Ok(())
}

impl State {
    fn step(&mut self, certificate: &Certificate, is_leaf: bool) -> Result<(), &'static str> {
        self.narrow(certificate, is_leaf)?;
        if self.explicit == 0 && self.valid.is_empty() {
            return Err(NONE_VALID);
        }
        if !is_leaf {
            self.map(certificate)?;
        }
        if !certificate.is_self_issued() || is_leaf {
            self.explicit = self.explicit.saturating_sub(1);
        }
        if !certificate.is_self_issued() {
            self.mapping = self.mapping.saturating_sub(1);
            self.any = self.any.saturating_sub(1);
        }
        self.constrain(certificate, is_leaf)?;
        if is_leaf && self.explicit == 0 && self.valid.is_empty() {
            return Err(NONE_VALID);
        }
        Ok(())
    }

    /// Section 6.1.3 (d) and (e): what this certificate names of what is valid above it.
    fn narrow(&mut self, certificate: &Certificate, is_leaf: bool) -> Result<(), &'static str> {
        let (policies, is_critical) = match certificate.extension::<CertificatePolicies>() {
            Extension::Present(policies, is_critical) => (policies.0, is_critical),
            Extension::Absent => {
                self.valid.clear();
                return Ok(());
            }
            Extension::Broken => return Err(BROKEN),
        };
        if policies.len() > POLICIES_MAX {
            return Err(TOO_MANY);
        }
        let mut qualifiers = policies.iter().flat_map(|one| &one.policy_qualifiers);
        let is_known = |id: &ObjectIdentifier| QUALIFIERS.contains(id);
        if is_critical
            && qualifiers.any(|list| list.iter().any(|one| !is_known(&one.policy_qualifier_id)))
        {
            return Err("it has a critical policy qualifier that is not understood");
        }
        let named: BTreeSet<_> = policies.iter().map(|one| one.policy_identifier).collect();
        let names_any = named.contains(&ANY_POLICY)
            && (self.any > 0 || (certificate.is_self_issued() && !is_leaf));
        let is_any_valid = self.valid.contains(&ANY_POLICY);
        let mut valid: BTreeSet<_> = named
            .into_iter()
            .filter(|one| *one != ANY_POLICY && (is_any_valid || self.valid.contains(one)))
            .collect();
        if names_any {
            valid.extend(self.valid.iter().copied());
        }
        self.valid = valid;
        Ok(())
    }

    /// Section 6.1.4 (a) and (b): what the certificates below may name instead.
    fn map(&mut self, certificate: &Certificate) -> Result<(), &'static str> {
        let mappings = match certificate.extension::<PolicyMappings>() {
            Extension::Present(mappings, _) => mappings.0,
            Extension::Absent => return Ok(()),
            Extension::Broken => return Err(BROKEN),
        };
        if mappings.len() > POLICIES_MAX {
            return Err(TOO_MANY);
        }
        let is_any_valid = self.valid.contains(&ANY_POLICY);
        let mut mapped = BTreeSet::new();
        for mapping in &mappings {
            let (from, to) = (mapping.issuer_domain_policy, mapping.subject_domain_policy);
            if from == ANY_POLICY || to == ANY_POLICY {
                return Err("it maps the policy that means any");
            }
            if self.mapping > 0 && (is_any_valid || self.valid.contains(&from)) {
                mapped.insert(to);
            }
        }
        for mapping in &mappings {
            self.valid.remove(&mapping.issuer_domain_policy);
        }
        self.valid.extend(mapped);
        Ok(())
    }

    /// Sections 6.1.4 (i) and (j) and 6.1.5 (b): what this certificate asks for.
    fn constrain(&mut self, certificate: &Certificate, is_leaf: bool) -> Result<(), &'static str> {
        let least = |left: usize, asked: u32| left.min(usize::try_from(asked).unwrap_or(left));
        match certificate.extension::<PolicyConstraints>() {
            Extension::Present(constraints, _) => {
                match constraints.require_explicit_policy {
                    Some(asked) if !is_leaf || asked == 0 => {
                        self.explicit = least(self.explicit, asked);
                    }
                    Some(_) | None => {}
                }
                if let Some(asked) = constraints.inhibit_policy_mapping {
                    self.mapping = least(self.mapping, asked);
                }
            }
            Extension::Absent => {}
            Extension::Broken => return Err(BROKEN),
        }
        match certificate.extension::<InhibitAnyPolicy>() {
            Extension::Present(asked, _) => self.any = least(self.any, asked.0),
            Extension::Absent => {}
            Extension::Broken => return Err(BROKEN),
        }
        Ok(())
    }
}

const NONE_VALID: &str = "an authority above it asks for a certificate policy, and none is valid";
