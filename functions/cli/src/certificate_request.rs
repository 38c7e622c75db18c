//! `akashi csr`: the certificate request for the KMS key.

use aws_adapters::Aws;
use clap::Args;
use pades::csr::CertificationRequest;
use workflow::ports::SignDigest;

use crate::output::say;

#[derive(Args)]
pub(crate) struct Csr {
    /// Id or ARN of the KMS key.
    #[arg(long)]
    key_id: String,
    /// Distinguished name as in RFC 4514, e.g. `CN=Akashi,O=Example KK,C=JP`.
    #[arg(long)]
    subject: String,
}

pub(crate) async fn run(csr: &Csr) -> anyhow::Result<()> {
    let key = Aws::load().await.signing_key(&csr.key_id);
    let request = CertificationRequest::new(key.public_key_der().await?, &csr.subject)?;
    let signature = key.sign_digest(&request.digest()).await?;
    let pem = request.with_signature(&signature)?.to_pem()?;
    say(pem.trim_end())?;
    Ok(())
}
