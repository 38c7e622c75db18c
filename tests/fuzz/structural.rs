//! Judges structural mutations: `cargo run --release -p fuzz --example structural -- 10000 0`
//! judges those of 10,000 seeds from 0 on, and fails when one of them is called authentic.
#![expect(clippy::print_stdout, reason = "a tool for developers")]

use std::collections::BTreeMap;
use std::env::args;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use attacks::mutations::{Kind, mutation};
use fuzz::{judge, problem};

fn main() -> ExitCode {
    let mut numbers = args().skip(1).map(|word| word.parse::<u64>());
    let count = numbers.next().and_then(Result::ok).unwrap_or(10_000);
    let first = numbers.next().and_then(Result::ok).unwrap_or_default();
    let next = AtomicU64::new(first);
    let (found, wrong) = (Mutex::new(BTreeMap::new()), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first.saturating_add(count) {
                break;
            }
            let (kind, case) = mutation(seed);
            let (word, problem) = match judge(&case) {
                Ok(report) => (report.verdict().word(), problem(&report)),
                Err(error) => ("not judged", Some(error)),
            };
            if let Ok(mut found) = found.lock() {
                *found.entry((kind, word)).or_insert(0_u64) += 1;
            }
            if let (Some(problem), Ok(mut wrong)) = (problem, wrong.lock()) {
                wrong.push(format!("{}: {problem}", case.name));
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let found = found.into_inner().unwrap_or_default();
    for kind in Kind::ALL {
        let of_kind = found.iter().filter(|((of, _), _)| *of == kind);
        let words: Vec<String> = of_kind
            .map(|((_, word), count)| format!("{count} {word}"))
            .collect();
        println!("{:<10} {}", format!("{kind:?}"), words.join(", "));
    }
    let wrong = wrong.into_inner().unwrap_or_default();
    for problem in &wrong {
        println!("{problem}");
    }
    println!("{count} mutations, {} of them judged wrongly", wrong.len());
    ExitCode::from(u8::from(!wrong.is_empty()))
}
