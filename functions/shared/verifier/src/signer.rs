//! The signer's certificates: whether they lead to a trusted root, and were good when used.

use crate::clocks::Proof;
use crate::report::{Check, Finding, Report};
use crate::revocation::{Known, ValidationData};
use jiff::Timestamp;
use pades::inspect::{Inspector, last_above};
use pades::{Certificate, SignerChain, TokenProblem};

/// Looks at the chain at the time at which the signature demonstrably existed.
pub(crate) fn check(
    chain: &SignerChain,
    proof: &Proof,
    (roots, data, inspector): (&[Certificate], &ValidationData, &Inspector),
    at: Timestamp,
    report: &mut Report,
) {
    let Some(leaf) = chain.certificates().first() else {
        return;
    };
    report.made(Check::SignerChain);
    // Without a good clock the verdict is settled; the root is looked for nevertheless.
    let used_at = proof
        .existed_at
        .or(proof.times.first().copied())
        .unwrap_or(at);
    let pool = [chain.certificates(), &data.certificates].concat();
    let path = match inspector.path(leaf, &pool, roots, used_at) {
        Ok(path) => path,
        Err(TokenProblem::NotValidAtItsTime) => {
            report.find(Check::SignerChain, Finding::SignerNotValid(used_at));
            return;
        }
        Err(_) => {
            let last = last_above(leaf, &pool);
            let finding = Finding::SignerUntrusted {
                root: last.subject(),
                fingerprint: last.fingerprint(),
            };
            report.find(Check::SignerChain, finding);
            return;
        }
    };
    report.made(Check::Revocation);
    match data.of_path(inspector, &path, (used_at, used_at), &proof.times) {
        Known::Good => {}
        Known::Revoked { subject, at } => {
            report.find(Check::Revocation, Finding::SignerRevoked { subject, at });
        }
        Known::Nothing { subject } => {
            report.find(Check::Revocation, Finding::NoRevocationData { subject });
        }
    }
}
