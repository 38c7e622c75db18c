//! SES and Lambda deliver at least once, and sometimes too early.

use localstack::{Sender, wait_for};
use serde_json::{Value, json};
use tests::customer::{Letter, SERVICE_ADDRESS};

/// The event with which SES calls `parse-mail`, as AWS documents it, for this mail.
pub(crate) fn receipt_event(sender: &Sender, message_id: &str) -> Value {
    let file = sender.world.root().join("events/ses-receipt.json");
    let text = std::fs::read_to_string(file).expect("the recorded event");
    let mut event: Value = serde_json::from_str(&text).expect("JSON");
    let ses = &mut event["Records"][0]["ses"];
    ses["mail"]["messageId"] = json!(message_id);
    ses["mail"]["source"] = json!(sender.address());
    ses["receipt"]["recipients"] = json!([SERVICE_ADDRESS]);
    event
}

/// A mail that is in the bucket, and that nobody was told of; of the time of the recorded event.
fn stored(sender: &Sender, letter: &Letter) -> String {
    let letter = letter
        .clone()
        .field("Date", "Mon, 05 Jan 2026 09:00:00 +0900");
    let id = format!("test{}", sender.account().to_lowercase());
    let bucket = sender.world.output("InboundBucket");
    let key = format!("raw/{id}");
    sender
        .world
        .put_object_as_ses(bucket, &key, &letter.as_sent());
    id
}

#[test]
fn the_same_event_again_changes_nothing() {
    let sender = Sender::with_points(3);
    let recipient = sender.recipient("hanako");
    let dispatch = sender.sent_to(&recipient);
    let (id, _) = dispatch.dispatch_id.rsplit_once('-').expect("two parts");
    let _ = sender.notices(1);
    let before = (sender.dispatches(), sender.points());

    let function = sender.world.output("ParseMailFunction");
    let again = sender.world.invoke(function, &receipt_event(&sender, id));
    assert_eq!(again.error, None, "{}", again.payload);
    assert_eq!((sender.dispatches(), sender.points()), before);
    assert_eq!(sender.mailbox(&recipient).len(), 1);
    assert_eq!(sender.notices(1).len(), 1);
}

#[test]
fn ten_times_the_same_event_at_once_is_one_mail() {
    let sender = Sender::with_points(3);
    let recipient = sender.recipient("hanako");
    let id = stored(&sender, &sender.letter(&[&recipient]));
    let event = receipt_event(&sender, &id);
    let function = sender.world.output("ParseMailFunction");
    std::thread::scope(|scope| {
        for _ in 0..10 {
            scope.spawn(|| {
                // Lambda would try a transient failure again.
                wait_for("the event is taken", || {
                    let invocation = sender.world.invoke(function, &event);
                    let error = invocation.error.as_deref();
                    assert!(
                        matches!(error, None | Some("TransientFailure")),
                        "{invocation:?}"
                    );
                    error.is_none().then_some(())
                });
            });
        }
    });
    let dispatches = sender.ended_dispatches(1);
    assert_eq!(dispatches[0].outcome.as_deref(), Some("relayed"));
    assert_eq!(sender.points(), (2, 0));
    assert_eq!(sender.mailbox(&recipient).len(), 1);
}

#[test]
fn an_event_before_its_object_fails_for_now_and_loses_nothing() {
    let sender = Sender::with_points(1);
    let recipient = sender.recipient("hanako");
    let letter = sender.letter(&[&recipient]);
    let id = stored(&sender, &letter);
    let bucket = sender.world.output("InboundBucket");
    sender.world.delete_object(bucket, &format!("raw/{id}"));
    let event = receipt_event(&sender, &id);
    let function = sender.world.output("ParseMailFunction");
    let early = sender.world.invoke(function, &event);
    assert_eq!(early.error.as_deref(), Some("TransientFailure"));
    assert!(sender.dispatches().is_empty());
    assert_eq!(sender.points(), (1, 0));

    let _ = stored(&sender, &letter);
    assert_eq!(sender.world.invoke(function, &event).error, None);
    assert_eq!(
        sender.ended_dispatches(1)[0].outcome.as_deref(),
        Some("relayed")
    );
}
