//! The CPU time of the whole signing to B-LTA, answers of authorities given, and of pyHanko doing
//! the same with the same answers' kind in the same run.

use std::hint::black_box;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use jiff::Timestamp;
use pades::testing::{TestKey, TestSigner, TestTimestampAuthority, validation_data};
use pades::{Draft, Level, SignatureDictionary, TimestampToken, ValidatedPdf};
use sha2::{Digest, Sha256};

use crate::median;
use crate::others::spent;

/// Bytes of the draft (issue 4).
const DRAFT_BYTES: usize = 7_000_000;

/// Most CPU time, in times of the draft's SHA-256 (issue 4).
const RATIO_MAX: f64 = 4.0;

/// Least times that pyHanko takes longer (issue 4).
const PYHANKO_RATIO_MIN: f64 = 5.0;

const ROUNDS: usize = 25;
const ROUNDS_TO_WARM_UP: usize = 3;

/// Prints the figures for both kinds of key.
pub(crate) fn measure(root: &Path) -> anyhow::Result<()> {
    println!("signing to B-LTA, 7 MB, CPU time, medians of {ROUNDS}");
    let time: Timestamp = "2026-07-08T09:10:11Z".parse()?;
    let draft = draft();
    for (name, key) in [("P-256", TestKey::p256(7)), ("RSA", TestKey::rsa())] {
        let signer = TestSigner::new(key);
        let stampers = [1, 2].map(TestTimestampAuthority::new);
        let (mut hashing, mut signing) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS_TO_WARM_UP + ROUNDS {
            let (_, hashed) = spent(|| black_box(Sha256::digest(&draft)));
            let signed = sign(&draft, &signer, &stampers, time)?;
            if round >= ROUNDS_TO_WARM_UP {
                hashing.push(milliseconds(hashed));
                signing.push(signed);
            }
        }
        let (hashing, signing) = (median(hashing)?, median(signing)?);
        let ratio = signing / hashing;
        println!("  {name:<6} {signing:.1} ms, SHA-256 {hashing:.1} ms: {ratio:.2} times");
        println!("         (limit {RATIO_MAX})");
        pyhanko(root, &draft, signing)?;
    }
    Ok(())
}

/// The CPU time of all steps in milliseconds, without what the key, the authorities and the issuers
/// do.
fn sign(
    draft: &[u8],
    signer: &TestSigner,
    stampers: &[TestTimestampAuthority; 2],
    time: Timestamp,
) -> anyhow::Result<f64> {
    let [first, second] = stampers;
    // The bucket's adapter leaves room behind an object; so does this.
    let mut own = Vec::with_capacity(draft.len() + workflow::ports::OBJECT_ROOM_BYTES);
    own.extend_from_slice(draft);
    let appearance = SignatureDictionary {
        signing_time: time,
        name: "Akashi (test)".into(),
        reason: None,
        location: None,
        contact: None,
    };
    let mut total = 0;
    let mut count = |nanoseconds: u64| total += nanoseconds;
    let chain = &signer.chain;
    let (prepared, cost) = spent(|| Draft::new(own)?.prepare(chain, &appearance));
    count(cost);
    let prepared = prepared?;
    let signature = signer.key.sign_digest(&prepared.digest());
    let (untimestamped, cost) = spent(|| prepared.with_signature(chain, &signature));
    count(cost);
    let untimestamped = untimestamped?;
    let (token, cost) = checked(first, untimestamped.imprint(), time)?;
    count(cost);
    let data = validation_data(signer, stampers, time);
    let (data, cost) = spent(|| again(&data, signer, stampers, time));
    count(cost);
    let data = data?;
    let (prepared, cost) = spent(|| {
        untimestamped
            .with_timestamp(token)?
            .with_validation_data(data)
            .and_then(ValidatedPdf::prepare_timestamp)
    });
    count(cost);
    let prepared = prepared?;
    let (token, cost) = checked(second, prepared.imprint(), time)?;
    count(cost);
    let authorities = stampers.clone().map(|one| one.authority);
    let (report, cost) = spent(|| {
        prepared
            .with_timestamp(&token)?
            .read_back(chain, &authorities)
    });
    count(cost);
    ensure!(report?.level == Level::BLTA, "the document is archived");
    Ok(milliseconds(total))
}

/// Takes over all evidence with its checks, as from the network.
fn again(
    data: &pades::ValidationData,
    signer: &TestSigner,
    stampers: &[TestTimestampAuthority],
    time: Timestamp,
) -> Result<pades::ValidationData, pades::Error> {
    let mut own = pades::ValidationData::default();
    let chain = signer.chain.certificates().to_vec();
    let paths = std::iter::once(chain).chain(stampers.iter().map(TestTimestampAuthority::path));
    let mut evidence = data.evidence().iter();
    for path in paths {
        own.add_path(&path);
        for (certificate, issuer) in own.clone().unproven(&path, time) {
            if let Some(one) = evidence.next() {
                own.add_evidence(one.clone(), certificate, issuer, time)?;
            }
        }
    }
    Ok(own)
}

/// A token, and the CPU time of its check alone.
fn checked(
    stamper: &TestTimestampAuthority,
    imprint: [u8; 32],
    time: Timestamp,
) -> anyhow::Result<(TimestampToken, u64)> {
    let request = pades::TimestampRequest::new(imprint, 0x8000_0000_1234_5678);
    let response = stamper.answer(&request.to_der()?, time);
    let window = pades::TimeWindow {
        earliest: time,
        latest: time,
    };
    let (token, cost) = spent(|| request.accept(&response, &stamper.authority, window));
    Ok((token?, cost))
}

/// Lets pyHanko do the same, and prints how much longer it took.
fn pyhanko(root: &Path, draft: &[u8], ours: f64) -> anyhow::Result<()> {
    let folder = root.join("target/bench");
    std::fs::create_dir_all(&folder)?;
    let file = folder.join("draft.pdf");
    std::fs::write(&file, draft)?;
    let output = Command::new(root.join(".local/judges/bin/python"))
        .arg(root.join("tests/bench/pyhanko_archiving.py"))
        .arg(&file)
        .output()
        .context("running pyHanko: run `python3 tests/judges/install.py` once")?;
    let said = String::from_utf8_lossy(&output.stdout);
    let theirs: f64 = said.trim().parse().with_context(|| {
        let error = String::from_utf8_lossy(&output.stderr);
        format!("reading pyHanko's milliseconds: {error}")
    })?;
    let ratio = theirs / ours;
    println!(
        "         pyHanko {theirs:.1} ms: {ratio:.1} times ours (at least {PYHANKO_RATIO_MIN})"
    );
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds with one decimal")]
fn milliseconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e6
}

/// A PDF of one page, with random bytes in a stream.
fn draft() -> Vec<u8> {
    let mut random = tests::random::Random::new(1);
    let bytes = std::iter::repeat_with(|| random.number().to_le_bytes());
    let attachment: Vec<u8> = bytes.flatten().take(DRAFT_BYTES).collect();
    let head = format!("<</Length {}>>stream\n", attachment.len());
    let stream = [head.as_bytes(), &attachment, b"\nendstream"].concat();
    let objects: [&[u8]; 4] = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>",
        &stream,
    ];
    let mut pdf = b"%PDF-1.7\n".to_vec();
    let mut table = String::from("0000000000 65535 f\r\n");
    for (number, object) in (1..).zip(objects) {
        table.push_str(&format!("{:010} 00000 n\r\n", pdf.len()));
        pdf.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        pdf.extend_from_slice(object);
        pdf.extend_from_slice(b"\nendobj\n");
    }
    let at = pdf.len();
    let end =
        format!("xref\n0 5\n{table}trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n{at}\n%%EOF\n");
    pdf.extend_from_slice(end.as_bytes());
    pdf
}
