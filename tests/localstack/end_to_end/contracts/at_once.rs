//! Two hundred contracts of one account that wait at once and are answered in random order
//! (issue 3): each gets the certificate of its own answer, and nobody gets another's.
//!
//! LocalStack works some 0.6 s of CPU for each, on one processor at a time. Measured on two
//! processors with ten other processes at work: all wait after 38 s, all have ended after 136 s,
//! all is looked at after 166 s. To wait costs LocalStack nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use domain::Sha256Digest;
use domain::limits::DESTINATIONS_MAX;
use localstack::{Dispatch, Mail, Sender, Sms, fresh_mobile, fresh_seed, wait_for};
use sha2::{Digest, Sha256};
use tests::random::Random;

use super::{certificate_text, find};
use crate::journeys::attachments;
use crate::turn;

/// Contracts that wait at once.
const CONTRACTS: usize = 200;

/// People who answer at the same moment.
const ANSWERS_AT_ONCE: usize = 4;

/// Ninety days: longer than any test, however short an hour of a deadline is here.
const ANSWER_HOURS: &str = "2160";

/// Where a contract goes to, by its number: as many by mail only as by SMS and by both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum To {
    Mail,
    Sms,
    Both,
}

/// The road of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Road {
    Mail,
    Sms,
    Link,
}

impl Road {
    fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Sms => "sms",
            Self::Link => "link",
        }
    }
}

/// One contract, and what the other party will say to it.
#[derive(Debug)]
struct Contract {
    recipient: Option<String>,
    mobile: Option<String>,
    road: Road,
    text: String,
}

impl Contract {
    fn new(sender: &Sender, number: usize, to: To) -> Self {
        let recipient = (to != To::Sms).then(|| sender.recipient(&format!("r{number}")));
        let mobile = (to != To::Mail).then(fresh_mobile);
        let roads: &[Road] = match to {
            To::Mail => &[Road::Mail, Road::Link],
            To::Sms => &[Road::Sms, Road::Link],
            To::Both => &[Road::Mail, Road::Sms, Road::Link],
        };
        Self {
            recipient,
            mobile,
            road: roads[number % roads.len()],
            text: format!("{}の第{number}号を承諾します。", sender.account()),
        }
    }

    /// The contract that a dispatch is of.
    fn is_of(&self, dispatch: &Dispatch) -> bool {
        (&self.recipient, &self.mobile) == (&dispatch.recipient, &dispatch.mobile)
    }
}

/// A contract whose offer has come, so that it can be answered.
struct Waiting<'a> {
    contract: &'a Contract,
    mail: Option<Mail>,
    sms: Option<Sms>,
}

#[test]
fn two_hundred_contracts_that_wait_at_once_get_the_right_certificates() {
    let _turn = turn();
    let seed = fresh_seed();
    let started = Instant::now();
    let has_passed = |what: &str| println!("{what} after {} s", started.elapsed().as_secs());
    println!("seed {seed}");
    let sender = Sender::with_points(u32::try_from(CONTRACTS).expect("few"));
    sender.choose(&["--answer-hours", ANSWER_HOURS]);
    let contracts = offer_all(&sender);
    let waiting = wait_until_all_wait(&sender, &contracts);
    has_passed("all wait");
    answer_all(&sender, shuffled(waiting, seed));
    has_passed("all are answered");

    let dispatches = ended(&sender);
    has_passed("all have ended");
    assert_serials_and_points(&sender, &dispatches);
    let copies = sender_copies(&sender);
    thread::scope(|scope| {
        for half in contracts.chunks(CONTRACTS.div_ceil(2)) {
            let (sender, dispatches, copies) = (&sender, &dispatches, &copies);
            scope.spawn(move || {
                for contract in half {
                    assert_certified(sender, dispatches, contract, copies);
                }
            });
        }
    });
}

/// Offers all contracts, in mails with as many destinations as one can have.
fn offer_all(sender: &Sender) -> Vec<Contract> {
    let mut contracts = Vec::new();
    let kinds = [To::Mail, To::Sms, To::Both].into_iter().cycle();
    for to in kinds {
        let left = CONTRACTS - contracts.len();
        if left == 0 {
            break;
        }
        let numbers = (contracts.len()..).take(left.min(DESTINATIONS_MAX));
        let offered: Vec<Contract> = numbers
            .map(|number| Contract::new(sender, number, to))
            .collect();
        let addresses = offered.iter().filter_map(|one| one.recipient.as_deref());
        let mobiles = offered.iter().filter_map(|one| one.mobile.as_deref());
        let destinations: Vec<&str> = addresses.chain(mobiles).collect();
        let _ = sender.offer(&format!("{} 業務委託契約", destinations.join(" ")));
        contracts.extend(offered);
    }
    contracts
}

/// Waits until every offer has come, and sees that all contracts wait: every workflow runs, and
/// nothing is settled.
fn wait_until_all_wait<'a>(sender: &Sender, contracts: &'a [Contract]) -> Vec<Waiting<'a>> {
    let world = sender.world;
    let come = |contract: &'a Contract| Waiting {
        contract,
        mail: contract
            .recipient
            .as_deref()
            .map(|address| sender.offer_mail(address)),
        sms: contract
            .mobile
            .as_deref()
            .map(|number| world.sms(number, 1)),
    };
    let waiting: Vec<Waiting<'a>> = contracts.iter().map(come).collect();
    let dispatches = sender.dispatches();
    assert_eq!(dispatches.len(), CONTRACTS);
    for dispatch in &dispatches {
        assert_eq!(dispatch.outcome, None, "{} waits", dispatch.serial);
        assert_eq!(dispatch.charge, "reserved", "{}", dispatch.serial);
    }
    let running = world.dispatches_that_are("RUNNING");
    assert!(ids(&dispatches).is_subset(&running), "all wait at once");
    assert_eq!(sender.points(), (0, u32::try_from(CONTRACTS).expect("few")));
    waiting
}

/// In an order that the seed draws.
fn shuffled<T>(mut cards: Vec<T>, seed: u64) -> Vec<T> {
    let mut random = Random::new(seed);
    let draw = || (!cards.is_empty()).then(|| cards.swap_remove(random.below(cards.len())));
    iter::from_fn(draw).collect()
}

fn answer_all(sender: &Sender, waiting: Vec<Waiting<'_>>) {
    let next = Mutex::new(waiting.into_iter());
    thread::scope(|scope| {
        for _ in 0..ANSWERS_AT_ONCE {
            scope.spawn(|| {
                loop {
                    let one = next.lock().expect("nobody panicked").next();
                    let Some(one) = one else { break };
                    answer(sender, &one);
                }
            });
        }
    });
}

fn answer(sender: &Sender, waiting: &Waiting<'_>) {
    let (world, contract) = (sender.world, waiting.contract);
    let text = &contract.text;
    match (
        contract.road,
        contract.recipient.as_deref().zip(waiting.mail.as_ref()),
        contract.mobile.as_deref().zip(waiting.sms.as_ref()),
    ) {
        (Road::Mail, Some((address, offer)), _) => {
            assert_eq!(sender.answer_by_mail(address, offer, text).code, 250);
        }
        (Road::Sms, _, Some((number, _))) => world.answer_by_sms(number, text),
        (Road::Link, _, Some((_, sms))) => world.answer_by_link(sms.link(), "text", text),
        (Road::Link, Some((_, mail)), None) => world.answer_by_link(mail.link(), "text", text),
        (Road::Mail | Road::Sms, ..) | (Road::Link, None, None) => {
            unreachable!("{contract:?} has that road")
        }
    }
}

/// Waits until every workflow has ended well. The state machine is asked, and not the dispatches:
/// to list the events of so many takes LocalStack longer than to make a certificate.
fn ended(sender: &Sender) -> Vec<Dispatch> {
    let expected = ids(&sender.dispatches());
    wait_for("every contract's workflow ends", || {
        let failed = sender.world.dispatches_that_are("FAILED");
        assert!(failed.is_disjoint(&expected), "{failed:?}");
        let succeeded = sender.world.dispatches_that_are("SUCCEEDED");
        expected.is_subset(&succeeded).then_some(())
    });
    sender.dispatches()
}

fn ids(dispatches: &[Dispatch]) -> BTreeSet<String> {
    let ids = dispatches.iter().map(|dispatch| &dispatch.dispatch_id);
    ids.cloned().collect()
}

/// One dispatch for each contract and none for anything else, no gap, each charged once.
fn assert_serials_and_points(sender: &Sender, dispatches: &[Dispatch]) {
    let serials = dispatches.iter().map(|dispatch| dispatch.serial.clone());
    let gapless = (1..=CONTRACTS).map(|number| format!("{}-{number:06}", sender.account()));
    assert!(gapless.eq(serials), "serials have no gap");
    assert_eq!(sender.points(), (0, 0));
    assert_eq!(sender.ledger_lines("posted"), CONTRACTS);
    assert_eq!(sender.ledger_lines("voided"), 0);
}

/// How many mails to the sender carry the file with a digest, and which serial they name.
fn sender_copies(sender: &Sender) -> BTreeMap<String, Vec<String>> {
    let mut copies: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for mail in sender.notices(CONTRACTS) {
        for digest in carried(sender, &mail) {
            copies.entry(digest).or_default().push(mail.text.clone());
        }
    }
    copies
}

/// The digests of the files that a mail carries.
fn carried(sender: &Sender, mail: &Mail) -> Vec<String> {
    let files = attachments(&sender.raw(mail));
    files.iter().map(|(_, bytes)| digest(bytes)).collect()
}

fn digest(bytes: &[u8]) -> String {
    Sha256Digest::new(Sha256::digest(bytes).into()).to_string()
}

/// The contract's own answer, its own recipient, and a copy for both parties (P-037).
fn assert_certified(
    sender: &Sender,
    dispatches: &[Dispatch],
    contract: &Contract,
    copies: &BTreeMap<String, Vec<String>>,
) {
    let own = dispatches.iter().filter(|one| contract.is_of(one));
    let own: Vec<&str> = own.map(|one| one.dispatch_id.as_str()).collect();
    assert_eq!(own.len(), 1, "one dispatch of {contract:?}");
    let dispatch = find(dispatches, own[0]);
    let name = format!("{contract:?} ({})", dispatch.serial);
    assert_eq!(dispatch.outcome.as_deref(), Some("answered"), "{name}");
    assert_eq!(dispatch.charge, "posted", "{name}");
    let answers = dispatch.answers();
    let answers: Vec<(&str, &str, bool)> = answers
        .iter()
        .map(|(answer, is_late)| (answer.road.as_str(), answer.text.trim(), *is_late))
        .collect();
    let expected = [(contract.road.name(), contract.text.as_str(), false)];
    assert_eq!(answers, expected, "{name}");

    let certificate = certificate_text(sender, dispatch);
    let destinations = [&contract.recipient, &contract.mobile]
        .into_iter()
        .flatten();
    let mut said = vec![contract.text.as_str(), &dispatch.serial];
    said.extend(destinations.map(String::as_str));
    for said in said {
        assert!(certificate.contains(said), "{name}: {said}: {certificate}");
    }
    // Every text begins so, and none is another's beginning.
    let beginning = format!("{}の第", sender.account());
    let quoted = certificate.matches(&beginning).count();
    let quoted_own = certificate.matches(&contract.text).count();
    assert_eq!(quoted, quoted_own, "{name} quotes another: {certificate}");

    let original = digest(&sender.original(dispatch));
    let recorded = dispatch.certificate_sha256.as_deref();
    assert_eq!(recorded, Some(original.as_str()), "{name}");
    let to_sender = copies.get(&original).map_or(&[][..], Vec::as_slice);
    assert_eq!(to_sender.len(), 1, "one copy to the sender of {name}");
    assert!(to_sender[0].contains(&dispatch.serial), "{name}");
    let by_mail = contract.recipient.as_deref().map_or(0, |address| {
        let mails = sender.mailbox(address);
        let files = mails.iter().flat_map(|mail| carried(sender, mail));
        files.filter(|file| *file == original).count()
    });
    let by_sms = contract.mobile.as_deref().map_or(0, |number| {
        let messages = sender.world.phone(number);
        messages
            .iter()
            .filter(|sms| sms.text.contains("/c/"))
            .count()
    });
    assert_eq!(by_mail + by_sms, 1, "one copy to the recipient of {name}");
}
