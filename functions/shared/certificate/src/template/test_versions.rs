//! Two templates for tests only: another one of version 3 of the record, and one of the second
//! version of tests. Each looks different from the template of today.

use paper::{Bilingual, Block, Document, Extent, FontSet, Lines, Words};

use super::Template;
use super::t2026_12::{compose, write};
use crate::embed::File;
use crate::record::file_row::FileRow;
use crate::record::test_version::Record;
use crate::record::v3::Evidence;

/// As today, under a line that says that it is not.
pub(crate) const OF_V3: Template<Evidence> = Template {
    version: VERSION_OF_V3,
    document: document_of_v3,
    draw: |evidence, files, fonts| {
        let rows: Vec<FileRow> = files.iter().map(File::row).collect();
        let document = document_of_v3(evidence, &rows, fonts);
        write(VERSION_OF_V3, &document, evidence, files, fonts)
    },
};

/// As today, with the remark that only this version of the record has.
pub(crate) const OF_TEST_VERSION: Template<Record> = Template {
    version: VERSION_OF_TEST,
    document: document_of_test_version,
    draw: |record, files, fonts| {
        let rows: Vec<FileRow> = files.iter().map(File::row).collect();
        let document = document_of_test_version(record, &rows, fonts);
        write(VERSION_OF_TEST, &document, &record.evidence, files, fonts)
    },
};

const VERSION_OF_V3: &str = "test-1";
const VERSION_OF_TEST: &str = "test-2";

fn document_of_v3(evidence: &Evidence, files: &[FileRow], fonts: &FontSet) -> Document {
    let mut document = compose(VERSION_OF_V3, evidence, files, fonts);
    document.banner = Some(Words::new(
        "試験用の書式",
        "A template of tests, which is not the one of today",
    ));
    document
}

fn document_of_test_version(record: &Record, files: &[FileRow], fonts: &FontSet) -> Document {
    let mut document = compose(VERSION_OF_TEST, &record.evidence, files, fonts);
    let extent = Extent {
        lines_max: 40,
        width: 48.0,
    };
    let remark = fonts.screen().show(&record.remark, Lines::Text, extent);
    document.blocks.push(Block::Remark(Bilingual {
        japanese: remark.clone(),
        english: remark,
    }));
    document
}
