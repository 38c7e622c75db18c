//! Recording what came back, whatever its road.

use domain::limits::UNPROVEN_ANSWERS_MAX;
use domain::{
    Answer, Command, Decision, DispatchId, Event, EventId, EventSource, Named, Sha256Digest,
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tracing::info;

use crate::Failure;
use crate::answers::of_contract::answers;
use crate::answers::open_addendum::open_addendum;
use crate::dispatch::progress::{apply, complete_if_due, load};
use crate::ports::{CommitChange, CompleteWait, LoadDispatch, OpenAddendum, StartDispatch};

/// An answer as it came in.
pub(crate) struct Received {
    /// The same answer twice has the same id.
    pub(crate) id: EventId,
    /// Who received it for us.
    pub(crate) source: EventSource,
    /// The receiving service's own record, when there is one.
    pub(crate) verbatim: Option<String>,
    /// What it is.
    pub(crate) answer: Answer,
}

/// Whether what came back is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// It is an event of the contract.
    Yes,
    /// It is not the recipient's, and there is [`UNPROVEN_ANSWERS_MAX`] of that.
    EnoughOfThese,
}

/// Records an answer, whatever its road, with the standing that its proof gives it at that moment,
/// and tells the waiting workflow. An answer of the recipient's that settles nothing becomes an
/// addendum (P-065).
pub(crate) async fn take(
    store: &(impl LoadDispatch + CommitChange + OpenAddendum),
    workflows: &(impl CompleteWait + StartDispatch),
    id: &DispatchId,
    received: &Received,
    now: Timestamp,
) -> Result<Kept, Failure> {
    if is_one_too_many(store, id, received).await? {
        info!(dispatch_id = %id, "ignored what came back: there is enough that proves nothing");
        return Ok(Kept::EnoughOfThese);
    }
    let command = Command::Answer(received.answer.clone());
    let event_of = |decision: &Decision, now| {
        Some(Event {
            id: received.id,
            kind: decision.event.clone()?,
            source: received.source,
            at: received.answer.received_at,
            recorded_at: now,
            is_supplementary: decision.is_supplementary,
            verbatim: received.verbatim.clone(),
        })
    };
    let applied = apply(store, id, &command, None, event_of, now).await?;
    let outcome = applied.progress.outcome().map(domain::Outcome::name);
    info!(dispatch_id = %id, outcome, "took an answer");
    complete_if_due(store, workflows, id, &applied.progress).await?;
    // Whose it is was decided when it was recorded, perhaps by an earlier call.
    if received.answer.is_of_recipient() && !applied.settles {
        open_addendum(store, workflows, id, received.id, now).await?;
    }
    Ok(Kept::Yes)
}

/// Whether it is new and not the recipient's, and enough of that is kept already. A few more may be
/// kept when many come at once.
async fn is_one_too_many(
    store: &impl LoadDispatch,
    id: &DispatchId,
    received: &Received,
) -> Result<bool, Failure> {
    let stored = load(store, id).await?;
    if received.answer.weighed(&stored.progress).is_of_recipient() {
        return Ok(false);
    }
    let events = store.events(id).await?;
    let is_known = events.iter().any(|event| event.id == received.id);
    let unproven = answers(&events).filter(|(_, answer)| !answer.is_of_recipient());
    Ok(!is_known && unproven.count() >= UNPROVEN_ANSWERS_MAX)
}

/// The identity of an answer.
pub(crate) fn identity(of: &str) -> EventId {
    EventId::new(Sha256Digest::new(Sha256::digest(of.as_bytes()).into()))
}
