//! Adds a document timestamp to stored originals before the certificates of their last one end.

use std::process::ExitCode;

use aws_adapters::{AuthoritiesHttp, Aws, OsNonces, SystemClock, lambda, settings};
use tokio::sync::OnceCell;
use workflow::Failure;
use workflow::renew_timestamps::RenewTimestamps;
use workflow::sign_certificate::load_signing_configuration;
use workflow::wire::ScheduledEvent;

fn main() -> ExitCode {
    lambda::run(async |environment| {
        let aws = Aws::load().await;
        let retention = settings::retention(&environment)?;
        let originals = aws.bucket(environment.text("ORIGINALS_BUCKET")?);
        let originals = originals.keeping(retention);
        let configuration = environment.parse("SIGNING_CONFIGURATION_KEY")?;
        let step = OnceCell::new();
        Ok(async move |_: ScheduledEvent| {
            let made = step.get_or_try_init(async || {
                Ok::<_, Failure>(RenewTimestamps {
                    store: aws.tables(environment.tables()),
                    originals: originals.clone(),
                    authorities: AuthoritiesHttp::default(),
                    clock: SystemClock,
                    nonces: OsNonces,
                    signing: load_signing_configuration(&originals, &configuration).await?,
                    retention,
                })
            });
            made.await?.run().await
        })
    })
}
