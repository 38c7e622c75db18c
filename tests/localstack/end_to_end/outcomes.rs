//! What recipients' servers do to a mail, and what follows (Q-5, I-043, I-044, X-9).

use localstack::{Dispatch, Sender};

use super::contracts::{certificate_text, mailed_copies};

const SIMULATOR: &str = "simulator.amazonses.com";

fn simulated(sender: &Sender, name: &str) -> String {
    format!("{name}+{}@{SIMULATOR}", sender.account().to_lowercase())
}

/// Certified, charged, and a copy sent.
fn assert_certified(sender: &Sender, dispatch: &Dispatch, outcome: &str) {
    assert_eq!(dispatch.outcome.as_deref(), Some(outcome));
    assert_eq!(dispatch.charge, "posted");
    assert!(sender.original(dispatch).starts_with(b"%PDF-"));
    assert!(sender.notices(1)[0].text.contains(&dispatch.serial));
    assert_eq!(sender.points(), (0, 0));
}

/// Not certified, not charged, and the sender knows.
fn assert_not_attempted(sender: &Sender, dispatch: &Dispatch, outcome: &str, reason: [&str; 2]) {
    assert_eq!(dispatch.outcome.as_deref(), Some(outcome));
    assert_eq!(dispatch.charge, "voided");
    assert_eq!(dispatch.certificate_key, None);
    let notices = sender.notices(1);
    let recipient = dispatch.recipient.as_deref().expect("an address");
    for expected in [&dispatch.serial, recipient, reason[0], reason[1]] {
        assert!(notices[0].text.contains(expected), "{}", notices[0].text);
    }
    assert_eq!(sender.points(), (1, 0));
    assert_eq!(sender.ledger_lines("voided"), 1);
    assert!(sender.mailbox(recipient).is_empty());
}

#[test]
fn an_address_that_does_not_exist_is_certified_and_charged_i_043() {
    let sender = Sender::with_points(1);
    let dispatch = sender.sent_to(&simulated(&sender, "bounce"));
    assert_certified(&sender, &dispatch, "noex");
    assert!(dispatch.event_names().contains(&"bounced"));
}

#[test]
fn a_domain_that_does_not_exist_is_certified_and_charged_i_044() {
    let sender = Sender::with_points(1);
    let recipient = format!("hanako@nx.{}.test", sender.account().to_lowercase());
    let dispatch = sender.sent_to(&recipient);
    assert_certified(&sender, &dispatch, "noex");
}

#[test]
fn a_server_that_stays_away_is_not_called_noex_x_9() {
    let sender = Sender::with_points(1);
    let dispatch = sender.sent_to(&sender.recipient("transient-bounce"));
    assert_certified(&sender, &dispatch, "undelivered");
}

#[test]
fn a_mail_that_the_provider_gives_up_on_after_hours_is_undelivered_x_9() {
    // As many seconds as the configuration set gives SES hours.
    let sender = Sender::with_points(1);
    let dispatch = sender.sent_to(&sender.recipient("expire"));
    assert_certified(&sender, &dispatch, "undelivered");
    let names = dispatch.event_names();
    assert!(names.contains(&"bounced"), "{names:?}");
}

#[test]
fn what_the_provider_refuses_for_a_while_is_sent_once_and_charged_once_q_5() {
    for kind in ["rate", "quota", "too_many_requests"] {
        let sender = Sender::with_points(1);
        let recipient = sender.recipient("hanako");
        sender.world.refuse_mail(kind, &recipient, 2);
        let dispatch = sender.sent_to(&recipient);
        assert_certified(&sender, &dispatch, "relayed");
        assert_eq!(sender.mailbox(&recipient).len(), 1, "{kind}");
    }
}

#[test]
fn writes_that_meet_others_are_made_again_and_once() {
    let sender = Sender::with_points(1);
    let world = sender.world;
    for table in ["AccountsTable", "PointsTable", "DispatchesTable"] {
        world.conflict_in(world.output(table), sender.account(), 3);
    }
    let recipient = sender.recipient("hanako");
    let dispatch = sender.sent_to(&recipient);
    assert_certified(&sender, &dispatch, "relayed");
    assert_eq!(sender.mailbox(&recipient).len(), 1);
    assert_eq!(sender.ledger_lines("posted"), 1);
}

#[test]
fn a_suppressed_address_is_not_attempted_and_costs_nothing_q_5() {
    let sender = Sender::with_points(1);
    let dispatch = sender.sent_to(&simulated(&sender, "suppressionlist"));
    let reason = ["配信停止リスト", "suppression list"];
    assert_not_attempted(&sender, &dispatch, "not_attempted_suppressed", reason);
}

#[test]
fn a_mail_that_the_provider_refuses_costs_nothing_q_5() {
    let sender = Sender::with_points(1);
    let dispatch = sender.sent_to(&sender.recipient("reject"));
    let reason = [
        "送信事業者がメッセージの内容",
        "the provider refused the message",
    ];
    assert_not_attempted(&sender, &dispatch, "not_attempted_refused", reason);
}

#[test]
fn a_mail_that_the_provider_does_not_even_take_costs_nothing_q_5() {
    let sender = Sender::with_points(1);
    let recipient = sender.recipient("hanako");
    sender.world.refuse_mail("content", &recipient, 1);
    let dispatch = sender.sent_to(&recipient);
    let reason = [
        "送信事業者がメッセージの内容",
        "the provider refused the message",
    ];
    assert_not_attempted(&sender, &dispatch, "not_attempted_refused", reason);
    assert!(!dispatch.event_names().contains(&"provider_accepted"));
}

#[test]
fn a_complaint_is_kept_and_changes_nothing_x_9() {
    let sender = Sender::with_points(1);
    let dispatch = sender.sent_to(&simulated(&sender, "complaint"));
    assert_certified(&sender, &dispatch, "relayed");
    let _ = sender.seen_event(&dispatch.dispatch_id, "complained");
    assert_eq!(sender.dispatches()[0].outcome.as_deref(), Some("relayed"));
}

#[test]
fn an_automatic_reply_is_kept_and_changes_nothing_x_9() {
    let sender = Sender::with_points(1);
    let dispatch = sender.sent_to(&simulated(&sender, "ooto"));
    assert_certified(&sender, &dispatch, "relayed");
    let _ = sender.seen_event(&dispatch.dispatch_id, "bounced");
    assert_eq!(sender.dispatches()[0].outcome.as_deref(), Some("relayed"));
    assert_eq!(sender.points(), (0, 0));
}

#[test]
fn a_delay_is_on_record_and_the_delivery_counts() {
    let sender = Sender::with_points(1);
    let dispatch = sender.sent_to(&sender.recipient("delay"));
    assert_certified(&sender, &dispatch, "relayed");
    for name in ["attempt_started", "delayed", "delivered"] {
        let _ = sender.seen_event(&dispatch.dispatch_id, name);
    }
}

#[test]
fn a_late_bounce_has_an_addendum_and_leaves_the_certificate_as_it_is_q_28() {
    let sender = Sender::with_points(1);
    let recipient = sender.recipient("late-bounce");
    let before = sender.sent_to(&recipient);
    assert_eq!(before.outcome.as_deref(), Some("relayed"));
    let bounced = sender.seen_event(&before.dispatch_id, "bounced");
    assert!(bounced.supplementary);
    let dispatches = sender.ended_dispatches(2);
    let is_first = |dispatch: &&Dispatch| dispatch.dispatch_id == before.dispatch_id;
    let after = dispatches.iter().find(is_first).expect("the mail");
    assert_eq!(after.outcome, before.outcome);
    assert_eq!(after.certificate_sha256, before.certificate_sha256);
    let added = dispatches.iter().find(|dispatch| !is_first(dispatch));
    let added = added.expect("the bounce has an addendum");
    assert_eq!(added.outcome.as_deref(), Some("bounced_later"));
    let text = certificate_text(&sender, added);
    let digest = before.certificate_sha256.expect("the mail is certified");
    for said in [&before.serial, &digest] {
        assert!(text.contains(said.as_str()), "{said}: {text}");
    }
    // The certificate, and then the news of it; both for one point, and nothing to the recipient.
    assert_eq!(sender.notices(2).len(), 2);
    assert_eq!(
        mailed_copies(&sender, sender.address(), &sender.original(added)),
        1
    );
    assert_eq!(sender.points(), (0, 0));
    assert_eq!(sender.ledger_lines("posted"), 1);
    assert_eq!(sender.mailbox(&recipient).len(), 1);
}

#[test]
fn ten_times_the_same_event_is_one_event() {
    let sender = Sender::with_points(1);
    let recipient = sender.recipient("repeat");
    let dispatch = sender.sent_to(&recipient);
    assert_certified(&sender, &dispatch, "relayed");
    assert_eq!(sender.mailbox(&recipient).len(), 1);
    let names = dispatch.event_names();
    let deliveries = names.iter().filter(|name| **name == "delivered").count();
    assert_eq!(deliveries, 1, "{names:?}");
    assert_eq!(sender.ledger_lines("posted"), 1);
}

#[test]
fn silence_is_certified_as_such_when_the_time_is_over_x_9() {
    let sender = Sender::with_points(1);
    let reply = sender.send(&sender.letter(&[&sender.recipient("silent")]));
    let id = format!("{}-01", reply.message_id());
    let _ = sender.seen_event(&id, "provider_accepted");
    assert_eq!(sender.points(), (0, 1), "reserved while nobody knows");
    // Fourteen hours are a parameter of the execution; here it is told to wait two seconds.
    sender.world.restart_workflow(&id, 2);
    let dispatch = sender.ended_dispatches(1).remove(0);
    assert_certified(&sender, &dispatch, "unconfirmed");
    assert!(dispatch.event_names().contains(&"deadline_passed"));
    let recipient = sender.recipient("silent");
    assert!(sender.mailbox(&recipient).len() <= 1, "sent once");
}
