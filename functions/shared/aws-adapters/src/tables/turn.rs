//! The writes of a submission by their names, and whose turn a transaction waits for.

use workflow::ports::PortResult;

use super::contention::Contention;
use super::write::Lost;
use crate::fault::{permanent, transient};

/// What is written of a submission; by these names a canceled transaction is asked what was in its
/// way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Write {
    Intake,
    Serial,
    Balance,
    Use,
    Mark,
    Sms,
    Tally,
    Summary,
    Line,
    Dispatch,
    Plan,
}

/// Waits when others were faster. Anything else than that is a contradiction in the tables.
pub(super) async fn wait_for_turn(
    operation: &'static str,
    lost: &Lost<Write>,
    contention: &mut Contention,
) -> PortResult<()> {
    let others = [Write::Intake, Write::Serial, Write::Tally];
    let was_slow = lost.is_conflict() || others.iter().any(|name| lost.condition_failed(*name));
    if !was_slow {
        return Err(permanent(
            operation,
            "a dispatch or charge of this submission exists without it",
        ));
    }
    if contention.pause().await {
        Ok(())
    } else {
        Err(transient(
            operation,
            "others keep taking serials of the account",
        ))
    }
}
