//! Answers and events that come at the same time, in every order that a seed draws; and many
//! contracts that wait side by side.

use domain::{Choice, DispatchId, TrustSetting};
use serde_json::json;
use tests::World;
use tests::customer::{Customer, Letter};
use tests::random::Random;

use super::{BY_BOTH, MOBILE, answers, copies, first_dispatch, offered, outcome};

/// How many orders are tried.
const SEEDS: u64 = 20;

/// Contracts that wait at once (issue 3).
const CONTRACTS: usize = 200;

#[test]
fn answers_on_every_road_at_once_are_one_outcome_and_all_are_kept() {
    for seed in 0..SEEDS {
        let world = World::with_customer(10);
        let id = offered(&world, BY_BOTH);
        let letter = Letter::answer(&world.offer_mail(&id), "メールで承諾");
        let inbound = world.store_mail(&letter);
        let token = world.token_of(&id);
        let sent = world.offer_mail(&id);
        let bounce = json!({
            "bounceType": "Permanent",
            "bounceSubType": "General",
            "bouncedRecipients": [{ "emailAddress": super::HANAKO, "status": "5.1.1" }],
        });
        let calls = [
            world.receipt_call(&letter, &inbound),
            world.receipt_call(&letter, &inbound),
            world.sms_call(MOBILE, "SMSで承諾"),
            world.form_call(token.as_str(), Choice::Agree, "ページで承諾"),
            world.report_call(&sent.record("Bounce", bounce, world.now())),
        ];
        let failed = world.call_at_once(&calls, seed);
        assert_eq!(failed, 0, "seed {seed}: {:?}", world.failures());
        world.settle();
        world.assert_finished();
        assert_eq!(outcome(&world, &id), "answered", "seed {seed}");
        let kept = answers(&world, &id);
        let late = kept.iter().filter(|(_, is_late)| *is_late).count();
        assert_eq!((kept.len(), late), (3, 2), "seed {seed}: {kept:?}");
        // One settles; of the others those by mail and SMS have addenda (P-065). The link of the
        // offer shows nothing any more when it comes second.
        let is_first = kept
            .iter()
            .any(|(text, is_late)| text == "ページで承諾" && !is_late);
        let certified = if is_first { 3 } else { 2 };
        assert_eq!(copies(&world), (certified, certified), "seed {seed}");
    }
}

#[test]
fn one_sms_that_is_told_twice_at_once_answers_one_of_two_offers() {
    for seed in 0..SEEDS {
        let world = World::with_customer(10);
        let offers = [offered(&world, BY_BOTH), offered(&world, BY_BOTH)];
        let call = world.sms_call(MOBILE, "承諾します。");
        let failed = world.call_at_once(&vec![call; 3], seed);
        assert_eq!(failed, 0, "seed {seed}: {:?}", world.failures());
        world.settle();
        world.assert_finished();
        let ends = offers.map(|id| outcome(&world, &id));
        assert_eq!(ends, ["no_response", "answered"], "seed {seed}");
    }
}

#[test]
fn two_workflows_at_once_send_an_offer_once_on_each_road() {
    for seed in 0..SEEDS {
        let world = World::with_customer(10);
        let letter = Letter::contract(BY_BOTH);
        let id = first_dispatch(&world.receive_without_workflow(&letter));
        let call = |token: &str| {
            let payload = json!({ "dispatch_id": id.as_str(), "task_token": token });
            ("Deliver", payload)
        };
        let token = world.token_of(&id);
        let answer = world.form_call(token.as_str(), Choice::Agree, "");
        world.call_at_once(&[call("token-a"), call("token-b"), answer], seed);
        world.settle();
        world.assert_finished();
        assert_eq!(outcome(&world, &id), "answered", "seed {seed}");
        let is_told = world.completed("token-a") || world.completed("token-b");
        assert!(is_told, "seed {seed}: the workflow waits for ever");
    }
}

#[test]
fn two_hundred_contracts_that_wait_at_once_get_the_right_certificates() {
    let world = World::with_customer(400);
    world.trust(&Customer::taro().address, TrustSetting::DkimOrSpf);
    let mut random = Random::new(200);
    let mut open: Vec<(usize, DispatchId)> = (0..CONTRACTS)
        .map(|number| {
            let subject = format!("r{number}@recipient.test 090{number:08} 契約{number}番");
            let inbound = world.receive(&Letter::contract(&subject).unsigned());
            (number, first_dispatch(&inbound))
        })
        .collect();
    world.pass(3_600);
    let offers = open.clone();
    while !open.is_empty() {
        let (number, id) = open.swap_remove(random.below(open.len()));
        let text = format!("第{number}号を承諾します。");
        match random.below(3) {
            0 => {
                let letter = Letter::answer(&world.offer_mail(&id), &text);
                world.receive(&letter.unsigned());
            }
            1 => world.send_us_sms(&format!("+8190{number:08}"), &text),
            _ => world.answer_by_link(&id, Choice::Text, &text),
        }
        if random.once_in(4) {
            world.pass(1);
        }
    }
    world.settle();
    world.assert_finished();
    for (number, id) in offers {
        let text = format!("第{number}号を承諾します。");
        assert_eq!(answers(&world, &id), [(text.clone(), false)], "{number}");
        let certificate = world.certificate_text(&id);
        for said in [
            text,
            format!("契約{number}番"),
            format!("r{number}@recipient.test"),
        ] {
            assert!(certificate.contains(&said), "{number}: {said}");
        }
        assert!(world.original(&id).is_some(), "{number}");
    }
    assert_eq!(copies(&world).0, CONTRACTS);
}
