//! What a step writes into a ledger, as data.
//!
//! A posting holds lines, the change of the balance, and what the balance must be before. A store
//! writes all of it or nothing. Within the bounds that a posting names its change never leaves
//! what a balance can hold, so a store has nothing to decide.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Balance, EntryId, GrantReference, LedgerEntry, Points};
use crate::limits::POINTS_MAX;
use crate::{Account, AccountId, ChargeState, Dispatch, DispatchId, SubmissionId, lapse_at};

/// Some lines of one account's ledger with the change of its balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// Whose ledger.
    pub account: AccountId,
    /// The lines.
    pub lines: Vec<LineWrite>,
    /// The change of the balance.
    pub delta: Delta,
    /// How many free points there must be before.
    pub available: Bounds,
    /// How many reserved points there must be before.
    pub reserved: Bounds,
}

/// The write of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineWrite {
    /// A new line. It must not be there yet.
    New(LedgerEntry),
    /// Points that move out of a submission's reservation. Its line must be there, and so many must
    /// be left of it.
    Draw {
        /// Whose reservation.
        submission: SubmissionId,
        /// How many.
        points: Points,
    },
    /// The end of a dispatch's charge. Its line must be there, and still be reserved.
    End {
        /// Whose charge.
        dispatch: DispatchId,
        /// What becomes of its points.
        to: ChargeState,
        /// When.
        at: Timestamp,
    },
}

/// The change of a balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delta {
    /// How many free points more, or less.
    pub available: i64,
    /// How many reserved points more, or less.
    pub reserved: i64,
}

/// The least and the most of a number of points. A balance that was never written counts as none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Not less.
    pub least: Points,
    /// Not more.
    pub most: Points,
}

/// Holds the points of new dispatches of one account, each at its price, if so many are free.
#[must_use]
pub fn reserve(account: &AccountId, dispatches: &[Dispatch]) -> Posting {
    let total = total_of(dispatches);
    let lines = dispatches.iter().map(new_charge).collect();
    hold_in(account, lines, total)
}

/// Holds the points of a whole submission in one line, if so many are free. [`divide`] makes the
/// charges of its recipients out of it.
#[must_use]
pub fn reserve_whole(
    account: &AccountId,
    submission: &SubmissionId,
    points: Points,
    at: Timestamp,
) -> Posting {
    let line = LineWrite::New(LedgerEntry::Reservation {
        submission: submission.clone(),
        points,
        left: points,
        at,
    });
    hold_in(account, vec![line], points)
}

/// Makes charges of new dispatches out of what their submission holds. The balance stays: what was
/// reserved for the submission is reserved for them.
#[must_use]
pub fn divide(account: &AccountId, submission: &SubmissionId, dispatches: &[Dispatch]) -> Posting {
    let draw = LineWrite::Draw {
        submission: submission.clone(),
        points: total_of(dispatches),
    };
    let charges = dispatches.iter().map(new_charge);
    Posting {
        account: account.clone(),
        lines: std::iter::once(draw).chain(charges).collect(),
        delta: Delta::default(),
        available: Bounds::ANY,
        reserved: Bounds::ANY,
    }
}

/// Spends the points that a dispatch holds.
#[must_use]
pub fn post(dispatch: &Dispatch, at: Timestamp) -> Posting {
    let delta = Delta {
        available: 0,
        reserved: -signed(dispatch.price),
    };
    end_of(dispatch, ChargeState::Posted, at, delta)
}

/// Gives back the points that a dispatch holds.
#[must_use]
pub fn void(dispatch: &Dispatch, at: Timestamp) -> Posting {
    let price = signed(dispatch.price);
    let delta = Delta {
        available: price,
        reserved: -price,
    };
    end_of(dispatch, ChargeState::Voided, at, delta)
}

/// Ends the charge of a dispatch in this way. Nothing is to be written while it stays reserved.
#[must_use]
pub fn end(dispatch: &Dispatch, to: ChargeState, at: Timestamp) -> Option<Posting> {
    match to {
        ChargeState::Reserved => None,
        ChargeState::Posted => Some(post(dispatch, at)),
        ChargeState::Voided => Some(void(dispatch, at)),
    }
}

/// Adds points, once per reference. None where they are more than an account may have.
///
/// Free and reserved points stay below [`POINTS_MAX`] each when points are added, and nothing else
/// makes points: so both together fit into one number, however they move afterwards.
#[must_use]
pub fn grant(
    account: &AccountId,
    points: Points,
    reference: &GrantReference,
    at: Timestamp,
) -> Option<Posting> {
    let most = POINTS_MAX.checked_sub(points.get())?;
    Some(Posting {
        account: account.clone(),
        lines: vec![LineWrite::New(LedgerEntry::Grant {
            reference: reference.clone(),
            points,
            at,
        })],
        delta: Delta {
            available: signed(points),
            reserved: 0,
        },
        available: Bounds::at_most(Points::new(most)),
        reserved: Bounds::at_most(Points::new(POINTS_MAX)),
    })
}

/// Takes all points of an account that lapses (I-046). They must be these, with none reserved: the
/// outcome of a dispatch is open otherwise.
#[must_use]
pub fn lapse(account: &Account, points: Points, at: Timestamp) -> Posting {
    Posting {
        account: account.id.clone(),
        lines: vec![LineWrite::New(LedgerEntry::Lapse {
            due_on: lapse_at(account.last_used_at)
                .to_zoned(TimeZone::UTC)
                .date(),
            points,
            at,
        })],
        delta: Delta {
            available: -signed(points),
            reserved: 0,
        },
        available: Bounds::exactly(points),
        reserved: Bounds::exactly(Points::ZERO),
    }
}

fn hold_in(account: &AccountId, lines: Vec<LineWrite>, points: Points) -> Posting {
    Posting {
        account: account.clone(),
        lines,
        delta: Delta {
            available: -signed(points),
            reserved: signed(points),
        },
        available: Bounds::at_least(points),
        reserved: Bounds::ANY,
    }
}

fn new_charge(dispatch: &Dispatch) -> LineWrite {
    LineWrite::New(LedgerEntry::Charge {
        dispatch: dispatch.id.clone(),
        serial: dispatch.serial.clone(),
        points: dispatch.price,
        state: ChargeState::Reserved,
        at: dispatch.accepted_at,
        ended_at: None,
    })
}

/// At most [`Points::MOST`], which nobody has.
fn total_of(dispatches: &[Dispatch]) -> Points {
    let prices = dispatches.iter().map(|one| one.price.get());
    Points::new(prices.fold(0, u32::saturating_add))
}

fn end_of(dispatch: &Dispatch, to: ChargeState, at: Timestamp, delta: Delta) -> Posting {
    Posting {
        account: dispatch.serial.account().clone(),
        lines: vec![LineWrite::End {
            dispatch: dispatch.id.clone(),
            to,
            at,
        }],
        delta,
        available: Bounds::ANY,
        reserved: Bounds::at_least(dispatch.price),
    }
}

fn signed(points: Points) -> i64 {
    i64::from(points.get())
}

impl Posting {
    /// Whether the balance changes, or has to be within bounds. The lines alone are to be written
    /// otherwise.
    #[must_use]
    pub fn concerns_balance(&self) -> bool {
        let is_bound = [self.available, self.reserved] != [Bounds::ANY; 2];
        is_bound || self.delta != Delta::default()
    }
}

impl LineWrite {
    /// Which line.
    #[must_use]
    pub fn id(&self) -> EntryId {
        match self {
            Self::New(entry) => entry.id(),
            Self::Draw { submission, .. } => EntryId::Reservation(submission.clone()),
            Self::End { dispatch, .. } => EntryId::Charge(dispatch.clone()),
        }
    }
}

impl Bounds {
    /// Whatever it is.
    pub const ANY: Self = Self {
        least: Points::ZERO,
        most: Points::MOST,
    };

    /// These and no others.
    #[must_use]
    pub fn exactly(points: Points) -> Self {
        Self {
            least: points,
            most: points,
        }
    }

    fn at_least(least: Points) -> Self {
        Self { least, ..Self::ANY }
    }

    fn at_most(most: Points) -> Self {
        Self { most, ..Self::ANY }
    }

    /// Whether a number of points lies within.
    #[must_use]
    pub fn hold(self, points: Points) -> bool {
        (self.least..=self.most).contains(&points)
    }
}

impl Balance {
    /// The balance after a posting; none where it must not be written.
    #[must_use]
    pub fn after(self, posting: &Posting) -> Option<Self> {
        let is_allowed =
            posting.available.hold(self.available) && posting.reserved.hold(self.reserved);
        let moved = |points: Points, by: i64| u32::try_from(signed(points) + by).ok();
        is_allowed
            .then(|| {
                Some(Self {
                    available: Points::new(moved(self.available, posting.delta.available)?),
                    reserved: Points::new(moved(self.reserved, posting.delta.reserved)?),
                })
            })
            .flatten()
    }
}

#[cfg(test)]
mod tests;
