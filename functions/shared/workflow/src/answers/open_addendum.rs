//! An answer of the recipient's that settles nothing, because it is late or not the first, is
//! certified all the same: as an addendum to the contract's certificate (P-065, X-10).

use domain::limits::ADDENDA_MAX;
use domain::{Addendum, DispatchId, Event, EventId, Outcome};
use jiff::Timestamp;
use tracing::warn;

use crate::Failure;
use crate::answers::of_contract::{answer_that_settled, answers};
use crate::dispatch::addendum::open;
use crate::dispatch::progress::load;
use crate::ports::{LoadDispatch, OpenAddendum, StartDispatch, StoredDispatch};

/// Opens the addendum of a recorded answer and starts its workflow, unless the answer is the one
/// that settled the contract. Again: nothing new.
pub(crate) async fn open_addendum(
    store: &(impl LoadDispatch + OpenAddendum),
    workflows: &impl StartDispatch,
    contract: &DispatchId,
    answer: EventId,
    now: Timestamp,
) -> Result<(), Failure> {
    let stored = load(store, contract).await?;
    let is_certified = stored.progress.outcome().is_none_or(Outcome::is_certified);
    if !is_certified {
        return Ok(());
    }
    let events = store.events(contract).await?;
    let Some(place) = place_among_addenda(&stored, &events, answer) else {
        return Ok(());
    };
    if place >= ADDENDA_MAX {
        warn!(dispatch_id = %contract, "an answer is kept without an addendum: there are enough");
        return Ok(());
    }
    let addendum = Addendum::of_answer(&stored.dispatch, answer);
    open(store, workflows, &stored.dispatch, &addendum, now).await
}

/// How many addenda come before this answer's; `None` when it has none, because it settled the
/// contract or is not the recipient's.
fn place_among_addenda(
    stored: &StoredDispatch,
    events: &[Event],
    answer: EventId,
) -> Option<usize> {
    let settling = answer_that_settled(stored, events).map(|(event, _)| event.id);
    let mut later: Vec<_> = answers(events)
        .filter(|(event, given)| given.is_of_recipient() && Some(event.id) != settling)
        .map(|(event, _)| (event.recorded_at, event.id))
        .collect();
    later.sort_unstable();
    later.iter().position(|(_, id)| *id == answer)
}
