//! Renders the draft of a certificate.

use std::process::ExitCode;
use std::sync::Arc;

use aws_adapters::{Adapters, Aws, SystemClock, lambda, settings};
use workflow::certify::compose_certificate::ComposeCertificate;
use workflow::wire::DispatchRef;

fn main() -> ExitCode {
    lambda::run(async |environment| {
        let aws = Aws::load().await;
        let step = ComposeCertificate::<Adapters> {
            tables: aws.tables(environment.tables()),
            inbound: aws.bucket(environment.text("INBOUND_BUCKET")?),
            clock: SystemClock,
            service: settings::service(&environment)?
                .with_retention(settings::retention(&environment)?),
            links: settings::links(&environment)?,
            fonts: Arc::new(paper::fonts_in(&settings::fonts_folder(&environment)?)?),
        };
        Ok(async move |input: DispatchRef| {
            step.run(&input.id()?).await?;
            Ok(input)
        })
    })
}
