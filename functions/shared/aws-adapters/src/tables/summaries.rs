//! When the summary of a submission is due: an item that counts down.

use domain::billing::Bounds;
use domain::{Dispatch, NoticeState, Points, SubmissionId};
use workflow::ports::{KeepSummary, PortResult, SummaryProgress};

use super::contention::Contention;
use super::dispatch_item::{key_in_submission, key_of_dispatch};
use super::item::{Item, ItemError, Reader, count, flag, item};
use super::notice::{notice_from_map, notice_to_map};
use super::write::{Update, Writes};
use super::{Tables, unreadable};
use crate::fault::{permanent, transient};

const COUNTING: &str = "counting an ended dispatch";
const MOVING: &str = "moving a summary on";

/// The attribute of a dispatch that was counted.
const SUMMARIZED: &str = "summarized";

/// What is written when a dispatch ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Write {
    Dispatch,
    Summary,
}

impl KeepSummary for Tables {
    async fn count_ended(&self, dispatch: &Dispatch) -> PortResult<SummaryProgress> {
        let table = self.dispatches_table()?;
        let key = || key_of_summary(&dispatch.submission);
        let mut contention = Contention::begin();
        loop {
            let counted = Update::of(table, key_of_dispatch(&dispatch.id))
                .when_there("pk")
                .when_missing(SUMMARIZED)
                .set(SUMMARIZED, flag(true));
            let one_at_least = Bounds {
                least: Points::new(1),
                ..Bounds::ANY
            };
            let waiting = Update::of(table, key())
                .shift("waiting", -1)
                .within("waiting", one_at_least);
            let mut writes = Writes::new();
            writes.add(Write::Dispatch, counted.in_transaction()?);
            writes.add(Write::Summary, waiting.in_transaction()?);
            let lost = writes.send(&self.client, COUNTING).await?.err();
            let was_counted = lost
                .as_ref()
                .is_none_or(|lost| lost.condition_failed(Write::Dispatch));
            if was_counted {
                let found = self.read(COUNTING, table, key()).await?;
                let found = found.ok_or_else(|| permanent(COUNTING, "there is no such summary"))?;
                return summary_from_item(&found).map_err(unreadable(COUNTING));
            }
            if lost.is_some_and(|lost| !lost.is_conflict()) {
                return Err(permanent(COUNTING, "more dispatches end than there are"));
            }
            if !contention.pause().await {
                return Err(transient(COUNTING, "others keep counting"));
            }
        }
    }

    async fn move_summary(
        &self,
        id: &SubmissionId,
        from: &NoticeState,
        to: &NoticeState,
    ) -> PortResult<bool> {
        let update = Update::of(self.dispatches_table()?, key_of_summary(id))
            .set("notice", notice_to_map(to))
            .when("notice", notice_to_map(from));
        let written = update.send_through(&self.client, MOVING).await?;
        Ok(written.is_some())
    }
}

fn key_of_summary(id: &SubmissionId) -> Item {
    key_in_submission(id, "SUMMARY")
}

/// Of a submission whose dispatches all have to end yet.
pub(super) fn new_summary(id: &SubmissionId, recipients: usize) -> Item {
    let mut summary = key_of_summary(id);
    summary.extend(item([
        ("waiting", count(recipients)),
        ("notice", notice_to_map(&NoticeState::Pending)),
    ]));
    summary
}

fn summary_from_item(item: &Item) -> Result<SummaryProgress, ItemError> {
    let item = Reader(item);
    Ok(SummaryProgress {
        waiting: item.number("waiting")?,
        notice: notice_from_map(item.map("notice")?)?,
    })
}
