//! Forgeries that aim at the code which reads a signature: what it covers, and whether it is there.

use crate::genuine::{Authorities, signed_at};
use crate::pdf::{find, object, overwrite, update};
use crate::renewal::{answers, with_stamp, with_validation_data};
use crate::{Case, Expected, GENUINE};
use jiff::ToSpan;
use pades::SignerChain;
use pades::testing::{
    Purpose, Template, TestAuthority, TestKey, TestSigner, TestStatus, VALID, to_pem,
};

pub(crate) fn all() -> Vec<Case> {
    [universal(), ranges(), wrapping(), signers()].concat()
}

/// Universal signature forgery: the entries that the check needs are broken, on the file with the
/// signature alone and on the whole one.
fn universal() -> Vec<Case> {
    let contents: [(&str, &str); 7] = [
        ("contents-missing", ""),
        ("contents-null", "/Contents null"),
        ("contents-empty", "/Contents<>"),
        ("contents-zero", "/Contents<00>"),
        ("contents-short", "/Contents<3000>"),
        ("contents-literal", "/Contents(0)"),
        ("contents-reference", "/Contents 1 0 R"),
    ];
    let ranges: [(&str, &str); 7] = [
        ("byte-range-missing", ""),
        ("byte-range-null", "/ByteRange null"),
        ("byte-range-empty", "/ByteRange[]"),
        ("byte-range-zeros", "/ByteRange[0 0 0 0]"),
        ("byte-range-short", "/ByteRange[0 10]"),
        ("byte-range-negative", "/ByteRange[-1 0 0 9]"),
        ("byte-range-reference", "/ByteRange 1 0 R"),
    ];
    let mut cases = Vec::new();
    for (kind, pdf) in [("signed", &GENUINE.signed), ("archived", &GENUINE.archived)] {
        for (name, text) in contents {
            let mut file = pdf.clone();
            let at = find(&file, b"/Contents<3", find(&file, b"/Type/Sig/", 0));
            let end = find(&file, b">>>", at) + 1;
            overwrite(&mut file, at..end, text.as_bytes());
            cases.push(Case::altered(format!("forgery-{kind}-{name}"), file));
        }
        for (name, text) in ranges {
            let mut file = pdf.clone();
            let at = find(&file, b"/ByteRange[", 0);
            let end = find(&file, b"]", at) + 1;
            overwrite(&mut file, at..end, text.as_bytes());
            cases.push(Case::altered(format!("forgery-{kind}-{name}"), file));
        }
    }
    cases
}

/// Ranges that leave something out, or count something twice.
fn ranges() -> Vec<Case> {
    let pdf = &GENUINE.signed;
    let at = find(pdf, b"/ByteRange[", 0);
    let end = find(pdf, b"]", at) + 1;
    let start = find(pdf, b"/Contents<3", at) + 9;
    let behind = find(pdf, b">", start) + 1;
    let tail = pdf.len() - behind;
    let ranges = [
        ("gap-before", format!("[0 {} {behind} {tail}]", start - 50)),
        (
            "gap-behind",
            format!("[0 {start} {} {}]", behind + 20, tail - 20),
        ),
        (
            "gap-at-the-start",
            format!("[9 {} {behind} {tail}]", start - 9),
        ),
        (
            "gap-at-the-end",
            format!("[0 {start} {behind} {}]", tail - 7),
        ),
        ("overlap", format!("[0 {behind} {start} {tail}]")),
        ("whole-file-once", format!("[0 {} 0 0]", pdf.len())),
        (
            "beyond-the-end",
            format!("[0 {start} {behind} {}]", tail + 99),
        ),
        ("six-numbers", format!("[0 {start} {behind} {tail} 0 0]")),
        ("leading-zeros", format!("[00 {start} {behind} {tail}]")),
    ];
    let case = |(name, range): (&str, String)| {
        let mut file = pdf.clone();
        overwrite(&mut file, at..end, format!("/ByteRange{range}").as_bytes());
        Case::altered(format!("range-{name}"), file)
    };
    ranges.into_iter().map(case).collect()
}

/// Signature wrapping: the signed bytes stay, moved, and what readers show is between them.
fn wrapping() -> Vec<Case> {
    let pdf = &GENUINE.signed;
    let at = find(pdf, b"/ByteRange[", 0);
    let start = find(pdf, b"/Contents<3", at) + 9;
    let behind = find(pdf, b">", start) + 1;
    let number = crate::pdf::referred(pdf, "/V");
    // The second part stands at the end; a copy of the signature says so.
    let inserted_at = behind;
    let mut copy = object(pdf, number);
    let mut inserted = Vec::new();
    for _ in 0..2 {
        let moved = inserted_at + inserted.len();
        let range = format!("/ByteRange[0 {start} {moved} {}]", pdf.len() - behind);
        let range_at = find(&copy, b"/ByteRange[", 0);
        let range_end = find(&copy, b"]", range_at) + 1;
        overwrite(&mut copy, range_at..range_end, range.as_bytes());
        inserted = [
            b">>\nendobj\n".as_slice(),
            format!("{number} 0 obj\n").as_bytes(),
            &copy,
            b"\nendobj\n",
        ]
        .concat();
    }
    let wrapped = [&pdf[..behind], &inserted, &pdf[behind..]].concat();
    // The whole signed file first, then a copy of its signature object in an update.
    let copied = update(pdf, &[(number, object(pdf, number))], "");
    // A whole other certificate behind the genuine one, whose table is the last.
    let twice = [pdf.as_slice(), b"\n", pdf].concat();
    vec![
        Case::altered("wrapping-second-part-moved", wrapped),
        Case::altered("wrapping-signature-copied", copied),
        Case::altered("wrapping-two-files", twice),
    ]
}

/// Who signed.
fn signers() -> Vec<Case> {
    // Another key below the same root, under the pages that name the genuine one.
    let other_key = Authorities {
        signer: TestSigner::new(TestKey::p256(9)),
        ..Authorities::genuine()
    };
    let same_root = other_key.archive(GENUINE.draft.clone());
    let of_stranger = GENUINE.authorities.archive(GENUINE.draft.clone());
    let no_trust = Case {
        trusted: Vec::new(),
        ..Case::new("signer-nobody-trusted", of_stranger, Expected::Untrusted)
    };
    // The container of another signature of the same signer.
    let mut other = GENUINE.signed.clone();
    let elsewhere = GENUINE
        .authorities
        .sign([GENUINE.draft.as_slice(), b"\n"].concat());
    let take = |pdf: &[u8]| {
        let at = find(pdf, b"/Contents<3", find(pdf, b"/Type/Sig/", 0)) + 9;
        at..find(pdf, b">", at)
    };
    let range = take(&other);
    let source = take(elsewhere.as_bytes());
    let value = elsewhere.as_bytes()[source].to_vec();
    overwrite(&mut other, range, &value);
    // Upper-case digits say the same to a lenient reader.
    let mut upper = GENUINE.archived.clone();
    let range = take(&upper);
    upper[range].make_ascii_uppercase();
    // The same names, but a root of the attacker's own.
    let impostor = impostor();
    let impostor = Authorities {
        signer: impostor,
        ..Authorities::genuine()
    };
    let impostor = impostor.archive(GENUINE.draft.clone());
    // Revoked before, and after, it was signed.
    let revoked = |change| {
        let signer = &GENUINE.authorities.signer;
        let path = signer.chain.certificates();
        let responses = answers(path, &signer.issuers, signed_at(), change);
        let stampers = &GENUINE.authorities.stampers;
        let others = stampers.iter().flat_map(|stamper| stamper.path());
        let certificates: Vec<_> = path.iter().cloned().chain(others).collect();
        let pdf = with_validation_data(&GENUINE.signed, &certificates, &responses);
        with_stamp(&pdf, "Timestamp1", &stampers[1], signed_at() + 2.seconds())
    };
    let before =
        revoked(|answer| answer.status = TestStatus::Revoked("20261101000000Z".to_owned()));
    let after = revoked(|answer| answer.status = TestStatus::Revoked("20261201000000Z".to_owned()));
    vec![
        Case::altered("signer-another-key-of-the-root", same_root),
        no_trust,
        Case::altered("signer-of-the-same-names", impostor),
        Case::new("signer-revoked-before", before, Expected::Untrusted),
        Case::new("signer-revoked-after", after, Expected::Incomplete),
        Case::altered("signer-container-of-another-file", other),
        Case::altered("signer-container-in-upper-case", upper),
    ]
}

/// A chain with the names of the genuine one.
pub(crate) fn impostor() -> TestSigner {
    let template = |name, purpose, serial| Template {
        name,
        purpose,
        validity: VALID,
        serial,
    };
    let root = TestAuthority::root("Test Root", TestKey::p256(61));
    let issuing = template("Test Issuing", Purpose::Authority, 2);
    let issuing = root.intermediate(&issuing, TestKey::p256(62));
    let key = TestKey::p256(63);
    let leaf = issuing.issue(
        &template("Akashi Test", Purpose::Signer, 3),
        &key.public_key_der(),
    );
    let chain = [&leaf[..], issuing.certificate_der(), root.certificate_der()];
    let pem: Vec<String> = chain.iter().map(|one| to_pem(one)).collect();
    TestSigner {
        chain: SignerChain::from_pem(&pem).expect("a chain"),
        pem,
        key,
        issuers: vec![issuing, root],
    }
}
