//! Measures of speed, as ratios in one run: `make bench`. Nothing here is a timed test.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod archiving;
mod cold_start;
mod one_certificate;
mod others;
mod verifying;

use std::path::{Path, PathBuf};

use anyhow::Context;

fn main() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()?;
    one_certificate::measure(&root.join(".local/fonts"))?;
    archiving::measure(&root)?;
    let binaries = std::env::args_os()
        .nth(1)
        .map_or(root.join("target/release"), PathBuf::from);
    verifying::measure(&root.join(".local/fonts"), &binaries.join("akashi-verify"))?;
    cold_start::measure(&binaries, &root.join(".local/fonts"))?;
    Ok(())
}

/// The middle of some figures.
fn median(mut figures: Vec<f64>) -> anyhow::Result<f64> {
    figures.sort_by(f64::total_cmp);
    figures
        .get(figures.len() / 2)
        .copied()
        .context("taking the median of no figures")
}
