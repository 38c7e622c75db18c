//! Faults of what everybody shares, so these tests take turns: one authority or both misbehave.

use std::sync::{Mutex, MutexGuard, PoisonError};

use localstack::{Dispatch, Sender, World, wait_for};

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

/// Whose policy is in the certificate's timestamp: the token names it in DER.
fn authority_of(sender: &Sender, dispatch: &Dispatch) -> &'static str {
    // 1.3.6.1.4.1.99999.3161.1 and .2: the last arc tells them apart.
    let stem = "2b06010401868d1f9859";
    let certificate = sender.original(dispatch);
    let hex: String = String::from_utf8_lossy(&certificate).to_lowercase();
    let found = |arc: &str| hex.contains(&format!("{stem}{arc}"));
    match (found("01"), found("02")) {
        (true, false) => "one",
        (false, true) => "two",
        _ => "nobody",
    }
}

#[test]
fn the_first_authority_is_asked_first_x_2() {
    let _turn = Turn::take();
    let sender = Sender::with_points(1);
    let dispatch = sender.sent_to(&sender.recipient("hanako"));
    assert_eq!(authority_of(&sender, &dispatch), "one");
}

#[test]
fn whatever_the_first_authority_does_the_second_one_stamps_x_2() {
    let turn = Turn::take();
    let faults = ["down", "http500", "garbage", "wrong_nonce", "wrong_imprint"];
    let faults = faults.into_iter().chain(["wrong_policy", "clock_off"]);
    let sender = Sender::with_points(7);
    for fault in faults {
        turn.break_authorities(fault, "none");
        let dispatch = sender.sent_to(&sender.recipient("hanako"));
        assert_eq!(authority_of(&sender, &dispatch), "two", "{fault}");
    }
    assert_eq!(sender.points(), (0, 0));
}

#[test]
fn without_a_timestamp_there_is_no_certificate_until_there_is_one_x_2() {
    let turn = Turn::take();
    turn.break_authorities("down", "garbage");
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
    assert_eq!(
        dispatches[0].certificate_key, None,
        "no timestamp, no certificate"
    );
    assert!(sender.notices(0).is_empty());

    turn.break_authorities("none", "none");
    let dispatches = sender.ended_dispatches(1);
    assert_eq!(authority_of(&sender, &dispatches[0]), "one");
    assert!(sender.notices(1)[0].text.contains(&dispatches[0].serial));
}
