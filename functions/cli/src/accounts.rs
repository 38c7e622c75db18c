//! `akashi account`: until the web page opens accounts (I-030), the operator does.

use anyhow::{Context, bail};
use aws_adapters::{Allowing, SettingsChange, SystemClock};
use clap::{Args, Subcommand, ValueEnum};
use domain::{
    Account, AccountId, AccountStatus, AllowlistEntry, AnswerDeadline, ContractSettings, CopiesTo,
    EmailAddress, MobileNumber, OfferOrder, Settings, TrustSetting, ZoneName, lapse_at,
};
use serde_json::json;
use workflow::ports::{Clock, FindAccount};

use crate::stack::Stack;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Open an account, or add senders to one that is open.
    Open(Open),
    /// Change what an account chose; what is not named stays. Contracts that are under way keep
    /// what they began with.
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
    #[arg(long)]
    company: String,
    /// Company address.
    #[arg(long)]
    address: Option<String>,
    /// Person in charge.
    #[arg(long)]
    contact: String,
    /// Where to write to about the account itself; the first sender unless given.
    #[arg(long)]
    mail: Option<EmailAddress>,
    /// Mobile number in international form, e.g. +819012345678.
    #[arg(long)]
    mobile: Option<MobileNumber>,
    /// A mail address that the operator has seen proof of; may be given several times (I-034).
    #[arg(long, required = true)]
    sender: Vec<EmailAddress>,
    /// Accept SPF for senders whose domain has no DKIM. Whoever may send from a server of
    /// the domain's SPF record, another customer of a shared host too, can then send as them.
    #[arg(long)]
    accept_spf: bool,
    /// IANA time zone in which times are shown beside UTC.
    #[arg(long, default_value = "Asia/Tokyo")]
    zone: ZoneName,
    /// Do not mail certificates to the sender (I-035).
    #[arg(long)]
    no_mails: bool,
    #[command(flatten)]
    contracts: Contracts,
}

#[derive(Args)]
pub(crate) struct Change {
    /// The account's code.
    #[arg(long)]
    id: AccountId,
    /// IANA time zone in which times are shown beside UTC.
    #[arg(long)]
    zone: Option<ZoneName>,
    /// Whether certificates are mailed to the sender (I-035).
    #[arg(long)]
    mails: Option<bool>,
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
    /// What goes out first to those who have an address and a number (P-022).
    #[arg(long)]
    offer_order: Option<Order>,
    /// Who gets the certificate of a completed contract (P-037).
    #[arg(long)]
    copies: Option<Copies>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Order {
    /// Mail and SMS at the same time; unless said otherwise.
    Parallel,
    /// The mail, and the SMS when it is known what became of the mail.
    MailThenSms,
}

#[derive(Clone, Copy, ValueEnum)]
enum Copies {
    /// The sender and the other party; unless said otherwise.
    BothParties,
    /// The sender, who passes it on.
    SenderOnly,
}

fn deadline(text: &str) -> anyhow::Result<AnswerDeadline> {
    Ok(AnswerDeadline::from_hours(text.parse()?)?)
}

impl Contracts {
    fn order(&self) -> Option<OfferOrder> {
        self.offer_order.map(|order| match order {
            Order::Parallel => OfferOrder::Parallel,
            Order::MailThenSms => OfferOrder::MailThenSms,
        })
    }

    fn copies(&self) -> Option<CopiesTo> {
        self.copies.map(|copies| match copies {
            Copies::BothParties => CopiesTo::BothParties,
            Copies::SenderOnly => CopiesTo::SenderOnly,
        })
    }

    fn settings(&self) -> ContractSettings {
        ContractSettings {
            deadline: self.answer_hours.unwrap_or_default(),
            order: self.order().unwrap_or_default(),
            copies: self.copies().unwrap_or_default(),
        }
    }
}

pub(crate) async fn run(stack: &Stack, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Open(open) => self::open(stack, open).await,
        Command::Settings(change) => self::change(stack, change).await,
        Command::Show { id } => show(stack, &id).await,
    }
}

async fn open(stack: &Stack, open: Open) -> anyhow::Result<()> {
    let tables = stack.tables();
    let now = SystemClock.now();
    // The operator has seen proof of each sender, so that one of them is an address that works.
    let mail = open.mail.or_else(|| open.sender.first().cloned());
    let account = Account {
        id: open.id,
        company: open.company,
        address: open.address,
        contact: open.contact,
        mail: mail.context("an account needs a mail address")?,
        mobile: open.mobile,
        status: AccountStatus::Active,
        settings: Settings {
            certificates_by_mail: !open.no_mails,
            zone: open.zone,
            contracts: open.contracts.settings(),
        },
        last_used_at: now,
        warned: None,
    };
    let standing = tables.open_account(&account).await?;
    if standing.company != account.company {
        bail!("the account {} is open for another company", account.id);
    }
    for sender in open.sender {
        let entry = AllowlistEntry {
            sender,
            account: account.id.clone(),
            proven_at: now,
            trust: if open.accept_spf {
                TrustSetting::DkimOrSpf
            } else {
                TrustSetting::Dkim
            },
        };
        if let Allowing::TakenBy(other) = tables.allow_sender(&entry).await? {
            bail!("{} sends for the account {other} already", entry.sender);
        }
    }
    print_account(&standing);
    if open.accept_spf {
        eprintln!("{SPF_WARNING}");
    }
    Ok(())
}

/// What the operator should know of SPF.
const SPF_WARNING: &str = "warning: with --accept-spf, whoever may send from a server of the \
     domain's SPF record can send in these senders' names: on a shared host, or with include: of a \
     large provider, that is every other customer there. Have the domain sign with DKIM, and open \
     the account without the option, as soon as it can.";

async fn change(stack: &Stack, change: Change) -> anyhow::Result<()> {
    let id = change.id;
    let wanted = SettingsChange {
        certificates_by_mail: change.mails,
        zone: change.zone,
        deadline: change.contracts.answer_hours,
        order: change.contracts.order(),
        copies: change.contracts.copies(),
    };
    if wanted == SettingsChange::default() {
        bail!("nothing to change: name a setting");
    }
    let account = stack.tables().change_settings(&id, &wanted).await?;
    print_account(&account.with_context(|| format!("there is no account {id}"))?);
    Ok(())
}

async fn show(stack: &Stack, id: &AccountId) -> anyhow::Result<()> {
    let account = stack.tables().find_account(id).await?;
    print_account(&account.with_context(|| format!("there is no account {id}"))?);
    Ok(())
}

fn print_account(account: &Account) {
    let (status, lapsed_at) = match account.status {
        AccountStatus::Active => ("active", None),
        AccountStatus::Suspended => ("suspended", None),
        AccountStatus::Lapsed { at } => ("lapsed", Some(at)),
    };
    let warned = account.warned.as_ref();
    let contracts = &account.settings.contracts;
    let shown = json!({
        "id": account.id.as_str(),
        "company": account.company,
        "address": account.address,
        "contact": account.contact,
        "mail": account.mail.as_str(),
        "mobile": account.mobile.as_ref().map(MobileNumber::as_str),
        "status": status,
        "last_used_at": account.last_used_at.to_string(),
        "lapses_at": lapse_at(account.last_used_at).to_string(),
        "warned": warned.map(|warned| warned.warning.name()),
        "lapsed_at": lapsed_at.map(|at| at.to_string()),
        "certificates_by_mail": account.settings.certificates_by_mail,
        "zone": account.settings.zone.as_str(),
        "answer_hours": contracts.deadline.hours(),
        "offer_order": contracts.order.name(),
        "copies": contracts.copies.name(),
    });
    println!("{shown}");
}
