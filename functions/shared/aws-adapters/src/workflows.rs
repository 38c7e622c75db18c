//! Step Functions: one execution per dispatch, and the ends of its waits.

use aws_sdk_sfn::Client;
use aws_sdk_sfn::operation::describe_execution::DescribeExecutionError;
use aws_sdk_sfn::operation::send_task_success::SendTaskSuccessError;
use aws_sdk_sfn::operation::start_execution::StartExecutionError;
use aws_sdk_sfn::types::ExecutionStatus;
use domain::DispatchId;
use serde::Serialize;
use workflow::operator::ports::{Restart, RestartWorkflow};
use workflow::ports::{
    CompleteWait, PortResult, StartAddendum, StartWorkflow, WaitToken, WorkflowKind,
};
use workflow::wire::{ContractInput, DispatchRef, WorkflowInput};

use crate::fault::{permanent, port_error};

const STARTING: &str = "starting a workflow";
const LOOKING: &str = "looking whether a workflow runs";
const COMPLETING: &str = "completing a wait";

/// Most replays of one dispatch. Who needs more has to look for the cause.
const REPLAYS_MAX: usize = 99;

/// The state machine of each product, and how long its executions wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateMachines {
    /// The ARN of `registered-mail`.
    pub registered_mail: String,
    /// How long registered mail waits for a settling event, in seconds.
    pub delivery_timeout_seconds: u64,
    /// The ARN of `registered-contract`.
    pub registered_contract: String,
    /// How long the SMS of an offer waits to hear what became of its mail, in seconds (P-022).
    pub head_start_seconds: u64,
    /// The ARN of `contract-addendum`.
    pub contract_addendum: String,
}

/// Starts workflows.
#[derive(Debug, Clone)]
pub struct Workflows {
    client: Client,
    machines: StateMachines,
}

/// Completes waits of whatever state machine.
#[derive(Debug, Clone)]
pub struct Waits {
    client: Client,
}

/// What an answer to a contract moves: it completes the contract's wait, or starts the workflow of
/// an addendum.
#[derive(Debug, Clone)]
pub struct AnswerWorkflows {
    waits: Waits,
    contract_addendum: String,
}

/// What is to be started.
#[derive(Debug, PartialEq, Eq)]
struct Start<'a> {
    machine: &'a str,
    input: String,
}

impl Workflows {
    /// The workflows of these state machines.
    #[must_use]
    pub fn new(client: Client, machines: StateMachines) -> Self {
        Self { client, machines }
    }

    /// The state of an execution, or `None` when there is none of this name, or none that Step
    /// Functions remembers.
    async fn status(&self, machine: &str, name: &str) -> PortResult<Option<ExecutionStatus>> {
        let execution = execution_arn(machine, name);
        let request = self.client.describe_execution().execution_arn(execution);
        match request.send().await {
            Ok(output) => Ok(Some(output.status)),
            Err(error) => match error.as_service_error() {
                Some(DescribeExecutionError::ExecutionDoesNotExist(_)) => Ok(None),
                _ => Err(port_error(LOOKING, &error)),
            },
        }
    }
}

impl StateMachines {
    fn start(&self, id: &DispatchId, kind: WorkflowKind) -> PortResult<Start<'_>> {
        let dispatch_id = id.as_str().to_owned();
        Ok(match kind {
            WorkflowKind::RegisteredMail => Start {
                machine: &self.registered_mail,
                input: json(&WorkflowInput {
                    dispatch_id,
                    delivery_timeout_seconds: self.delivery_timeout_seconds,
                })?,
            },
            WorkflowKind::RegisteredContract {
                order,
                answer_timeout_seconds,
            } => Start {
                machine: &self.registered_contract,
                input: json(&ContractInput {
                    dispatch_id,
                    order: order.name().to_owned(),
                    head_start_seconds: self.head_start_seconds,
                    answer_timeout_seconds,
                })?,
            },
            WorkflowKind::ContractAddendum => Start::of_addendum(&self.contract_addendum, id)?,
        })
    }
}

impl<'a> Start<'a> {
    fn of_addendum(machine: &'a str, id: &DispatchId) -> PortResult<Self> {
        let input = json(&DispatchRef::new(id))?;
        Ok(Self { machine, input })
    }

    /// Starts an execution, unless one of this name was started before.
    async fn send(&self, client: &Client, name: &str) -> PortResult<()> {
        let request = client
            .start_execution()
            .state_machine_arn(self.machine)
            .name(name)
            .input(&self.input);
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(StartExecutionError::ExecutionAlreadyExists(_)) => Ok(()),
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

impl AnswerWorkflows {
    /// With the ARN of the state machine `contract-addendum`.
    #[must_use]
    pub fn new(client: Client, contract_addendum: impl Into<String>) -> Self {
        Self {
            waits: Waits::new(client),
            contract_addendum: contract_addendum.into(),
        }
    }
}

impl StartAddendum for AnswerWorkflows {
    async fn start_addendum(&self, id: &DispatchId) -> PortResult<()> {
        let start = Start::of_addendum(&self.contract_addendum, id)?;
        start.send(&self.waits.client, &execution_name(id, 0)).await
    }
}

impl CompleteWait for AnswerWorkflows {
    async fn complete_wait(&self, token: &WaitToken, output: &str) -> PortResult<()> {
        self.waits.complete_wait(token, output).await
    }
}

impl StartWorkflow for Workflows {
    async fn start_workflow(&self, id: &DispatchId, kind: WorkflowKind) -> PortResult<()> {
        // Names are unique for 90 days after an execution ended; a mail does not come back later.
        let start = self.machines.start(id, kind)?;
        start.send(&self.client, &execution_name(id, 0)).await
    }
}

/// It looks at the executions, because starting one under a name that is taken tells nothing: the
/// input of a contract is another one whenever it is made, since less time is left.
impl RestartWorkflow for Workflows {
    async fn restart_workflow(&self, id: &DispatchId, kind: WorkflowKind) -> PortResult<Restart> {
        let start = self.machines.start(id, kind)?;
        for replay in 0..=REPLAYS_MAX {
            let execution = execution_name(id, replay);
            let ran_before = match self.status(start.machine, &execution).await? {
                Some(ExecutionStatus::Running) => true,
                Some(_) => continue,
                None => {
                    start.send(&self.client, &execution).await?;
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
        let waits = Waits::new(self.client.clone());
        waits.complete_wait(token, output).await
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

fn json(input: &impl Serialize) -> PortResult<String> {
    serde_json::to_string(input).map_err(|error| permanent(STARTING, error.to_string()))
}

#[cfg(test)]
mod tests {
    use aws_sdk_sfn::config::retry::RetryConfig;
    use aws_sdk_sfn::config::{BehaviorVersion, Builder, Credentials, Region};
    use aws_sdk_sfn::types::error::{InvalidOutput, InvalidToken, TaskDoesNotExist, TaskTimedOut};
    use domain::OfferOrder;
    use serde_json::{Value, json};
    use tokio::task::JoinHandle;

    use super::*;
    use crate::scripted::serve;

    const CONTRACT: WorkflowKind = WorkflowKind::RegisteredContract {
        order: OfferOrder::MailThenSms,
        answer_timeout_seconds: 86_401,
    };

    fn machines() -> StateMachines {
        let machine =
            |name| format!("arn:aws:states:ap-northeast-1:000000000000:stateMachine:{name}");
        StateMachines {
            registered_mail: machine("registered-mail"),
            delivery_timeout_seconds: 86_400,
            registered_contract: machine("registered-contract"),
            head_start_seconds: 900,
            contract_addendum: machine("contract-addendum"),
        }
    }

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
        (
            Workflows::new(Client::from_conf(config), machines()),
            served,
        )
    }

    fn described(status: &str) -> (u16, Value) {
        let machine = machines().registered_contract;
        let body = json!({
            "executionArn": execution_arn(&machine, "abc-01"),
            "stateMachineArn": machine,
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
    fn each_product_has_its_state_machine_and_its_input() {
        let machines = machines();
        let id: DispatchId = "abc-01".parse().unwrap();
        for (kind, machine, input) in [
            (
                WorkflowKind::RegisteredMail,
                &machines.registered_mail,
                r#"{"dispatch_id":"abc-01","delivery_timeout_seconds":86400}"#,
            ),
            (
                CONTRACT,
                &machines.registered_contract,
                concat!(
                    r#"{"dispatch_id":"abc-01","order":"mail_then_sms","#,
                    r#""head_start_seconds":900,"answer_timeout_seconds":86401}"#
                ),
            ),
            (
                WorkflowKind::ContractAddendum,
                &machines.contract_addendum,
                r#"{"dispatch_id":"abc-01"}"#,
            ),
        ] {
            let input = input.to_owned();
            assert_eq!(machines.start(&id, kind).unwrap(), Start { machine, input });
        }
    }

    #[tokio::test]
    async fn a_workflow_that_was_started_before_is_left_alone() {
        let id: DispatchId = "abc-01".parse().unwrap();
        let exists = (400, json!({"__type": "ExecutionAlreadyExists"}));
        for answer in [started(), exists] {
            let (workflows, _served) = workflows(vec![answer]).await;
            workflows.start_workflow(&id, CONTRACT).await.unwrap();
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
            let restart = workflows.restart_workflow(&id, CONTRACT).await.unwrap();
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
