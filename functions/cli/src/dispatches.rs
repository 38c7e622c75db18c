//! `akashi dispatches`, `certificate` and `replay`.

use std::path::PathBuf;

use anyhow::{Context, bail};
use aws_adapters::{SerialHolder, SystemClock};
use clap::Args;
use domain::{
    AccountId, Answer, AnswerRoad, AnswerStanding, Channel, DispatchId, DispatchKind, Event,
    EventKind, EventSource, Leg, Serial,
};
use serde_json::{Value, json};
use workflow::parse_mail::workflow_kind;
use workflow::ports::{Clock, DispatchStore, StoredDispatch};
use workflow::read_recorded;

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
    let pdf = read_recorded(&stack.originals(), &certificate).await?;
    std::fs::write(&fetch.out, &pdf).with_context(|| format!("writing {}", fetch.out.display()))?;
    let newest = certificate.newest_digest();
    println!("{} bytes, SHA-256 {newest}", pdf.len());
    if let Some(renewal) = certificate.renewals.last() {
        let (first, at) = (certificate.digest, renewal.timestamped_at);
        println!("renewed {at}; begins with the first version, SHA-256 {first}");
    }
    Ok(())
}

pub(crate) async fn replay(stack: &Stack, replay: &Replay) -> anyhow::Result<()> {
    let id = &replay.dispatch;
    let stored = stack.tables().load(id).await?;
    let stored = stored.with_context(|| format!("there is no dispatch {id}"))?;
    let kind = workflow_kind(&stored.dispatch, SystemClock.now());
    let name = stack.workflows()?.replay(id, kind).await?;
    println!("running as {name}");
    Ok(())
}

fn show(stored: &StoredDispatch, events: &[Event]) -> Value {
    let dispatch = &stored.dispatch;
    let offer = dispatch.offer();
    let certificate = stored.certificate.as_ref();
    json!({
        "dispatch_id": dispatch.id.as_str(),
        "serial": dispatch.serial.to_string(),
        "product": match dispatch.kind {
            DispatchKind::Mail => "mail",
            DispatchKind::Contract(_) => "contract",
            DispatchKind::Addendum(_) => "addendum",
        },
        "adds_to": dispatch.addendum().map(|addendum| addendum.contract.as_str()),
        "sender": dispatch.sender.as_str(),
        "recipient": dispatch.recipient.mail().map(domain::EmailAddress::as_str),
        "mobile": dispatch.recipient.mobile().map(domain::MobileNumber::as_str),
        "accepted_at": dispatch.accepted_at.to_string(),
        "answer_until": offer.map(|offer| offer.answer_until.to_string()),
        "attempt": stored.progress.mail.attempt.name(),
        "channels": show_channels(stored),
        "outcome": stored.progress.outcome().map(domain::Outcome::name),
        "charge": stored.progress.charge().name(),
        "certificate_key": certificate.map(|certificate| certificate.key.as_str()),
        "certificate_sha256": certificate.map(|certificate| certificate.digest.to_string()),
        "certificate_renewals": certificate.map(|certificate| {
            let digests = certificate.renewals.iter();
            digests.map(|renewal| renewal.digest.to_string()).collect::<Vec<_>>()
        }),
        "certificate_renew_at": certificate.map(|certificate| certificate.renew_at.to_string()),
        "events": events.iter().map(show_event).collect::<Vec<_>>(),
    })
}

/// How far the message has come on each channel that it takes.
fn show_channels(stored: &StoredDispatch) -> Value {
    let course = stored.dispatch.course();
    let taken = Channel::ALL
        .into_iter()
        .filter(|channel| course.takes(*channel));
    taken
        .map(|channel| {
            let leg = stored.progress.leg(channel);
            (channel.name().to_owned(), show_leg(leg))
        })
        .collect()
}

fn show_leg(leg: &Leg) -> Value {
    json!({ "attempt": leg.attempt.name(), "fate": leg.fate.map(domain::Fate::name) })
}

fn show_event(event: &Event) -> Value {
    let mut shown = json!({
        "at": event.at.to_string(),
        "name": event.kind.name(),
        "etsi": event.kind.etsi().map(domain::EtsiEvent::name),
        "source": match event.source {
            EventSource::Akashi => "akashi",
            EventSource::Ses => "ses",
            EventSource::Sns => "sns",
        },
        "supplementary": event.is_supplementary,
    });
    if let (EventKind::AnswerReceived(answer), Some(shown)) = (&event.kind, shown.as_object_mut()) {
        shown.insert("answer".to_owned(), show_answer(answer));
    }
    shown
}

fn show_answer(answer: &Answer) -> Value {
    let (road, choice) = match &answer.road {
        AnswerRoad::Mail { .. } => ("mail", None),
        AnswerRoad::Sms { .. } => ("sms", None),
        AnswerRoad::Link { choice, .. } => ("link", Some(choice.name())),
    };
    json!({
        "road": road,
        "choice": choice,
        "standing": match answer.standing {
            AnswerStanding::Recipient => "recipient",
            AnswerStanding::Unauthenticated => "unauthenticated",
            AnswerStanding::AnotherAddress => "another_address",
            AnswerStanding::Automatic(_) => "automatic",
            AnswerStanding::Malware => "malware",
        },
        "proof": answer.proof.name(),
        "text": answer.text,
    })
}
