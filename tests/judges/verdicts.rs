//! `make judges`: the corpus of attacks before us, pyHanko and pdfsig, side by side.
//!
//! The judges answer another question than we do: whether a signature holds and is trusted, not
//! whether the file is what the service issues. So disagreements are expected; they are listed, and
//! `tests/corpus/attacks/README.md` says why. Ours must be the expected verdict.
#![expect(clippy::print_stdout, reason = "it prints a table")]

use attacks::genuine::FONTS;
use judges::Case;
use std::process::ExitCode;
use verifier::{Reader, Trust, verify};

fn main() -> ExitCode {
    let (mut wrong, mut disagreements) = (0, Vec::new());
    println!(
        "{:<48} {:<11} {:<11} {:<8} {:<8}",
        "case", "expected", "ours", "pyHanko", "pdfsig"
    );
    for case in attacks::all() {
        let trust = Trust::from_pem(&case.trusted.concat()).unwrap_or_default();
        let reader = Reader {
            trust: &trust,
            at: case.at,
            fonts: Some(&FONTS),
        };
        let ours = verify(&case.pdf, &reader).verdict();
        let judged = Case::new(&format!("attack-{}", case.name), &case.pdf, &case.trusted);
        let said = |objections: Vec<String>| {
            if objections.is_empty() {
                "valid"
            } else {
                "objects"
            }
        };
        let (pyhanko, pdfsig) = (said(judged.conformance()), said(judged.signature()));
        let expected = case.expected.word();
        let word = ours.word();
        println!(
            "{:<48} {expected:<11} {word:<11} {pyhanko:<8} {pdfsig:<8}",
            case.name
        );
        wrong += usize::from(word != expected);
        // "Incomplete" says that nothing speaks against the file.
        let ours = if matches!(word, "AUTHENTIC" | "INCOMPLETE") {
            "valid"
        } else {
            "objects"
        };
        for (judge, theirs) in [("pyHanko", pyhanko), ("pdfsig", pdfsig)] {
            if theirs != ours {
                disagreements.push(format!("{}: ours {word}, {judge} {theirs}", case.name));
            }
        }
    }
    println!("\n{} disagreements", disagreements.len());
    for disagreement in disagreements {
        println!("  {disagreement}");
    }
    println!("{wrong} verdicts of ours are not the expected ones");
    ExitCode::from(u8::from(wrong > 0))
}
