//! What is no certificate at all gets its verdict within 5 seconds and without a panic; with what
//! makes the files, this process stays below 512 MB.

use crate::corpus::report;
use attacks::pdf::{find, stream, update};
use attacks::{Case, GENUINE, all};
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use verifier::{FILE_BYTES_MAX, Verdict, embedded_files};

/// Judges a file and looks at the clock and at the memory of this process.
#[track_caller]
fn verdict_of(pdf: Vec<u8>) -> Verdict {
    let case = Case {
        pdf,
        ..GENUINE_CASE.clone()
    };
    let started = Instant::now();
    let verdict = report(&case).verdict();
    let taken = started.elapsed();
    assert!(taken < Duration::from_secs(5), "{taken:?}");
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    let peak_kb: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(peak_kb < 512 * 1_024, "{peak_kb} KB");
    verdict
}

static GENUINE_CASE: LazyLock<Case> = LazyLock::new(|| {
    all()
        .into_iter()
        .find(|case| case.name == "genuine")
        .unwrap()
});

/// A file of one revision with these objects, its table naming them.
fn file_of(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n%\x80\x80\x80\x80\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f\r\n", objects.len() + 1);
    for (index, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n\r\n", file.len()));
        file.extend(format!("{} 0 obj\n", index + 1).bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let at = file.len();
    file.extend(table.bytes());
    let size = objects.len() + 1;
    let end = format!(
        "trailer\n<</Size {size}/Root 1 0 R/Info 1 0 R/ID[(a)(b)]>>\nstartxref\n{at}\n%%EOF"
    );
    file.extend(end.bytes());
    file
}

#[test]
fn what_is_no_pdf_is_altered() {
    for bytes in [
        b"".as_slice(),
        b"%",
        b"%PDF-",
        b"PK\x03\x04",
        b"%PDF-1.7\nstartxref\n0\n%%EOF",
    ] {
        assert_eq!(verdict_of(bytes.to_vec()), Verdict::Altered);
    }
    assert_eq!(verdict_of(vec![0; 1_000_000]), Verdict::Altered);
    assert_eq!(
        verdict_of(b"%PDF-1.7\n".repeat(1_000_000)),
        Verdict::Altered
    );
}

#[test]
fn a_file_above_the_limit_is_altered() {
    let mut pdf = b"%PDF-1.7\n".to_vec();
    pdf.resize(FILE_BYTES_MAX + 1, b' ');
    assert_eq!(verdict_of(pdf), Verdict::Altered);
}

#[test]
fn a_certificate_cut_at_every_kilobyte_is_altered() {
    let pdf = &GENUINE.archived;
    for length in (0..pdf.len()).step_by(1_024) {
        assert_eq!(
            verdict_of(pdf[..length].to_vec()),
            Verdict::Altered,
            "{length} bytes"
        );
    }
}

#[test]
fn a_chain_of_tables_that_leads_in_a_circle_ends() {
    let pdf = &GENUINE.archived;
    for previous in ["0", "-1", "99999999999", "7", "(a)", "1 0 R", "null"] {
        let looped = update(pdf, &[], &format!("/Prev {previous}"));
        assert_eq!(verdict_of(looped), Verdict::Altered, "{previous}");
    }
    // Thousands of revisions, each leading to the one before.
    let mut long = file_of(&[b"<</Type/Catalog>>".to_vec()]);
    for _ in 0..1_000 {
        long = update(&long, &[], "");
    }
    assert_eq!(verdict_of(long), Verdict::Altered);
}

/// 60 MB of zeros packed into 60 KB, several times.
#[test]
fn packed_files_are_refused_and_nothing_grows() {
    use std::io::Write;
    let zeros = vec![0; 80_000_000];
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&zeros).unwrap();
    let packed = encoder.finish().unwrap();
    drop(zeros);
    let bomb = stream(
        "/Type/EmbeddedFile/Filter/FlateDecode/Params<</Size 80000000>>",
        &packed,
    );
    let name = |number: usize| format!("(file-{number}.txt)");
    let specification = |number: usize| {
        let name = name(number);
        format!("<</Type/Filespec/F{name}/UF{name}/EF<</F 2 0 R>>>>").into_bytes()
    };
    let references: Vec<String> = (0..20)
        .map(|n| format!("{} {} 0 R", name(n), n + 3))
        .collect();
    let names = references.concat();
    let catalog = format!("<</Type/Catalog/Names<</EmbeddedFiles<</Names[{names}]>>>>>>");
    let mut objects = vec![catalog.into_bytes(), bomb];
    objects.extend((0..20).map(specification));
    let pdf = file_of(&objects);
    assert!(embedded_files(&pdf).is_err());
    assert_eq!(verdict_of(pdf), Verdict::Altered);
}

#[test]
fn ten_million_objects_are_refused() {
    // Claimed, listed, and as values of one object and of many.
    let claimed = b"xref\n0 10000000\n0000000000 65535 f\r\n";
    let mut pdf = GENUINE.archived.clone();
    let at = find(&pdf, b"xref\n0 ", 0);
    pdf.splice(at..at + 7, claimed[..15].iter().copied());
    assert_eq!(verdict_of(pdf), Verdict::Altered);
    let listed = vec![b"1".to_vec(); 1_500_000];
    assert_eq!(verdict_of(file_of(&listed)), Verdict::Altered);
    let values = [b"[".to_vec(), b"0 ".repeat(10_000_000), b"]".to_vec()].concat();
    assert_eq!(verdict_of(file_of(&[values])), Verdict::Altered);
    let names = [b"<<".to_vec(), b"/a".repeat(10_000_000), b">>".to_vec()].concat();
    assert_eq!(verdict_of(file_of(&[names])), Verdict::Altered);
    let many = vec![[b"[".to_vec(), b"0 ".repeat(90_000), b"]".to_vec()].concat(); 300];
    assert_eq!(verdict_of(file_of(&many)), Verdict::Altered);
}

#[test]
fn deep_values_do_not_overflow_the_stack() {
    for open in [b"[".as_slice(), b"<</a ", b"<", b"("] {
        assert_eq!(
            verdict_of(file_of(&[open.repeat(5_000_000)])),
            Verdict::Altered
        );
    }
}
