//! Hands the message of one dispatch to SES, once.

use std::process::ExitCode;

use aws_adapters::{Aws, SystemClock, lambda, settings};
use workflow::deliver::Deliver;
use workflow::wire::WaitingDispatch;

fn main() -> ExitCode {
    lambda::run(async |environment| {
        let aws = Aws::load().await;
        let step = Deliver {
            store: aws.tables(environment.tables()),
            objects: aws.bucket(environment.text("INBOUND_BUCKET")?),
            mailer: aws.mailer(environment.text("CONFIGURATION_SET")?),
            waits: aws.waits(),
            clock: SystemClock,
            service: settings::service(&environment)?,
        };
        Ok(async move |input: WaitingDispatch| {
            let (id, token) = input.parse()?;
            step.run(&id, &token).await
        })
    })
}
