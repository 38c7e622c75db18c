//! Hands the message of one dispatch to SES and SNS, once each.

use std::process::ExitCode;

use aws_adapters::{Adapters, Aws, SystemClock, lambda, settings};
use workflow::dispatch::deliver::Deliver;
use workflow::wire::WaitingDispatch;

fn main() -> ExitCode {
    lambda::run(async |environment| {
        let aws = Aws::load().await;
        let step = Deliver::<Adapters> {
            tables: aws.tables(environment.tables()),
            inbound: aws.bucket(environment.text("INBOUND_BUCKET")?),
            mailer: aws.mailer(environment.text("CONFIGURATION_SET")?),
            phone: aws.phone(settings::sms_origin(&environment)),
            waits: aws.waits(),
            clock: SystemClock,
            service: settings::service(&environment)?,
            desk: settings::answer_desk(&environment)?,
        };
        Ok(async move |input: WaitingDispatch| step.run(&input.parse()?).await)
    })
}
