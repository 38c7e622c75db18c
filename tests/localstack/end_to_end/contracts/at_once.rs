//! Two hundred contracts that wait side by side.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::thread;

use localstack::{Dispatch, Sender, fresh_mobile};
use tests::random::Random;

use super::certificate_text;

/// Contracts that wait at once (issue 3).
const CONTRACTS: usize = 200;

/// How many people write or answer at the same time.
const SESSIONS: usize = 6;

const SEED: u64 = 200;

/// How many contracts of each kind: by mail only, by SMS only, by both.
const KINDS: [usize; 3] = [60, 60, 80];

/// How many of each kind one mail offers: it names at most twenty destinations.
const EACH_MAIL: [usize; 3] = [20, 20, 10];

/// How many have to end within the time that a test waits, again and again.
const STRIDE: usize = 20;

/// One of the contracts.
#[derive(Clone)]
struct Waiting {
    number: usize,
    recipient: Option<String>,
    mobile: Option<String>,
}

impl Waiting {
    fn is_of(&self, dispatch: &Dispatch) -> bool {
        self.recipient == dispatch.recipient && self.mobile == dispatch.mobile
    }
}

#[test]
fn two_hundred_contracts_that_wait_at_once_get_the_right_certificates_p_007() {
    assert_eq!(KINDS.iter().sum::<usize>(), CONTRACTS);
    let points = u32::try_from(CONTRACTS).expect("few");
    let sender = Sender::with_points(points);
    let contracts = offered(&sender);
    // All wait before the first one is answered.
    for contract in &contracts {
        if let Some(recipient) = &contract.recipient {
            let _ = sender.offer_mail(recipient);
        }
        if let Some(mobile) = &contract.mobile {
            let _ = sender.world.sms(mobile, 1);
        }
    }
    assert_eq!(sender.points(), (0, points));
    answer_in_random_order(&sender, &contracts);

    for ended in (0..CONTRACTS).step_by(STRIDE) {
        sender.ended_at_least(ended);
    }
    let dispatches = sender.ended_dispatches(CONTRACTS);
    side_by_side(contracts.into(), |contract| {
        let number = contract.number;
        let mut own = dispatches.iter().filter(|one| contract.is_of(one));
        let dispatch = own.next().expect("it was offered");
        assert_eq!(dispatch.outcome.as_deref(), Some("answered"), "{number}");
        let answers = dispatch.answers();
        assert_eq!(answers.len(), 1, "{number}: {answers:?}");
        let certificate = certificate_text(&sender, dispatch);
        let destinations = [contract.recipient, contract.mobile];
        let expected = [answer_to(number), dispatch.serial.clone()];
        for said in destinations.into_iter().flatten().chain(expected) {
            assert!(certificate.contains(&said), "{number}: {said}");
        }
        let quoted = certificate.matches("号を承諾します。").count();
        assert_eq!(quoted, 1, "{number}: its own answer and no other");
    });
    assert_eq!(sender.points(), (0, 0));
    assert_eq!(sender.ledger_lines("posted"), CONTRACTS);
}

/// Offers all of them, many in one mail.
fn offered(sender: &Sender) -> Vec<Waiting> {
    let kinds = [(true, false), (false, true), (true, true)];
    let kinds = kinds.into_iter().zip(KINDS).zip(EACH_MAIL);
    let mut contracts = Vec::new();
    let mut mails = VecDeque::new();
    for (((by_mail, by_sms), count), each_mail) in kinds {
        let start = contracts.len();
        contracts.extend((start..start + count).map(|number| Waiting {
            number,
            recipient: by_mail.then(|| sender.recipient(&format!("r{number}"))),
            mobile: by_sms.then(fresh_mobile),
        }));
        let kind = contracts.get(start..).unwrap_or_default();
        mails.extend(kind.chunks(each_mail).map(<[Waiting]>::to_vec));
    }
    side_by_side(mails, |mail| {
        let recipients = mail.iter().filter_map(|one| one.recipient.as_deref());
        let mobiles = mail.iter().filter_map(|one| one.mobile.as_deref());
        let destinations: Vec<&str> = recipients.chain(mobiles).collect();
        let _ = sender.offer(&format!("{} 業務委託契約", destinations.join(" ")));
    });
    contracts
}

fn answer_to(number: usize) -> String {
    format!("第{number}号を承諾します。")
}

fn answer_in_random_order(sender: &Sender, contracts: &[Waiting]) {
    let mut random = Random::new(SEED);
    let mut left: Vec<&Waiting> = contracts.iter().collect();
    let mut answers = VecDeque::new();
    while !left.is_empty() {
        let contract = left.swap_remove(random.below(left.len()));
        answers.push_back((contract, random.below(2)));
    }
    side_by_side(answers, |(contract, place)| {
        let text = answer_to(contract.number);
        let (mail, mobile) = (contract.recipient.as_ref(), contract.mobile.as_ref());
        match (mail, mobile, place) {
            (Some(mail), _, 0) => {
                let offer = sender.offer_mail(mail);
                let reply = sender.answer_by_mail(mail, &offer, &text);
                assert_eq!(reply.code, 250, "{text}");
            }
            (None, Some(mobile), 0) => sender.world.answer_by_sms(mobile, &text),
            (Some(_), Some(mobile), _) if contract.number.is_multiple_of(2) => {
                sender.world.answer_by_sms(mobile, &text);
            }
            (_, Some(mobile), _) => {
                let sms = sender.world.sms(mobile, 1);
                sender.world.answer_by_link(sms.link(), "text", &text);
            }
            (Some(mail), None, _) => {
                let offer = sender.offer_mail(mail);
                sender.world.answer_by_link(offer.link(), "text", &text);
            }
            (None, None, _) => unreachable!("each has a destination"),
        }
    });
}

/// Does this with each, some of them at the same time.
fn side_by_side<T: Send>(queue: VecDeque<T>, what: impl Fn(T) + Sync) {
    let queue = Mutex::new(queue);
    let next = || queue.lock().expect("no panic").pop_front();
    thread::scope(|scope| {
        for _ in 0..SESSIONS {
            scope.spawn(|| {
                while let Some(one) = next() {
                    what(one);
                }
            });
        }
    });
}
