//! A certificate is read and made again by the versions that it names, whatever is made today.

use super::record::samples;
use super::{HTML, fonts, position};
use crate::testing::{REMARK, render_with_other_record, render_with_other_template};
use crate::{
    Embedded, Evidence, RECORD_VERSION, RebuildError, RecordError, TEMPLATE_VERSION,
    VersionedRecord, rebuild, render, sample, testing,
};

type Render = fn(&Evidence, Embedded<'_>, &paper::FontSet) -> Result<Vec<u8>, crate::Error>;

/// Each pair of versions with how its certificates are made.
const VERSIONS: [(u32, &str, Render); 3] = [
    (RECORD_VERSION, TEMPLATE_VERSION, render),
    (RECORD_VERSION, "test-1", render_with_other_template),
    (testing::RECORD_VERSION, "test-2", render_with_other_record),
];

/// `evidence.json` out of an unsigned certificate, which ends with a line feed or a brace.
fn record_in(pdf: &[u8]) -> &[u8] {
    let is_record = |start: &usize| {
        let text = &pdf[*start..];
        text.starts_with(b"{\n  \"Version\"") || text.starts_with(b"{\"Version\"")
    };
    let start = (0..pdf.len()).find(is_record).unwrap();
    let length = position(&pdf[start..], b"\nendstream").unwrap();
    &pdf[start..start + length]
}

#[test]
fn each_certificate_is_made_again_by_the_versions_that_it_names_x_7() {
    for (name, evidence, embedded) in samples() {
        let mut all = Vec::new();
        for (record_version, template_version, render) in VERSIONS {
            let pdf = render(&evidence, embedded, fonts()).unwrap();
            let json = record_in(&pdf);
            let read = VersionedRecord::from_json(json).unwrap();
            assert_eq!(read.template_version(), template_version, "{name}");
            assert_eq!(read.to_json(), json, "{name}");
            assert_eq!(read.serial(), &evidence.serial, "{name}");
            let version = format!("\"Version\":{record_version},").into_bytes();
            let spaced = format!("\"Version\": {record_version},").into_bytes();
            let names_it = position(json, &version).or(position(json, &spaced));
            assert!(names_it.is_some(), "{name}");
            let again = rebuild(json, embedded, fonts()).unwrap();
            assert!(
                again == pdf,
                "{name} of {record_version} and {template_version}"
            );
            all.push(pdf);
        }
        let [one, two, three] = all.as_slice() else {
            panic!("{name}");
        };
        assert!(one != two && two != three && one != three, "{name}");
    }
}

#[test]
fn a_version_that_nobody_knows_is_not_guessed_at() {
    for (_, template_version, render) in VERSIONS {
        let pdf = render(&sample::evidence(), HTML, fonts()).unwrap();
        let json = String::from_utf8(record_in(&pdf).to_vec()).unwrap();
        let unknown = json.replace(template_version, "2031-01");
        let refused = rebuild(unknown.as_bytes(), HTML, fonts());
        assert!(matches!(refused, Err(RebuildError::Template(version)) if version == "2031-01"));
    }
    let read = VersionedRecord::from_json(b"{\"Version\": 4, \"Whatever\": []}");
    assert!(matches!(read, Err(RecordError::Version(4))));
    let read = VersionedRecord::from_json(b"{\"Version\": 18446744073709551615}");
    assert!(matches!(read, Err(RecordError::Version(u64::MAX))));
}

#[test]
fn a_template_of_one_record_makes_no_pages_of_another() {
    let pdf = render_with_other_record(&sample::evidence(), HTML, fonts()).unwrap();
    let json = String::from_utf8(record_in(&pdf).to_vec()).unwrap();
    assert!(json.contains(REMARK));
    for (_, template_version, _) in &VERSIONS[..2] {
        let mixed = json.replace("test-2", template_version);
        let refused = rebuild(mixed.as_bytes(), HTML, fonts());
        assert!(matches!(refused, Err(RebuildError::Template(_))));
    }
}
