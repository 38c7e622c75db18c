//! Contract mails that are refused or ignored (P-011, P-012, P-013): the sender on the allowlist
//! gets one notice, everybody else nothing.

use domain::limits::DESTINATIONS_MAX;
use localstack::{Sender, fresh_mobile};
use tests::customer::{Customer, Letter};

/// Asserts that nothing is offered, charged or certified.
fn assert_nothing_happened(sender: &Sender, recipient: &str, mobile: &str) {
    assert!(sender.dispatches().is_empty(), "nothing is offered");
    assert_eq!(sender.points(), (30, 0), "nothing is charged");
    assert!(sender.mailbox(recipient).is_empty());
    assert_eq!(sender.world.phone(mobile), []);
}

#[test]
fn each_subject_without_a_good_destination_is_told_why_and_costs_nothing_p_060() {
    let sender = Sender::with_points(30);
    let (recipient, mobile) = (sender.recipient("hanako"), fresh_mobile());
    let many: Vec<String> = (0..=DESTINATIONS_MAX)
        .map(|number| sender.recipient(&format!("r{number}")))
        .collect();
    let too_many = format!("{} 契約", many.join(" "));
    let one_good = format!("{recipient} {mobile} 03-1234-5678 契約");
    let cases = [
        (
            "業務委託契約",
            "件名の先頭に宛先がありません",
            "does not begin with a destination",
        ),
        (
            "　 　",
            "件名の先頭に宛先がありません",
            "does not begin with a destination",
        ),
        (
            "03-1234-5678 契約",
            "携帯電話番号ではありません",
            "03-1234-5678 (not a mobile number",
        ),
        (
            "+1-202-555-0123 契約",
            "対象外の国の電話番号です",
            "a country that is not served",
        ),
        (
            "mail@akashi.test 契約",
            "本サービスのアドレスです",
            "an address of the service",
        ),
        (
            &too_many,
            "件名の宛先が多すぎます（21件",
            "too many destinations (21; at most 20)",
        ),
        (
            &one_good,
            "携帯電話番号ではありません",
            "03-1234-5678 (not a mobile number",
        ),
    ];
    for (number, (subject, japanese, english)) in cases.into_iter().enumerate() {
        let reply = sender.world.post(&sender.contract(subject));
        let taken = sender.world.taken(reply.message_id());
        assert_eq!(taken, "refused", "{subject}");
        let notice = sender.notices(number + 1).pop().expect("a notice");
        let serial = format!("{}-{:06}", sender.account(), number + 1);
        for said in [japanese, english, &serial] {
            assert!(notice.text.contains(said), "{said}: {}", notice.text);
        }
    }
    assert_nothing_happened(&sender, &recipient, &mobile);
    assert!(sender.mailbox(&many[0]).is_empty());
}

#[test]
fn the_branches_of_the_intake_are_silence_silence_and_a_warning_p_011_p_012_p_013() {
    let sender = Sender::with_points(30);
    let (recipient, mobile) = (sender.recipient("hanako"), fresh_mobile());
    let offer = || sender.contract(&format!("{recipient} {mobile} 契約"));
    let domain = sender.customer.address.domain();
    let stranger = Customer::new(sender.account(), &format!("stranger@{domain}"));
    let other = Sender::with_points(0);
    let others = format!("{}@c.akashi.test", other.account().to_lowercase());
    let cases: [(&str, Letter, &str, usize); 4] = [
        (
            "another account's address",
            offer().delivered_to(&[&others]),
            "ignored_",
            0,
        ),
        (
            "an address of nobody",
            offer().delivered_to(&["zzzzzzzz@c.akashi.test"]),
            "ignored_",
            0,
        ),
        (
            "not on the allowlist",
            offer().written_by(stranger.address.as_str()),
            "ignored_unknown_sender",
            0,
        ),
        ("not trusted", offer().unsigned(), "unvouched", 1),
    ];
    for (name, letter, expected, notices) in cases {
        let reply = sender.world.post(&letter);
        let taken = sender.world.taken(reply.message_id());
        assert!(taken.starts_with(expected), "{name}: {taken}");
        assert_eq!(sender.notices(notices).len(), notices, "{name}");
    }
    assert!(sender.mailbox(stranger.address.as_str()).is_empty());
    assert!(other.mailbox(other.address()).is_empty());
    assert!(other.dispatches().is_empty());
    assert_nothing_happened(&sender, &recipient, &mobile);
}
