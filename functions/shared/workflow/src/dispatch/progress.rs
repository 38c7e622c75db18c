//! Carrying out what was decided about a dispatch: record in one transaction, then act.

use domain::{
    Command, Decision, Dispatch, DispatchId, Event, Progress, SummaryToken, Terms, decide,
};
use jiff::Timestamp;

use crate::Failure;
use crate::ports::{
    Change, Commit, CommitChange, CompleteWait, Delivered, FindIntake, LoadDispatch,
    StoredDispatch, StoredIntake,
};
use crate::wire::StepAnswer;

/// How often a change is decided again because somebody else changed the dispatch. Ten events at
/// once need ten rounds at most; more means that something is wrong.
const ROUNDS_MAX: usize = 50;

/// Loads a dispatch.
pub(crate) async fn load(
    store: &impl LoadDispatch,
    id: &DispatchId,
) -> Result<StoredDispatch, Failure> {
    store
        .load(id)
        .await?
        .ok_or_else(|| Failure::UnknownDispatch(id.clone()))
}

/// The subject of an accepted submission; without its destinations when it is a contract's.
pub(crate) async fn subject_of(
    store: &impl FindIntake,
    dispatch: &Dispatch,
) -> Result<String, Failure> {
    Ok(accepted_with(store, dispatch).await?.subject)
}

/// What mails to the sender need to know of the intake.
pub(crate) struct AcceptedWith {
    /// As in [`subject_of`].
    pub(crate) subject: String,
    /// How many recipients there are.
    pub(crate) recipients: usize,
    /// What opens the list of the certificates, where the sender gets one summary.
    pub(crate) summary: Option<SummaryToken>,
    /// What was fixed of the account and the rules.
    pub(crate) terms: Box<Terms>,
}

/// With what a dispatch was accepted.
pub(crate) async fn accepted_with(
    store: &impl FindIntake,
    dispatch: &Dispatch,
) -> Result<AcceptedWith, Failure> {
    match store.find_intake(&dispatch.submission).await? {
        Some(StoredIntake::Accepted {
            subject,
            recipients,
            summary,
            terms,
            ..
        }) => Ok(AcceptedWith {
            subject,
            recipients,
            summary,
            terms,
        }),
        Some(StoredIntake::Refused { .. } | StoredIntake::Unvouched { .. }) | None => Err(
            Failure::permanent("finding what was decided about an accepted mail"),
        ),
    }
}

/// Decides a command on the newest state and records what follows, as often as it takes.
/// `event_of` makes the event to record out of the kind that was decided.
/// Returns the progress from now on, and whether the message has to be sent.
pub(crate) async fn apply(
    store: &(impl LoadDispatch + CommitChange),
    id: &DispatchId,
    command: &Command,
    delivered: Option<&Delivered>,
    event_of: impl Fn(&Decision, Timestamp) -> Option<Event>,
    now: Timestamp,
) -> Result<Applied, Failure> {
    for _ in 0..ROUNDS_MAX {
        let stored = load(store, id).await?;
        let decision = decide(stored.dispatch.course(), &stored.progress, command, now);
        let event = event_of(&decision, now);
        if event.is_none() && decision.progress == stored.progress {
            return Ok(Applied::unchanged(stored.progress));
        }
        let change = Change {
            expected_version: stored.version,
            progress: decision.progress.clone(),
            event,
            charge: decision.progress.charge_ended_since(&stored.progress),
            delivered: delivered.filter(|_| decision.sends.is_some()).cloned(),
        };
        match store.commit(&stored.dispatch, &change).await? {
            Commit::Written => {
                let sends = decision.sends.is_some();
                let settles = stored.progress.settled.is_none();
                return Ok(Applied {
                    settles: settles && decision.progress.settled.is_some(),
                    progress: decision.progress,
                    sends,
                });
            }
            Commit::KnownEvent => return Ok(Applied::unchanged(stored.progress)),
            Commit::Stale => {}
        }
    }
    Err(Failure::transient(
        "recording a change of a dispatch that others keep changing",
    ))
}

/// What came of applying a command.
pub(crate) struct Applied {
    /// The progress from now on.
    pub(crate) progress: Progress,
    /// Whether the message has to be sent now.
    pub(crate) sends: bool,
    /// Whether this command, and no earlier one, settled the dispatch.
    pub(crate) settles: bool,
}

impl Applied {
    fn unchanged(progress: Progress) -> Self {
        Self {
            progress,
            sends: false,
            settles: false,
        }
    }
}

/// Tells the waiting workflow, if there is something to tell: the outcome, or that it is the turn
/// of the SMS. Called again whenever somebody comes by, so that a crash between recording and
/// telling heals with the next event or retry.
pub(crate) async fn complete_if_due(
    store: &impl LoadDispatch,
    waits: &impl CompleteWait,
    id: &DispatchId,
    progress: &Progress,
) -> Result<(), Failure> {
    if progress.outcome().is_none() && progress.mail.fate.is_none() {
        return Ok(());
    }
    // The token is read after the outcome was recorded; a workflow step records its token before
    // it reads the outcome. Whoever comes second sees the other.
    let stored = load(store, id).await?;
    let (Some(answer), Some(token)) = (answer_of(&stored), &stored.wait_token) else {
        return Ok(());
    };
    let answer = serde_json::to_string(&answer)
        .map_err(|source| Failure::permanent_because("writing a step's answer", source))?;
    Ok(waits.complete_wait(token, &answer).await?)
}

fn answer_of(stored: &StoredDispatch) -> Option<StepAnswer> {
    let id = &stored.dispatch.id;
    match stored.progress.outcome() {
        Some(outcome) => Some(StepAnswer::of(id, outcome)),
        None if stored.progress.is_turn_of_sms(stored.dispatch.course()) => {
            Some(StepAnswer::turn_of_sms(id))
        }
        None => None,
    }
}
