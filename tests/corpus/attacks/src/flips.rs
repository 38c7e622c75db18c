//! One byte changed, in every kind of structure.

use crate::pdf::{find, find_last};
use crate::{Case, GENUINE};

pub(crate) fn all() -> Vec<Case> {
    let pdf = &GENUINE.archived;
    let signature = find(pdf, b"/Type/Sig/", 0);
    let validation = find(pdf, b"/Type/DSS", signature);
    let stamp = find_last(pdf, b"/Type/DocTimeStamp");
    let behind = |needle: &[u8], from: usize| find(pdf, needle, from) + needle.len();
    let places = [
        ("header", 6),
        ("binary-mark", 11),
        ("page-content", behind(b"/FlateDecode>>\nstream\n", 0) + 9),
        ("font", find(pdf, b"/FontFile", 0) + 2),
        ("object-number", find(pdf, b"\n5 0 obj", 0) + 1),
        ("original-eml", find(pdf, b"Subject:", 0) + 10),
        (
            "evidence-json",
            find(pdf, b"\"EvidenceIdentifier\"", 0) + 25,
        ),
        ("metadata", find(pdf, b"<xmpMM:DocumentID>", 0) + 20),
        ("file-name", find(pdf, b"/F(original.eml)", 0) + 4),
        ("catalog", find(pdf, b"/Type/Catalog", 0) + 8),
        ("table-offset", find(pdf, b"\nxref\n", 0) + 40),
        ("trailer", find(pdf, b"\ntrailer\n<</Size", 0) + 12),
        ("startxref", behind(b"\nstartxref\n", 0)),
        ("end-of-draft", find(pdf, b"%%EOF", 0) + 3),
        ("between-revisions", find(pdf, b"%%EOF", 0) + 5),
        ("signature-time", find(pdf, b"/M(D:", signature) + 8),
        ("signature-reason", find(pdf, b"/Reason(", signature) + 10),
        ("byte-range", find(pdf, b"/ByteRange[0 ", signature) + 14),
        ("container-start", find(pdf, b"/Contents<", signature) + 11),
        (
            "container-certificates",
            find(pdf, b"/Contents<", signature) + 600,
        ),
        ("container-end", find(pdf, b">>>", signature) - 1),
        ("widget", find(pdf, b"/Rect[0 0 0 0]", signature) + 6),
        ("form-flags", find(pdf, b"/SigFlags 3", signature) + 10),
        ("dss-dictionary", validation + 7),
        ("dss-entry", find(pdf, b">>stream\n", signature) + 40),
        ("stamp-dictionary", stamp + 8),
        ("stamp-byte-range", find(pdf, b"/ByteRange[0 ", stamp) + 14),
        ("stamp-token", find(pdf, b"/Contents<", stamp) + 201),
        ("stamp-padding", find(pdf, b">>>", stamp) - 1),
        ("last-startxref", find_last(pdf, b"\nstartxref\n") + 12),
        ("last-byte", pdf.len() - 1),
    ];
    let flip = |(name, at): (&str, usize)| {
        let mut pdf = pdf.clone();
        // Digits stay digits, so that the change is not found by the spelling alone.
        pdf[at] ^= 1;
        Case::altered(format!("flip-{name}"), pdf)
    };
    places.into_iter().map(flip).collect()
}
