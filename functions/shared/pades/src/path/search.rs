//! The search for a path: bounded, whatever certificates a file brings along.

use super::{Misfit, PATH_LENGTH_MAX, PathBudget, Role, check};
use crate::key::Verified;
use crate::{Certificate, TokenProblem};
use jiff::Timestamp;

/// Signatures that one search checks: a token carries what certificates it likes.
const SIGNATURES_MAX: usize = 64;

/// Between what a path is looked for.
#[derive(Clone, Copy)]
pub(crate) struct Ends<'a> {
    /// Where it begins.
    pub(crate) leaf: &'a Certificate,
    /// What the leaf does.
    pub(crate) role: Role,
    /// Where it ends.
    pub(crate) roots: &'a [Certificate],
}

/// Finds a path over certificates of `pool`, all valid at `time` and each one fit for its place.
///
/// Gives the path, the root last. Says why not as the furthest that the search came.
pub(crate) fn find(
    ends: Ends<'_>,
    pool: &[Certificate],
    time: Timestamp,
    verified: &mut Verified,
    budget: &mut PathBudget,
) -> Result<Vec<Certificate>, TokenProblem> {
    let mut search = Search {
        ends,
        pool,
        time,
        verified,
        budget,
        signatures_left: SIGNATURES_MAX,
        met_expired: false,
        met_misfit: None,
    };
    match search.extend(&mut vec![ends.leaf]) {
        Some(Step::Found(path)) => Ok(path),
        Some(Step::GaveUp) => Err(TokenProblem::TooManyCertificates),
        None if search.met_expired => Err(TokenProblem::NotValidAtItsTime),
        None => Err(search.met_misfit.unwrap_or(TokenProblem::UntrustedChain)),
    }
}

struct Search<'a, 'b> {
    ends: Ends<'a>,
    pool: &'a [Certificate],
    time: Timestamp,
    verified: &'b mut Verified,
    budget: &'b mut PathBudget,
    signatures_left: usize,
    met_expired: bool,
    met_misfit: Option<TokenProblem>,
}

/// How a search ended before it had been everywhere.
enum Step {
    Found(Vec<Certificate>),
    /// There is no budget left.
    GaveUp,
}

impl<'a> Search<'a, '_> {
    /// Goes on from the last certificate of `path`, and leaves `path` as it was.
    fn extend(&mut self, path: &mut Vec<&'a Certificate>) -> Option<Step> {
        let below = path.len().checked_sub(1)?;
        let certificate = *path.last()?;
        if path.len() >= PATH_LENGTH_MAX {
            return None;
        }
        let (roots, pool) = (self.ends.roots, self.pool);
        let candidates = roots.iter().map(|root| (root, true));
        for (issuer, is_root) in candidates.chain(pool.iter().map(|other| (other, false))) {
            if self.budget.look().is_none() {
                return Some(Step::GaveUp);
            }
            // A root that is not among the trusted ones leads nowhere.
            let leads_nowhere = !is_root && issuer.is_self_issued();
            if !certificate.names_as_issuer(issuer) || leads_nowhere || !issuer.may_issue(below) {
                continue;
            }
            match self.signatures_left.checked_sub(1) {
                Some(left) if self.budget.verify().is_some() => self.signatures_left = left,
                Some(_) | None => return Some(Step::GaveUp),
            }
            if certificate.is_signed_by(issuer, self.verified) != Ok(true) {
                continue;
            }
            path.push(issuer);
            let step = if is_root {
                self.end(path)
            } else {
                self.extend(path)
            };
            path.pop();
            if step.is_some() {
                return step;
            }
        }
        None
    }

    /// Looks at a path that reaches a root. Validity is looked at last, so that "expired" is only
    /// said of a path that is good otherwise.
    fn end(&mut self, path: &[&Certificate]) -> Option<Step> {
        if let Err(Misfit { position, problem }) = check(path, self.ends.role) {
            let subject = path.get(position).map(|one| one.subject());
            let subject = subject.unwrap_or_default();
            self.met_misfit
                .get_or_insert(TokenProblem::Misfit { subject, problem });
            return None;
        }
        if !path.iter().all(|one| one.is_valid_at(self.time)) {
            self.met_expired = true;
            return None;
        }
        Some(Step::Found(path.iter().copied().cloned().collect()))
    }
}
