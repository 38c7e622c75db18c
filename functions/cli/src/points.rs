//! `akashi points` and `akashi ledger`: what an account has bought, holds and has spent.

use anyhow::bail;
use aws_adapters::{SystemClock, Tables};
use clap::{Args, Subcommand};
use domain::{
    AccountId, GrantReference, Granting, LedgerEntry, LedgerPageOf, LedgerPlace, Named, Points,
};
use serde_json::{Value, json};
use workflow::billing::grant::Grant;
use workflow::billing::statement::Statement;

use crate::output::say;
use crate::stack::{Stack, existing};
use crate::when::Span;

/// Most lines of one page.
const PAGE_ENTRIES_MAX: usize = 100;

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
    /// Show the balance, and the whole ledger in the order of time.
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

#[derive(Args)]
pub(crate) struct Ledger {
    /// The account's code.
    #[arg(long)]
    account: AccountId,
    #[command(flatten)]
    span: Span,
    /// Only behind this place: what the page before ended with.
    #[arg(long)]
    after: Option<LedgerPlace>,
    /// The newest first.
    #[arg(long)]
    newest_first: bool,
    /// At most so many lines.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// All of them.
    #[arg(long, conflicts_with = "limit")]
    all: bool,
    /// One JSON object a line.
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
            let step = Grant {
                ledger: stack.tables(),
                clock: SystemClock,
            };
            match step.run(&account, points, &reference).await? {
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

fn statement(stack: &Stack) -> Statement<Tables> {
    let ledger = stack.tables();
    Statement { ledger }
}

async fn show(stack: &Stack, show: &Show) -> anyhow::Result<()> {
    let step = statement(stack);
    let balance = existing(step.balance(&show.account).await?, &show.account)?;
    let (available, reserved) = (balance.available, balance.reserved);
    if show.json {
        let balance = json!({ "available": available.get(), "reserved": reserved.get() });
        say(balance)?;
    } else {
        say(format_args!("available {available}, reserved {reserved}"))?;
    }
    // From the newest on, so that a limit costs no more than what it lets through.
    let mut entries = Vec::new();
    let mut wanted = LedgerPageOf {
        after: None,
        from: show.span.from(),
        until: show.span.until(),
        newest_first: true,
        entries_max: PAGE_ENTRIES_MAX,
    };
    let mut left = show.limit.unwrap_or(usize::MAX);
    while left > 0 {
        wanted.entries_max = left.min(PAGE_ENTRIES_MAX);
        let page = step.page(&show.account, &wanted).await?;
        left = left.saturating_sub(page.entries.len());
        entries.extend(page.entries);
        let Some(next) = page.next else {
            break;
        };
        wanted.after = Some(next);
    }
    for entry in entries.iter().rev() {
        tell(entry, show.json)?;
    }
    Ok(())
}

/// `akashi ledger`: as the ledger stands, page by page.
pub(crate) async fn ledger(stack: &Stack, ledger: &Ledger) -> anyhow::Result<()> {
    let step = statement(stack);
    existing(step.balance(&ledger.account).await?, &ledger.account)?;
    let limit = usize::try_from(ledger.limit).unwrap_or(usize::MAX);
    let mut left = if ledger.all { usize::MAX } else { limit };
    let mut after = ledger.after.clone();
    loop {
        let wanted = LedgerPageOf {
            after,
            from: ledger.span.from(),
            until: ledger.span.until(),
            newest_first: ledger.newest_first,
            entries_max: left.min(PAGE_ENTRIES_MAX),
        };
        let page = step.page(&ledger.account, &wanted).await?;
        for entry in &page.entries {
            tell(entry, ledger.json)?;
        }
        left = left.saturating_sub(page.entries.len());
        let Some(next) = page.next else {
            return Ok(());
        };
        if left == 0 {
            eprintln!("akashi: these are {limit}; go on with --after '{next}', or take --all");
            return Ok(());
        }
        after = Some(next);
    }
}

fn tell(entry: &LedgerEntry, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        say(self::as_json(entry))?;
    } else {
        say(as_line(entry))?;
    }
    Ok(())
}

fn as_line(entry: &LedgerEntry) -> String {
    let at = entry.at();
    match entry {
        LedgerEntry::Charge {
            serial,
            points,
            state,
            ..
        } => {
            let (points, state) = (-i64::from(points.get()), state.name());
            format!("{at:.0}  {points:>6} {state:<8}  {serial}")
        }
        LedgerEntry::Reservation {
            submission,
            points,
            left,
            ..
        } => {
            let held = -i64::from(left.get());
            format!("{at:.0}  {held:>6} held      of {points} for mail {submission}")
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
    let (at, place) = (entry.at().to_string(), entry.place().to_string());
    match entry {
        LedgerEntry::Charge {
            dispatch,
            serial,
            points,
            state,
            ended_at,
            ..
        } => json!({
            "at": at,
            "place": place,
            "kind": "charge",
            "state": state.name(),
            "points": points.get(),
            "serial": serial.to_string(),
            "dispatch_id": dispatch.as_str(),
            "ended_at": ended_at.map(|at| at.to_string()),
        }),
        LedgerEntry::Reservation {
            submission,
            points,
            left,
            ..
        } => json!({
            "at": at,
            "place": place,
            "kind": "reservation",
            "points": points.get(),
            "left": left.get(),
            "submission_id": submission.as_str(),
        }),
        LedgerEntry::Grant {
            reference, points, ..
        } => json!({
            "at": at,
            "place": place,
            "kind": "grant",
            "points": points.get(),
            "reference": reference.to_string(),
        }),
        LedgerEntry::Lapse { due_on, points, .. } => json!({
            "at": at,
            "place": place,
            "kind": "lapse",
            "points": points.get(),
            "due_on": due_on.to_string(),
        }),
    }
}
