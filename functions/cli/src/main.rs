//! `akashi`: what the operator does from a laptop. The same code as the functions.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line answers on standard output, and fails on standard error"
)]

mod accounts;
mod certificate_request;
mod dispatches;
mod fonts;
mod points;
mod reading;
mod rebuild;
mod stack;
mod threads;
mod verify;

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
    /// Open and show accounts.
    #[command(subcommand)]
    Account(accounts::Command),
    /// Grant and show points.
    #[command(subcommand)]
    Points(points::Command),
    /// Show an account's dispatches with their events, one JSON object a line.
    Dispatches(dispatches::List),
    /// Fetch the original of a certificate.
    Certificate(dispatches::Fetch),
    /// Start a parked dispatch's workflow again; every step finds what is done.
    Replay(dispatches::Replay),
    /// Make an unsigned certificate again from the files that are embedded in it.
    Rebuild(rebuild::Rebuild),
    /// Make the certificate request for the signing key (PKCS #10, PEM).
    Csr(certificate_request::Csr),
    Verify(verify::Verify),
    Extract(verify::Extract),
    Show(verify::Show),
}

/// Exit codes of the commands that judge a certificate are verdicts, so no failure may look like
/// one: it is 4 for them, and for arguments that cannot be used.
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
        Command::Verify(arguments) => (verify::verify(arguments), verify::NOT_JUDGED),
        Command::Extract(arguments) => (verify::extract(arguments), verify::NOT_JUDGED),
        Command::Show(arguments) => (verify::show(arguments), verify::NOT_JUDGED),
        Command::Account(_)
        | Command::Points(_)
        | Command::Dispatches(_)
        | Command::Certificate(_)
        | Command::Replay(_)
        | Command::Rebuild(_)
        | Command::Csr(_) => (operate(&stack, command).map(|()| ExitCode::SUCCESS), 1),
    };
    result.unwrap_or_else(|error| {
        eprintln!("akashi: {error:#}");
        ExitCode::from(failed)
    })
}

#[tokio::main(flavor = "current_thread")]
async fn operate(stack: &Path, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Account(command) => accounts::run(&Stack::read(stack).await?, command).await,
        Command::Points(command) => points::run(&Stack::read(stack).await?, command).await,
        Command::Dispatches(list) => dispatches::list(&Stack::read(stack).await?, &list).await,
        Command::Certificate(fetch) => dispatches::fetch(&Stack::read(stack).await?, &fetch).await,
        Command::Replay(replay) => dispatches::replay(&Stack::read(stack).await?, &replay).await,
        Command::Rebuild(rebuild) => rebuild::run(&rebuild),
        Command::Csr(csr) => certificate_request::run(&csr).await,
        // They need no runtime, no stack and no network.
        Command::Verify(_) | Command::Extract(_) | Command::Show(_) => Ok(()),
    }
}
