//! What AWS says of the account, for `akashi doctor`.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sesv2::operation::get_email_identity::GetEmailIdentityError;
use workflow::operator::doctor::{
    Identity, MailFrom, ObserveAccount, SendingAccount, SmsAccount, Subscription,
};
use workflow::ports::PortResult;

use crate::fault::{permanent, port_error};
use crate::functions::concurrent_executions;
use crate::signed_http::{Request, SignedHttp};

const SENDING: &str = "asking SES about the account";
const IDENTITY: &str = "asking SES about the domain";
const RULES: &str = "asking SES for the active receipt rule set";
const SMS: &str = "asking SNS about SMS";
const ALARMS: &str = "asking SNS who hears the alarms";

/// How long an answer of SES v1 may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// The account and region of the stack.
#[derive(Debug, Clone)]
pub struct AccountFacts {
    ses: aws_sdk_sesv2::Client,
    sns: aws_sdk_sns::Client,
    http: SignedHttp,
}

impl AccountFacts {
    /// What these credentials may look at.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self {
            ses: aws_sdk_sesv2::Client::new(config),
            sns: aws_sdk_sns::Client::new(config),
            http: SignedHttp::new(config),
        }
    }
}

impl ObserveAccount for AccountFacts {
    async fn sending_account(&self) -> PortResult<SendingAccount> {
        let account = self.ses.get_account().send().await;
        let account = account.map_err(|error| port_error(SENDING, &error))?;
        let quota = account.send_quota();
        let number = |value: Option<f64>| value.map_or(0, whole);
        Ok(SendingAccount {
            has_production_access: account.production_access_enabled(),
            is_enabled: account.sending_enabled(),
            enforcement: account.enforcement_status().unwrap_or_default().to_owned(),
            // Minus one says that there is no limit.
            daily_max: quota
                .map(|quota| quota.max24_hour_send())
                .filter(|most| *most >= 0.0)
                .map(whole),
            sent_today: number(quota.map(|quota| quota.sent_last24_hours())),
            per_second_max: number(quota.map(|quota| quota.max_send_rate())),
        })
    }

    async fn identity(&self, domain: &str) -> PortResult<Option<Identity>> {
        let request = self.ses.get_email_identity().email_identity(domain);
        let found = match request.send().await {
            Ok(found) => found,
            Err(error) => {
                return match error.as_service_error() {
                    Some(GetEmailIdentityError::NotFoundException(_)) => Ok(None),
                    _ => Err(port_error(IDENTITY, &error)),
                };
            }
        };
        let dkim = found.dkim_attributes();
        let status = dkim.and_then(|dkim| dkim.status());
        let mail_from = found.mail_from_attributes();
        Ok(Some(Identity {
            is_verified: found.verified_for_sending_status(),
            dkim_status: status.map_or_else(String::new, |status| status.as_str().to_owned()),
            dkim_tokens: dkim.map(|dkim| dkim.tokens().to_vec()).unwrap_or_default(),
            mail_from: mail_from
                .filter(|one| !one.mail_from_domain().is_empty())
                .map(|one| MailFrom {
                    domain: one.mail_from_domain().to_owned(),
                    status: one.mail_from_domain_status().as_str().to_owned(),
                }),
        }))
    }

    /// Receipt rules belong to SES v1 only:
    /// <https://docs.aws.amazon.com/ses/latest/APIReference/API_DescribeActiveReceiptRuleSet.html>
    async fn active_rule_set(&self) -> PortResult<Option<String>> {
        let request = Request {
            operation: RULES,
            service: "ses",
            host: "email",
            method: "POST",
            path: "/",
            headers: &[("content-type", "application/x-www-form-urlencoded")],
            body: b"Action=DescribeActiveReceiptRuleSet&Version=2010-12-01".to_vec(),
            patience: PATIENCE,
        };
        let answer = self.http.send(request).await?;
        let xml = String::from_utf8(answer.body)
            .map_err(|_| permanent(RULES, "SES answered with what is no text"))?;
        Ok(name_in_metadata(&xml))
    }

    async fn sms_account(&self) -> PortResult<SmsAccount> {
        let sandbox = self.sns.get_sms_sandbox_account_status().send().await;
        let sandbox = sandbox.map_err(|error| port_error(SMS, &error))?;
        let request = self
            .sns
            .get_sms_attributes()
            .attributes("MonthlySpendLimit");
        let attributes = request.send().await;
        let attributes = attributes.map_err(|error| port_error(SMS, &error))?;
        let limit = attributes
            .attributes()
            .and_then(|all| all.get("MonthlySpendLimit"));
        Ok(SmsAccount {
            is_in_sandbox: sandbox.is_in_sandbox(),
            monthly_limit_usd: limit.and_then(|limit| limit.parse().ok()),
        })
    }

    async fn subscriptions(&self, topic: &str) -> PortResult<Vec<Subscription>> {
        let request = self.sns.list_subscriptions_by_topic().topic_arn(topic);
        let found = request.send().await;
        let found = found.map_err(|error| port_error(ALARMS, &error))?;
        let each = found.subscriptions().iter().map(|one| Subscription {
            endpoint: one.endpoint().unwrap_or_default().to_owned(),
            // Until its owner says yes, a subscription has this in place of an ARN.
            is_confirmed: one.subscription_arn() != Some("PendingConfirmation"),
        });
        Ok(each.collect())
    }

    async fn concurrent_executions(&self) -> PortResult<u64> {
        concurrent_executions(&self.http).await
    }
}

/// SES counts in floating point numbers.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "quotas are small whole numbers, and a cast saturates"
)]
fn whole(value: f64) -> u64 {
    value as u64
}

/// The one name in `<Metadata>`. Names have letters, digits, `-`, `_` and `.` only, so nothing in
/// it is escaped.
fn name_in_metadata(xml: &str) -> Option<String> {
    let (_, behind) = xml.split_once("<Metadata>")?;
    let (metadata, _) = behind.split_once("</Metadata>")?;
    let (_, behind) = metadata.split_once("<Name>")?;
    let (name, _) = behind.split_once("</Name>")?;
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signed_http::testing::scripted;

    fn active(metadata: &str) -> (u16, String) {
        let answer = format!(
            "<DescribeActiveReceiptRuleSetResponse \
             xmlns=\"http://ses.amazonaws.com/doc/2010-12-01/\">\
             <DescribeActiveReceiptRuleSetResult>{metadata}<Rules><member>\
             <Name>a-rule</Name></member></Rules></DescribeActiveReceiptRuleSetResult>\
             </DescribeActiveReceiptRuleSetResponse>"
        );
        (200, answer)
    }

    #[tokio::test]
    async fn the_active_rule_set_is_named_in_the_metadata_and_in_no_rule() {
        let metadata = "<Metadata><Name>akashi-inbound</Name><CreatedTimestamp>\
                        2026-01-05T00:00:00Z</CreatedTimestamp></Metadata>";
        let (config, served) = scripted(vec![active(metadata), active("")]).await;
        let facts = AccountFacts::new(&config);
        let named = facts.active_rule_set().await.unwrap();
        assert_eq!(named.as_deref(), Some("akashi-inbound"));
        assert_eq!(facts.active_rule_set().await.unwrap(), None);
        let requests = served.await.unwrap();
        assert!(requests[0].contains("/ap-northeast-1/ses/aws4_request"));
        assert!(requests[0].ends_with("Action=DescribeActiveReceiptRuleSet&Version=2010-12-01"));
    }

    #[tokio::test]
    async fn a_subscription_without_an_arn_waits_for_its_owner() {
        let member = |endpoint: &str, arn: &str| {
            format!(
                "<member><TopicArn>t</TopicArn><Protocol>email</Protocol>\
                 <SubscriptionArn>{arn}</SubscriptionArn><Owner>0</Owner>\
                 <Endpoint>{endpoint}</Endpoint></member>"
            )
        };
        let answer = format!(
            "<ListSubscriptionsByTopicResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\
             <ListSubscriptionsByTopicResult><Subscriptions>{}{}</Subscriptions>\
             </ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>",
            member("a@example.com", "PendingConfirmation"),
            member("b@example.com", "arn:aws:sns:ap-northeast-1:0:t:1"),
        );
        let (config, _served) = scripted(vec![(200, answer)]).await;
        let found = AccountFacts::new(&config).subscriptions("t").await.unwrap();
        let confirmed: Vec<bool> = found.iter().map(|one| one.is_confirmed).collect();
        assert_eq!(confirmed, [false, true]);
    }
}
