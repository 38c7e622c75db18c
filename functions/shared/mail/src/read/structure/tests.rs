use super::*;

fn outline(message: &str) -> (Vec<String>, Damages) {
    let mut damages = Damages::default();
    let parts = read(message.as_bytes(), 0, &mut damages);
    let lines = parts
        .iter()
        .map(|part| {
            let body = String::from_utf8_lossy(slice(message.as_bytes(), part.body.clone()));
            match &part.children {
                Some(children) => format!("{} {children:?}", part.media_type.value),
                None => format!("{} {body:?}", part.media_type.value),
            }
        })
        .collect();
    (lines, damages)
}

const NESTED: &str = "Content-Type: multipart/mixed; boundary=a\n\npreamble\n--a\n\
    Content-Type: multipart/alternative; boundary=\"a-b\"\n\n--a-b\n\none\n--a-b\n\
    Content-Type: text/html\n\n<p>two\n--a-b--\nepilogue\n--a\n\n\
    --not a delimiter\n--ab\n--a--\nend";

#[test]
fn finds_nested_parts_with_either_line_end_and_boundaries_that_begin_alike() {
    for ends in ["\n", "\r\n"] {
        let (lines, damages) = outline(&NESTED.replace('\n', ends));
        assert_eq!(
            lines,
            [
                "multipart/mixed [1, 4]".to_owned(),
                "multipart/alternative [2, 3]".to_owned(),
                "text/plain \"one\"".to_owned(),
                "text/html \"<p>two\"".to_owned(),
                format!("text/plain {:?}", format!("--not a delimiter{ends}--ab")),
            ]
        );
        assert!(damages.is_empty());
    }
}

#[test]
fn names_what_is_broken_and_reads_on_q_20() {
    for (message, expected, damage) in [
        (
            "Content-Type: multipart/mixed\n\nhello",
            "text/plain \"hello\"",
            Damage::NoBoundary,
        ),
        (
            "Content-Type: multipart/mixed; boundary=a\n\nhello",
            "text/plain \"hello\"",
            Damage::NoBoundary,
        ),
        (
            "Content-Type: multipart/mixed; boundary=a\n\n--a\n\nhello",
            "text/plain \"hello\"",
            Damage::MissingEnd,
        ),
        (
            "what is this\nTo: x\n\nhello",
            "text/plain \"hello\"",
            Damage::GarbageInHeader,
        ),
        (
            "Content-Type: multipart/mixed; boundary=a\n\n--a\nhello\n--a--",
            "text/plain \"hello\"",
            Damage::NoEmptyLine,
        ),
        (
            "Content-Type: text/html\nContent-type: text/plain\n\nhello",
            "text/html \"hello\"",
            Damage::RepeatedContentField,
        ),
        (
            "Content-Type: text/html charset=utf-8\n\nhello",
            "text/html \"hello\"",
            Damage::ContentField,
        ),
        (
            "Content-Type: text/html\r\r\n\r\r\nhello",
            "text/html \"hello\"",
            Damage::DoubledCarriageReturns,
        ),
    ] {
        let (lines, damages) = outline(message);
        assert_eq!(lines.last().map(String::as_str), Some(expected));
        assert!(damages.contains(&damage), "{message}");
    }
}

#[test]
fn a_part_without_content_is_empty() {
    let (lines, _) = outline("Content-Type: multipart/mixed; boundary=a\n\n--a\n--a\n\n--a--");
    assert_eq!(lines[1..], ["text/plain \"\"", "text/plain \"\""]);
}

#[test]
fn bounds_depth_and_number_of_parts() {
    let mut deep = String::new();
    for level in 0..10_000 {
        deep += &format!("Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n");
    }
    let (lines, damages) = outline(&deep);
    assert!(lines.len() <= NESTING_DEPTH_MAX + 1);
    assert!(damages.contains(&Damage::NestedTooDeep));
    let wide = format!(
        "Content-Type: multipart/mixed; boundary=a\n\n{}",
        "--a\n\nx\n".repeat(10_000)
    );
    let (lines, damages) = outline(&wide);
    assert_eq!(lines.len(), PARTS_MAX);
    assert!(damages.contains(&Damage::TooManyParts));
}
