//! A submission of many recipients: recorded once, and unfolded in any order, by anybody, again.

use domain::{ChargeState, Dispatch, DispatchId, LedgerEntry, LedgerPageOf, Points};
use workflow::ports::{
    AcceptanceResult, LapseStore, Plan, ReadLedger, StoredIntake, UnfoldIntake, Unfolding,
};

use super::{
    DispatchStore, IntakeStore, Names, Office, accepted, balance_of, end_charge, eventually,
    loaded, open,
};

/// Recipients of the submission, and how many of them a transaction writes.
const RECIPIENTS: usize = 7;
const AT_ONCE_MAX: usize = 3;

/// A submission that does not fit into one transaction is recorded with its plan: its points are
/// reserved, its serials are taken, its dispatches follow. Whoever unfolds it, in whatever order
/// and however often, writes each dispatch and each charge once, and what became of one meanwhile
/// stays. The ledger adds up at every moment.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_unfolding<S>(store: &S, names: &Names)
where
    S: IntakeStore + DispatchStore + ReadLedger + LapseStore + Office + Clone + Send + Sync,
{
    open(store, names, 10).await;
    let mut acceptance = names.acceptance(1, RECIPIENTS);
    acceptance.at_once_max = AT_ONCE_MAX;
    let ids = accepted(store, &acceptance).await;
    assert_eq!(accepted(store, &acceptance).await, ids);
    let found = store.find_intake(&acceptance.submission).await;
    let Some(StoredIntake::Accepted {
        recipients,
        unfolding,
        ..
    }) = found.expect("answers")
    else {
        panic!("it is not accepted");
    };
    assert_eq!((recipients, unfolding), (RECIPIENTS, Unfolding::Planned));
    let plan = store.find_plan(&acceptance.submission).await;
    let plan = plan.expect("answers").expect("there is a plan");
    assert_eq!(plan, acceptance.plan_after(0));
    assert_adds_up(store, names, &[], (3, 7)).await;
    for id in &ids {
        assert_eq!(store.load(id).await.expect("answers"), None);
    }
    // The next submission takes the serials behind it, and is written at once.
    let next = accepted(store, &names.acceptance(2, 1)).await;
    let next = next.first().expect("one dispatch");
    assert_eq!(loaded(store, next).await.dispatch.serial, names.serial(8));
    assert_eq!(plan_of(store, names, 2).await, None);

    let dispatches = plan.dispatches();
    let batches: Vec<&[Dispatch]> = dispatches.chunks(AT_ONCE_MAX).collect();
    let [first, second, last] = batches.as_slice() else {
        panic!("seven are three batches of three");
    };
    unfold(store, &plan, second).await;
    assert_unfolded(store, second).await;
    // One settles before the others are there; unfolding again leaves it alone.
    let settled = second.first().expect("three");
    end_charge(store, &settled.id, ChargeState::Posted, 5).await;
    let before = loaded(store, &settled.id).await;
    let known = [next.clone()];
    let there = ids_of(second).chain(known.iter().cloned());
    assert_adds_up(store, names, &there.collect::<Vec<_>>(), (2, 7)).await;
    unfold(store, &plan, second).await;
    assert_eq!(loaded(store, &settled.id).await, before);
    // Batches of another size overlap with those that are there.
    let across = dispatches.get(2..5).expect("seven");
    unfold(store, &plan, across).await;
    let (one, other) = tokio::join!(store.unfold(&plan, first), store.unfold(&plan, first));
    one.and(other).expect("both find it done");
    unfold(store, &plan, last).await;
    for batch in batches {
        unfold(store, &plan, batch).await;
    }
    assert_eq!(loaded(store, &settled.id).await, before);
    assert_unfolded(store, &dispatches).await;
    let there: Vec<DispatchId> = ids.iter().chain([next]).cloned().collect();
    assert_adds_up(store, names, &there, (2, 7)).await;
    assert_open_and_dear(store, names).await;
    for (before, count) in [(0, 3), (3, 7), (7, 7)] {
        let started = store.started(&acceptance.submission).await;
        assert_eq!(started.expect("answers"), before);
        let noted = store.note_started(&acceptance.submission, count).await;
        noted.expect("answers");
    }
}

/// What a submission holds is reserved: nobody else spends it.
async fn assert_open_and_dear<S: IntakeStore + Office>(store: &S, names: &Names) {
    let mut too_dear = names.acceptance(3, 3);
    too_dear.at_once_max = 1;
    let refused = store.record_acceptance(&too_dear).await;
    assert_eq!(refused.expect("answers"), AcceptanceResult::PointsGone);
    assert_eq!(plan_of(store, names, 3).await, None, "nothing is written");
}

async fn plan_of<S: UnfoldIntake>(store: &S, names: &Names, number: usize) -> Option<Plan> {
    let plan = store.find_plan(&names.submission(number)).await;
    plan.expect("the store answers")
}

async fn unfold<S: UnfoldIntake>(store: &S, plan: &Plan, dispatches: &[Dispatch]) {
    let unfolded = store.unfold(plan, dispatches).await;
    unfolded.expect("the store answers");
}

fn ids_of(dispatches: &[Dispatch]) -> impl Iterator<Item = DispatchId> {
    dispatches.iter().map(|dispatch| dispatch.id.clone())
}

async fn assert_unfolded<S: DispatchStore>(store: &S, dispatches: &[Dispatch]) {
    for dispatch in dispatches {
        assert_eq!(loaded(store, &dispatch.id).await.dispatch, *dispatch);
    }
}

/// The balance is what it should be, the lines say the same, and each of these dispatches has one
/// charge.
async fn assert_adds_up<S>(
    store: &S,
    names: &Names,
    charged: &[DispatchId],
    (available, reserved): (u32, u32),
) where
    S: ReadLedger + Office,
{
    let balance = balance_of(store, &names.account).await;
    assert_eq!(
        (balance.available.get(), balance.reserved.get()),
        (available, reserved)
    );
    let page = LedgerPageOf {
        after: None,
        from: None,
        until: None,
        newest_first: false,
        entries_max: 100,
    };
    let lines = async || {
        let page = store.ledger(&names.account, &page).await;
        page.expect("the store answers").entries
    };
    // The grant, the reservation, and the charges.
    let expected = 2 + charged.len();
    assert!(eventually(async || lines().await.len() == expected).await);
    let lines = lines().await;
    let held = lines.iter().map(|line| match line {
        LedgerEntry::Reservation { left, .. } => left.get(),
        LedgerEntry::Charge { points, state, .. } if *state == ChargeState::Reserved => {
            points.get()
        }
        LedgerEntry::Charge { .. } | LedgerEntry::Grant { .. } | LedgerEntry::Lapse { .. } => 0,
    });
    assert_eq!(held.sum::<u32>(), reserved, "{lines:?}");
    let spent = lines.iter().map(|line| match line {
        LedgerEntry::Charge { points, state, .. } if *state == ChargeState::Posted => points.get(),
        LedgerEntry::Charge { .. }
        | LedgerEntry::Reservation { .. }
        | LedgerEntry::Grant { .. }
        | LedgerEntry::Lapse { .. } => 0,
    });
    let granted = lines.iter().map(|line| match line {
        LedgerEntry::Grant { points, .. } => points.get(),
        LedgerEntry::Charge { .. }
        | LedgerEntry::Reservation { .. }
        | LedgerEntry::Lapse { .. } => 0,
    });
    let granted: u32 = granted.sum();
    assert_eq!(available + reserved + spent.sum::<u32>(), granted);
    let mut of: Vec<DispatchId> = lines
        .iter()
        .filter_map(|line| match line {
            LedgerEntry::Charge {
                dispatch, points, ..
            } => {
                assert_eq!(*points, Points::new(1));
                Some(dispatch.clone())
            }
            LedgerEntry::Reservation { .. }
            | LedgerEntry::Grant { .. }
            | LedgerEntry::Lapse { .. } => None,
        })
        .collect();
    let mut charged = charged.to_vec();
    of.sort();
    charged.sort();
    assert_eq!(of, charged);
}
