//! Certificates of versions that are frozen are verified and made again byte for byte, for good
//!

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use attacks::genuine::{Authorities, FONTS, OPERATOR, Render, draft_by, looked_at, products};
use attacks::pdf::{find, overwrite};
use certificate::testing::{self, render_with_other_record, render_with_other_template};
use certificate::{
    Embedded, EmbeddedMail, FROZEN, RECORD_VERSION, VersionedRecord, other_mail_name, rebuild,
};
use verifier::{EmbeddedFile, Reader, Trust, Verdict, embedded_files, verify};

/// What every folder holds.
const PRODUCTS: [&str; 3] = ["mail.pdf", "contract.pdf", "addendum.pdf"];

/// All that is wrong with the samples of these versions.
fn problems(versions: &[(u32, &str)], folder: &Path) -> Vec<String> {
    let mut problems = Vec::new();
    for (record, template) in versions {
        let folder = folder.join(format!("{record}-{template}"));
        for product in PRODUCTS {
            if let Err(problem) = check(&folder, product, *record, template) {
                problems.push(format!("{}: {product}: {problem}", folder.display()));
            }
        }
    }
    let named = versions.iter();
    let named: BTreeSet<_> = named
        .map(|(record, template)| format!("{record}-{template}"))
        .collect();
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    for entry in entries.filter(|entry| entry.path().is_dir()) {
        let name = entry.file_name().into_string().unwrap();
        if !named.contains(&name) {
            problems.push(format!("{name} is the folder of no version"));
        }
    }
    problems
}

fn check(folder: &Path, product: &str, record: u32, template: &str) -> Result<(), String> {
    let read = |name: &str| fs::read(folder.join(name)).map_err(|error| format!("{name}: {error}"));
    let text = |name: &str| {
        let bytes = read(name)?;
        String::from_utf8(bytes).map_err(|error| format!("{name}: {error}"))
    };
    let pdf = read(product)?;
    let trust = Trust::from_json(&text("trust.json")?).map_err(|error| error.to_string())?;
    let at = text("time.txt")?;
    let reader = Reader {
        trust: &trust,
        at: at
            .trim_end()
            .parse()
            .map_err(|error| format!("time.txt: {error}"))?,
        fonts: Some(&FONTS),
    };
    let report = verify(&pdf, &reader);
    if report.verdict() != Verdict::Authentic {
        return Err(format!("{}: {:?}", report.verdict(), report.findings()));
    }
    let files = embedded_files(&pdf).map_err(|error| format!("{error:?}"))?;
    let json = content(&files, "evidence.json").ok_or("there is no evidence.json")?;
    let read = VersionedRecord::from_json(json).map_err(|error| error.to_string())?;
    let version = |space| format!("\"Version\":{space}{record},");
    let head = String::from_utf8_lossy(json);
    if !head.contains(&version("")) && !head.contains(&version(" ")) {
        return Err(format!("it is not of version {record} of the record"));
    }
    if read.template_version() != template {
        return Err(format!("it is of template {}", read.template_version()));
    }
    let mail = |eml, html| {
        content(&files, eml).map(|eml| EmbeddedMail {
            eml,
            html_part: content(&files, html),
        })
    };
    let others: Vec<&[u8]> = (1..)
        .map_while(|number| content(&files, &other_mail_name(number)))
        .collect();
    let embedded = Embedded {
        original: mail("original.eml", "body.html"),
        delivered: content(&files, "delivered.eml"),
        answer: mail("answer.eml", "answer.html"),
        others: &others,
    };
    let again = rebuild(json, embedded, &FONTS).map_err(|error| error.to_string())?;
    if pdf.starts_with(&again) {
        Ok(())
    } else {
        Err("made again, it has other bytes".to_owned())
    }
}

fn content<'f>(files: &'f [EmbeddedFile<'_>], name: &str) -> Option<&'f [u8]> {
    let file = files.iter().find(|file| file.name == name);
    file.map(|file| &*file.bytes)
}

#[test]
fn every_frozen_version_is_verified_and_made_again_byte_for_byte_x_7() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/corpus/frozen");
    assert_eq!(problems(FROZEN, &folder), [""; 0]);
}

/// Writes the folder of a version.
fn freeze(folder: &Path, (record, template): (u32, &str), render: Render) -> PathBuf {
    let folder = folder.join(format!("{record}-{template}"));
    fs::create_dir(&folder).unwrap();
    let authorities = Authorities::genuine();
    for (name, evidence, mail) in products() {
        let certificate = authorities.archive(draft_by(render, &evidence, &mail));
        fs::write(folder.join(format!("{name}.pdf")), certificate).unwrap();
    }
    let trust = authorities.trust_file(OPERATOR);
    fs::write(folder.join("trust.json"), trust).unwrap();
    fs::write(folder.join("time.txt"), looked_at().to_string()).unwrap();
    folder
}

/// What the test above would say, shown with two versions that only tests know.
#[test]
fn a_frozen_version_that_changes_or_loses_its_samples_is_found() {
    let versions = [
        (RECORD_VERSION, "test-1"),
        (testing::RECORD_VERSION, "test-2"),
    ];
    let folder = std::env::temp_dir().join(format!("akashi-frozen-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let one = freeze(&folder, versions[0], render_with_other_template);
    let two = freeze(&folder, versions[1], render_with_other_record);
    assert_eq!(problems(&versions, &folder), [""; 0]);

    let expect = |versions: &[(u32, &str)], expected: &str| {
        let found = problems(versions, &folder);
        assert!(
            found.len() == 1 && found[0].contains(expected),
            "{expected}: {found:?}"
        );
    };
    expect(&versions[..1], "is the folder of no version");
    // A page would look different: the evidence gives other bytes than those that were signed.
    let (_, evidence, mail) = &products()[0];
    let mut draft = draft_by(render_with_other_template, evidence, mail);
    let at = find(&draft, b"\"SettlementTime\": \"2026", 0) + 22;
    overwrite(&mut draft, at..at + 1, b"5");
    let kept = fs::read(one.join("mail.pdf")).unwrap();
    fs::write(one.join("mail.pdf"), Authorities::genuine().archive(draft)).unwrap();
    expect(&versions, "PagesDiffer");
    // The sample of another version.
    fs::copy(two.join("mail.pdf"), one.join("mail.pdf")).unwrap();
    expect(&versions, "it is not of version 3");
    // A byte that nobody signed for.
    let mut changed = kept.clone();
    let at = changed.len() / 2;
    changed[at] ^= 1;
    fs::write(one.join("mail.pdf"), changed).unwrap();
    expect(&versions, "ALTERED");
    fs::remove_file(one.join("mail.pdf")).unwrap();
    expect(&versions, "mail.pdf");
    fs::write(one.join("mail.pdf"), kept).unwrap();
    assert_eq!(problems(&versions, &folder), [""; 0]);
    fs::remove_dir_all(&folder).unwrap();
}
