//! Shadow attacks: the draft is prepared before it is signed, so that a later revision shows what
//! was hidden. The service signs only what it made itself; here it is made to sign the attacker's
//! draft, and the verdict must still be that the file is not what the service issues.

use crate::pdf::{find, find_last, object, overwrite, referred, size, stream, update};
use crate::{Case, GENUINE};

/// Makes the draft's own table name one more object, which is written before the table.
fn with_object(draft: &[u8], content: &[u8]) -> (Vec<u8>, u32) {
    let number = size(draft);
    let xref = find_last(draft, b"\nxref\n") + 1;
    let text = [
        format!("{number} 0 obj\n").as_bytes(),
        content,
        b"\nendobj\n",
    ]
    .concat();
    let mut file = [&draft[..xref], &text, &draft[xref..]].concat();
    let moved = xref + text.len();
    let trailer = find(&file, b"trailer\n", moved);
    let entry = format!("{xref:010} 00000 n\r\n");
    file.splice(trailer..trailer, entry.bytes());
    replace(
        &mut file,
        moved,
        &format!("xref\n0 {number}\n"),
        &format!("xref\n0 {}\n", number + 1),
    );
    replace(
        &mut file,
        moved,
        &format!("/Size {number}"),
        &format!("/Size {}", number + 1),
    );
    let at = find_last(&file, b"startxref\n");
    file.truncate(at);
    file.extend(format!("startxref\n{moved}\n%%EOF").bytes());
    (file, number)
}

fn replace(file: &mut Vec<u8>, from: usize, old: &str, new: &str) {
    let at = find(file, old.as_bytes(), from);
    file.splice(at..at + old.len(), new.bytes());
}

pub(crate) fn all() -> Vec<Case> {
    let (authorities, draft) = (&GENUINE.authorities, &GENUINE.draft);
    // Hide: something lies over the page, and is taken away after signing.
    let overlay = stream(
        "/Type/XObject/Subtype/Form/BBox[0 0 600 850]",
        b"1 g 0 0 600 850 re f",
    );
    let (prepared, number) = with_object(draft, &overlay);
    let hidden = authorities.archive(prepared);
    let uncovered = stream("/Type/XObject/Subtype/Form/BBox[0 0 600 850]", b"");
    let hide = update(&hidden, &[(number, uncovered)], "");
    // Replace: what looks harmless to readers, a font, is defined anew.
    let pdf = &GENUINE.archived;
    let font = crate::pdf::number(pdf, find(pdf, b"/DescendantFonts[", 0) + 17);
    let replace_font = update(pdf, &[(font, object(pdf, font))], "");
    // Hide and replace: a second catalog waits in the draft until a trailer names it.
    let catalog = object(draft, referred(draft, "/Root"));
    let (prepared, second) = with_object(draft, &catalog);
    let waiting = authorities.archive(prepared);
    let root = format!("/Root {second} 0 R");
    let hide_and_replace = update(&waiting, &[], &root);
    // The same in the room of one revision: an object that no table names.
    let mut unnamed = draft.clone();
    let xref = find_last(&unnamed, b"\nxref\n") + 1;
    let object = b"9999 0 obj\n<</Type/Catalog>>\nendobj\n";
    unnamed.splice(xref..xref, object.iter().copied());
    let at = find_last(&unnamed, b"startxref\n");
    unnamed.truncate(at);
    unnamed.extend(format!("startxref\n{}\n%%EOF", xref + object.len()).bytes());
    // A draft whose page content is another than the evidence gives.
    let mut other_page = draft.clone();
    let at = find(&other_page, b"/MediaBox[0 0 595.28 841.89]", 0);
    overwrite(
        &mut other_page,
        at..at + 28,
        b"/MediaBox[0 0 595.28 141.89]",
    );
    vec![
        Case::altered("shadow-hide-before", hidden),
        Case::altered("shadow-hide", hide),
        Case::altered("shadow-replace", replace_font),
        Case::altered("shadow-hide-and-replace-before", waiting),
        Case::altered("shadow-hide-and-replace", hide_and_replace),
        Case::altered("shadow-unnamed-object", authorities.archive(unnamed)),
        Case::altered("shadow-other-page-signed", authorities.archive(other_page)),
    ]
}
