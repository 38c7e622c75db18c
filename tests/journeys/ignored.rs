//! Mails that nobody may answer: an answer would be backscatter.

use tests::World;
use tests::customer::{Customer, Letter};

#[test]
fn what_must_not_be_answered_leaves_no_trace_q_13_p_011_p_012() {
    let taro = || Letter::from(&Customer::taro());
    let stranger = Customer::new("K7Q2", "stranger@customer.test");
    let group = "Group: taro@customer.test, jiro@customer.test;";
    for (name, letter) in [
        (
            "unknown service address",
            taro().delivered_to(&["someone@akashi.test"]),
        ),
        ("unknown sender", Letter::from(&stranger)),
        ("no From", taro().without("From")),
        (
            "two From fields",
            taro().another_field("From", "taro@customer.test"),
        ),
        (
            "two mailboxes in From",
            taro().field("From", "taro@customer.test, x@customer.test"),
        ),
        ("a group in From", taro().field("From", group)),
        ("null return path", taro().returned_to("")),
        (
            "Auto-Submitted",
            taro().field("Auto-Submitted", "auto-replied"),
        ),
        ("Precedence", taro().field("Precedence", "bulk")),
        (
            "a mailing list",
            taro().field("List-Id", "<list.customer.test>"),
        ),
    ] {
        let world = World::with_customer(10);
        let id = world.receive(&letter);
        world.settle();
        world.assert_finished();
        assert!(world.outbox().is_empty(), "{name}: somebody was answered");
        assert_eq!(world.intake(&id), None, "{name}: something was recorded");
        assert!(world.dispatches().is_empty(), "{name}");
    }
}

#[test]
fn auto_submitted_no_is_a_persons_mail_q_13() {
    let world = World::with_customer(10);
    world.receive(&Letter::from(&Customer::taro()).field("Auto-Submitted", "no"));
    world.settle();
    world.assert_finished();
    assert_eq!(world.dispatches().len(), 1);
}
