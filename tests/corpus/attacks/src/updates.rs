//! Incremental saving: revisions appended to the finished certificate.

use crate::pdf::{
    find, insert_before_last, last_xref, object, overwrite, referred, size, stream, update,
};
use crate::{Case, Expected, GENUINE};

/// Black text over a white page.
const FAKE_PAGE: &[u8] = b"1 g 0 0 600 850 re f 0 g 50 700 m 500 700 l S";

pub(crate) fn all() -> Vec<Case> {
    [content(), appended(), tables()].concat()
}

fn first_page(pdf: &[u8]) -> u32 {
    let at = find(pdf, b"/Kids[", 0) + b"/Kids[".len();
    crate::pdf::number(pdf, at)
}

fn content() -> Vec<Case> {
    let pdf = &GENUINE.archived;
    let page = first_page(pdf);
    let text = object(pdf, page);
    let contents = referred(&text, "/Contents");
    let pages = referred(&text, "/Parent");
    let (new, catalog) = (size(pdf), referred(pdf, "/Root"));
    let add = |delimiter: &[u8], more: &str| insert_before_last(&text, delimiter, more);
    let kids = insert_before_last(&object(pdf, pages), b"]", &format!(" {new} 0 R"));
    let note = "<</Type/Annot/Subtype/FreeText/Rect[50 50 500 700]/F 4/Contents(Paid in full)>>";
    let mut js = object(pdf, catalog);
    js = insert_before_last(
        &js,
        b">>",
        "/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>",
    );
    let root = object(pdf, referred(pdf, "/StructTreeRoot"));
    let everything = crate::pdf::number(&root, find(&root, b"/K[", 0) + b"/K[".len());
    let spoken = "/ActualText(This message was never delivered)";
    let spoken = insert_before_last(&object(pdf, everything), b">>", spoken);
    let file = find(pdf, b"/EF<</F ", 0) + b"/EF<</F ".len();
    let file = crate::pdf::number(pdf, file);
    let swapped = b"From: taro@customer.test\r\n\r\nSomething else\r\n";
    let entries = format!("/Type/EmbeddedFile/Params<</Size {}>>", swapped.len());
    vec![
        ("page-content", vec![(contents, stream("", FAKE_PAGE))]),
        ("page-content-elsewhere", {
            let old = format!("/Contents {contents} 0 R");
            let at = find(&text, old.as_bytes(), 0);
            let mut page_text = text.clone();
            let new_text = format!("/Contents {new} 0 R");
            page_text.splice(at..at + old.len(), new_text.bytes());
            vec![(page, page_text), (new, stream("", FAKE_PAGE))]
        }),
        (
            "attachment-swapped",
            vec![(file, stream(&entries, swapped))],
        ),
        ("page-added", vec![(new, text.clone()), (pages, kids)]),
        (
            "annotation",
            vec![
                (page, add(b"]", &format!(" {new} 0 R"))),
                (new, note.into()),
            ],
        ),
        ("page-rotated", vec![(page, add(b">>", "/Rotate 180"))]),
        ("script", vec![(catalog, js)]),
        ("words-for-who-cannot-see", vec![(everything, spoken)]),
        ("unused-object", vec![(new, b"<</Hidden true>>".to_vec())]),
        ("nothing-changed", vec![(page, text.clone())]),
    ]
    .into_iter()
    .map(|(name, objects)| Case::altered(format!("update-{name}"), update(pdf, &objects, "")))
    .collect()
}

/// How the dictionary of a document timestamp begins.
pub(crate) const STAMP: &str = "<</Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161";

/// One more field on the first page, which holds a dictionary.
pub(crate) fn with_field(pdf: &[u8], name: &str, more: &str, dictionary: &str) -> Vec<u8> {
    let (page, catalog, new) = (first_page(pdf), referred(pdf, "/Root"), size(pdf));
    let tooltip: String = "文書タイムスタンプ Document timestamp"
        .encode_utf16()
        .map(|unit| format!("{unit:04X}"))
        .collect();
    let widget = format!(
        "<</Type/Annot/Subtype/Widget/FT/Sig/T({name})/TU<FEFF{tooltip}>/F 132/Rect[0 0 0 0]\
         /P {page} 0 R/V {} 0 R{more}>>",
        new + 1
    );
    let at = format!(" {new} 0 R");
    let form = object(pdf, catalog);
    let fields = find(&form, b"/Fields[", 0);
    let end = find(&form, b"]", fields);
    let form = [&form[..end], at.as_bytes(), &form[end..]].concat();
    let page_text = insert_before_last(&object(pdf, page), b"]", &at);
    let objects = [
        (page, page_text),
        (catalog, form),
        (new, widget.into_bytes()),
        (new + 1, dictionary.into()),
    ];
    update(pdf, &objects, "")
}

/// Further fields and validation data, as the service would append them, with more in them.
fn appended() -> Vec<Case> {
    let pdf = &GENUINE.archived;
    let (catalog, new) = (referred(pdf, "/Root"), size(pdf));
    let dss = referred(&object(pdf, catalog), "/DSS");
    let field = |name: &str, more: &str| {
        let stamp = format!("{STAMP}/ByteRange[0 0 0 0]/Contents<3000>>>");
        with_field(pdf, name, more, &stamp)
    };
    let drop_entries = update(pdf, &[(dss, b"<</Type/DSS>>".to_vec())], "");
    let not_evidence = {
        let text = insert_before_last(&object(pdf, dss), b"]", &format!(" {new} 0 R"));
        update(
            pdf,
            &[(dss, text), (new, stream("", b"no revocation list"))],
            "",
        )
    };
    vec![
        Case::altered("update-field-of-the-same-name", field("Signature1", "")),
        Case::altered("update-field-that-covers-nothing", field("Timestamp2", "")),
        Case::altered(
            "update-field-with-an-appearance",
            field("Timestamp2", "/AP<<>>"),
        ),
        Case::altered("update-validation-data-dropped", drop_entries),
        Case::altered("update-validation-data-that-is-none", not_evidence),
        Case::altered(
            "update-trailing-bytes",
            [pdf, b"\n% more\n".as_slice()].concat(),
        ),
        Case::altered("cut-to-the-draft", GENUINE.draft.clone()),
        Case::altered("cut-in-the-middle", pdf[..pdf.len() / 2].to_vec()),
        Case::new(
            "cut-to-the-signature",
            GENUINE.signed.clone(),
            Expected::Incomplete,
        ),
    ]
}

/// Tables that readers understand differently.
fn tables() -> Vec<Case> {
    let pdf = &GENUINE.archived;
    let page = first_page(pdf);
    let previous = last_xref(pdf);
    let nothing = update(pdf, &[], "");
    let hybrid = update(
        pdf,
        &[(size(pdf), stream("/Type/XRef", b""))],
        "/XRefStm 100",
    );
    let page_text = object(pdf, page);
    let mut other_root = update(pdf, &[], "/Root 1 0 R");
    let mut looped = nothing.clone();
    let at = crate::pdf::find_last(&looped, format!("/Prev {previous}").as_bytes());
    let own = last_xref(&looped).to_string();
    let end = at + format!("/Prev {previous}").len();
    looped.splice(at..end, format!("/Prev {own}").bytes());
    let stream_table = {
        let mut file = [pdf, b"\n".as_slice()].concat();
        let at = file.len();
        let new = size(pdf);
        file.extend(format!("{new} 0 obj\n").bytes());
        let entries = format!(
            "/Type/XRef/W[1 4 2]/Index[{new} 1]/Size {}/Root {} 0 R/Prev {previous}",
            new + 1,
            referred(pdf, "/Root")
        );
        let offset = (at as u32).to_be_bytes();
        file.extend(stream(&entries, &[&[1], &offset[..], &[0, 0]].concat()));
        file.extend(format!("\nendobj\nstartxref\n{at}\n%%EOF\n").bytes());
        file
    };
    // A comment between the objects of the signed revision, in room that no digest leaves open.
    let mut commented = pdf.clone();
    let at = find(&commented, b"%%EOF\n", 0) + 6;
    commented.splice(at..at, b"% hello\n".iter().copied());
    let freed = {
        let mut file = update(pdf, &[(page, page_text)], "");
        let at = crate::pdf::find_last(&file, b" 00000 n\r\n");
        overwrite(&mut file, at..at + 8, b" 00001 f");
        file
    };
    other_root.extend(b"");
    vec![
        Case::altered("table-empty-revision", nothing),
        Case::altered("table-hybrid", hybrid),
        Case::altered("table-stream", stream_table),
        Case::altered("table-loop", looped),
        Case::altered("table-other-root", other_root),
        Case::altered("table-freed-object", freed),
        Case::altered("table-comment-between", commented),
    ]
}
