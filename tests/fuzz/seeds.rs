//! Writes the saved corpora to where cargo-fuzz looks for its seeds.
#![expect(clippy::expect_used, reason = "a tool for developers fails loudly")]

use std::fs;
use std::path::Path;

fn main() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let seeds = here.join("../../target/fuzz/corpus");
    let certificates = seeds.join("verifier");
    fs::create_dir_all(&certificates).expect("a folder");
    for case in attacks::all() {
        fs::write(certificates.join(&case.name), &case.pdf).expect("a file");
    }
    let mails = seeds.join("mail");
    fs::create_dir_all(&mails).expect("a folder");
    for entry in fs::read_dir(here.join("../corpus/mails")).expect("the corpus") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name");
        fs::copy(&path, mails.join(name)).expect("a file");
    }
}
