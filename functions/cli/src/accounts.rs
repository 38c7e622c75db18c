//! `akashi account`: until the web page opens accounts (I-030), the operator does.

use anyhow::{Context, bail};
use aws_adapters::{SystemClock, Tables};
use clap::{Args, Subcommand};
use domain::{
    AcceptanceNotices, Account, AccountId, AccountStatus, AnswerDeadline, ContractSettings,
    CopiesTo, EmailAddress, Language, MaySend, MobileNumber, Named, OfferOrder, ServedCountries,
    Settings, SettingsChange, StatusChanged, ZoneName, lapse_at,
};
use jiff::Timestamp;
use serde_json::json;
use workflow::account::Difference;
use workflow::account::manage::{ManageAccounts, SettingsChanged};
use workflow::account::open::{OpenAccount, Opened, Opening};

use crate::named::named;
use crate::output::{padded, say};
use crate::senders;
use crate::stack::Stack;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Open an account. One that is open already stays as it is: what differs is told.
    Open(Open),
    /// Show all accounts.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Stop an account: its mails are refused with a warning, what is under way goes on.
    Suspend {
        /// Its code.
        #[arg(long)]
        id: AccountId,
    },
    /// Let a suspended account send again.
    Resume {
        /// Its code.
        #[arg(long)]
        id: AccountId,
    },
    /// Change an account; what is not named stays. Contracts that are under way keep what they
    /// began with.
    Settings(Change),
    /// Show an account.
    Show {
        /// Its code.
        #[arg(long)]
        id: AccountId,
    },
}

#[derive(Args)]
pub(crate) struct Open {
    /// Its code, 4 to 8 of 0-9 and A-Z without I, L, O, U; the first half of its serials.
    #[arg(long)]
    id: AccountId,
    /// Company name.
    #[arg(long, value_parser = words)]
    company: String,
    /// Company address.
    #[arg(long)]
    address: Option<String>,
    /// Person in charge.
    #[arg(long, value_parser = words)]
    contact: String,
    /// Where to write to about the account itself; the first sender unless given.
    #[arg(long)]
    mail: Option<EmailAddress>,
    /// Mobile number, e.g. 090-1234-5678 or +819012345678.
    #[arg(long, value_parser = mobile)]
    mobile: Option<MobileNumber>,
    /// A mail address that the operator has seen proof of; may be given several times.
    #[arg(long, required = true)]
    sender: Vec<EmailAddress>,
    /// Accept SPF for senders whose domain has no DKIM. Whoever may send from a server of the
    /// domain's SPF record, another customer of a shared host too, can then send as them.
    #[arg(long)]
    accept_spf: bool,
    /// IANA time zone in which times are shown beside UTC.
    #[arg(long, default_value = "Asia/Tokyo")]
    zone: ZoneName,
    /// Which language comes first in mails: `ja` or `en`.
    #[arg(long, value_parser = named::<Language>, default_value = "ja")]
    language: Language,
    /// Do not mail certificates to the sender.
    #[arg(long)]
    no_mails: bool,
    /// Of which accepted mails the sender is told at once, with serials, destinations and cost:
    /// `contracts`, `all` (of registered mails, too), or `none`. Mails whose recipients only SPF
    /// vouches for are told of in any case.
    #[arg(long, value_parser = named::<AcceptanceNotices>, default_value = "contracts")]
    acceptance_notices: AcceptanceNotices,
    #[command(flatten)]
    contracts: Contracts,
}

#[derive(Args)]
pub(crate) struct Change {
    /// The account's code.
    #[arg(long)]
    id: AccountId,
    /// Company name.
    #[arg(long, value_parser = words)]
    company: Option<String>,
    /// Company address.
    #[arg(long, value_parser = words)]
    address: Option<String>,
    /// Person in charge.
    #[arg(long, value_parser = words)]
    contact: Option<String>,
    /// Where to write to about the account itself.
    #[arg(long)]
    mail: Option<EmailAddress>,
    /// Mobile number, e.g. 090-1234-5678 or +819012345678.
    #[arg(long, value_parser = mobile)]
    mobile: Option<MobileNumber>,
    /// IANA time zone in which times are shown beside UTC.
    #[arg(long)]
    zone: Option<ZoneName>,
    /// Which language comes first in mails: `ja` or `en`.
    #[arg(long, value_parser = named::<Language>)]
    language: Option<Language>,
    /// Whether certificates are mailed to the sender.
    #[arg(long)]
    mails: Option<bool>,
    /// Of which accepted mails the sender is told at once: `contracts`, `all` or `none`.
    #[arg(long, value_parser = named::<AcceptanceNotices>)]
    acceptance_notices: Option<AcceptanceNotices>,
    #[command(flatten)]
    contracts: Contracts,
}

/// What the contracts of an account begin with.
#[derive(Args)]
struct Contracts {
    /// How long an offer waits for its answer, in hours: 1 to 2160, for instance 24 or 48; 720 (30
    /// days) unless said otherwise.
    #[arg(long, value_parser = deadline)]
    answer_hours: Option<AnswerDeadline>,
    /// What goes out first to those who have an address and a number: `parallel` (both at the same
    /// time; unless said otherwise), or `mail_then_sms` (the mail, and the SMS when it is known
    /// what became of the mail).
    #[arg(long, value_parser = named::<OfferOrder>)]
    offer_order: Option<OfferOrder>,
    /// Who gets the certificate of a completed contract: `both_parties` (the sender and the other
    /// party; unless said otherwise), or `sender_only` (the sender, who passes it on).
    #[arg(long, value_parser = named::<CopiesTo>)]
    copies: Option<CopiesTo>,
}

/// A text that says something.
fn words(text: &str) -> anyhow::Result<String> {
    let text = text.trim();
    anyhow::ensure!(!text.is_empty(), "it must not be empty");
    Ok(text.to_owned())
}

/// A number as people write it, of whatever country.
fn mobile(text: &str) -> anyhow::Result<MobileNumber> {
    let international = text.parse::<MobileNumber>();
    Ok(
        international
            .or_else(|_| MobileNumber::parse_written(text, &ServedCountries::default()))?,
    )
}

fn deadline(text: &str) -> anyhow::Result<AnswerDeadline> {
    Ok(AnswerDeadline::from_hours(text.parse()?)?)
}

impl Contracts {
    fn settings(&self) -> ContractSettings {
        ContractSettings {
            deadline: self.answer_hours.unwrap_or_default(),
            order: self.offer_order.unwrap_or_default(),
            copies: self.copies.unwrap_or_default(),
        }
    }
}

pub(crate) async fn run(stack: &Stack, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Open(open) => self::open(stack, open).await,
        Command::List { json } => list(stack, json).await,
        Command::Suspend { id } => change_status(stack, &id, MaySend::No).await,
        Command::Resume { id } => change_status(stack, &id, MaySend::Yes).await,
        Command::Settings(change) => self::change(stack, change).await,
        Command::Show { id } => show(stack, &id).await,
    }
}

fn accounts(stack: &Stack) -> ManageAccounts<Tables> {
    let accounts = stack.tables();
    ManageAccounts { accounts }
}

async fn open(stack: &Stack, open: Open) -> anyhow::Result<()> {
    let trust = senders::trust(open.accept_spf);
    // The operator has seen proof of each sender, so that one of them is an address that works.
    let mail = open.mail.or_else(|| open.sender.first().cloned());
    let opening = Opening {
        id: open.id,
        company: open.company,
        address: open.address,
        contact: open.contact,
        mail: mail.context("an account needs a mail address")?,
        mobile: open.mobile,
        settings: Settings {
            certificates_by_mail: !open.no_mails,
            acceptance_notices: open.acceptance_notices,
            zone: open.zone,
            language: open.language,
            contracts: open.contracts.settings(),
        },
        senders: open.sender,
        trust,
    };
    let step = OpenAccount {
        accounts: stack.tables(),
        clock: SystemClock,
    };
    let id = opening.id.clone();
    match step.run(opening).await? {
        Opened::Open(account) => print_account(&account),
        Opened::Differs(all) => Err(refused(&id, &all)),
        Opened::Conflicts(conflicts) => {
            let conflicts = conflicts
                .iter()
                .map(|one| senders::conflict_words(&id, one));
            let told: Vec<String> = conflicts.collect();
            bail!("the account {id} is open already: {}", told.join("; "))
        }
        Opened::SenderTaken { sender, by } => Err(senders::taken(&sender, &by)),
    }
}

fn refused(id: &AccountId, all: &[Difference]) -> anyhow::Error {
    let told: Vec<String> = all
        .iter()
        .map(|one| format!("{} is {}, not {}", one.option, one.standing, one.wanted))
        .collect();
    anyhow::anyhow!(
        "the account {id} is open already, and nothing was changed: {}; \
         akashi account settings --id {id} changes what you name",
        told.join("; ")
    )
}

async fn list(stack: &Stack, as_json: bool) -> anyhow::Result<()> {
    for account in accounts(stack).list().await? {
        if as_json {
            print_account(&account)?;
            continue;
        }
        let used = account.last_used_at;
        say(format_args!(
            "{:<8}  {:<9}  used {used:.0}  {}  {} <{}>",
            account.id.as_str(),
            account.status.name(),
            padded(&account.company, 24),
            account.contact,
            account.mail
        ))?;
    }
    Ok(())
}

async fn change_status(stack: &Stack, id: &AccountId, to: MaySend) -> anyhow::Result<()> {
    match accounts(stack).change_status(id, to).await? {
        StatusChanged::Changed(account) => print_account(&account),
        StatusChanged::Lapsed => bail!("the account {id} lapsed: that is for good"),
        StatusChanged::NoAccount => bail!("there is no account {id}"),
    }
}

async fn change(stack: &Stack, change: Change) -> anyhow::Result<()> {
    let id = change.id;
    let wanted = SettingsChange {
        company: change.company,
        address: change.address,
        contact: change.contact,
        mail: change.mail,
        mobile: change.mobile,
        certificates_by_mail: change.mails,
        acceptance_notices: change.acceptance_notices,
        zone: change.zone,
        language: change.language,
        deadline: change.contracts.answer_hours,
        order: change.contracts.offer_order,
        copies: change.contracts.copies,
    };
    match accounts(stack).change_settings(&id, &wanted).await? {
        SettingsChanged::Changed(account) => print_account(&account),
        SettingsChanged::Nothing => bail!("nothing to change: name a setting"),
        SettingsChanged::NoAccount => bail!("there is no account {id}"),
    }
}

async fn show(stack: &Stack, id: &AccountId) -> anyhow::Result<()> {
    let account = accounts(stack).find(id).await?;
    print_account(&account.with_context(|| format!("there is no account {id}"))?)
}

fn lapsed_at(status: AccountStatus) -> Option<Timestamp> {
    match status {
        AccountStatus::Active | AccountStatus::Suspended => None,
        AccountStatus::Lapsed { at } => Some(at),
    }
}

fn print_account(account: &Account) -> anyhow::Result<()> {
    let warned = account.warned.as_ref();
    let contracts = &account.settings.contracts;
    let shown = json!({
        "id": account.id.as_str(),
        "company": account.company,
        "address": account.address,
        "contact": account.contact,
        "mail": account.mail.as_str(),
        "mobile": account.mobile.as_ref().map(MobileNumber::as_str),
        "status": account.status.name(),
        "last_used_at": account.last_used_at.to_string(),
        "lapses_at": lapse_at(account.last_used_at).to_string(),
        "warned": warned.map(|warned| warned.warning.name()),
        "lapsed_at": lapsed_at(account.status).map(|at| at.to_string()),
        "certificates_by_mail": account.settings.certificates_by_mail,
        "acceptance_notices": account.settings.acceptance_notices.name(),
        "zone": account.settings.zone.as_str(),
        "language": account.settings.language.name(),
        "answer_hours": contracts.deadline.hours(),
        "offer_order": contracts.order.name(),
        "copies": contracts.copies.name(),
    });
    say(shown)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mobile_number_is_taken_as_people_write_it_q_19() {
        for (text, expected) in [
            ("090-1234-5678", Some("+819012345678")),
            ("09012345678", Some("+819012345678")),
            ("+81 90-1234-5678", Some("+819012345678")),
            ("+12025550123", Some("+12025550123")),
            ("03-1234-5678", None),
            ("", None),
        ] {
            let number = mobile(text).ok();
            let number = number.as_ref().map(MobileNumber::as_str);
            assert_eq!(number, expected, "{text}");
        }
    }
}
