//! The branches of the patent's figures on the deployed stack, those of "both" in both orders
//! (P-020..P-052). All of them wait side by side. The three of the intake are in `bad_input`.

use std::thread;

use jiff::{SignedDuration, Timestamp};
use localstack::{Dispatch, Mail, Sender, fresh_mobile, fresh_mobile_that, wait_for};

use super::{certificate_text, find, mailed_copies};
use crate::turn;

/// How the other party answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reply {
    Mail,
    Sms,
    Link,
    None,
}

/// What a leaf's number is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phone {
    Reachable,
    /// The two digits that say how it acts.
    That(&'static str),
}

#[derive(Debug)]
struct Leaf {
    name: &'static str,
    /// The name of the address, which may act on purpose.
    mail: Option<&'static str>,
    phone: Option<Phone>,
    /// What fails before the other party answers.
    failed: Option<&'static str>,
    reply: Reply,
    outcome: &'static str,
    /// Copies to the recipient; the sender gets one (P-037, P-052).
    copies: usize,
}

const EXISTS: Option<&str> = Some("hanako");
const BOUNCES: Option<&str> = Some("bounce");
const REACHABLE: Option<Phone> = Some(Phone::Reachable);
const NO_SUCH_NUMBER: Option<Phone> = Some(Phone::That("02"));
const UNREACHABLE: Option<Phone> = Some(Phone::That("01"));

const fn leaf(
    name: &'static str,
    mail: Option<&'static str>,
    phone: Option<Phone>,
    reply: Reply,
) -> Leaf {
    Leaf {
        name,
        mail,
        phone,
        failed: None,
        reply,
        outcome: match reply {
            Reply::Mail | Reply::Sms | Reply::Link => "answered",
            Reply::None => "no_response",
        },
        copies: match reply {
            Reply::Mail | Reply::Sms | Reply::Link => 1,
            Reply::None => 0,
        },
    }
}

const fn noex(name: &'static str, mail: Option<&'static str>, phone: Option<Phone>) -> Leaf {
    Leaf {
        outcome: "noex",
        ..leaf(name, mail, phone, Reply::None)
    }
}

const LEAVES: [Leaf; 15] = [
    noex("mail: no such address (P-042)", BOUNCES, None),
    leaf("mail: reply (P-044)", EXISTS, None, Reply::Mail),
    leaf("mail: link (P-002)", EXISTS, None, Reply::Link),
    leaf("mail: no reply (P-043)", EXISTS, None, Reply::None),
    noex("SMS: no such number", None, NO_SUCH_NUMBER),
    leaf("SMS: reply (P-024)", None, REACHABLE, Reply::Sms),
    leaf("SMS: link", None, REACHABLE, Reply::Link),
    leaf("SMS: no reply", None, REACHABLE, Reply::None),
    noex("both: neither exists (P-030)", BOUNCES, NO_SUCH_NUMBER),
    Leaf {
        failed: Some("bounced"),
        ..leaf("both: bounce, SMS reply", BOUNCES, REACHABLE, Reply::Sms)
    },
    Leaf {
        failed: Some("sms_failed"),
        ..leaf("both: no SMS, mail reply", EXISTS, UNREACHABLE, Reply::Mail)
    },
    leaf(
        "both: reply by mail (P-021)",
        EXISTS,
        REACHABLE,
        Reply::Mail,
    ),
    leaf("both: reply by SMS (P-021)", EXISTS, REACHABLE, Reply::Sms),
    leaf("both: link", EXISTS, REACHABLE, Reply::Link),
    leaf("both: no reply (P-043)", EXISTS, REACHABLE, Reply::None),
];

/// Most state transitions of a contract by mail only, and of one with SMS (issue 3).
const TRANSITIONS_MAX: [usize; 2] = [14, 18];

/// A leaf that was walked.
struct Walked {
    leaf: &'static Leaf,
    id: String,
    recipient: Option<String>,
    mobile: Option<String>,
    text: String,
}

#[test]
fn every_branch_of_a_contract_ends_as_the_patent_says_p_020_to_p_052() {
    let _turn = turn();
    thread::scope(|scope| {
        for order in ["parallel", "mail-then-sms"] {
            for is_silent in [false, true] {
                scope.spawn(move || walk_all(order, is_silent));
            }
        }
    });
}

/// The deadline where nobody answers. An hour lasts 20 s here, and all that comes before the
/// deadline has to be done by then, however busy the machine is: the offer sent on every road, the
/// second 15 s after the first, and told about.
const SILENT_HOURS: &str = "3";

/// Thirty days, longer than any test: the deadline where somebody answers or nobody can.
const ANSWERED_HOURS: &str = "720";

/// Walks all leaves that go with an order, for one account.
fn walk_all(order: &str, is_silent: bool) {
    let is_ordered = |leaf: &Leaf| leaf.mail.is_some() && leaf.phone.is_some();
    let leaves: Vec<&'static Leaf> = LEAVES
        .iter()
        .filter(|leaf| order == "parallel" || is_ordered(leaf))
        .filter(|leaf| is_silent == (leaf.outcome == "no_response"))
        .collect();
    let sender = Sender::with_points(u32::try_from(leaves.len()).expect("few"));
    let hours = if is_silent {
        SILENT_HOURS
    } else {
        ANSWERED_HOURS
    };
    sender.choose(&["--offer-order", order, "--answer-hours", hours]);
    let walked: Vec<Walked> = thread::scope(|scope| {
        let walks = leaves.iter().enumerate().map(|(number, &leaf)| {
            let sender = &sender;
            scope.spawn(move || walk(sender, leaf, number))
        });
        let walks: Vec<_> = walks.collect();
        let walks = walks.into_iter();
        walks.map(|walk| walk.join().expect("a walk")).collect()
    });
    let dispatches = sender.ended_dispatches(walked.len());
    for walked in &walked {
        let dispatch = find(&dispatches, &walked.id);
        assert_ended(&sender, dispatch, walked);
    }
    assert_eq!(sender.points(), (0, 0), "{order}");
    assert_eq!(sender.ledger_lines("posted"), walked.len(), "{order}");
    // A copy of each certificate, and a word where one road failed while the other lived.
    let is_of_road = |mail: &Mail| mail.subject.contains("Not delivered by");
    let copies = wait_for("a copy for each", || {
        let mails = sender.mailbox(sender.address());
        let copies = mails.iter().filter(|mail| !is_of_road(mail)).count();
        (copies >= walked.len()).then_some(copies)
    });
    assert_eq!(copies, walked.len());
    for walked in walked.iter().filter(|walked| walked.leaf.failed.is_some()) {
        let serial = &find(&dispatches, &walked.id).serial;
        let told = sender.mailbox(sender.address());
        let told = told.iter().filter(|mail| is_of_road(mail));
        let told = told.filter(|mail| mail.subject.contains(serial));
        assert_eq!(told.count(), 1, "{}", walked.leaf.name);
    }
}

fn walk(sender: &Sender, leaf: &'static Leaf, number: usize) -> Walked {
    let account = sender.account().to_lowercase();
    let recipient = leaf
        .mail
        .map(|name| format!("{name}+{account}{number}@recipient.test"));
    let mobile = leaf.phone.map(|phone| match phone {
        Phone::Reachable => fresh_mobile(),
        Phone::That(acts) => fresh_mobile_that(acts),
    });
    let text = format!("{account}の第{number}号を承諾します。");
    let destinations = [recipient.as_deref(), mobile.as_deref()];
    let destinations: Vec<&str> = destinations.into_iter().flatten().collect();
    let id = sender.offer(&format!("{} 業務委託契約", destinations.join(" ")));
    let world = sender.world;
    let reachable = mobile.as_deref().filter(|_| leaf.phone == REACHABLE);
    let readable = recipient.as_deref().filter(|_| leaf.mail == EXISTS);
    let mail = readable.map(|address| sender.offer_mail(address));
    let sms = reachable.map(|number| world.sms(number, 1));
    if let Some(failed) = leaf.failed {
        let _ = sender.seen_event(&id, failed);
    }
    match (
        leaf.reply,
        readable.zip(mail.as_ref()),
        reachable.zip(sms.as_ref()),
    ) {
        (Reply::Mail, Some((address, offer)), _) => {
            assert_eq!(sender.answer_by_mail(address, offer, &text).code, 250);
        }
        (Reply::Sms, _, Some((number, _))) => world.answer_by_sms(number, &text),
        (Reply::Link, _, Some((_, sms))) => world.answer_by_link(sms.link(), "text", &text),
        (Reply::Link, Some((_, mail)), None) => world.answer_by_link(mail.link(), "text", &text),
        (Reply::None, ..) => {}
        (Reply::Mail | Reply::Sms | Reply::Link, ..) => unreachable!("{}", leaf.name),
    }
    Walked {
        leaf,
        id,
        recipient,
        mobile,
        text,
    }
}

fn assert_ended(sender: &Sender, dispatch: &Dispatch, walked: &Walked) {
    let (leaf, world) = (walked.leaf, sender.world);
    let name = format!("{} ({})", leaf.name, dispatch.serial);
    assert_eq!(dispatch.outcome.as_deref(), Some(leaf.outcome), "{name}");
    assert_eq!(dispatch.charge, "posted", "{name}");
    let limit = TRANSITIONS_MAX[usize::from(leaf.phone.is_some())];
    let transitions = world.contract_transitions(&walked.id);
    assert!(transitions <= limit, "{name}: {transitions} transitions");

    let certificate = certificate_text(sender, dispatch);
    let outcome = match leaf.outcome {
        "answered" => "Ananswertotheofferarrived.",
        "noex" => "Theoffercouldnotbedeliveredforgood",
        _ => "Theofferwassent,andnoanswerarrivedbythedeadline",
    };
    let destinations = [&walked.recipient, &walked.mobile].into_iter().flatten();
    let mut said = vec![outcome, "甲は乙に本件を委託する。", &dispatch.serial];
    said.extend(destinations.map(String::as_str));
    said.extend(leaf.failed);
    for said in said {
        assert!(certificate.contains(said), "{name}: {said}: {certificate}");
    }
    let quotes = certificate.contains(&walked.text);
    assert_eq!(quotes, leaf.reply != Reply::None, "{name}: {certificate}");
    let told = usize::from(leaf.reply != Reply::None);
    assert_eq!(dispatch.answers().len(), told, "{name}");
    assert_copies(sender, dispatch, walked, &name);
}

/// The sender has the original's bytes once; the recipient has them, or a link to them, if both
/// parties get copies. The workflow has ended, so what is not there does not come.
fn assert_copies(sender: &Sender, dispatch: &Dispatch, walked: &Walked, name: &str) {
    let original = sender.original(dispatch);
    wait_for(&format!("copies of {name}"), || {
        let to_sender = mailed_copies(sender, sender.address(), &original);
        let recipient = walked.recipient.as_deref();
        let by_mail = recipient.map_or(0, |address| mailed_copies(sender, address, &original));
        let mobile = walked.mobile.as_deref();
        let messages = mobile.map_or_else(Vec::new, |number| sender.world.phone(number));
        let by_sms = messages.iter().filter(|sms| sms.text.contains("/c/"));
        let to_recipient = by_mail + by_sms.count();
        assert!(
            to_sender <= 1 && to_recipient <= walked.leaf.copies,
            "{name}"
        );
        ((to_sender, to_recipient) == (1, walked.leaf.copies)).then_some(())
    });
}

#[test]
fn the_sms_follows_when_nothing_is_heard_of_the_mail_p_022() {
    let sender = Sender::with_points(1);
    sender.choose(&["--offer-order", "mail-then-sms"]);
    let (recipient, mobile) = (sender.recipient("silent"), fresh_mobile());
    let id = sender.offer(&format!("{recipient} {mobile} 契約"));
    let sms = sender.world.sms(&mobile, 1);
    let mailed = sender.seen_event(&id, "provider_accepted");
    let dispatches = sender.dispatches();
    let accepted_at = time(&find(&dispatches, &id).accepted_at);
    let (mailed_at, sent_at) = (time(&mailed.at), time(&sms.sent_at));
    let head_start = sender.world.output("MailHeadStartSeconds");
    let head_start = SignedDuration::from_secs(head_start.parse().expect("seconds"));
    // The workflow that counts them begins when the contract is accepted, or later.
    let waited = sent_at.duration_since(accepted_at);
    assert!(waited >= head_start, "the mail has a head start: {waited}");
    assert!(mailed_at < sent_at, "{mailed_at} {sent_at}");
    sender.world.answer_by_sms(&mobile, "はい");
    let dispatch = sender.ended_dispatches(1).remove(0);
    assert_eq!(dispatch.outcome.as_deref(), Some("answered"));
    assert!(sender.world.contract_transitions(&id) <= TRANSITIONS_MAX[1]);
}

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}
