//! The unsigned certificate again, from its embedded files.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use certificate::{Embedded, EmbeddedMail};
use clap::Args;
use mail::ParsedMail;

use crate::fonts;

/// Make an unsigned certificate again from the files that are embedded in it.
#[derive(Args)]
pub struct Rebuild {
    /// The embedded file `evidence.json`.
    evidence: PathBuf,
    /// The embedded file `original.eml`; an addendum has none.
    original: Option<PathBuf>,
    /// The embedded file `delivered.eml`, if there is one.
    #[arg(long)]
    delivered: Option<PathBuf>,
    /// The embedded file `answer.eml`, if there is one.
    #[arg(long)]
    answer: Option<PathBuf>,
    /// Each embedded file `not-an-answer-<number>.eml`, in the order of the numbers.
    #[arg(long = "other")]
    others: Vec<PathBuf>,
    /// Where to write the certificate. Its bytes are those that were signed.
    #[arg(short, long)]
    output: PathBuf,
}

pub(crate) fn run(rebuild: &Rebuild) -> anyhow::Result<()> {
    let evidence = read(&rebuild.evidence)?;
    let original = rebuild.original.as_deref().map(read).transpose()?;
    let delivered = rebuild.delivered.as_deref().map(read).transpose()?;
    let answer = rebuild.answer.as_deref().map(read).transpose()?;
    let others = rebuild.others.iter().map(|path| read(path));
    let others: Vec<Vec<u8>> = others.collect::<Result<_, _>>()?;
    let others: Vec<&[u8]> = others.iter().map(Vec::as_slice).collect();
    let (original_html, answer_html) =
        (html_part(original.as_deref()), html_part(answer.as_deref()));
    let embedded = Embedded {
        original: embedded(original.as_deref(), original_html.as_deref()),
        delivered: delivered.as_deref(),
        answer: embedded(answer.as_deref(), answer_html.as_deref()),
        others: &others,
    };
    let pdf = certificate::rebuild(&evidence, embedded, &fonts::load()?)
        .with_context(|| hint(rebuild))?;
    let output = &rebuild.output;
    fs::write(output, pdf).with_context(|| format!("writing {}", output.display()))
}

/// Each embedded file is an argument of its own, and evidence names those that it needs.
fn hint(rebuild: &Rebuild) -> String {
    let missing: Vec<&str> = [
        (rebuild.original.is_none(), "original.eml"),
        (rebuild.delivered.is_none(), "--delivered delivered.eml"),
        (rebuild.answer.is_none(), "--answer answer.eml"),
        (rebuild.others.is_empty(), "--other not-an-answer-1.eml"),
    ]
    .into_iter()
    .filter_map(|(is_missing, name)| is_missing.then_some(name))
    .collect();
    if missing.is_empty() {
        return "rebuilding".to_owned();
    }
    format!("rebuilding without {}", missing.join(", "))
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("reading {}", path.display()))
}

/// The HTML part, found as it was found when the certificate was made.
fn html_part(eml: Option<&[u8]>) -> Option<Vec<u8>> {
    ParsedMail::parse(eml?).body().html.map(Cow::into_owned)
}

fn embedded<'a>(eml: Option<&'a [u8]>, html_part: Option<&'a [u8]>) -> Option<EmbeddedMail<'a>> {
    eml.map(|eml| EmbeddedMail { eml, html_part })
}

#[cfg(test)]
mod tests {
    use certificate::{Record, render, sample};

    use super::*;

    #[test]
    fn what_is_rebuilt_is_what_was_signed_x_7() {
        let folder = std::env::temp_dir().join(format!("akashi-rebuild-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let place = |name: &str| folder.join(name);
        let embedded = Embedded {
            original: embedded(Some(sample::ORIGINAL), None),
            delivered: Some(sample::DELIVERED),
            answer: None,
            others: &[],
        };
        let evidence = sample::evidence();
        let fonts = fonts::load().unwrap();
        let draft = render(&evidence, embedded, &fonts).unwrap();
        let record = Record::new(evidence, embedded);
        fs::write(place("evidence.json"), record.to_json()).unwrap();
        fs::write(place("original.eml"), sample::ORIGINAL).unwrap();
        fs::write(place("delivered.eml"), sample::DELIVERED).unwrap();
        let files = Rebuild {
            evidence: place("evidence.json"),
            original: Some(place("original.eml")),
            delivered: Some(place("delivered.eml")),
            answer: None,
            others: Vec::new(),
            output: place("again.pdf"),
        };
        run(&files).unwrap();
        assert!(fs::read(place("again.pdf")).unwrap() == draft);
        fs::write(place("original.eml"), b"another").unwrap();
        let error = run(&files).unwrap_err();
        assert!(format!("{error:#}").contains("original.eml"), "{error:#}");
        fs::write(place("original.eml"), sample::ORIGINAL).unwrap();
        let without = Rebuild {
            delivered: None,
            ..files
        };
        let error = run(&without).unwrap_err();
        assert!(error.to_string().contains("--delivered"), "{error:#}");
        fs::remove_dir_all(&folder).unwrap();
    }
}
