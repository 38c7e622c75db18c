//! Drafts that are appended to, and PDFs that are not.

use super::fixtures::{appearance, authority, sign, signer, small_draft};
use crate::{Draft, Error, SignatureDictionary, read_back};
use proptest::prelude::*;
use std::fmt::Write;

/// A PDF of these objects, numbered from 1, and these further entries of the trailer.
pub(super) fn pdf(objects: &[&str], trailer: &str) -> Vec<u8> {
    let mut pdf = String::from("%PDF-1.7\n");
    let mut table = String::from("0000000000 65535 f\r\n");
    for (index, object) in objects.iter().enumerate() {
        write!(table, "{:010} 00000 n\r\n", pdf.len()).unwrap();
        write!(pdf, "{} 0 obj\n{object}\nendobj\n", index + 1).unwrap();
    }
    let (size, at) = (objects.len() + 1, pdf.len());
    write!(
        pdf,
        "xref\n0 {size}\n{table}trailer\n<</Size {size}{trailer}>>\n"
    )
    .unwrap();
    write!(pdf, "startxref\n{at}\n%%EOF").unwrap();
    pdf.into_bytes()
}

pub(super) const ROOT: &str = "/Root 1 0 R";
const CATALOG: &str = "<</Type/Catalog/Pages 2 0 R>>";
pub(super) const PAGES: &str = "<</Type/Pages/Count 1/Kids[3 0 R]>>";
pub(super) const PAGE: &str = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>";

/// The document of these objects, signed.
pub(super) fn signed(objects: &[&str]) -> lopdf::Document {
    let (signer, tsa) = (signer(), authority());
    let signed = sign(pdf(objects, ROOT), &signer, &tsa).unwrap();
    read_back(signed.as_bytes(), &signer.chain, &[tsa.authority]).unwrap();
    lopdf::Document::load_mem(signed.as_bytes()).unwrap()
}

fn annotations(document: &lopdf::Document) -> Vec<lopdf::Object> {
    let page = document.page_iter().next().unwrap();
    let page = document.get_dictionary(page).unwrap();
    let (_, annotations) = document.dereference(page.get(b"Annots").unwrap()).unwrap();
    annotations.as_array().unwrap().clone()
}

#[test]
fn adds_its_widget_to_a_list_in_the_page() {
    let page = "<</Type/Page/Annots [ 4 0 R ]/Parent 2 0 R>>";
    let annotation = "<</Type/Annot/Subtype/Link/Rect[0 0 1 1]>>";
    let annotations = annotations(&signed(&[CATALOG, PAGES, page, annotation]));
    assert_eq!(annotations.len(), 2);
    assert_eq!(annotations[0].as_reference().unwrap(), (4, 0));
}

#[test]
fn adds_its_widget_to_a_list_of_its_own() {
    let page = "<</Type/Page/Annots 4 0 R/Parent 2 0 R>>";
    let link = "<</Type/Annot/Subtype/Link/Rect[0 0 1 1]>>";
    let annotations = annotations(&signed(&[CATALOG, PAGES, page, "[5 0 R]", link]));
    assert_eq!(annotations.len(), 2);
    assert_eq!(annotations[0].as_reference().unwrap(), (5, 0));
}

#[test]
fn finds_the_first_page_below_several_nodes() {
    let node = "<</Type/Pages/Count 1/Kids[4 0 R]/Parent 2 0 R>>";
    let page = "<</Type/Page/Parent 3 0 R % a comment >>\n/Note(a \\) >> \\( (b))>>";
    let document = signed(&[CATALOG, PAGES, node, page]);
    assert_eq!(annotations(&document).len(), 1);
}

#[test]
fn refuses_documents_that_it_would_spoil() {
    let form = "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[]>>>>";
    let hidden = "<</Type/Catalog/Pages 2 0 R/Acro#46orm<</Fields[]>>>>";
    for catalog in [form, hidden] {
        let error = Draft::new(pdf(&[catalog, PAGES, PAGE], ROOT)).unwrap_err();
        assert!(
            matches!(error, Error::Draft("it has a form already")),
            "{error}"
        );
    }
    let encrypted = pdf(&[CATALOG, PAGES, PAGE], "/Root 1 0 R/Encrypt 3 0 R");
    assert!(matches!(
        Draft::new(encrypted).unwrap_err(),
        Error::Draft("it is encrypted")
    ));
    let signed = sign(small_draft(), &signer(), &authority())
        .unwrap()
        .into_bytes();
    assert!(matches!(
        Draft::new(signed).unwrap_err(),
        Error::Draft("it has several revisions")
    ));
}

#[test]
fn refuses_what_it_cannot_read() {
    let loop_of_pages = "<</Type/Pages/Kids[2 0 R]>>";
    let deep = format!("<</Type/Page/Deep {}>>", "[".repeat(100));
    let twice = "<</Type/Page/Annots[]/Annots[]>>";
    for (objects, trailer) in [
        ([CATALOG, PAGES, PAGE], ""),
        ([CATALOG, PAGES, PAGE], "/Root 9 0 R"),
        ([CATALOG, PAGES, PAGE], "/Root 1 1 R"),
        ([CATALOG, PAGES, PAGE], "/Root 1 0 R/XRefStm 5"),
        ([CATALOG, PAGES, PAGE], "/Root 1 0 R/Prev 99999"),
        ([CATALOG, PAGES, PAGE], "/Root 1 0 R/Prev -1"),
        (["<</Type/Catalog>>", PAGES, PAGE], ROOT),
        (["[]", PAGES, PAGE], ROOT),
        (["<</Type/Catalog/Pages", PAGES, PAGE], ROOT),
        ([CATALOG, loop_of_pages, PAGE], ROOT),
        ([CATALOG, "<</Type/Pages/Kids[]>>", PAGE], ROOT),
        ([CATALOG, PAGES, &deep], ROOT),
        ([CATALOG, PAGES, twice], ROOT),
        ([CATALOG, PAGES, "<</Type/Page/Annots 7>>"], ROOT),
    ] {
        let draft = pdf(&objects, trailer);
        assert!(Draft::new(draft).is_err(), "{objects:?} {trailer}");
    }
}

#[test]
fn refuses_a_cross_reference_stream() {
    let draft = b"%PDF-1.7\n1 0 obj\n<</Type/XRef>>\nendobj\nstartxref\n9\n%%EOF".to_vec();
    let error = Draft::new(draft).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("no classic cross-reference table"),
        "{error}"
    );
}

#[test]
fn refuses_every_truncation() {
    let draft = small_draft();
    for length in 0..draft.len() {
        assert!(
            Draft::new(draft[..length].to_vec()).is_err(),
            "{length} bytes"
        );
    }
}

#[test]
fn refuses_a_signing_time_outside_the_chains_validity() {
    let time = "2051-01-01T00:00:00Z".parse().unwrap();
    let appearance = SignatureDictionary {
        signing_time: time,
        ..appearance()
    };
    let draft = Draft::new(small_draft()).unwrap();
    let error = draft.prepare(&signer().chain, &appearance).unwrap_err();
    assert!(matches!(error, Error::NotValidAt { .. }));
}

/// The byte that each position of a small draft may take, all of them tried: never a panic.
#[test]
fn never_panics_on_a_changed_draft() {
    let draft = pdf(&[CATALOG, PAGES, PAGE], ROOT);
    for index in 0..draft.len() {
        for byte in b"\0 \n%()<>[]{}/#019Rn-+.\x80\xFF" {
            let mut changed = draft.clone();
            changed[index] = *byte;
            drop(Draft::new(changed));
        }
    }
}

proptest! {
    #[test]
    fn writes_any_text_so_that_another_reader_finds_it(name in any::<String>()) {
        let signer = signer();
        let appearance = SignatureDictionary { name: name.clone(), ..appearance() };
        let prepared = Draft::new(small_draft()).unwrap().prepare(&signer.chain, &appearance);
        let document = lopdf::Document::load_mem(prepared.unwrap().pdf()).unwrap();
        let form = document.catalog().unwrap().get(b"AcroForm").unwrap().as_dict().unwrap();
        let field = form.get(b"Fields").unwrap().as_array().unwrap()[0].as_reference().unwrap();
        let field = document.get_dictionary(field).unwrap();
        let signature = field.get(b"V").unwrap().as_reference().unwrap();
        let found = document.get_dictionary(signature).unwrap().get(b"Name").unwrap();
        prop_assert_eq!(lopdf::decode_text_string(found).unwrap(), name);
    }

    #[test]
    fn never_panics_on_a_spliced_draft(
        at in 0..6_000_usize,
        removed in 0..40_usize,
        inserted in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let mut draft = small_draft();
        let at = at.min(draft.len());
        let end = draft.len().min(at + removed);
        draft.splice(at..end, inserted);
        drop(Draft::new(draft));
    }
}
