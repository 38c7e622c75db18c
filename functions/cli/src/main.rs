//! `akashi`: what the operator does from a laptop. The same code as the functions.

#![expect(
    clippy::print_stdout,
    reason = "a command line answers on standard output"
)]

mod accounts;
mod certificate_request;
mod dispatches;
mod points;
mod rebuild;
mod stack;

use std::path::PathBuf;

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
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let Arguments { stack, command } = Arguments::parse();
    match command {
        Command::Account(command) => accounts::run(&Stack::read(&stack).await?, command).await,
        Command::Points(command) => points::run(&Stack::read(&stack).await?, command).await,
        Command::Dispatches(list) => dispatches::list(&Stack::read(&stack).await?, &list).await,
        Command::Certificate(fetch) => dispatches::fetch(&Stack::read(&stack).await?, &fetch).await,
        Command::Replay(replay) => dispatches::replay(&Stack::read(&stack).await?, &replay).await,
        Command::Rebuild(files) => rebuild::run(&files),
        Command::Csr(csr) => certificate_request::run(&csr).await,
    }
}
