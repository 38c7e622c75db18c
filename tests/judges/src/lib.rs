//! Independent judges of a certificate: qpdf and poppler for the PDF and its structure, pyHanko and
//! NSS (in poppler's pdfsig) for the signature. None of them shares code with `pades` or
//! `certificate`.
//!
//! `functions/shared/pades/CONFORMANCE.md` has the same commands for people.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails loudly, and this crate is only for tests"
)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The time of the run, for [`Case::objections`] and [`ask_pyhanko`].
pub const NOW: &str = "now";

/// What pyHanko is asked about a document. It knows nothing but the file, the trusted roots and the
/// time; its own clock stands there, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Is it a PAdES signature with a trusted timestamp, by somebody we trust? Whether anybody was
    /// revoked is not asked.
    Trust,
    /// The same, and does what the document holds on revocation say that nobody was revoked? It has
    /// to hold at that time.
    Revocation,
    /// By the algorithm of EN 319 102-1 clause 5.6.3: is the signature to be believed years later,
    /// when certificates have ended?
    Archive,
}

impl Question {
    /// As `pyhanko_judge.py` calls it.
    fn word(self) -> &'static str {
        match self {
            Self::Trust => "trust",
            Self::Revocation => "adesverify",
            Self::Archive => "archive",
        }
    }
}

/// Asks pyHanko many questions, each about a case at a time, in one process: to load it takes
/// longer than to judge. For each question, what it objects; empty when it is content.
///
/// # Panics
/// When it does not run, or does not answer all of them.
#[must_use]
pub fn ask_pyhanko(questions: &[(&Case, Question, &str)]) -> Vec<Vec<String>> {
    let line = |(case, question, time): &(&Case, Question, &str)| {
        let trusted = case.trusted.iter().map(|file| file.display().to_string());
        let words = [
            question.word().to_owned(),
            (*time).to_owned(),
            case.document(),
        ];
        words
            .into_iter()
            .chain(trusted)
            .collect::<Vec<_>>()
            .join("\t")
    };
    let lines: Vec<String> = questions.iter().map(line).collect();
    let program = root().join(".local/judges/bin/python");
    let mut child = Command::new(program)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("pyhanko_judge.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("pyHanko: {error}; run python3 .ci/check.py once"));
    let mut input = child.stdin.take().expect("its input");
    let writer = std::thread::spawn(move || input.write_all(lines.join("\n").as_bytes()));
    let output = child.wait_with_output().expect("its output");
    writer.join().expect("a writer").expect("it reads");
    let said = String::from_utf8_lossy(&output.stdout);
    let answers: Vec<_> = said
        .lines()
        .map(|line| objection(line == "PASSED", "pyHanko", line.to_owned()))
        .collect();
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(answers.len(), questions.len(), "pyHanko ended: {error}");
    answers
}

/// A document, and whom its reader trusts, as files in a folder of their own.
#[derive(Debug)]
pub struct Case {
    folder: PathBuf,
    trusted: Vec<PathBuf>,
}

impl Case {
    /// A document with the PEM files of trusted roots: the signer's, then timestamp authorities'.
    /// The name must be no other test's.
    ///
    /// # Panics
    /// When files cannot be written.
    #[must_use]
    pub fn new(name: &str, document: &[u8], trusted_pem: &[String]) -> Self {
        let folder = root().join("target/judges").join(name);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("signed.pdf"), document).expect("a file");
        let write = |(number, pem): (usize, &String)| {
            let file = folder.join(format!("root-{number}.pem"));
            fs::write(&file, pem).expect("a file");
            file
        };
        let trusted = trusted_pem.iter().enumerate().map(write).collect();
        Self { folder, trusted }
    }

    /// What each judge holds against the document at a time, such as `2026-12-24T12:00:00Z`; empty
    /// when all are content.
    #[must_use]
    pub fn objections(&self, time: &str) -> Vec<String> {
        let conformance = self.ask_pyhanko(Question::Trust, time);
        [self.structure(), self.signature(), conformance].concat()
    }

    /// qpdf: is the file well-formed?
    #[must_use]
    pub fn structure(&self) -> Vec<String> {
        let said = self.run("qpdf", &["--check".into(), self.document()]);
        let content = said.contains("No syntax or stream encoding errors found");
        objection(content, "qpdf", said)
    }

    /// poppler with NSS: is the signature valid, and does the document timestamp cover the whole
    /// file?
    #[must_use]
    pub fn signature(&self) -> Vec<String> {
        let said = self.run("pdfsig", &["-nocert".into(), self.document()]);
        // Of the document timestamp it knows the extent, and cannot verify it.
        let content =
            said.contains("Signature is Valid.") && said.contains("- Total document signed");
        objection(content, "pdfsig", said)
    }

    /// What pyHanko holds against it at a time; empty when it is content.
    #[must_use]
    pub fn ask_pyhanko(&self, question: Question, time: &str) -> Vec<String> {
        ask_pyhanko(&[(self, question, time)]).concat()
    }

    /// The file embedded under a name, as poppler takes it out.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn embedded_file(&self, name: &str) -> Vec<u8> {
        let out = self.folder.join(name);
        let arguments = ["-savefile", name, "-o"].map(str::to_owned);
        let arguments = [
            &arguments[..],
            &[out.display().to_string(), self.document()],
        ]
        .concat();
        let said = self.run("pdfdetach", &arguments);
        fs::read(&out).unwrap_or_else(|error| panic!("{name}: {error}: {said}"))
    }

    /// The text of each page, as poppler reads it.
    #[must_use]
    pub fn pages(&self) -> Vec<String> {
        let text = self.run(
            "pdftotext",
            &["-layout".into(), self.document(), "-".into()],
        );
        // Each page ends in a form feed.
        let pages = text.split_terminator('\u{c}');
        pages.map(str::to_owned).collect()
    }

    /// The structure with its text, as poppler reads it.
    #[must_use]
    pub fn structure_text(&self) -> String {
        self.run("pdfinfo", &["-struct-text".into(), self.document()])
    }

    fn document(&self) -> String {
        self.folder.join("signed.pdf").display().to_string()
    }

    /// Everything that a program says, whatever it thinks.
    fn run(&self, program: &str, arguments: &[String]) -> String {
        let output = Command::new(program)
            .args(arguments)
            .current_dir(&self.folder)
            .output()
            .unwrap_or_else(|error| panic!("{program}: {error}; run python3 .ci/check.py once"));
        let error = String::from_utf8_lossy(&output.stderr);
        format!("{}{error}", String::from_utf8_lossy(&output.stdout))
    }
}

fn objection(content: bool, judge: &str, said: String) -> Vec<String> {
    if content {
        Vec::new()
    } else {
        vec![format!("{judge}: {said}")]
    }
}

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().expect("the root of the repository")
}
