//! Turns what SES and SNS report, and SMS to our number, into events of a dispatch.

use std::process::ExitCode;

use aws_adapters::{Adapters, Aws, SystemClock, lambda, settings};
use workflow::dispatch::record_event::RecordEvent;
use workflow::wire::EventInput;

fn main() -> ExitCode {
    lambda::run(async |environment| {
        let aws = Aws::load().await;
        let step = RecordEvent::<Adapters> {
            tables: aws.tables(environment.tables()),
            machines: aws.workflows(environment.text("WORKFLOW_ARN")?),
            mailer: aws.mailer(environment.text("CONFIGURATION_SET")?),
            clock: SystemClock,
            service: settings::service(&environment)?,
            configuration_set: environment.text("CONFIGURATION_SET")?,
        };
        Ok(async move |input: EventInput| step.run(&input).await)
    })
}
