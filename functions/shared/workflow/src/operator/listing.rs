//! What an account has sent, and its mails that were refused: page by page, of a time, of a state.
//!
//! Serials are given in the order of time. So the first serial of a time is found by halves, and a
//! listing ends where its time ends: a day of an account that has sent for years costs some twenty
//! questions and its own entries.

use domain::{AccountId, DispatchId, Event, Outcome, Serial, SerialNumber};
use jiff::{SignedDuration, Timestamp};

use crate::Failure;
use crate::ports::{
    FindAccount, ListSerials, LoadDispatch, LoadDispatches, PageOf, SerialHolder, StoredDispatch,
};

/// Most entries that the store is asked for at once: about a megabyte.
const PAGE_ENTRIES_MAX: usize = 1_000;

/// How much later than its serial's time a serial may be given, in seconds: longer than a function
/// lives that gives it.
const GIVEN_LATE_SECONDS_MAX: i64 = 300;

/// The last number up to which the order of serials is that of their texts.
const ORDERED_NUMBERS_MAX: u64 = 999_999;

/// Which entries are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Whose.
    pub account: AccountId,
    /// Only what is in this state.
    pub state: Option<ListedState>,
    /// Only what ended so.
    pub outcome: Option<Outcome>,
    /// Only what was accepted or refused from this moment on.
    pub from: Option<Timestamp>,
    /// Only what was accepted or refused before this moment.
    pub until: Option<Timestamp>,
    /// Only behind this serial: the last one of the page before.
    pub after: Option<Serial>,
    /// The newest first.
    pub newest_first: bool,
    /// At most so many.
    pub entries_max: usize,
}

/// How far something with a serial has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListedState {
    /// Its outcome is not known yet.
    Open,
    /// Its outcome is known.
    Ended,
    /// It was not accepted.
    Refused,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// In order.
    pub entries: Vec<SerialHolder>,
    /// Behind which serial the next page begins, if more may follow.
    pub next: Option<Serial>,
}

/// The steps with their port.
#[derive(Debug, Clone)]
pub struct ListDispatches<Store> {
    /// Keeps dispatches and what was refused.
    pub store: Store,
}

impl Wanted {
    fn takes(&self, entry: &SerialHolder) -> bool {
        let outcome = outcome_of(entry);
        self.state.is_none_or(|wanted| wanted == state_of(entry))
            && self.outcome.is_none_or(|wanted| outcome == Some(wanted))
            && self.is_of_its_time(entry)
    }

    fn is_of_its_time(&self, entry: &SerialHolder) -> bool {
        if self.from.is_none() && self.until.is_none() {
            return true;
        }
        entry.given_at().is_some_and(|at| {
            self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
        })
    }

    /// Whether nothing that is wanted can come behind this entry.
    fn ends_at(&self, entry: &SerialHolder) -> bool {
        let Some(at) = entry.given_at() else {
            return false;
        };
        if entry.serial().number().get() > ORDERED_NUMBERS_MAX {
            return false;
        }
        if self.newest_first {
            self.from.is_some_and(|from| at < earlier(from))
        } else {
            self.until.is_some_and(|until| at > later(until))
        }
    }

    /// The time at which what is wanted begins, in the direction of the listing.
    fn begins_at(&self) -> Option<Timestamp> {
        if self.newest_first {
            self.until.map(later)
        } else {
            self.from.map(earlier)
        }
    }

    /// How many entries to ask for, where nothing is left out as many as are wanted.
    fn page_entries_max(&self, wanted: usize) -> usize {
        let takes_all = self.state.is_none()
            && self.outcome.is_none()
            && self.from.is_none()
            && self.until.is_none();
        if takes_all {
            wanted.min(PAGE_ENTRIES_MAX)
        } else {
            PAGE_ENTRIES_MAX
        }
    }
}

fn earlier(moment: Timestamp) -> Timestamp {
    let late = SignedDuration::from_secs(GIVEN_LATE_SECONDS_MAX);
    moment.checked_sub(late).unwrap_or(Timestamp::MIN)
}

fn later(moment: Timestamp) -> Timestamp {
    let late = SignedDuration::from_secs(GIVEN_LATE_SECONDS_MAX);
    moment.checked_add(late).unwrap_or(Timestamp::MAX)
}

fn outcome_of(entry: &SerialHolder) -> Option<Outcome> {
    match entry {
        SerialHolder::Dispatch(stored) => stored.progress.outcome(),
        SerialHolder::RefusedMail(_) => None,
    }
}

fn state_of(entry: &SerialHolder) -> ListedState {
    match entry {
        SerialHolder::RefusedMail(_) => ListedState::Refused,
        SerialHolder::Dispatch(_) if outcome_of(entry).is_some() => ListedState::Ended,
        SerialHolder::Dispatch(_) => ListedState::Open,
    }
}

impl<Store> ListDispatches<Store>
where
    Store: FindAccount + ListSerials + LoadDispatch + LoadDispatches,
{
    /// A page of what is wanted, or `None` when there is no such account. What was written a moment
    /// ago may be missing.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn page(&self, wanted: &Wanted) -> Result<Option<Listing>, Failure> {
        if self.store.find_account(&wanted.account).await?.is_none() {
            return Ok(None);
        }
        let mut after = match &wanted.after {
            Some(after) => Some(after.clone()),
            None => self.beginning(wanted).await?,
        };
        let mut entries = Vec::new();
        loop {
            let page = PageOf {
                after,
                newest_first: wanted.newest_first,
                entries_max: wanted.page_entries_max(wanted.entries_max - entries.len()),
            };
            let page = self.store.serials_of(&wanted.account, &page).await?;
            for entry in page.entries {
                if entries.len() == wanted.entries_max {
                    let next = entries
                        .last()
                        .map(|last: &SerialHolder| last.serial().clone());
                    return Ok(Some(Listing { entries, next }));
                }
                if wanted.ends_at(&entry) {
                    let next = None;
                    return Ok(Some(Listing { entries, next }));
                }
                if wanted.takes(&entry) {
                    entries.push(entry);
                }
            }
            let is_full = entries.len() == wanted.entries_max;
            if page.next.is_none() || is_full {
                let next = page.next.filter(|_| is_full);
                return Ok(Some(Listing { entries, next }));
            }
            after = page.next;
        }
    }

    /// What a serial was given to.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn find(&self, serial: &Serial) -> Result<Option<SerialHolder>, Failure> {
        Ok(self.store.find_by_serial(serial).await?)
    }

    /// These dispatches; those that do not exist are left out.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn load_all(&self, ids: &[DispatchId]) -> Result<Vec<StoredDispatch>, Failure> {
        Ok(self.store.load_all(ids).await?)
    }

    /// The events of a dispatch in the order of their own times.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn events(&self, id: &DispatchId) -> Result<Vec<Event>, Failure> {
        Ok(self.store.events(id).await?)
    }

    /// The serial behind which the time that is wanted begins, if it does not begin at the end of
    /// all of them.
    async fn beginning(&self, wanted: &Wanted) -> Result<Option<Serial>, Failure> {
        let Some(begins_at) = wanted.begins_at() else {
            return Ok(None);
        };
        let newest = PageOf {
            after: None,
            newest_first: true,
            entries_max: 1,
        };
        let newest = self.store.serials_of(&wanted.account, &newest).await?;
        let newest = newest.entries.first().map(|one| one.serial().number());
        let newest = newest.map_or(0, SerialNumber::get);
        if newest > ORDERED_NUMBERS_MAX {
            return Ok(None);
        }
        // All up to `before` were given before that time, all from `behind` on were not.
        let (mut before, mut behind) = (0, newest.saturating_add(1));
        while behind - before > 1 {
            let middle = before + (behind - before) / 2;
            let found = self.store.find_by_serial(&serial(wanted, middle)).await?;
            let at = found.as_ref().and_then(SerialHolder::given_at);
            if at.is_some_and(|at| at < begins_at) {
                before = middle;
            } else {
                behind = middle;
            }
        }
        Ok(if wanted.newest_first {
            (behind <= newest).then(|| serial(wanted, behind))
        } else {
            (before > 0).then(|| serial(wanted, before))
        })
    }
}

fn serial(wanted: &Wanted, number: u64) -> Serial {
    let number = SerialNumber::after(number.saturating_sub(1));
    Serial::new(wanted.account.clone(), number)
}
