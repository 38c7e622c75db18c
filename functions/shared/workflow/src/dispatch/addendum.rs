//! Opening addenda: what came after a certificate was to be issued is certified beside it.

use domain::{Addendum, Dispatch, Observation, Progress, is_late_bounce, late_bounce};
use jiff::Timestamp;
use tracing::info;

use crate::ports::{LoadDispatch, OpenAddendum, StartDispatch};
use crate::wire::ReportedEvent;
use crate::{Begin, Failure};

/// Opens an addendum and starts its workflow. Again: nothing new, and what a crash left undone is
/// done, because both go by the addendum's own id.
pub(crate) async fn open(
    store: &impl OpenAddendum,
    workflows: &impl StartDispatch,
    main: &Dispatch,
    addendum: &Addendum,
    now: Timestamp,
) -> Result<(), Failure> {
    let id = store.open_addendum(main, addendum, now).await?;
    workflows.start_dispatch(&id, Begin::Certify).await?;
    info!(dispatch_id = %main.id, addendum = %id, "opened an addendum");
    Ok(())
}

/// Opens the addendum of a registered mail whose failure is reported after its outcome was settled
/// otherwise. Each such report comes by here, also one that was recorded before, so that a
/// crash between recording and opening heals with the retry; there is one addendum all the same.
pub(crate) async fn open_for_late_bounce(
    store: &(impl LoadDispatch + OpenAddendum),
    workflows: &impl StartDispatch,
    main: &Dispatch,
    progress: &Progress,
    report: &ReportedEvent,
    now: Timestamp,
) -> Result<(), Failure> {
    let seen: &Observation = &report.observation;
    if !is_late_bounce(progress, report.channel, seen) {
        return Ok(());
    }
    // What is said of another message is recorded as that, and is no bounce of this one.
    let events = store.events(&main.id).await?;
    let Some(bounce) = late_bounce(main, progress, &events) else {
        return Ok(());
    };
    let addendum = Addendum::of_bounce(main, bounce.id);
    open(store, workflows, main, &addendum, now).await
}
