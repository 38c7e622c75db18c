//! The clients of one process: they share configuration, credentials and one HTTP client, and are
//! made without asking the network anything.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};

use crate::{
    AnswerWorkflows, Bucket, Mailer, Phone, SigningKey, SmsOrigin, StateMachines, TableNames,
    Tables, Waits, Workflows,
};

/// How long connecting to a service of AWS may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long one try of a request may take until its answer begins; the SDK tries three times.
const TRY_TIMEOUT: Duration = Duration::from_secs(15);

/// Access to AWS, or to what stands in for it at `AWS_ENDPOINT_URL`.
#[derive(Debug, Clone)]
pub struct Aws {
    config: SdkConfig,
}

impl Aws {
    /// Reads region, credentials and endpoint where AWS's tools read them. In Lambda these are
    /// environment variables.
    pub async fn load() -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(TRY_TIMEOUT)
            .build();
        let config = aws_config::defaults(BehaviorVersion::latest())
            .timeout_config(timeouts)
            .load()
            .await;
        Self { config }
    }

    /// The tables with these names.
    #[must_use]
    pub fn tables(&self, names: TableNames) -> Tables {
        Tables::new(aws_sdk_dynamodb::Client::new(&self.config), names)
    }

    /// The bucket with this name.
    #[must_use]
    pub fn bucket(&self, name: impl Into<String>) -> Bucket {
        // An endpoint of one's own seldom resolves bucket names as subdomains.
        let config = aws_sdk_s3::config::Builder::from(&self.config)
            .force_path_style(self.config.endpoint_url().is_some())
            .build();
        Bucket::new(aws_sdk_s3::Client::from_conf(config), name)
    }

    /// The mailer that sends with this configuration set.
    #[must_use]
    pub fn mailer(&self, configuration_set: impl Into<String>) -> Mailer {
        Mailer::new(&self.config, configuration_set)
    }

    /// The phone that sends SMS from this origin.
    #[must_use]
    pub fn phone(&self, origin: SmsOrigin) -> Phone {
        Phone::new(&self.config, origin)
    }

    /// The workflows of these state machines.
    #[must_use]
    pub fn workflows(&self, machines: StateMachines) -> Workflows {
        Workflows::new(aws_sdk_sfn::Client::new(&self.config), machines)
    }

    /// The waits of workflows.
    #[must_use]
    pub fn waits(&self) -> Waits {
        Waits::new(aws_sdk_sfn::Client::new(&self.config))
    }

    /// What answers move, with the ARN of the state machine `contract-addendum`.
    #[must_use]
    pub fn answer_workflows(&self, contract_addendum: impl Into<String>) -> AnswerWorkflows {
        let client = aws_sdk_sfn::Client::new(&self.config);
        AnswerWorkflows::new(client, contract_addendum)
    }

    /// The signing key with this id or ARN.
    #[must_use]
    pub fn signing_key(&self, id: impl Into<String>) -> SigningKey {
        SigningKey::new(aws_sdk_kms::Client::new(&self.config), id)
    }
}
