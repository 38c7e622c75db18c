//! Takes in the mail that SES received.

use std::process::ExitCode;

use aws_adapters::{Aws, Dns, SystemClock, lambda, settings};
use workflow::parse_mail::ParseMail;
use workflow::wire::ReceiptEvent;

fn main() -> ExitCode {
    lambda::run(async |environment| {
        let aws = Aws::load().await;
        let tables = aws.tables(environment.tables());
        let timeout = environment.parse("DELIVERY_TIMEOUT_SECONDS")?;
        let step = ParseMail {
            objects: aws.bucket(environment.text("INBOUND_BUCKET")?),
            accounts: tables.clone(),
            store: tables,
            dns: Dns::new(environment.optional_parse("DNS_RESOLVER")?),
            mailer: aws.mailer(environment.text("CONFIGURATION_SET")?),
            workflows: aws.workflows(environment.text("WORKFLOW_ARN")?, timeout),
            clock: SystemClock,
            service: settings::service(&environment)?,
        };
        Ok(async move |event: ReceiptEvent| {
            for receipt in event.receipts()? {
                step.run(&receipt).await?;
            }
            Ok(())
        })
    })
}
