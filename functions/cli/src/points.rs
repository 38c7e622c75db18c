//! `akashi points`: what an account has bought, holds and has spent.

use anyhow::bail;
use aws_adapters::{GrantReference, Granting, LedgerEntry, SystemClock};
use clap::Subcommand;
use domain::{AccountId, Points};
use workflow::ports::Clock;

use crate::stack::Stack;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Add points, once per reference.
    Grant {
        /// The account's code.
        #[arg(long)]
        account: AccountId,
        /// How many.
        #[arg(long)]
        points: u32,
        /// Why, for instance an invoice number; the same one again adds nothing.
        #[arg(long)]
        reference: GrantReference,
    },
    /// Show balance and ledger.
    Show {
        /// The account's code.
        #[arg(long)]
        account: AccountId,
    },
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
            match stack
                .tables()
                .grant_points(&account, points, &reference, now)
                .await?
            {
                Granting::Granted => println!("granted {points} points"),
                Granting::GrantedBefore => println!("granted before under this reference"),
                Granting::AccountLapsed => bail!("the account {account} lapsed and is closed"),
                Granting::NoAccount => bail!("there is no account {account}"),
                Granting::TooMany => bail!("the account would have more points than can be kept"),
            }
            Ok(())
        }
        Command::Show { account } => show(stack, &account).await,
    }
}

async fn show(stack: &Stack, account: &AccountId) -> anyhow::Result<()> {
    let tables = stack.tables();
    let balance = tables.balance(account).await?;
    println!(
        "available {}, reserved {}",
        balance.available, balance.reserved
    );
    for entry in tables.ledger(account).await? {
        match entry {
            LedgerEntry::Charge {
                dispatch,
                entry,
                reserved_at,
                ended_at,
            } => {
                let state = entry.state.name();
                let at = ended_at.unwrap_or(reserved_at);
                println!(
                    "{at:.0}  {:>6} {state:<8}  {dispatch}",
                    -i64::from(entry.points.get())
                );
            }
            LedgerEntry::Grant {
                reference,
                points,
                granted_at,
            } => {
                println!("{granted_at:.0}  {points:>+6} granted   {reference}");
            }
            LedgerEntry::Lapse {
                due_on,
                points,
                lapsed_at,
            } => {
                println!(
                    "{lapsed_at:.0}  {:>6} lapsed    not used for five years on {due_on}",
                    -i64::from(points.get())
                );
            }
        }
    }
    Ok(())
}
