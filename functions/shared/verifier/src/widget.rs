//! The widgets of signatures and document timestamps: on no page can they be seen.

use crate::object::{Dictionary, Value};

const WIDGET_KEYS: [&str; 10] = [
    "Type",
    "Subtype",
    "FT",
    "T",
    "TU",
    "F",
    "Rect",
    "P",
    "V",
    "StructParent",
];
/// Print and locked.
const WIDGET_FLAGS: i64 = 132;

/// A field without extent, appearance or action, and with these words and this key only.
pub(crate) fn is_invisible_widget(widget: &Dictionary, tooltip: &str, key: Option<i64>) -> bool {
    let zeros = [0, 0, 0, 0].map(Value::Integer);
    widget.has_only(&WIDGET_KEYS)
        && widget.name("Type") == Some(b"Annot")
        && widget.name("Subtype") == Some(b"Widget")
        && widget.name("FT") == Some(b"Sig")
        && widget.integer("F") == Some(WIDGET_FLAGS)
        && widget.array("Rect") == Some(&zeros[..])
        && widget.string("TU") == Some(utf_16(tooltip).as_slice())
        && widget.get("StructParent") == key.map(Value::Integer).as_ref()
}

/// A text string in UTF-16 with its mark (ISO 32000-1 section 7.9.2.2).
pub(crate) fn utf_16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
    units.flat_map(u16::to_be_bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Reader;

    #[test]
    fn a_widget_says_what_it_is_and_nothing_else() {
        for (tooltip, more, expected) in [
            ("7F72540D0020004F004B", "/StructParent 3", true),
            ("7F72540D0020004F004B", "", false),
            ("7F72540D0020004F004B", "/StructParent 4", false),
            ("7F72540D0020004E004F", "/StructParent 3", false),
            ("7F72540D0020004F004B", "/StructParent 3/AP<<>>", false),
        ] {
            let text = format!(
                "<</Type/Annot/Subtype/Widget/FT/Sig/T(a)/TU<FEFF{tooltip}>/F 132\
                 /Rect[0 0 0 0]/P 1 0 R/V 2 0 R{more}>>"
            );
            let Ok(Value::Dictionary(widget)) = Reader::new(text.as_bytes(), 0).value(0) else {
                panic!("{text}");
            };
            assert_eq!(
                is_invisible_widget(&widget, "署名 OK", Some(3)),
                expected,
                "{text}"
            );
        }
    }
}
