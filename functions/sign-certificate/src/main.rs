//! Signs and timestamps a draft and stores the original.

use std::process::ExitCode;

use aws_adapters::{AuthoritiesHttp, Aws, OsNonces, SystemClock, lambda, settings};
use tokio::sync::OnceCell;
use workflow::sign_certificate::{SignCertificate, load_signing_configuration};
use workflow::{Failure, wire::DispatchRef};

fn main() -> ExitCode {
    lambda::run(async |environment| {
        let aws = Aws::load().await;
        let retention = settings::retention(&environment)?;
        let originals = aws.bucket(environment.text("ORIGINALS_BUCKET")?);
        let originals = originals.keeping(retention);
        let drafts = aws.bucket(environment.text("INBOUND_BUCKET")?);
        let key = aws.signing_key(environment.text("SIGNING_KEY_ID")?);
        let configuration = environment.parse("SIGNING_CONFIGURATION_KEY")?;
        let service = settings::service(&environment)?.with_retention(retention);
        let step = OnceCell::new();
        Ok(async move |input: DispatchRef| {
            let made = step.get_or_try_init(async || {
                Ok::<_, Failure>(SignCertificate {
                    store: aws.tables(environment.tables()),
                    drafts: drafts.clone(),
                    originals: originals.clone(),
                    key: key.clone(),
                    authorities: AuthoritiesHttp::default(),
                    clock: SystemClock,
                    nonces: OsNonces,
                    signing: load_signing_configuration(&originals, &configuration).await?,
                    service: service.clone(),
                })
            });
            made.await?.run(&input.id()?).await?;
            Ok(input)
        })
    })
}
