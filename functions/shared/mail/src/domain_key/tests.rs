//! Records are read, and signatures judged, as an independent library does.

use base64_simd::STANDARD;
use mail_auth::common::crypto::Algorithm as LibraryAlgorithm;
use mail_auth::common::crypto::{DkimKey, Ed25519Key, SigningKey};
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey as LibraryKey;
use proptest::prelude::*;

use super::*;

/// The public key of `tests/corpus/mails/dkim.dns.txt` by the name of its record.
fn record(name: &str) -> String {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../tests/corpus/mails/dkim.dns.txt"
    );
    let text = std::fs::read_to_string(path).unwrap();
    let line = text.lines().find(|line| line.starts_with(name));
    line.unwrap().split_once(' ').unwrap().1.to_owned()
}

#[test]
fn a_key_says_its_length_and_what_it_is_for() {
    let rsa = DomainKey::read(record("rsa._domainkey.customer.test").as_bytes()).unwrap();
    assert_eq!(rsa.rsa_bits(), Some(2_048));
    assert!(!rsa.is_for_same_domain);
    rsa.check(SigningAlgorithm::RsaSha256).unwrap();
    let for_one = record("rsa._domainkey.customer.test") + "; t=y:S; h=sha1:sha256";
    let for_one = DomainKey::read(for_one.as_bytes()).unwrap();
    assert!(for_one.is_for_same_domain);
    for_one.check(SigningAlgorithm::RsaSha256).unwrap();
}

/// RFC 6376 section 3.6.1.
#[test]
fn a_key_counts_only_for_what_its_record_allows() {
    for (allowed, is_usable) in [
        ("; h=sha256", true),
        ("; h=sha1:SHA256", true),
        ("; h=sha1", false),
        ("; h=sha512", false),
        ("; h=", false),
        ("; s=*", true),
        ("; s=email", true),
        ("; s=tlsrpt : email", true),
        ("; s=tlsrpt", false),
        ("; s=", false),
        ("; s=email; h=sha1", false),
    ] {
        let record = record("rsa._domainkey.customer.test") + allowed;
        let key = DomainKey::read(record.as_bytes()).unwrap();
        let expected = if is_usable {
            Ok(())
        } else {
            Err(SignatureFailure::UnusableKey)
        };
        assert_eq!(
            key.check(SigningAlgorithm::RsaSha256),
            expected,
            "{allowed}"
        );
    }
}

#[test]
fn what_is_no_key_is_refused() {
    let rsa = record("rsa._domainkey.customer.test");
    for (record, why) in [
        (
            "v=DKIM1; k=rsa; p=".to_owned(),
            SignatureFailure::KeyRevoked,
        ),
        ("v=DKIM1; k=rsa".to_owned(), SignatureFailure::UnusableKey),
        ("v=spf1 -all".to_owned(), SignatureFailure::UnusableKey),
        ("v=DKIM2; p=QUJD".to_owned(), SignatureFailure::UnusableKey),
        ("p=QUJD".to_owned(), SignatureFailure::UnusableKey),
        (
            "k=ed25519; p=QUJD".to_owned(),
            SignatureFailure::UnusableKey,
        ),
        ("k=dsa; p=QUJD".to_owned(), SignatureFailure::UnusableKey),
        (rsa.clone() + "; p=", SignatureFailure::UnusableKey),
        (rsa.replace("p=", "P="), SignatureFailure::UnusableKey),
        (rsa.clone() + "; S=email", SignatureFailure::UnusableKey),
        (rsa + "; more", SignatureFailure::UnusableKey),
    ] {
        let read = DomainKey::read(record.as_bytes());
        assert_eq!(read.err(), Some(why), "{record}");
    }
}

/// The DER of `RSAPublicKey`, from the octets of both numbers.
fn rsa_public_key(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let integer = |octets: &[u8]| {
        let unsigned = [&[0], octets].concat();
        let head = [2, 0x82];
        let length = u16::try_from(unsigned.len()).unwrap().to_be_bytes();
        match u8::try_from(unsigned.len()) {
            Ok(short @ ..=127) => [&[2, short], &unsigned[..]].concat(),
            _ => [&head[..], &length, &unsigned].concat(),
        }
    };
    let content = [integer(modulus), integer(exponent)].concat();
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[0x30, 0x82], &length[..], &content].concat()
}

/// Lengths and exponents on both sides of what is allowed.
#[test]
fn the_library_takes_the_same_rsa_keys() {
    for bytes in [128, 256, 512, 1_024, 1_025] {
        for (last, exponent) in [
            (1, &[1, 0, 1][..]),
            (0, &[1, 0, 1]),
            (1, &[0x80]),
            (1, &[0x81]),
            (1, &[1, 0xff, 0xff, 0xff, 0xff]),
            (1, &[2, 0, 0, 0, 1]),
        ] {
            let mut modulus = vec![0xc5; bytes];
            *modulus.last_mut().unwrap() = 0xc4 | last;
            let der = rsa_public_key(&modulus, exponent);
            let record = format!("k=rsa; p={}", STANDARD.encode_to_string(der));
            let ours = DomainKey::read(record.as_bytes()).ok();
            let library = LibraryKey::parse(record.as_bytes()).ok();
            let bits = ours.map(|key| key.rsa_bits().unwrap());
            let expected = library.map(|key| key.p.public_key_bits());
            assert_eq!(bits, expected, "{bytes} {last} {exponent:?}");
        }
    }
}

fn ed25519() -> DkimKey {
    let pkcs8 = Ed25519Key::generate_pkcs8().unwrap();
    DkimKey::Ed25519(Ed25519Key::from_pkcs8_der(&pkcs8).unwrap())
}

#[test]
fn what_the_library_signs_holds_and_nothing_else() {
    let DkimKey::Ed25519(key) = ed25519() else {
        panic!("another key");
    };
    let record = STANDARD.encode_to_string(key.public_key());
    let public = DomainKey::read(format!("k=ed25519; p={record}").as_bytes()).unwrap();
    let signature = key.sign(&b"signed"[..]).unwrap();
    let holds =
        |signed: &[u8], signature: &[u8], algorithm| public.verify(algorithm, signed, signature);
    assert!(holds(
        b"signed",
        &signature,
        SigningAlgorithm::Ed25519Sha256
    ));
    assert!(!holds(
        b"Signed",
        &signature,
        SigningAlgorithm::Ed25519Sha256
    ));
    assert!(!holds(
        b"signed",
        &signature[1..],
        SigningAlgorithm::Ed25519Sha256
    ));
    assert!(!holds(b"signed", &signature, SigningAlgorithm::RsaSha256));
}

/// Under the neutral element as a key, and with it as the first half, any message would pass the
/// plain equation.
#[test]
fn a_key_under_which_every_message_has_one_signature_verifies_nothing() {
    let neutral = [&[1][..], &[0; 31]].concat();
    let record = STANDARD.encode_to_string(&neutral);
    let record = format!("k=ed25519; p={record}");
    let signature = [neutral, vec![0; 32]].concat();
    let public = DomainKey::read(record.as_bytes()).unwrap();
    for signed in [&b"one"[..], b"other"] {
        assert!(!public.verify(SigningAlgorithm::Ed25519Sha256, signed, &signature));
    }
}

proptest! {
    /// What is read of a changed record is what the library reads; whether a changed signature
    /// holds, it says too.
    #[test]
    fn a_changed_record_or_signature_is_judged_as_the_library_does(
        at in 0_usize..400,
        piece in prop::sample::select(vec![
            "A", "/", " ", "=", ";", ":", "k=rsa;", "t=s;", "h=sha1;",
        ]),
        signature in prop::collection::vec(any::<u8>(), 254..258),
    ) {
        let mut record = record("rsa._domainkey.customer.test");
        record.insert_str(at.min(record.len()), piece);
        if let Ok(ours) = DomainKey::read(record.as_bytes()) {
            let library = LibraryKey::parse(record.as_bytes());
            prop_assert!(library.is_ok(), "{record}");
            let library = library.unwrap();
            prop_assert_eq!(ours.rsa_bits(), Some(library.p.public_key_bits()));
            prop_assert_eq!(ours.is_for_same_domain, library.has_flag(0x20_u64));
            let expected = library.p.verify_bytes(b"x", &signature, LibraryAlgorithm::RsaSha256);
            let holds = ours.verify(SigningAlgorithm::RsaSha256, b"x", &signature);
            prop_assert_eq!(holds, expected.is_ok());
        }
    }
}
