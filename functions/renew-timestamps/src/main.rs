//! Adds a document timestamp to stored originals before the certificates of their last one end.

use std::process::ExitCode;

use aws_adapters::{Adapters, AuthoritiesHttp, Aws, OsNonces, SystemClock, lambda, settings};
use workflow::certify::configurations::SigningConfigurations;
use workflow::certify::renew_timestamps::RenewTimestamps;
use workflow::wire::ScheduledEvent;

fn main() -> ExitCode {
    lambda::run(async |environment| {
        let aws = Aws::load().await;
        let retention = settings::retention(&environment)?;
        let tables = aws.tables(environment.tables());
        let originals = aws.bucket(environment.text("ORIGINALS_BUCKET")?);
        let originals = originals.keeping(retention);
        let configuration = environment.parse("SIGNING_CONFIGURATION_KEY")?;
        let authorities = AuthoritiesHttp::default();
        let signing = SigningConfigurations::new(originals.clone(), configuration, SystemClock);
        Ok(async move |_: ScheduledEvent| {
            let step = RenewTimestamps::<Adapters> {
                tables: tables.clone(),
                originals: originals.clone(),
                authorities: authorities.clone(),
                clock: SystemClock,
                nonces: OsNonces,
                signing: signing.current().await?,
                retention,
            };
            step.run().await
        })
    })
}
