//! The trust file: what it does not know is an error, in both languages; and what each kind of pin
//! makes of a genuine certificate.

use attacks::genuine::{FONTS, OPERATOR, fingerprint_of, looked_at, root_of};
use attacks::{GENUINE, genuine};
use pades::testing::{Purpose, TestKey, TestSigner, TestTimestampAuthority};
use verifier::wording::{self, Language};
use verifier::{
    Finding, Reader, Report, TRUST_BYTES_MAX, Trust, TrustError, TrustFile, Verdict, verify,
};

fn good() -> String {
    let authorities = &GENUINE.authorities;
    let signers = [fingerprint_of(&authorities.signer)];
    genuine::trust_file(OPERATOR, &signers, &authorities.trusted(&[0, 1]))
}

/// Why a file is refused, which both languages say.
fn refusal(file: &str) -> String {
    let error = Trust::read(file.as_bytes()).unwrap_err();
    let [japanese, english] =
        [Language::Japanese, Language::English].map(|one| wording::trust_error(&error, one));
    assert!(
        japanese.ends_with('。') && !japanese.is_ascii(),
        "{japanese}"
    );
    assert!(english.ends_with('.'), "{english}");
    english
}

#[test]
#[expect(clippy::too_many_lines, reason = "a list of cases")]
fn whatever_a_trust_file_does_not_know_is_an_error_that_says_where() {
    let since = "\"since\":\"2020-01-01T00:00:00Z\"";
    let digest = format!("\"{}\"", fingerprint_of(&GENUINE.authorities.signer));
    let upper = digest.to_uppercase();
    let signer = format!("{{\"certificate_sha256\":{digest},{since}}}");
    let cases: [(&str, &str, &str); 34] = [
        // Keys of each object that nobody knows.
        (
            "\"version\":1",
            "\"version\":1,\"x\":0",
            "unknown field `x`",
        ),
        (
            "{\"name\":\"あ",
            "{\"x\":0,\"name\":\"あ",
            "unknown field `x`",
        ),
        (
            since,
            "\"since\":\"2020-01-01T00:00:00Z\",\"x\":0",
            "unknown field `x`",
        ),
        (
            "{\"name\":\"TSA\"",
            "{\"url\":\"\",\"name\":\"TSA\"",
            "unknown field `url`",
        ),
        (
            "\"timestamp_authorities\"",
            "\"Timestamp_authorities\"",
            "unknown field `Timestamp",
        ),
        // Twice, missing, or of another type.
        (
            "\"version\":1",
            "\"version\":1,\"version\":1",
            "duplicate field `version`",
        ),
        (
            "{\"name\":\"TSA\"",
            "{\"name\":\"T\",\"name\":\"TSA\"",
            "duplicate field `name`",
        ),
        (
            since,
            &format!("{since},{since}"),
            "duplicate field `since`",
        ),
        ("\"format\":\"akashi-trust\",", "", "missing field `format`"),
        ("\"version\":1,", "", "missing field `version`"),
        (&format!(",{since}"), "", "missing field `since`"),
        ("\"name\":\"TSA\",", "", "missing field `name`"),
        ("\"version\":1", "\"version\":\"1\"", "invalid type"),
        ("\"version\":1", "\"version\":1.0", "invalid type"),
        ("\"name\":\"TSA\"", "\"name\":7", "invalid type"),
        (&digest, "7", "invalid type"),
        (
            &signer,
            &format!("[{digest},null,null,\"2020-01-01T00:00:00Z\",null]"),
            "no object",
        ),
        (
            since,
            &format!("{since},\"until\":null"),
            "operators[0].signers[0]: it is empty",
        ),
        (&format!("[{signer}]"), "{}", "invalid type"),
        // Values that cannot be.
        (
            "akashi-trust",
            "akashi-roots",
            "its format is \"akashi-roots\"",
        ),
        ("\"version\":1", "\"version\":2", "its version is 2"),
        (&digest, &upper, "operators[0].signers[0]: it is no SHA-256"),
        (
            &digest,
            "\"a5\"",
            "operators[0].signers[0]: it is no SHA-256",
        ),
        (
            "certificate_sha256",
            "subject\":\"CN=x\",\"certificate_sha256",
            "needs one of",
        ),
        (
            &format!("\"certificate_sha256\":{digest},"),
            "",
            "needs one of",
        ),
        (
            &format!("\"certificate_sha256\":{digest}"),
            "\"subject\":\"\"",
            "it is empty",
        ),
        (since, "\"since\":\"2020\"", "as a trust file is written"),
        (
            since,
            &format!("{since},\"until\":\"2020-01-01T00:00:00Z\""),
            "`until` is not after",
        ),
        (
            &format!("[{signer}]"),
            "[]",
            "operators[0].signers: it is empty",
        ),
        (
            "\"name\":\"TSA\"",
            "\"name\":\" \"",
            "timestamp_authorities[0].name",
        ),
        (
            "\"name\":\"TSA\"",
            "\"name\":\"T\\nSA\"",
            "timestamp_authorities[0].name",
        ),
        (
            "[{\"name\":\"TSA\"",
            "[{\"name\":\"TSA\",\"roots\":[]},{\"name\":\"TSA\"",
            "same name",
        ),
        (
            "\"-----BEGIN CERTIFICATE-----",
            "\"# root\\n-----BEGIN CERTIFICATE-----",
            "roots[0]",
        ),
        (
            "-----BEGIN CERTIFICATE-----\\nMII",
            "-----BEGIN CERTIFICATE-----\\nMIX",
            "roots[0]",
        ),
    ];
    for (from, to, expected) in cases {
        let file = good().replacen(from, to, 1);
        assert_ne!(file, good(), "{from}");
        let said = refusal(&file);
        assert!(said.contains(expected), "{from} -> {to}: {said}");
    }
    assert!(Trust::read(good().as_bytes()).is_ok());
    assert!(refusal(&format!("{}x", good())).contains("trailing characters"));
    assert!(refusal(&good()[..good().len() - 4]).contains("EOF"));
}

#[test]
fn a_trust_file_has_an_operator_an_authority_and_not_too_many() {
    let (head, rest) = good().split_once("[\n").map_or_else(
        || panic!("a list"),
        |(head, rest)| (head.to_owned(), rest.to_owned()),
    );
    let (operator, authorities) = rest.split_once("],\n\"timestamp").unwrap();
    let with = |operators: &str| format!("{head}[{operators}],\n\"timestamp{authorities}");
    assert!(refusal(&with("")).contains("operators: it is empty"));
    assert!(Trust::read(with(operator).as_bytes()).is_ok());
    let many = |count: usize| {
        let named = |number| operator.replace(OPERATOR, &format!("{OPERATOR} {number}"));
        (0..count).map(named).collect::<Vec<_>>().join(",")
    };
    assert!(Trust::read(with(&many(256)).as_bytes()).is_ok());
    assert!(refusal(&with(&many(257))).contains("more than 256"));
    let mut large = good();
    let spaces = TRUST_BYTES_MAX + 1 - large.len();
    large.push_str(&" ".repeat(spaces));
    assert!(refusal(&large).contains("larger than 1 MiB"));
    large.pop();
    assert!(Trust::read(large.as_bytes()).is_ok());
}

#[test]
fn roots_as_pem_have_nothing_between_them() {
    let roots = GENUINE.authorities.trusted(&[0, 1]);
    assert!(Trust::read(roots.concat().as_bytes()).is_ok());
    for line in [
        "# Timestamps",
        "# timestamps",
        "# signers",
        "subject=CN=Root",
    ] {
        let text = roots.join(&format!("{line}\n"));
        let error = Trust::read(text.as_bytes()).unwrap_err();
        assert!(
            matches!(&error, TrustError::Text(found) if found == line),
            "{error}"
        );
    }
    for text in ["", "nobody", "-----BEGIN CERTIFICATE-----"] {
        refusal(text);
    }
    assert!(Trust::read(&[0xFF, 0xFE]).is_err());
}

/// A key was replaced, and an authority too: certificates from before stay what they were.
#[test]
fn a_file_that_goes_on_from_an_earlier_one_knows_both_signers() {
    let earlier = TrustFile::from_json(&good()).unwrap();
    let other = TestSigner::of_purpose(TestKey::p256(41), Purpose::Documents);
    let roots = TestTimestampAuthority::new(3).authority;
    let roots = [GENUINE.authorities.trusted(&[])[0].clone(), root_of(&roots)];
    let now = genuine::trust_file(OPERATOR, &[fingerprint_of(&other)], &roots);
    let now = TrustFile::from_json(&now.replace("2020-", "2026-")).unwrap();
    let both = now.clone().and_earlier(earlier.clone());
    let json = both.to_json().unwrap();
    assert_eq!(report_with(&json).verdict(), Verdict::Authentic);
    assert_eq!(json.matches("certificate_sha256").count(), 2);
    assert_eq!(
        json.matches("BEGIN CERTIFICATE").count(),
        4,
        "no root is there twice"
    );
    assert_eq!(both.clone().and_earlier(earlier), both);
    assert_eq!(
        report_with(&now.to_json().unwrap()).verdict(),
        Verdict::Untrusted
    );
}

fn report_with(trust: &str) -> Report {
    let reader = Reader {
        trust: &Trust::read(trust.as_bytes()).unwrap(),
        at: looked_at(),
        fonts: Some(&FONTS),
    };
    verify(&GENUINE.archived, &reader)
}

/// The signer was stamped on 20 November 2026, one second before 01:15:41.
#[test]
fn a_signer_is_known_by_certificate_key_or_subject_and_from_then_on() {
    let leaf = &GENUINE.authorities.signer.chain.certificates()[0];
    let pin = format!(
        "\"certificate_sha256\":\"{}\"",
        hex::encode(leaf.fingerprint())
    );
    let key = hex::encode(leaf.public_key_fingerprint().unwrap());
    let key = format!("\"public_key_sha256\":\"{key}\"");
    let since = "\"since\":\"2020-01-01T00:00:00Z\"";
    let late = "\"since\":\"2026-11-20T01:15:41Z\"";
    let in_time = "\"since\":\"2026-11-20T01:15:40Z\"";
    let ended = format!("{since},\"until\":\"2026-11-20T01:15:40Z\"");
    let not_ended = format!("{since},\"until\":\"2026-11-20T01:15:41Z\"");
    for (from, to, expected) in [
        (pin.as_str(), key.as_str(), Verdict::Authentic),
        (&pin, "\"subject\":\"CN=Akashi Test\"", Verdict::Authentic),
        (&pin, "\"subject\":\"CN=akashi test\"", Verdict::Untrusted),
        (since, in_time, Verdict::Authentic),
        (since, late, Verdict::Untrusted),
        (since, &not_ended, Verdict::Authentic),
        (since, &ended, Verdict::Untrusted),
        (OPERATOR, "べつの証明サービス", Verdict::Altered),
    ] {
        let trust = good().replacen(from, to, 1);
        assert_ne!(trust, good(), "{from}");
        let report = report_with(&trust);
        let found = report.findings();
        assert_eq!(report.verdict(), expected, "{from} -> {to}: {found:?}");
        let is_told = found
            .iter()
            .any(|(_, one)| matches!(one, Finding::SignerNotThen { .. }));
        assert_eq!(is_told, to == late || to == ended, "{to}: {found:?}");
    }
    assert_eq!(
        report_with(&good()).facts.operator.as_deref(),
        Some(OPERATOR)
    );
}

/// The roots of one operator are nobody else's, and those of clocks are no signer's.
#[test]
fn a_root_counts_for_those_below_whom_it_stands() {
    let authorities = &GENUINE.authorities;
    let [root, one, two] = &authorities.trusted(&[0, 1])[..] else {
        panic!("three roots");
    };
    let signers = [fingerprint_of(&authorities.signer)];
    let swapped = [one, root, two].map(Clone::clone);
    let report = report_with(&genuine::trust_file(OPERATOR, &signers, &swapped));
    assert_eq!(report.verdict(), Verdict::Untrusted);
    let (_, finding) = &report.findings()[0];
    assert!(
        matches!(finding, Finding::SignerUntrusted { .. }),
        "{finding:?}"
    );
}
