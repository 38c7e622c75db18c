//! Where the deployed stack keeps its things.

use std::path::Path;

use anyhow::Context;
use aws_adapters::{Aws, Bucket, StateMachines, TableNames, Tables, Workflows};
use serde::Deserialize;

/// A deployed stack, and access to it.
pub(crate) struct Stack {
    aws: Aws,
    outputs: Outputs,
}

/// The outputs of `infra/template.yaml` that the commands need.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Outputs {
    accounts_table: String,
    allowlist_table: String,
    points_table: String,
    dispatches_table: String,
    originals_bucket: String,
    workflow_arn: String,
    delivery_timeout_seconds: String,
    contract_workflow_arn: String,
    addendum_workflow_arn: String,
    mail_head_start_seconds: String,
}

impl Stack {
    pub(crate) async fn read(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let json = std::fs::read(path)
            .with_context(|| format!("reading {shown}; deploy first, or name it with --stack"))?;
        let outputs = serde_json::from_slice(&json)
            .with_context(|| format!("reading the stack outputs in {shown}"))?;
        Ok(Self {
            aws: Aws::load().await,
            outputs,
        })
    }

    pub(crate) fn tables(&self) -> Tables {
        self.aws.tables(TableNames {
            accounts: Some(self.outputs.accounts_table.clone()),
            allowlist: Some(self.outputs.allowlist_table.clone()),
            points: Some(self.outputs.points_table.clone()),
            dispatches: Some(self.outputs.dispatches_table.clone()),
        })
    }

    pub(crate) fn originals(&self) -> Bucket {
        self.aws.bucket(&self.outputs.originals_bucket)
    }

    pub(crate) fn workflows(&self) -> anyhow::Result<Workflows> {
        let delivery_timeout = self.outputs.delivery_timeout_seconds.parse();
        let head_start = self.outputs.mail_head_start_seconds.parse();
        Ok(self.aws.workflows(StateMachines {
            registered_mail: self.outputs.workflow_arn.clone(),
            delivery_timeout_seconds: delivery_timeout
                .context("reading DeliveryTimeoutSeconds of the stack")?,
            registered_contract: self.outputs.contract_workflow_arn.clone(),
            head_start_seconds: head_start.context("reading MailHeadStartSeconds of the stack")?,
            contract_addendum: self.outputs.addendum_workflow_arn.clone(),
        }))
    }
}
