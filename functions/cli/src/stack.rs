//! Where the deployed stack keeps its things.

use std::path::Path;

use anyhow::Context;
use aws_adapters::{
    AccountFacts, Aws, Bucket, FunctionNames, Functions, Mailer, QueueUrls, Queues, TableNames,
    Tables, Workflows,
};
use domain::{AccountId, ObjectKey};
use serde::Deserialize;
use workflow::Patience;
use workflow::operator::doctor::Subject;

/// A deployed stack, and access to it.
pub(crate) struct Stack {
    aws: Aws,
    outputs: Outputs,
}

/// The outputs of `infra/template.yaml` that the commands need, and where the stack is.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Outputs {
    region: String,
    /// Only the local world has one.
    endpoint_url: Option<String>,
    service_domain: String,
    operator_name: String,
    accounts_table: String,
    allowlist_table: String,
    points_table: String,
    dispatches_table: String,
    access_table: String,
    originals_bucket: String,
    signing_configuration_key: String,
    configuration_set: String,
    receipt_rule_set: String,
    alarms_topic: String,
    workflow_arn: String,
    delivery_timeout_seconds: String,
    mail_head_start_seconds: String,
    mails_per_second: String,
    parked_dispatches_queue: String,
    failed_mails_queue: String,
    failed_events_queue: String,
    failed_expirations_queue: String,
    failed_renewals_queue: String,
    parse_mail_function: String,
    record_event_function: String,
    expire_accounts_function: String,
    renew_timestamps_function: String,
}

/// A question about an account that does not exist has no answer.
pub(crate) fn existing<T>(found: Option<T>, id: &AccountId) -> anyhow::Result<T> {
    found.with_context(|| format!("there is no account {id}; `akashi account list` shows all"))
}

impl Stack {
    pub(crate) async fn read(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let json = std::fs::read(path).with_context(|| {
            format!("reading {shown}: deploy first, or name the outputs of the stack with --stack")
        })?;
        let outputs: Outputs = serde_json::from_slice(&json).with_context(|| {
            format!("reading the outputs in {shown}: deploy this version first")
        })?;
        let aws = Aws::load_for(outputs.region.clone(), outputs.endpoint_url.clone()).await;
        Ok(Self { aws, outputs })
    }

    pub(crate) fn tables(&self) -> Tables {
        self.aws.tables(TableNames {
            accounts: Some(self.outputs.accounts_table.clone()),
            allowlist: Some(self.outputs.allowlist_table.clone()),
            points: Some(self.outputs.points_table.clone()),
            dispatches: Some(self.outputs.dispatches_table.clone()),
            access: Some(self.outputs.access_table.clone()),
        })
    }

    pub(crate) fn originals(&self) -> Bucket {
        self.aws.bucket(&self.outputs.originals_bucket)
    }

    pub(crate) fn workflows(&self) -> Workflows {
        self.aws.workflows(&self.outputs.workflow_arn)
    }

    pub(crate) fn patience(&self) -> anyhow::Result<Patience> {
        let delivery = self.outputs.delivery_timeout_seconds.parse();
        let head_start = self.outputs.mail_head_start_seconds.parse();
        Ok(Patience {
            delivery_seconds: delivery.context("reading DeliveryTimeoutSeconds of the stack")?,
            head_start_seconds: head_start.context("reading MailHeadStartSeconds of the stack")?,
        })
    }

    pub(crate) fn queues(&self) -> Queues {
        self.aws.queues(QueueUrls {
            parked_dispatches: self.outputs.parked_dispatches_queue.clone(),
            failed_mails: self.outputs.failed_mails_queue.clone(),
            failed_events: self.outputs.failed_events_queue.clone(),
            failed_expirations: self.outputs.failed_expirations_queue.clone(),
            failed_renewals: self.outputs.failed_renewals_queue.clone(),
        })
    }

    pub(crate) fn functions(&self) -> Functions {
        self.aws.functions(FunctionNames {
            parse_mail: self.outputs.parse_mail_function.clone(),
            record_event: self.outputs.record_event_function.clone(),
            expire_accounts: self.outputs.expire_accounts_function.clone(),
            renew_timestamps: self.outputs.renew_timestamps_function.clone(),
        })
    }

    /// As certificates name the operator.
    pub(crate) fn operator_name(&self) -> &str {
        &self.outputs.operator_name
    }

    pub(crate) fn signing_configuration_key(&self) -> anyhow::Result<ObjectKey> {
        let key = self.outputs.signing_configuration_key.parse();
        key.context("reading SigningConfigurationKey of the stack")
    }

    pub(crate) fn account_facts(&self) -> AccountFacts {
        self.aws.account_facts()
    }

    pub(crate) fn mailer(&self) -> Mailer {
        self.aws.mailer(&self.outputs.configuration_set)
    }

    /// What the doctor looks at.
    pub(crate) fn subject(&self, is_local: bool) -> anyhow::Result<Subject> {
        let outputs = &self.outputs;
        let per_second = outputs.mails_per_second.parse();
        Ok(Subject {
            region: outputs.region.clone(),
            domain: outputs.service_domain.clone(),
            rule_set: outputs.receipt_rule_set.clone(),
            alarms_topic: outputs.alarms_topic.clone(),
            signing_configuration: self.signing_configuration_key()?,
            mails_per_second: per_second.context("reading MailsPerSecond of the stack")?,
            is_local,
        })
    }
}
