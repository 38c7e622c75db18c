//! `akashi points`: what an account has bought, holds and has spent.

use anyhow::bail;
use aws_adapters::{GrantReference, Granting, LedgerEntry, SystemClock};
use clap::{Args, Subcommand};
use domain::{AccountId, Points};
use serde_json::{Value, json};
use workflow::ports::Clock;

use crate::output::say;
use crate::stack::Stack;
use crate::when::Span;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Add points, once per reference.
    Grant {
        /// The account's code.
        #[arg(long)]
        account: AccountId,
        /// How many, at least 1.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
        points: u32,
        /// Why, for instance an invoice number; the same one again adds nothing.
        #[arg(long)]
        reference: GrantReference,
    },
    /// Show the balance, and the ledger in the order of time.
    Show(Show),
}

#[derive(Args)]
pub(crate) struct Show {
    /// The account's code.
    #[arg(long)]
    account: AccountId,
    /// At most so many entries: the newest ones.
    #[arg(long)]
    limit: Option<usize>,
    #[command(flatten)]
    span: Span,
    /// One JSON object a line: the balance, then the entries.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(stack: &Stack, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Grant {
            account,
            points,
            reference,
        } => {
            let points = Points::new(points);
            let now = SystemClock.now();
            let tables = stack.tables();
            let granting = tables.grant_points(&account, points, &reference, now);
            match granting.await? {
                Granting::Granted => say(format_args!("granted {points} points"))?,
                Granting::GrantedBefore => say("granted before under this reference")?,
                Granting::AccountLapsed => bail!("the account {account} lapsed and is closed"),
                Granting::NoAccount => bail!("there is no account {account}"),
                Granting::TooMany => bail!("the account would have more points than can be kept"),
            }
            Ok(())
        }
        Command::Show(arguments) => show(stack, &arguments).await,
    }
}

async fn show(stack: &Stack, show: &Show) -> anyhow::Result<()> {
    stack.account_exists(&show.account).await?;
    let tables = stack.tables();
    let balance = tables.balance(&show.account).await?;
    let (available, reserved) = (balance.available, balance.reserved);
    if show.json {
        let balance = json!({ "available": available.get(), "reserved": reserved.get() });
        say(balance)?;
    } else {
        say(format_args!("available {available}, reserved {reserved}"))?;
    }
    let mut entries = tables.ledger(&show.account).await?;
    entries.retain(|entry| show.span.holds(entry.at()));
    let left_out = entries
        .len()
        .saturating_sub(show.limit.unwrap_or(usize::MAX));
    for entry in entries.iter().skip(left_out) {
        if show.json {
            say(as_json(entry))?;
        } else {
            say(as_line(entry))?;
        }
    }
    Ok(())
}

fn as_line(entry: &LedgerEntry) -> String {
    let at = entry.at();
    match entry {
        LedgerEntry::Charge { serial, entry, .. } => {
            let (points, state) = (-i64::from(entry.points.get()), entry.state.name());
            format!("{at:.0}  {points:>6} {state:<8}  {serial}")
        }
        LedgerEntry::Grant {
            reference, points, ..
        } => format!("{at:.0}  {points:>+6} granted   {reference}"),
        LedgerEntry::Lapse { due_on, points, .. } => {
            let points = -i64::from(points.get());
            format!("{at:.0}  {points:>6} lapsed    not used for five years on {due_on}")
        }
    }
}

fn as_json(entry: &LedgerEntry) -> Value {
    let at = entry.at().to_string();
    match entry {
        LedgerEntry::Charge {
            dispatch,
            serial,
            entry,
            reserved_at,
            ..
        } => json!({
            "at": at,
            "kind": "charge",
            "state": entry.state.name(),
            "points": entry.points.get(),
            "serial": serial.to_string(),
            "dispatch_id": dispatch.as_str(),
            "reserved_at": reserved_at.to_string(),
        }),
        LedgerEntry::Grant {
            reference, points, ..
        } => json!({
            "at": at,
            "kind": "grant",
            "points": points.get(),
            "reference": reference.to_string(),
        }),
        LedgerEntry::Lapse { due_on, points, .. } => json!({
            "at": at,
            "kind": "lapse",
            "points": points.get(),
            "due_on": due_on.to_string(),
        }),
    }
}
