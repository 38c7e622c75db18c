//! Fuzz targets for what reads strangers' bytes: the verifier and the mail parser.
//!
//! A target is a function of bytes that must not panic. `make fuzz` runs the targets under
//! cargo-fuzz (`guided`), which needs a nightly compiler; CI has none. What the tests below run is
//! a short and repeatable walk: the saved corpora, each mutated from a fixed seed. It is guided by
//! nothing, so it finds less than a fuzzer that watches which code is reached.
//!
//! Beside these stand the structural mutations of `attacks::mutations`, which know what they
//! change. `make fuzz` judges 10,000 of them, with the compiler that everything else is built with.

use jiff::Timestamp;
use verifier::{Reader, Report, Trust, embedded_files, wording};

/// Judges the bytes as a certificate, and takes its files out.
pub fn verifier(bytes: &[u8]) {
    let trust = Trust::default();
    let reader = Reader {
        trust: &trust,
        at: Timestamp::UNIX_EPOCH,
        fonts: None,
    };
    for (_, finding) in verifier::verify(bytes, &reader).findings() {
        std::hint::black_box(wording::finding(finding, wording::Language::Japanese));
    }
    std::hint::black_box(embedded_files(bytes).is_ok());
}

/// Judges a file as a reader of genuine certificates does, who has fonts and trusts the signer.
///
/// # Errors
/// When the trust file cannot be read.
pub fn judge(case: &attacks::Case) -> Result<Report, String> {
    let trust = case.trust_file().map(|file| Trust::read(file.as_bytes()));
    let trust = trust.transpose().map_err(|error| error.to_string())?;
    let trust = trust.unwrap_or_default();
    let reader = Reader {
        trust: &trust,
        at: case.at,
        fonts: Some(&attacks::genuine::FONTS),
    };
    Ok(verifier::verify(&case.pdf, &reader))
}

/// What is wrong with our verdict on a structural mutation: it is authentic, or has a finding
/// without a sentence, or took more than the budget and did not say so.
#[must_use]
pub fn problem(report: &Report) -> Option<String> {
    let is_over = |(work, limit): &(verifier::Work, u64)| {
        let spent = report.facts.work.get(work).copied().unwrap_or_default();
        let finding = verifier::Finding::TooMuchWork(*work);
        let is_told = report.findings().iter().any(|(_, one)| *one == finding);
        spent > *limit && !is_told
    };
    if report.verdict() == verifier::Verdict::Authentic {
        Some("it is called authentic".to_owned())
    } else if report.findings().is_empty() {
        Some("no reason is given".to_owned())
    } else {
        let over = verifier::BUDGET.iter().find(|row| is_over(row));
        over.map(|(work, _)| format!("it took too much of {}", work.name()))
    }
}

/// A key to verify signatures with.
const DKIM_KEY: &str = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

/// Reads the bytes as a mail, with all that is made of it.
pub fn mail(bytes: &[u8]) {
    let mail = mail::ParsedMail::parse(bytes);
    std::hint::black_box((
        mail.from(),
        mail.body(),
        mail.attachments(),
        mail.raw_header(),
    ));
    let mut signed = mail::SignedMail::read(mail.sent_bytes());
    let names = (mail::dkim::lookups(&signed), mail::arc::lookups(&signed));
    let key = mail::TxtAnswer::Found(vec![DKIM_KEY.to_owned()]);
    let names = names.0.into_iter().chain(names.1);
    let answers = mail::DnsAnswers(names.map(|name| (name, key.clone())).collect());
    let now = Timestamp::UNIX_EPOCH;
    if let Some(from) = mail.from() {
        std::hint::black_box(mail::dkim::verify(&mut signed, &from, &answers, now));
    }
    std::hint::black_box(mail::arc::verify(&mut signed, &answers, now));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// SplitMix64: small, and the same everywhere.
    struct Random(u64);

    impl Random {
        fn below(&mut self, limit: usize) -> usize {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            usize::try_from((z ^ (z >> 31)) % limit.max(1) as u64).unwrap()
        }
    }

    /// Bytes changed, cut out, repeated, moved and exchanged for words of the format.
    fn mutate(bytes: &[u8], words: &[&str], random: &mut Random) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..=random.below(4) {
            let at = random.below(bytes.len() + 1);
            let end = (at + random.below(64)).min(bytes.len());
            match random.below(6) {
                0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
                1 => drop(bytes.drain(at..end)),
                2 => {
                    let copy = bytes[at..end].to_vec();
                    let to = random.below(bytes.len() + 1);
                    bytes.splice(to..to, copy);
                }
                3 => {
                    let word = words[random.below(words.len())];
                    bytes.splice(at..end, word.bytes());
                }
                4 => bytes.truncate(at.max(16)),
                _ => {
                    let digit = b'0' + u8::try_from(random.below(10)).unwrap();
                    let is_digit = |byte: &&mut u8| byte.is_ascii_digit();
                    if let Some(byte) = bytes[at..].iter_mut().find(is_digit) {
                        *byte = digit;
                    }
                }
            }
        }
        bytes
    }

    const PDF_WORDS: [&str; 12] = [
        "<<",
        ">>",
        "[",
        "]",
        "(",
        "0 R",
        "endobj",
        "stream\n",
        "/Length 99999999",
        "/Prev 0",
        "xref\n",
        "\n%%EOF\n",
    ];
    const MAIL_WORDS: [&str; 10] = [
        "\r\n",
        "\r\n\r\n",
        "=?utf-8?b?",
        "?=",
        "--",
        "boundary=\"\"",
        "Content-Type: ",
        "filename*0*=",
        ";",
        "\0",
    ];

    #[test]
    fn the_verifier_takes_the_mutated_corpus() {
        let mut random = Random(20_261_124);
        let cases = attacks::all();
        for case in &cases {
            verifier(&case.pdf);
        }
        for round in 0..400 {
            let case = &cases[round % cases.len()];
            verifier(&mutate(&case.pdf, &PDF_WORDS, &mut random));
        }
    }

    /// `make fuzz` judges more of them.
    #[test]
    fn no_structural_mutation_is_authentic_x_15() {
        let mut wrong = Vec::new();
        for seed in 0..200 {
            let (_, case) = attacks::mutations::mutation(seed);
            let report = judge(&case).unwrap();
            wrong.extend(problem(&report).map(|problem| format!("{}: {problem}", case.name)));
        }
        assert_eq!(wrong, [""; 0], "{}", wrong.join("\n"));
    }

    #[test]
    fn what_is_called_authentic_would_be_a_problem() {
        let cases = attacks::all();
        let genuine = cases.iter().find(|case| case.name == "genuine").unwrap();
        let report = judge(genuine).unwrap();
        assert_eq!(problem(&report).unwrap(), "it is called authentic");
    }

    #[test]
    fn the_mail_parser_takes_the_mutated_corpus() {
        let mut random = Random(20_261_125);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus/mails");
        let entries = std::fs::read_dir(folder).unwrap();
        let mut mails: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        mails.sort();
        assert!(mails.len() > 30);
        for path in mails {
            let bytes = std::fs::read(path).unwrap();
            mail(&bytes);
            for _ in 0..100 {
                mail(&mutate(&bytes, &MAIL_WORDS, &mut random));
            }
        }
    }
}
