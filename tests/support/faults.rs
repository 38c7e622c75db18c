//! Faults on demand: a port that fails, an answer that gets lost, a process that dies between two
//! calls.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// How one call of a port goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing was done, and another try may succeed.
    Fails,
    /// It was done, but the answer got lost: the caller learns that it may have failed.
    AnswerLost,
    /// Nothing was done, and the answer got lost: to the caller the same as above.
    RequestLost,
    /// Nothing was done, and another try would fail the same way.
    Denied,
}

/// How steps are called, to find out whether they may be called like that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rehearsal {
    /// Once.
    #[default]
    Once,
    /// Everything twice in a row, as Lambda does now and then.
    Twice,
    /// Everything twice: the first run's answer is lost, and the caller tries again.
    LoseFirstAnswer,
    /// The first call of each port by each step fails.
    FailEveryPortOnce,
}

/// A fault that waits for its call.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    pub(crate) operation: String,
    /// How many calls go well before.
    pub(crate) skip: usize,
    pub(crate) fault: Fault,
    /// Whether it stays until it is taken away.
    pub(crate) stays: bool,
}

/// A process that will die.
#[derive(Debug, Clone)]
pub(crate) struct PlannedCrash {
    pub(crate) function: &'static str,
    /// How many processes of the function live before.
    pub(crate) skip: usize,
    /// After so many calls of ports.
    pub(crate) after_calls: usize,
}

/// One call of a function: which ports it called, and whether it dies.
#[derive(Debug, Default)]
pub(crate) struct Invocation {
    /// Who is called about what; faults "once per step" are counted by it.
    pub(crate) subject: String,
    /// Dies after so many calls of ports.
    pub(crate) crash_after: Option<usize>,
    /// Gives way to others before each call of a port.
    pub(crate) is_interleaved: bool,
    pub(crate) calls: Mutex<Vec<&'static str>>,
    pub(crate) is_dead: AtomicBool,
}

impl Invocation {
    /// Notes a call. Whether the process dies right after it.
    pub(crate) fn dies_after(&self, operation: &'static str) -> bool {
        let mut calls = self.calls.lock().expect("nobody panics while holding it");
        calls.push(operation);
        let dies = self.crash_after.is_some_and(|limit| calls.len() >= limit);
        if dies {
            self.is_dead.store(true, Ordering::Relaxed);
        }
        dies
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.is_dead.load(Ordering::Relaxed)
    }
}
