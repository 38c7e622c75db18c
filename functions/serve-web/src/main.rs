//! The pages behind the links of an offer and of its certificate.

use std::process::ExitCode;

use aws_adapters::{Aws, OsNonces, SystemClock, lambda};
use web::{Ports, Site, UrlEvent};

fn main() -> ExitCode {
    lambda::run(async |environment| {
        let aws = Aws::load().await;
        let ports = Ports {
            tables: aws.tables(environment.tables()),
            inbound: aws.bucket(environment.text("INBOUND_BUCKET")?),
            originals: aws.bucket(environment.text("ORIGINALS_BUCKET")?),
            phone: aws.phone(),
            waits: aws.waits(),
            random: OsNonces,
            clock: SystemClock,
        };
        let operator = environment.text("OPERATOR_NAME")?;
        let site = Site::new(ports, &operator, environment.text("SOURCE_SALT")?);
        Ok(async move |event: UrlEvent| Ok(site.serve(&event).await))
    })
}
