//! SNS, for SMS out: direct publishing to a number.
//!
//! Like SES it has no idempotency key, so this adapter tries once. What became of an SMS that was
//! accepted comes later, as a delivery log.

use aws_sdk_sns::Client;
use aws_sdk_sns::config::Builder;
use aws_sdk_sns::config::retry::RetryConfig;
use aws_sdk_sns::types::MessageAttributeValue;
use domain::limits::SMS_PRICE_CENTS_MAX;
use workflow::ports::{Cause, Handover, OutgoingSms, SendSms};

use crate::fault::Fault;
use crate::handover::{Transmission, classify, http_client, timeouts};

/// Whether SNS refused this one message, which no retry mends: the number is none that it sends to,
/// or its owner opted out. What is wrong with our sender id, our number or the region may have the
/// same code, and is ours to mend: only the words name the parameter (told, not read in AWS's own
/// pages). <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors>
fn is_of_the_message(code: &str, words: &str) -> bool {
    match code {
        "InvalidParameter" => words.contains("PhoneNumber"),
        "OptedOut" => true,
        _ => false,
    }
}

/// Whom an SMS shows as its sender.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SmsOrigin {
    /// Whatever SNS chooses for the country.
    #[default]
    Shared,
    /// A name of up to 11 letters and digits, to which nobody can answer.
    SenderId(String),
    /// A number of ours, which may take answers.
    Number(String),
}

/// Hands SMS to SNS.
#[derive(Debug, Clone)]
pub struct Phone {
    client: Client,
    origin: SmsOrigin,
}

impl Phone {
    /// A phone with this configuration, of which it keeps region, endpoint and credentials.
    /// Retries are off, and connections are not kept.
    #[must_use]
    pub fn new(config: impl Into<Builder>, origin: SmsOrigin) -> Self {
        let config = config
            .into()
            .http_client(http_client())
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts())
            .build();
        Self {
            client: Client::from_conf(config),
            origin,
        }
    }

    /// Transactional: delivered as reliably as SNS can. Who opted out gets neither kind.
    /// <https://docs.aws.amazon.com/sns/latest/dg/sms_manage.html>
    fn attributes(&self) -> Result<Vec<(&'static str, MessageAttributeValue)>, Cause> {
        // SNS does not send what would be dearer. Whether it counts a message or each of its parts,
        // its page does not say.
        // <https://docs.aws.amazon.com/sns/latest/dg/sms_publish-to-phone.html>
        let price = format!(
            "{}.{:02}",
            SMS_PRICE_CENTS_MAX / 100,
            SMS_PRICE_CENTS_MAX % 100
        );
        let mut attributes = vec![
            ("AWS.SNS.SMS.SMSType", string("Transactional")?),
            ("AWS.SNS.SMS.MaxPrice", attribute("Number", &price)?),
        ];
        match &self.origin {
            SmsOrigin::Shared => {}
            SmsOrigin::SenderId(id) => attributes.push(("AWS.SNS.SMS.SenderID", string(id)?)),
            SmsOrigin::Number(number) => {
                attributes.push(("AWS.MM.SMS.OriginationNumber", string(number)?));
            }
        }
        Ok(attributes)
    }
}

impl SendSms for Phone {
    async fn send_sms(&self, sms: &OutgoingSms) -> Handover {
        let attributes = match self.attributes() {
            Ok(attributes) => attributes,
            Err(cause) => return Handover::Busy(cause),
        };
        let transmission = Transmission::default();
        let request = self
            .client
            .publish()
            .phone_number(sms.to.as_str())
            .message(&sms.text);
        let request = attributes
            .into_iter()
            .fold(request, |request, (name, value)| {
                request.message_attributes(name, value)
            });
        let request = request.customize().interceptor(transmission.clone());
        match request.send().await {
            Ok(output) => match output.message_id().map(str::parse) {
                Some(Ok(id)) => Handover::Accepted(id),
                _ => Handover::Unknown(Fault::new("SNS answered without a message id").into()),
            },
            Err(error) => classify(&error, is_of_the_message, transmission.has_begun()),
        }
    }
}

fn string(value: &str) -> Result<MessageAttributeValue, Cause> {
    attribute("String", value)
}

fn attribute(kind: &str, value: &str) -> Result<MessageAttributeValue, Cause> {
    let value = MessageAttributeValue::builder()
        .data_type(kind)
        .string_value(value);
    Ok(value.build()?)
}

#[cfg(test)]
mod tests {
    use aws_sdk_sns::config::{BehaviorVersion, Credentials, Region};
    use aws_sdk_sns::operation::publish::PublishError;
    use aws_smithy_types::error::ErrorMetadata;
    use tokio::net::TcpListener;

    use super::*;
    use crate::fault::testing::answered;
    use crate::handover::testing::kind_of;
    use crate::scripted::{request_of, serve};

    fn phone(url: &str, origin: SmsOrigin) -> Phone {
        let config = Builder::new()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("ap-northeast-1"))
            .endpoint_url(url)
            .credentials_provider(Credentials::for_tests());
        Phone::new(config, origin)
    }

    fn sms() -> OutgoingSms {
        OutgoingSms {
            to: "+819012345678".parse().unwrap(),
            text: "K7Q2-000001".to_owned(),
        }
    }

    #[test]
    fn each_answer_of_sns_is_classified_once_q_5() {
        let number =
            "Invalid parameter: PhoneNumber Reason: +819012345678 is not valid to publish to";
        let attribute = "Invalid parameter: SenderID of +819012345678";
        for (code, words, status, expected) in [
            ("InvalidParameter", number, 400, "refused"),
            ("InvalidParameter", attribute, 400, "busy"),
            ("OptedOut", number, 400, "refused"),
            ("ParameterValueInvalid", number, 400, "busy"),
            ("Throttled", number, 429, "busy"),
            ("Throttling", number, 400, "busy"),
            ("AuthorizationError", number, 403, "busy"),
            ("NotFound", number, 404, "busy"),
            ("ServiceUnavailable", number, 503, "busy"),
            ("InternalError", number, 500, "unknown"),
            ("GatewayTimeout", number, 504, "unknown"),
        ] {
            let metadata = ErrorMetadata::builder().code(code).message(words).build();
            let error = answered(PublishError::generic(metadata), status);
            let handover = classify(&error, is_of_the_message, true);
            assert_eq!(kind_of(&handover), expected, "{code}");
            if let Handover::Busy(cause) | Handover::Unknown(cause) = handover {
                assert!(!cause.to_string().contains("+81"), "{cause}");
            }
        }
    }

    #[tokio::test]
    async fn an_accepted_sms_goes_to_one_number_with_its_origin() {
        let answer = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\
            <PublishResult><MessageId>34d9b400-c6dd</MessageId></PublishResult>\
            </PublishResponse>";
        for (origin, expected) in [
            (SmsOrigin::Shared, "AWS.SNS.SMS.SMSType"),
            (
                SmsOrigin::SenderId("AKASHI".to_owned()),
                "AWS.SNS.SMS.SenderID",
            ),
            (
                SmsOrigin::Number("+815012345678".to_owned()),
                "AWS.MM.SMS.OriginationNumber",
            ),
        ] {
            let (url, served) = serve(vec![(200, answer.to_owned())]).await;
            let handover = phone(&url, origin).send_sms(&sms()).await;
            let Handover::Accepted(id) = handover else {
                panic!("{handover:?}")
            };
            assert_eq!(id.as_str(), "34d9b400-c6dd");
            let requests = served.await.unwrap();
            for part in [
                "PhoneNumber=%2B819012345678",
                "Message=K7Q2-000001",
                "Transactional",
                "AWS.SNS.SMS.MaxPrice",
                "StringValue=1.00",
                expected,
            ] {
                assert!(requests[0].contains(part), "{requests:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_refused_connection_is_busy_and_one_that_breaks_later_is_unknown() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let phone = phone(
            &format!("http://{}", listener.local_addr().unwrap()),
            SmsOrigin::Shared,
        );
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            request_of(&mut stream).await;
        });
        let handover = phone.send_sms(&sms()).await;
        assert_eq!(kind_of(&handover), "unknown", "{handover:?}");
        // By now nobody listens any more.
        server.await.unwrap();
        let handover = phone.send_sms(&sms()).await;
        assert_eq!(kind_of(&handover), "busy", "{handover:?}");
    }
}
