//! `make judges`: the corpus of attacks before us, pyHanko and pdfsig, side by side.
//!
//! The judges answer another question than we do: whether a signature holds and is trusted, not
//! whether the file is what the service issues. So disagreements are expected; they are listed, and
//! `tests/corpus/attacks/README.md` says why. Ours must be the expected verdict.
#![expect(clippy::print_stdout, reason = "it prints a table")]

use attacks::genuine::FONTS;
use judges::{Case, Question, ask_pyhanko};
use std::process::ExitCode;
use verifier::{Reader, Trust, Verdict, verify};

/// Structural mutations that are asked about; `make fuzz` asks us about more.
const MUTATIONS: u64 = 100;

fn main() -> ExitCode {
    let mutations = (0..MUTATIONS).map(|seed| attacks::mutations::mutation(seed).1);
    let cases: Vec<attacks::Case> = attacks::all().into_iter().chain(mutations).collect();
    let judged: Vec<Judged<'_>> = cases.iter().map(Judged::new).collect();
    let ask = |question| {
        let questions: Vec<_> = judged
            .iter()
            .map(|one| (&one.files, question, one.at.as_str()))
            .collect();
        ask_pyhanko(&questions)
    };
    let (trust, archive) = (ask(Question::Trust), ask(Question::Archive));
    println!(
        "{:<48} {:<11} {:<11} {:<8} {:<8} {:<8}",
        "case", "expected", "ours", "pyHanko", "archive", "pdfsig"
    );
    let (mut wrong, mut disagreements) = (0, Vec::new());
    for ((one, trust), archive) in judged.iter().zip(trust).zip(archive) {
        let said = [
            ("pyHanko", word(&trust)),
            ("pyHanko, archive", word(&archive)),
            ("pdfsig", word(&one.files.signature())),
        ];
        let [(_, trust), (_, archive), (_, pdfsig)] = said;
        let (expected, ours) = (one.case.expected.word(), one.ours.word());
        println!(
            "{:<48} {expected:<11} {ours:<11} {trust:<8} {archive:<8} {pdfsig:<8}",
            one.case.name
        );
        wrong += usize::from(ours != expected);
        // "Incomplete" says that nothing speaks against the file.
        let our_word = if matches!(ours, "AUTHENTIC" | "INCOMPLETE") {
            "valid"
        } else {
            "objects"
        };
        let others = said.iter().filter(|(_, theirs)| *theirs != our_word);
        disagreements
            .extend(others.map(|(judge, theirs)| {
                format!("{}: ours {ours}, {judge} {theirs}", one.case.name)
            }));
    }
    println!("\n{} disagreements", disagreements.len());
    for disagreement in disagreements {
        println!("  {disagreement}");
    }
    println!("{wrong} verdicts of ours are not the expected ones");
    ExitCode::from(u8::from(wrong > 0))
}

/// A case, our verdict, and its files for the others.
struct Judged<'c> {
    case: &'c attacks::Case,
    ours: Verdict,
    files: Case,
    at: String,
}

impl<'c> Judged<'c> {
    fn new(case: &'c attacks::Case) -> Self {
        let trust = case.trust_file().unwrap_or_default();
        let trust = Trust::read(trust.as_bytes()).unwrap_or_default();
        let reader = Reader {
            trust: &trust,
            at: case.at,
            fonts: Some(&FONTS),
        };
        Self {
            case,
            ours: verify(&case.pdf, &reader).verdict(),
            files: Case::new(&format!("attack-{}", case.name), &case.pdf, &case.trusted),
            at: case.at.to_string(),
        }
    }
}

fn word(objections: &[String]) -> &'static str {
    if objections.is_empty() {
        "valid"
    } else {
        "objects"
    }
}
