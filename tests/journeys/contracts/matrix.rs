//! The branches of the patent's figures, each once, those of "both" in both orders (P-010..P-052).

use domain::{DispatchId, Named, OfferOrder, Outcome};
use tests::customer::{Customer, Letter};
use tests::{ExecutionState, Reaction, SmsReaction, World};

use super::{
    BY_BOTH, BY_MAIL, BY_SMS, HANAKO, MOBILE, answers, copies, execution, offered, outcome,
    world_in,
};

/// How Hanako answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reply {
    Mail,
    Sms,
    None,
}

struct Leaf {
    name: &'static str,
    subject: &'static str,
    mail: Reaction,
    sms: SmsReaction,
    reply: Reply,
    outcome: &'static str,
    /// Copies to the sender and to the recipient (P-037, P-052).
    copies: (usize, usize),
    /// The states between the first and the certificate: sent at once, and with the mail first.
    states: [&'static str; 2],
}

const OFFER: [&str; 2] = [
    "deliver settled",
    "deliver-by-mail mail-first deliver settled",
];
const SILENCE: [&str; 2] = [
    "deliver pass-deadline settled",
    "deliver-by-mail mail-first deliver pass-deadline settled",
];

/// With one road there is no order.
const fn alone(states: [&'static str; 2]) -> [&'static str; 2] {
    [states[0], states[0]]
}

const LEAVES: [Leaf; 12] = [
    Leaf {
        name: "mail: no such address (P-042)",
        subject: BY_MAIL,
        mail: Reaction::UnknownUser,
        sms: SmsReaction::Confirmed,
        reply: Reply::None,
        outcome: "noex",
        copies: (1, 0),
        states: alone(OFFER),
    },
    Leaf {
        name: "mail: reply (P-044)",
        subject: BY_MAIL,
        mail: Reaction::Delivered,
        sms: SmsReaction::Confirmed,
        reply: Reply::Mail,
        outcome: "answered",
        copies: (1, 1),
        states: alone(OFFER),
    },
    Leaf {
        name: "mail: no reply (P-043)",
        subject: BY_MAIL,
        mail: Reaction::Delivered,
        sms: SmsReaction::Confirmed,
        reply: Reply::None,
        outcome: "no_response",
        copies: (1, 0),
        states: alone(SILENCE),
    },
    Leaf {
        name: "SMS: no such number",
        subject: BY_SMS,
        mail: Reaction::Delivered,
        sms: SmsReaction::InvalidNumber,
        reply: Reply::None,
        outcome: "noex",
        copies: (1, 0),
        states: alone(OFFER),
    },
    Leaf {
        name: "SMS: reply (P-024)",
        subject: BY_SMS,
        mail: Reaction::Delivered,
        sms: SmsReaction::Confirmed,
        reply: Reply::Sms,
        outcome: "answered",
        copies: (1, 1),
        states: alone(OFFER),
    },
    Leaf {
        name: "SMS: no reply",
        subject: BY_SMS,
        mail: Reaction::Delivered,
        sms: SmsReaction::Confirmed,
        reply: Reply::None,
        outcome: "no_response",
        copies: (1, 0),
        states: alone(SILENCE),
    },
    Leaf {
        name: "both: neither exists (P-030)",
        subject: BY_BOTH,
        mail: Reaction::UnknownUser,
        sms: SmsReaction::InvalidNumber,
        reply: Reply::None,
        outcome: "noex",
        copies: (1, 0),
        states: OFFER,
    },
    Leaf {
        name: "both: no such address, reply by SMS",
        subject: BY_BOTH,
        mail: Reaction::UnknownUser,
        sms: SmsReaction::Confirmed,
        reply: Reply::Sms,
        outcome: "answered",
        copies: (1, 1),
        states: OFFER,
    },
    Leaf {
        name: "both: SMS undeliverable, reply by mail",
        subject: BY_BOTH,
        mail: Reaction::Delivered,
        sms: SmsReaction::Unreachable,
        reply: Reply::Mail,
        outcome: "answered",
        copies: (1, 1),
        states: OFFER,
    },
    Leaf {
        name: "both: reply by mail (P-021)",
        subject: BY_BOTH,
        mail: Reaction::Delivered,
        sms: SmsReaction::Confirmed,
        reply: Reply::Mail,
        outcome: "answered",
        copies: (1, 1),
        states: OFFER,
    },
    Leaf {
        name: "both: reply by SMS (P-021)",
        subject: BY_BOTH,
        mail: Reaction::Delivered,
        sms: SmsReaction::Confirmed,
        reply: Reply::Sms,
        outcome: "answered",
        copies: (1, 1),
        states: OFFER,
    },
    Leaf {
        name: "both: no reply (P-043)",
        subject: BY_BOTH,
        mail: Reaction::Delivered,
        sms: SmsReaction::Confirmed,
        reply: Reply::None,
        outcome: "no_response",
        copies: (1, 0),
        states: SILENCE,
    },
];

/// Most state transitions of a contract by mail only, and of one with SMS (issue 3).
const TRANSITIONS_MAX: [usize; 2] = [14, 18];

fn walk(leaf: &Leaf, order: OfferOrder) -> (World, DispatchId) {
    let world = world_in(order);
    world.react(HANAKO, leaf.mail);
    world.react_by_sms(MOBILE, leaf.sms);
    let id = offered(&world, leaf.subject);
    match leaf.reply {
        Reply::Mail => {
            world.answer_by_mail(&id, "承諾します。");
        }
        Reply::Sms => world.send_us_sms(MOBILE, "承諾します。"),
        Reply::None => {}
    }
    world.settle();
    (world, id)
}

#[test]
fn every_branch_of_a_contract_ends_as_the_patent_says_p_010_to_p_052() {
    let mut wrong = Vec::new();
    for leaf in &LEAVES {
        for (place, order) in OfferOrder::ALL.into_iter().enumerate() {
            let (world, id) = walk(leaf, order);
            world.assert_finished();
            let mut check = |what: &str, is_right: bool| {
                if !is_right {
                    wrong.push(format!(
                        "{}, {order:?}: {what}\n{}",
                        leaf.name,
                        world.report()
                    ));
                }
            };
            check("outcome", outcome(&world, &id) == leaf.outcome);
            check("copies", copies(&world) == leaf.copies);
            check("certificate", world.original(&id).is_some());
            let spent = 10 - world.balance(&Customer::taro().account).available.get();
            check("charge", spent == 1);
            let told = usize::from(leaf.reply != Reply::None);
            check("answers", answers(&world, &id).len() == told);
            let execution = execution(&world, &id);
            let certify = "compose-certificate sign-certificate send-copies";
            let states = leaf.states.get(place).expect("one for each order");
            let expected = format!("begin {states} {certify}");
            check("states", execution.history.join(" ") == expected);
            check("end", execution.state == ExecutionState::Succeeded);
            let has_sms = usize::from(leaf.subject != BY_MAIL);
            let limit = TRANSITIONS_MAX.get(has_sms).copied().unwrap_or_default();
            check("transitions", execution.transitions() <= limit);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_road_that_failed_is_listed_with_the_answer_on_the_other() {
    for leaf in &LEAVES {
        let failed = match (leaf.mail, leaf.sms) {
            (Reaction::UnknownUser, SmsReaction::Confirmed) => "bounced",
            (Reaction::Delivered, SmsReaction::Unreachable) => "sms_failed",
            _ => continue,
        };
        if leaf.subject != BY_BOTH {
            continue;
        }
        for order in OfferOrder::ALL {
            let (world, id) = walk(leaf, order);
            let text = world.certificate_text(&id);
            for said in [failed, "answer_received", "承諾します。"] {
                assert!(
                    text.contains(said),
                    "{} {order:?}: {said}\n{text}",
                    leaf.name
                );
            }
        }
    }
}

#[test]
fn each_kind_of_end_reads_well() {
    for (place, name) in [
        (0, "noex"),
        (1, "answered_by_mail"),
        (4, "answered_by_sms"),
        (11, "no_response"),
    ] {
        let leaf = LEAVES.get(place).expect("it is in the table");
        let (world, _) = walk(leaf, OfferOrder::Parallel);
        insta::assert_snapshot!(name, world.report());
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn what_nobody_tried_on_any_road_is_told_and_not_charged_q_5() {
    for (subject, mail, sms, expected) in [
        (
            BY_MAIL,
            Reaction::Suppressed,
            SmsReaction::Confirmed,
            "not_attempted_suppressed",
        ),
        (
            BY_MAIL,
            Reaction::Refused,
            SmsReaction::Confirmed,
            "not_attempted_refused",
        ),
        (
            BY_SMS,
            Reaction::Delivered,
            SmsReaction::OptedOut,
            "not_attempted_suppressed",
        ),
        (
            BY_SMS,
            Reaction::Delivered,
            SmsReaction::SpendingLimit,
            "not_attempted_spending_limit",
        ),
        (
            BY_SMS,
            Reaction::Delivered,
            SmsReaction::Refused,
            "not_attempted_refused",
        ),
        (
            BY_BOTH,
            Reaction::Suppressed,
            SmsReaction::OptedOut,
            "not_attempted_suppressed",
        ),
        // One road was tried: that is an attempt.
        (
            BY_BOTH,
            Reaction::UnknownUser,
            SmsReaction::SpendingLimit,
            "noex",
        ),
        (
            BY_BOTH,
            Reaction::MailboxFull,
            SmsReaction::InvalidNumber,
            "undelivered",
        ),
        (
            BY_SMS,
            Reaction::Delivered,
            SmsReaction::Unreachable,
            "undelivered",
        ),
        (
            BY_SMS,
            Reaction::Delivered,
            SmsReaction::Silent,
            "no_response",
        ),
        (
            BY_MAIL,
            Reaction::Silent,
            SmsReaction::Confirmed,
            "no_response",
        ),
    ] {
        for order in OfferOrder::ALL {
            let world = world_in(order);
            world.react(HANAKO, mail);
            world.react_by_sms(MOBILE, sms);
            let id = offered(&world, subject);
            world.settle();
            world.assert_finished();
            let name = format!("{subject} {mail:?} {sms:?} {order:?}");
            assert_eq!(outcome(&world, &id), expected, "{name}");
            let is_certified = Outcome::of_name(expected).is_some_and(Outcome::is_certified);
            assert_eq!(world.original(&id).is_some(), is_certified, "{name}");
            let spent = 10 - world.balance(&Customer::taro().account).available.get();
            assert_eq!(spent == 1, is_certified, "{name}");
            assert_eq!(copies(&world), (1, 0), "{name}");
        }
    }
}

#[test]
fn the_branches_of_the_intake_are_silence_silence_and_a_warning_p_011_p_012_p_013() {
    let stranger = Customer::new("K7Q2", "stranger@customer.test");
    let offer = || Letter::contract(BY_BOTH);
    for (name, letter, notices) in [
        (
            "wrong address",
            offer().delivered_to(&["someone@akashi.test"]),
            0,
        ),
        (
            "no account of that name",
            offer().delivered_to(&["zzzz@c.akashi.test"]),
            0,
        ),
        (
            "not on the whitelist",
            offer().written_by(stranger.address.as_str()),
            0,
        ),
        ("not trusted", offer().unsigned(), 1),
    ] {
        let world = World::with_customer(10);
        world.receive(&letter);
        world.settle();
        world.assert_finished();
        assert_eq!(world.outbox().len(), notices, "{name}");
        assert!(world.sms_outbox().is_empty(), "{name}");
        assert!(world.dispatches().is_empty(), "{name}");
    }
}

#[test]
fn a_sender_who_passes_copies_on_gets_them_alone_p_037() {
    let world = World::with_customer(10);
    world.change_account(&Customer::taro().account, |account| {
        account.settings.contracts.copies = domain::CopiesTo::SenderOnly;
    });
    let id = offered(&world, BY_MAIL);
    world.answer_by_mail(&id, "承諾します。");
    world.settle();
    world.assert_finished();
    assert_eq!(copies(&world), (1, 0));
}

#[test]
fn both_parties_get_the_same_file_p_037_x_10() {
    let world = World::with_customer(10);
    let id = offered(&world, BY_MAIL);
    world.answer_by_mail(&id, "承諾します。");
    world.settle();
    let original = world.original(&id).expect("there is a certificate");
    let outbox = world.outbox();
    let copies = outbox.iter().filter(|sent| sent.dispatch().is_none());
    let mut files = 0;
    for copy in copies {
        let parsed = mail::ParsedMail::parse(&copy.mail.raw);
        let pdf = parsed.attachments();
        let pdf = pdf.first().expect("the certificate is attached");
        assert_eq!(pdf.content().as_ref(), original.as_ref());
        files += 1;
    }
    assert_eq!(files, 2);
}

#[test]
fn whose_address_does_not_exist_gets_the_copy_by_telephone_p_037() {
    let world = World::with_customer(10);
    world.react(HANAKO, Reaction::UnknownUser);
    offered(&world, BY_BOTH);
    world.send_us_sms(MOBILE, "承諾します。");
    world.settle();
    world.assert_finished();
    let outbox = world.outbox();
    let is_copy =
        |sent: &&tests::SentMail| sent.dispatch().is_none() && sent.mail.to.as_str() == HANAKO;
    assert_eq!(outbox.iter().filter(is_copy).count(), 0, "nobody is there");
    assert_eq!(copies(&world), (1, 1));
}

#[test]
fn several_destinations_are_several_contracts_p_003_q_3() {
    let world = World::with_customer(10);
    let subject = "a@recipient.test b@recipient.test 090-1234-5678 件名";
    world.receive(&Letter::contract(subject));
    world.settle();
    world.assert_finished();
    let dispatches = world.dispatches();
    let recipients: Vec<String> = dispatches
        .iter()
        .map(|stored| stored.dispatch.recipient.to_string())
        .collect();
    assert_eq!(
        recipients,
        ["a@recipient.test, +819012345678", "b@recipient.test"]
    );
    assert_eq!(copies(&world), (2, 0));
    let spent = 10 - world.balance(&Customer::taro().account).available.get();
    assert_eq!(spent, 2, "one point each (I-042)");
}
