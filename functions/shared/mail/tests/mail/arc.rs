//! Chains sealed by an independent signer (dkimpy) hold, and what does not count fails for its own
//! reason (X-4, RFC 8617 section 5.2).

use domain::{ArcFailure, ArcReport, ArcResult, SignatureFailure, SignatureResult};
use jiff::Timestamp;
use mail::arc::{SETS_MAX, lookups, verify};
use mail::{DnsAnswers, SignedMail, TxtAnswer};

use crate::corpus;
use crate::dkim::answers;

fn report_with(raw: &[u8], answers: &DnsAnswers) -> ArcReport {
    let now: Timestamp = "2026-01-05T00:00:00Z".parse().unwrap();
    verify(&mut SignedMail::read(raw), answers, now)
}

fn report_on(raw: &[u8]) -> ArcReport {
    report_with(raw, &answers())
}

/// The mail with the first occurrence of some bytes replaced.
fn changed(name: &str, from: &str, to: &str) -> Vec<u8> {
    let raw = corpus::mail(name);
    let from = from.as_bytes();
    let at = raw.windows(from.len()).position(|window| window == from);
    let at = at.unwrap();
    [&raw[..at], to.as_bytes(), &raw[at + from.len()..]].concat()
}

#[test]
fn every_seal_of_a_chain_is_verified_with_its_key() {
    let report = report_on(&corpus::mail("arc-two-sets"));
    assert_eq!(report.result, ArcResult::Pass);
    let domains: Vec<_> = report
        .sets
        .iter()
        .map(|set| (set.instance, set.seal.domain.as_str()))
        .collect();
    assert_eq!(domains, [(1, "forwarder.test"), (2, "lists.test")]);
    for set in &report.sets {
        assert_eq!(set.seal.result, SignatureResult::Pass);
        assert!(set.seal.dns_records[0].starts_with("v=DKIM1; k=rsa; p="));
        assert_eq!(set.message.is_some(), set.instance == 2);
    }
}

#[test]
fn a_mail_without_seals_has_no_chain() {
    assert_eq!(
        report_on(&corpus::mail("dkim-rsa-relaxed")),
        ArcReport::default()
    );
    assert!(lookups(&SignedMail::read(b"Subject: a\r\n\r\n")).is_empty());
}

#[test]
fn each_name_is_asked_once() {
    let raw = corpus::mail("arc-two-sets");
    assert_eq!(
        lookups(&SignedMail::read(&raw)),
        ["arc._domainkey.forwarder.test", "arc._domainkey.lists.test"]
    );
}

#[test]
fn what_does_not_count_fails_for_its_own_reason() {
    let without_results = changed("arc-one-set", "ARC-Authentication-Results:", "X-Results:");
    for (raw, why) in [
        (
            changed("arc-two-sets", "[list]", "[LIST]"),
            ArcFailure::Message,
        ),
        // The newest signature covers the body, the older one is not looked at any more.
        (
            changed("arc-two-sets", "[C#Ey", "[C#Ez"),
            ArcFailure::Message,
        ),
        // What the first server said of the mail is sealed.
        (
            changed("arc-two-sets", " dkim=pass header", " dkim=fail header"),
            ArcFailure::Seal,
        ),
        (
            changed("arc-two-sets", "i=2; cv=pass", "i=2; cv=none"),
            ArcFailure::WrongChainValue,
        ),
        (
            changed("arc-two-sets", "i=1; cv=none", "i=3; cv=none"),
            ArcFailure::Malformed,
        ),
        (without_results, ArcFailure::Malformed),
        (corpus::mail("arc-found-broken"), ArcFailure::FoundBroken),
    ] {
        let report = report_on(&raw);
        assert_eq!(report.result, ArcResult::Fail(why));
    }
    let many = corpus::mail("arc-one-set");
    let many = [b"ARC-Seal: i=1\r\n".repeat(SETS_MAX), many].concat();
    assert_eq!(
        report_on(&many).result,
        ArcResult::Fail(ArcFailure::TooLong)
    );
}

/// Nobody could be asked for its key, so nobody failed to answer.
#[test]
fn a_seal_whose_domain_is_none_counts_as_malformed() {
    let raw = changed("arc-one-set", "d=forwarder.test; s=arc", "d=a..b; s=arc");
    let report = report_on(&raw);
    assert_eq!(report.result, ArcResult::Fail(ArcFailure::Seal));
    assert_eq!(
        report.sets[0].seal.result,
        SignatureResult::Fail(SignatureFailure::Malformed)
    );
}

#[test]
fn a_silent_dns_says_nothing_and_a_missing_key_says_no() {
    let raw = corpus::mail("arc-two-sets");
    let mut dns = answers();
    let name = "arc._domainkey.forwarder.test";
    dns.0
        .insert(name.to_owned(), TxtAnswer::Failed("timeout".to_owned()));
    let report = report_with(&raw, &dns);
    assert_eq!(report.result, ArcResult::TemporaryError);
    assert_eq!(
        report.sets[0].seal.result,
        SignatureResult::TemporaryError("timeout".to_owned())
    );
    assert_eq!(report.sets[1].seal.result, SignatureResult::Pass);
    dns.0.insert(name.to_owned(), TxtAnswer::NotFound);
    let report = report_with(&raw, &dns);
    assert_eq!(report.result, ArcResult::Fail(ArcFailure::Seal));
    assert_eq!(
        report.sets[0].seal.result,
        SignatureResult::Fail(SignatureFailure::NoKey)
    );
}
