//! Judging a certificate, taking out its files and showing what it says of itself.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{LazyLock, OnceLock};

use anyhow::{Context, bail};
use certificate::VersionedRecord;
use clap::{Args, ValueEnum};
use domain::Recipient;
use jiff::Timestamp;
use serde_json::{Value, json};
use verifier::wording::{self, Language};
use verifier::{
    Finding, Reader, Report, Standing, TRUST_BYTES_MAX, Trust, Verification, embedded_files,
};

use crate::clock::now;
use crate::fonts;
use crate::output::{say, say_json, visible};
use crate::reading::{read, read_by_two};
use crate::threads::side_by_side;

/// Nothing was judged: the file, the roots or the options cannot be used.
pub const NOT_JUDGED: u8 = 4;

/// Check a certificate, offline.
///
/// Exit code: 0 AUTHENTIC, 1 ALTERED, 2 UNTRUSTED, 3 INCOMPLETE, 4 nothing was judged.
#[derive(Args)]
pub struct Verify {
    /// The certificate, a PDF.
    file: PathBuf,
    /// Print one JSON object instead of text.
    #[arg(long)]
    json: bool,
    /// Whom to trust: the trust file of an operator, got from somewhere else than the certificate.
    /// Nobody is built in. Roots as PEM are taken, too; since anybody below them could have signed,
    /// the verdict is UNTRUSTED then at best, with the signer's fingerprint to compare.
    #[arg(long)]
    trust: Option<PathBuf>,
    /// Check as if at this time, e.g. `2046-01-01T00:00:00Z`; now if it is not given.
    #[arg(long)]
    at: Option<Timestamp>,
    /// Language of the reasons.
    #[arg(long, value_enum, default_value = "en")]
    lang: Words,
}

#[derive(Clone, Copy, ValueEnum)]
enum Words {
    /// 日本語
    Ja,
    /// English
    En,
}

/// Write the files that a certificate carries into a folder. They are not checked: verify first.
#[derive(Args)]
pub struct Extract {
    /// The certificate, a PDF.
    file: PathBuf,
    /// Where to; it is made if it is not there. Files that exist are never overwritten.
    folder: PathBuf,
}

/// Show what a certificate says of itself. It is not checked: verify first.
#[derive(Args)]
pub struct Show {
    /// The certificate, a PDF.
    file: PathBuf,
}

pub(crate) fn verify(arguments: &Verify) -> anyhow::Result<ExitCode> {
    let language = match arguments.lang {
        Words::Ja => Language::Japanese,
        Words::En => Language::English,
    };
    let trust = match &arguments.trust {
        None => Trust::default(),
        Some(file) => trust(file, language)?,
    };
    let pdf = read_by_two(&arguments.file)?;
    let report = judge(&pdf, &trust, arguments.at.unwrap_or_else(now))?;
    if arguments.json {
        say_json(&as_json(&report)).ok();
    } else {
        say(as_text(&report, language).trim_end()).ok();
    }
    Ok(ExitCode::from(report.verdict().exit_code()))
}

/// Opens the file and looks at the signature on one thread, while the other loads the fonts, which
/// nobody needs before the signer is trusted.
fn judge(pdf: &[u8], trust: &Trust, at: Timestamp) -> anyhow::Result<Report> {
    let fonts = LazyLock::new(fonts::load);
    let load = || fonts.as_ref().ok();
    let reader = Reader {
        trust,
        at,
        fonts: None,
    };
    let opened = OnceLock::new();
    let open = || opened.get_or_init(|| Verification::open(pdf, reader).with_fonts_from(&load));
    let work = || open().work();
    let load_and_work = || {
        LazyLock::force(&fonts);
        open().work();
    };
    side_by_side(work, load_and_work)?;
    let report = opened.into_inner().map(Verification::finish);
    if let Err(error) = &*fonts {
        bail!("reading the fonts: {error}");
    }
    report.context("opening the file")
}

pub(crate) fn extract(arguments: &Extract) -> anyhow::Result<ExitCode> {
    let pdf = read(&arguments.file)?;
    let files = embedded_files(&pdf).context("reading the embedded files")?;
    let folder = &arguments.folder;
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    for file in &files {
        let path = folder.join(&file.name);
        let mut target =
            File::create_new(&path).with_context(|| format!("writing {}", path.display()))?;
        io::copy(&mut &*file.bytes, &mut target)
            .with_context(|| format!("writing {}", path.display()))?;
        let place = visible(&path.display().to_string());
        say(format_args!("{} {place}", file.bytes.len())).ok();
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn show(arguments: &Show) -> anyhow::Result<ExitCode> {
    let pdf = read(&arguments.file)?;
    let trust = Trust::default();
    let reader = Reader {
        trust: &trust,
        at: now(),
        fonts: None,
    };
    say_json(&facts(&verifier::verify(&pdf, &reader))).ok();
    let files = embedded_files(&pdf).context("reading the embedded files")?;
    let evidence = files.iter().find(|file| file.name == "evidence.json");
    let Some(evidence) = evidence else {
        return Ok(ExitCode::SUCCESS);
    };
    let summary = VersionedRecord::from_json(&evidence.bytes)?.summary();
    let subject = visible(&summary.subject);
    say(format_args!("{}: {subject}", summary.serial)).ok();
    let recipient = recipient(&summary.recipient);
    let parties = format!("{} -> {recipient}", summary.sender);
    say(visible(&parties)).ok();
    say(visible(&summary.outcome_japanese)).ok();
    say(visible(&summary.outcome_english)).ok();
    for event in &summary.events {
        let line = format!("{} {} ({})", event.at, event.name, event.source);
        say(visible(&line)).ok();
    }
    Ok(ExitCode::SUCCESS)
}

fn recipient(recipient: &Recipient) -> String {
    match recipient {
        Recipient::Mail(address) => address.to_string(),
        Recipient::Mobile(mobile) => mobile.to_string(),
        Recipient::Both { mail, mobile } => format!("{mail}, {mobile}"),
    }
}

fn trust(path: &Path, language: Language) -> anyhow::Result<Trust> {
    let what = || format!("reading the trust file {}", path.display());
    let mut bytes = Vec::new();
    let limit = u64::try_from(TRUST_BYTES_MAX).unwrap_or(u64::MAX);
    let file = File::open(path).with_context(what)?;
    let read = file.take(limit.saturating_add(1)).read_to_end(&mut bytes);
    read.with_context(what)?;
    let trust = Trust::read(&bytes);
    let sentence = |error| anyhow::Error::msg(wording::trust_error(&error, language));
    trust.map_err(sentence).with_context(what)
}

fn as_text(report: &Report, language: Language) -> String {
    let mut lines = vec![format!(
        "{}: {}",
        report.verdict(),
        wording::verdict(report.verdict(), language)
    )];
    // Nobody is to take a test for evidence because of the word above.
    let is_test = |finding: &&Finding| **finding == Finding::IssuedAsTest;
    let findings = || report.findings().iter().map(|(_, finding)| finding);
    for finding in findings().filter(is_test) {
        lines.push(wording::finding(finding, language));
    }
    for (check, result) in report.results() {
        let numbers: Vec<String> = check.numbers().map(|number| number.to_string()).collect();
        lines.push(format!(
            "  {} ({}): {}",
            wording::check(check, language),
            numbers.join(", "),
            wording::result(result, language)
        ));
    }
    for finding in findings().filter(|finding| !is_test(finding)) {
        let number = finding.number();
        let number = number.map_or_else(String::new, |number| format!("{number}: "));
        let sentence = wording::finding(finding, language);
        lines.push(format!("  - {number}{sentence}"));
    }
    let facts = &report.facts;
    if !facts.values.is_empty() {
        lines.push(format!("  {}", wording::values(&facts.values, language)));
    }
    lines.push(format!("SHA-256 {}", hex::encode(facts.file_digest)));
    lines.extend(facts.serial.iter().cloned());
    lines.extend(facts.signer.iter().cloned());
    let fingerprint = facts.signer_fingerprint.iter();
    lines.extend(fingerprint.map(|one| format!("  SHA-256 {}", hex::encode(one))));
    for stamp in &facts.timestamps {
        lines.push(format!("{} {}", stamp.time, stamp.authority));
    }
    // A name with a line end in it must not look like a line of the report.
    let mut lines: Vec<String> = lines.iter().map(|line| visible(line)).collect();
    lines.push(String::new());
    lines.join("\n")
}

fn as_json(report: &Report) -> Value {
    let checks = report.results().into_iter();
    let checks: Vec<Value> = checks
        .map(|(check, result)| {
            let numbers = check.numbers().map(|number| number.to_string());
            json!({
                "check": check.name(),
                "numbers": numbers.collect::<Vec<_>>(),
                "result": result.name(),
            })
        })
        .collect();
    let reasons: Vec<Value> = report
        .findings()
        .iter()
        .map(|(check, finding)| {
            json!({
                "check": check.name(),
                "number": finding.number().map(|number| number.to_string()),
                "verdict": finding.verdict().map(verifier::Verdict::word),
                "ja": wording::finding(finding, Language::Japanese),
                "en": wording::finding(finding, Language::English),
            })
        })
        .collect();
    json!({
        "verdict": report.verdict().word(),
        "exit_code": report.verdict().exit_code(),
        "checks": checks,
        "reasons": reasons,
        "facts": facts(report),
        "values": values(report),
    })
}

/// Each value of the evidence, and whether it was recomputed.
fn values(report: &Report) -> Vec<Value> {
    let values = report.facts.values.iter();
    let as_json = |value: &verifier::Value| match &value.standing {
        Standing::Recomputed => json!({"name": value.name, "standing": "recomputed"}),
        Standing::OperatorsWord => json!({"name": value.name, "standing": "operators_word"}),
        Standing::Differs(difference) => json!({
            "name": value.name,
            "standing": "differs",
            "said": difference.said,
            "found": difference.found,
        }),
    };
    values.map(as_json).collect()
}

fn facts(report: &Report) -> Value {
    let facts = &report.facts;
    let timestamps = facts.timestamps.iter().map(|stamp| {
        json!({
            "time": stamp.time.to_string(),
            "authority": stamp.authority,
            "good": stamp.is_good,
        })
    });
    let files = facts.files.iter();
    let files = files.map(|(name, bytes)| json!({"name": name, "size_bytes": bytes}));
    let work = facts.work.iter();
    let work = work.map(|(work, amount)| (work.name().to_owned(), json!(amount)));
    json!({
        "sha256": hex::encode(facts.file_digest),
        "size_bytes": facts.file_bytes,
        "serial": facts.serial,
        "purpose": facts.purpose,
        "signer": facts.signer,
        "signer_sha256": facts.signer_fingerprint.map(hex::encode),
        "operator": facts.operator,
        "signed_before": facts.signed_before.map(|time| time.to_string()),
        "timestamps": timestamps.collect::<Vec<_>>(),
        "files": files.collect::<Vec<_>>(),
        "work": work.collect::<serde_json::Map<_, _>>(),
    })
}
