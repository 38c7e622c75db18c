//! A submission whose sender gets one summary: it is due when the last dispatch has ended.

use domain::{NoticeState, SummaryToken};
use workflow::ports::{KeepSummary, StoredIntake, SummaryProgress};

use super::{DispatchStore, IntakeStore, Names, Office, accepted, loaded, open, time};

/// The token is kept with the intake. Each dispatch counts once, however often, by however many at
/// once; the mail moves on like any notice.
///
/// # Panics
/// When the promise is broken.
pub async fn contract_of_summaries<S>(store: &S, names: &Names)
where
    S: IntakeStore + DispatchStore + KeepSummary + Office,
{
    open(store, names, 9).await;
    let mut acceptance = names.acceptance(1, 3);
    acceptance.summary = Some(SummaryToken::new(7));
    let ids = accepted(store, &acceptance).await;
    let found = store.find_intake(&acceptance.submission).await;
    let Some(StoredIntake::Accepted { summary, .. }) = found.expect("answers") else {
        panic!("it is not accepted");
    };
    assert_eq!(summary, acceptance.summary);
    let count = async |position: usize| -> SummaryProgress {
        let id = ids.get(position).expect("three dispatches");
        let dispatch = loaded(store, id).await.dispatch;
        let counted = store.count_ended(&dispatch).await;
        counted.expect("the store answers")
    };
    let pending = |waiting| SummaryProgress {
        waiting,
        notice: NoticeState::Pending,
    };
    assert_eq!(count(1).await, pending(2));
    assert_eq!(count(1).await, pending(2), "once");
    let (one, other) = tokio::join!(count(0), count(0));
    assert_eq!((one, other), (pending(1), pending(1)));
    assert_eq!(count(2).await, pending(0));
    assert_eq!(count(0).await, pending(0));

    let submission = &acceptance.submission;
    let attempted = NoticeState::Attempted { at: time(9) };
    for (from, to, moves) in [
        (&attempted, &NoticeState::Pending, false),
        (&NoticeState::Pending, &attempted, true),
        (&NoticeState::Pending, &attempted, false),
    ] {
        let moved = store.move_summary(submission, from, to).await;
        assert_eq!(moved.expect("the store answers"), moves);
    }
    assert_eq!(count(2).await.notice, attempted);
    // Counting is not a change of the dispatch that others decide on.
    assert_eq!(loaded(store, ids.first().expect("three")).await.version, 0);

    // A submission without a summary counts nobody.
    let alone = accepted(store, &names.acceptance(2, 1)).await;
    let alone = loaded(store, alone.first().expect("one dispatch")).await;
    assert!(store.count_ended(&alone.dispatch).await.is_err());
}
