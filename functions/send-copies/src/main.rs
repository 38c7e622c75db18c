//! Hands the certificate to the parties, or tells the sender that nothing was attempted.

use std::process::ExitCode;

use aws_adapters::{Adapters, Aws, OsNonces, SystemClock, lambda, settings};
use workflow::copies::send_copies::SendCopies;
use workflow::wire::DispatchRef;

fn main() -> ExitCode {
    lambda::run(async |environment| {
        let aws = Aws::load().await;
        let step = SendCopies::<Adapters> {
            tables: aws.tables(environment.tables()),
            originals: aws.bucket(environment.text("ORIGINALS_BUCKET")?),
            mailer: aws.mailer(environment.text("CONFIGURATION_SET")?),
            phone: aws.phone(settings::sms_origin(&environment)),
            nonces: OsNonces,
            clock: SystemClock,
            service: settings::service(&environment)?,
            links: settings::links(&environment)?,
        };
        Ok(async move |input: DispatchRef| {
            step.run(&input.id()?).await?;
            Ok(input)
        })
    })
}
