//! The timestamps, from the newest to the oldest: each is looked at from the time at which the next
//! one confirms that it existed (EN 319 102-1 clause 5.6.2).
//!
//! A clock counts if the reader trusts a root above it. An authority that the reader does not trust
//! is not a stranger if the evidence names its root: then another clock may count alone.
//! Whoever else stamped covers nothing, and the file is not whole.

use crate::report::{Check, Finding, Report, TimestampFact};
use crate::revocation::{Known, ValidationData};
use jiff::{SignedDuration, Timestamp};
use pades::inspect::{InspectedToken, Inspector, last_above};
use pades::{Certificate, Role, TokenProblem};
use std::collections::BTreeSet;

/// How much two clocks may differ. Authorities promise a second; proxies and leap seconds happen.
const CLOCK_DIFFERENCE_MAX: SignedDuration = SignedDuration::from_mins(5);

/// What the timestamps prove.
#[derive(Debug)]
pub(crate) struct Proof {
    /// The signature existed at this time, according to the oldest clock that can be trusted.
    pub(crate) existed_at: Option<Timestamp>,
    /// What the clocks say whose authorities are trusted or named.
    pub(crate) times: Vec<Timestamp>,
    /// When the certificate was stamped first, according to an authority that is trusted or named:
    /// the time of the first timestamp, or of the second where the first is a stranger's.
    pub(crate) stamped_at: Option<Timestamp>,
}

/// What tokens are judged by.
pub(crate) struct Judge<'a> {
    /// Roots that the reader trusts.
    pub(crate) roots: &'a [Certificate],
    /// SHA-256 of the roots that the evidence names.
    pub(crate) named: &'a BTreeSet<[u8; 32]>,
    pub(crate) data: &'a ValidationData,
    pub(crate) inspector: &'a Inspector,
    /// When the reader looks at the file.
    pub(crate) at: Timestamp,
    /// The position of the file's last token.
    pub(crate) last: usize,
}

/// A token whose signature holds, and where it leads.
struct Placed<'t> {
    position: usize,
    token: &'t InspectedToken,
    standing: Standing,
}

/// What an authority is to the reader. Paths have the root last.
enum Standing {
    /// The reader trusts it.
    Trusted(Vec<Certificate>),
    /// The evidence names it.
    Named(Vec<Certificate>),
    /// Its certificate was not valid at the token's own time.
    NotValid,
    /// A certificate above it is not for that, or the search was given up: which is said here.
    Unfit(TokenProblem),
    /// Nobody knows it.
    Stranger,
}

impl Standing {
    fn path(&self) -> Option<&[Certificate]> {
        match self {
            Self::Trusted(path) | Self::Named(path) => Some(path),
            Self::NotValid | Self::Unfit(_) | Self::Stranger => None,
        }
    }
}

/// When a token was seen by whom.
#[derive(Clone, Copy)]
struct Seen {
    /// By the next newer good clock, or else by the reader.
    confirmed_at: Timestamp,
    /// The time for which it has to be proven that nobody was revoked.
    existed_at: Timestamp,
}

impl Judge<'_> {
    /// Judges tokens whose signatures hold, the signature's own first, with their positions.
    pub(crate) fn judge(&self, tokens: &[(usize, InspectedToken)], report: &mut Report) -> Proof {
        let tokens = self.place(tokens, report);
        let known = || tokens.iter().filter(|one| one.standing.path().is_some());
        let times: Vec<Timestamp> = known().map(|one| one.token.time()).collect();
        let (mut confirmed_at, mut is_proven) = (self.at, false);
        let (mut facts, mut counted) = (Vec::new(), Vec::new());
        for placed in tokens.iter().rev() {
            // A token's own time proves nothing about itself: it existed when a newer clock says
            // so. Of the newest one nobody can say more than was known when it was made.
            let existed_at = if is_proven {
                confirmed_at
            } else {
                placed.token.time()
            };
            let seen = Seen {
                confirmed_at,
                existed_at,
            };
            let finding = self.doubt(placed, seen, &times, report);
            let is_good = finding.is_none() && matches!(placed.standing, Standing::Trusted(_));
            report.extend(Check::Timestamps, finding);
            if is_good {
                confirmed_at = confirmed_at.min(placed.token.latest());
                is_proven = true;
                counted.push(placed);
            }
            facts.push(TimestampFact {
                authority: placed.token.certificate().subject(),
                time: placed.token.time(),
                is_good,
            });
        }
        facts.reverse();
        report.facts.timestamps = facts;
        count(&tokens, &counted, report);
        let first = known().find(|one| one.position <= 1);
        Proof {
            existed_at: is_proven.then_some(confirmed_at),
            times,
            stamped_at: first.map(|one| one.token.latest()),
        }
    }

    /// Finds where each token leads, and that they rise in time.
    fn place<'t>(
        &self,
        tokens: &'t [(usize, InspectedToken)],
        report: &mut Report,
    ) -> Vec<Placed<'t>> {
        let named: Vec<Certificate> = self
            .data
            .certificates
            .iter()
            .filter(|one| self.named.contains(&one.fingerprint()))
            .cloned()
            .collect();
        let place = |(position, token): &'t (usize, InspectedToken)| Placed {
            position: *position,
            token,
            standing: self.standing(token, &named),
        };
        let placed: Vec<Placed<'t>> = tokens.iter().map(place).collect();
        let mut before: Option<&InspectedToken> = None;
        for one in placed.iter().filter(|one| one.standing.path().is_some()) {
            if let Some(before) = before.filter(|before| !one.token.may_follow(before)) {
                let finding = Finding::StampsFall {
                    position: one.position,
                    time: one.token.time(),
                    before: before.time(),
                };
                report.find(Check::Timestamps, finding);
            }
            before = Some(one.token);
        }
        placed
    }

    fn standing(&self, token: &InspectedToken, named: &[Certificate]) -> Standing {
        let (certificate, pool) = (token.certificate(), self.pool(token));
        let path = |roots| {
            let (role, way) = (Role::TimestampAuthority, (&pool[..], roots));
            self.inspector.path(certificate, role, way, token.time())
        };
        let of_trusted = match path(self.roots) {
            Ok(path) => return Standing::Trusted(path),
            Err(problem) => problem,
        };
        let of_named = match path(named) {
            Ok(path) => return Standing::Named(path),
            Err(problem) => problem,
        };
        let problems = [of_trusted, of_named];
        if problems.contains(&TokenProblem::NotValidAtItsTime) {
            return Standing::NotValid;
        }
        let is_unfit = |problem: &TokenProblem| {
            matches!(
                problem,
                TokenProblem::Misfit { .. } | TokenProblem::TooManyCertificates
            )
        };
        let unfit = problems.into_iter().find(is_unfit);
        unfit.map_or(Standing::Stranger, Standing::Unfit)
    }

    fn pool(&self, token: &InspectedToken) -> Vec<Certificate> {
        [token.certificates(), &self.data.certificates].concat()
    }

    /// Why a token does not count, if it does not.
    fn doubt(
        &self,
        placed: &Placed<'_>,
        seen: Seen,
        times: &[Timestamp],
        report: &mut Report,
    ) -> Option<Finding> {
        let Placed {
            position, token, ..
        } = *placed;
        let (certificate, time) = (token.certificate(), token.time());
        let (data, is_last) = (&self.data.certificates, position == self.last);
        let certificates = self
            .inspector
            .check_certificates(token, data, self.roots, is_last);
        if let Err(problem) = certificates {
            let problem = problem.to_string();
            return Some(Finding::Token { position, problem });
        }
        let path = match &placed.standing {
            Standing::Trusted(path) | Standing::Named(path) => path,
            Standing::NotValid => return Some(Finding::TokenNotValid { position, time }),
            Standing::Unfit(problem) => {
                let problem = problem.to_string();
                return Some(Finding::TokenPath { position, problem });
            }
            Standing::Stranger => {
                let pool = self.pool(token);
                let last = last_above(certificate, &pool);
                return Some(Finding::TokenUntrusted {
                    position,
                    root: last.subject(),
                    fingerprint: last.fingerprint(),
                });
            }
        };
        if !token.is_accurate() {
            return Some(Finding::TokenInaccurate { position });
        }
        if let Some(finding) = when(placed, path, seen.confirmed_at) {
            return Some(finding);
        }
        let moments = (seen.existed_at, seen.confirmed_at);
        match self.data.of_path(self.inspector, path, moments, times) {
            Known::Good => {}
            Known::Revoked { subject, at } => {
                return Some(Finding::TokenRevoked {
                    position,
                    subject,
                    at,
                });
            }
            Known::Nothing { subject } => {
                report.find(Check::Revocation, Finding::NoRevocationData { subject });
            }
        }
        match (&placed.standing, path.last()) {
            (Standing::Named(_), Some(root)) => Some(Finding::ClockNotTrusted {
                position,
                root: root.subject(),
                fingerprint: root.fingerprint(),
            }),
            _ => None,
        }
    }
}

/// Why the time of a token does not fit the time at which it was confirmed.
fn when(placed: &Placed<'_>, path: &[Certificate], confirmed_at: Timestamp) -> Option<Finding> {
    let (position, time) = (placed.position, placed.token.time());
    let latest = confirmed_at.checked_add(CLOCK_DIFFERENCE_MAX);
    if time > latest.unwrap_or(Timestamp::MAX) {
        return Some(Finding::TokenFromTheFuture {
            position,
            time,
            confirmed_at,
        });
    }
    let below_root = path.iter().rev().skip(1);
    let expired_at = below_root.map(Certificate::not_after).min();
    let expired_at = expired_at.filter(|end| *end < confirmed_at)?;
    Some(Finding::TokenStale {
        position,
        expired_at,
    })
}

/// Two authorities are two if they lead to two roots, whatever they call themselves. Two
/// certificates of one key are one root.
fn count(tokens: &[Placed<'_>], counted: &[&Placed<'_>], report: &mut Report) {
    let mut keys: Vec<[u8; 32]> = tokens
        .iter()
        .filter_map(|one| one.standing.path()?.last()?.public_key_fingerprint().ok())
        .collect();
    keys.sort_unstable();
    keys.dedup();
    if counted.is_empty() && !tokens.is_empty() {
        report.find(Check::Timestamps, Finding::NoGoodClock);
    } else if keys.len() == 1 {
        report.find(Check::Timestamps, Finding::OneClock);
    }
    let is_named = |one: &Placed<'_>| matches!(one.standing, Standing::Named(_));
    if !counted.is_empty() && tokens.iter().any(is_named) {
        let positions = counted.iter().rev().map(|one| one.position);
        let finding = Finding::ClocksThatCount(positions.collect());
        report.find(Check::Timestamps, finding);
    }
}
