//! The title of the document in the title bar of its window (ISO 14289-1, 7.1).

use crate::error::Error;

const CATALOG: &[u8] = b"<</Type/Catalog";
const POINTER: &[u8] = b"startxref\n";
const PREFERENCE: &[u8] = b"/ViewerPreferences<</DisplayDocTitle true>>";
const END_OF_OBJECT: &[u8] = b"endobj";

/// Asks viewers to show the title instead of the name of the file. The PDF library would only do
/// so in a file that claims PDF/UA, which no validator of ours has seen. It writes the catalog as
/// the last object, so that only the place of the table changes.
pub(crate) fn show_title(mut pdf: Vec<u8>) -> Result<Vec<u8>, Error> {
    let unexpected = || Error::Pdf("an unexpected structure was written".to_owned());
    let pointer = last(&pdf, POINTER).ok_or_else(unexpected)? + POINTER.len();
    let digits = pdf.get(pointer..).unwrap_or_default();
    let count = digits.iter().take_while(|b| b.is_ascii_digit()).count();
    let table: usize = digits
        .get(..count)
        .and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok())
        .ok_or_else(unexpected)?;
    let before = pdf.get(..table).ok_or_else(unexpected)?;
    let catalog = last(before, CATALOG).ok_or_else(unexpected)? + CATALOG.len();
    let rest = before.get(catalog..).unwrap_or_default();
    let ends = rest
        .windows(END_OF_OBJECT.len())
        .filter(|window| *window == END_OF_OBJECT);
    if ends.count() != 1 {
        return Err(unexpected());
    }
    let moved = (table + PREFERENCE.len()).to_string();
    pdf.splice(pointer..pointer + count, moved.into_bytes());
    pdf.splice(catalog..catalog, PREFERENCE.iter().copied());
    Ok(pdf)
}

fn last(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    let mut windows = bytes.windows(pattern.len());
    windows.rposition(|window| window == pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_found_where_the_pointer_says() {
        let pdf = b"%PDF\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n\nxref\n0 1\ntrailer\n\
            <<>>\nstartxref\n51\n%%EOF";
        let shown = show_title(pdf.to_vec()).unwrap();
        let text = String::from_utf8(shown).unwrap();
        assert!(text.contains("<</Type/Catalog/ViewerPreferences<</DisplayDocTitle true>>/Pages"));
        let at = text.find("xref\n0 1").unwrap();
        assert!(text.ends_with(&format!("startxref\n{at}\n%%EOF")), "{text}");
    }

    #[test]
    fn another_last_object_is_refused() {
        let pdf =
            b"1 0 obj\n<</Type/Catalog>>\nendobj\n2 0 obj\nnull\nendobj\nxref\nstartxref\n52\n";
        assert!(show_title(pdf.to_vec()).is_err());
        assert!(show_title(Vec::new()).is_err());
    }
}
