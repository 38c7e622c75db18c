//! Handing a message to a provider that has no idempotency key, shared by mail and SMS: try once,
//! and say exactly what is known afterwards: accepted, certainly not accepted, or unknown.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_smithy_http_client::tls;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::timeout::TimeoutConfig;
use hyper_util::client::legacy;
use workflow::ports::{Cause, Handover};

use crate::fault::Fault;

/// How long a provider may take to connect: it answers in milliseconds or not at all.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long one handover may take, in all: 7 MB of message on a slow line. Shorter than any
/// function that sends lives, so that an unknown outcome is still told and logged.
const HANDOVER_TIMEOUT: Duration = Duration::from_secs(30);

/// Statuses with which a provider, or a proxy in front of it, says that it did not even begin.
const NOT_BEGUN: &[u16] = &[429, 503];

/// A client that keeps no connections: one that died while Lambda had the process frozen would
/// look like a message of unknown fate.
pub(crate) fn http_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .pool_max_idle_per_host(0)
        .tls_provider(tls::Provider::Rustls(CryptoMode::AwsLc))
        .build_https()
}

/// The patience of one handover.
pub(crate) fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_timeout(HANDOVER_TIMEOUT)
        .build()
}

/// Sees whether the request got as far as the connection. What fails before, such as fetching
/// credentials, leaves the provider untouched.
#[derive(Debug, Clone, Default)]
pub(crate) struct Transmission(Arc<AtomicBool>);

impl Transmission {
    pub(crate) fn has_begun(&self) -> bool {
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

/// What is known after a handover that was not accepted. `is_of_the_message` says by code and words
/// whether this one message was refused, which no retry mends.
///
/// Everything else that a provider refuses is ours to mend (a suspended account, a configuration
/// that is not there, a missing permission): nothing was attempted, and the message itself is
/// fine. Such a message is `Busy`: it is tried again, and if that does not help it parks with an
/// alarm and can be replayed, instead of being given back to a customer who cannot do anything
/// about it.
pub(crate) fn classify<E>(
    error: &SdkError<E, HttpResponse>,
    is_of_the_message: fn(&str, &str) -> bool,
    begun: bool,
) -> Handover
where
    E: ProvideErrorMetadata + Error + 'static,
{
    // Without the message: providers quote addresses and numbers, and causes are logged.
    let cause = || Cause::from(Fault::without_message(error));
    if let SdkError::ServiceError(answer) = error {
        let code = answer.err().code().unwrap_or_default();
        let status = answer.raw().status().as_u16();
        let words = answer.err().message().unwrap_or("no reason given");
        return if is_of_the_message(code, words) {
            Handover::Refused(format!("{code}: {words}"))
        } else if status < 500 || NOT_BEGUN.contains(&status) {
            Handover::Busy(cause())
        } else {
            // The provider failed while it was at it.
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
pub(crate) mod testing {
    //! What the tests of mailer and phone share.

    use workflow::ports::Handover;

    pub(crate) fn kind_of(handover: &Handover) -> &'static str {
        match handover {
            Handover::Accepted(_) => "accepted",
            Handover::Busy(_) => "busy",
            Handover::Refused(_) => "refused",
            Handover::Unknown(_) => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::error::ErrorMetadata;

    use super::testing::kind_of;
    use super::*;

    #[test]
    fn what_fails_before_transmission_is_busy_and_after_it_unknown() {
        type Failed = SdkError<ErrorMetadata, HttpResponse>;
        for (begun, expected) in [(false, "busy"), (true, "unknown")] {
            let late = Failed::timeout_error("late");
            assert_eq!(kind_of(&classify(&late, |_, _| false, begun)), expected);
            let failed = Failed::construction_failure("no region");
            assert_eq!(kind_of(&classify(&failed, |_, _| false, begun)), expected);
        }
    }
}
