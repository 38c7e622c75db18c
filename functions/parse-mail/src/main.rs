//! Takes in the mail that SES received.

use std::process::ExitCode;

use aws_adapters::{Adapters, Aws, Dns, OsNonces, SystemClock, lambda, settings};
use workflow::intake::{parse_mail::ParseMail, receive_mail::receive_mail};
use workflow::wire::ReceiptEvent;

fn main() -> ExitCode {
    lambda::run(async |environment| {
        let aws = Aws::load().await;
        let step = ParseMail::<Adapters> {
            inbound: aws.bucket(environment.text("INBOUND_BUCKET")?),
            tables: aws.tables(environment.tables()),
            dns: Dns::new(environment.optional_parse("DNS_RESOLVER")?),
            mailer: aws.mailer(environment.text("CONFIGURATION_SET")?),
            machines: aws.workflows(environment.text("WORKFLOW_ARN")?),
            clock: SystemClock,
            nonces: OsNonces,
            service: settings::service(&environment)?,
            rules: settings::contract_rules(&environment)?,
            patience: settings::patience(&environment)?,
            bulk: settings::bulk(&environment)?,
        };
        Ok(async move |event: ReceiptEvent| Ok(receive_mail(&step, event).await?))
    })
}
