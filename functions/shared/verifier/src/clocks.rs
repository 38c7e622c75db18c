//! The timestamps, from the newest to the oldest: each is looked at from the time at which the next
//! one confirms that it existed (EN 319 102-1 clause 5.6.2).

use crate::report::{Check, Finding, Report, TimestampFact};
use crate::revocation::{Known, ValidationData};
use jiff::{SignedDuration, Timestamp};
use pades::inspect::{InspectedToken, Inspector, last_above};
use pades::{Certificate, Role, TokenProblem};

/// How much two clocks may differ. Authorities promise a second; proxies and leap seconds happen.
const CLOCK_DIFFERENCE_MAX: SignedDuration = SignedDuration::from_mins(5);

/// What the timestamps prove.
#[derive(Debug)]
pub(crate) struct Proof {
    /// The signature existed at this time, according to the oldest clock that can be trusted.
    pub(crate) existed_at: Option<Timestamp>,
    /// What all clocks say, trusted or not.
    pub(crate) times: Vec<Timestamp>,
}

/// What tokens are judged by.
pub(crate) struct Judge<'a> {
    pub(crate) roots: &'a [Certificate],
    pub(crate) data: &'a ValidationData,
    pub(crate) inspector: &'a Inspector,
    /// When the reader looks at the file.
    pub(crate) at: Timestamp,
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
        let times: Vec<Timestamp> = tokens.iter().map(|(_, token)| token.time()).collect();
        let (mut confirmed_at, mut is_proven) = (self.at, false);
        let mut facts = Vec::new();
        for (position, token) in tokens.iter().rev() {
            // A token's own time proves nothing about itself: it existed when a newer clock says
            // so. Of the newest one nobody can say more than was known when it was made.
            let existed_at = if is_proven {
                confirmed_at
            } else {
                token.time()
            };
            let seen = Seen {
                confirmed_at,
                existed_at,
            };
            let finding = self.doubt(*position, token, seen, &times, report);
            let is_good = finding.is_none();
            if let Some(finding) = finding {
                report.find(Check::Timestamps, finding);
            } else {
                confirmed_at = confirmed_at.min(token.time());
                is_proven = true;
            }
            facts.push(TimestampFact {
                authority: token.certificate().subject(),
                time: token.time(),
                is_good,
            });
        }
        facts.reverse();
        report.facts.timestamps = facts;
        self.count(tokens, is_proven, report);
        Proof {
            existed_at: is_proven.then_some(confirmed_at),
            times,
        }
    }

    /// Two authorities are independent if nothing above their certificates is the same.
    fn count(&self, tokens: &[(usize, InspectedToken)], is_proven: bool, report: &mut Report) {
        let mut above: Vec<[u8; 32]> = tokens
            .iter()
            .map(|(_, token)| last_above(token.certificate(), &self.pool(token)).fingerprint())
            .collect();
        above.sort_unstable();
        above.dedup();
        if !is_proven && !tokens.is_empty() {
            report.find(Check::Timestamps, Finding::NoGoodClock);
        } else if above.len() == 1 {
            report.find(Check::Timestamps, Finding::OneClock);
        }
    }

    fn pool(&self, token: &InspectedToken) -> Vec<Certificate> {
        [token.certificates(), &self.data.certificates].concat()
    }

    /// Why a token does not count, if it does not.
    fn doubt(
        &self,
        position: usize,
        token: &InspectedToken,
        seen: Seen,
        times: &[Timestamp],
        report: &mut Report,
    ) -> Option<Finding> {
        let confirmed_at = seen.confirmed_at;
        let (certificate, time, pool) = (token.certificate(), token.time(), self.pool(token));
        let stale = |expired_at| Finding::TokenStale {
            position,
            expired_at,
        };
        let (role, way) = (Role::TimestampAuthority, (&pool[..], self.roots));
        let path = match self.inspector.path(certificate, role, way, time) {
            Ok(path) => path,
            Err(TokenProblem::NotValidAtItsTime) => return Some(stale(certificate.not_after())),
            Err(problem @ (TokenProblem::Misfit { .. } | TokenProblem::TooManyCertificates)) => {
                let problem = problem.to_string();
                return Some(Finding::TokenPath { position, problem });
            }
            Err(_) => {
                let last = last_above(certificate, &pool);
                return Some(Finding::TokenUntrusted {
                    position,
                    root: last.subject(),
                    fingerprint: last.fingerprint(),
                });
            }
        };
        let elsewhere = self.data.certificates.iter().chain(self.roots);
        if let Err(problem) = self.inspector.check_company(token, elsewhere) {
            let problem = problem.to_string();
            return Some(Finding::Token { position, problem });
        }
        let difference = CLOCK_DIFFERENCE_MAX;
        if time
            > confirmed_at
                .checked_add(difference)
                .unwrap_or(Timestamp::MAX)
        {
            return Some(Finding::TokenFromTheFuture {
                position,
                time,
                confirmed_at,
            });
        }
        let below_root = path.iter().rev().skip(1);
        let expired_at = below_root.map(Certificate::not_after).min();
        if let Some(expired_at) = expired_at.filter(|end| *end < confirmed_at) {
            return Some(stale(expired_at));
        }
        let moments = (seen.existed_at, confirmed_at);
        match self.data.of_path(self.inspector, &path, moments, times) {
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
        None
    }
}
