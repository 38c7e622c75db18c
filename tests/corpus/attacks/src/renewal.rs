//! Validation data and document timestamps that are added later, written by hand so that the writer
//! under test is not its own judge.

use crate::genuine::stamp;
use crate::pdf::{
    find, find_last, insert_before_last, object, overwrite, referred, size, stream, update,
};
use crate::updates::{STAMP, with_field};
use jiff::Timestamp;
use pades::testing::{OcspAnswer, TestAuthority, TestTimestampAuthority};
use pades::{Certificate, revocation};
use sha2::{Digest, Sha256};

/// Hexadecimal digits of room for a token.
const ROOM: usize = 16_000;

/// What issuers say of a path at a time, after `change` had its way with the answers.
pub(crate) fn answers(
    path: &[Certificate],
    issuers: &[TestAuthority],
    at: Timestamp,
    change: fn(&mut OcspAnswer),
) -> Vec<Vec<u8>> {
    let pairs = path.iter().zip(path.iter().skip(1));
    let answer = |(certificate, issuer): (&Certificate, &Certificate)| {
        let authority = issuers.iter().find(|one| one.certificate() == *issuer);
        let request = revocation::ocsp_request(certificate, issuer).expect("a request");
        authority
            .expect("an issuer")
            .answer_ocsp_with(&request, at, change)
    };
    pairs.map(answer).collect()
}

/// A revision with these certificates and OCSP responses besides the older ones.
pub(crate) fn with_validation_data(
    pdf: &[u8],
    path: &[Certificate],
    responses: &[Vec<u8>],
) -> Vec<u8> {
    let catalog = referred(pdf, "/Root");
    let catalog_text = object(pdf, catalog);
    let exists = catalog_text.windows(5).any(|window| window == b"/DSS ");
    let mut new = size(pdf);
    let mut objects = Vec::new();
    let (dss, mut text) = if exists {
        let dss = referred(&catalog_text, "/DSS");
        (dss, object(pdf, dss))
    } else {
        let entry = format!("/DSS {new} 0 R");
        objects.push((catalog, insert_before_last(&catalog_text, b">>", &entry)));
        new += 1;
        (new - 1, b"<</Type/DSS/Certs[]/OCSPs[]>>".to_vec())
    };
    let certificates = path.iter().map(|one| ("/Certs[", one.as_der().to_vec()));
    let responses = responses.iter().map(|one| ("/OCSPs[", one.clone()));
    for (list, entry) in certificates.chain(responses) {
        let at = find(&text, list.as_bytes(), 0) + list.len();
        text.splice(at..at, format!("{new} 0 R ").bytes());
        objects.push((new, stream("", &entry)));
        new += 1;
    }
    if exists {
        // The table of the catalog stays as it is: the dictionary is rewritten in its place.
        objects.push((catalog, catalog_text));
    }
    objects.push((dss, text));
    update(pdf, &objects, "")
}

/// A revision with a document timestamp over everything before it.
pub(crate) fn with_stamp(
    pdf: &[u8],
    name: &str,
    stamper: &TestTimestampAuthority,
    at: Timestamp,
) -> Vec<u8> {
    let token = |imprint| stamp(imprint, stamper, at).as_der().to_vec();
    with_token(pdf, name, ROOM, token)
}

/// The same with any token, in room for so many digits.
pub(crate) fn with_token(
    pdf: &[u8],
    name: &str,
    digits_max: usize,
    token: impl FnOnce([u8; 32]) -> Vec<u8>,
) -> Vec<u8> {
    let room = " ".repeat(33);
    let dictionary = format!(
        "{STAMP}/ByteRange[0{room}]/Contents<{}>>>",
        "0".repeat(digits_max)
    );
    let mut file = with_field(pdf, name, "", &dictionary);
    let range = find_last(&file, b"/ByteRange[0 ") + 12;
    let start = find(&file, b"/Contents<", range) + 9;
    let end = start + digits_max + 2;
    let numbers = format!(" {start} {end} {}", file.len() - end);
    overwrite(&mut file, range..range + room.len(), numbers.as_bytes());
    let digest = Sha256::new_with_prefix(&file[..start])
        .chain_update(&file[end..])
        .finalize();
    let digits = hexadecimal(&token(digest.into()));
    file[start + 1..start + 1 + digits.len()].copy_from_slice(digits.as_bytes());
    file
}

/// Renews a certificate: data on the authorities to prove, which should be that of the last
/// timestamp and the new one, and a timestamp of the last of them.
pub(crate) fn renew(
    pdf: &[u8],
    name: &str,
    proven: &[&TestTimestampAuthority],
    at: Timestamp,
) -> Vec<u8> {
    let (mut certificates, mut responses) = (Vec::new(), Vec::new());
    for stamper in proven {
        let path = stamper.path();
        responses.extend(answers(&path, &stamper.issuers, at, |_| {}));
        certificates.extend(path);
        let issuers = stamper.issuers.iter();
        certificates.extend(issuers.map(TestAuthority::responder_certificate));
    }
    let pdf = with_validation_data(pdf, &certificates, &responses);
    with_stamp(&pdf, name, proven.last().expect("a new one"), at)
}

/// Two digits for each byte.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
