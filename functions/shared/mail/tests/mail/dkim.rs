//! Signatures made by an independent signer (dkimpy) verify, and what does not count fails for
//! its own reason.

use domain::{Alignment, EmailAddress, Named, SignatureFailure, SignatureResult};
use jiff::Timestamp;
use mail::dkim::{DkimReport, lookups, verify};
use mail::{DnsAnswers, SignedMail, TxtAnswer};

use crate::corpus;

pub(crate) fn answers() -> DnsAnswers {
    let path = corpus::root().join("tests/corpus/mails/dkim.dns.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let records = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (name, record) = line.split_once(' ').unwrap();
            (name.to_owned(), TxtAnswer::Found(vec![record.to_owned()]))
        });
    DnsAnswers(records.collect())
}

fn report_on(raw: &[u8], answers: &DnsAnswers) -> DkimReport {
    let from: EmailAddress = "taro@customer.test".parse().unwrap();
    let now: Timestamp = "2026-01-05T00:00:00Z".parse().unwrap();
    verify(&mut SignedMail::read(raw), &from, answers, now)
}

#[track_caller]
fn check(name: &str, expected: &[(SignatureResult, Alignment)], is_aligned: bool) {
    let raw = corpus::mail(name);
    let report = report_on(&raw, &answers());
    let found: Vec<_> = report
        .signatures
        .iter()
        .map(|s| (s.result.clone(), s.alignment))
        .collect();
    assert_eq!(found, expected, "{name}");
    assert_eq!(report.is_aligned(), is_aligned, "{name}");
}

#[test]
fn verifies_each_algorithm_and_canonicalization() {
    for name in [
        "dkim-rsa-relaxed",
        "dkim-rsa-simple",
        "dkim-rsa-relaxed-simple",
        "dkim-rsa-spaces-relaxed",
        "dkim-ed25519",
        "dkim-length-of-all",
    ] {
        check(name, &[(SignatureResult::Pass, Alignment::Exact)], true);
    }
}

#[test]
fn tells_exact_relaxed_and_foreign_domains_apart_q_14() {
    check(
        "dkim-subdomain",
        &[(SignatureResult::Pass, Alignment::Relaxed)],
        true,
    );
    check(
        "dkim-stranger",
        &[(SignatureResult::Pass, Alignment::None)],
        false,
    );
    let raw = corpus::mail("dkim-two-signatures");
    let report = report_on(&raw, &answers());
    assert_eq!(report.relied_on, Some(1));
}

#[test]
fn public_suffixes_are_no_organization_q_14() {
    for (signing, from, expected) in [
        ("example.co.jp", "example.co.jp", Alignment::Exact),
        (
            "mail.example.co.jp",
            "news.example.co.jp",
            Alignment::Relaxed,
        ),
        ("other.co.jp", "example.co.jp", Alignment::None),
        ("attacker.github.io", "victim.github.io", Alignment::None),
        ("customer.test", "mail.customer.test", Alignment::Relaxed),
        ("a.test", "b.test", Alignment::None),
    ] {
        let found = mail::dkim::alignment(&signing.parse().unwrap(), &from.parse().unwrap());
        assert_eq!(found, expected, "{signing} {from}");
    }
}

#[test]
fn what_does_not_count_fails_for_its_own_reason_q_14() {
    for (name, why) in [
        ("dkim-sha1", SignatureFailure::WeakAlgorithm),
        ("dkim-length-of-part", SignatureFailure::PartialBody),
        ("dkim-revoked", SignatureFailure::KeyRevoked),
    ] {
        check(
            name,
            &[(SignatureResult::Fail(why), Alignment::Exact)],
            false,
        );
    }
}

#[test]
fn one_changed_byte_in_body_or_signed_header_is_seen() {
    let raw = corpus::mail("dkim-rsa-relaxed");
    for (from, to, why) in [
        ("[C#Ey", "[C#Ez", SignatureFailure::BodyChanged),
        ("To: ", "To: x@y.test, ", SignatureFailure::NotVerified),
        ("h=", "h=x:", SignatureFailure::NotVerified),
    ] {
        let at = raw
            .windows(from.len())
            .position(|window| window == from.as_bytes())
            .unwrap();
        let changed = [&raw[..at], to.as_bytes(), &raw[at + from.len()..]].concat();
        let report = report_on(&changed, &answers());
        assert_eq!(
            report.signatures[0].result,
            SignatureResult::Fail(why),
            "{from}"
        );
    }
}

#[test]
fn fields_that_ses_put_on_top_change_nothing() {
    let stored = [
        b"Received: from a by inbound-smtp.ap-northeast-1.amazonaws.com with SMTP\r\n".as_slice(),
        &corpus::mail("dkim-rsa-relaxed"),
    ]
    .concat();
    assert!(report_on(&stored, &answers()).is_aligned());
}

#[test]
fn asks_each_name_once_and_keeps_the_records_x_4() {
    let raw = corpus::mail("dkim-two-signatures");
    assert_eq!(
        lookups(&SignedMail::read(&raw)),
        [
            "rsa._domainkey.stranger.test",
            "rsa._domainkey.customer.test"
        ]
    );
    let report = report_on(&raw, &answers());
    assert!(
        report
            .signatures
            .iter()
            .all(|signature| signature.dns_records.len() == 1)
    );
}

#[test]
fn no_answer_is_temporary_and_a_missing_key_is_not() {
    let raw = corpus::mail("dkim-rsa-relaxed");
    let name = "rsa._domainkey.customer.test".to_owned();
    let with = |answer| DnsAnswers([(name.clone(), answer)].into());
    let failed = report_on(&raw, &with(TxtAnswer::Failed("timed out".to_owned())));
    assert!(failed.is_temporary() && !failed.is_aligned());
    let missing = report_on(&raw, &with(TxtAnswer::NotFound));
    assert_eq!(
        missing.signatures[0].result,
        SignatureResult::Fail(SignatureFailure::NoKey)
    );
    assert!(!missing.is_temporary());
}

#[test]
fn signatures_that_are_expired_malformed_or_leave_from_out_do_not_count() {
    let field = |tags: &str| {
        format!(
            "DKIM-Signature: v=1; a=rsa-sha256; d=customer.test; s=rsa; {tags}; bh=AAAA; b=AAAA\r\n\
             From: taro@customer.test\r\n\r\nx\r\n"
        )
    };
    for (raw, why) in [
        (
            field("h=from; t=1; x=1767571199"),
            SignatureFailure::Expired,
        ),
        (field("h=to"), SignatureFailure::FromNotSigned),
        (field("h=from"), SignatureFailure::BodyChanged),
        (
            field("h=from; i=taro@evil.test"),
            SignatureFailure::ForeignIdentity,
        ),
        (field("h=from; s=../x"), SignatureFailure::Malformed),
        (
            format!("DKIM-Signature: {}\r\n\r\n", "x".repeat(20_000)),
            SignatureFailure::Malformed,
        ),
    ] {
        let report = report_on(raw.as_bytes(), &answers());
        assert_eq!(
            report.signatures[0].result,
            SignatureResult::Fail(why),
            "{raw}"
        );
    }
}

#[test]
fn many_signatures_cost_no_more_than_a_few() {
    let one = "DKIM-Signature: v=1; a=rsa-sha256; d=customer.test; s=s0; h=from; bh=AA; b=AA\r\n";
    let raw = one.repeat(5_000) + "From: taro@customer.test\r\n\r\nx";
    assert_eq!(lookups(&SignedMail::read(raw.as_bytes())).len(), 1);
    let report = report_on(raw.as_bytes(), &answers());
    assert_eq!(report.signatures.len(), mail::dkim::SIGNATURES_MAX);
}

/// White space around the names of h=, names twice and in other case, z=, a folded b=, and a body
/// that ends with lines of blanks (RFC 6376 sections 3.2, 3.4.4, 3.5, 3.7 and 5.4). It did not
/// verify before: a last line of blanks was kept as an empty one.
#[test]
fn an_odd_but_valid_signature_verifies_and_covers_what_it_names_q_21() {
    use domain::HeaderField::{
        Cc, ContentTransferEncoding, ContentType, Date, From, MessageId, MimeVersion, Subject, To,
    };
    let raw = corpus::mail("dkim-odd-but-valid");
    let report = report_on(&raw, &answers());
    let [signature] = &report.signatures[..] else {
        panic!("{report:?}");
    };
    assert_eq!(signature.result, SignatureResult::Pass);
    assert_eq!(signature.alignment, Alignment::Exact);
    let covered = [From, Subject, Date, MessageId, To, Cc];
    assert_eq!(*signature.coverage.covered(), covered.into());
    let uncovered = [MimeVersion, ContentType, ContentTransferEncoding];
    assert_eq!(*signature.coverage.uncovered(), uncovered.into());
    assert_eq!(
        report.aligned[0].made_at,
        Some("2026-03-03T01:00:00Z".parse().unwrap())
    );
    // Its h= names From and Subject twice: no field of these can be added without being seen.
    for name in ["From", "Subject", "SUBJECT "] {
        let more = [format!("{name}: another\r\n").as_bytes(), &raw].concat();
        let report = report_on(&more, &answers());
        let expected = SignatureResult::Fail(SignatureFailure::NotVerified);
        assert_eq!(report.signatures[0].result, expected, "{name}");
    }
}

#[test]
fn a_field_above_the_signed_ones_passes_the_signature_and_is_not_covered_q_21() {
    let raw = corpus::mail("dkim-rsa-relaxed");
    let genuine = report_on(&raw, &answers());
    let covered = genuine.signatures[0].coverage.covered().clone();
    assert!(covered.contains(&domain::HeaderField::To), "{covered:?}");
    for name in ["To", "to ", "TO\t", "Subject", "Date"] {
        let more = [format!("{name}: another\r\n").as_bytes(), &raw].concat();
        let report = report_on(&more, &answers());
        let signature = &report.signatures[0];
        assert_eq!(signature.result, SignatureResult::Pass, "{name}");
        let field = domain::HeaderField::of_name(name.trim()).unwrap();
        assert!(signature.coverage.uncovered().contains(&field), "{name}");
        assert!(report.authentication(false).vouch().is_err(), "{name}");
    }
}

#[test]
fn a_mail_is_known_again_whatever_stands_above_it_q_21() {
    let raw = corpus::mail("dkim-rsa-relaxed");
    let identity = |raw: &[u8]| SignedMail::read(raw).identity();
    let again = [
        b"Received: from elsewhere\r\nTo: another@x.test\r\n",
        &raw[..],
    ]
    .concat();
    assert_eq!(identity(&again), identity(&raw));
    let mut another = raw.clone();
    let last = another.len() - 3;
    another[last] ^= 1;
    assert_ne!(identity(&another), identity(&raw));
}

#[test]
fn what_the_dns_answers_is_kept_within_bounds() {
    use domain::limits::DNS_ANSWER_BYTES_MAX;
    let key = "v=DKIM1; k=rsa; p=".to_owned() + &"A".repeat(700);
    let large = "x".repeat(DNS_ANSWER_BYTES_MAX);
    let controls = "\0".repeat(DNS_ANSWER_BYTES_MAX / 6 + 1);
    for (records, expected) in [
        (vec![key.clone()], TxtAnswer::Found(vec![key.clone()])),
        (vec![large.clone()], TxtAnswer::NotFound),
        (
            vec![controls, key.clone()],
            TxtAnswer::Found(vec![key.clone()]),
        ),
        (
            vec![large, key.clone()],
            TxtAnswer::Found(vec![key.clone()]),
        ),
        (vec![], TxtAnswer::NotFound),
    ] {
        assert_eq!(TxtAnswer::found(records), expected);
    }
    let many = TxtAnswer::found(vec![key.clone(); 100]);
    let TxtAnswer::Found(kept) = many else {
        panic!("nothing kept");
    };
    assert!(
        kept.concat().len() <= DNS_ANSWER_BYTES_MAX,
        "{}",
        kept.len()
    );
}
