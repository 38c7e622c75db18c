//! The version of the readers belongs to what they read.

use std::fmt::Write as _;
use std::path::Path;

use domain::{ServedCountries, Sha256Digest};
use mail::ParsedMail;
use readers::{READER_VERSION, attachments, digest_of, hops, message};

/// What is read of the corpus, by the version that read it. When this test fails, the same bytes
/// are read otherwise than before: `READER_VERSION` goes up by one, and the digest with it.
const READ: (u32, &str) = (
    1,
    "5536b10e416f82e722934e44acfaae756459620773dcdcb293486446259f5e24",
);

#[test]
fn what_is_read_otherwise_has_another_version() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/corpus/mails");
    let files = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    let mut read = String::new();
    for file in files {
        if file.extension().is_none_or(|end| end != "eml") {
            continue;
        }
        let raw = std::fs::read(&file).unwrap();
        let mail = ParsedMail::parse(&raw);
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let to = mail::read_destinations(&mail.subject(), &ServedCountries::default(), |_| false);
        let changes = letters::mails::carried(&mail, None).changes;
        let from = (mail.from(), mail.from_display_name());
        let all = (message(&raw, &mail), attachments(&mail), hops(&mail));
        let answer = (
            mail.answer_text(),
            mail.says_something(),
            mail.automatic_answer("a@b.test"),
        );
        writeln!(
            read,
            "{name} {from:?} {to:?} {changes:?} {all:?} {answer:?}"
        )
        .unwrap();
    }
    let digest: Sha256Digest = digest_of(read.as_bytes());
    assert_eq!((READER_VERSION, digest.to_string().as_str()), READ);
}
