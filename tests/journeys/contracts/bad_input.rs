//! Contract mails that are refused or ignored; the sender hears every reason at once.

use domain::limits::DESTINATIONS_MAX;
use tests::World;
use tests::customer::{CONTRACT_ADDRESS, Customer, Letter, SERVICE_ADDRESS};

use super::{BY_BOTH, BY_MAIL};

fn refused_contracts() -> Vec<(&'static str, Letter)> {
    let many: Vec<String> = (0..=DESTINATIONS_MAX)
        .map(|n| format!("r{n}@recipient.test"))
        .collect();
    let mixed = [SERVICE_ADDRESS, CONTRACT_ADDRESS];
    vec![
        ("no_destination", Letter::contract("業務委託契約")),
        ("only_spaces", Letter::contract("　  　")),
        ("no_subject", Letter::contract("x").without("Subject")),
        ("landline", Letter::contract("03-1234-5678 契約")),
        ("foreign", Letter::contract("+1-202-555-0123 契約")),
        ("own_address", Letter::contract("mail@akashi.test 契約")),
        (
            "one_good_one_bad",
            Letter::contract("hanako@recipient.test 03-1234-5678 契約"),
        ),
        (
            "too_many_destinations",
            Letter::contract(&format!("{} Contract", many.join(" "))),
        ),
        (
            "both_services",
            Letter::contract(BY_MAIL).delivered_to(&mixed),
        ),
        ("virus", Letter::contract(BY_BOTH).verdicts("FAIL", "PASS")),
        (
            "everything_at_once",
            Letter::contract("03-1234-5678 契約").verdicts("FAIL", "FAIL"),
        ),
    ]
}

#[test]
fn each_refusal_of_a_contract_is_told_once_and_sends_and_costs_nothing_p_013_p_060() {
    for (name, letter) in refused_contracts() {
        let world = World::with_customer(30);
        let before = world.balance(&Customer::taro().account);
        world.receive(&letter);
        world.settle();
        world.assert_finished();
        assert!(world.dispatches().is_empty(), "{name}");
        assert!(world.sms_outbox().is_empty(), "{name}");
        assert_eq!(world.outbox().len(), 1, "{name}: {}", world.report());
        assert_eq!(world.balance(&Customer::taro().account), before, "{name}");
        insta::assert_snapshot!(format!("refused_{name}"), world.outbox_in_full());
    }
}

#[test]
fn too_few_points_for_all_destinations_offer_nobody_anything_i_047() {
    let world = World::with_customer(1);
    world.receive(&Letter::contract("a@recipient.test b@recipient.test 契約"));
    world.settle();
    world.assert_finished();
    assert_eq!((world.dispatches().len(), world.outbox().len()), (0, 1));
}

#[test]
fn the_contract_address_of_another_account_is_ignored_p_011() {
    let world = World::with_customer(10);
    let jiro = Customer::new("AAAA", "jiro@other.test");
    world.open_account(&jiro, 10);
    let id = world.receive(&Letter::contract(BY_BOTH).delivered_to(&["aaaa@c.akashi.test"]));
    world.settle();
    world.assert_finished();
    assert!(world.outbox().is_empty() && world.dispatches().is_empty());
    assert_eq!(world.intake(&id), None);
}

#[test]
fn twenty_destinations_are_served_q_3() {
    let world = World::with_customer(30);
    let many: Vec<String> = (0..DESTINATIONS_MAX)
        .map(|n| format!("r{n}@recipient.test"))
        .collect();
    world.receive(&Letter::contract(&format!("{} Contract", many.join(" "))));
    world.settle();
    world.assert_finished();
    assert_eq!(world.dispatches().len(), DESTINATIONS_MAX);
}

#[test]
fn destinations_are_read_as_people_write_them_q_19() {
    for (subject, expected) in [
        ("０９０－１２３４－５６７８　契約", "+819012345678"),
        ("+81(0)90-1234-5678 契約", "+819012345678"),
        (
            "Hanako@Recipient.test　080.1234.5678 契約",
            "Hanako@Recipient.test, +818012345678",
        ),
        (
            "070-1234-5678 hanako@recipient.test 契約",
            "hanako@recipient.test, +817012345678",
        ),
    ] {
        let world = World::with_customer(10);
        world.receive(&Letter::contract(subject));
        world.pass(60);
        world.assert_sound();
        let dispatches = world.dispatches();
        let recipients: Vec<_> = dispatches
            .iter()
            .map(|stored| stored.dispatch.recipient.to_string())
            .collect();
        assert_eq!(recipients, [expected], "{subject}");
    }
}
