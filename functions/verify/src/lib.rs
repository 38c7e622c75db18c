//! What anybody can do with a certificate, without the service and without a network (X-1): judge
//! it, take out and show what it holds, make its pages again.
//!
//! The commands are those of the program `akashi-verify`, which is for everybody, and of the
//! operator's `akashi`. They read the files that they are given and nothing else; fonts are part of
//! the program. Not a dependency of this crate knows AWS, TLS or an async runtime, so that the
//! program is one static file that outlives the service.
//!
//! ```no_run
//! use clap::Parser as _;
//! #[derive(clap::Parser)]
//! struct Arguments {
//!     #[command(flatten)]
//!     verify: verify::Verify,
//! }
//! let exit_code = Arguments::parse().verify.run()?;
//! # Ok::<(), anyhow::Error>(())
//! ```

mod clock;
mod fonts;
mod output;
mod reading;
mod rebuild;
mod threads;
mod verify;

use std::process::ExitCode;

use clap::Subcommand;

pub use output::{is_broken_pipe, say, visible};
pub use rebuild::Rebuild;
pub use verify::{Extract, NOT_JUDGED, Show, Verify};

/// What can be done with a certificate besides judging it.
#[derive(Subcommand)]
pub enum Command {
    /// Write the files that a certificate carries into a folder. They are not checked: verify
    /// first.
    Extract(Extract),
    /// Show what a certificate says of itself. It is not checked: verify first.
    Show(Show),
    /// Make an unsigned certificate again from the files that are embedded in it.
    Rebuild(Rebuild),
}

impl Verify {
    /// Judges the file and prints the report.
    ///
    /// # Errors
    /// When nothing was judged: the file, the roots or the fonts cannot be read.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        verify::verify(self)
    }
}

impl Command {
    /// Does it.
    ///
    /// # Errors
    /// When a file cannot be read or written, or is not what the command needs.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Extract(extract) => verify::extract(extract),
            Self::Show(show) => verify::show(show),
            Self::Rebuild(rebuild) => rebuild::run(rebuild).map(|()| ExitCode::SUCCESS),
        }
    }
}
