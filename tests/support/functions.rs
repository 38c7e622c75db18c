//! The functions, wired to the ports in memory as their `main.rs` wires them to AWS: JSON in,
//! JSON or the name of a failure out.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use domain::{AnswerToken, Choice, DispatchId, Named, Retention, SeenBy};
use paper::FontSet;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use workflow::account::expire_accounts::ExpireAccounts;
use workflow::answers::show_offer::ShowOffer;
use workflow::answers::take_link_answer::{LinkAnswer, LinkTaken, TakeLinkAnswer};
use workflow::certify::compose_certificate::ComposeCertificate;
use workflow::certify::renew_timestamps::RenewTimestamps;
use workflow::certify::sign_certificate::SignCertificate;
use workflow::certify::signing::SigningConfiguration;
use workflow::copies::send_copies::SendCopies;
use workflow::dispatch::deliver::Deliver;
use workflow::dispatch::record_event::RecordEvent;
use workflow::intake::parse_mail::ParseMail;
use workflow::intake::receive_mail::receive_mail;
use workflow::ports::StoredDispatch;
use workflow::wire::{DispatchRef, EventInput, ReceiptEvent, ScheduledEvent, WaitingDispatch};
use workflow::{Failure, Patience, Service};

use crate::executor::{block_on, run_until_death};
use crate::ports::Ports;
use crate::provider::CONFIGURATION_SET;

/// Every function, by its logical id.
pub const FUNCTIONS: [&str; 9] = [
    "ParseMail",
    "Deliver",
    "RecordEvent",
    "ComposeCertificate",
    "SignCertificate",
    "SendCopies",
    "ServeWeb",
    "ExpireAccounts",
    "RenewTimestamps",
];

/// How a call of a function failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionFailure {
    /// The error name that `Retry` and `Catch` branch on.
    pub name: String,
    /// What went wrong, with all causes.
    pub message: String,
}

impl FunctionFailure {
    /// The function did its work, but nobody heard of it.
    pub(crate) fn lost() -> Self {
        Self {
            name: "Sandbox.Timedout".to_owned(),
            message: "the answer got lost".to_owned(),
        }
    }

    fn crash() -> Self {
        Self {
            name: "Runtime.ExitError".to_owned(),
            message: "the process died".to_owned(),
        }
    }

    pub(crate) fn is_crash(&self) -> bool {
        self.name == "Runtime.ExitError"
    }
}

impl From<Failure> for FunctionFailure {
    fn from(failure: Failure) -> Self {
        Self {
            name: failure.name().to_owned(),
            message: failure.chain(),
        }
    }
}

/// The function that a state of the workflow calls as `${LogicalId}`.
pub(crate) fn by_logical_id(reference: &str) -> &'static str {
    let name = reference.trim_start_matches("${").trim_end_matches('}');
    FUNCTIONS
        .into_iter()
        .find(|function| *function == name)
        .unwrap_or_else(|| panic!("there is no function {name}"))
}

/// What a call is about, for counting.
pub(crate) fn subject_of(payload: &Value) -> String {
    let inbound = payload.pointer("/Records/0/ses/mail/messageId");
    let message = payload.pointer("/Records/0/Sns/Message");
    let dispatch = payload
        .pointer("/dispatch_id")
        .or(payload.pointer("/deadline/dispatch_id"));
    let subject = inbound.or(message).or(dispatch).unwrap_or(payload);
    subject
        .as_str()
        .map_or_else(|| subject.to_string(), str::to_owned)
}

/// Calls a function; a process that dies is a failure like on Lambda.
pub(crate) fn run(
    ports: &Ports,
    function: &str,
    payload: &Value,
) -> Result<Value, FunctionFailure> {
    let is_dead = || ports.invocation().is_dead();
    let answer = run_until_death(call(ports, function, payload), is_dead);
    answer.unwrap_or_else(|| Err(FunctionFailure::crash()))
}

/// Calls a function.
pub(crate) async fn call(
    ports: &Ports,
    function: &str,
    payload: &Value,
) -> Result<Value, FunctionFailure> {
    match function {
        "ParseMail" => parse_mail(ports, read(payload)?).await,
        "Deliver" => deliver(ports, read(payload)?).await,
        "RecordEvent" => record_event(ports, read(payload)?).await,
        "ComposeCertificate" => compose_certificate(ports, read(payload)?).await,
        "SignCertificate" => sign_certificate(ports, read(payload)?).await,
        "SendCopies" => send_copies(ports, read(payload)?).await,
        "ServeWeb" => serve_web(ports, read(payload)?).await,
        "ExpireAccounts" => expire_accounts(ports, read(payload)?).await,
        "RenewTimestamps" => renew_timestamps(ports, read(payload)?).await,
        other => panic!("there is no function {other}"),
    }
}

async fn parse_mail(ports: &Ports, event: ReceiptEvent) -> Result<Value, FunctionFailure> {
    let (rules, bulk) = {
        let state = ports.world().lock();
        (state.rules.clone(), state.bulk)
    };
    let step = ParseMail::<Ports> {
        inbound: ports.clone(),
        tables: ports.clone(),
        dns: ports.clone(),
        mailer: ports.clone(),
        machines: ports.clone(),
        clock: ports.clone(),
        nonces: ports.clone(),
        service: service(ports),
        rules,
        patience: Patience::default(),
        bulk,
    };
    receive_mail(&step, event).await?;
    Ok(Value::Null)
}

async fn deliver(ports: &Ports, waiting: WaitingDispatch) -> Result<Value, FunctionFailure> {
    let step = Deliver::<Ports> {
        tables: ports.clone(),
        inbound: ports.clone(),
        mailer: ports.clone(),
        phone: ports.clone(),
        waits: ports.clone(),
        clock: ports.clone(),
        service: service(ports),
        desk: ports.world().lock().desk.clone(),
    };
    let sending = waiting.parse().expect("the workflow names dispatches");
    step.run(&sending).await?;
    Ok(Value::Null)
}

async fn record_event(ports: &Ports, input: EventInput) -> Result<Value, FunctionFailure> {
    let step = RecordEvent::<Ports> {
        tables: ports.clone(),
        machines: ports.clone(),
        mailer: ports.clone(),
        clock: ports.clone(),
        service: service(ports),
        configuration_set: CONFIGURATION_SET.to_owned(),
    };
    let answer = step.run(&input).await?;
    Ok(json!(answer))
}

async fn compose_certificate(
    ports: &Ports,
    dispatch: DispatchRef,
) -> Result<Value, FunctionFailure> {
    let step = composing(ports);
    step.run(&dispatch.id().expect("the workflow names dispatches"))
        .await?;
    Ok(json!(dispatch))
}

fn composing(ports: &Ports) -> ComposeCertificate<Ports> {
    let links = ports.world().lock().desk.links.clone();
    ComposeCertificate {
        tables: ports.clone(),
        inbound: ports.clone(),
        clock: ports.clone(),
        service: service(ports),
        links,
        signing: signing(ports),
        fonts: fonts(),
    }
}

/// What a certificate says.
pub(crate) fn certificate_text(ports: &Ports, id: &DispatchId) -> String {
    block_on(composing(ports).text(id)).expect("the dispatch is settled")
}

/// With what this world's certificates are signed and timestamped at the moment.
fn signing(ports: &Ports) -> Arc<SigningConfiguration> {
    let state = ports.world().lock();
    let authorities = state
        .authorities
        .iter()
        .map(|(known, _)| known.authority.clone());
    let chain = state.signer.chain.clone();
    Arc::new(SigningConfiguration::new(chain, authorities.collect()))
}

async fn sign_certificate(ports: &Ports, dispatch: DispatchRef) -> Result<Value, FunctionFailure> {
    let step = SignCertificate::<Ports> {
        tables: ports.clone(),
        inbound: ports.clone(),
        originals: ports.originals(),
        key: ports.clone(),
        authorities: ports.clone(),
        clock: ports.clone(),
        nonces: ports.clone(),
        signing: signing(ports),
        service: service(ports),
    };
    step.run(&dispatch.id().expect("the workflow names dispatches"))
        .await?;
    Ok(json!(dispatch))
}

async fn send_copies(ports: &Ports, dispatch: DispatchRef) -> Result<Value, FunctionFailure> {
    let step = SendCopies::<Ports> {
        tables: ports.clone(),
        originals: ports.originals(),
        mailer: ports.clone(),
        phone: ports.clone(),
        nonces: ports.clone(),
        clock: ports.clone(),
        service: service(ports),
        links: ports.world().lock().desk.links.clone(),
    };
    step.run(&dispatch.id().expect("the workflow names dispatches"))
        .await?;
    Ok(json!(dispatch))
}

async fn expire_accounts(ports: &Ports, _: ScheduledEvent) -> Result<Value, FunctionFailure> {
    let step = ExpireAccounts::<Ports> {
        tables: ports.clone(),
        mailer: ports.clone(),
        clock: ports.clone(),
        service: service(ports),
    };
    let expiry = step.run().await?;
    Ok(json!(expiry))
}

async fn renew_timestamps(ports: &Ports, _: ScheduledEvent) -> Result<Value, FunctionFailure> {
    let step = RenewTimestamps::<Ports> {
        tables: ports.clone(),
        originals: ports.originals(),
        authorities: ports.clone(),
        clock: ports.clone(),
        nonces: ports.clone(),
        signing: signing(ports),
        retention: Retention::Evidence,
    };
    let renewed = step.run().await?;
    ports.world().lock().renewed.push(renewed);
    Ok(json!(renewed))
}

/// The form of the page behind an offer's link, as it is sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Form {
    pub(crate) token: String,
    pub(crate) choice: String,
    pub(crate) text: String,
}

/// Answers the name of what came of it.
async fn serve_web(ports: &Ports, form: Form) -> Result<Value, FunctionFailure> {
    let step = TakeLinkAnswer::<Ports> {
        tables: ports.clone(),
        machines: ports.clone(),
        clock: ports.clone(),
    };
    let choice = Choice::ALL
        .into_iter()
        .find(|choice| choice.name() == form.choice);
    let (Ok(token), Some(choice)) = (form.token.parse::<AnswerToken>(), choice) else {
        return Ok(json!("no form"));
    };
    let answer = LinkAnswer {
        choice,
        text: form.text,
        source_ip: "203.0.113.7".to_owned(),
        seen_by: SeenBy::WebServer,
        user_agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X)".to_owned(),
    };
    Ok(match step.run(&token, &answer).await? {
        LinkTaken::UnknownToken => json!("unknown token"),
        LinkTaken::NoAnswer => json!("no answer"),
        LinkTaken::EnoughOfThese => json!("enough of these"),
        LinkTaken::Recorded(recorded) if recorded.is_of_recipient => json!("recorded"),
        LinkTaken::Recorded(_) => json!("unauthenticated"),
    })
}

/// What the page behind an offer's link shows.
pub(crate) fn page_behind(ports: &Ports, token: &AnswerToken) -> Option<StoredDispatch> {
    let step = ShowOffer::<Ports> {
        tables: ports.clone(),
        inbound: ports.clone(),
        clock: ports.clone(),
    };
    let shown = block_on(step.run(token)).expect("the store answers");
    shown.map(|shown| shown.contract)
}

fn service(ports: &Ports) -> Service {
    ports.world().lock().service.clone()
}

fn read<T: serde::de::DeserializeOwned>(payload: &Value) -> Result<T, FunctionFailure> {
    serde_json::from_value(payload.clone()).map_err(|error| FunctionFailure {
        name: "Runtime.Unknown".to_owned(),
        message: error.to_string(),
    })
}

/// The pinned fonts, read and parsed once for all worlds.
pub(crate) fn fonts() -> Arc<FontSet> {
    static FONTS: LazyLock<Arc<FontSet>> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.local/fonts");
        let fonts = paper::fonts_in(&folder).unwrap_or_else(|error| {
            panic!("{error}; run `python3 functions/shared/paper/fetch_fonts.py`")
        });
        Arc::new(fonts)
    });
    FONTS.clone()
}
