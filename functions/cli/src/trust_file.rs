//! `akashi trust-file`: what the operator publishes, so that others can tell its certificates from
//! those of everybody else whom the same authority has certified.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use jiff::Timestamp;
use pades::{Certificate, TimestampAuthority};
use verifier::{AuthorityEntry, OperatorEntry, SignerEntry, TrustFile};
use workflow::certify::signing::SigningConfiguration;
use workflow::ports::ReadObject;
use workflow::wire::parse_signing_configuration;

use crate::output::say;
use crate::stack::Stack;

#[derive(Args)]
pub(crate) struct Write {
    /// From when on the signing certificate of today signs for the service; the start of its
    /// validity if it is not given.
    #[arg(long)]
    since: Option<Timestamp>,
    /// A trust file from before the key, the certificate or an authority was replaced: what it says
    /// stays, so that older certificates keep their verdict.
    #[arg(long)]
    earlier: Option<PathBuf>,
}

pub(crate) async fn run(stack: &Stack, arguments: &Write) -> anyhow::Result<()> {
    let key = stack.signing_configuration_key()?;
    let json = stack.originals().read_object(&key).await;
    let json = json.context("reading the signing configuration")?;
    let json = json.with_context(
        || "there is no signing configuration yet: `akashi doctor` says how to make one",
    )?;
    let configuration = parse_signing_configuration(&json)?;
    let file = of_today(stack.operator_name(), &configuration, arguments.since)?;
    let file = match &arguments.earlier {
        None => file,
        Some(path) => {
            let what = || format!("reading the trust file {}", path.display());
            let earlier = fs::read_to_string(path).with_context(what)?;
            file.and_earlier(TrustFile::from_json(&earlier).with_context(what)?)
        }
    };
    say(file.to_json()?)?;
    Ok(())
}

fn of_today(
    operator: &str,
    configuration: &SigningConfiguration,
    since: Option<Timestamp>,
) -> anyhow::Result<TrustFile> {
    let chain = configuration.chain.certificates();
    let (Some(signer), Some(root)) = (chain.first(), chain.last()) else {
        anyhow::bail!("the signing configuration has an empty chain");
    };
    let fingerprint = configuration.signer_fingerprint();
    let operator = OperatorEntry {
        name: operator.to_owned(),
        signers: vec![SignerEntry {
            certificate_sha256: fingerprint.map(|digest| digest.to_string()),
            public_key_sha256: None,
            subject: None,
            since: since.unwrap_or_else(|| signer.not_before()),
            until: None,
        }],
        roots: vec![root.to_pem()?],
    };
    let authorities = configuration.authorities.iter().map(entry);
    let authorities = authorities.collect::<Result<_, pades::Error>>()?;
    Ok(TrustFile::new(vec![operator], authorities))
}

fn entry(authority: &TimestampAuthority) -> Result<AuthorityEntry, pades::Error> {
    let roots = authority.trusted_roots.iter().map(Certificate::to_pem);
    Ok(AuthorityEntry {
        name: authority.name.clone(),
        roots: roots.collect::<Result<_, _>>()?,
    })
}
