//! `akashi doctor`: whether the service can work, and what to do where it cannot.

use std::net::SocketAddr;
use std::process::ExitCode;

use aws_adapters::{Adapters, AuthoritiesHttp, DnsRecords, OsNonces, SystemClock};
use clap::Args;
use serde_json::json;
use tokio::time::{Duration, sleep};
use workflow::operator::doctor::{self, Finding, State, diagnose};
use workflow::operator::trial::{Trial, TrialEnd};

use crate::output::say;
use crate::stack::Stack;

/// Something is missing.
const PROBLEMS: u8 = 1;

/// How often it is looked for the certificate of a trial.
const PAUSE: Duration = Duration::from_secs(2);

#[derive(Args)]
pub(crate) struct Doctor {
    /// The local world: it has no other regions, no sandbox and no quotas.
    #[arg(long)]
    local: bool,
    /// The DNS server to ask, e.g. 127.0.0.1:5354; the system's unless said otherwise.
    #[arg(long, env = "AKASHI_DNS_SERVER")]
    dns: Option<SocketAddr>,
    /// Also send one registered mail to SES's mailbox simulator, and wait for its certificate.
    #[arg(long)]
    send: bool,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(stack: &Stack, arguments: &Doctor) -> anyhow::Result<ExitCode> {
    let doctor = doctor::Doctor::<Adapters> {
        account: stack.account_facts(),
        dns: DnsRecords::new(arguments.dns),
        originals: stack.originals(),
        authorities: AuthoritiesHttp::default(),
        clock: SystemClock,
        nonces: OsNonces,
    };
    let subject = stack.subject(arguments.local)?;
    let domain = subject.domain.clone();
    let findings = diagnose(&doctor.examine(subject).await);
    for finding in &findings {
        tell(finding, arguments.json)?;
    }
    let mut is_well = findings.iter().all(|one| one.state != State::Problem);
    if arguments.send {
        let finding = send(stack, &domain).await?;
        is_well &= finding.state != State::Problem;
        tell(&finding, arguments.json)?;
    }
    Ok(ExitCode::from(if is_well { 0 } else { PROBLEMS }))
}

async fn send(stack: &Stack, domain: &str) -> anyhow::Result<Finding> {
    eprintln!("akashi: a registered mail is on its way to SES's simulator; this takes a minute");
    let trial = Trial::<Adapters> {
        tables: stack.tables(),
        mailer: stack.mailer(),
        clock: SystemClock,
    };
    let end = trial.run(domain, pause).await?;
    let (state, seen, remedy) = match end {
        TrialEnd::Certified { serial, seconds } => {
            let seen = format!("{serial} has a certificate after {seconds} seconds");
            (State::Good, seen, None)
        }
        TrialEnd::NotSent(why) => {
            let seen = format!("SES did not take the mail: {why}");
            (State::Problem, seen, Some("mend what is told above first"))
        }
        TrialEnd::NotReceived => {
            let seen = "the mail did not come back in, or was refused".to_owned();
            let remedy = "look at MX and receipt rules above, at `akashi dispatches --account \
                          D0CT0R`, and at `akashi failed list`";
            (State::Problem, seen, Some(remedy))
        }
        TrialEnd::NotCertified { serial } => {
            let seen = format!("{serial} has no certificate yet");
            let remedy = "look at signing and timestamps above, and at `akashi parked list`";
            (State::Problem, seen, Some(remedy))
        }
    };
    Ok(Finding {
        area: "trial",
        state,
        seen,
        remedy: remedy.map(str::to_owned),
    })
}

async fn pause() {
    sleep(PAUSE).await;
}

fn tell(finding: &Finding, as_json: bool) -> anyhow::Result<()> {
    let state = match finding.state {
        State::Good => "ok",
        State::Warning => "warning",
        State::Problem => "problem",
    };
    if as_json {
        say(json!({
            "area": finding.area,
            "state": state,
            "seen": finding.seen,
            "remedy": finding.remedy,
        }))?;
        return Ok(());
    }
    say(format_args!(
        "{state:<8} {:<14} {}",
        finding.area, finding.seen
    ))?;
    if let Some(remedy) = &finding.remedy {
        say(format_args!("{:<23} -> {remedy}", ""))?;
    }
    Ok(())
}
