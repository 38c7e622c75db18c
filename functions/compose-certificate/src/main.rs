//! Renders the draft of a certificate.

use std::process::ExitCode;
use std::sync::Arc;

use aws_adapters::{Adapters, Aws, SystemClock, lambda, settings};
use workflow::Failure;
use workflow::certify::compose_certificate::ComposeCertificate;
use workflow::certify::configurations::SigningConfigurations;
use workflow::wire::DispatchRef;

fn main() -> ExitCode {
    lambda::run(async |environment| {
        let aws = Aws::load().await;
        let tables = aws.tables(environment.tables());
        let inbound = aws.bucket(environment.text("INBOUND_BUCKET")?);
        let originals = aws.bucket(environment.text("ORIGINALS_BUCKET")?);
        let configuration = environment.parse("SIGNING_CONFIGURATION_KEY")?;
        let signing = SigningConfigurations::new(originals, configuration, SystemClock);
        let service = settings::service(&environment)?;
        let service = service.with_retention(settings::retention(&environment)?);
        let links = settings::links(&environment)?;
        let fonts = Arc::new(paper::fonts_in(&settings::fonts_folder(&environment)?)?);
        Ok(async move |input: DispatchRef| {
            let step = ComposeCertificate::<Adapters> {
                tables: tables.clone(),
                inbound: inbound.clone(),
                clock: SystemClock,
                service: service.clone(),
                links: links.clone(),
                signing: signing.current().await?,
                fonts: Arc::clone(&fonts),
            };
            step.run(&input.id()?).await?;
            Ok::<_, Failure>(input)
        })
    })
}
