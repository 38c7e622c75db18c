//! SES v2, for mails out.
//!
//! SES has no idempotency key, so this adapter tries once and says exactly what it knows
//! afterwards: accepted, certainly not accepted, or unknown.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::config::timeout::TimeoutConfig;
use aws_sdk_sesv2::config::{Builder, ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_sesv2::error::{BoxError, ProvideErrorMetadata};
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::primitives::Blob;
use aws_sdk_sesv2::types::{Destination, EmailContent, MessageTag, RawMessage};
use aws_smithy_http_client::tls;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use hyper_util::client::legacy;
use workflow::ports::{Cause, Handover, MailTag, OutgoingMail, SendMail};

use crate::fault::Fault;

/// How long SES may take to connect: it answers in milliseconds or not at all.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long one handover may take, in all: 7 MB of message on a slow line. Shorter than any
/// function that sends lives, so that an unknown outcome is still told and logged.
const HANDOVER_TIMEOUT: Duration = Duration::from_secs(30);

/// Refusals of this one message, which no retry mends.
///
/// Everything else that SES refuses is ours to mend (a paused or suspended account, a MAIL FROM
/// domain or configuration set that is not there, a missing permission): nothing was attempted,
/// and the mail itself is fine. Such a mail is `Busy`: it is tried again, and if that does not
/// help it parks with an alarm and can be replayed, instead of being given back to a customer who
/// cannot do anything about it (Q-5).
const REFUSALS_OF_THE_MESSAGE: &[&str] = &["MessageRejected", "BadRequestException"];

/// Statuses with which SES, or a proxy in front of it, says that it did not even begin.
const NOT_BEGUN: &[u16] = &[429, 503];

/// Hands mails to SES, with the configuration set whose events `record-event` gets.
#[derive(Debug, Clone)]
pub struct Mailer {
    client: Client,
    configuration_set: String,
}

impl Mailer {
    /// A mailer with this configuration, of which it keeps region, endpoint and credentials.
    /// Retries are off, and connections are not kept: one that died while Lambda had the process
    /// frozen would look like a message of unknown fate.
    #[must_use]
    pub fn new(config: impl Into<Builder>, configuration_set: impl Into<String>) -> Self {
        let http_client = aws_smithy_http_client::Builder::new()
            .pool_max_idle_per_host(0)
            .tls_provider(tls::Provider::Rustls(CryptoMode::AwsLc))
            .build_https();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_timeout(HANDOVER_TIMEOUT)
            .build();
        let config = config
            .into()
            .http_client(http_client)
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
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
            Err(error) => classify(&error, transmission.has_begun()),
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
        MailTag::Refusal(id) => ("refusal", id.as_str()),
        MailTag::LapseWarning(id) => ("lapse_warning", id.as_str()),
    };
    Ok(MessageTag::builder().name(name).value(value).build()?)
}

/// Sees whether the request got as far as the connection. What fails before, such as fetching
/// credentials, leaves SES untouched.
#[derive(Debug, Clone, Default)]
struct Transmission(Arc<AtomicBool>);

impl Transmission {
    fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint]
impl Intercept for Transmission {
    fn name(&self) -> &'static str {
        "Transmission"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.store(true, Ordering::Relaxed);
        Ok(())
    }
}

fn classify(error: &SdkError<SendEmailError, HttpResponse>, begun: bool) -> Handover {
    // Without the message: SES quotes addresses, and causes are logged.
    let cause = || Cause::from(Fault::without_message(error));
    if let SdkError::ServiceError(answer) = error {
        let code = answer.err().code().unwrap_or_default();
        let status = answer.raw().status().as_u16();
        return if REFUSALS_OF_THE_MESSAGE.contains(&code) {
            let words = answer.err().message().unwrap_or("no reason given");
            Handover::Refused(format!("{code}: {words}"))
        } else if status < 500 || NOT_BEGUN.contains(&status) {
            Handover::Busy(cause())
        } else {
            // SES failed while it was at it.
            Handover::Unknown(cause())
        };
    }
    if begun && !never_connected(error) {
        Handover::Unknown(cause())
    } else {
        Handover::Busy(cause())
    }
}

/// Whether the connection could not be made, so that nothing of the request was written.
fn never_connected(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<legacy::Error>() {
            return error.is_connect();
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use aws_sdk_sesv2::config::{BehaviorVersion, Credentials, Region};
    use aws_smithy_types::error::ErrorMetadata;
    use bytes::Bytes;
    use tokio::net::TcpListener;
    use tokio::time::timeout;

    use super::*;
    use crate::fault::testing::answered;
    use crate::scripted::{request_of, serve};

    fn kind_of(handover: &Handover) -> &'static str {
        match handover {
            Handover::Accepted(_) => "accepted",
            Handover::Busy(_) => "busy",
            Handover::Refused(_) => "refused",
            Handover::Unknown(_) => "unknown",
        }
    }

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
            let handover = classify(&error, true);
            assert_eq!(kind_of(&handover), expected, "{code}");
            if let Handover::Busy(cause) | Handover::Unknown(cause) = handover {
                assert!(!cause.to_string().contains('@'), "{cause}");
            }
        }
    }

    #[test]
    fn what_fails_before_transmission_is_busy_and_after_it_unknown() {
        type Failed = SdkError<SendEmailError, HttpResponse>;
        for (begun, expected) in [(false, "busy"), (true, "unknown")] {
            let late = Failed::timeout_error("late");
            assert_eq!(kind_of(&classify(&late, begun)), expected);
            let failed = Failed::construction_failure("no region");
            assert_eq!(kind_of(&classify(&failed, begun)), expected);
        }
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
