//! Random histories: many mails, accounts, faults, crashes, repeats and disorder. Whatever
//! happens, the invariants hold after every step, and in the end everything is finished.
//!
//! A failure prints its seed; `history(seed)` is that history again.

use std::collections::BTreeMap;

use domain::{
    AnswerDeadline, Choice, DispatchId, InboundMessageId, OfferOrder, Settled, TrustSetting,
};
use tests::customer::{Customer, Letter};
use tests::random::Random;
use tests::{AuthorityState, FUNCTIONS, Fault, Reaction, Rehearsal, SmsReaction, World};

/// Histories that every run tries; together they take a few seconds.
const SEEDS: u64 = 8;

/// Things that happen in one history.
const STEPS: usize = 60;

/// Ports that may go wrong. Not among them: those whose loss nobody can hear of later, such as a
/// request to the provider that vanished; they have journeys of their own.
const FRAGILE: [&str; 22] = [
    "fix_copy_token",
    "load",
    "commit",
    "read_object",
    "write_object",
    "record_acceptance",
    "find_plan",
    "unfold",
    "note_started",
    "count_ended",
    "move_summary",
    "start_dispatch",
    "complete_wait",
    "sign_digest",
    "request_timestamp",
    "create_original",
    "record_draft",
    "record_certificate",
    "send_mail",
    "send_sms",
    "find_by_answer_token",
    "offers_to",
];

struct History {
    world: World,
    random: Random,
    customers: Vec<Customer>,
    letters: Vec<(Letter, InboundMessageId)>,
    recipients: usize,
    settled: BTreeMap<DispatchId, Settled>,
}

#[test]
fn whatever_happens_the_invariants_hold() {
    for seed in 0..SEEDS {
        // The panic of a broken invariant shows the world; this line says how to get there again.
        println!("history({seed})");
        history(seed);
    }
}

fn history(seed: u64) {
    let mut history = History::begin(seed);
    for _ in 0..STEPS {
        history.step();
        history.check();
    }
    history.end();
}

impl History {
    fn begin(seed: u64) -> Self {
        let world = World::new();
        let mut random = Random::new(seed);
        let customers: Vec<Customer> = ["AAAA", "BBBB", "CCCC"]
            .map(|account| Customer::new(account, &format!("x@{}.test", account.to_lowercase())))
            .into();
        for customer in &customers {
            let points = u32::try_from(random.below(40)).expect("few");
            world.open_account(customer, points);
            // An unsigned letter costs no RSA signature, so that a run has time for more of them.
            world.trust(&customer.address, TrustSetting::DkimOrSpf);
            let (order, hours) = (random.pick(&OfferOrder::ALL), random.pick(&[1, 24, 720]));
            world.change_account(&customer.account, |account| {
                let contracts = &mut account.settings.contracts;
                contracts.order = order;
                contracts.deadline = AnswerDeadline::from_hours(hours).expect("it is allowed");
            });
        }
        // Letters have one to four recipients: some are written at once, others unfold.
        world.write_at_once(2);
        world.copy_each_of(3);
        world.disorder(random.number());
        Self {
            world,
            random,
            customers,
            letters: Vec::new(),
            recipients: 0,
            settled: BTreeMap::new(),
        }
    }

    fn step(&mut self) {
        match self.random.below(18) {
            0..=3 => self.send_letter(),
            12..=13 => self.offer_contract(),
            14..=16 => self.answer_something(),
            4 => self.repeat_letter(),
            5 => self.world.plan(
                self.random.pick(&FRAGILE),
                self.random.below(20),
                self.random.pick(&[Fault::Fails, Fault::AnswerLost]),
            ),
            6 => self
                .world
                .crash(self.random.pick(&FUNCTIONS), 1 + self.random.below(12)),
            7 => self.world.set_authority(
                self.random.below(2),
                self.random.pick(&[
                    AuthorityState::Up,
                    AuthorityState::Up,
                    AuthorityState::Down,
                    AuthorityState::WrongNonce,
                ]),
            ),
            8 => self.grant(),
            9 => self.world.rehearse(self.random.pick(&[
                Rehearsal::Once,
                Rehearsal::Twice,
                Rehearsal::LoseFirstAnswer,
            ])),
            10 => {
                self.world.redrive();
                self.world.replay_parked();
            }
            _ => {}
        }
        let seconds = self.random.pick(&[0, 0, 1, 5, 60, 3_600, 20_000]);
        self.world.pass(seconds);
    }

    fn send_letter(&mut self) {
        let customer = self.random.pick(&self.customers);
        let mut to = Vec::new();
        for _ in 0..=self.random.below(3) {
            self.recipients += 1;
            let recipient = format!("r{}@recipient.test", self.recipients);
            self.world
                .react(&recipient, self.random.pick(&Reaction::ALL));
            to.push(recipient);
        }
        let to: Vec<&str> = to.iter().map(String::as_str).collect();
        let verdict = if self.random.once_in(8) {
            "FAIL"
        } else {
            "PASS"
        };
        let letter = Letter::from(&customer)
            .to(&to)
            .unsigned()
            .verdicts("PASS", verdict);
        let id = self.world.receive(&letter);
        self.letters.push((letter, id));
    }

    fn offer_contract(&mut self) {
        let customer = self.random.pick(&self.customers);
        self.recipients += 1;
        let (address, mobile) = (
            format!("r{}@recipient.test", self.recipients),
            // A few people with telephones get many offers.
            format!("+8190000000{:02}", self.random.below(4)),
        );
        self.world.react(&address, self.random.pick(&Reaction::ALL));
        self.world
            .react_by_sms(&mobile, self.random.pick(&SmsReaction::ALL));
        let destinations = match self.random.below(3) {
            0 => address,
            1 => mobile,
            _ => format!("{address} {mobile}"),
        };
        let desk = format!(
            "{}@c.akashi.test",
            customer.account.to_string().to_lowercase()
        );
        let letter = Letter::from(&customer)
            .without("Cc")
            .to(&[&desk])
            .delivered_to(&[&desk])
            .subject(&format!("{destinations} Contract"))
            .unsigned();
        let id = self.world.receive(&letter);
        self.letters.push((letter, id));
    }

    /// Somebody answers an offer, in time or late, once or again, on any road.
    fn answer_something(&mut self) {
        let dispatches = self.world.dispatches();
        let offers: Vec<_> = dispatches
            .iter()
            .filter(|stored| stored.dispatch.answer_token().is_some())
            .collect();
        if offers.is_empty() {
            return;
        }
        let stored = self.random.pick(&offers);
        let id = &stored.dispatch.id;
        let outbox = self.world.outbox();
        let mailed = outbox.iter().find(|sent| sent.dispatch() == Some(id));
        let text = format!("answer {}", self.random.below(5));
        match (
            self.random.below(4),
            mailed,
            stored.dispatch.recipient.mobile(),
        ) {
            (0 | 1, Some(mailed), _) => {
                let letter = Letter::answer(mailed, &text).unsigned();
                let letter = match self.random.below(4) {
                    0 => letter.field("Auto-Submitted", "auto-replied"),
                    1 => letter.field("From", "jiro@elsewhere.test"),
                    _ => letter,
                };
                let inbound = self.world.receive(&letter);
                if self.random.once_in(3) {
                    self.world.repeat_receipt(&letter, &inbound);
                }
            }
            (2, _, Some(mobile)) => {
                let call = self.world.sms_call(mobile.as_str(), &text);
                self.world.call_soon(call.clone());
                if self.random.once_in(3) {
                    self.world.call_soon(call);
                }
            }
            _ => {
                let choice = self.random.pick(&Choice::ALL);
                self.world.answer_by_link(id, choice, &text);
            }
        }
    }

    fn repeat_letter(&mut self) {
        if !self.letters.is_empty() {
            let (letter, id) = self.random.pick(&self.letters);
            self.world.repeat_receipt(&letter, &id);
        }
    }

    fn grant(&mut self) {
        let customer = self.random.pick(&self.customers);
        self.world.grant(&customer.account, 3);
    }

    /// The invariants of any moment, and that what is settled stays settled.
    fn check(&mut self) {
        self.world.assert_sound();
        for stored in self.world.dispatches() {
            let id = stored.dispatch.id;
            match (self.settled.get(&id), stored.progress.settled) {
                (Some(before), after) => assert_eq!(Some(*before), after, "{id} changed"),
                (None, Some(settled)) => {
                    self.settled.insert(id, settled);
                }
                (None, None) => {}
            }
        }
    }

    /// All is well again: what was begun comes to its end.
    fn end(mut self) {
        self.world.mend();
        self.world.rehearse(Rehearsal::Once);
        for position in 0..2 {
            self.world.set_authority(position, AuthorityState::Up);
        }
        for _ in 0..4 {
            self.world.settle();
            if self.world.redrive() + self.world.replay_parked() == 0 {
                break;
            }
        }
        self.check();
        self.world.assert_finished();
        let letters = self.letters.iter().map(|(_, id)| id);
        let lost = self.world.lost_letters(letters);
        assert_eq!(lost, 0, "{}", self.world.report());
    }
}
