//! The state machine of `infra/workflows`, read and run in memory: the part of Amazon States
//! Language that they use, as its specification
//! (<https://states-language.net/spec.html>) says. What it does not know is an error, never
//! ignored. And the agenda: what happens next, and when.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};

use domain::DispatchId;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use workflow::ports::{PortResult, WaitToken};
use yaml_rust2::{Yaml, YamlLoader};

use crate::World;
use crate::executor::run_interleaved;
use crate::faults::{Invocation, Rehearsal};
use crate::functions::{self, FunctionFailure};
use crate::ports::permanent;
use crate::random::Random;
use crate::world::State;

const DISPATCH: &str = include_str!("../../infra/workflows/dispatch.asl.yaml");

/// Lambda tries a failed asynchronous call again after one minute, and then after two.
const ASYNC_RETRY_SECONDS: [i64; 2] = [60, 120];

/// More steps than any test needs: a loop that never ends stops here.
const STEPS_MAX: usize = 200_000;

/// A state machine.
#[derive(Debug)]
pub(crate) struct Workflow {
    start: String,
    states: BTreeMap<String, Value>,
}

/// One run of the state machine.
#[derive(Debug, Clone)]
pub struct Execution {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub state: ExecutionState,
    /// The states it entered, in order.
    pub history: Vec<String>,
    workflow: Arc<Workflow>,
    place: String,
    data: Value,
    retries: BTreeMap<usize, u64>,
    token: Option<WaitToken>,
    answer: Option<Value>,
    tokens_given: usize,
    retried: usize,
}

/// How far an execution is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExecutionState {
    /// Something is to be done, now or later.
    Running,
    /// It waits for a task token.
    Waiting,
    /// It came to its end.
    Succeeded,
    /// It gave up.
    Failed,
}

/// What is to be done.
#[derive(Debug, Clone)]
pub(crate) enum Job {
    /// Calls a function asynchronously, as SES and SNS do.
    Invoke {
        function: &'static str,
        payload: Value,
        attempt: usize,
    },
    /// Goes on with an execution.
    Run { execution: String },
    /// The wait under this token is over.
    Expire { execution: String, token: WaitToken },
}

/// A call that Lambda gave up on.
#[derive(Debug, Clone)]
pub(crate) struct DeadLetter {
    pub(crate) function: &'static str,
    pub(crate) payload: Value,
    pub(crate) why: String,
}

/// What is to be done, in order of time.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    jobs: BTreeMap<(Timestamp, usize), Job>,
    added: usize,
}

impl Agenda {
    pub(crate) fn add(&mut self, at: Timestamp, job: Job) {
        self.added += 1;
        self.jobs.insert((at, self.added), job);
    }
}

impl Workflow {
    /// The state machine of dispatches; read once.
    pub(crate) fn of_dispatches() -> Arc<Self> {
        static WORKFLOW: LazyLock<Arc<Workflow>> =
            LazyLock::new(|| Arc::new(Workflow::read(DISPATCH)));
        WORKFLOW.clone()
    }

    fn read(text: &str) -> Self {
        let documents = YamlLoader::load_from_str(text).expect("the workflow is YAML");
        let document = to_json(documents.first().expect("there is a document"));
        let states = document
            .get("States")
            .and_then(Value::as_object)
            .expect("there are states");
        Self {
            start: text_at(&document, "StartAt").to_owned(),
            states: states.clone().into_iter().collect(),
        }
    }

    fn state(&self, name: &str) -> &Value {
        self.states
            .get(name)
            .unwrap_or_else(|| panic!("there is no state {name}"))
    }
}

impl Execution {
    pub(crate) fn new(name: &str, workflow: Arc<Workflow>, data: Value) -> Self {
        Self {
            name: name.to_owned(),
            state: ExecutionState::Running,
            history: vec![workflow.start.clone()],
            place: workflow.start.clone(),
            workflow,
            data,
            retries: BTreeMap::new(),
            token: None,
            answer: None,
            tokens_given: 0,
            retried: 0,
        }
    }

    fn enter(&mut self, place: &str) {
        self.history.push(place.to_owned());
        self.place = place.to_owned();
        self.retries.clear();
        self.token = None;
        self.answer = None;
        self.state = ExecutionState::Running;
    }
}

impl State {
    /// After how many calls of ports this process of a function dies, if it does.
    fn take_crash(&mut self, function: &str) -> Option<usize> {
        let crash = self
            .crash
            .as_mut()
            .filter(|crash| crash.function == function)?;
        if crash.skip > 0 {
            crash.skip -= 1;
            return None;
        }
        self.crash.take().map(|crash| crash.after_calls)
    }

    /// Completes the wait under a token. One that is over already is fine.
    pub(crate) fn complete_wait(&mut self, token: &WaitToken, output: &str) -> PortResult<()> {
        let answer: Value = serde_json::from_str(output)
            .map_err(|_| permanent("complete_wait", "the output is not JSON"))?;
        self.completed.insert(token.0.clone());
        let waits = |execution: &&mut Execution| {
            execution.token.as_ref() == Some(token) && execution.answer.is_none()
        };
        if let Some(execution) = self.executions.values_mut().find(waits) {
            execution.answer = Some(answer);
            let name = execution.name.clone();
            let now = self.now;
            self.agenda.add(now, Job::Run { execution: name });
        }
        Ok(())
    }
}

impl World {
    /// Does what is due until `end`, or until nothing is left.
    pub(crate) fn run_until(&self, end: Option<Timestamp>) {
        for _ in 0..STEPS_MAX {
            let job = {
                let mut state = self.lock();
                let Some((&(at, number), _)) = state.agenda.jobs.first_key_value() else {
                    return;
                };
                if end.is_some_and(|end| at > end) {
                    return;
                }
                state.now = state.now.max(at);
                state
                    .agenda
                    .jobs
                    .remove(&(at, number))
                    .expect("it is the first")
            };
            self.run_job(job);
        }
        panic!(
            "the world does not come to rest: {:?}",
            self.failures().last()
        );
    }

    fn run_job(&self, job: Job) {
        match job {
            Job::Invoke {
                function,
                payload,
                attempt,
            } => {
                self.call_asynchronously(function, payload, attempt);
            }
            Job::Run { execution } => self.run_execution(&execution),
            Job::Expire { execution, token } => self.expire(&execution, &token),
        }
    }

    fn call_asynchronously(&self, function: &'static str, payload: Value, attempt: usize) {
        let Err(failure) = self.invoke(function, &payload) else {
            return;
        };
        let mut state = self.lock();
        match ASYNC_RETRY_SECONDS.get(attempt) {
            Some(seconds) => {
                let at = state.now + SignedDuration::from_secs(*seconds);
                state.agenda.add(
                    at,
                    Job::Invoke {
                        function,
                        payload,
                        attempt: attempt + 1,
                    },
                );
            }
            None => state.dead_letters.push(DeadLetter {
                function,
                payload,
                why: failure.message,
            }),
        }
    }

    /// Calls functions side by side, in an order of their calls of ports that `seed` draws.
    /// Returns how many failed.
    ///
    /// # Panics
    /// When there is no such function.
    pub fn call_at_once(&self, calls: &[(&'static str, Value)], seed: u64) -> usize {
        let ports: Vec<_> = calls
            .iter()
            .enumerate()
            .map(|(number, (function, _))| {
                let subject = format!("{function} {number}");
                let is_interleaved = true;
                self.ports_of(Invocation {
                    subject,
                    is_interleaved,
                    ..Invocation::default()
                })
            })
            .collect();
        let futures: Vec<Pin<Box<dyn Future<Output = _>>>> = calls
            .iter()
            .zip(&ports)
            .map(|((function, payload), ports)| {
                Box::pin(functions::call(ports, function, payload))
                    as Pin<Box<dyn Future<Output = _>>>
            })
            .collect();
        let answers: Vec<Result<Value, FunctionFailure>> =
            run_interleaved(futures, &mut Random::new(seed));
        answers.iter().filter(|answer| answer.is_err()).count()
    }

    /// Calls again what Lambda gave up on, as an operator would. Returns how many there were.
    pub fn redrive(&self) -> usize {
        let mut state = self.lock();
        let letters = std::mem::take(&mut state.dead_letters);
        let now = state.now;
        for DeadLetter {
            function, payload, ..
        } in letters.iter().cloned()
        {
            state.agenda.add(
                now,
                Job::Invoke {
                    function,
                    payload,
                    attempt: 0,
                },
            );
        }
        letters.len()
    }

    /// Starts the workflows again of all dispatches that wait for a person. Returns how many.
    ///
    /// # Panics
    /// When the queue fails.
    pub fn replay_parked(&self) -> usize {
        self.replay_all_by_command().dispatches.len()
    }

    /// Calls a function as the rehearsal has it.
    pub(crate) fn invoke(
        &self,
        function: &'static str,
        payload: &Value,
    ) -> Result<Value, FunctionFailure> {
        let subject = format!("{function} {}", functions::subject_of(payload));
        let rehearsal = self.lock().rehearsal;
        match rehearsal {
            Rehearsal::Twice => {
                let first = self.invoke_once(function, payload, &subject);
                let second = self.invoke_once(function, payload, &subject);
                if first.is_ok() { second } else { first }
            }
            Rehearsal::LoseFirstAnswer => {
                let answer = self.invoke_once(function, payload, &subject);
                let times = {
                    let mut state = self.lock();
                    let times = state.rehearsed.entry(subject).or_default();
                    *times += 1;
                    *times
                };
                if times > 1 {
                    answer
                } else {
                    Err(FunctionFailure::lost())
                }
            }
            Rehearsal::Once | Rehearsal::FailEveryPortOnce => {
                self.invoke_once(function, payload, &subject)
            }
        }
    }

    fn invoke_once(
        &self,
        function: &'static str,
        payload: &Value,
        subject: &str,
    ) -> Result<Value, FunctionFailure> {
        let crash_after = self.lock().take_crash(function);
        let invocation = Invocation {
            subject: subject.to_owned(),
            crash_after,
            ..Invocation::default()
        };
        let answer = functions::run(&self.ports_of(invocation), function, payload);
        let mut state = self.lock();
        if let Err(failure) = &answer {
            let line = format!("{function}: {}: {}", failure.name, failure.message);
            state.failures.push(line);
            if failure.is_crash() {
                state.crashes += 1;
            }
        }
        answer
    }

    fn run_execution(&self, name: &str) {
        let Some(execution) = self.lock().executions.get(name).cloned() else {
            return;
        };
        if matches!(
            execution.state,
            ExecutionState::Succeeded | ExecutionState::Failed
        ) {
            return;
        }
        let workflow = execution.workflow.clone();
        let state = workflow.state(&execution.place);
        if let Some(answer) = execution.answer {
            return self.succeed(name, state, answer);
        }
        if execution.state == ExecutionState::Waiting {
            return;
        }
        match text_at(state, "Type") {
            "Task" => self.run_task(name, &execution, state),
            "Choice" => {
                let place = choose(state, &execution.data);
                self.go_to(name, &place);
            }
            "Wait" => {
                let seconds = at_path(&execution.data, text_at(state, "SecondsPath"));
                let seconds = seconds.as_i64().expect("a number of seconds");
                let at = self.now() + SignedDuration::from_secs(seconds);
                self.go_to_at(name, text_at(state, "Next"), at);
            }
            "Fail" => self.end(name, ExecutionState::Failed),
            other => panic!("states of type {other} are not known here"),
        }
    }

    fn run_task(&self, name: &str, execution: &Execution, state: &Value) {
        let resource = text_at(state, "Resource")
            .rsplit(":::")
            .next()
            .unwrap_or_default();
        let waits = resource == "lambda:invoke.waitForTaskToken";
        let token = waits.then(|| self.give_token(name, execution, state));
        let parameters = resolve(&state["Parameters"], execution, token.as_ref());
        if resource == "sqs:sendMessage" {
            let message = at_path(&parameters, "$.MessageBody").clone();
            self.lock().parked.push(message);
            return self.succeed(name, state, Value::Null);
        }
        assert!(
            resource.starts_with("lambda:invoke"),
            "{resource} is not known here"
        );
        let function = functions::by_logical_id(text_at(&parameters, "FunctionName"));
        let answer = self.invoke(function, at_path(&parameters, "$.Payload"));
        let completed = self
            .lock()
            .executions
            .get(name)
            .and_then(|now| now.answer.clone());
        match (completed, answer) {
            (Some(answer), _) => self.succeed(name, state, answer),
            (None, Err(failure)) => self.fail(name, state, &failure.name, &failure.message),
            (None, Ok(_)) if waits => self.wait(name),
            (None, Ok(answer)) => self.succeed(name, state, json!({ "Payload": answer })),
        }
    }

    /// A new token for each try; the time for its answer begins now.
    fn give_token(&self, name: &str, execution: &Execution, state: &Value) -> WaitToken {
        let given = execution.tokens_given + 1;
        let token = WaitToken(format!("token-{name}-{given}"));
        let path = text_at(state, "TimeoutSecondsPath");
        let seconds = at_path(&execution.data, path)
            .as_i64()
            .expect("a number of seconds");
        let mut world = self.lock();
        let at = world.now + SignedDuration::from_secs(seconds);
        let job = Job::Expire {
            execution: name.to_owned(),
            token: token.clone(),
        };
        world.agenda.add(at, job);
        if let Some(execution) = world.executions.get_mut(name) {
            execution.tokens_given = given;
            execution.token = Some(token.clone());
        }
        token
    }

    fn wait(&self, name: &str) {
        if let Some(execution) = self.lock().executions.get_mut(name) {
            execution.state = ExecutionState::Waiting;
        }
    }

    fn expire(&self, name: &str, token: &WaitToken) {
        let place = {
            let world = self.lock();
            let Some(execution) = world.executions.get(name) else {
                return;
            };
            if execution.token.as_ref() != Some(token) || execution.answer.is_some() {
                return;
            }
            execution.workflow.state(&execution.place).clone()
        };
        self.fail(name, &place, "States.Timeout", "nobody answered in time");
    }

    fn succeed(&self, name: &str, state: &Value, answer: Value) {
        let selected = match state.get("ResultSelector") {
            Some(selector) => select(selector, &answer),
            None => answer,
        };
        if let Some(execution) = self.lock().executions.get_mut(name) {
            // Without a ResultPath the result is all that goes on (`$`).
            let path = state.get("ResultPath").and_then(Value::as_str);
            put_at_path(&mut execution.data, path.unwrap_or("$"), selected);
        }
        match state.get("Next").and_then(Value::as_str) {
            Some(next) => self.go_to(name, next),
            None => self.end(name, ExecutionState::Succeeded),
        }
    }

    fn fail(&self, name: &str, state: &Value, error: &str, cause: &str) {
        let now = self.now();
        let retriers = state["Retry"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let mut world = self.lock();
        let execution = world.executions.get_mut(name).expect("it runs");
        let matching = retriers
            .iter()
            .enumerate()
            .find(|(_, retrier)| is_named(retrier, error));
        if let Some((position, retrier)) = matching {
            let tried = execution.retries.entry(position).or_default();
            if *tried < retrier["MaxAttempts"].as_u64().unwrap_or(3) {
                let seconds = jittered(retrier, retry_seconds(retrier, *tried), (name, *tried));
                *tried += 1;
                execution.retried += 1;
                execution.state = ExecutionState::Running;
                execution.token = None;
                let at = now + SignedDuration::from_secs(seconds);
                world.agenda.add(
                    at,
                    Job::Run {
                        execution: name.to_owned(),
                    },
                );
                return;
            }
        }
        let catchers = state["Catch"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let Some(catcher) = catchers.iter().find(|catcher| is_named(catcher, error)) else {
            execution.state = ExecutionState::Failed;
            return;
        };
        let caught = json!({ "Error": error, "Cause": cause });
        put_at_path(&mut execution.data, text_at(catcher, "ResultPath"), caught);
        drop(world);
        self.go_to(name, text_at(catcher, "Next"));
    }

    fn go_to(&self, name: &str, place: &str) {
        self.go_to_at(name, place, self.now());
    }

    fn go_to_at(&self, name: &str, place: &str, at: Timestamp) {
        let mut world = self.lock();
        if let Some(execution) = world.executions.get_mut(name) {
            execution.enter(place);
        }
        world.agenda.add(
            at,
            Job::Run {
                execution: name.to_owned(),
            },
        );
    }

    fn end(&self, name: &str, state: ExecutionState) {
        if let Some(execution) = self.lock().executions.get_mut(name) {
            execution.state = state;
        }
    }
}

impl Execution {
    /// Which dispatch it is about.
    ///
    /// # Panics
    /// When its data names none.
    #[must_use]
    pub fn dispatch(&self) -> DispatchId {
        text_at(&self.data, "dispatch_id")
            .parse()
            .expect("a dispatch id")
    }
}

impl Execution {
    /// How many state transitions AWS bills at the most: each state that was entered, each retry,
    /// the start and the end.
    #[must_use]
    pub fn transitions(&self) -> usize {
        let is_over = matches!(
            self.state,
            ExecutionState::Succeeded | ExecutionState::Failed
        );
        self.history.len() + self.retried + 1 + usize::from(is_over)
    }
}

/// A wait as Step Functions draws it: with full jitter anything from nothing to the interval. The
/// same for the same try of the same execution, so that a test can be repeated.
fn jittered(retrier: &Value, seconds: i64, (execution, tried): (&str, u64)) -> i64 {
    if retrier["JitterStrategy"] != "FULL" {
        return seconds;
    }
    let mut seed = tried;
    for byte in execution.bytes() {
        seed = Random::new(seed ^ u64::from(byte)).number();
    }
    let end = usize::try_from(seconds + 1).expect("seconds are not negative");
    i64::try_from(Random::new(seed).below(end)).expect("below seconds")
}

/// Growing waits before the jitter: the longest that may happen.
fn retry_seconds(retrier: &Value, tried: u64) -> i64 {
    let interval = retrier["IntervalSeconds"].as_i64().unwrap_or(1);
    let rate = retrier["BackoffRate"].as_i64().unwrap_or(2);
    let longest = retrier["MaxDelaySeconds"].as_i64().unwrap_or(i64::MAX);
    let exponent = u32::try_from(tried).unwrap_or(u32::MAX);
    interval
        .saturating_mul(rate.saturating_pow(exponent))
        .min(longest)
}

fn is_named(rule: &Value, error: &str) -> bool {
    let names = rule["ErrorEquals"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    names.iter().any(|name| match name.as_str() {
        Some("States.ALL") => true,
        Some("States.TaskFailed") => error != "States.Timeout",
        Some(name) => name == error,
        None => false,
    })
}

fn choose(state: &Value, data: &Value) -> String {
    let choices = state["Choices"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let chosen = choices.iter().find(|choice| {
        let wanted = choice
            .get("StringEquals")
            .expect("only StringEquals is known here");
        at_path(data, text_at(choice, "Variable")) == wanted
    });
    text_at(
        chosen.unwrap_or(state),
        if chosen.is_some() { "Next" } else { "Default" },
    )
    .to_owned()
}

/// Fills in what a `Parameters` block takes from the state and from the context.
fn resolve(template: &Value, execution: &Execution, token: Option<&WaitToken>) -> Value {
    let context = |path: &str| match path {
        "$$.Task.Token" => json!(token.expect("the state waits for a token").0),
        "$$.Execution.Name" => json!(execution.name),
        "$$.State.EnteredTime" => json!("(a time)"),
        other => panic!("{other} is not known here"),
    };
    fill(template, &|path| match path.strip_prefix("$$") {
        Some(_) => context(path),
        None => at_path(&execution.data, path).clone(),
    })
}

fn select(template: &Value, answer: &Value) -> Value {
    fill(template, &|path| at_path(answer, path).clone())
}

fn fill(template: &Value, value_at: &impl Fn(&str) -> Value) -> Value {
    let Value::Object(fields) = template else {
        return template.clone();
    };
    let mut filled = Map::new();
    for (name, value) in fields {
        match (name.strip_suffix(".$"), value.as_str()) {
            (Some(name), Some(path)) => filled.insert(name.to_owned(), value_at(path)),
            _ => filled.insert(name.clone(), fill(value, value_at)),
        };
    }
    Value::Object(filled)
}

/// The value at a reference path such as `$.Payload.next`.
fn at_path<'a>(data: &'a Value, path: &str) -> &'a Value {
    let fields = path.strip_prefix('$').expect("a path begins with $");
    fields
        .split('.')
        .filter(|field| !field.is_empty())
        .fold(data, |value, field| {
            value
                .get(field)
                .unwrap_or_else(|| panic!("{path} finds nothing in {data}"))
        })
}

fn put_at_path(data: &mut Value, path: &str, value: Value) {
    let fields = path.strip_prefix('$').expect("a path begins with $");
    let mut place = data;
    for field in fields.split('.').filter(|field| !field.is_empty()) {
        if !place.is_object() {
            *place = json!({});
        }
        let fields = place.as_object_mut().expect("it is an object now");
        place = fields.entry(field.to_owned()).or_insert(Value::Null);
    }
    *place = value;
}

fn text_at<'a>(value: &'a Value, field: &str) -> &'a str {
    let text = value.get(field).and_then(Value::as_str);
    text.unwrap_or_else(|| panic!("{field} is missing in {value}"))
}

fn to_json(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::String(text) => json!(text),
        Yaml::Integer(number) => json!(number),
        Yaml::Real(text) => json!(text.parse::<f64>().ok()),
        Yaml::Boolean(truth) => json!(truth),
        Yaml::Array(items) => items.iter().map(to_json).collect(),
        Yaml::Hash(fields) => {
            let field = |(name, value): (&Yaml, &Yaml)| {
                (
                    name.as_str().expect("names are texts").to_owned(),
                    to_json(value),
                )
            };
            Value::Object(fields.iter().map(field).collect())
        }
        Yaml::Null => Value::Null,
        Yaml::Alias(_) | Yaml::BadValue => panic!("the workflow holds {yaml:?}"),
    }
}
