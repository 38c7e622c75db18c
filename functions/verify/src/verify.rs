//! Judging a certificate, taking out its files and showing what it says of itself.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use certificate::VersionedRecord;
use clap::{Args, ValueEnum};
use domain::Recipient;
use jiff::Timestamp;
use serde_json::{Value, json};
use verifier::wording::{self, Language};
use verifier::{Finding, Reader, Report, Trust, Verification, embedded_files};

use crate::clock::now;
use crate::fonts;
use crate::output::{say, say_json, visible};
use crate::reading::{read, read_beside};
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
    /// Roots to trust, as PEM. None are built in. A line `# signers` or `# timestamps` limits the
    /// roots below it to that purpose.
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
    let trust = match &arguments.trust {
        None => Trust::default(),
        Some(file) => trust(file)?,
    };
    let (pdf, fonts) = read_beside(&arguments.file, fonts::load)?;
    let fonts = fonts.context("reading the fonts")?;
    let reader = Reader {
        trust: &trust,
        at: arguments.at.unwrap_or_else(now),
        fonts: Some(&fonts),
    };
    let verification = Verification::open(&pdf, reader);
    side_by_side(|| verification.work(), || verification.work())?;
    let report = verification.finish();
    if arguments.json {
        say_json(&as_json(&report)).ok();
    } else {
        let language = match arguments.lang {
            Words::Ja => Language::Japanese,
            Words::En => Language::English,
        };
        say(as_text(&report, language).trim_end()).ok();
    }
    Ok(ExitCode::from(report.verdict().exit_code()))
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

fn trust(path: &Path) -> anyhow::Result<Trust> {
    let what = || format!("reading the roots in {}", path.display());
    let text = fs::read_to_string(path).with_context(what)?;
    Trust::from_pem(&text).with_context(what)
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
        lines.push(format!(
            "  {}: {}",
            wording::check(check, language),
            wording::result(result, language)
        ));
    }
    for finding in findings().filter(|finding| !is_test(finding)) {
        lines.push(format!("  - {}", wording::finding(finding, language)));
    }
    let facts = &report.facts;
    lines.push(format!("SHA-256 {}", hex::encode(facts.file_digest)));
    lines.extend(facts.serial.iter().cloned());
    lines.extend(facts.signer.iter().cloned());
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
        .map(|(check, result)| json!({"check": check.name(), "result": result.name()}))
        .collect();
    let reasons: Vec<Value> = report
        .findings()
        .iter()
        .map(|(check, finding)| {
            json!({
                "check": check.name(),
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
    })
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
    json!({
        "sha256": hex::encode(facts.file_digest),
        "size_bytes": facts.file_bytes,
        "serial": facts.serial,
        "purpose": facts.purpose,
        "signer": facts.signer,
        "signed_before": facts.signed_before.map(|time| time.to_string()),
        "timestamps": timestamps.collect::<Vec<_>>(),
        "files": files.collect::<Vec<_>>(),
    })
}
