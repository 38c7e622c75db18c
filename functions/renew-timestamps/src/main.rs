//! Adds a document timestamp to stored originals before the certificates of their last one end.

use std::process::ExitCode;

use aws_adapters::{AuthoritiesHttp, Aws, OsNonces, SystemClock, lambda};
use workflow::renew_timestamps::RenewTimestamps;
use workflow::sign_certificate::SigningConfigurations;
use workflow::wire::ScheduledEvent;

fn main() -> ExitCode {
    lambda::run(async |environment| {
        let aws = Aws::load().await;
        let tables = aws.tables(environment.tables());
        let originals = aws.bucket(environment.text("ORIGINALS_BUCKET")?);
        let configuration = environment.parse("SIGNING_CONFIGURATION_KEY")?;
        let authorities = AuthoritiesHttp::default();
        let signing = SigningConfigurations::new(originals.clone(), configuration, SystemClock);
        Ok(async move |_: ScheduledEvent| {
            let step = RenewTimestamps {
                store: tables.clone(),
                originals: originals.clone(),
                authorities: authorities.clone(),
                clock: SystemClock,
                nonces: OsNonces,
                signing: signing.current().await?,
            };
            step.run().await
        })
    })
}
