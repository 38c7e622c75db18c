//! Faults of what everybody shares, so these tests take turns: one authority or both misbehave.
//! And what looks at everybody's accounts, which must not come while their tests run.

use std::sync::{Mutex, MutexGuard, PoisonError};

use localstack::{Dispatch, Sender, World, wait_for};
use serde_json::json;

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

/// The scheduled rule's call.
fn expire_accounts(world: &World) {
    let function = world.output("ExpireAccountsFunction");
    let invocation = world.invoke(function, &json!({ "source": "aws.events" }));
    assert_eq!(invocation.error, None, "{:?}", invocation.payload);
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
