//! `akashi failed`: calls that Lambda gave up on, and messages that SNS and EventBridge could not
//! deliver. Each is made again with the event of back then, which every function takes twice, and
//! leaves its queue only when the function has done its work.

use serde_json::{Value, json};

use crate::operator::ports::{CallEnd, CallFunction, Callee, Letter, Letters, Queue};
use crate::ports::PortResult;

/// A call that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedCall {
    /// Where it waits.
    pub letter: Letter,
    /// Which function was called.
    pub function: Callee,
    /// What it said at last, if it was called at all.
    pub error: Option<String>,
    /// What the call was about, without anything that a person wrote.
    pub about: String,
    event: Value,
}

/// What waits in the queues of failed calls.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FailedCalls {
    /// Those that can be made again, queue by queue, the oldest first.
    pub calls: Vec<FailedCall>,
    /// Letters that hold no event; they stay until they are 14 days old.
    pub unreadable: Vec<Letter>,
}

/// Which calls to make again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// All.
    All,
    /// The one whose letter has this id.
    One(String),
}

/// The command with its ports.
#[derive(Debug)]
pub struct Redrive<Queues, Functions> {
    /// Where failed calls wait.
    pub letters: Queues,
    /// Makes them again.
    pub functions: Functions,
}

impl FailedCall {
    /// Reads a letter of one of [`Queue::OF_CALLS`]. Three senders write to them:
    ///
    /// - Lambda, when all tries of an asynchronous call failed: a record with `requestPayload` and
    ///   `responsePayload`
    ///   (<https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>);
    /// - SNS, when the function could not be called: the notification that it would have put into
    ///   the event (<https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html>);
    /// - EventBridge, likewise: the event itself
    ///   (<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html>).
    ///
    /// # Errors
    /// Returns the letter when it holds no event. Lambda leaves the payload out of a record that
    /// would be too long.
    pub fn read(letter: Letter) -> Result<Self, Letter> {
        let Some(function) = Callee::of_queue(letter.queue) else {
            return Err(letter);
        };
        let Ok(body) = serde_json::from_str::<Value>(&letter.body) else {
            return Err(letter);
        };
        let is_record = body.get("requestContext").is_some();
        let event = if is_record {
            body.get("requestPayload").cloned()
        } else if body.get("Type").and_then(Value::as_str) == Some("Notification") {
            Some(notification(&body))
        } else {
            Some(body.clone())
        };
        let Some(event) = event.filter(Value::is_object) else {
            return Err(letter);
        };
        Ok(Self {
            function,
            error: error_of(&body),
            about: about(&event),
            event,
            letter,
        })
    }
}

impl<Queues, Functions> Redrive<Queues, Functions>
where
    Queues: Letters,
    Functions: CallFunction,
{
    /// What waits.
    ///
    /// # Errors
    /// When a queue fails.
    pub async fn failed(&self) -> PortResult<FailedCalls> {
        let found = self.receive().await?;
        for letter in letters_of(&found) {
            self.letters.release_letter(letter).await?;
        }
        Ok(found)
    }

    /// Makes calls again, one after the other. Returns each with how it ended.
    ///
    /// # Errors
    /// When a queue fails, or a function cannot be called.
    pub async fn run(&self, which: &Which) -> PortResult<Vec<(FailedCall, CallEnd)>> {
        let found = self.receive().await?;
        let is_wanted = |letter: &Letter| match which {
            Which::All => true,
            Which::One(id) => letter.id == *id,
        };
        let mut ended = Vec::new();
        let (mut wanted, mut others) = (Vec::new(), found.unreadable);
        for call in found.calls {
            if is_wanted(&call.letter) {
                wanted.push(call);
            } else {
                others.push(call.letter);
            }
        }
        for letter in &others {
            self.letters.release_letter(letter).await?;
        }
        for call in wanted {
            let end = self
                .functions
                .call_function(call.function, &call.event)
                .await;
            match &end {
                Ok(CallEnd::Done) => self.letters.delete_letter(&call.letter).await?,
                Ok(CallEnd::Failed { .. }) | Err(_) => {
                    self.letters.release_letter(&call.letter).await?;
                }
            }
            ended.push((call, end?));
        }
        Ok(ended)
    }

    async fn receive(&self) -> PortResult<FailedCalls> {
        let mut found = FailedCalls::default();
        for queue in Queue::OF_CALLS {
            for letter in self.letters.receive_letters(queue).await? {
                match FailedCall::read(letter) {
                    Ok(call) => found.calls.push(call),
                    Err(letter) => found.unreadable.push(letter),
                }
            }
        }
        Ok(found)
    }
}

fn letters_of(found: &FailedCalls) -> impl Iterator<Item = &Letter> {
    let calls = found.calls.iter().map(|call| &call.letter);
    calls.chain(&found.unreadable)
}

/// The event that Lambda gets for a notification of SNS
/// (<https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html>).
fn notification(body: &Value) -> Value {
    json!({
        "Records": [{
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "Sns": body,
        }]
    })
}

fn error_of(body: &Value) -> Option<String> {
    let text = |path: &str| body.pointer(path).and_then(Value::as_str);
    let name = text("/responsePayload/errorType").or(text("/requestContext/condition"))?;
    let message = text("/responsePayload/errorMessage");
    Some(message.map_or_else(|| name.to_owned(), |message| format!("{name}: {message}")))
}

/// Ids only: a mail's subject and addresses are nobody's business here.
fn about(event: &Value) -> String {
    let text = |path: &str| event.pointer(path).and_then(Value::as_str);
    if let Some(id) = text("/Records/0/ses/mail/messageId") {
        return format!("mail {id}");
    }
    if let Some(id) = text("/Records/0/Sns/MessageId") {
        return format!("notification {id}");
    }
    if event.get("awslogs").is_some() {
        return "delivery logs of SMS".to_owned();
    }
    if let Some(time) = text("/time") {
        return format!("schedule of {time}");
    }
    "an event of another form".to_owned()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn letter(queue: Queue, body: &Value) -> Letter {
        Letter {
            queue,
            id: "letter-1".to_owned(),
            receipt: String::new(),
            sent_at: Timestamp::UNIX_EPOCH,
            body: body.to_string(),
        }
    }

    #[test]
    fn a_record_of_lambda_holds_the_event_and_the_last_error() {
        let event = json!({ "Records": [{ "ses": { "mail": { "messageId": "abc" } } }] });
        let record = json!({
            "version": "1.0",
            "timestamp": "2026-01-05T00:00:00Z",
            "requestContext": { "condition": "RetriesExhausted", "approximateInvokeCount": 3 },
            "requestPayload": event,
            "responseContext": { "functionError": "Unhandled" },
            "responsePayload": { "errorType": "TransientFailure", "errorMessage": "no answer" },
        });
        let call = FailedCall::read(letter(Queue::FailedMails, &record)).unwrap();
        assert_eq!((call.function, call.event), (Callee::ParseMail, event));
        assert_eq!(call.about, "mail abc");
        assert_eq!(call.error.unwrap(), "TransientFailure: no answer");
        // A call that was never made, because the function was throttled for six hours.
        let mut record = record;
        record["requestContext"]["condition"] = json!("EventAgeExceeded");
        record["responsePayload"] = Value::Null;
        let call = FailedCall::read(letter(Queue::FailedMails, &record)).unwrap();
        assert_eq!(call.error.unwrap(), "EventAgeExceeded");
    }

    #[test]
    fn what_sns_could_not_deliver_becomes_the_event_that_it_would_have_been() {
        let notification = json!({
            "Type": "Notification",
            "MessageId": "m-1",
            "TopicArn": "arn:aws:sns:ap-northeast-1:000000000000:akashi-mail-events",
            "Message": "{\"eventType\":\"Delivery\"}",
            "Timestamp": "2026-01-05T00:00:00.123Z",
        });
        let call = FailedCall::read(letter(Queue::FailedEvents, &notification)).unwrap();
        assert_eq!(call.about, "notification m-1");
        let input: crate::wire::EventInput = serde_json::from_value(call.event).unwrap();
        let crate::wire::EventInput::Notification(event) = input else {
            panic!("it is a notification");
        };
        let messages: Vec<_> = event.messages().collect();
        let at = "2026-01-05T00:00:00.123Z".parse().ok();
        assert_eq!(messages, [("{\"eventType\":\"Delivery\"}", at)]);
    }

    #[test]
    fn what_eventbridge_could_not_deliver_is_the_event_itself() {
        let event = json!({ "source": "aws.events", "time": "2026-01-05T00:00:00Z" });
        let call = FailedCall::read(letter(Queue::FailedExpirations, &event)).unwrap();
        assert_eq!(
            (call.function, &call.event),
            (Callee::ExpireAccounts, &event)
        );
        assert_eq!(
            (call.about.as_str(), call.error),
            ("schedule of 2026-01-05T00:00:00Z", None)
        );
    }

    #[test]
    fn a_letter_without_an_event_is_given_back() {
        let without_payload = json!({ "requestContext": {}, "responsePayload": {} });
        for body in [without_payload, json!([]), json!("text")] {
            assert!(
                FailedCall::read(letter(Queue::FailedEvents, &body)).is_err(),
                "{body}"
            );
        }
        let parked = letter(Queue::ParkedDispatches, &json!({}));
        assert!(FailedCall::read(parked).is_err());
    }
}
