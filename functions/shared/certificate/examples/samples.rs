//! Writes the sample certificates as PDF files into the folder given, to look at the pages:
//! `cargo run -p certificate --features testing --example samples -- FOLDER`

use std::error::Error;
use std::path::Path;

use certificate::{Embedded, EmbeddedMail, render, sample};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("name a folder to write to")?;
    let folder = Path::new(&folder);
    let fonts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../.local/fonts");
    let fonts = paper::fonts_in(&fonts)?;
    let original = EmbeddedMail {
        eml: sample::ORIGINAL,
        html_part: Some(sample::HTML),
    };
    let mail = Embedded {
        original: Some(original),
        delivered: Some(sample::DELIVERED),
        answer: None,
        others: &[],
    };
    let pdf = render(&sample::evidence(), mail, &fonts)?;
    std::fs::write(folder.join("mail.pdf"), pdf)?;
    for (name, evidence) in sample::variants() {
        let pdf = render(&evidence, mail, &fonts)?;
        std::fs::write(folder.join(format!("{name}.pdf")), pdf)?;
    }
    for (name, evidence) in sample::contract::all() {
        let pdf = render(&evidence, sample::contract::files(&evidence), &fonts)?;
        std::fs::write(folder.join(format!("{name}.pdf")), pdf)?;
    }
    Ok(())
}
