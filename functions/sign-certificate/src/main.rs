//! Signs and timestamps a draft and stores the original.

use std::process::ExitCode;

use aws_adapters::{Adapters, AuthoritiesHttp, Aws, OsNonces, SystemClock, lambda, settings};
use workflow::Failure;
use workflow::certify::{configurations::SigningConfigurations, sign_certificate::SignCertificate};
use workflow::wire::DispatchRef;

fn main() -> ExitCode {
    lambda::run(async |environment| {
        let aws = Aws::load().await;
        let retention = settings::retention(&environment)?;
        let tables = aws.tables(environment.tables());
        let originals = aws.bucket(environment.text("ORIGINALS_BUCKET")?);
        let originals = originals.keeping(retention);
        let drafts = aws.bucket(environment.text("INBOUND_BUCKET")?);
        let key = aws.signing_key(environment.text("SIGNING_KEY_ID")?);
        let configuration = environment.parse("SIGNING_CONFIGURATION_KEY")?;
        let service = settings::service(&environment)?.with_retention(retention);
        let authorities = AuthoritiesHttp::default();
        let signing = SigningConfigurations::new(originals.clone(), configuration, SystemClock);
        Ok(async move |input: DispatchRef| {
            let step = SignCertificate::<Adapters> {
                tables: tables.clone(),
                inbound: drafts.clone(),
                originals: originals.clone(),
                key: key.clone(),
                authorities: authorities.clone(),
                clock: SystemClock,
                nonces: OsNonces,
                signing: signing.current().await?,
                service: service.clone(),
            };
            step.run(&input.id()?).await?;
            Ok::<_, Failure>(input)
        })
    })
}
