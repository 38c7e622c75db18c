//! The one form of a token, on what public authorities have really issued.

use crate::fields::Fields;
use crate::key::Verified;
use crate::timestamp::Token;
use crate::{Certificate, TokenProblem};

/// A name, the token, how many certificates came along, and how many stay.
const RECORDED: [(&str, &[u8], usize, usize); 3] = [
    (
        "DigiCert 2019",
        include_bytes!("../../fixtures/token-digicert-2019.der"),
        2,
        2,
    ),
    (
        "DigiCert 2026",
        include_bytes!("../../fixtures/token-digicert-2026.der"),
        3,
        3,
    ),
    (
        "Microsoft",
        include_bytes!("../../fixtures/token-microsoft.der"),
        2,
        2,
    ),
];

fn check(der: &[u8]) -> Result<Certificate, TokenProblem> {
    let token = Token::parse(der)?;
    let imprint = token.imprint().try_into().unwrap();
    token
        .check_signature(imprint, &mut Verified::default())
        .cloned()
}

/// The values that an authority signs, and its signature.
fn signed_parts(der: &[u8]) -> [Vec<u8>; 3] {
    let signed = crate::cms::Signed::parse(der).unwrap();
    [
        signed.content.unwrap(),
        signed.signed_attributes.whole,
        signed.signature,
    ]
    .map(<[u8]>::to_vec)
}

#[test]
fn recorded_tokens_of_public_authorities_hold_in_their_one_form() {
    for (name, der, came, stay) in RECORDED {
        let leaf = check(der).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        let token = Token::parse(der).unwrap();
        assert_eq!(token.certificates().len(), came, "{name}");
        let known = token.certificates().to_vec();
        let form = token.over(&known, &mut Verified::default()).unwrap();
        let again = Token::parse(&form).unwrap();
        again.check_form().unwrap();
        assert_eq!(again.certificates().len(), stay, "{name}");
        assert_eq!(check(&form), Ok(leaf), "{name}");
        assert_eq!(signed_parts(&form), signed_parts(der), "{name}");
        // They came with NULL behind the digest algorithm, which is another spelling.
        assert!(token.check_form().is_err(), "{name}");
        assert_eq!(
            again.over(&known, &mut Verified::default()).as_deref(),
            Ok(form.as_slice()),
            "{name}"
        );
    }
}

#[test]
fn a_changed_byte_of_a_recorded_token_is_refused_or_changes_nothing() {
    let (_, der, ..) = RECORDED[0];
    let token = Token::parse(der).unwrap();
    let known = token.certificates().to_vec();
    let form = token.over(&known, &mut Verified::default()).unwrap();
    // Certificates have signatures of their own, which the validation data is compared with.
    let certificates: usize = known.iter().map(|one| one.as_der().len()).sum();
    let mut accepted = Vec::new();
    for at in (0..form.len()).step_by(3) {
        let mut changed = form.clone();
        changed[at] ^= 1 << (at % 8);
        let is_accepted = Token::parse(&changed)
            .and_then(|token| token.check_form())
            .and_then(|()| check(&changed))
            .is_ok();
        if is_accepted {
            accepted.push(at);
        }
    }
    let start = Fields::new(&form).any().map(|_| 0).unwrap();
    assert!(accepted.len() <= certificates / 3, "{start}");
    let mut certificate = known.iter();
    let issuer = certificate.find(|one| one.may_issue(0)).unwrap().as_der();
    let begin = form.windows(issuer.len()).position(|part| part == issuer);
    let span = begin.unwrap()..begin.unwrap() + issuer.len();
    for at in accepted {
        assert!(span.contains(&at), "byte {at}");
    }
}
