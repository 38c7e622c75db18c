//! Certificates that are well signed, but whose parts do not belong together: what a dishonest or
//! broken service could make.

use certificate::sample::origin_of;
use domain::{ArcReport, HeaderField};

use crate::genuine::{answer_mail, contract_evidence, draft_of, evidence, sealed};
use crate::pdf::{find, overwrite};
use crate::{Case, Expected, GENUINE};

pub(crate) fn all() -> Vec<Case> {
    let (authorities, draft) = (&GENUINE.authorities, &GENUINE.draft);
    let changed = |name: &str, needle: &[u8], skip: usize, to: &[u8]| {
        let mut draft = draft.clone();
        let at = find(&draft, needle, 0) + skip;
        overwrite(&mut draft, at..at + to.len(), to);
        Case::altered(format!("content-{name}"), authorities.archive(draft))
    };
    let with = |name: &str, change: fn(&mut certificate::Evidence)| {
        let mut evidence = evidence(&GENUINE.original);
        change(&mut evidence);
        let draft = draft_of(&evidence, &GENUINE.original);
        Case::altered(format!("content-{name}"), authorities.archive(draft))
    };
    vec![
        changed(
            "evidence-of-another-time",
            b"\"SettlementTime\": \"2026",
            22,
            b"5",
        ),
        changed(
            "evidence-without-spelling",
            b"\"EvidenceIdentifier\": ",
            21,
            b"\t",
        ),
        changed("original-of-another-text", b"Subject:", 10, b"X"),
        changed("file-under-another-name", b"(original.eml)", 1, b"0riginal"),
        changed("file-twice-as-large", b"/Params<</Size ", 15, b"9"),
        with("dkim-that-does-not-hold", |evidence| {
            for row in &mut origin_of(evidence).authentication.signatures {
                row.dns_records = vec!["v=DKIM1; p=".to_owned()];
            }
        }),
        with("dkim-of-another-domain", |evidence| {
            for row in &mut origin_of(evidence).authentication.signatures {
                row.domain = "bank.test".to_owned();
            }
        }),
        with("dkim-that-was-never-there", |evidence| {
            let signatures = &mut origin_of(evidence).authentication.signatures;
            let row = signatures.first().cloned();
            signatures.extend(row);
        }),
        with("spf-for-what-was-signed", |evidence| {
            let by_spf = &mut origin_of(evidence).authentication.by_spf;
            by_spf.insert(HeaderField::Subject);
        }),
        Case {
            name: "genuine-of-a-trial".to_owned(),
            expected: Expected::Authentic,
            ..with("of-a-trial", |evidence| {
                evidence.issuer.purpose = certificate::Purpose::Test;
            })
        },
    ]
}

/// A contract whose answer came by mail, and what was done to what it says of that mail.
pub(crate) fn answers() -> Vec<Case> {
    let authorities = &GENUINE.authorities;
    let sealed = sealed();
    let with_answer = |name: &str, change: fn(&mut certificate::AnswerMail)| {
        let mut evidence = contract_evidence(&sealed);
        change(answer_mail(&mut evidence));
        let draft = draft_of(&evidence, &sealed);
        Case::altered(format!("content-{name}"), authorities.archive(draft))
    };
    vec![
        Case {
            expected: Expected::Authentic,
            ..with_answer("genuine-contract", |_| ())
        },
        with_answer("dkim-of-an-answer-that-does-not-hold", |answer| {
            for row in &mut answer.authentication.signatures {
                row.dns_records = vec!["v=DKIM1; p=".to_owned()];
            }
        }),
        with_answer("dkim-of-an-answer-that-was-never-there", |answer| {
            answer.authentication.signatures.clear();
        }),
        with_answer("arc-of-an-answer-that-does-not-hold", |answer| {
            for set in &mut answer.authentication.arc.sets {
                set.seal.dns_records = vec!["v=DKIM1; p=".to_owned()];
            }
        }),
        with_answer("arc-of-an-answer-that-was-never-there", |answer| {
            answer.authentication.arc = ArcReport::default();
        }),
        with_answer("answer-that-counts-for-another-sender", |answer| {
            answer.authentication.relied_on = None;
        }),
    ]
}
