//! What every Lambda function's `main` does: logs, configuration, and the loop over invocations.
//!
//! ```no_run
//! use aws_adapters::{Aws, lambda};
//! use workflow::wire::DispatchRef;
//!
//! fn main() -> std::process::ExitCode {
//!     lambda::run(async |environment| {
//!         let bucket = Aws::load().await.bucket(environment.text("INBOUND_BUCKET")?);
//!         Ok(async move |input: DispatchRef| {
//!             let _ = &bucket;
//!             Ok(input)
//!         })
//!     })
//! }
//! ```
//!
//! Logged are ids, names and counts; never an address, number, subject, body or signed URL. The
//! crates of others may log at level `error` only, because they do not know this rule.

use std::process::ExitCode;

use domain::DispatchId;
use lambda_runtime::tracing::subscriber::filter::{LevelFilter, Targets};
use lambda_runtime::tracing::subscriber::layer::SubscriberExt as _;
use lambda_runtime::tracing::subscriber::util::SubscriberInitExt as _;
use lambda_runtime::tracing::subscriber::{fmt, registry};
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tracing::{Instrument as _, Span, error, field, info_span};
use workflow::Failure;

use crate::Environment;

/// The crates that keep to the rule of what is never logged.
const OUR_CRATES: [&str; 15] = [
    "aws_adapters",
    "certificate",
    "compose_certificate",
    "deliver",
    "domain",
    "expire_accounts",
    "mail",
    "pades",
    "parse_mail",
    "record_event",
    "send_copies",
    "serve_web",
    "sign_certificate",
    "web",
    "workflow",
];

/// Runs a function until Lambda ends the process. `start` makes the handler out of the
/// environment, once; it should ask nothing of the network, because a cold start waits for it.
///
/// Returns only when something is wrong with the environment or with Lambda itself.
pub fn run<S, H, I, O>(start: S) -> ExitCode
where
    S: AsyncFnOnce(Environment) -> anyhow::Result<H>,
    H: AsyncFn(I) -> Result<O, Failure>,
    I: DeserializeOwned,
    O: Serialize,
{
    let environment = Environment::of_process();
    log_to_stdout(&environment);
    // One invocation at a time: a second thread would only cost a millisecond at the start.
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(cause) => return stopped("starting the asynchronous runtime", &cause.into()),
    };
    runtime.block_on(async {
        let handler = match start(environment).await {
            Ok(handler) => handler,
            Err(cause) => return stopped("starting the function", &cause),
        };
        let handler = &handler;
        let service = service_fn(async |event| invoke(handler, event).await);
        match lambda_runtime::run(service).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(cause) => stopped("talking to Lambda", &anyhow::Error::from_boxed(cause)),
        }
    })
}

/// Answers one invocation. Its failure is logged here, and nowhere else.
async fn invoke<H, I, O>(handler: &H, event: LambdaEvent<Value>) -> Result<O, Diagnostic>
where
    H: AsyncFn(I) -> Result<O, Failure>,
    I: DeserializeOwned,
{
    let span = span_of(&event);
    async {
        let result = match read(event.payload) {
            Ok(input) => handler(input).await,
            Err(failure) => Err(failure),
        };
        result.map_err(|failure| {
            let cause = failure.chain();
            error!(error = failure.name(), cause, "the invocation failed");
            Diagnostic {
                error_type: failure.name().to_owned(),
                error_message: cause,
            }
        })
    }
    .instrument(span)
    .await
}

/// The JSON of an invocation may hold addresses and subjects, so only the place is told where it
/// is not as expected.
fn read<I: DeserializeOwned>(payload: Value) -> Result<I, Failure> {
    I::deserialize(payload).map_err(|_| Failure::Permanent {
        doing: "reading the input of an invocation that is not as documented",
        source: None,
    })
}

fn span_of(event: &LambdaEvent<Value>) -> Span {
    let request_id = event.context.request_id.as_str();
    let span = info_span!("invocation", request_id, dispatch_id = field::Empty);
    if let Some(id) = dispatch_of(&event.payload) {
        span.record("dispatch_id", id.as_str());
    }
    span
}

/// The dispatch that a state machine talks about.
fn dispatch_of(payload: &Value) -> Option<DispatchId> {
    let subject = payload.get("deadline").unwrap_or(payload);
    subject.get("dispatch_id")?.as_str()?.parse().ok()
}

fn log_to_stdout(environment: &Environment) {
    let level = environment.optional_parse("LOG_LEVEL").ok().flatten();
    let level: LevelFilter = level.unwrap_or(LevelFilter::INFO);
    let ours = OUR_CRATES.map(|name| (name, level));
    let targets = Targets::new()
        .with_default(LevelFilter::ERROR.min(level))
        .with_targets(ours)
        // It would log each failure a second time; panics are logged by the hook below.
        .with_target("lambda_runtime::layers::panic", LevelFilter::OFF);
    let lines = fmt::layer()
        .json()
        .with_current_span(true)
        .with_span_list(false);
    // The tests of a whole process may have set one: it stays.
    let _ = registry().with(lines).with(targets).try_init();
    // A panic's text may quote what a mail says, so only its place is logged.
    std::panic::set_hook(Box::new(|panicked| {
        let place = panicked.location().map(ToString::to_string);
        error!(place, "panicked");
    }));
}

fn stopped(doing: &'static str, cause: &anyhow::Error) -> ExitCode {
    error!(cause = format!("{cause:#}"), "stopped while {doing}");
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use lambda_runtime::Context;
    use serde_json::json;
    use workflow::wire::DispatchRef;

    use super::*;

    async fn answer(payload: Value) -> Result<DispatchRef, Diagnostic> {
        let handler = async |input: DispatchRef| match input.id() {
            Ok(_) => Ok(input),
            Err(source) => Err(Failure::Transient {
                doing: "testing",
                source: Some(source.into()),
            }),
        };
        invoke(&handler, LambdaEvent::new(payload, Context::default())).await
    }

    #[tokio::test]
    async fn failures_carry_the_names_that_state_machines_branch_on() {
        assert!(answer(json!({"dispatch_id": "abc-01"})).await.is_ok());
        for (payload, name) in [
            (json!({"dispatch_id": "not an id"}), "TransientFailure"),
            (json!({}), "PermanentFailure"),
            (
                json!({"dispatch_id": ["taro@example.jp"]}),
                "PermanentFailure",
            ),
            (json!(null), "PermanentFailure"),
        ] {
            let diagnostic = answer(payload.clone()).await.unwrap_err();
            assert_eq!(diagnostic.error_type, name, "{payload}");
            assert!(!diagnostic.error_message.contains('@'), "{diagnostic:?}");
        }
    }

    #[test]
    fn the_dispatch_of_an_invocation_is_found_in_what_state_machines_send() {
        for (payload, expected) in [
            (
                json!({"dispatch_id": "abc-01", "task_token": "x"}),
                Some("abc-01"),
            ),
            (
                json!({"deadline": {"dispatch_id": "abc-02"}}),
                Some("abc-02"),
            ),
            (json!({"dispatch_id": "taro@example.jp"}), None),
            (json!({"Records": []}), None),
            (json!([]), None),
        ] {
            let found = dispatch_of(&payload);
            assert_eq!(
                found.as_ref().map(DispatchId::as_str),
                expected,
                "{payload}"
            );
        }
    }
}
