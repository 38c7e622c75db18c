//! Lambda: calls functions by hand, and says how many may run at once.

use std::time::Duration;

use aws_config::SdkConfig;
use serde_json::Value;
use workflow::operator::ports::{CallEnd, CallFunction, Callee};
use workflow::ports::PortResult;

use crate::fault::permanent;
use crate::signed_http::{Request, SignedHttp};

const CALLING: &str = "calling a function";
const READING_QUOTA: &str = "reading how many invocations may run at once";

/// No function lives longer
/// (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>).
const CALL_PATIENCE: Duration = Duration::from_secs(910);

/// How long another answer may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// The names of the functions that can be called by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionNames {
    /// `parse-mail`
    pub parse_mail: String,
    /// `record-event`
    pub record_event: String,
    /// `expire-accounts`
    pub expire_accounts: String,
    /// `renew-timestamps`
    pub renew_timestamps: String,
}

/// The functions of the stack.
#[derive(Debug, Clone)]
pub struct Functions {
    http: SignedHttp,
    names: FunctionNames,
}

impl Functions {
    /// The functions with these names.
    #[must_use]
    pub fn new(config: &SdkConfig, names: FunctionNames) -> Self {
        let http = SignedHttp::new(config);
        Self { http, names }
    }

    fn name(&self, function: Callee) -> &str {
        match function {
            Callee::ParseMail => &self.names.parse_mail,
            Callee::RecordEvent => &self.names.record_event,
            Callee::ExpireAccounts => &self.names.expire_accounts,
            Callee::RenewTimestamps => &self.names.renew_timestamps,
        }
    }
}

impl CallFunction for Functions {
    async fn call_function(&self, function: Callee, event: &Value) -> PortResult<CallEnd> {
        // https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
        let path = format!("/2015-03-31/functions/{}/invocations", self.name(function));
        let request = Request {
            operation: CALLING,
            service: "lambda",
            host: "lambda",
            method: "POST",
            path: &path,
            headers: &[
                ("content-type", "application/json"),
                ("x-amz-invocation-type", "RequestResponse"),
            ],
            body: event.to_string().into_bytes(),
            patience: CALL_PATIENCE,
        };
        let answer = self.http.send(request).await?;
        if answer.function_error.is_none() {
            return Ok(CallEnd::Done);
        }
        let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let text = |name: &str| said.get(name).and_then(Value::as_str);
        Ok(CallEnd::Failed {
            error: text("errorType").unwrap_or("Unhandled").to_owned(),
            cause: text("errorMessage").unwrap_or_default().to_owned(),
        })
    }
}

/// How many invocations of all functions of the account may run at once
/// (<https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html>).
pub(crate) async fn concurrent_executions(http: &SignedHttp) -> PortResult<u64> {
    let request = Request {
        operation: READING_QUOTA,
        service: "lambda",
        host: "lambda",
        method: "GET",
        path: "/2016-08-19/account-settings/",
        headers: &[],
        body: Vec::new(),
        patience: PATIENCE,
    };
    let answer = http.send(request).await?;
    let settings: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let limit = settings.pointer("/AccountLimit/ConcurrentExecutions");
    limit
        .and_then(Value::as_u64)
        .ok_or_else(|| permanent(READING_QUOTA, "Lambda told none"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::signed_http::testing::scripted;

    #[tokio::test]
    async fn a_call_is_made_with_the_event_and_fails_with_its_status() {
        let answers = vec![
            (200, "null".to_owned()),
            (404, "no such function".to_owned()),
        ];
        let (config, served) = scripted(answers).await;
        let names = FunctionNames {
            parse_mail: "akashi-parse-mail".to_owned(),
            record_event: String::new(),
            expire_accounts: String::new(),
            renew_timestamps: String::new(),
        };
        let functions = Functions::new(&config, names);
        let event = json!({ "Records": [] });
        let call = || functions.call_function(Callee::ParseMail, &event);
        assert_eq!(call().await.unwrap(), CallEnd::Done);
        assert!(call().await.is_err());
        let requests = served.await.unwrap();
        let line = "POST /2015-03-31/functions/akashi-parse-mail/invocations HTTP/1.1";
        assert!(requests[0].starts_with(line), "{}", requests[0]);
        assert!(requests[0].ends_with("{\"Records\":[]}"));
    }

    #[tokio::test]
    async fn the_quota_of_invocations_is_read() {
        let settings = json!({ "AccountLimit": { "ConcurrentExecutions": 10 } });
        let answers = vec![(200, settings.to_string()), (200, "{}".to_owned())];
        let (config, _served) = scripted(answers).await;
        let http = SignedHttp::new(&config);
        assert_eq!(concurrent_executions(&http).await.unwrap(), 10);
        assert!(concurrent_executions(&http).await.is_err());
    }
}
