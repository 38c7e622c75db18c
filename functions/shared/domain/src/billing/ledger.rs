//! The lines of an account's ledger, and how they are read: by time, page by page.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;

use super::Points;
use crate::{ChargeState, DispatchId, Serial, SubmissionId};

const CHARGE_PREFIX: &str = "CHARGE#";
const GRANT_PREFIX: &str = "GRANT#";
const LAPSE_PREFIX: &str = "LAPSE#";
const RESERVATION_PREFIX: &str = "RESERVATION#";

/// Longest reference of a grant, in bytes: an invoice number or a sentence, not a document.
const REFERENCE_LENGTH_BYTES_MAX: usize = 100;

/// One line of an account's ledger. It stands where it was written first: a charge that ends stays
/// in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LedgerEntry {
    /// What a dispatch costs.
    Charge {
        /// Which dispatch.
        dispatch: DispatchId,
        /// Its serial.
        serial: Serial,
        /// How many points.
        points: Points,
        /// What became of them.
        state: ChargeState,
        /// When they were reserved.
        at: Timestamp,
        /// When they were posted or voided.
        ended_at: Option<Timestamp>,
    },
    /// What a submission holds for those of its recipients whose charges are not written yet. Each
    /// charge takes its points out of it, so that nothing is reserved twice.
    Reservation {
        /// Which submission.
        submission: SubmissionId,
        /// How many points it held when it was accepted.
        points: Points,
        /// How many of them are in no charge yet.
        left: Points,
        /// When they were reserved.
        at: Timestamp,
    },
    /// Points that the operator added.
    Grant {
        /// Why.
        reference: GrantReference,
        /// How many.
        points: Points,
        /// When.
        at: Timestamp,
    },
    /// Points that were left when the account lapsed (I-045, I-046).
    Lapse {
        /// The day, in UTC, on which five years had passed since the last use.
        due_on: Date,
        /// How many.
        points: Points,
        /// When the account was closed.
        at: Timestamp,
    },
}

/// By what a line is known. Whoever writes the same line again finds the first one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryId {
    /// The charge of a dispatch.
    Charge(DispatchId),
    /// The reservation of a submission.
    Reservation(SubmissionId),
    /// The grant under a reference.
    Grant(GrantReference),
    /// The end of the account on a day.
    Lapse(Date),
}

/// Why points were granted, in the operator's words; one reference grants once per account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GrantReference(String);

/// A text that is not a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a reference must have 1 to 100 bytes and no control characters")]
pub struct ReferenceError;

/// What came of granting points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Granting {
    /// The points were added.
    Granted,
    /// The reference was used before: nothing was written.
    GrantedBefore,
    /// The account would have more points than can be counted: nothing was written.
    TooMany,
    /// The account was not used for five years and is closed (I-046): nothing was written.
    AccountLapsed,
    /// There is no such account: nothing was written.
    NoAccount,
}

/// Where a line stands in its account's ledger.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LedgerPlace {
    /// When it was written first.
    pub at: Timestamp,
    /// Which of the lines of that moment.
    pub entry: EntryId,
}

/// A text that is not a place in a ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a place in a ledger is what the page before ended with")]
pub struct PlaceError;

/// Which page of a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerPageOf {
    /// Begins behind this line.
    pub after: Option<LedgerPlace>,
    /// Only from this moment on.
    pub from: Option<Timestamp>,
    /// Only before this moment.
    pub until: Option<Timestamp>,
    /// Whether the newest come first.
    pub newest_first: bool,
    /// Most lines.
    pub entries_max: usize,
}

/// A page of a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerPage {
    /// In the order of time; lines of one moment in any order that stays.
    pub entries: Vec<LedgerEntry>,
    /// Behind which line the next page begins, if more may follow.
    pub next: Option<LedgerPlace>,
}

impl LedgerEntry {
    /// When it was written first.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Charge { at, .. }
            | Self::Reservation { at, .. }
            | Self::Grant { at, .. }
            | Self::Lapse { at, .. } => *at,
        }
    }

    /// How many points it is about.
    #[must_use]
    pub fn points(&self) -> Points {
        match self {
            Self::Charge { points, .. }
            | Self::Reservation { points, .. }
            | Self::Grant { points, .. }
            | Self::Lapse { points, .. } => *points,
        }
    }

    /// By what it is known.
    #[must_use]
    pub fn id(&self) -> EntryId {
        match self {
            Self::Charge { dispatch, .. } => EntryId::Charge(dispatch.clone()),
            Self::Reservation { submission, .. } => EntryId::Reservation(submission.clone()),
            Self::Grant { reference, .. } => EntryId::Grant(reference.clone()),
            Self::Lapse { due_on, .. } => EntryId::Lapse(*due_on),
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn place(&self) -> LedgerPlace {
        LedgerPlace {
            at: self.at(),
            entry: self.id(),
        }
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Charge(dispatch) => write!(f, "{CHARGE_PREFIX}{dispatch}"),
            Self::Reservation(submission) => write!(f, "{RESERVATION_PREFIX}{submission}"),
            Self::Grant(reference) => write!(f, "{GRANT_PREFIX}{reference}"),
            Self::Lapse(due_on) => write!(f, "{LAPSE_PREFIX}{due_on}"),
        }
    }
}

impl FromStr for EntryId {
    type Err = PlaceError;
    fn from_str(text: &str) -> Result<Self, PlaceError> {
        let error = PlaceError;
        if let Some(dispatch) = text.strip_prefix(CHARGE_PREFIX) {
            dispatch.parse().map(Self::Charge).map_err(|_| error)
        } else if let Some(submission) = text.strip_prefix(RESERVATION_PREFIX) {
            submission.parse().map(Self::Reservation).map_err(|_| error)
        } else if let Some(reference) = text.strip_prefix(GRANT_PREFIX) {
            reference.parse().map(Self::Grant).map_err(|_| error)
        } else if let Some(due_on) = text.strip_prefix(LAPSE_PREFIX) {
            due_on.parse().map(Self::Lapse).map_err(|_| error)
        } else {
            Err(error)
        }
    }
}

impl fmt::Display for LedgerPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.at, self.entry)
    }
}

impl FromStr for LedgerPlace {
    type Err = PlaceError;
    fn from_str(text: &str) -> Result<Self, PlaceError> {
        // A time has no slash; a reference may have some.
        let (at, entry) = text.split_once('/').ok_or(PlaceError)?;
        Ok(Self {
            at: at.parse().map_err(|_| PlaceError)?,
            entry: entry.parse()?,
        })
    }
}

impl FromStr for GrantReference {
    type Err = ReferenceError;
    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let valid = (1..=REFERENCE_LENGTH_BYTES_MAX).contains(&text.len())
            && !text.chars().any(char::is_control);
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(ReferenceError)
        }
    }
}

impl fmt::Display for GrantReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_short_and_printable() {
        for (text, valid) in [
            ("invoice 1", true),
            ("", false),
            ("a\nb", false),
            (&"x".repeat(101), false),
        ] {
            assert_eq!(text.parse::<GrantReference>().is_ok(), valid, "{text}");
        }
    }

    #[test]
    fn a_place_is_read_as_it_is_written() {
        let at = "2026-01-05T00:00:00.000000001Z".parse().unwrap();
        for entry in [
            EntryId::Charge("abc-01".parse().unwrap()),
            EntryId::Reservation("abc".parse().unwrap()),
            EntryId::Grant("請求書 2026/1 #2".parse().unwrap()),
            EntryId::Lapse("2031-02-28".parse().unwrap()),
        ] {
            let place = LedgerPlace { at, entry };
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        for text in ["", "2026-01-05T00:00:00Z", "2026-01-05T00:00:00Z/BALANCE"] {
            assert_eq!(text.parse::<LedgerPlace>(), Err(PlaceError), "{text}");
        }
    }
}
