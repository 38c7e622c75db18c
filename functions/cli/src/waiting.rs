//! `akashi parked`, `akashi replay` and `akashi failed`: what waits for a person.

use anyhow::{Context as _, bail};
use aws_adapters::{Adapters, SystemClock, Tables};
use clap::{Args, Subcommand};
use domain::{DispatchId, Serial};
use serde_json::json;
use workflow::operator::listing::ListDispatches;
use workflow::operator::ports::{CallEnd, Letter};
use workflow::operator::redrive::{FailedCall, Redrive, Which};
use workflow::operator::replay::{Parked, Replay, Replayed};
use workflow::ports::SerialHolder;

use crate::dispatches::listing;
use crate::output::say;
use crate::stack::Stack;

#[derive(Subcommand)]
pub(crate) enum ParkedCommand {
    /// Show the dispatches whose workflow gave up, the oldest first; `akashi replay` starts them
    /// again.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct ReplayArguments {
    /// A serial, as printed on every notice, or a dispatch's id.
    dispatch: Option<String>,
    /// All that are parked.
    #[arg(long)]
    all: bool,
}

#[derive(Subcommand)]
pub(crate) enum FailedCommand {
    /// Show what failed, queue by queue, the oldest first.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Call the function again with the event of back then. What succeeds leaves its queue.
    #[group(required = true, multiple = false)]
    Redrive {
        /// The id that `akashi failed list` shows.
        id: Option<String>,
        /// Everything, one after the other.
        #[arg(long)]
        all: bool,
    },
}

pub(crate) async fn parked(stack: &Stack, command: ParkedCommand) -> anyhow::Result<()> {
    let ParkedCommand::List { json } = command;
    let (parked, unreadable) = replay_of(stack)?.parked().await?;
    let ids: Vec<DispatchId> = parked.iter().map(|one| one.dispatch.clone()).collect();
    let known = listing(stack).load_all(&ids).await?;
    for one in &parked {
        let serial = known
            .iter()
            .find(|stored| stored.dispatch.id == one.dispatch);
        let serial = serial.map(|stored| stored.dispatch.serial.to_string());
        say(if json {
            parked_as_json(one, serial.as_deref())
        } else {
            parked_as_line(one, serial.as_deref())
        })?;
    }
    complain(&unreadable);
    if !json && parked.is_empty() && unreadable.is_empty() {
        say("nothing is parked")?;
    }
    Ok(())
}

pub(crate) async fn replay(stack: &Stack, arguments: &ReplayArguments) -> anyhow::Result<()> {
    let replay = replay_of(stack)?;
    let Some(dispatch) = &arguments.dispatch else {
        return replay_all(&replay).await;
    };
    let id = dispatch_of(&listing(stack), dispatch).await?;
    let replayed = replay.one(&id).await?;
    say(told(dispatch, &replayed))?;
    Ok(())
}

async fn replay_all(replay: &Replay<Adapters>) -> anyhow::Result<()> {
    let all = replay.all().await?;
    let mut failed = 0;
    for (id, replayed) in &all.dispatches {
        match replayed {
            Ok(replayed) => say(told(id.as_str(), replayed))?,
            Err(failure) => {
                failed += 1;
                say(format_args!("{id}: {}", failure.chain()))?;
            }
        }
    }
    complain(&all.unreadable);
    if all.dispatches.is_empty() {
        say("nothing is parked")?;
    }
    if failed > 0 {
        bail!(
            "{failed} of {} could not be started again",
            all.dispatches.len()
        );
    }
    Ok(())
}

pub(crate) async fn failed(stack: &Stack, command: FailedCommand) -> anyhow::Result<()> {
    let redrive = Redrive {
        letters: stack.queues(),
        functions: stack.functions(),
    };
    match command {
        FailedCommand::List { json } => {
            let found = redrive.failed().await?;
            for call in &found.calls {
                say(failed_line(call, json))?;
            }
            complain(&found.unreadable);
            if !json && found.calls.is_empty() && found.unreadable.is_empty() {
                say("nothing failed")?;
            }
            Ok(())
        }
        FailedCommand::Redrive { id, all: _ } => {
            let which = id.map_or(Which::All, Which::One);
            let ended = redrive.run(&which).await?;
            if let (Which::One(id), true) = (&which, ended.is_empty()) {
                bail!("nothing that failed has the id {id}; `akashi failed list` shows all");
            }
            let mut failed = 0;
            for (call, end) in &ended {
                let (id, function, about) = (&call.letter.id, call.function.name(), &call.about);
                match end {
                    CallEnd::Done => say(format_args!("{id}  {function}  {about}: done"))?,
                    CallEnd::Failed { error, cause } => {
                        failed += 1;
                        say(format_args!("{id}  {function}  {about}: {error}: {cause}"))?;
                    }
                }
            }
            if failed > 0 {
                bail!(
                    "{failed} of {} failed again and stay where they are",
                    ended.len()
                );
            }
            Ok(())
        }
    }
}

fn replay_of(stack: &Stack) -> anyhow::Result<Replay<Adapters>> {
    Ok(Replay {
        tables: stack.tables(),
        machines: stack.workflows(),
        queues: stack.queues(),
        clock: SystemClock,
        patience: stack.patience()?,
    })
}

async fn dispatch_of(step: &ListDispatches<Tables>, text: &str) -> anyhow::Result<DispatchId> {
    let Ok(serial) = text.parse::<Serial>() else {
        return text
            .parse()
            .context("name a serial like K7Q2-000123, or a dispatch's id");
    };
    let held = step.find(&serial).await?;
    match held.with_context(|| format!("the serial {serial} was not given"))? {
        SerialHolder::Dispatch(stored) => Ok(stored.dispatch.id),
        SerialHolder::RefusedMail(_) => bail!("{serial} is a refused mail: it has no workflow"),
    }
}

fn told(what: &str, replayed: &Replayed) -> String {
    let execution = &replayed.restart.execution;
    let how = if replayed.restart.ran_before {
        "runs already, and was told what is known by now, as"
    } else {
        "running as"
    };
    let letters = match replayed.letters_deleted {
        0 => String::new(),
        _ => "; no longer parked".to_owned(),
    };
    format!("{what}: {how} {execution}{letters}")
}

fn parked_as_line(parked: &Parked, serial: Option<&str>) -> String {
    let Parked {
        dispatch,
        parked_at,
        step,
        error,
        cause,
        ..
    } = parked;
    let serial = serial.unwrap_or("(unknown)");
    let step = step.as_deref().unwrap_or("(no step)");
    let error = error.as_deref().unwrap_or_default();
    let cause = cause.as_deref().unwrap_or_default();
    format!("{serial:<15}  {parked_at:.0}  {step}: {error}: {cause}  [{dispatch}]")
}

fn parked_as_json(parked: &Parked, serial: Option<&str>) -> String {
    json!({
        "serial": serial,
        "dispatch_id": parked.dispatch.as_str(),
        "parked_at": parked.parked_at.to_string(),
        "execution": parked.execution,
        "step": parked.step,
        "error": parked.error,
        "cause": parked.cause,
    })
    .to_string()
}

fn failed_line(call: &FailedCall, as_json: bool) -> String {
    let (letter, function) = (&call.letter, call.function.name());
    if as_json {
        return json!({
            "id": letter.id,
            "queue": letter.queue.name(),
            "function": function,
            "failed_at": letter.sent_at.to_string(),
            "about": call.about,
            "error": call.error,
        })
        .to_string();
    }
    let error = call.error.as_deref().unwrap_or("it could not be called");
    let (id, at, about) = (&letter.id, letter.sent_at, &call.about);
    format!("{id}  {at:.0}  {function}  {about}: {error}")
}

fn complain(unreadable: &[Letter]) {
    for letter in unreadable {
        let (queue, id) = (letter.queue.name(), &letter.id);
        eprintln!("akashi: the message {id} in {queue} holds nothing that can be run again");
    }
}
