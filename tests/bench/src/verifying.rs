//! The CPU time of `akashi verify`, less the start of the program: all checks, pages made again.

use std::hint::black_box;

use anyhow::{Context, ensure};
use attacks::genuine::{Authorities, FONTS, draft, looked_at, original};
use sha2::{Digest, Sha256};
use verifier::{Reader, Trust, Verdict, verify};

use crate::median;
use crate::others::spent;

/// Bytes of the large mail, so that its certificate has about 7 MB (issue 4).
const LARGE_MAIL_BYTES: usize = 6_800_000;
/// Most CPU time for it, in times of its SHA-256 (issue 4).
const RATIO_MAX: f64 = 6.0;
/// Most CPU time for a certificate of about 100 KB, in milliseconds (issue 4).
const SMALL_MILLISECONDS_MAX: f64 = 20.0;

const ROUNDS: usize = 25;
const ROUNDS_TO_WARM_UP: usize = 3;

/// Prints the figures.
pub(crate) fn measure() -> anyhow::Result<()> {
    println!("verifying, CPU time, medians of {ROUNDS}");
    let small = original();
    let mut large = small.clone();
    // Behind the signed body the DKIM signature no longer holds, but costs the same.
    while large.len() < LARGE_MAIL_BYTES {
        large.extend_from_slice(
            b"0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopq\r\n",
        );
    }
    let (bytes, small, _) = one(&small)?;
    println!("  {bytes} bytes: {small:.1} ms (limit {SMALL_MILLISECONDS_MAX})");
    let (bytes, large, hashing) = one(&large)?;
    let ratio = large / hashing;
    println!(
        "  {bytes} bytes: {large:.1} ms, SHA-256 {hashing:.1}: {ratio:.2} times (limit {RATIO_MAX})"
    );
    Ok(())
}

/// Bytes of the certificate, milliseconds of its verification and of its SHA-256.
fn one(original: &[u8]) -> anyhow::Result<(usize, f64, f64)> {
    let authorities = Authorities::genuine();
    let pdf = authorities.archive(draft(original));
    let trust = Trust::from_pem(&authorities.trusted(&[0, 1]).concat())
        .context("reading the test roots")?;
    let reader = Reader {
        trust: &trust,
        at: looked_at(),
        fonts: Some(&FONTS),
    };
    let (mut verifying, mut hashing) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS_TO_WARM_UP + ROUNDS {
        let (_, hashed) = spent(|| black_box(Sha256::digest(&pdf)));
        let (report, verified) = spent(|| verify(&pdf, &reader));
        ensure!(
            report.verdict() == Verdict::Authentic,
            "{:?}",
            report.findings()
        );
        if round >= ROUNDS_TO_WARM_UP {
            verifying.push(milliseconds(verified));
            hashing.push(milliseconds(hashed));
        }
    }
    Ok((pdf.len(), median(verifying)?, median(hashing)?))
}

fn milliseconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e6
}
