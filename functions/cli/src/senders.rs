//! `akashi sender`: who may send for an account.

use anyhow::bail;
use aws_adapters::SystemClock;
use clap::{Args, Subcommand};
use domain::{AccountId, EmailAddress, ListedSender, SenderRemoval, TrustSetting};
use jiff::Timestamp;
use serde_json::{Value, json};
use workflow::account::open::SenderConflict;
use workflow::account::senders::{SenderAdded, Senders};

use crate::output::say;
use crate::stack::{Stack, existing};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Let an address send for an account, or change what its mails are asked for.
    Add(Add),
    /// Show who may send for an account.
    List {
        /// The account's code.
        #[arg(long)]
        account: AccountId,
        /// Those who were removed, too.
        #[arg(long)]
        removed: bool,
    },
    /// Take an address from an account: its mails are ignored from then on, like any stranger's.
    Remove {
        /// The account's code.
        #[arg(long)]
        account: AccountId,
        /// The address.
        #[arg(long)]
        sender: EmailAddress,
    },
}

#[derive(Args)]
pub(crate) struct Add {
    /// The account's code.
    #[arg(long)]
    account: AccountId,
    /// A mail address that the operator has seen proof of.
    #[arg(long)]
    sender: EmailAddress,
    /// Accept SPF in place of a DKIM signature; without it, only DKIM counts.
    #[arg(long)]
    accept_spf: bool,
}

pub(crate) async fn run(stack: &Stack, command: Command) -> anyhow::Result<()> {
    let step = Senders {
        accounts: stack.tables(),
        clock: SystemClock,
    };
    match command {
        Command::Add(Add {
            account,
            sender,
            accept_spf,
        }) => {
            let trust = trust(accept_spf);
            let added = step.add(account.clone(), sender.clone(), trust).await?;
            match added {
                SenderAdded::Added(listed) => say(shown(&listed))?,
                SenderAdded::TakenBy(other) => return Err(taken(&sender, &other)),
                SenderAdded::NoAccount => existing(None, &account)?,
            }
        }
        Command::List { account, removed } => {
            for sender in existing(step.list(&account).await?, &account)? {
                if removed || sender.removed_at.is_none() {
                    say(shown(&sender))?;
                }
            }
        }
        Command::Remove { account, sender } => match step.remove(&account, &sender).await? {
            SenderRemoval::Removed => say(format_args!("{sender} sends for {account} no more"))?,
            SenderRemoval::RemovedBefore(at) => {
                say(format_args!("{sender} was removed before, at {at:.0}"))?;
            }
            SenderRemoval::NotThere => {
                bail!("{sender} does not send for {account}; `akashi sender list` shows who does")
            }
        },
    }
    Ok(())
}

/// What the mails of a sender are asked for.
pub(crate) fn trust(accept_spf: bool) -> TrustSetting {
    if accept_spf {
        // Said each time: who shares a mail server can send in the name of all its users.
        eprintln!(
            "akashi: SPF only says which servers may send for a domain. Where other customers send \
             from the same servers (shared hosts, mass mailers), each of them can send in this \
             sender's name."
        );
        TrustSetting::DkimOrSpf
    } else {
        TrustSetting::Dkim
    }
}

/// Why an address that sends for another account cannot send for this one.
pub(crate) fn taken(sender: &EmailAddress, other: &AccountId) -> anyhow::Error {
    anyhow::anyhow!(
        "{sender} sends for the account {other} already; take it from there first: \
         akashi sender remove --account {other} --sender {sender}"
    )
}

/// What stands in the way of opening an account with a sender once more.
pub(crate) fn conflict_words(account: &AccountId, conflict: &SenderConflict) -> String {
    let add = |sender| format!("akashi sender add --account {account} --sender {sender}");
    match conflict {
        SenderConflict::Removed(sender) => {
            format!("{sender} was removed; {} lets it send again", add(sender))
        }
        SenderConflict::TrustedOtherwise { sender, standing } => format!(
            "{sender} is trusted by {}; {}, with or without --accept-spf, changes that",
            words(*standing),
            add(sender)
        ),
    }
}

fn words(trust: TrustSetting) -> &'static str {
    match trust {
        TrustSetting::Dkim => "DKIM",
        TrustSetting::DkimOrSpf => "DKIM or SPF",
    }
}

fn shown(sender: &ListedSender) -> Value {
    let entry = &sender.entry;
    json!({
        "sender": entry.sender.as_str(),
        "account": entry.account.as_str(),
        "proven_at": entry.proven_at.to_string(),
        "accept_spf": entry.trust == TrustSetting::DkimOrSpf,
        "removed_at": sender.removed_at.as_ref().map(Timestamp::to_string),
    })
}
