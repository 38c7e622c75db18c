//! `akashi dispatches` and `akashi certificate`.

use std::path::PathBuf;

use anyhow::{Context, bail};
use aws_adapters::{Tables, refusals_as_json};
use clap::{Args, ValueEnum};
use domain::{
    AccountId, Answer, AnswerRoad, Channel, Event, EventKind, Leg, Named, Outcome, ProductName,
    Serial,
};
use serde_json::{Value, json};
use workflow::operator::listing::{ListDispatches, ListedState, Wanted};
use workflow::ports::{RefusedMail, SerialHolder, StoredDispatch, StoredIntake};
use workflow::read_recorded;

use crate::named::named;
use crate::output::say;
use crate::stack::{Stack, existing};
use crate::when::Span;

#[derive(Args)]
pub(crate) struct List {
    /// The account's code.
    #[arg(long)]
    account: AccountId,
    /// Only what is in this state.
    #[arg(long)]
    state: Option<State>,
    /// Only what ended so, e.g. relayed, noex, answered.
    #[arg(long, value_parser = named::<Outcome>)]
    outcome: Option<Outcome>,
    #[command(flatten)]
    span: Span,
    /// Only behind this serial: the last one of the page before.
    #[arg(long)]
    after: Option<Serial>,
    /// The newest first.
    #[arg(long)]
    newest_first: bool,
    /// At most so many.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// All of them.
    #[arg(long, conflicts_with = "limit")]
    all: bool,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// With the events of each, which takes one more question each.
    #[arg(long, requires = "json")]
    events: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum State {
    /// Its outcome is not known yet.
    Open,
    /// Its outcome is known.
    Ended,
    /// It was not accepted.
    Refused,
}

/// Most entries of one page.
const PAGE_ENTRIES_MAX: usize = 1_000;

impl From<State> for ListedState {
    fn from(state: State) -> Self {
        match state {
            State::Open => Self::Open,
            State::Ended => Self::Ended,
            State::Refused => Self::Refused,
        }
    }
}

impl List {
    fn wanted(&self, after: Option<Serial>, left: usize) -> Wanted {
        Wanted {
            account: self.account.clone(),
            state: self.state.map(ListedState::from),
            outcome: self.outcome,
            from: self.span.from(),
            until: self.span.until(),
            after,
            newest_first: self.newest_first,
            entries_max: left.min(PAGE_ENTRIES_MAX),
        }
    }
}

#[derive(Args)]
pub(crate) struct Fetch {
    /// As printed on every notice, e.g. K7Q2-000123.
    serial: Serial,
    /// Where to write the PDF.
    #[arg(long)]
    out: PathBuf,
}

/// What an account's serials were given to.
pub(crate) fn listing(stack: &Stack) -> ListDispatches<Tables> {
    let store = stack.tables();
    ListDispatches { store }
}

pub(crate) async fn list(stack: &Stack, list: &List) -> anyhow::Result<()> {
    let step = listing(stack);
    let mut left = if list.all {
        usize::MAX
    } else {
        usize::try_from(list.limit)?
    };
    let mut after = list.after.clone();
    loop {
        let page = step.page(&list.wanted(after, left)).await?;
        let page = existing(page, &list.account)?;
        for entry in &page.entries {
            say(line_of(&step, list, entry).await?)?;
        }
        left = left.saturating_sub(page.entries.len());
        let Some(next) = page.next else {
            return Ok(());
        };
        if left == 0 {
            return tell_of_more(list);
        }
        after = Some(next);
    }
}

/// The rest is asked for by the serial that stands in the last line.
fn tell_of_more(list: &List) -> anyhow::Result<()> {
    let limit = list.limit;
    eprintln!("akashi: these are {limit}; go on with --after <the last serial>, or take --all");
    Ok(())
}

async fn line_of(
    step: &ListDispatches<Tables>,
    list: &List,
    entry: &SerialHolder,
) -> anyhow::Result<String> {
    Ok(match entry {
        SerialHolder::Dispatch(stored) if list.events => {
            let events = step.events(&stored.dispatch.id).await?;
            show(stored, Some(&events)).to_string()
        }
        SerialHolder::Dispatch(stored) if list.json => show(stored, None).to_string(),
        SerialHolder::Dispatch(stored) => row(stored),
        SerialHolder::RefusedMail(refused) if list.json => show_refused(refused)?.to_string(),
        SerialHolder::RefusedMail(refused) => refused_row(refused)?,
    })
}

/// Serial, time, product, how it stands, to whom.
fn row(stored: &StoredDispatch) -> String {
    let dispatch = &stored.dispatch;
    let outcome = stored.progress.outcome();
    let state = match (outcome, &stored.certificate) {
        (None, _) => "open".to_owned(),
        (Some(outcome), Some(_)) => outcome.name().to_owned(),
        (Some(outcome), None) if outcome.is_certified() => {
            format!("{} (no certificate yet)", outcome.name())
        }
        (Some(outcome), None) => outcome.name().to_owned(),
    };
    let to = [
        dispatch.recipient.mail().map(domain::EmailAddress::as_str),
        dispatch
            .recipient
            .mobile()
            .map(domain::MobileNumber::as_str),
    ];
    let to: Vec<&str> = to.into_iter().flatten().collect();
    format!(
        "{:<15}  {:.0}  {:<8}  {:<14}  {}",
        dispatch.serial.to_string(),
        dispatch.accepted_at,
        dispatch.product.name(),
        state,
        to.join(", ")
    )
}

fn refused_row(refused: &RefusedMail) -> anyhow::Result<String> {
    let StoredIntake::Refused {
        serial,
        sender,
        refused_at,
        reasons,
        ..
    } = &refused.intake
    else {
        bail!(
            "{} has a serial of its own and was not refused",
            refused.inbound
        );
    };
    let reasons: Vec<String> = reasons
        .iter()
        .map(|reason| letters::words::refusal_words(reason).english)
        .collect();
    let serial = serial.to_string();
    Ok(format!(
        "{serial:<15}  {refused_at:.0}  {:<8}  {:<14}  from {sender}: {}",
        ProductName::Mail.name(),
        "refused",
        reasons.join(" ")
    ))
}

fn show_refused(refused: &RefusedMail) -> anyhow::Result<Value> {
    let StoredIntake::Refused {
        serial,
        sender,
        refused_at,
        reasons,
        ..
    } = &refused.intake
    else {
        bail!(
            "{} has a serial of its own and was not refused",
            refused.inbound
        );
    };
    Ok(json!({
        "serial": serial.to_string(),
        "inbound_id": refused.inbound.as_str(),
        "refused_at": refused_at.to_string(),
        "sender": sender.as_str(),
        "reasons": refusals_as_json(reasons),
    }))
}

pub(crate) async fn fetch(stack: &Stack, fetch: &Fetch) -> anyhow::Result<()> {
    let serial = &fetch.serial;
    let held = listing(stack).find(serial).await?;
    let stored = match held.with_context(|| format!("the serial {serial} was not given"))? {
        SerialHolder::Dispatch(stored) => stored,
        SerialHolder::RefusedMail(_) => bail!("{serial} is a refused mail; it has no certificate"),
    };
    let Some(certificate) = stored.certificate else {
        bail!("{serial} has no certificate yet");
    };
    let pdf = read_recorded(&stack.originals(), &certificate).await?;
    std::fs::write(&fetch.out, &pdf).with_context(|| format!("writing {}", fetch.out.display()))?;
    let newest = certificate.newest_digest();
    say(format_args!("{} bytes, SHA-256 {newest}", pdf.len()))?;
    if let Some(renewal) = certificate.renewals.last() {
        let (first, at) = (certificate.digest, renewal.timestamped_at);
        say(format_args!(
            "renewed {at}; begins with the first version, SHA-256 {first}"
        ))?;
    }
    Ok(())
}

fn show(stored: &StoredDispatch, events: Option<&[Event]>) -> Value {
    let dispatch = &stored.dispatch;
    let certificate = stored.certificate.as_ref();
    let mut shown = json!({
        "dispatch_id": dispatch.id.as_str(),
        "serial": dispatch.serial.to_string(),
        "product": dispatch.product.name(),
        "adds_to": dispatch.adds_to().map(domain::DispatchId::as_str),
        "sender": dispatch.origin.sender().as_str(),
        "recipient": dispatch.recipient.mail().map(domain::EmailAddress::as_str),
        "mobile": dispatch.recipient.mobile().map(domain::MobileNumber::as_str),
        "accepted_at": dispatch.accepted_at.to_string(),
        "answer_until": dispatch.answer_until().map(|at| at.to_string()),
        "attempt": stored.progress.mail.attempt.name(),
        "channels": show_channels(stored),
        "outcome": stored.progress.outcome().map(Outcome::name),
        "charge": stored.progress.charge().name(),
        "certificate_key": certificate.map(|certificate| certificate.key.as_str()),
        "certificate_sha256": certificate.map(|certificate| certificate.digest.to_string()),
        "certificate_renewals": certificate.map(|certificate| {
            let digests = certificate.renewals.iter();
            digests.map(|renewal| renewal.digest.to_string()).collect::<Vec<_>>()
        }),
        "certificate_renew_at": certificate.map(|certificate| certificate.renew_at.to_string()),
    });
    if let (Some(events), Some(shown)) = (events, shown.as_object_mut()) {
        let events: Vec<Value> = events.iter().map(show_event).collect();
        shown.insert("events".to_owned(), Value::Array(events));
    }
    shown
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
        "source": event.source.name(),
        "supplementary": event.is_supplementary,
    });
    if let (EventKind::AnswerReceived(answer), Some(shown)) = (&event.kind, shown.as_object_mut()) {
        shown.insert("answer".to_owned(), show_answer(answer));
    }
    shown
}

fn show_answer(answer: &Answer) -> Value {
    let choice = match &answer.road {
        AnswerRoad::Mail { .. } | AnswerRoad::Sms { .. } => None,
        AnswerRoad::Link { choice, .. } => Some(choice.name()),
    };
    json!({
        "road": answer.road.name(),
        "choice": choice,
        "standing": answer.standing.name(),
        "proof": answer.proof.name(),
        "text": answer.text,
    })
}
