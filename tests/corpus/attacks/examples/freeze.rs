//! Writes a sample of each product, made by the versions of today, into `tests/corpus/frozen`:
//! `cargo run --profile local -p attacks --example freeze`. The README there says when.

use std::error::Error;
use std::fs;
use std::path::Path;

use attacks::genuine::{Authorities, OPERATOR, draft_of, looked_at, products};
use certificate::{RECORD_VERSION, TEMPLATE_VERSION};

fn main() -> Result<(), Box<dyn Error>> {
    let frozen = Path::new(env!("CARGO_MANIFEST_DIR")).join("../frozen");
    let folder = frozen.join(format!("{RECORD_VERSION}-{TEMPLATE_VERSION}"));
    fs::create_dir(&folder)?;
    let authorities = Authorities::genuine();
    for (name, evidence, mail) in products() {
        let certificate = authorities.archive(draft_of(&evidence, &mail));
        fs::write(folder.join(format!("{name}.pdf")), certificate)?;
    }
    fs::write(folder.join("trust.json"), authorities.trust_file(OPERATOR))?;
    fs::write(folder.join("time.txt"), format!("{}\n", looked_at()))?;
    Ok(())
}
