//! The signer: somebody whom the reader knows as this operator's, with certificates that lead to
//! this operator's roots and were good when used, and whom the evidence names.

use crate::clocks::Proof;
use crate::report::{Check, Finding, Report};
use crate::revocation::{Known, ValidationData};
use crate::trust::{Operator, Trust};
use certificate::IssuerClaim;
use jiff::Timestamp;
use pades::inspect::{Inspector, last_above};
use pades::{Certificate, Role, SignerChain, TokenProblem};

/// What the signer is judged by.
pub(crate) struct Judge<'a> {
    pub(crate) trust: &'a Trust,
    pub(crate) data: &'a ValidationData,
    pub(crate) inspector: &'a Inspector,
    /// Whom the evidence names, if it can be read.
    pub(crate) claim: Option<IssuerClaim<'a>>,
    /// When the reader looks at the file.
    pub(crate) at: Timestamp,
}

impl Judge<'_> {
    /// Looks at the chain at the time at which the signature demonstrably existed.
    pub(crate) fn judge(&self, chain: &SignerChain, proof: &Proof, report: &mut Report) {
        let Some(leaf) = chain.certificates().first() else {
            return;
        };
        report.made(Check::SignerChain);
        report.facts.signer_fingerprint = Some(leaf.fingerprint());
        // Without a good clock the verdict is settled; the root is looked for nevertheless.
        let used_at = proof
            .existed_at
            .or(proof.times.first().copied())
            .unwrap_or(self.at);
        self.compare(leaf, report);
        let operator = self.operator(leaf, used_at);
        let roots = match &operator {
            Ok(operator) => operator.roots.clone(),
            Err(_) => self.trust.signer_roots(),
        };
        let path = match self.path(chain, leaf, &roots, used_at) {
            Ok(path) => path,
            // That it leads to none of the roots says more than that nobody is named.
            Err(finding) => return report.find(Check::SignerChain, finding),
        };
        match operator {
            Ok(operator) => report.facts.operator = Some(operator.name.clone()),
            Err(doubt) => report.find(Check::SignerChain, doubt),
        }
        self.revocation(&path, used_at, proof, report);
    }

    /// The signer is the one that the pages name.
    fn compare(&self, leaf: &Certificate, report: &mut Report) {
        let Some(claim) = self.claim else { return };
        if *claim.signer.as_bytes() != leaf.fingerprint() {
            let finding = Finding::OtherSigner {
                named: *claim.signer.as_bytes(),
                found: leaf.fingerprint(),
            };
            report.find(Check::SignerChain, finding);
        }
        let mut of_leaf = self.named(leaf).peekable();
        if let Some(first) = of_leaf.peek().map(|one| one.name.clone())
            && of_leaf.all(|one| one.name != claim.operator)
        {
            let finding = Finding::OtherOperator {
                named: claim.operator.to_owned(),
                found: first,
            };
            report.find(Check::SignerChain, finding);
        }
    }

    /// The operators for whom this certificate signs at any time.
    fn named<'s>(&'s self, leaf: &'s Certificate) -> impl Iterator<Item = &'s Operator> {
        let operators = self.trust.operators.iter();
        operators.filter(|operator| operator.pins.iter().any(|pin| pin.names(leaf)))
    }

    /// The operator for whom this certificate signs at that time: the one that the evidence names,
    /// if it is among several.
    fn operator(&self, leaf: &Certificate, used_at: Timestamp) -> Result<&Operator, Finding> {
        let is_claimed = |operator: &&&Operator| {
            self.claim
                .is_some_and(|claim| claim.operator == operator.name)
        };
        let holds = |operator: &&Operator| {
            let mut pins = operator.pins.iter();
            pins.any(|pin| pin.names(leaf) && pin.holds_at(used_at))
        };
        let operators = self.trust.operators.iter();
        let good: Vec<&Operator> = operators.filter(holds).collect();
        if let Some(operator) = good.iter().find(is_claimed).or(good.first()) {
            return Ok(operator);
        }
        Err(match self.named(leaf).next() {
            Some(operator) => Finding::SignerNotThen {
                operator: operator.name.clone(),
                at: used_at,
            },
            None => Finding::SignerNotNamed {
                subject: leaf.subject(),
                fingerprint: leaf.fingerprint(),
            },
        })
    }

    fn path(
        &self,
        chain: &SignerChain,
        leaf: &Certificate,
        roots: &[Certificate],
        used_at: Timestamp,
    ) -> Result<Vec<Certificate>, Finding> {
        let pool = [chain.certificates(), &self.data.certificates].concat();
        let role = Role::DocumentSigner;
        let path = self.inspector.path(leaf, role, (&pool, roots), used_at);
        path.map_err(|problem| {
            if problem == TokenProblem::NotValidAtItsTime {
                return Finding::SignerNotValid(used_at);
            }
            if matches!(
                problem,
                TokenProblem::Misfit { .. } | TokenProblem::TooManyCertificates
            ) {
                return Finding::SignerPath(problem.to_string());
            }
            let last = last_above(leaf, &pool);
            Finding::SignerUntrusted {
                root: last.subject(),
                fingerprint: last.fingerprint(),
            }
        })
    }

    fn revocation(
        &self,
        path: &[Certificate],
        used_at: Timestamp,
        proof: &Proof,
        report: &mut Report,
    ) {
        report.made(Check::Revocation);
        let moments = (used_at, used_at);
        match self
            .data
            .of_path(self.inspector, path, moments, &proof.times)
        {
            Known::Good => {}
            Known::Revoked { subject, at } => {
                report.find(Check::Revocation, Finding::SignerRevoked { subject, at });
            }
            Known::Nothing { subject } => {
                report.find(Check::Revocation, Finding::NoRevocationData { subject });
            }
        }
    }
}
