//! What the tables make of the answers of DynamoDB that its emulators do not give.

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Builder, Credentials, Region};
use domain::{
    AnswerToken, Attempt, Channel, ChargeState, Dispatch, Event, EventId, EventKind, EventSource,
    Granting, Leg, NoticeState, Origin, Outcome, Points, Product, Progress, Recipient, Settled,
    Sha256Digest, ThreadKey,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use workflow::ports::{
    Acceptance, AcceptanceResult, Change, Commit, CommitChange, Delivered, DeliveredSms,
    FindAccount, FindByMessage, FindByToken, GrantPoints, KeepCopies, LapseStore, ListOffers,
    LoadDispatch, NewDispatch, Party, Plan, PortError, ReadBalance, RecordIntake, StoredDispatch,
    StoredIntake, UnfoldIntake,
};

use super::authentication::tests::evidence;
use super::intake::tests::terms;
use super::item::testing::wire_of;
use super::*;
use crate::scripted::serve;

fn now() -> Timestamp {
    "2026-01-05T00:00:00Z".parse().unwrap()
}

async fn tables(answers: Vec<(u16, Value)>) -> (Tables, JoinHandle<Vec<String>>) {
    let answers = answers
        .into_iter()
        .map(|(status, body)| (status, body.to_string()))
        .collect();
    let (url, served) = serve(answers).await;
    let config = Builder::new()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .endpoint_url(url)
        .credentials_provider(Credentials::for_tests())
        .retry_config(RetryConfig::disabled())
        .build();
    let names = TableNames {
        accounts: Some("accounts".to_owned()),
        points: Some("points".to_owned()),
        dispatches: Some("dispatches".to_owned()),
        access: Some("access".to_owned()),
        ..TableNames::default()
    };
    (Tables::new(Client::from_conf(config), names), served)
}

fn refused(exception: &str) -> (u16, Value) {
    (
        400,
        json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{exception}")}),
    )
}

fn canceled(codes: &[&str]) -> (u16, Value) {
    let (status, mut body) = refused("TransactionCanceledException");
    body["CancellationReasons"] = codes.iter().map(|code| json!({"Code": code})).collect();
    (status, body)
}

fn done() -> (u16, Value) {
    (200, json!({}))
}

fn body_of(request: &str) -> Value {
    serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap()
}

const NONE: &str = "None";
const CONDITION: &str = "ConditionalCheckFailed";
const CONFLICT: &str = "TransactionConflict";

fn origin() -> Origin {
    Origin::Mail {
        inbound: "abc".parse().unwrap(),
        sender: "taro@example.jp".parse().unwrap(),
    }
}

fn acceptance() -> Acceptance {
    Acceptance {
        submission: "abc".parse().unwrap(),
        origin: origin(),
        account: "K7Q2".parse().unwrap(),
        dispatches: vec![NewDispatch {
            recipient: Recipient::Mail("hanako@example.jp".parse().unwrap()),
            product: Product::Mail,
            thread: ThreadKey::new(1),
        }],
        price_each: Points::new(1),
        accepted_at: now(),
        at_once_max: 1,
        subject: String::new(),
        authentication: evidence(),
        terms: terms(),
        marks: Vec::new(),
        is_told: false,
        summary: None,
    }
}

#[tokio::test]
async fn an_acceptance_that_meets_another_takes_the_serial_after_it_p_071() {
    for lost in [
        [NONE, CONDITION, NONE, NONE, NONE, NONE],
        [NONE, CONFLICT, NONE, NONE, NONE, NONE],
        [NONE, NONE, CONFLICT, NONE, NONE, NONE],
        [NONE, NONE, NONE, CONFLICT, NONE, NONE],
    ] {
        let counter = (200, json!({"Item": {"last": {"N": "5"}}}));
        let (tables, served) = tables(vec![done(), canceled(&lost), counter, done()]).await;
        let result = tables.record_acceptance(&acceptance()).await.unwrap();
        assert!(matches!(result, AcceptanceResult::Written(_)), "{lost:?}");
        let requests = served.await.unwrap();
        let (first, second) = (body_of(&requests[1]), body_of(&requests[3]));
        assert!(first.to_string().contains("K7Q2-000001"));
        assert!(second.to_string().contains("K7Q2-000006"));
        // Another content needs another token, or DynamoDB would refuse it.
        assert_ne!(first["ClientRequestToken"], second["ClientRequestToken"]);
    }
}

#[tokio::test]
async fn a_mail_that_came_before_gets_the_same_answer() {
    let known = (
        200,
        json!({"Item": {
            "decision": {"S": "accepted"},
            "recipients": {"N": "1"},
            "unfolding": {"S": "at_once"},
            "subject": {"S": "the first time"},
            "authentication": {"S": authentication::to_json(&evidence())},
            "terms": {"M": {
                "company": {"S": "株式会社テスト"},
                "contact": {"S": "山田 太郎"},
                "mail": {"S": "somu@example.jp"},
                "zone": {"S": "Asia/Tokyo"},
                "language": {"S": "en"},
                "rules_version": {"S": "2026-10"},
                "price_table_version": {"S": "2026-09"},
            }},
        }}),
    );
    let all = [CONDITION; 6];
    let (tables, _served) = tables(vec![done(), canceled(&all), known]).await;
    let result = tables.record_acceptance(&acceptance()).await.unwrap();
    let AcceptanceResult::Written(StoredIntake::Accepted { subject, .. }) = result else {
        panic!("{result:?}");
    };
    assert_eq!(subject, "the first time");
}

#[tokio::test]
async fn points_that_went_elsewhere_are_told_and_a_contradiction_is_permanent() {
    let gone = [NONE, NONE, CONDITION, NONE, NONE, NONE];
    let (poor, _served) = tables(vec![done(), canceled(&gone)]).await;
    let result = poor.record_acceptance(&acceptance()).await.unwrap();
    assert_eq!(result, AcceptanceResult::PointsGone);
    let contradiction = [NONE, NONE, NONE, NONE, CONDITION, NONE];
    let (broken, _served) = tables(vec![done(), canceled(&contradiction)]).await;
    let result = broken.record_acceptance(&acceptance()).await;
    assert!(
        matches!(result, Err(PortError::Permanent { .. })),
        "{result:?}"
    );
}

/// A plan of two dispatches in one batch, which are written behind their charges.
fn planned() -> Plan {
    let mut acceptance = acceptance();
    let another = acceptance.dispatches.clone();
    acceptance.dispatches.extend(another);
    acceptance.at_once_max = 2;
    acceptance.plan_after(0)
}

/// A dispatch as `GetItem` answers it.
fn found(dispatch: Dispatch) -> (u16, Value) {
    let item = dispatch_item::dispatch_to_item(&StoredDispatch::accepted(dispatch));
    (200, json!({ "Item": wire_of(&item) }))
}

#[tokio::test]
async fn of_a_batch_that_was_written_in_part_the_rest_is_written_i_061() {
    let plan = planned();
    let dispatches = plan.dispatches();
    let [first, second] = dispatches.as_slice() else {
        panic!("two");
    };
    // Of the draw, two charges and two dispatches those of the first one are there.
    let known = [NONE, CONDITION, NONE, CONDITION, NONE];
    let answers = vec![canceled(&known), found(first.clone()), done(), done()];
    let (tables, served) = tables(answers).await;
    tables.unfold(&plan, &dispatches).await.unwrap();
    let requests = served.await.unwrap();
    let written = body_of(&requests[3]).to_string();
    assert!(written.contains(second.id.as_str()), "{written}");
    assert!(!written.contains(first.id.as_str()), "{written}");
}

#[tokio::test]
async fn unfolding_waits_for_others_and_tells_a_contradiction() {
    let plan = planned();
    let others = [CONFLICT, NONE, NONE, NONE, NONE];
    let (busy, served) = tables(vec![canceled(&others), done()]).await;
    busy.unfold(&plan, &plan.dispatches()).await.unwrap();
    assert_eq!(served.await.unwrap().len(), 2);
    // So much is not held for the submission any more, and none of the dispatches is there.
    let gone = [CONDITION, NONE, NONE, NONE, NONE];
    let (broken, _served) = tables(vec![canceled(&gone), done(), done()]).await;
    let result = broken.unfold(&plan, &plan.dispatches()).await;
    assert!(
        matches!(result, Err(PortError::Permanent { .. })),
        "{result:?}"
    );
}

fn stored_account(status: &str, last_used_at: &str) -> (u16, Value) {
    let mut item = json!({
        "account_id": {"S": "K7Q2"},
        "company": {"S": "証株式会社"},
        "contact": {"S": "山田太郎"},
        "mail": {"S": "office@example.jp"},
        "status": {"S": status},
        "certificates_by_mail": {"BOOL": true},
        "zone": {"S": "Asia/Tokyo"},
        "last_used_at": {"S": last_used_at},
    });
    if status == "lapsed" {
        item["lapsed_at"] = json!({"S": last_used_at});
    }
    (200, json!({ "Item": item }))
}

const NOT_USED: [&str; 6] = [NONE, NONE, NONE, CONDITION, NONE, NONE];

#[tokio::test]
async fn a_use_never_takes_back_a_later_one_i_046() {
    let later = stored_account("active", "2026-01-05T00:00:00.000000001Z");
    let answers = vec![done(), canceled(&NOT_USED), later, done(), done()];
    let (tables, served) = tables(answers).await;
    let result = tables.record_acceptance(&acceptance()).await.unwrap();
    assert!(matches!(result, AcceptanceResult::Written(_)), "{result:?}");
    let requests = served.await.unwrap();
    let expression = |request: &str| {
        body_of(request)["TransactItems"][3]["Update"]["UpdateExpression"].to_string()
    };
    assert!(expression(&requests[1]).contains("REMOVE #lapse_warning"));
    assert!(!expression(&requests[4]).contains("REMOVE"));
}

#[tokio::test]
async fn a_closed_account_takes_neither_mails_nor_points_i_046() {
    let lapsed = || stored_account("lapsed", "2026-01-05T00:00:00.000000000Z");
    let (closed, _served) = tables(vec![done(), canceled(&NOT_USED), lapsed()]).await;
    let result = closed.record_acceptance(&acceptance()).await.unwrap();
    assert_eq!(result, AcceptanceResult::PointsGone);
    for (account, expected) in [
        (lapsed(), Granting::AccountLapsed),
        (done(), Granting::NoAccount),
    ] {
        let refused = canceled(&[NONE, NONE, CONDITION]);
        let (tables, _served) = tables(vec![refused, account]).await;
        let (id, reference) = ("K7Q2".parse().unwrap(), "invoice".parse().unwrap());
        let granting = tables.grant_points(&id, Points::new(1), &reference, now());
        assert_eq!(granting.await.unwrap(), expected);
    }
}

#[tokio::test]
async fn an_account_that_changed_meanwhile_does_not_lapse_i_046() {
    let account = (200, json!({}));
    for reasons in [
        [CONDITION, NONE, NONE],
        [NONE, CONDITION, NONE],
        [CONFLICT, NONE, NONE],
    ] {
        let found = stored_account("active", "2020-01-05T00:00:00.000000000Z");
        let answers = vec![found, account.clone(), canceled(&reasons)];
        let (tables, _served) = tables(answers).await;
        let id = "K7Q2".parse().unwrap();
        // One after the other: the scripted answers have an order.
        let seen = tables.find_account(&id).await.unwrap().unwrap();
        let balance = tables.balance(&id).await.unwrap();
        let lapsed = tables.lapse_account(&seen, balance.available, now());
        assert!(!lapsed.await.unwrap(), "{reasons:?}");
    }
}

fn dispatch() -> Dispatch {
    Dispatch {
        id: "abc-01".parse().unwrap(),
        serial: "K7Q2-000001".parse().unwrap(),
        product: Product::Mail,
        submission: "abc".parse().unwrap(),
        origin: origin(),
        recipient: Recipient::Mail("hanako@example.jp".parse().unwrap()),
        accepted_at: now(),
        price: Points::new(1),
        thread: ThreadKey::new(1),
    }
}

fn settlement() -> Change {
    Change {
        expected_version: 3,
        progress: Progress {
            mail: Leg {
                attempt: Attempt::Underway { since: now() },
                fate: None,
            },
            sms: Leg::default(),
            settled: Some(Settled {
                outcome: Outcome::Relayed,
                at: now(),
            }),
            answers_taken: 0,
        },
        event: Some(Event {
            id: EventId::new(Sha256Digest::new([7; 32])),
            kind: EventKind::DeadlinePassed,
            source: EventSource::Akashi,
            at: now(),
            recorded_at: now(),
            is_supplementary: false,
            verbatim: None,
        }),
        charge: Some(ChargeState::Posted),
        delivered: None,
    }
}

#[tokio::test]
async fn a_canceled_change_is_known_or_stale() {
    for (state, charge, balance, event, expected) in [
        (NONE, NONE, NONE, CONDITION, Commit::KnownEvent),
        (CONDITION, CONDITION, NONE, CONDITION, Commit::KnownEvent),
        (CONDITION, NONE, NONE, NONE, Commit::Stale),
        (CONDITION, CONDITION, NONE, NONE, Commit::Stale),
        (CONFLICT, NONE, NONE, NONE, Commit::Stale),
        (NONE, NONE, CONFLICT, NONE, Commit::Stale),
    ] {
        let reasons = [state, charge, balance, event];
        let (tables, _served) = tables(vec![canceled(&reasons)]).await;
        let commit = tables.commit(&dispatch(), &settlement()).await.unwrap();
        assert_eq!(commit, expected, "{reasons:?}");
    }
}

#[tokio::test]
async fn a_charge_that_contradicts_its_dispatch_is_permanent() {
    for reasons in [[NONE, CONDITION, NONE, NONE], [NONE, NONE, CONDITION, NONE]] {
        let (tables, _served) = tables(vec![canceled(&reasons)]).await;
        let result = tables.commit(&dispatch(), &settlement()).await;
        assert!(
            matches!(result, Err(PortError::Permanent { .. })),
            "{reasons:?} {result:?}"
        );
    }
}

#[tokio::test]
async fn a_change_of_state_alone_is_no_transaction() {
    let change = Change {
        event: None,
        charge: None,
        ..settlement()
    };
    for (answer, expected) in [
        (done(), Commit::Written),
        (refused("ConditionalCheckFailedException"), Commit::Stale),
        (refused("TransactionConflictException"), Commit::Stale),
    ] {
        let (tables, served) = tables(vec![answer]).await;
        assert_eq!(tables.commit(&dispatch(), &change).await.unwrap(), expected);
        assert!(served.await.unwrap()[0].contains("UpdateItem"));
    }
}

#[tokio::test]
async fn a_single_write_waits_until_a_transaction_is_over() {
    let id = dispatch().id;
    let (from, to) = (NoticeState::Pending, NoticeState::Attempted { at: now() });
    let conflict = || refused("TransactionConflictException");
    let (free, _served) = tables(vec![conflict(), conflict(), done()]).await;
    let moved = free.move_copy(&id, Party::Sender, &from, &to).await;
    assert!(moved.unwrap());
    let taken = refused("ConditionalCheckFailedException");
    let (taken, _served) = tables(vec![conflict(), taken]).await;
    let moved = taken.move_copy(&id, Party::Sender, &from, &to).await;
    assert!(!moved.unwrap());
}

#[tokio::test]
async fn throttling_is_transient_and_a_table_that_is_not_named_is_permanent() {
    let (throttled, _served) = tables(vec![refused("ThrottlingException")]).await;
    let result = throttled.commit(&dispatch(), &settlement()).await;
    assert!(
        matches!(result, Err(PortError::Transient { .. })),
        "{result:?}"
    );
    let unnamed = Tables::new(throttled.client, TableNames::default());
    let result = unnamed.load(&dispatch().id).await;
    assert!(
        matches!(result, Err(PortError::Permanent { .. })),
        "{result:?}"
    );
}

#[tokio::test]
async fn each_party_has_a_copy_of_its_own_p_037() {
    let id = dispatch().id;
    let (from, to) = (NoticeState::Pending, NoticeState::Attempted { at: now() });
    for (party, name) in [
        (Party::Sender, "copy"),
        (Party::Recipient, "recipient_copy"),
    ] {
        let (tables, served) = tables(vec![done()]).await;
        assert!(tables.move_copy(&id, party, &from, &to).await.unwrap());
        let request = body_of(&served.await.unwrap()[0]);
        let names = &request["ExpressionAttributeNames"];
        assert_eq!(*names, json!({ format!("#{name}"): name }));
    }
}

#[tokio::test]
async fn an_sms_about_to_go_out_is_kept_beside_the_mail() {
    let change = Change {
        event: None,
        charge: None,
        delivered: Some(Delivered::Sms(DeliveredSms {
            text: "ご確認ください".to_owned(),
            parts: 1,
        })),
        ..settlement()
    };
    let (tables, served) = tables(vec![done()]).await;
    tables.commit(&dispatch(), &change).await.unwrap();
    let request = body_of(&served.await.unwrap()[0]);
    let names = request["ExpressionAttributeNames"].as_object().unwrap();
    assert!(names.contains_key("#sms") && names.contains_key("#sms_attempt"));
    assert!(!names.contains_key("#delivered"), "{names:?}");
}

#[tokio::test]
async fn a_message_is_found_by_the_index_of_its_channel() {
    let found = || (200, json!({"Items": [{"pk": {"S": "DISPATCH#abc-01"}}]}));
    for (channel, index, key) in [
        (Channel::Mail, "by-provider-message", "provider_message_id"),
        (Channel::Sms, "by-sms-message", "sms_message_id"),
    ] {
        let (tables, served) = tables(vec![found()]).await;
        let message = "0100-1".parse().unwrap();
        let id = tables.find_by_provider_message(channel, &message).await;
        assert_eq!(id.unwrap(), Some(dispatch().id));
        let request = body_of(&served.await.unwrap()[0]);
        assert_eq!(request["IndexName"], index);
        assert_eq!(request["ExpressionAttributeNames"]["#key"], key);
    }
}

#[tokio::test]
async fn a_token_leads_to_its_contract_or_to_none() {
    let token = AnswerToken::new(7);
    let found = (200, json!({"Items": [{"pk": {"S": "DISPATCH#abc-01"}}]}));
    let none = || (200, json!({"Items": []}));
    let answers = vec![found.clone(), none(), found, none(), none()];
    let (tables, served) = tables(answers).await;
    for expected in [Some(dispatch().id), Some(dispatch().id), None] {
        assert_eq!(tables.find_by_answer_token(&token).await.unwrap(), expected);
    }
    let requests = served.await.unwrap();
    let (offer, copy) = ("by-answer-token", "by-copy-token");
    for (request, index) in requests.iter().zip([offer, offer, copy, offer, copy]) {
        let request = body_of(request);
        assert_eq!(request["IndexName"], index);
        let value = &request["ExpressionAttributeValues"][":key"]["S"];
        assert_eq!(value, token.as_str());
    }
}

#[tokio::test]
async fn offers_to_a_number_come_latest_first_even_within_a_second() {
    let offer = |id: &str, at: &str| {
        let key = format!("DISPATCH#{id}");
        json!({"pk": {"S": key}, "accepted_at": {"S": at}})
    };
    // As DynamoDB sorts the texts, backwards.
    let found = json!({"Items": [
        offer("abc-01", "2026-01-05T00:00:01Z"),
        offer("abc-02", "2026-01-05T00:00:01.5Z"),
        offer("abc-03", "2026-01-05T00:00:00Z"),
    ]});
    let (tables, served) = tables(vec![(200, found)]).await;
    let mobile = "+819012345678".parse().unwrap();
    let offers = tables.offers_to(&mobile).await.unwrap();
    let ids: Vec<_> = offers.iter().map(domain::DispatchId::as_str).collect();
    assert_eq!(ids, ["abc-02", "abc-01", "abc-03"]);
    let request = body_of(&served.await.unwrap()[0]);
    assert_eq!(request["IndexName"], "by-mobile");
    assert_eq!(request["ScanIndexForward"], false);
}
