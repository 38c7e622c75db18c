//! The few questions that tests ask AWS, as plain HTTP: LocalStack does not look at signatures.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{World, wait_for};

/// Largest answer that a test reads: a certificate of a 5 MiB mail is smaller.
const ANSWER_BYTES_MAX: u64 = 64 << 20;

/// By this header LocalStack's own services say who they are.
const CALLING_SERVICE: &str = "x-localstack-data";

/// What became of a direct invocation of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Invocation {
    /// The stable name of the failure (`TransientFailure`), if it failed.
    pub error: Option<String>,
    /// What the function answered.
    pub payload: Value,
}

/// An answer: status, header fields of one name, body.
struct Answer {
    status: u16,
    retained_until: Option<String>,
    body: Vec<u8>,
}

impl World {
    /// An object, if it exists.
    ///
    /// # Panics
    /// When S3 does not answer.
    #[must_use]
    pub fn object(&self, bucket: &str, key: &str) -> Option<Vec<u8>> {
        let answer = self.s3(bucket, key);
        match answer.status {
            200 => Some(answer.body),
            404 => None,
            status => panic!("S3 answered {status} for {key}"),
        }
    }

    /// Until when Object Lock keeps an object, as RFC 3339.
    ///
    /// # Panics
    /// When it keeps it not.
    #[must_use]
    pub fn retained_until(&self, bucket: &str, key: &str) -> String {
        let answer = self.s3(bucket, key);
        answer.retained_until.expect("the object is locked")
    }

    /// The roots that a reader of certificates has to trust: the signer's, then the timestamp
    /// authorities'.
    ///
    /// # Panics
    /// When there is no configuration that names them.
    #[must_use]
    pub fn trusted_roots(&self) -> Vec<String> {
        let key = self.output("SigningConfigurationKey");
        let configuration = self.object(self.output("OriginalsBucket"), key);
        let configuration: Value =
            serde_json::from_slice(&configuration.expect("a configuration")).expect("JSON");
        let pem = |value: &Value| value.as_str().expect("PEM").to_owned();
        let chain = configuration["chain"].as_array().expect("a chain");
        let authorities = configuration["timestamp_authorities"].as_array();
        let authorities = authorities.expect("authorities").iter();
        let roots = authorities.flat_map(|authority| {
            let roots = authority["trusted_roots"].as_array();
            roots.expect("roots").iter().map(pem)
        });
        let signer = chain.last().map(pem).expect("a root");
        std::iter::once(signer).chain(roots).collect()
    }

    /// Writes an object as SES does when a mail has come: nobody else may.
    ///
    /// # Panics
    /// When S3 refuses.
    pub fn put_object_as_ses(&self, bucket: &str, key: &str, bytes: &[u8]) {
        let url = format!("{}/{bucket}/{key}", self.gateway);
        let rules = self.output("ReceiptRuleSet");
        let owner = "arn:aws:ses:ap-northeast-1:000000000000";
        let source = format!("{owner}:receipt-rule-set/{rules}:receipt-rule/registered-mail");
        let caller = json!({"service_principal": "ses", "source_arn": source});
        let request = self.http.put(url);
        let answer = request
            .header("Authorization", authorization("s3"))
            .header(CALLING_SERVICE, caller.to_string())
            .send(bytes);
        assert_eq!(answer.expect("S3 answers").status(), 200, "{key} is there");
    }

    /// Removes an object.
    ///
    /// # Panics
    /// When S3 refuses.
    pub fn delete_object(&self, bucket: &str, key: &str) {
        let url = format!("{}/{bucket}/{key}", self.gateway);
        let request = self.http.delete(url);
        let answer = request.header("Authorization", authorization("s3")).call();
        assert_eq!(answer.expect("S3 answers").status(), 204, "{key} is gone");
    }

    /// Calls a function with an event and waits for its answer.
    ///
    /// # Panics
    /// When it could not be called.
    #[must_use]
    pub fn invoke(&self, function: &str, event: &Value) -> Invocation {
        self.call(function, event, &[])
    }

    /// Calls a function as EventBridge does for the scheduled rule whose target it is, and as its
    /// policy lets EventBridge call it; but waits for its answer.
    ///
    /// # Panics
    /// When there is no such rule, or the function could not be called.
    #[must_use]
    pub fn invoke_by_schedule(&self, function: &str) -> Invocation {
        let arn = format!("arn:aws:lambda:ap-northeast-1:000000000000:function:{function}");
        let target = "AWSEvents.ListRuleNamesByTarget";
        let rules = self.ask("events", target, &json!({ "TargetArn": arn }));
        let question = json!({ "Name": rules["RuleNames"][0] });
        let rule = self.ask("events", "AWSEvents.DescribeRule", &question);
        assert_eq!(rule["State"], "ENABLED", "{function} has a rule");
        let file = self.root().join("events/scheduled-event.json");
        let event = std::fs::read(file).expect("the recorded event");
        let mut event: Value = serde_json::from_slice(&event).expect("JSON");
        event["resources"] = json!([rule["Arn"]]);
        let caller = json!({ "service_principal": "events", "source_arn": rule["Arn"] });
        self.call(function, &event, &[(CALLING_SERVICE, &caller.to_string())])
    }

    /// Hands a function an event and does not wait, as most services do: what fails is tried again,
    /// and lands in the queue of what could not be done.
    ///
    /// # Panics
    /// When Lambda does not take the event.
    pub fn invoke_later(&self, function: &str, event: &Value) {
        let answer = self.answer_of_lambda(function, event, &[("X-Amz-Invocation-Type", "Event")]);
        assert_eq!(answer.status(), 202, "{function} can be called");
    }

    fn call(&self, function: &str, event: &Value, fields: &[(&str, &str)]) -> Invocation {
        let mut answer = self.answer_of_lambda(function, event, fields);
        assert_eq!(answer.status(), 200, "{function} can be called");
        let body = answer.body_mut().read_to_string();
        let payload = serde_json::from_str(&body.expect("an answer")).expect("JSON");
        let failed = answer.headers().contains_key("x-amz-function-error");
        Invocation {
            error: failed.then(|| text(&payload, "errorType")),
            payload,
        }
    }

    fn answer_of_lambda(
        &self,
        function: &str,
        event: &Value,
        fields: &[(&str, &str)],
    ) -> ureq::http::Response<ureq::Body> {
        let path = format!("2015-03-31/functions/{function}/invocations");
        let request = self.http.post(format!("{}/{path}", self.gateway));
        let request = request.header("Authorization", authorization("lambda"));
        let request = fields.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        let answer = request.send(event.to_string().as_bytes());
        answer.expect("Lambda answers")
    }

    /// What `parse-mail` made of a mail, as its log says: `accepted`, `refused`, `ignored_...`.
    ///
    /// # Panics
    /// When it says nothing in time.
    #[must_use]
    pub fn taken(&self, message_id: &str) -> String {
        let function = self.output("ParseMailFunction");
        wait_for(&format!("{message_id} is taken in"), || {
            let lines = self.log_lines(function, message_id);
            let mut records = lines
                .iter()
                .filter_map(|line| serde_json::from_str::<Value>(line).ok());
            records.find_map(|record| record["fields"]["taken"].as_str().map(str::to_owned))
        })
    }

    /// Lines with this text that a function has logged since these tests began.
    ///
    /// # Panics
    /// When the logs do not answer.
    #[must_use]
    pub fn log_lines(&self, function: &str, text_in_line: &str) -> Vec<String> {
        let mut lines = Vec::new();
        let mut question = json!({
            "logGroupName": format!("/aws/lambda/{function}"),
            "startTime": self.started_at_milliseconds,
        });
        loop {
            let answer = self.ask("logs", "Logs_20140328.FilterLogEvents", &question);
            let events = answer["events"].as_array().expect("events");
            let found = events.iter().map(|event| text(event, "message"));
            // LocalStack has no filter patterns.
            lines.extend(found.filter(|line| line.contains(text_in_line)));
            match answer["nextToken"].as_str() {
                Some(token) => question["nextToken"] = json!(token),
                None => return lines,
            }
        }
    }

    /// The errors that a function ended with on the way, of which nobody else hears when the event
    /// was asynchronous: those whose event has this text in it.
    ///
    /// # Panics
    /// When the local world does not answer.
    #[must_use]
    pub fn function_errors(&self, function: &str, text_in_event: &str) -> Vec<Value> {
        let errors = self.document(&format!("/_akashi/functions/{function}/errors"));
        let errors = errors.as_array().expect("errors").iter();
        let is_meant = |error: &&Value| text(error, "event").contains(text_in_event);
        errors.filter(is_meant).cloned().collect()
    }

    /// Starts the workflow of a dispatch again, under another name and with less patience, and
    /// ends the one that waits.
    ///
    /// # Panics
    /// When Step Functions refuses.
    pub fn restart_workflow(&self, dispatch_id: &str, timeout_seconds: u64) {
        let machine = self.output("WorkflowArn");
        let execution = machine.replace(":stateMachine:", ":execution:");
        let question = json!({ "executionArn": format!("{execution}:{dispatch_id}") });
        let _ = self.ask("states", "AWSStepFunctions.StopExecution", &question);
        let input = json!({
            "dispatch_id": dispatch_id,
            "begin": "send",
            "timeout_seconds": timeout_seconds,
        });
        let question = json!({
            "stateMachineArn": machine,
            "name": format!("{dispatch_id}-again"),
            "input": input.to_string(),
        });
        let _ = self.ask("states", "AWSStepFunctions.StartExecution", &question);
    }

    /// The state of the workflow of a dispatch, e.g. `SUCCEEDED`.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn workflow_status(&self, dispatch_id: &str) -> String {
        let machine = self.output("WorkflowArn");
        let execution = machine.replace(":stateMachine:", ":execution:");
        let question = json!({ "executionArn": format!("{execution}:{dispatch_id}") });
        let answer = self.ask("states", "AWSStepFunctions.DescribeExecution", &question);
        text(&answer, "status")
    }

    /// The ids of the dispatches whose workflows are in a state, e.g. `RUNNING`: everybody's.
    ///
    /// # Panics
    /// When Step Functions does not answer.
    #[must_use]
    pub fn dispatches_that_are(&self, status: &str) -> BTreeSet<String> {
        let mut question = json!({
            "stateMachineArn": self.output("WorkflowArn"),
            "statusFilter": status,
            "maxResults": 1_000,
        });
        let mut names = BTreeSet::new();
        loop {
            let answer = self.ask("states", "AWSStepFunctions.ListExecutions", &question);
            let executions = answer["executions"].as_array().expect("executions");
            names.extend(executions.iter().map(|execution| text(execution, "name")));
            match answer["nextToken"].as_str() {
                Some(token) => question["nextToken"] = json!(token),
                None => return names,
            }
        }
    }

    /// Waits for the end of a contract's workflow; how many state transitions AWS bills for it at
    /// the most: each state that was entered, each retry, the start and the end.
    ///
    /// # Panics
    /// When it does not end, or not well.
    #[must_use]
    pub fn contract_transitions(&self, dispatch_id: &str) -> usize {
        let machine = self.output("WorkflowArn");
        let execution = machine.replace(":stateMachine:", ":execution:");
        let question = json!({ "executionArn": format!("{execution}:{dispatch_id}") });
        wait_for(&format!("the workflow of {dispatch_id} ends"), || {
            let target = "AWSStepFunctions.DescribeExecution";
            let status = text(&self.ask("states", target, &question), "status");
            assert!(
                ["RUNNING", "SUCCEEDED"].contains(&status.as_str()),
                "{dispatch_id}: {status}"
            );
            (status == "SUCCEEDED").then_some(())
        });
        let mut question = question;
        let mut kinds = Vec::new();
        loop {
            let target = "AWSStepFunctions.GetExecutionHistory";
            let answer = self.ask("states", target, &question);
            let events = answer["events"].as_array().expect("events");
            kinds.extend(events.iter().map(|event| text(event, "type")));
            match answer["nextToken"].as_str() {
                Some(token) => question["nextToken"] = json!(token),
                None => break,
            }
        }
        let count = |is: fn(&str) -> bool| kinds.iter().filter(|kind| is(kind)).count();
        let entered = count(|kind| kind.ends_with("StateEntered"));
        let tries = count(|kind| kind == "TaskScheduled");
        let retries = tries - count(|kind| kind == "TaskStateEntered");
        assert!(entered > 0 && tries > 0, "{kinds:?}");
        entered + retries + 2
    }

    /// Changes what the table knows of an account, past all rules.
    ///
    /// # Panics
    /// When DynamoDB refuses.
    pub fn change_account(&self, account: &str, expression: &str, values: &Value) {
        let question = json!({
            "TableName": self.output("AccountsTable"),
            "Key": { "account_id": { "S": account } },
            "UpdateExpression": expression,
            "ExpressionAttributeValues": values,
        });
        let _ = self.ask("dynamodb", "DynamoDB_20120810.UpdateItem", &question);
    }

    /// Changes what the table knows of a dispatch, past all rules.
    ///
    /// # Panics
    /// When DynamoDB refuses.
    pub fn change_dispatch(&self, dispatch_id: &str, expression: &str, values: &Value) {
        let mut question = json!({
            "TableName": self.output("DispatchesTable"),
            "Key": { "pk": { "S": format!("DISPATCH#{dispatch_id}") }, "sk": { "S": "DISPATCH" } },
            "UpdateExpression": expression,
        });
        // DynamoDB takes no empty list.
        if !values.is_null() {
            question["ExpressionAttributeValues"] = values.clone();
        }
        let _ = self.ask("dynamodb", "DynamoDB_20120810.UpdateItem", &question);
    }

    /// Puts a message into a queue, by the stack's output that has its address.
    ///
    /// # Panics
    /// When SQS refuses.
    pub fn put_letter(&self, queue: &str, body: &str) {
        let question = json!({ "QueueUrl": self.output(queue), "MessageBody": body });
        let _ = self.ask("sqs", "AmazonSQS.SendMessage", &question);
    }

    /// How many messages wait in a queue, those that somebody reads included: what its alarm
    /// counts.
    ///
    /// # Panics
    /// When SQS does not answer.
    #[must_use]
    pub fn letters_in(&self, queue: &str) -> usize {
        let names = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
        ];
        let question = json!({ "QueueUrl": self.output(queue), "AttributeNames": names });
        let answer = self.ask("sqs", "AmazonSQS.GetQueueAttributes", &question);
        let count = |name: &str| text(&answer["Attributes"], name).parse::<usize>();
        names.iter().filter_map(|name| count(name).ok()).sum()
    }

    /// Takes all messages out of a queue.
    ///
    /// # Panics
    /// When SQS refuses.
    pub fn empty(&self, queue: &str) {
        let question = json!({ "QueueUrl": self.output(queue) });
        let _ = self.ask("sqs", "AmazonSQS.PurgeQueue", &question);
    }

    /// A question in one of AWS's JSON protocols.
    pub(crate) fn ask(&self, service: &str, target: &str, question: &Value) -> Value {
        let request = self.http.post(&self.gateway);
        let request = request
            .header("Authorization", authorization(service))
            .header("Content-Type", "application/x-amz-json-1.1")
            .header("X-Amz-Target", target);
        let answer = request.send(question.to_string().as_bytes());
        let mut answer = answer.expect("AWS answers");
        let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX);
        let body = body.read_to_string().expect("an answer");
        assert_eq!(answer.status(), 200, "{target}: {body}");
        serde_json::from_str(&body).expect("JSON")
    }

    fn s3(&self, bucket: &str, key: &str) -> Answer {
        let request = self.http.get(format!("{}/{bucket}/{key}", self.gateway));
        let answer = request.header("Authorization", authorization("s3")).call();
        let mut answer = answer.expect("S3 answers");
        let retained_until = answer
            .headers()
            .get("x-amz-object-lock-retain-until-date")
            .map(|value| value.to_str().expect("a date").to_owned());
        let status = answer.status().as_u16();
        let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX);
        Answer {
            status,
            retained_until,
            body: body.read_to_vec().expect("an answer"),
        }
    }
}

/// Names the service that is meant; nothing is signed.
fn authorization(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/ap-northeast-1/{service}/aws4_request, \
         SignedHeaders=host, Signature=none"
    )
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}
