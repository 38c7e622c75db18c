//! Independent judges of a certificate: qpdf and poppler for the PDF, pyHanko and NSS (in
//! poppler's pdfsig) for the signature. None of them shares code with `pades` or `certificate`.
//!
//! `functions/shared/pades/CONFORMANCE.md` has the same commands for people.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails loudly, and this crate is only for tests"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

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

    /// What each judge holds against the document; empty when all are content.
    #[must_use]
    pub fn objections(&self) -> Vec<String> {
        [self.structure(), self.signature(), self.conformance()].concat()
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

    /// pyHanko: is it a PAdES signature with a trusted timestamp, by somebody we trust? Whether
    /// anybody is revoked is not asked.
    #[must_use]
    pub fn conformance(&self) -> Vec<String> {
        self.verify(&["--no-revocation-check"])
    }

    /// pyHanko, at a time, with what the document holds on revocation: nobody else answers.
    #[must_use]
    pub fn conformance_at(&self, time: &str) -> Vec<String> {
        self.verify(&["--validation-time", time])
    }

    fn verify(&self, options: &[&str]) -> Vec<String> {
        let program = root().join(".local/judges/bin/pyhanko");
        let mut arguments: Vec<String> =
            ["sign", "adesverify", "--pretty-print", "--trust-replace"]
                .iter()
                .chain(options)
                .map(|option| (*option).to_owned())
                .collect();
        for file in &self.trusted {
            arguments.extend(["--trust".to_owned(), file.display().to_string()]);
        }
        arguments.push(self.document());
        let said = self.run(program.to_str().expect("a path"), &arguments);
        let content = said.contains("The signature is judged VALID.")
            && said.contains("The TSA certificate is trusted.");
        objection(content, "pyHanko", said)
    }

    /// pyHanko, years later, by the algorithm of EN 319 102-1 clause 5.6.3 and with nothing but the
    /// file and the trusted roots: is the signature still to be believed?
    #[must_use]
    pub fn archive(&self, time: &str) -> Vec<String> {
        let program = root().join(".local/judges/bin/python");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("archive.py");
        let mut arguments = vec![
            script.display().to_string(),
            self.document(),
            time.to_owned(),
        ];
        let trusted = self.trusted.iter().map(|file| file.display().to_string());
        arguments.extend(trusted);
        let said = self.run(program.to_str().expect("a path"), &arguments);
        objection(said.trim_end().ends_with("PASSED"), "pyHanko, LTA", said)
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
