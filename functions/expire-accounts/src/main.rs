//! Warns accounts that nobody uses, and closes them five years after their last use.

use std::process::ExitCode;

use aws_adapters::{Adapters, Aws, SystemClock, lambda, settings};
use workflow::account::expire_accounts::ExpireAccounts;
use workflow::wire::ScheduledEvent;

fn main() -> ExitCode {
    lambda::run(async |environment| {
        let aws = Aws::load().await;
        let step = ExpireAccounts::<Adapters> {
            tables: aws.tables(environment.tables()),
            mailer: aws.mailer(environment.text("CONFIGURATION_SET")?),
            clock: SystemClock,
            service: settings::service(&environment)?,
        };
        Ok(async move |_: ScheduledEvent| step.run().await)
    })
}
