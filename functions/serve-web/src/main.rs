//! The pages behind the links of an offer and of its certificate.

use std::process::ExitCode;

use aws_adapters::{Adapters, Aws, OsNonces, SystemClock, lambda, settings};
use web::{Door, Ports, Settings, Site, UrlEvent};
use workflow::Failure;

fn main() -> ExitCode {
    lambda::run(async |environment| {
        let aws = Aws::load().await;
        let ports = Ports::<Adapters> {
            tables: aws.tables(environment.tables()),
            inbound: aws.bucket(environment.text("INBOUND_BUCKET")?),
            originals: aws.bucket(environment.text("ORIGINALS_BUCKET")?),
            phone: aws.phone(settings::sms_origin(&environment)),
            machines: aws.workflows(environment.text("WORKFLOW_ARN")?),
            nonces: OsNonces,
            clock: SystemClock,
        };
        let secret = environment.optional_text("ORIGIN_SECRET");
        let settings = Settings {
            operator: settings::operator(&environment)?,
            served: environment.parse("SERVED_COUNTRIES")?,
            // The secret, where there is one, is known to fewer people than the salt.
            salt: environment.text("SOURCE_SALT")? + secret.unwrap_or_default(),
            door: match secret {
                Some(_) => Door::BehindCdn(environment.parse("ORIGIN_SECRET")?),
                None => Door::Open,
            },
            two_way_sms: settings::two_way_sms(&environment)?,
        };
        let site = Site::new(ports, settings);
        Ok(async move |event: UrlEvent| Ok::<_, Failure>(site.serve(&event).await))
    })
}
