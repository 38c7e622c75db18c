//! `akashi`: what the operator does from a laptop. The same code as the functions.

#![expect(
    clippy::print_stderr,
    reason = "a command line fails on standard error; what it answers goes through `output`"
)]

mod accounts;
mod certificate_request;
mod dispatches;
mod doctor;
mod named;
mod output;
mod points;
mod senders;
mod stack;
mod trust_file;
mod waiting;
mod when;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::stack::Stack;

#[derive(Parser)]
#[command(name = "akashi", about = "Operate a registered-mail service")]
struct Arguments {
    /// The outputs of the deployed stack, as `infra/deploy.py` writes them.
    #[arg(
        long,
        env = "AKASHI_STACK",
        default_value = ".local/stack.json",
        global = true
    )]
    stack: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Open, list, change, suspend and resume accounts.
    #[command(subcommand)]
    Account(accounts::Command),
    /// Say who may send for an account.
    #[command(subcommand)]
    Sender(senders::Command),
    /// Grant and show points.
    #[command(subcommand)]
    Points(points::Command),
    /// Show the ledger of an account by time, page by page.
    Ledger(points::Ledger),
    /// List what an account has sent, and its mails that were refused, with the reasons.
    Dispatches(dispatches::List),
    /// Fetch the original of a certificate.
    Certificate(dispatches::Fetch),
    /// Show dispatches whose workflow gave up.
    #[command(subcommand)]
    Parked(waiting::ParkedCommand),
    /// Start a dispatch's workflow again. Every step finds what is done; the dispatch is parked no
    /// longer, and its alarm ends with the last one. A workflow that still runs is told what was
    /// recorded meanwhile.
    Replay(waiting::ReplayArguments),
    /// Show mails, reports and scheduled work that a function could not deal with, and call it
    /// again.
    #[command(subcommand)]
    Failed(waiting::FailedCommand),
    /// Look whether the service can work, and say what to do where it cannot.
    Doctor(doctor::Doctor),
    /// Make the certificate request for the signing key (PKCS #10, PEM).
    Csr(certificate_request::Csr),
    /// Write the trust file, by which others verify certificates of this service. Publish it where
    /// nobody else can: on a page of the company, for example.
    TrustFile(trust_file::Write),
    Verify(verify::Verify),
    #[command(flatten)]
    Offline(verify::Command),
}

/// Exit codes of `verify` are verdicts, so no failure may look like one: it is 4 for what needs no
/// service, and for arguments that cannot be used.
fn main() -> ExitCode {
    let Arguments { stack, command } = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let is_failure = error.use_stderr();
            // Where nobody reads there is nobody to tell.
            error.print().ok();
            return ExitCode::from(if is_failure { verify::NOT_JUDGED } else { 0 });
        }
    };
    let (result, failed) = match &command {
        // They need no runtime, no stack and no network.
        Command::Verify(verify) => (verify.run(), verify::NOT_JUDGED),
        Command::Offline(command) => (command.run(), verify::NOT_JUDGED),
        Command::Account(_)
        | Command::Sender(_)
        | Command::Points(_)
        | Command::Ledger(_)
        | Command::Dispatches(_)
        | Command::Certificate(_)
        | Command::Parked(_)
        | Command::Replay(_)
        | Command::Failed(_)
        | Command::Doctor(_)
        | Command::Csr(_)
        | Command::TrustFile(_) => (operate(&stack, command), 1),
    };
    result.unwrap_or_else(|error| {
        if output::is_broken_pipe(&error) {
            return ExitCode::SUCCESS;
        }
        eprintln!("akashi: {}", verify::visible(&in_one_sentence(&error)));
        ExitCode::from(failed)
    })
}

/// AWS's clients say in five lines that nobody has signed in.
fn in_one_sentence(error: &anyhow::Error) -> String {
    let said = format!("{error:#}");
    // The SDK's words, for its own calls and for those that are signed here.
    let is_signed_out = ["dispatch failure", "no credentials found"].map(|of| said.contains(of));
    if said.contains("credentials") && is_signed_out.contains(&true) {
        return "there are no AWS credentials: sign in (`aws sso login`), or set AWS_PROFILE"
            .to_owned();
    }
    said
}

#[tokio::main(flavor = "current_thread")]
async fn operate(stack: &Path, command: Command) -> anyhow::Result<ExitCode> {
    let stack = async || Stack::read(stack).await;
    match command {
        Command::Account(command) => accounts::run(&stack().await?, command).await?,
        Command::Sender(command) => senders::run(&stack().await?, command).await?,
        Command::Points(command) => points::run(&stack().await?, command).await?,
        Command::Ledger(ledger) => points::ledger(&stack().await?, &ledger).await?,
        Command::Dispatches(list) => dispatches::list(&stack().await?, &list).await?,
        Command::Certificate(fetch) => dispatches::fetch(&stack().await?, &fetch).await?,
        Command::Parked(command) => waiting::parked(&stack().await?, command).await?,
        Command::Replay(replay) => waiting::replay(&stack().await?, &replay).await?,
        Command::Failed(command) => waiting::failed(&stack().await?, command).await?,
        Command::Doctor(doctor) => return doctor::run(&stack().await?, &doctor).await,
        Command::Csr(csr) => certificate_request::run(&csr).await?,
        Command::TrustFile(write) => trust_file::run(&stack().await?, &write).await?,
        Command::Verify(_) | Command::Offline(_) => {}
    }
    Ok(ExitCode::SUCCESS)
}
