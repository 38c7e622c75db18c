//! Step Functions: one execution per dispatch, and the ends of its waits.

use aws_sdk_sfn::Client;
use aws_sdk_sfn::operation::describe_execution::DescribeExecutionError;
use aws_sdk_sfn::operation::send_task_success::SendTaskSuccessError;
use aws_sdk_sfn::operation::start_execution::StartExecutionError;
use aws_sdk_sfn::types::ExecutionStatus;
use domain::DispatchId;
use workflow::Begin;
use workflow::operator::ports::{Restart, RestartWorkflow};
use workflow::ports::{CompleteWait, PortResult, StartDispatch, WaitToken};
use workflow::wire::WorkflowInput;

use crate::fault::{permanent, port_error};

const STARTING: &str = "starting a workflow";
const LOOKING: &str = "looking whether a workflow runs";
const COMPLETING: &str = "completing a wait";

/// Most replays of one dispatch. Who needs more has to look for the cause.
const REPLAYS_MAX: usize = 99;

/// Starts the workflows of dispatches, and ends their waits.
#[derive(Debug, Clone)]
pub struct Workflows {
    waits: Waits,
    machine: String,
}

/// Ends the waits of workflows.
#[derive(Debug, Clone)]
pub struct Waits {
    client: Client,
}

impl Workflows {
    /// The executions of the state machine with this ARN.
    #[must_use]
    pub fn new(client: Client, machine: impl Into<String>) -> Self {
        Self {
            waits: Waits::new(client),
            machine: machine.into(),
        }
    }

    /// Starts an execution, unless one of this name was started before.
    async fn start(&self, execution: &str, input: &str) -> PortResult<()> {
        let client = &self.waits.client;
        let request = client
            .start_execution()
            .state_machine_arn(&self.machine)
            .name(execution)
            .input(input);
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(StartExecutionError::ExecutionAlreadyExists(_)) => Ok(()),
                _ => Err(port_error(STARTING, &error)),
            },
        }
    }

    /// The state of an execution, or `None` when there is none of this name, or none that Step
    /// Functions remembers.
    async fn status(&self, execution: &str) -> PortResult<Option<ExecutionStatus>> {
        let execution = execution_arn(&self.machine, execution);
        let request = self.waits.client.describe_execution();
        match request.execution_arn(execution).send().await {
            Ok(output) => Ok(Some(output.status)),
            Err(error) => match error.as_service_error() {
                Some(DescribeExecutionError::ExecutionDoesNotExist(_)) => Ok(None),
                _ => Err(port_error(LOOKING, &error)),
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

impl StartDispatch for Workflows {
    async fn start_dispatch(&self, id: &DispatchId, begin: Begin) -> PortResult<()> {
        // Names are unique for 90 days after an execution ended; a mail does not come back later.
        self.start(&execution_name(id, 0), &input(id, begin)?).await
    }
}

/// It looks at the executions, because starting one under a name that is taken tells nothing: the
/// input of a contract is another one whenever it is made, since less time is left.
impl RestartWorkflow for Workflows {
    async fn restart_workflow(&self, id: &DispatchId, begin: Begin) -> PortResult<Restart> {
        for replay in 0..=REPLAYS_MAX {
            let execution = execution_name(id, replay);
            let ran_before = match self.status(&execution).await? {
                Some(ExecutionStatus::Running) => true,
                Some(_) => continue,
                None => {
                    self.start(&execution, &input(id, begin)?).await?;
                    false
                }
            };
            return Ok(Restart {
                execution,
                ran_before,
            });
        }
        Err(permanent(STARTING, "it was replayed too often"))
    }
}

impl CompleteWait for Workflows {
    async fn complete_wait(&self, token: &WaitToken, output: &str) -> PortResult<()> {
        self.waits.complete_wait(token, output).await
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

/// Executions are named like their state machine.
fn execution_arn(machine: &str, name: &str) -> String {
    let executions = machine.replacen(":stateMachine:", ":execution:", 1);
    format!("{executions}:{name}")
}

fn input(id: &DispatchId, begin: Begin) -> PortResult<String> {
    let input = WorkflowInput::new(id, begin);
    serde_json::to_string(&input).map_err(|error| permanent(STARTING, error.to_string()))
}

#[cfg(test)]
mod tests {
    use aws_sdk_sfn::config::retry::RetryConfig;
    use aws_sdk_sfn::config::{BehaviorVersion, Builder, Credentials, Region};
    use aws_sdk_sfn::types::error::{InvalidOutput, InvalidToken, TaskDoesNotExist, TaskTimedOut};
    use serde_json::{Value, json};
    use tokio::task::JoinHandle;

    use super::*;
    use crate::scripted::serve;

    const MACHINE: &str = "arn:aws:states:ap-northeast-1:000000000000:stateMachine:dispatch";

    const BEGIN: Begin = Begin::MailFirst {
        head_start_seconds: 900,
        timeout_seconds: 86_401,
    };

    async fn workflows(answers: Vec<(u16, Value)>) -> (Workflows, JoinHandle<Vec<String>>) {
        let answers = answers
            .into_iter()
            .map(|(status, body)| (status, body.to_string()))
            .collect();
        let (url, served) = serve(answers).await;
        let config = Builder::new()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("ap-northeast-1"))
            .endpoint_url(url)
            .credentials_provider(Credentials::for_tests())
            .retry_config(RetryConfig::disabled())
            .build();
        (Workflows::new(Client::from_conf(config), MACHINE), served)
    }

    fn described(status: &str) -> (u16, Value) {
        let body = json!({
            "executionArn": execution_arn(MACHINE, "abc-01"),
            "stateMachineArn": MACHINE,
            "status": status,
            "startDate": 0,
        });
        (200, body)
    }

    fn unknown() -> (u16, Value) {
        (400, json!({"__type": "ExecutionDoesNotExist"}))
    }

    fn started() -> (u16, Value) {
        (200, json!({"executionArn": "arn", "startDate": 0}))
    }

    #[test]
    fn an_execution_is_told_its_dispatch_and_how_to_begin() {
        let id: DispatchId = "abc-01".parse().unwrap();
        let timeout_seconds = 86_400;
        for (begin, expected) in [
            (
                Begin::Send { timeout_seconds },
                r#"{"dispatch_id":"abc-01","begin":"send","timeout_seconds":86400}"#,
            ),
            (
                BEGIN,
                concat!(
                    r#"{"dispatch_id":"abc-01","begin":"mail_first","#,
                    r#""head_start_seconds":900,"timeout_seconds":86401}"#
                ),
            ),
            (
                Begin::SendLater {
                    delay_seconds: 7,
                    timeout_seconds,
                },
                concat!(
                    r#"{"dispatch_id":"abc-01","begin":"send_later","#,
                    r#""delay_seconds":7,"timeout_seconds":86400}"#
                ),
            ),
            (
                Begin::Certify,
                r#"{"dispatch_id":"abc-01","begin":"certify"}"#,
            ),
        ] {
            assert_eq!(input(&id, begin).unwrap(), expected);
        }
    }

    #[tokio::test]
    async fn a_workflow_that_was_started_before_is_left_alone() {
        let id: DispatchId = "abc-01".parse().unwrap();
        let exists = (400, json!({"__type": "ExecutionAlreadyExists"}));
        for answer in [started(), exists] {
            let (workflows, _served) = workflows(vec![answer]).await;
            workflows.start_dispatch(&id, BEGIN).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_replay_starts_nothing_beside_an_execution_that_runs() {
        let id: DispatchId = "abc-01".parse().unwrap();
        for (answers, expected) in [
            (vec![described("RUNNING")], "abc-01"),
            (
                vec![described("FAILED"), described("RUNNING")],
                "abc-01-r01",
            ),
            (
                vec![described("FAILED"), unknown(), started()],
                "abc-01-r01",
            ),
            (vec![unknown(), started()], "abc-01"),
        ] {
            let answers_before = answers.last().cloned().unwrap();
            let (workflows, served) = workflows(answers).await;
            let ran_before = answers_before == described("RUNNING");
            let restart = workflows.restart_workflow(&id, BEGIN).await.unwrap();
            assert_eq!(
                (restart.execution.as_str(), restart.ran_before),
                (expected, ran_before)
            );
            let requests = served.await.unwrap();
            assert!(requests.last().unwrap().contains(expected), "{requests:?}");
        }
    }

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
