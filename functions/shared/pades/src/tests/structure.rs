//! The widget in the structure of a draft.

use super::drafts::{PAGE, PAGES, ROOT, pdf, signed};
use crate::{Draft, Error};
use lopdf::{Document, Object};

const CATALOG: &str = "<</Type/Catalog/Pages 2 0 R/StructTreeRoot 4 0 R>>";
const TREE: &str =
    "<</Type/StructTreeRoot/K[5 0 R]/ParentTreeNextKey 1/ParentTree<</Nums[0 6 0 R]>>>>";
const ELEMENT: &str = "<</Type/StructElem/S/Document/P 4 0 R/K[7 0 R]>>";
const PARENTS: &str = "[7 0 R]";
const TEXT: &str = "<</Type/StructElem/S/P/P 5 0 R/Pg 3 0 R/K[0]>>";

fn read<'d>(document: &'d Document, number: u32, key: &[u8]) -> &'d Object {
    document
        .get_dictionary((number, 0))
        .unwrap()
        .get(key)
        .unwrap()
}

#[test]
fn a_form_element_holds_the_widget_and_the_widget_leads_to_it() {
    for page in [PAGE, "<</Type/Page/Tabs/S/Parent 2 0 R/StructParents 0>>"] {
        let document = signed(&[CATALOG, PAGES, page, TREE, ELEMENT, PARENTS, TEXT]);
        let kids = read(&document, 5, b"K").as_array().unwrap();
        let [Object::Reference((7, 0)), Object::Reference(form)] = kids.as_slice() else {
            panic!("{kids:?}");
        };
        let form = document.get_dictionary(*form).unwrap();
        assert_eq!(form.get(b"S").unwrap().as_name().unwrap(), b"Form");
        assert_eq!(form.get(b"P").unwrap().as_reference().unwrap(), (5, 0));
        let held = form.get(b"K").unwrap().as_array().unwrap()[0]
            .as_dict()
            .unwrap();
        let widgets = read(&document, 3, b"Annots").as_array().unwrap();
        assert_eq!(held.get(b"Obj").unwrap(), &widgets[0]);
        assert_eq!(held.get(b"Pg").unwrap().as_reference().unwrap(), (3, 0));
        let widget = widgets[0].as_reference().unwrap();
        let key = read(&document, widget.0, b"StructParent").as_i64().unwrap();
        assert_eq!(key, 1);
        assert_eq!(
            read(&document, 4, b"ParentTreeNextKey").as_i64().unwrap(),
            2
        );
        let parents = read(&document, 4, b"ParentTree").as_dict().unwrap();
        let numbers = parents.get(b"Nums").unwrap().as_array().unwrap();
        assert_eq!(numbers[..3], [0.into(), (6, 0).into(), 1.into()]);
        assert_eq!(numbers[3], kids[1]);
        assert_eq!(read(&document, 3, b"Tabs").as_name().unwrap(), b"S");
        let tooltip = lopdf::decode_text_string(read(&document, widget.0, b"TU"));
        assert_eq!(tooltip.unwrap(), "電子署名 Electronic signature");
    }
}

#[test]
fn another_structure_is_refused() {
    let next = |key: &str| TREE.replace("NextKey 1", &format!("NextKey {key}"));
    for (catalog, tree, element) in [
        (&CATALOG.replace("4 0 R", "true"), TREE, ELEMENT),
        (&CATALOG.to_owned(), "<</K[5 0 R]>>", ELEMENT),
        (&CATALOG.to_owned(), &TREE.replace("5 0 R", ""), ELEMENT),
        (
            &CATALOG.to_owned(),
            &TREE.replace("/Nums", "/Kids"),
            ELEMENT,
        ),
        (&CATALOG.to_owned(), &next("-1"), ELEMENT),
        (&CATALOG.to_owned(), &next("9223372036854775807"), ELEMENT),
        (&CATALOG.to_owned(), TREE, "<</Type/StructElem/K 7 0 R>>"),
    ] {
        let objects = [catalog, PAGES, PAGE, tree, element, PARENTS, TEXT];
        let error = Draft::new(pdf(&objects, ROOT)).unwrap_err();
        assert!(matches!(error, Error::Draft(_)), "{tree}: {error}");
    }
}

#[test]
fn never_panics_on_a_changed_structure() {
    let draft = pdf(&[CATALOG, PAGES, PAGE, TREE, ELEMENT, PARENTS, TEXT], ROOT);
    for index in 0..draft.len() {
        for byte in b"\0 \n%()<>[]{}/#019Rn-+.\x80\xFF" {
            let mut changed = draft.clone();
            changed[index] = *byte;
            drop(Draft::new(changed));
        }
    }
}
