//! The time of `akashi-verify`, and the CPU time of what it does: all checks, pages made again.

use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, ensure};
use attacks::genuine::{Authorities, looked_at};
use paper::{FontSet, fonts_in};
use sha2::{Digest, Sha256};
use tests::World;
use tests::customer::{Customer, Letter};
use verifier::{Reader, Trust, Verdict, verify};

use crate::median;
use crate::one_certificate::large_mail;
use crate::others::spent;

/// Most time for the certificate of the largest mail that is accepted, in times of its SHA-256
/// (issue 4).
const RATIO_MAX: f64 = 6.0;
/// Most time for a certificate of about 100 KB, in milliseconds (issue 4).
const SMALL_MILLISECONDS_MAX: f64 = 20.0;

/// Who issues in the world of tests.
const OPERATOR: &str = "Akashi Test";

const ROUNDS: usize = 25;
const ROUNDS_TO_WARM_UP: usize = 3;

/// Prints the figures. `program` is `akashi-verify`, as `make release` makes it.
pub(crate) fn measure(fonts: &Path, program: &Path) -> anyhow::Result<()> {
    let small = smallest()?;
    let large = certificate_of(&large_mail())?;
    println!("`akashi-verify`, from its start to its end, medians of {ROUNDS}");
    let run = Run::of(&small, program)?;
    println!(
        "  {} bytes: {:.1} ms (limit {SMALL_MILLISECONDS_MAX})",
        small.len(),
        run.program
    );
    let Run { program, hashing } = Run::of(&large, program)?;
    let ratio = program / hashing;
    println!(
        "  {} bytes: {program:.1} ms, SHA-256 {hashing:.1}: {ratio:.2} times (limit {RATIO_MAX})",
        large.len()
    );
    println!("verifying on one thread, CPU time");
    Figures::of(&small, fonts)?.print();
    Figures::of(&large, fonts)?.print();
    Ok(())
}

/// Milliseconds of the whole program for one certificate.
struct Run {
    /// From its start to its end.
    program: f64,
    /// The certificate's SHA-256.
    hashing: f64,
}

impl Run {
    fn of(pdf: &[u8], verifier: &Path) -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("akashi-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let (file, trust) = (folder.join("certificate.pdf"), folder.join("trust.json"));
        std::fs::write(&file, pdf)?;
        std::fs::write(&trust, Authorities::genuine().trust_file(OPERATOR))?;
        let mut command = Command::new(verifier);
        command.arg(&file).arg("--trust").arg(&trust);
        command.arg("--at").arg(looked_at().to_string());
        let (mut program, mut hashing) = (vec![], vec![]);
        for round in 0..ROUNDS_TO_WARM_UP + ROUNDS {
            let started = Instant::now();
            black_box(Sha256::digest(pdf));
            let hashed = started.elapsed();
            let started = Instant::now();
            let output = command.output().context("running akashi-verify")?;
            let verified = started.elapsed();
            ensure!(output.status.success(), "{output:?}");
            if round >= ROUNDS_TO_WARM_UP {
                hashing.push(hashed.as_secs_f64() * 1e3);
                program.push(verified.as_secs_f64() * 1e3);
            }
        }
        std::fs::remove_dir_all(&folder)?;
        Ok(Self {
            program: median(program)?,
            hashing: median(hashing)?,
        })
    }
}

/// Milliseconds for one certificate.
struct Figures {
    bytes: usize,
    /// Its verification, fonts parsed and fixed texts set before.
    warm: f64,
    /// The reading and parsing of the fonts, once in a process.
    fonts: f64,
    /// The first verification with them.
    first: f64,
    /// Its SHA-256.
    hashing: f64,
}

impl Figures {
    fn of(pdf: &[u8], folder: &Path) -> anyhow::Result<Self> {
        let trust = Authorities::genuine().trust_file(OPERATOR);
        let trust = Trust::from_json(&trust).context("reading the trust file")?;
        let milliseconds = |fonts: &FontSet| {
            let reader = Reader {
                trust: &trust,
                at: looked_at(),
                fonts: Some(fonts),
            };
            let (report, verified) = spent(|| verify(pdf, &reader));
            let findings = report.findings();
            ensure!(report.verdict() == Verdict::Authentic, "{findings:?}");
            Ok(milliseconds(verified))
        };
        let kept = fonts_in(folder)?;
        let (mut warm, mut fonts, mut first, mut hashing) = (vec![], vec![], vec![], vec![]);
        for round in 0..ROUNDS_TO_WARM_UP + ROUNDS {
            let (_, hashed) = spent(|| black_box(Sha256::digest(pdf)));
            let verified = milliseconds(&kept)?;
            let (new, read) = spent(|| fonts_in(folder));
            let verified_first = milliseconds(&new?)?;
            if round >= ROUNDS_TO_WARM_UP {
                hashing.push(self::milliseconds(hashed));
                warm.push(verified);
                fonts.push(self::milliseconds(read));
                first.push(verified_first);
            }
        }
        Ok(Self {
            bytes: pdf.len(),
            warm: median(warm)?,
            fonts: median(fonts)?,
            first: median(first)?,
            hashing: median(hashing)?,
        })
    }

    fn print(&self) {
        let Self {
            bytes,
            warm,
            fonts,
            first,
            hashing,
        } = self;
        let ratio = warm / hashing;
        println!("  {bytes} bytes: {warm:.1} ms, SHA-256 {hashing:.1}: {ratio:.2} times");
        println!("         first in a process: {first:.1} ms, and {fonts:.1} for the fonts");
    }
}

/// The certificate of a mail of two lines, as the service makes it: none is much smaller.
fn smallest() -> anyhow::Result<Vec<u8>> {
    let letter = Letter::from(&Customer::taro())
        .body("お世話になっております。\r\n下記のとおりご通知いたします。\r\n");
    certificate_of(&letter)
}

fn certificate_of(letter: &Letter) -> anyhow::Result<Vec<u8>> {
    let world = World::with_customer(10);
    world.receive(letter);
    world.settle();
    let stored = world.dispatches().into_iter().next();
    let id = stored.context("there is a dispatch")?.dispatch.id;
    let pdf = world.original(&id).context("there is a certificate")?;
    Ok(pdf.to_vec())
}

fn milliseconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e6
}
