//! `akashi parked` and `akashi replay`: dispatches whose workflow gave up, and those whose wait was
//! never told that it is over.

use std::collections::BTreeMap;

use domain::DispatchId;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::dispatch::progress::{complete_if_due, load};
use crate::operator::ports::{Letter, Letters, Queue, Restart, RestartWorkflow};
use crate::ports::{Clock, CompleteWait, LoadDispatch, PortResult};
use crate::{Begin, Failure, Outside, Patience};

/// A dispatch that waits for a person, as its letter says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// Which dispatch.
    pub dispatch: DispatchId,
    /// The execution that gave up.
    pub execution: String,
    /// Since when.
    pub parked_at: Timestamp,
    /// The step that gave up, e.g. `sign_certificate`.
    pub step: Option<String>,
    /// Its error, e.g. `PermanentFailure`.
    pub error: Option<String>,
    /// What it says about it.
    pub cause: Option<String>,
    letter: Letter,
}

/// What came of starting a dispatch again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// Its execution.
    pub restart: Restart,
    /// How many letters about it were deleted.
    pub letters_deleted: usize,
}

/// What came of starting all parked dispatches again.
#[derive(Debug)]
pub struct ReplayedAll {
    /// Each dispatch with what came of it.
    pub dispatches: Vec<(DispatchId, Result<Replayed, Failure>)>,
    /// Letters that name no dispatch; they stay.
    pub unreadable: Vec<Letter>,
}

/// The letter's JSON, which `park` of the state machine writes.
#[derive(Deserialize)]
struct Body {
    dispatch_id: String,
    execution: String,
    #[serde(default)]
    state: Value,
}

/// The command with its ports.
#[derive(Debug)]
pub struct Replay<O: Outside> {
    /// Keeps the dispatches.
    pub tables: O::Tables,
    /// Runs them.
    pub machines: O::Machines,
    /// Where those wait that gave up.
    pub queues: O::Queues,
    /// The clock.
    pub clock: O::Clock,
    /// How long this deployment waits.
    pub patience: Patience,
}

impl Parked {
    /// Reads a letter of the queue of parked dispatches.
    ///
    /// # Errors
    /// Returns the letter when it names no dispatch.
    pub fn read(letter: Letter) -> Result<Self, Letter> {
        let Ok(body) = serde_json::from_str::<Body>(&letter.body) else {
            return Err(letter);
        };
        let Ok(dispatch) = body.dispatch_id.parse() else {
            return Err(letter);
        };
        // `failed` has one entry for each step that was caught; the last one led here.
        let failed = body.state.get("failed").and_then(Value::as_object);
        let failed = failed.and_then(|failed| failed.iter().next_back());
        let text = |name: &str| {
            let (_, failure) = failed?;
            failure.get(name)?.as_str().map(str::to_owned)
        };
        let cause = text("Cause").map(|cause| message_of(&cause));
        Ok(Self {
            dispatch,
            execution: body.execution,
            parked_at: letter.sent_at,
            step: failed.map(|(step, _)| step.clone()),
            error: text("Error"),
            cause,
            letter,
        })
    }
}

/// Lambda puts the cause of a failure into JSON.
fn message_of(cause: &str) -> String {
    let json: Option<Value> = serde_json::from_str(cause).ok();
    let message = json.as_ref().and_then(|json| json.get("errorMessage"));
    let message = message.and_then(Value::as_str);
    message.unwrap_or(cause).to_owned()
}

impl<O> Replay<O>
where
    O: Outside,
    O::Tables: LoadDispatch,
    O::Machines: RestartWorkflow + CompleteWait,
    O::Queues: Letters,
    O::Clock: Clock,
{
    /// What waits, the oldest first; and the letters that cannot be read.
    ///
    /// # Errors
    /// When the queue fails.
    pub async fn parked(&self) -> PortResult<(Vec<Parked>, Vec<Letter>)> {
        let letters = self.queues.receive_letters(Queue::ParkedDispatches).await?;
        for letter in &letters {
            self.queues.release_letter(letter).await?;
        }
        Ok(sorted_out(letters))
    }

    /// Starts one dispatch again, and deletes the letters about its earlier executions.
    ///
    /// # Errors
    /// When there is no such dispatch, or a store fails.
    pub async fn one(&self, id: &DispatchId) -> Result<Replayed, Failure> {
        let restart = self.restart(id).await?;
        let letters = self.queues.receive_letters(Queue::ParkedDispatches).await?;
        let (parked, unreadable) = sorted_out(letters);
        let (about_it, others): (Vec<_>, Vec<_>) =
            parked.into_iter().partition(|one| one.dispatch == *id);
        let letters_deleted = self.tidy(&restart, &about_it).await?;
        for other in others.iter().map(|one| &one.letter).chain(&unreadable) {
            self.queues.release_letter(other).await?;
        }
        Ok(Replayed {
            restart,
            letters_deleted,
        })
    }

    /// Starts all parked dispatches again. One that cannot be started keeps its letter.
    ///
    /// # Errors
    /// When the queue fails.
    pub async fn all(&self) -> PortResult<ReplayedAll> {
        let letters = self.queues.receive_letters(Queue::ParkedDispatches).await?;
        let (parked, unreadable) = sorted_out(letters);
        for letter in &unreadable {
            self.queues.release_letter(letter).await?;
        }
        let mut by_dispatch: BTreeMap<DispatchId, Vec<Parked>> = BTreeMap::new();
        for one in parked {
            by_dispatch
                .entry(one.dispatch.clone())
                .or_default()
                .push(one);
        }
        let mut dispatches = Vec::new();
        for (id, about_it) in by_dispatch {
            let replayed = match self.restart(&id).await {
                Ok(restart) => {
                    let letters_deleted = self.tidy(&restart, &about_it).await?;
                    Ok(Replayed {
                        restart,
                        letters_deleted,
                    })
                }
                Err(failure) => {
                    for one in &about_it {
                        self.queues.release_letter(&one.letter).await?;
                    }
                    Err(failure)
                }
            };
            dispatches.push((id, replayed));
        }
        Ok(ReplayedAll {
            dispatches,
            unreadable,
        })
    }

    /// An execution that runs may wait for what was recorded long ago: whoever recorded it died
    /// before telling. Then it is told now.
    async fn restart(&self, id: &DispatchId) -> Result<Restart, Failure> {
        let stored = load(&self.tables, id).await?;
        let begin = Begin::of(&stored.dispatch, self.patience, self.clock.now());
        let restart = self.machines.restart_workflow(id, begin).await?;
        if restart.ran_before {
            complete_if_due(&self.tables, &self.machines, id, &stored.progress).await?;
        }
        Ok(restart)
    }

    /// Deletes the letters of earlier executions. The one that runs now may have parked again
    /// meanwhile: that letter stays.
    async fn tidy(&self, restart: &Restart, about_it: &[Parked]) -> PortResult<usize> {
        let mut deleted = 0;
        for one in about_it {
            if one.execution == restart.execution {
                self.queues.release_letter(&one.letter).await?;
            } else {
                self.queues.delete_letter(&one.letter).await?;
                deleted += 1;
            }
        }
        Ok(deleted)
    }
}

fn sorted_out(letters: Vec<Letter>) -> (Vec<Parked>, Vec<Letter>) {
    let (mut parked, mut unreadable) = (Vec::new(), Vec::new());
    for letter in letters {
        match Parked::read(letter) {
            Ok(one) => parked.push(one),
            Err(letter) => unreadable.push(letter),
        }
    }
    (parked, unreadable)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn letter(body: &Value) -> Letter {
        Letter {
            queue: Queue::ParkedDispatches,
            id: "letter-1".to_owned(),
            receipt: String::new(),
            sent_at: Timestamp::UNIX_EPOCH,
            body: body.to_string(),
        }
    }

    #[test]
    fn a_parked_dispatch_says_which_step_gave_up_and_why() {
        let cause = json!({
            "errorType": "PermanentFailure",
            "errorMessage": "reading a signing configuration",
        });
        let body = json!({
            "dispatch_id": "abc-01",
            "execution": "abc-01-r01",
            "entered_at": "2026-01-05T00:00:00Z",
            "state": {
                "dispatch_id": "abc-01",
                "failed": {
                    "sign_certificate": {
                        "Error": "PermanentFailure",
                        "Cause": cause.to_string(),
                    },
                },
            },
        });
        let parked = Parked::read(letter(&body)).unwrap();
        assert_eq!(parked.dispatch.as_str(), "abc-01");
        assert_eq!(parked.execution, "abc-01-r01");
        assert_eq!(parked.step.as_deref(), Some("sign_certificate"));
        assert_eq!(parked.error.as_deref(), Some("PermanentFailure"));
        assert_eq!(
            parked.cause.as_deref(),
            Some("reading a signing configuration")
        );
    }

    #[test]
    fn what_names_no_dispatch_is_given_back() {
        for body in [
            json!({}),
            json!({ "dispatch_id": "not an id", "execution": "x" }),
            json!("text"),
        ] {
            assert!(Parked::read(letter(&body)).is_err(), "{body}");
        }
        let bare = json!({ "dispatch_id": "abc-01", "execution": "abc-01" });
        assert_eq!(Parked::read(letter(&bare)).unwrap().step, None);
    }
}
