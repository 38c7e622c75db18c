//! Mails that nobody answers: an answer could be a loop, or reach somebody who is not ours.

use localstack::{Envelope, Sender, World};
use tests::customer::{Customer, Letter, SERVICE_ADDRESS};

/// Sends from this return path and asserts that nothing at all follows but a line in the log.
fn assert_ignored(sender: &Sender, return_path: &str, letter: &Letter, reason: &str) {
    let envelope = Envelope {
        from: return_path.to_owned(),
        to: vec![SERVICE_ADDRESS.to_owned()],
    };
    let reply = sender.world.submit(&envelope, &letter.as_sent());
    assert_eq!(sender.world.taken(reply.message_id()), reason);
    assert!(sender.dispatches().is_empty());
    assert_eq!(sender.points(), (1, 0));
    let recipient = sender.recipient("hanako");
    for address in [sender.address(), return_path, &recipient] {
        if !address.is_empty() {
            assert!(sender.mailbox(address).is_empty(), "{address} gets nothing");
        }
    }
}

fn letter(sender: &Sender) -> Letter {
    sender.letter(&[&sender.recipient("hanako")])
}

#[test]
fn a_stranger_hears_nothing_p_013() {
    let sender = Sender::with_points(1);
    let domain = sender.customer.address.domain();
    let stranger = Customer::new(sender.account(), &format!("stranger@{domain}"));
    let letter = Letter::from(&stranger).to(&[&sender.recipient("hanako")]);
    let address = stranger.address.as_str();
    assert_ignored(&sender, address, &letter, "ignored_unknown_sender");
}

#[test]
fn a_bounce_is_never_answered() {
    let sender = Sender::with_points(1);
    assert_ignored(&sender, "", &letter(&sender), "ignored_automatic_mail");
}

#[test]
fn automatic_mail_is_never_answered() {
    let sender = Sender::with_points(1);
    for (name, value) in [("Auto-Submitted", "auto-replied"), ("Precedence", "bulk")] {
        let letter = letter(&sender).field(name, value);
        assert_ignored(&sender, sender.address(), &letter, "ignored_automatic_mail");
    }
}

#[test]
fn a_mail_without_from_is_never_answered() {
    let sender = Sender::with_points(1);
    let letter = letter(&sender).without("From");
    assert_ignored(&sender, sender.address(), &letter, "ignored_no_single_from");
}

#[test]
fn a_mail_to_an_address_that_the_service_does_not_have_is_never_answered() {
    let world = World::shared();
    let sender = Sender::with_points(1);
    let envelope = Envelope {
        from: sender.address().to_owned(),
        to: vec!["nobody@akashi.test".to_owned()],
    };
    let reply = world.submit(&envelope, &letter(&sender).as_sent());
    if reply.code == 250 {
        let taken = world.taken(reply.message_id());
        assert_eq!(taken, "ignored_unknown_service_address");
    } else {
        assert_eq!(reply.code, 550, "{}", reply.text);
    }
    assert!(sender.mailbox(sender.address()).is_empty());
}
