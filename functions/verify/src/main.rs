//! `akashi-verify`: judges a certificate for everybody who does not run the service. One static
//! file, without a network.

#![expect(
    clippy::print_stderr,
    reason = "a command line fails on standard error; what it answers goes through `say`"
)]

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser};
use verify::{Command, NOT_JUDGED, Verify, is_broken_pipe, visible};

#[derive(Parser)]
#[command(
    name = "akashi-verify",
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
struct Arguments {
    #[command(flatten)]
    verify: Option<Verify>,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Exit codes are verdicts, so no failure may look like one: it is 4, and so is what arguments that
/// cannot be used get.
fn main() -> ExitCode {
    let result = match Arguments::try_parse() {
        Ok(Arguments {
            command: Some(command),
            ..
        }) => command.run(),
        Ok(Arguments {
            verify: Some(verify),
            ..
        }) => verify.run(),
        Ok(_) => {
            return shown(&Arguments::command().error(
                clap::error::ErrorKind::MissingRequiredArgument,
                "the certificate is missing",
            ));
        }
        Err(error) => return shown(&error),
    };
    result.unwrap_or_else(|error| {
        if is_broken_pipe(&error) {
            return ExitCode::SUCCESS;
        }
        eprintln!("akashi-verify: {}", visible(&format!("{error:#}")));
        ExitCode::from(NOT_JUDGED)
    })
}

/// Help is shown, too, where it was asked for.
fn shown(error: &clap::Error) -> ExitCode {
    // Where nobody reads there is nobody to tell.
    error.print().ok();
    ExitCode::from(if error.use_stderr() { NOT_JUDGED } else { 0 })
}
