//! SQS: what waits for a person.

use std::time::Duration;

use aws_config::SdkConfig;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use workflow::operator::ports::{Letter, Letters, Queue};
use workflow::ports::PortResult;

use crate::fault::permanent;
use crate::signed_http::{Request, SignedHttp};

const RECEIVING: &str = "reading a queue";
const DELETING: &str = "deleting a message of a queue";
const RELEASING: &str = "giving a message back to its queue";

/// Most messages of one answer:
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html>
const MESSAGES_MAX: usize = 10;

/// How long a message that was read is hidden from others, in seconds, unless it is given back: the
/// time that a reader has to deal with what it read.
const HIDDEN_SECONDS: u32 = 300;

/// How long a question waits for messages, in seconds. Without any wait, SQS asks only some of its
/// servers, and messages are missed.
const WAIT_SECONDS: u32 = 1;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The addresses of the queues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueUrls {
    /// Of parked dispatches.
    pub parked_dispatches: String,
    /// Of failed mails.
    pub failed_mails: String,
    /// Of failed events.
    pub failed_events: String,
    /// Of failed looks at unused accounts.
    pub failed_expirations: String,
    /// Of failed renewals.
    pub failed_renewals: String,
}

/// The queues of the stack.
#[derive(Debug, Clone)]
pub struct Queues {
    http: SignedHttp,
    urls: QueueUrls,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Received {
    #[serde(default)]
    messages: Vec<Message>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    message_id: String,
    receipt_handle: String,
    body: String,
    attributes: Attributes,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attributes {
    sent_timestamp: String,
}

impl Queues {
    /// The queues at these addresses.
    #[must_use]
    pub fn new(config: &SdkConfig, urls: QueueUrls) -> Self {
        let http = SignedHttp::new(config);
        Self { http, urls }
    }

    fn url(&self, queue: Queue) -> &str {
        match queue {
            Queue::ParkedDispatches => &self.urls.parked_dispatches,
            Queue::FailedMails => &self.urls.failed_mails,
            Queue::FailedEvents => &self.urls.failed_events,
            Queue::FailedExpirations => &self.urls.failed_expirations,
            Queue::FailedRenewals => &self.urls.failed_renewals,
        }
    }

    async fn ask(
        &self,
        operation: &'static str,
        action: &str,
        question: &Value,
    ) -> PortResult<Vec<u8>> {
        let target = format!("AmazonSQS.{action}");
        let request = Request {
            operation,
            service: "sqs",
            host: "sqs",
            method: "POST",
            path: "/",
            headers: &[
                ("content-type", "application/x-amz-json-1.0"),
                ("x-amz-target", &target),
            ],
            body: question.to_string().into_bytes(),
            patience: PATIENCE,
        };
        Ok(self.http.send(request).await?.body)
    }
}

impl Letters for Queues {
    async fn receive_letters(&self, queue: Queue) -> PortResult<Vec<Letter>> {
        let question = json!({
            "QueueUrl": self.url(queue),
            "MaxNumberOfMessages": MESSAGES_MAX,
            "VisibilityTimeout": HIDDEN_SECONDS,
            "WaitTimeSeconds": WAIT_SECONDS,
            "MessageSystemAttributeNames": ["SentTimestamp"],
        });
        let mut letters: Vec<Letter> = Vec::new();
        loop {
            let answer = self.ask(RECEIVING, "ReceiveMessage", &question).await?;
            let received: Received = serde_json::from_slice(&answer)
                .map_err(|error| permanent(RECEIVING, error.to_string()))?;
            if received.messages.is_empty() {
                break;
            }
            for message in received.messages {
                let letter = letter_of(queue, message)?;
                // A queue may give a message twice; its newest receipt counts.
                letters.retain(|known| known.id != letter.id);
                letters.push(letter);
            }
        }
        letters.sort_by(|one, other| (one.sent_at, &one.id).cmp(&(other.sent_at, &other.id)));
        Ok(letters)
    }

    async fn delete_letter(&self, letter: &Letter) -> PortResult<()> {
        let question = json!({
            "QueueUrl": self.url(letter.queue),
            "ReceiptHandle": letter.receipt,
        });
        let deleted = self.ask(DELETING, "DeleteMessage", &question).await;
        deleted.map(|_| ())
    }

    async fn release_letter(&self, letter: &Letter) -> PortResult<()> {
        let question = json!({
            "QueueUrl": self.url(letter.queue),
            "ReceiptHandle": letter.receipt,
            "VisibilityTimeout": 0,
        });
        let released = self.ask(RELEASING, "ChangeMessageVisibility", &question);
        released.await.map(|_| ())
    }
}

fn letter_of(queue: Queue, message: Message) -> PortResult<Letter> {
    let milliseconds = message.attributes.sent_timestamp.parse().ok();
    let sent_at = milliseconds.and_then(|at| Timestamp::from_millisecond(at).ok());
    Ok(Letter {
        queue,
        id: message.message_id,
        receipt: message.receipt_handle,
        sent_at: sent_at.ok_or_else(|| permanent(RECEIVING, "a message has no time"))?,
        body: message.body,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signed_http::testing::scripted;

    fn message(id: &str, receipt: &str) -> Value {
        json!({
            "MessageId": id,
            "ReceiptHandle": receipt,
            "Body": "{}",
            "Attributes": { "SentTimestamp": "1767571200123" },
        })
    }

    async fn queues(answers: Vec<Value>) -> (Queues, tokio::task::JoinHandle<Vec<String>>) {
        let answers = answers.into_iter().map(|body| (200, body.to_string()));
        let (config, served) = scripted(answers.collect()).await;
        let urls = QueueUrls {
            parked_dispatches: "https://sqs.example/parked".to_owned(),
            failed_mails: "https://sqs.example/mails".to_owned(),
            failed_events: "https://sqs.example/events".to_owned(),
            failed_expirations: "https://sqs.example/expirations".to_owned(),
            failed_renewals: "https://sqs.example/renewals".to_owned(),
        };
        (Queues::new(&config, urls), served)
    }

    #[tokio::test]
    async fn a_queue_is_read_until_it_is_empty_and_each_message_once() {
        let (queues, served) = queues(vec![
            json!({ "Messages": [message("b", "1"), message("a", "2")] }),
            json!({ "Messages": [message("b", "3")] }),
            json!({}),
        ])
        .await;
        let letters = queues.receive_letters(Queue::FailedMails).await.unwrap();
        let read: Vec<(&str, &str)> = letters
            .iter()
            .map(|letter| (letter.id.as_str(), letter.receipt.as_str()))
            .collect();
        assert_eq!(read, [("a", "2"), ("b", "3")]);
        let requests = served.await.unwrap();
        for request in &requests {
            assert!(request.contains("https://sqs.example/mails"), "{request}");
            let head = request.to_ascii_lowercase();
            assert!(
                head.contains("x-amz-target: amazonsqs.receivemessage"),
                "{request}"
            );
            let signed = "signedheaders=content-type;host;x-amz-date;x-amz-target";
            assert!(
                head.contains("/ap-northeast-1/sqs/aws4_request"),
                "{request}"
            );
            assert!(head.contains(signed), "{request}");
        }
    }

    #[tokio::test]
    async fn a_message_is_deleted_or_given_back_by_its_receipt() {
        let (queues, served) = queues(vec![json!({}), json!({})]).await;
        let letter = Letter {
            queue: Queue::ParkedDispatches,
            id: "a".to_owned(),
            receipt: "receipt-1".to_owned(),
            sent_at: Timestamp::UNIX_EPOCH,
            body: String::new(),
        };
        queues.delete_letter(&letter).await.unwrap();
        queues.release_letter(&letter).await.unwrap();
        let requests = served.await.unwrap();
        assert!(requests[0].contains("AmazonSQS.DeleteMessage"));
        assert!(requests[1].contains("\"VisibilityTimeout\":0"));
        assert!(requests.iter().all(|request| request.contains("receipt-1")));
    }
}
