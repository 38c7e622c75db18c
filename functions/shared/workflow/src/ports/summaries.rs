//! The one mail about a submission of many recipients.

use std::future::Future;

use domain::{Dispatch, NoticeState, SubmissionId};

use super::PortResult;

/// How far the summary of a submission has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryProgress {
    /// How many dispatches have not ended yet; the summary is due at none.
    pub waiting: usize,
    /// How far its mail has come.
    pub notice: NoticeState,
}

/// Keeps when the summary of a submission is due, and how far it has come.
pub trait KeepSummary {
    /// Counts a dispatch that has come to its end, once however often it is asked. Returns what is
    /// known then.
    fn count_ended(
        &self,
        dispatch: &Dispatch,
    ) -> impl Future<Output = PortResult<SummaryProgress>> + Send;

    /// Moves the mail on, unless somebody else did: `false` then.
    fn move_summary(
        &self,
        id: &SubmissionId,
        from: &NoticeState,
        to: &NoticeState,
    ) -> impl Future<Output = PortResult<bool>> + Send;
}
