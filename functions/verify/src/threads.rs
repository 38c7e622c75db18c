//! Two things at a time.

use std::panic::resume_unwind;
use std::thread;

use anyhow::Context;
#[cfg(target_os = "linux")]
use rustix::thread::CpuSet;

/// Calls both, each on a thread of its own.
///
/// # Errors
/// When no thread is to be had; then nothing was called.
pub(crate) fn side_by_side<A, B: Send>(
    one: impl FnOnce() -> A,
    other: impl FnOnce() -> B + Send,
) -> anyhow::Result<(A, B)> {
    let processors = Processors::of_thread();
    let other = || {
        processors.leave();
        other()
    };
    thread::scope(|scope| {
        let other = thread::Builder::new().spawn_scoped(scope, other);
        let other = other.context("starting a thread")?;
        processors.stay();
        // The other thread may have begun behind this one, and can only leave when it runs.
        thread::yield_now();
        let one = one();
        let other = other.join();
        Ok((one, other.unwrap_or_else(|panic| resume_unwind(panic))))
    })
}

/// Keeps two threads apart. Linux may begin a thread behind the one that made it, or wake one
/// behind the one that woke it, and leave it there for up to 4 milliseconds, a fifth of a
/// verification, while another processor is idle. Where the threads cannot be kept apart nothing
/// else changes.
#[cfg(target_os = "linux")]
struct Processors {
    allowed: Option<CpuSet>,
    current: usize,
}

#[cfg(target_os = "linux")]
impl Processors {
    /// Those that the calling thread may run on.
    fn of_thread() -> Self {
        Self {
            allowed: rustix::thread::sched_getaffinity(None).ok(),
            current: rustix::thread::sched_getcpu(),
        }
    }

    /// Keeps the calling thread on the current one, until this value is dropped.
    fn stay(&self) {
        if self.allowed.is_some() {
            let mut only = CpuSet::new();
            only.set(self.current);
            limit_to(&only);
        }
    }

    /// Keeps the calling thread away from it, if there is another.
    fn leave(&self) {
        if let Some(mut others) = self.allowed {
            others.unset(self.current);
            limit_to(&others);
        }
    }
}

#[cfg(target_os = "linux")]
impl Drop for Processors {
    fn drop(&mut self) {
        if let Some(allowed) = &self.allowed {
            limit_to(allowed);
        }
    }
}

#[cfg(target_os = "linux")]
fn limit_to(processors: &CpuSet) {
    rustix::thread::sched_setaffinity(None, processors).ok();
}

#[cfg(not(target_os = "linux"))]
struct Processors;

#[cfg(not(target_os = "linux"))]
impl Processors {
    fn of_thread() -> Self {
        Self
    }

    fn stay(&self) {}

    fn leave(&self) {}
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn each_can_wait_for_the_other() {
        let (to_other, of_one) = channel();
        let (to_one, of_other) = channel();
        let one = || {
            to_other.send(1).unwrap();
            of_other.recv().unwrap()
        };
        let other = move || {
            to_one.send(2).unwrap();
            of_one.recv().unwrap()
        };
        assert_eq!(side_by_side(one, other).unwrap(), (2, 1));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_caller_may_run_where_it_could_before() {
        let allowed = || rustix::thread::sched_getaffinity(None).unwrap();
        let before = allowed();
        let (here, there) = side_by_side(allowed, allowed).unwrap();
        assert!(allowed() == before);
        let is_shared = (0..CpuSet::MAX_CPU).any(|one| here.is_set(one) && there.is_set(one));
        assert!(!is_shared || before.count() == 1);
    }

    #[test]
    fn a_panic_is_not_lost() {
        let result = std::panic::catch_unwind(|| side_by_side(|| (), || panic!("broken")));
        assert!(result.is_err());
    }
}
