//! Writes the costly files and the roots of their reader into a folder, to be judged by
//! `akashi-verify` under a clock: `cargo run --profile local -p attacks --example costly --
//! FOLDER`.

use std::env::args;
use std::error::Error;
use std::fs;
use std::path::PathBuf;

use attacks::costly::{COSTLY, lines_within_the_budget};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(args().nth(1).ok_or("name a folder")?);
    fs::create_dir_all(&folder)?;
    for case in COSTLY.iter().chain([&lines_within_the_budget()]) {
        fs::write(folder.join(format!("{}.pdf", case.name)), &case.pdf)?;
        fs::write(folder.join("roots.pem"), case.trusted.concat())?;
    }
    fs::write(folder.join("genuine.pdf"), &attacks::GENUINE.archived)?;
    Ok(())
}
