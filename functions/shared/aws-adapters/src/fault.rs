//! What AWS says went wrong, classified once: every adapter turns what it does not know how to
//! use into a [`PortError`] here.

use std::error::Error;
use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use workflow::ports::PortError;

/// Codes of refusals that pass by themselves, whatever status they come with. Most throttling
/// answers of DynamoDB, Step Functions and KMS are 400s.
const TRANSIENT_CODES: &[&str] = &[
    "BandwidthLimitExceeded",
    "ExecutionLimitExceeded",
    "ExpiredToken",
    "ExpiredTokenException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestTimeout",
    "RequestTimeoutException",
    "RequestTimeTooSkewed",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionConflictException",
    "TransactionInProgressException",
];

/// What came back instead of an answer. Its text names codes, request ids and AWS's own message,
/// never what was sent.
#[derive(Debug)]
pub(crate) struct Fault {
    text: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Fault {}

impl Fault {
    /// A fault that no SDK error describes.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    /// With the service's own message, for services whose messages name no person.
    fn with_message<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let mut fault = Self::without_message(error);
        if let Some(message) = error
            .as_service_error()
            .and_then(ProvideErrorMetadata::message)
        {
            fault.text.push_str(": ");
            fault.text.push_str(message);
        }
        fault
    }

    /// With the code only, for SES and SNS, whose messages quote addresses and numbers.
    pub(crate) fn without_message<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let Some(service) = error.as_service_error() else {
            return Self { text: chain(error) };
        };
        let code = service.code().unwrap_or("an error without a code");
        let status = error.raw_response().map_or(0, |raw| raw.status().as_u16());
        let request = error
            .raw_response()
            .and_then(request_id)
            .unwrap_or("unknown");
        Self {
            text: format!("{code} (status {status}, request {request})"),
        }
    }
}

/// Whether another try may succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Transient,
    Permanent,
}

/// An SDK error that the adapter has no better use for.
pub(crate) fn port_error<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> PortError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let source = Fault::with_message(error).into();
    match classify(error) {
        Class::Transient => PortError::Transient { operation, source },
        Class::Permanent => PortError::Permanent { operation, source },
    }
}

/// A failure that another try may mend.
pub(crate) fn transient(operation: &'static str, what: impl Into<String>) -> PortError {
    PortError::Transient {
        operation,
        source: Fault::new(what).into(),
    }
}

/// A failure that another try would repeat.
pub(crate) fn permanent(operation: &'static str, what: impl Into<String>) -> PortError {
    PortError::Permanent {
        operation,
        source: Fault::new(what).into(),
    }
}

fn classify<E>(error: &SdkError<E, HttpResponse>) -> Class
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error {
        // The request could not even be made: the same input fails the same way.
        SdkError::ConstructionFailure(_) => Class::Permanent,
        SdkError::ServiceError(failed) => {
            class_of_answer(failed.err().code(), failed.raw().status().as_u16())
        }
        // No answer, half an answer, or no credentials at the moment.
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
            Class::Transient
        }
        // The SDK may add kinds of errors; a try more does no harm.
        _ => Class::Transient,
    }
}

fn class_of_answer(code: Option<&str>, status: u16) -> Class {
    let passes = code.is_some_and(|code| TRANSIENT_CODES.contains(&code));
    if passes || status == 429 || status >= 500 {
        Class::Transient
    } else {
        Class::Permanent
    }
}

fn request_id(response: &HttpResponse) -> Option<&str> {
    let headers = response.headers();
    headers
        .get("x-amzn-requestid")
        .or_else(|| headers.get("x-amz-request-id"))
}

/// An error and its causes on one line.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line.push_str(": ");
        line.push_str(&error.to_string());
        cause = error.source();
    }
    line
}

#[cfg(test)]
pub(crate) mod testing {
    //! SDK errors as they would come over the wire.

    use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
    use aws_smithy_runtime_api::client::result::SdkError;
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;

    pub(crate) fn answered<E>(error: E, status: u16) -> SdkError<E, HttpResponse> {
        let status = StatusCode::try_from(status).unwrap();
        SdkError::service_error(error, HttpResponse::new(status, SdkBody::empty()))
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::operation::get_item::GetItemError;
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_types::error::ErrorMetadata;

    use super::testing::answered;
    use super::*;

    #[test]
    fn each_answer_is_transient_or_permanent() {
        for (code, status, expected) in [
            ("ThrottlingException", 400, Class::Transient),
            (
                "ProvisionedThroughputExceededException",
                400,
                Class::Transient,
            ),
            ("ExpiredTokenException", 400, Class::Transient),
            ("TransactionInProgressException", 400, Class::Transient),
            ("SlowDown", 503, Class::Transient),
            ("KMSInternalException", 500, Class::Transient),
            ("Whatever", 429, Class::Transient),
            ("AccessDeniedException", 400, Class::Permanent),
            ("AccessDenied", 403, Class::Permanent),
            ("ResourceNotFoundException", 400, Class::Permanent),
            ("ValidationException", 400, Class::Permanent),
            ("DisabledException", 409, Class::Permanent),
        ] {
            assert_eq!(
                class_of_answer(Some(code), status),
                expected,
                "{code} {status}"
            );
        }
        assert_eq!(class_of_answer(None, 404), Class::Permanent);
        assert_eq!(class_of_answer(None, 502), Class::Transient);
    }

    #[test]
    fn no_answer_is_transient_and_an_impossible_request_is_permanent() {
        type Failed = SdkError<GetItemError, HttpResponse>;
        let io = ConnectorError::io("reset".into());
        for (error, expected) in [
            (Failed::timeout_error("late"), Class::Transient),
            (Failed::dispatch_failure(io), Class::Transient),
            (Failed::construction_failure("no key"), Class::Permanent),
        ] {
            assert_eq!(classify(&error), expected, "{error:?}");
        }
    }

    #[test]
    fn a_fault_names_code_and_status() {
        let error = GetItemError::generic(
            ErrorMetadata::builder()
                .code("AccessDeniedException")
                .message("not allowed")
                .build(),
        );
        let error = answered(error, 400);
        assert_eq!(
            Fault::with_message(&error).to_string(),
            "AccessDeniedException (status 400, request unknown): not allowed"
        );
        assert!(
            !Fault::without_message(&error)
                .to_string()
                .contains("not allowed")
        );
    }
}
