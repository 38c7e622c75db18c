//! Step Functions: one execution per dispatch, and the ends of its waits.

use aws_sdk_sfn::Client;
use aws_sdk_sfn::operation::send_task_success::SendTaskSuccessError;
use aws_sdk_sfn::operation::start_execution::StartExecutionError;
use domain::DispatchId;
use workflow::ports::{CompleteWait, PortResult, StartWorkflow, WaitToken};
use workflow::wire::WorkflowInput;

use crate::fault::{permanent, port_error};

const STARTING: &str = "starting a workflow";
const COMPLETING: &str = "completing a wait";

/// Most replays of one dispatch. Who needs more has to look for the cause.
const REPLAYS_MAX: usize = 99;

/// The state machine of registered mail.
#[derive(Debug, Clone)]
pub struct Workflows {
    client: Client,
    state_machine: String,
    delivery_timeout_seconds: u64,
}

/// Completes waits of whatever state machine.
#[derive(Debug, Clone)]
pub struct Waits {
    client: Client,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    /// An execution of this name runs, begun now or before with the same input.
    Running,
    /// An execution of this name ran and ended.
    Ended,
}

impl Workflows {
    /// The state machine with this ARN; each execution waits so long for a settling event.
    #[must_use]
    pub fn new(
        client: Client,
        state_machine: impl Into<String>,
        delivery_timeout_seconds: u64,
    ) -> Self {
        Self {
            client,
            state_machine: state_machine.into(),
            delivery_timeout_seconds,
        }
    }

    /// Starts the workflow of a dispatch again, unless one of its executions still runs with the
    /// same input: Step Functions takes starting it for a repetition then. Returns the name of the
    /// execution that runs now.
    ///
    /// # Errors
    /// When Step Functions fails, or it was replayed too often.
    pub async fn replay(&self, id: &DispatchId) -> PortResult<String> {
        for replay in 0..=REPLAYS_MAX {
            let name = execution_name(id, replay);
            match self.start(id, &name).await? {
                Start::Running => return Ok(name),
                Start::Ended => {}
            }
        }
        Err(permanent(STARTING, "it was replayed too often"))
    }

    async fn start(&self, id: &DispatchId, name: &str) -> PortResult<Start> {
        let input = WorkflowInput {
            dispatch_id: id.as_str().to_owned(),
            delivery_timeout_seconds: self.delivery_timeout_seconds,
        };
        let input = serde_json::to_string(&input)
            .map_err(|error| permanent(STARTING, error.to_string()))?;
        let request = self
            .client
            .start_execution()
            .state_machine_arn(&self.state_machine)
            .name(name)
            .input(input);
        match request.send().await {
            Ok(_) => Ok(Start::Running),
            Err(error) => match error.as_service_error() {
                Some(StartExecutionError::ExecutionAlreadyExists(_)) => Ok(Start::Ended),
                _ => Err(port_error(STARTING, &error)),
            },
        }
    }
}

impl Waits {
    /// The waits of this account and region.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }
}

impl StartWorkflow for Workflows {
    async fn start_workflow(&self, id: &DispatchId) -> PortResult<()> {
        // Names are unique for 90 days after an execution ended; a mail does not come back later.
        self.start(id, id.as_str()).await.map(|_| ())
    }
}

impl CompleteWait for Waits {
    async fn complete_wait(&self, token: &WaitToken, output: &str) -> PortResult<()> {
        let request = self
            .client
            .send_task_success()
            .task_token(&token.0)
            .output(output);
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(is_over) => Ok(()),
            Err(error) => Err(port_error(COMPLETING, &error)),
        }
    }
}

/// Somebody completed the wait before, or its time ran out. A token that is not one any more is
/// called invalid.
fn is_over(error: &SendTaskSuccessError) -> bool {
    error.is_task_timed_out() || error.is_task_does_not_exist() || error.is_invalid_token()
}

/// The dispatch id itself, then with the count of replays; at most 76 of 80 characters.
fn execution_name(id: &DispatchId, replay: usize) -> String {
    match replay {
        0 => id.as_str().to_owned(),
        replay => format!("{id}-r{replay:02}"),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_sfn::types::error::{InvalidOutput, InvalidToken, TaskDoesNotExist, TaskTimedOut};

    use super::*;

    #[test]
    fn a_wait_that_is_over_is_fine() {
        for (error, over) in [
            (
                SendTaskSuccessError::TaskTimedOut(TaskTimedOut::builder().build()),
                true,
            ),
            (
                SendTaskSuccessError::TaskDoesNotExist(TaskDoesNotExist::builder().build()),
                true,
            ),
            (
                SendTaskSuccessError::InvalidToken(InvalidToken::builder().build()),
                true,
            ),
            (
                SendTaskSuccessError::InvalidOutput(InvalidOutput::builder().build()),
                false,
            ),
        ] {
            assert_eq!(is_over(&error), over, "{error}");
        }
    }

    #[test]
    fn names_of_replays_differ_and_fit() {
        let id: DispatchId = "x".repeat(72).parse().unwrap();
        assert_eq!(execution_name(&id, 0), id.as_str());
        for replay in 1..=REPLAYS_MAX {
            let name = execution_name(&id, replay);
            assert!(name.len() <= 80, "{name}");
            assert_ne!(name, execution_name(&id, replay - 1));
        }
    }
}
