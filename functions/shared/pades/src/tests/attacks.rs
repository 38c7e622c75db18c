//! A signed document, changed.

use super::fixtures::{authority, sign, signer, small_draft};
use crate::testing::{TestSigner, TestTimestampAuthority};
use crate::{Error, ErrorKind, SignatureReport, read_back};
use proptest::prelude::*;
use std::ops::Range;
use std::sync::LazyLock;

static SIGNED: LazyLock<Signed> = LazyLock::new(|| {
    let (signer, tsa) = (signer(), authority());
    let pdf = sign(small_draft(), &signer, &tsa).unwrap().into_bytes();
    Signed { pdf, signer, tsa }
});

struct Signed {
    pdf: Vec<u8>,
    signer: TestSigner,
    tsa: TestTimestampAuthority,
}

impl Signed {
    fn read_back(&self, pdf: &[u8]) -> Result<SignatureReport, Error> {
        read_back(
            pdf,
            &self.signer.chain,
            std::slice::from_ref(&self.tsa.authority),
        )
    }

    /// The value of `/Contents` with its angle brackets.
    fn contents(&self) -> Range<usize> {
        let find = |from: usize, what: &[u8]| {
            let rest = &self.pdf[from..];
            from + rest
                .windows(what.len())
                .position(|window| window == what)
                .unwrap()
        };
        let start = find(0, b"/Contents<3") + b"/Contents".len();
        start..find(start, b">") + 1
    }
}

/// one flipped byte anywhere is found.
#[test]
fn finds_every_flipped_byte_of_the_signed_range() {
    let contents = SIGNED.contents();
    for index in (0..contents.start).chain(contents.end..SIGNED.pdf.len()) {
        let mut pdf = SIGNED.pdf.clone();
        pdf[index] ^= 1 << (index % 8);
        assert!(SIGNED.read_back(&pdf).is_err(), "byte {index}");
    }
}

/// The signature does not cover its own value, so that value must be just what was written.
#[test]
fn finds_flipped_bytes_of_the_signature_value() {
    // All bits of all digits hold, which takes minutes; this walks through each bit and part.
    for (index, bit) in SIGNED
        .contents()
        .step_by(7)
        .zip([1, 2, 4, 8, 0x20].into_iter().cycle())
    {
        let mut pdf = SIGNED.pdf.clone();
        pdf[index] ^= bit;
        assert!(SIGNED.read_back(&pdf).is_err(), "byte {index}");
    }
}

#[test]
fn says_altered_when_the_content_changes() {
    let mut pdf = SIGNED.pdf.clone();
    let at = pdf
        .windows(5)
        .position(|window| window == b"Hello")
        .unwrap();
    pdf[at] = b'J';
    assert_eq!(
        SIGNED.read_back(&pdf).unwrap_err().kind(),
        ErrorKind::Altered
    );
}

#[test]
fn refuses_every_truncation() {
    for length in (0..SIGNED.pdf.len()).step_by(7) {
        assert!(
            SIGNED.read_back(&SIGNED.pdf[..length]).is_err(),
            "{length} bytes"
        );
    }
}

#[test]
fn refuses_bytes_behind_the_end() {
    for more in [b"\n".as_slice(), b" ", b"%", b"\n%%EOF\n"] {
        let pdf = [SIGNED.pdf.as_slice(), more].concat();
        assert!(SIGNED.read_back(&pdf).is_err(), "{more:?}");
    }
}

/// A shadow attack: a later revision shows something else.
#[test]
fn refuses_a_later_revision() {
    let previous = SIGNED
        .pdf
        .windows(10)
        .rposition(|w| w == b"\nstartxref")
        .unwrap();
    let previous: usize = std::str::from_utf8(&SIGNED.pdf[previous + 11..])
        .unwrap()
        .lines()
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let at = SIGNED.pdf.len();
    let revision = format!(
        "xref\n0 0\ntrailer\n<</Size 20/Root 15 0 R/Prev {previous}>>\nstartxref\n{at}\n%%EOF\n"
    );
    let pdf = [SIGNED.pdf.as_slice(), revision.as_bytes()].concat();
    assert_eq!(
        SIGNED.read_back(&pdf).unwrap_err().kind(),
        ErrorKind::Altered
    );
}

#[test]
fn refuses_a_draft_without_signature() {
    assert_eq!(
        SIGNED.read_back(&small_draft()).unwrap_err().kind(),
        ErrorKind::Altered
    );
}

#[test]
fn refuses_what_is_not_a_pdf() {
    for bytes in [
        b"".as_slice(),
        b"%PDF-",
        b"PK\x03\x04",
        b"%PDF-1.7\nstartxref\n0\n%%EOF",
    ] {
        assert_eq!(
            SIGNED.read_back(bytes).unwrap_err().kind(),
            ErrorKind::Invalid
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn never_panics_on_a_changed_file(
        at in 0..SIGNED.pdf.len(),
        removed in 0..40_usize,
        inserted in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let mut pdf = SIGNED.pdf.clone();
        let end = pdf.len().min(at + removed);
        pdf.splice(at..end, inserted);
        prop_assert!(pdf == SIGNED.pdf || SIGNED.read_back(&pdf).is_err());
    }
}
