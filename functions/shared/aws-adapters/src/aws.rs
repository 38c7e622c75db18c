//! The clients of one process: they share configuration, credentials and one HTTP client, and are
//! made without asking the network anything.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_credential_types::Credentials;

use crate::{
    AccountFacts, Bucket, FunctionNames, Functions, Mailer, Phone, QueueUrls, Queues, SigningKey,
    SmsOrigin, TableNames, Tables, Waits, Workflows,
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
        Self {
            config: loader().load().await,
        }
    }

    /// The account and region of a deployed stack, as its file says. What stands in for AWS at
    /// an address of this machine gets the credentials that everybody knows, and never real ones.
    pub async fn load_for(region: String, endpoint: Option<String>) -> Self {
        let mut loader = loader().region(Region::new(region));
        if let Some(endpoint) = endpoint {
            if is_on_this_machine(&endpoint) {
                let known = Credentials::new("test", "test", None, None, "local world");
                loader = loader.credentials_provider(known);
            }
            loader = loader.endpoint_url(endpoint);
        }
        Self {
            config: loader.load().await,
        }
    }

    /// The queues at these addresses.
    #[must_use]
    pub fn queues(&self, urls: QueueUrls) -> Queues {
        Queues::new(&self.config, urls)
    }

    /// The functions with these names.
    #[must_use]
    pub fn functions(&self, names: FunctionNames) -> Functions {
        Functions::new(&self.config, names)
    }

    /// What can be known of the account.
    #[must_use]
    pub fn account_facts(&self) -> AccountFacts {
        AccountFacts::new(&self.config)
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

    /// The executions of the state machine with this ARN.
    #[must_use]
    pub fn workflows(&self, machine: impl Into<String>) -> Workflows {
        Workflows::new(aws_sdk_sfn::Client::new(&self.config), machine)
    }

    /// The waits of workflows.
    #[must_use]
    pub fn waits(&self) -> Waits {
        Waits::new(aws_sdk_sfn::Client::new(&self.config))
    }

    /// The signing key with this id or ARN.
    #[must_use]
    pub fn signing_key(&self, id: impl Into<String>) -> SigningKey {
        SigningKey::new(aws_sdk_kms::Client::new(&self.config), id)
    }
}

fn loader() -> ConfigLoader {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(TRY_TIMEOUT)
        .build();
    aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts)
}

fn is_on_this_machine(endpoint: &str) -> bool {
    let host = endpoint.strip_prefix("http://").unwrap_or_default();
    let host = host.split(['/', ':']).next().unwrap_or_default();
    ["127.0.0.1", "localhost"].contains(&host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_gets_the_credentials_that_everybody_knows() {
        for (endpoint, expected) in [
            ("http://127.0.0.1:4566", true),
            ("http://localhost:4566/", true),
            ("https://127.0.0.1.example.com", false),
            ("http://localhost.example.com:4566", false),
            (
                "https://vpce-1.dynamodb.ap-northeast-1.vpce.amazonaws.com",
                false,
            ),
            ("", false),
        ] {
            assert_eq!(is_on_this_machine(endpoint), expected, "{endpoint}");
        }
    }
}
