//! `akashi sender`: who may send for an account.

use anyhow::{Context as _, bail};
use aws_adapters::{Allowing, SystemClock, Tables};
use clap::{Args, Subcommand};
use domain::{AccountId, AllowlistEntry, EmailAddress, TrustSetting};
use jiff::Timestamp;
use serde_json::{Value, json};
use workflow::operator::ports::{KeepSenders, ListedSender, SenderRemoval};
use workflow::ports::Clock;

use crate::output::say;
use crate::stack::Stack;

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
    let tables = stack.tables();
    match command {
        Command::Add(add) => {
            stack.account_exists(&add.account).await?;
            let entry = AllowlistEntry {
                sender: add.sender,
                account: add.account,
                proven_at: SystemClock.now(),
                trust: trust(add.accept_spf),
            };
            allow(&tables, &entry).await?;
            say(shown(&ListedSender {
                entry,
                removed_at: None,
            }))?;
        }
        Command::List { account, removed } => {
            stack.account_exists(&account).await?;
            let senders = tables.senders_of(&account).await?;
            for sender in senders {
                if removed || sender.removed_at.is_none() {
                    say(shown(&sender))?;
                }
            }
        }
        Command::Remove { account, sender } => {
            let at = SystemClock.now();
            match tables.remove_sender(&account, &sender, at).await? {
                SenderRemoval::Removed => {
                    say(format_args!("{sender} sends for {account} no more"))?
                }
                SenderRemoval::RemovedBefore(at) => {
                    say(format_args!("{sender} was removed before, at {at:.0}"))?;
                }
                SenderRemoval::NotThere => bail!(
                    "{sender} does not send for {account}; `akashi sender list` shows who does"
                ),
            }
        }
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

/// Lets a sender send, unless it sends for another account.
pub(crate) async fn allow(tables: &Tables, entry: &AllowlistEntry) -> anyhow::Result<()> {
    match tables.allow_sender(entry).await? {
        Allowing::Allowed => Ok(()),
        Allowing::TakenBy(other) => {
            let sender = &entry.sender;
            bail!(
                "{sender} sends for the account {other} already; take it from there first: \
                 akashi sender remove --account {other} --sender {sender}"
            )
        }
    }
}

/// What stands in the way of opening an account with these senders once more, if anything.
pub(crate) async fn conflict(
    tables: &Tables,
    account: &AccountId,
    wanted: &[EmailAddress],
    trust: TrustSetting,
) -> anyhow::Result<Vec<String>> {
    let standing = tables.senders_of(account).await?;
    let mut conflicts = Vec::new();
    for sender in wanted {
        let found = standing
            .iter()
            .find(|one| one.entry.sender.key() == sender.key());
        let add = format!("akashi sender add --account {account} --sender {sender}");
        match found {
            Some(one) if one.removed_at.is_some() => {
                conflicts.push(format!("{sender} was removed; {add} lets it send again"));
            }
            Some(one) if one.entry.trust != trust => conflicts.push(format!(
                "{sender} is trusted by {}; {add}, with or without --accept-spf, changes that",
                words(one.entry.trust)
            )),
            Some(_) | None => {}
        }
    }
    Ok(conflicts)
}

/// Those of the senders who do not stand on the account's list yet.
pub(crate) async fn missing(
    tables: &Tables,
    account: &AccountId,
    wanted: Vec<EmailAddress>,
) -> anyhow::Result<Vec<EmailAddress>> {
    let standing = tables
        .senders_of(account)
        .await
        .context("looking who sends for the account")?;
    let stands = |sender: &EmailAddress| {
        let mut all = standing.iter();
        all.any(|one| one.entry.sender.key() == sender.key())
    };
    Ok(wanted.into_iter().filter(|one| !stands(one)).collect())
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
