//! `akashi dispatches`, `certificate` and `replay`.

use std::path::PathBuf;

use anyhow::{Context, bail};
use aws_adapters::SerialHolder;
use clap::Args;
use domain::{AccountId, DispatchId, Event, EventSource, Serial};
use serde_json::{Value, json};
use workflow::ports::{DispatchStore, ReadObject, StoredDispatch};

use crate::stack::Stack;

#[derive(Args)]
pub(crate) struct List {
    /// The account's code.
    #[arg(long)]
    account: AccountId,
}

#[derive(Args)]
pub(crate) struct Fetch {
    /// As printed on every notice, e.g. K7Q2-000123.
    serial: Serial,
    /// Where to write the PDF.
    #[arg(long)]
    out: PathBuf,
}

#[derive(Args)]
pub(crate) struct Replay {
    /// Which dispatch.
    dispatch: DispatchId,
}

pub(crate) async fn list(stack: &Stack, list: &List) -> anyhow::Result<()> {
    let tables = stack.tables();
    for stored in tables.dispatches_of(&list.account).await? {
        let events = tables.events(&stored.dispatch.id).await?;
        println!("{}", show(&stored, &events));
    }
    Ok(())
}

pub(crate) async fn fetch(stack: &Stack, fetch: &Fetch) -> anyhow::Result<()> {
    let serial = &fetch.serial;
    let held = stack.tables().find_by_serial(serial).await?;
    let stored = match held.with_context(|| format!("the serial {serial} was not given"))? {
        SerialHolder::Dispatch(stored) => stored,
        SerialHolder::RefusedMail(..) => bail!("{serial} is a refused mail; it has no certificate"),
    };
    let Some(certificate) = stored.certificate else {
        bail!("{serial} has no certificate yet");
    };
    let pdf = stack.originals().read_object(&certificate.key).await?;
    let pdf = pdf.context("reading an original that is not in the bucket")?;
    std::fs::write(&fetch.out, &pdf).with_context(|| format!("writing {}", fetch.out.display()))?;
    println!("{} bytes, SHA-256 {}", pdf.len(), certificate.digest);
    Ok(())
}

pub(crate) async fn replay(stack: &Stack, replay: &Replay) -> anyhow::Result<()> {
    let id = &replay.dispatch;
    if stack.tables().load(id).await?.is_none() {
        bail!("there is no dispatch {id}");
    }
    println!("running as {}", stack.workflows()?.replay(id).await?);
    Ok(())
}

fn show(stored: &StoredDispatch, events: &[Event]) -> Value {
    let certificate = stored.certificate.as_ref();
    json!({
        "dispatch_id": stored.dispatch.id.as_str(),
        "serial": stored.dispatch.serial.to_string(),
        "sender": stored.dispatch.sender.as_str(),
        "recipient": stored.dispatch.recipient.as_str(),
        "accepted_at": stored.dispatch.accepted_at.to_string(),
        "attempt": stored.progress.attempt.name(),
        "outcome": stored.progress.outcome().map(domain::Outcome::name),
        "charge": stored.progress.charge().name(),
        "certificate_key": certificate.map(|certificate| certificate.key.as_str()),
        "certificate_sha256": certificate.map(|certificate| certificate.digest.to_string()),
        "events": events.iter().map(show_event).collect::<Vec<_>>(),
    })
}

fn show_event(event: &Event) -> Value {
    json!({
        "at": event.at.to_string(),
        "name": event.kind.name(),
        "etsi": event.kind.etsi().map(domain::EtsiEvent::name),
        "source": match event.source {
            EventSource::Akashi => "akashi",
            EventSource::Ses => "ses",
        },
        "supplementary": event.is_supplementary,
    })
}
