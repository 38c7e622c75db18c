//! SES v2, for mails out.
//!
//! SES has no idempotency key, so this adapter tries once and says exactly what it knows
//! afterwards: accepted, certainly not accepted, or unknown.

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::Builder;
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::primitives::Blob;
use aws_sdk_sesv2::types::{Destination, EmailContent, MessageTag, RawMessage};
use workflow::ports::{Cause, Handover, MailTag, OutgoingMail, SendMail};

use crate::fault::Fault;
use crate::handover::{Transmission, classify, http_client, timeouts};

/// Whether SES refused this one message, which no retry mends. `MessageRejected` is also what it
/// says while an identity of ours is not verified, or while the account is in the sandbox: that is
/// ours to mend, and only the words tell it apart.
/// <https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-error-messages.html>
fn is_of_the_message(code: &str, words: &str) -> bool {
    let is_unverified = || words.to_lowercase().contains(UNVERIFIED);
    match code {
        "MessageRejected" => !is_unverified(),
        "BadRequestException" => true,
        _ => false,
    }
}

const UNVERIFIED: &str = "email address is not verified";

/// Hands mails to SES, with the configuration set whose events `record-event` gets.
#[derive(Debug, Clone)]
pub struct Mailer {
    client: Client,
    configuration_set: String,
}

impl Mailer {
    /// A mailer with this configuration, of which it keeps region, endpoint and credentials.
    /// Retries are off, and connections are not kept.
    #[must_use]
    pub fn new(config: impl Into<Builder>, configuration_set: impl Into<String>) -> Self {
        let config = config
            .into()
            .http_client(http_client())
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts())
            .build();
        let configuration_set = configuration_set.into();
        Self {
            client: Client::from_conf(config),
            configuration_set,
        }
    }
}

impl SendMail for Mailer {
    async fn send_mail(&self, mail: &OutgoingMail) -> Handover {
        let (raw, tag) = match (raw_message(mail), message_tag(&mail.tag)) {
            (Ok(raw), Ok(tag)) => (raw, tag),
            (Err(error), _) | (_, Err(error)) => return Handover::Busy(error),
        };
        let transmission = Transmission::default();
        let request = self
            .client
            .send_email()
            .from_email_address(mail.from.to_wire())
            .destination(
                Destination::builder()
                    .to_addresses(mail.to.to_wire())
                    .build(),
            )
            .content(EmailContent::builder().raw(raw).build())
            .email_tags(tag)
            .configuration_set_name(&self.configuration_set)
            .customize()
            .interceptor(transmission.clone());
        match request.send().await {
            Ok(output) => match output.message_id().map(str::parse) {
                Some(Ok(id)) => Handover::Accepted(id),
                _ => Handover::Unknown(Fault::new("SES answered without a message id").into()),
            },
            Err(error) => classify(&error, is_of_the_message, transmission.has_begun()),
        }
    }
}

fn raw_message(mail: &OutgoingMail) -> Result<RawMessage, Cause> {
    Ok(RawMessage::builder()
        .data(Blob::new(mail.raw.clone()))
        .build()?)
}

/// SES allows letters, digits, `-` and `_` in a tag, at most 256: our ids are made of these.
fn message_tag(tag: &MailTag) -> Result<MessageTag, Cause> {
    let (name, value) = match tag {
        MailTag::Dispatch(id) => ("dispatch", id.as_str()),
        MailTag::Copy(id) => ("copy", id.as_str()),
        MailTag::FailedRoad(id) => ("failed_road", id.as_str()),
        MailTag::Refusal(id) => ("refusal", id.as_str()),
        MailTag::Acceptance(id) => ("acceptance", id.as_str()),
        MailTag::Summary(id) => ("summary", id.as_str()),
        MailTag::LapseWarning(id) => ("lapse_warning", id.as_str()),
        MailTag::Trial(id) => ("trial", id.as_str()),
    };
    Ok(MessageTag::builder().name(name).value(value).build()?)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use aws_sdk_sesv2::config::{BehaviorVersion, Credentials, Region};
    use aws_sdk_sesv2::operation::send_email::SendEmailError;
    use aws_smithy_types::error::ErrorMetadata;
    use bytes::Bytes;
    use tokio::net::TcpListener;
    use tokio::time::timeout;

    use super::*;
    use crate::fault::testing::answered;
    use crate::handover::testing::kind_of;
    use crate::scripted::{request_of, serve};

    #[test]
    fn each_answer_of_ses_is_classified_once_q_5() {
        for (code, status, expected) in [
            ("TooManyRequestsException", 429, "busy"),
            ("ThrottlingException", 400, "busy"),
            ("LimitExceededException", 400, "busy"),
            ("ServiceUnavailable", 503, "busy"),
            ("AccountSuspendedException", 400, "busy"),
            ("SendingPausedException", 400, "busy"),
            ("MailFromDomainNotVerifiedException", 400, "busy"),
            ("NotFoundException", 404, "busy"),
            ("AccessDeniedException", 403, "busy"),
            ("ExpiredTokenException", 403, "busy"),
            ("MessageRejected", 400, "refused"),
            ("BadRequestException", 400, "refused"),
            ("InternalFailure", 500, "unknown"),
            ("BadGateway", 502, "unknown"),
            ("GatewayTimeout", 504, "unknown"),
        ] {
            let metadata = ErrorMetadata::builder()
                .code(code)
                .message("taro@example.jp")
                .build();
            let error = answered(SendEmailError::generic(metadata), status);
            let handover = classify(&error, is_of_the_message, true);
            assert_eq!(kind_of(&handover), expected, "{code}");
            if let Handover::Busy(cause) | Handover::Unknown(cause) = handover {
                assert!(!cause.to_string().contains('@'), "{cause}");
            }
        }
    }

    #[test]
    fn an_identity_that_is_not_verified_is_ours_to_mend_q_5() {
        let words = "Email address is not verified. The following identities failed the check in \
                     region AP-NORTHEAST-1: mail@akashi.test";
        let metadata = ErrorMetadata::builder()
            .code("MessageRejected")
            .message(words)
            .build();
        let error = answered(SendEmailError::generic(metadata), 400);
        assert_eq!(kind_of(&classify(&error, is_of_the_message, true)), "busy");
    }

    fn mailer(url: &str) -> Mailer {
        let config = Builder::new()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .endpoint_url(url)
            .credentials_provider(Credentials::for_tests());
        Mailer::new(config, "certified")
    }

    fn mail() -> OutgoingMail {
        OutgoingMail {
            from: "mail@akashi.test".parse().unwrap(),
            to: "taro@日本.example".parse().unwrap(),
            raw: Bytes::from_static(b"Subject: x\r\n\r\nx"),
            tag: MailTag::Dispatch("abc-01".parse().unwrap()),
        }
    }

    #[tokio::test]
    async fn a_refused_connection_is_busy() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let handover = mailer(&format!("http://{address}"))
            .send_mail(&mail())
            .await;
        assert_eq!(kind_of(&handover), "busy", "{handover:?}");
    }

    #[tokio::test]
    async fn a_connection_that_breaks_after_the_request_is_unknown() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mailer = mailer(&format!("http://{}", listener.local_addr().unwrap()));
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            request_of(&mut stream).await;
            listener
        });
        let handover = mailer.send_mail(&mail()).await;
        assert_eq!(kind_of(&handover), "unknown", "{handover:?}");
        // Nobody called a second time.
        let listener = server.await.unwrap();
        assert!(timeout(Duration::ZERO, listener.accept()).await.is_err());
    }

    #[tokio::test]
    async fn an_accepted_mail_goes_to_one_recipient_with_its_tag() {
        let answer = (200, r#"{"MessageId":"0100-1"}"#.to_owned());
        let (url, served) = serve(vec![answer]).await;
        let handover = mailer(&url).send_mail(&mail()).await;
        let Handover::Accepted(id) = handover else {
            panic!("{handover:?}")
        };
        assert_eq!(id.as_str(), "0100-1");
        let requests = served.await.unwrap();
        for part in [
            r#""FromEmailAddress":"mail@akashi.test""#,
            r#""ToAddresses":["taro@xn--wgv71a.example"]"#,
            r#""EmailTags":[{"Name":"dispatch","Value":"abc-01"}]"#,
            r#""ConfigurationSetName":"certified""#,
        ] {
            assert!(requests[0].contains(part), "{requests:?}");
        }
    }
}
