//! What is read here, an independent library reads the same way; what is refused here it may take,
//! because it guesses where RFC 6376 does not.

use mail_auth::{arc, common::crypto, dkim};
use proptest::prelude::*;

use super::*;

const DKIM: &str = "v=1; a=rsa-sha256; c=relaxed/simple; d=Customer.test; s=rsa; t=1767571199;\r\n\
    \tx=1767571200; l=12; h= From : To:Subject; i=Taro=40customer.test; bh=QUJD;\r\n\
    \tb=QUJD\r\n RA==";
const MESSAGE: &str = "i=2; a=ed25519-sha256; c=relaxed; d=lists.test; s=arc; t=1;\r\n\
    \th=from:to; bh=QUJD; b=QUJD";
const SEAL: &str = "i=2; a=rsa-sha256; cv=pass; d=lists.test; s=arc; t=1; b=QUJD";

/// Changed in a few places: tags renamed, doubled, cut off, with white space and other characters.
fn changed(text: &'static str) -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "",
        " ",
        "\r\n\t",
        ";",
        "=",
        "/",
        ":",
        "x",
        "1",
        "40",
        "q=z;",
        "; l=3;",
        "; c=simple/simple;",
        "; t=9",
        "v=1;",
        "i=1;",
        "h=a;",
        "cv=none;",
        "\u{e9}",
        "rsa-sha1",
        "simple",
        "Z",
    ]);
    let change = (0..=text.len(), 0..6_usize, piece);
    prop::collection::vec(change, 0..3).prop_map(move |changes| {
        let mut changed = text.to_owned();
        for (at, length, piece) in changes {
            let at = at.min(changed.len());
            let end = (at + length).min(changed.len());
            if changed.is_char_boundary(at) && changed.is_char_boundary(end) {
                changed.replace_range(at..end, piece);
            }
        }
        changed
    })
}

fn algorithm(library: crypto::Algorithm) -> SigningAlgorithm {
    match library {
        crypto::Algorithm::RsaSha1 => SigningAlgorithm::RsaSha1,
        crypto::Algorithm::RsaSha256 => SigningAlgorithm::RsaSha256,
        crypto::Algorithm::Ed25519Sha256 => SigningAlgorithm::Ed25519Sha256,
    }
}

fn form(library: dkim::Canonicalization) -> Canonicalization {
    match library {
        dkim::Canonicalization::Relaxed => Canonicalization::Relaxed,
        dkim::Canonicalization::Simple => Canonicalization::Simple,
    }
}

macro_rules! tags_of {
    ($library:expr) => {
        Tags {
            algorithm: algorithm($library.a),
            domain: $library.d,
            selector: $library.s,
            value: $library.b,
            body_hash: $library.bh,
            names: $library.h,
            length: $library.l,
            made_at: $library.t,
            expires_at: $library.x,
            header_form: form($library.ch),
            body_form: form($library.cb),
        }
    };
}

proptest! {
    #[test]
    fn a_dkim_signature_that_is_read_is_what_the_library_reads(text in changed(DKIM)) {
        if let Ok(read) = DkimSignature::read(text.as_bytes()) {
            let library = dkim::Signature::parse(text.as_bytes()).unwrap();
            let identity = library.i.clone();
            prop_assert_eq!(read, DkimSignature { tags: tags_of!(library), identity });
        }
    }

    #[test]
    fn a_message_signature_that_is_read_is_what_the_library_reads(text in changed(MESSAGE)) {
        if let Ok(read) = ArcMessageSignature::read(text.as_bytes()) {
            let library = arc::Signature::parse(text.as_bytes()).unwrap();
            let instance = library.i;
            prop_assert_eq!(read, ArcMessageSignature { instance, tags: tags_of!(library) });
        }
    }

    #[test]
    fn a_seal_that_is_read_is_what_the_library_reads(text in changed(SEAL)) {
        if let Ok(read) = Seal::read(text.as_bytes()) {
            let library = arc::Seal::parse(text.as_bytes()).unwrap();
            let chain = match library.cv {
                arc::ChainValidation::None => ChainValue::None,
                arc::ChainValidation::Fail => ChainValue::Fail,
                arc::ChainValidation::Pass => ChainValue::Pass,
            };
            let expected = Seal {
                instance: library.i,
                algorithm: algorithm(library.a),
                domain: library.d,
                selector: library.s,
                value: library.b,
                chain,
            };
            prop_assert_eq!(read, expected);
        }
    }
}

#[test]
fn what_the_changes_begin_with_is_read() {
    let read = DkimSignature::read(DKIM.as_bytes()).unwrap();
    assert_eq!(read.identity, "taro@customer.test");
    assert_eq!(read.tags.domain, "customer.test");
    assert_eq!(read.tags.value, b"ABCD");
    assert_eq!(read.tags.names, ["From", "To", "Subject"]);
    assert!(ArcMessageSignature::read(MESSAGE.as_bytes()).is_ok());
    assert!(Seal::read(SEAL.as_bytes()).is_ok());
    let results = b" i=3; mx.test; dkim=pass header.i=@customer.test; spf=pass";
    assert_eq!(results_instance(results), Ok(3));
    assert_eq!(arc::Results::parse(results).unwrap().i, 3);
}

#[test]
fn what_is_missing_or_not_in_its_form_is_refused() {
    for (from, to) in [
        ("v=1; ", ""),
        ("v=1", "v=2"),
        ("v=1", "v=4294967297"),
        ("a=rsa-sha256; ", ""),
        ("a=rsa-sha256", "a=rsa-sha512"),
        ("relaxed/simple", "relaxed/"),
        ("relaxed/simple", "other"),
        ("d=Customer.test", "d="),
        ("s=rsa; ", ""),
        ("h= From : To:Subject", "h= :"),
        ("bh=QUJD", "bh="),
        ("l=12", "l=12x; h=From"),
        ("=40", "=4x"),
        ("t=1767571199", "t=1; t=2"),
        ("v=1;", "v=1; more;"),
        ("v=1;", "V=1;"),
        ("a=rsa-sha256", "A=rsa-sha256"),
        ("bh=", "BH="),
        ("d=Customer.test", "D=Customer.test"),
        ("l=12", "L=12"),
        ("l=12", "l=12; L=12"),
        ("s=rsa;", "s=rsa; s=rsa;"),
    ] {
        let changed = DKIM.replacen(from, to, 1);
        assert_ne!(changed, DKIM);
        assert_eq!(
            DkimSignature::read(changed.as_bytes()),
            Err(Malformed),
            "{changed}"
        );
    }
    for (from, to) in [
        ("i=2", "i=0"),
        ("i=2", "i=51"),
        ("i=2; ", ""),
        ("a=ed25519-sha256; ", ""),
        ("i=2", "I=2"),
        ("t=1", "t=1; t=1"),
    ] {
        let changed = MESSAGE.replacen(from, to, 1);
        assert_eq!(
            ArcMessageSignature::read(changed.as_bytes()),
            Err(Malformed),
            "{changed}"
        );
    }
    for (from, to) in [
        ("cv=pass; ", ""),
        ("cv=pass", "cv=good"),
        ("t=1", "t=x"),
        ("t=1", "h=from"),
        ("t=1", "H=from"),
        ("a=rsa-sha256; ", ""),
        ("i=2; ", ""),
    ] {
        let changed = SEAL.replacen(from, to, 1);
        assert_eq!(Seal::read(changed.as_bytes()), Err(Malformed), "{changed}");
    }
    for results in ["", "mx.test; i=1", "i=x; mx.test", "i=51; mx.test"] {
        assert_eq!(
            results_instance(results.as_bytes()),
            Err(Malformed),
            "{results}"
        );
    }
}
