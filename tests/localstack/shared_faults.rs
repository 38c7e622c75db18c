//! Faults of what everybody shares, so these tests take turns: one authority or both misbehave.
//! And what looks at everybody's accounts and certificates, which must not come while their tests
//! run.
#![expect(clippy::expect_used, reason = "tests fail loudly")]

use std::sync::{Mutex, MutexGuard, PoisonError};

use judges::{Case, NOW};
use localstack::{Dispatch, Sender, World, fresh_mobile, wait_for};
use serde_json::{Value, json};

/// Whoever holds it has the timestamp authorities for itself; dropping it mends them.
struct Turn(
    #[expect(dead_code, reason = "held until the end of the test")] MutexGuard<'static, ()>,
);

impl Turn {
    fn take() -> Self {
        static TURNS: Mutex<()> = Mutex::new(());
        let guard = TURNS.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = Self(guard);
        turn.break_authorities("none", "none");
        turn
    }

    fn break_authorities(&self, one: &str, two: &str) {
        World::shared().break_authority("one", one);
        World::shared().break_authority("two", two);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.break_authorities("none", "none");
    }
}

/// Do tokens of both authorities stand in the certificate? Their policies name them in DER.
fn both_have_stamped(sender: &Sender, dispatch: &Dispatch) -> bool {
    // 1.3.6.1.4.1.99999.3161.1 and .2: the last arc tells them apart.
    let stem = "2b06010401868d1f9859";
    let certificate = sender.original(dispatch);
    let hex: String = String::from_utf8_lossy(&certificate).to_lowercase();
    ["01", "02"]
        .iter()
        .all(|arc| hex.contains(&format!("{stem}{arc}")))
}

#[test]
fn two_authorities_vouch_for_a_certificate_x_11() {
    let _turn = Turn::take();
    let sender = Sender::with_points(1);
    let dispatch = sender.sent_to(&sender.recipient("hanako"));
    assert!(both_have_stamped(&sender, &dispatch));
}

#[test]
fn without_both_timestamps_there_is_no_certificate_until_there_are_x_2() {
    let turn = Turn::take();
    let faults = ["down", "http500", "garbage", "wrong_nonce", "wrong_imprint"];
    for fault in faults.into_iter().chain(["wrong_policy", "clock_off"]) {
        turn.break_authorities("none", fault);
        let sender = Sender::with_points(1);
        let world = sender.world;
        let reply = sender.send(&sender.letter(&[&sender.recipient("hanako")]));
        let id = format!("{}-01", reply.message_id());
        let function = world.output("SignCertificateFunction");
        wait_for("signing has failed once", || {
            let lines = world.log_lines(function, &id);
            lines
                .iter()
                .any(|line| line.contains("TransientFailure"))
                .then_some(())
        });
        let dispatches = sender.dispatches();
        assert_eq!(dispatches[0].outcome.as_deref(), Some("relayed"));
        assert_eq!(dispatches[0].certificate_key, None, "{fault}");
        assert!(sender.notices(0).is_empty());

        turn.break_authorities("none", "none");
        let dispatches = sender.ended_dispatches(1);
        assert!(both_have_stamped(&sender, &dispatches[0]), "{fault}");
        assert!(sender.notices(1)[0].text.contains(&dispatches[0].serial));
    }
}

/// What waits for a person, of these serials.
fn parked(world: &World, serials: &[&str]) -> Vec<Value> {
    let listed = world.akashi(&["parked", "list", "--json"]);
    let all = listed.lines().map(serde_json::from_str::<Value>);
    let all = all.map(|line| line.expect("a JSON object a line"));
    let is_meant = |one: &Value| serials.iter().any(|serial| one["serial"] == *serial);
    all.filter(is_meant).collect()
}

/// Waits until nothing of these has a certificate, and signing each has failed once.
fn wait_until_signing_fails(sender: &Sender, count: usize) -> Vec<Dispatch> {
    let world = sender.world;
    let function = world.output("SignCertificateFunction");
    wait_for("signing each has failed once", || {
        let mut open = sender.dispatches();
        open.retain(|dispatch| !dispatch.has_ended());
        let has_failed = |dispatch: &Dispatch| {
            let lines = world.log_lines(function, &dispatch.dispatch_id);
            lines.iter().any(|line| line.contains("TransientFailure"))
        };
        (open.len() == count && open.iter().all(has_failed)).then_some(open)
    })
}

#[test]
fn what_cannot_be_signed_is_parked_listed_and_certified_by_a_replay() {
    let turn = Turn::take();
    let sender = Sender::with_points(3);
    let world = sender.world;
    let (settled, asked) = (fresh_mobile(), fresh_mobile());
    let answer = |mobile: &str, messages: usize, text: &str| {
        let _ = world.sms(mobile, messages);
        world.answer_by_sms(mobile, text);
    };
    let contract = sender.offer(&format!("{settled} 業務委託契約"));
    answer(&settled, 1, "承諾します。");
    let _ = world.contract_transitions(&contract);

    // One of each workflow waits for timestamps: a mail, a contract, and an addendum to one.
    turn.break_authorities("none", "down");
    let _ = sender.send(&sender.letter(&[&sender.recipient("hanako")]));
    let _ = sender.offer(&format!("{asked} 業務委託契約"));
    answer(&asked, 1, "承諾します。");
    answer(&settled, 2, "追伸です。");
    let open = wait_until_signing_fails(&sender, 3);
    let mut outcomes: Vec<_> = open.iter().map(|one| one.outcome.as_deref()).collect();
    outcomes.sort_unstable();
    let expected = ["answered", "answered_later", "relayed"].map(Some);
    assert_eq!(outcomes, expected);
    // And what is to be signed is gone, which no other try mends.
    for dispatch in &open {
        let draft = format!("drafts/{}.pdf", dispatch.dispatch_id);
        world.delete_object(world.output("InboundBucket"), &draft);
    }
    let serials: Vec<&str> = open.iter().map(|one| one.serial.as_str()).collect();
    let waiting = wait_for("all are parked", || {
        let waiting = parked(world, &serials);
        (waiting.len() == serials.len()).then_some(waiting)
    });
    for one in &waiting {
        assert_eq!(one["step"], "sign_certificate", "{one}");
        assert_eq!(one["error"], "PermanentFailure", "{one}");
    }

    turn.break_authorities("none", "none");
    for serial in &serials {
        let told = world.akashi(&["replay", serial]);
        assert!(told.contains("no longer parked"), "{told}");
    }
    for dispatch in sender.ended_dispatches(4) {
        assert!(both_have_stamped(&sender, &dispatch), "{}", dispatch.serial);
    }
    assert_eq!(parked(world, &serials), [] as [Value; 0]);
    assert_eq!(
        (sender.points(), sender.ledger_lines("posted")),
        ((0, 0), 3)
    );
}

/// Calls a function as its schedule does.
fn run_by_schedule(world: &World, output: &str) {
    let invocation = world.invoke_by_schedule(world.output(output));
    assert_eq!(invocation.error, None, "{:?}", invocation.payload);
}

#[test]
fn a_certificate_whose_timestamps_age_gets_another_one_and_verifies_still_x_2() {
    let _turn = Turn::take();
    let sender = Sender::with_points(1);
    let world = sender.world;
    let dispatch = sender.sent_to(&sender.recipient("hanako"));
    let before = sender.original(&dispatch);
    let renew = || {
        run_by_schedule(world, "RenewTimestampsFunction");
        sender.original(&dispatch)
    };
    assert!(renew() == before, "its timestamps are new");
    // The day has come that was computed when it was stamped.
    let due = json!({ ":due": { "S": "2026-01-05T00:00:00Z" }, ":check": { "N": "0" } });
    let expression = "SET certificate.renew_at = :due, renewal_check_at = :check";
    world.change_dispatch(&dispatch.dispatch_id, expression, &due);
    // The index that is asked follows its table a moment later.
    let renewed = wait_for("a version with one more timestamp", || {
        let now = renew();
        (now != before).then_some(now)
    });
    assert!(renewed.starts_with(&before), "what was there stays");
    assert!(renew() == renewed, "one is enough");
    let case = Case::new(&dispatch.serial, &renewed, &world.trusted_roots());
    assert_eq!(case.objections(NOW), [""; 0]);
    // The operator hands out what is recorded, and only what is.
    let file = std::env::temp_dir().join(format!("{}.pdf", dispatch.serial));
    let out = file.to_str().expect("a path");
    world.akashi(&["certificate", &dispatch.serial, "--out", out]);
    assert!(std::fs::read(&file).expect("a certificate") == renewed);
    std::fs::remove_file(&file).expect("it can go");
}

#[test]
fn what_a_function_cannot_read_waits_in_its_queue_for_a_person() {
    let _turn = Turn::take();
    let world = World::shared();
    // Only what could be an event can be handed to the function again.
    for (function, queue, event) in [
        (
            "RecordEventFunction",
            "FailedEventsQueue",
            json!({ "no": "event" }),
        ),
        (
            "ExpireAccountsFunction",
            "FailedExpirationsQueue",
            json!("no event"),
        ),
        (
            "RenewTimestampsFunction",
            "FailedRenewalsQueue",
            json!("no event"),
        ),
    ] {
        let before = world.letters_in(queue);
        world.invoke_later(world.output(function), &event);
        wait_for(&format!("a letter in {queue}"), || {
            (world.letters_in(queue) > before).then_some(())
        });
    }
    let listed = world.akashi(&["failed", "list", "--json"]);
    let said = "reading the input of an invocation that is not as documented";
    let is_listed = |line: &str| line.contains("record-event") && line.contains(said);
    assert!(listed.lines().any(is_listed), "{listed}");
    for queue in [
        "FailedEventsQueue",
        "FailedExpirationsQueue",
        "FailedRenewalsQueue",
    ] {
        world.empty(queue);
    }
}

/// The scheduled rule's call.
fn expire_accounts(world: &World) {
    run_by_schedule(world, "ExpireAccountsFunction");
}

#[test]
fn an_unused_account_is_warned_and_closed_and_its_senders_are_told_i_046() {
    let sender = Sender::with_points(7);
    let (world, account) = (sender.world, sender.account());
    world.change_account(
        account,
        "SET last_used_at = :used, lapse_check_at = :now",
        &json!({
            ":used": { "S": "2020-02-29T12:00:00.000000000Z" },
            ":now": { "N": "0" },
        }),
    );
    // The index that is asked follows its table a moment later.
    wait_for("the account is warned", || {
        expire_accounts(world);
        (!sender.mailbox(sender.address()).is_empty()).then_some(())
    });
    for _ in 0..2 {
        expire_accounts(world);
        let warning = sender.notices(1).remove(0);
        for expected in ["失効するポイント: 7", "Points that will lapse: 7"] {
            assert!(warning.text.contains(expected), "{}", warning.text);
        }
        assert_eq!(sender.points(), (7, 0), "seven days are left");
    }
    let notice = json!({ "M": {
        "state": { "S": "sent" },
        "at": { "S": "2025-02-21T12:00:00Z" },
        "message_id": { "S": "0100-1" },
    } });
    let warning = json!({ "M": { "warning": { "S": "seven_days" }, "notice": notice } });
    world.change_account(
        account,
        "SET lapse_warning = :warning, lapse_check_at = :now",
        &json!({ ":warning": warning, ":now": { "N": "0" } }),
    );
    wait_for("the account is closed", || {
        expire_accounts(world);
        (sender.points() == (0, 0)).then_some(())
    });
    for _ in 0..2 {
        expire_accounts(world);
        assert_eq!(sender.points(), (0, 0));
        assert_eq!(sender.ledger_lines("lapsed"), 1);
    }
    let shown = world.akashi(&["account", "show", "--id", account]);
    assert!(shown.contains("\"status\":\"lapsed\""), "{shown}");
    let reply = sender.send(&sender.letter(&[&sender.recipient("hanako")]));
    assert_eq!(world.taken(reply.message_id()), "refused");
    let refusal = sender.notices(2).remove(1);
    assert!(refusal.text.contains("is closed"), "{}", refusal.text);
}
