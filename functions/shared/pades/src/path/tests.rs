use super::*;
use crate::key::Verified;
use crate::revocation::{self, RevocationEvidence, Status};
use crate::testing::{
    Purpose, Template, TestAuthority, TestKey, VALID, authority_extensions, extension, integer,
    name, purposes, tlv,
};
use crate::{RevocationProblem, TokenProblem};
use jiff::Timestamp;
use std::time::{Duration, Instant};

const DOCUMENTS: &str = "1.3.6.1.5.5.7.3.36";
const TIMESTAMPS: &str = "1.3.6.1.5.5.7.3.8";
const ANY: &str = "2.5.29.37.0";

fn template(name: &str) -> Template<'_> {
    Template {
        name,
        purpose: Purpose::Documents,
        validity: VALID,
        serial: 5,
    }
}

fn at() -> Timestamp {
    "2026-11-20T00:00:00Z".parse().unwrap()
}

fn root() -> TestAuthority {
    TestAuthority::root("Root", TestKey::p256(21))
}

fn read(der: &[u8]) -> Certificate {
    Certificate::from_der(der).unwrap()
}

/// A leaf below an authority below the root.
struct Line {
    root: TestAuthority,
    issuing: TestAuthority,
    leaf: Certificate,
}

impl Line {
    /// With these extensions of the authority and of the leaf, which has this name.
    fn new(issuing: &[u8], (leaf_name, leaf): (&str, &[u8])) -> Self {
        let root = root();
        let issuing = root.intermediate_with(&template("Issuing"), TestKey::p256(22), issuing);
        let key = TestKey::p256(23).public_key_der();
        let leaf = read(&issuing.issue_with(&template(leaf_name), &key, leaf));
        Self {
            root,
            issuing,
            leaf,
        }
    }

    fn find(&self, role: Role) -> Result<Vec<Certificate>, TokenProblem> {
        let pool = [self.issuing.certificate()];
        self.find_over(&pool, role, &mut PathBudget::default())
    }

    fn find_over(
        &self,
        pool: &[Certificate],
        role: Role,
        budget: &mut PathBudget,
    ) -> Result<Vec<Certificate>, TokenProblem> {
        let ends = Ends {
            leaf: &self.leaf,
            role,
            roots: &[self.root.certificate()],
        };
        find(ends, pool, at(), &mut Verified::default(), budget)
    }
}

/// Why a signer's path with these extensions is refused; empty if it is not.
fn problem_of(issuing: &[u8], leaf: (&str, &[u8])) -> &'static str {
    match Line::new(issuing, leaf).find(Role::DocumentSigner) {
        Ok(path) => {
            assert_eq!(path.len(), 3);
            ""
        }
        Err(TokenProblem::Misfit { problem, .. }) => problem,
        Err(other) => panic!("{other}"),
    }
}

fn signs(bits: &[u8]) -> Vec<u8> {
    extension("2.5.29.15", true, &tlv(0x03, &[bits]))
}

/// Key usage and purpose of a signer.
fn for_documents() -> Vec<u8> {
    [signs(&[6, 0xC0]), purposes(&[DOCUMENTS], false)].concat()
}

#[test]
fn a_signer_is_one_whose_certificate_is_for_documents() {
    let issuing = authority_extensions(Some(0));
    let (signature, both) = (signs(&[7, 0x80]), signs(&[6, 0xC0]));
    let with = |usage: &[u8], ids: &[&str]| [usage, &purposes(ids, false)].concat();
    let not_for_documents = "it is not one for documents";
    let for_issuing = "it is for issuing certificates";
    let cases = [
        (with(&both, &[DOCUMENTS]), ""),
        (with(&signature, &[DOCUMENTS]), ""),
        (with(&signature, &["1.2.840.113583.1.1.5"]), ""),
        (
            with(
                &signature,
                &["1.3.6.1.5.5.7.3.4", "1.3.6.1.4.1.311.10.3.12"],
            ),
            "",
        ),
        // From before there was such a purpose: it commits to contents.
        (both.clone(), ""),
        (signature.clone(), not_for_documents),
        (with(&both, &["1.3.6.1.5.5.7.3.1"]), not_for_documents),
        (with(&both, &["1.3.6.1.5.5.7.3.3"]), not_for_documents),
        (with(&both, &["1.3.6.1.5.5.7.3.9"]), not_for_documents),
        (with(&both, &[TIMESTAMPS]), not_for_documents),
        (with(&both, &[ANY]), not_for_documents),
        (
            with(&signs(&[5, 0x20]), &[DOCUMENTS]),
            "its key may not sign documents",
        ),
        (purposes(&[DOCUMENTS], false), "it has no key usage"),
        (with(&signs(&[2, 0xC4]), &[DOCUMENTS]), for_issuing),
        (
            [issuing.clone(), purposes(&[DOCUMENTS], false)].concat(),
            for_issuing,
        ),
        (
            [with(&both, &[DOCUMENTS]), purposes(&[DOCUMENTS], false)].concat(),
            "its extended key usage cannot be read",
        ),
        (
            [
                with(&both, &[DOCUMENTS]),
                extension("1.2.3.4", true, &[5, 0]),
            ]
            .concat(),
            "it has a critical extension that is not understood",
        ),
    ];
    for (leaf, expected) in cases {
        assert_eq!(
            problem_of(&issuing, ("Leaf", &leaf)),
            expected,
            "{leaf:02x?}"
        );
    }
}

#[test]
fn an_authority_issues_for_the_purposes_that_it_has_and_over_its_length() {
    let for_purposes = |ids| [authority_extensions(Some(0)), purposes(ids, false)].concat();
    let others = "it may issue certificates for other purposes only";
    for (issuing, expected) in [
        (for_purposes(&[DOCUMENTS]), ""),
        (for_purposes(&[TIMESTAMPS, "1.3.6.1.4.1.311.10.3.12"]), ""),
        (for_purposes(&[ANY]), ""),
        (for_purposes(&[TIMESTAMPS]), others),
        (for_purposes(&["1.3.6.1.5.5.7.3.1"]), others),
    ] {
        assert_eq!(problem_of(&issuing, ("Leaf", &for_documents())), expected);
    }
    // An authority below one that may have none below it.
    let root = root();
    let upper = authority_extensions(Some(0));
    let upper = root.intermediate_with(&template("Upper"), TestKey::p256(22), &upper);
    let lower = authority_extensions(None);
    let lower = upper.intermediate_with(&template("Lower"), TestKey::p256(24), &lower);
    let key = TestKey::p256(23).public_key_der();
    let leaf = read(&lower.issue(&template("Leaf"), &key));
    let path = [
        &leaf,
        &lower.certificate(),
        &upper.certificate(),
        &root.certificate(),
    ];
    let misfit = check(&path, Role::DocumentSigner).unwrap_err();
    assert_eq!(
        (misfit.position, misfit.problem),
        (2, "it may not issue certificates")
    );
}

#[test]
fn each_role_has_certificates_of_its_own() {
    let issuing = authority_extensions(Some(0));
    let stamps = [signs(&[7, 0x80]), purposes(&[TIMESTAMPS], true)].concat();
    let responds = [
        signs(&[7, 0x80]),
        purposes(&["1.3.6.1.5.5.7.3.9"], false),
        extension("1.3.6.1.5.5.7.48.1.5", false, &[5, 0]),
    ]
    .concat();
    let of_all = [
        Role::DocumentSigner,
        Role::TimestampAuthority,
        Role::OcspResponder,
    ];
    for (leaf, good) in [
        (for_documents(), Role::DocumentSigner),
        (stamps, Role::TimestampAuthority),
        (responds, Role::OcspResponder),
    ] {
        let line = Line::new(&issuing, ("Leaf", &leaf));
        for role in of_all {
            assert_eq!(line.find(role).is_ok(), role == good, "{role:?}");
        }
    }
}

/// An authority with name constraints.
fn constraints(permitted: &[Vec<u8>], excluded: &[Vec<u8>], is_critical: bool) -> Vec<u8> {
    [
        authority_extensions(Some(0)),
        name_constraints(permitted, excluded, is_critical),
    ]
    .concat()
}

/// `NameConstraints` with trees of general names, critical or not.
fn name_constraints(permitted: &[Vec<u8>], excluded: &[Vec<u8>], is_critical: bool) -> Vec<u8> {
    let trees = |tag: u8, bases: &[Vec<u8>]| {
        let trees: Vec<u8> = bases.iter().flat_map(|base| tlv(0x30, &[base])).collect();
        if bases.is_empty() {
            Vec::new()
        } else {
            tlv(tag, &[&trees])
        }
    };
    let value = tlv(0x30, &[&trees(0xA0, permitted), &trees(0xA1, excluded)]);
    extension("2.5.29.30", is_critical, &value)
}

/// The organization alone: the upper part of the name.
fn organization(text: &str) -> Vec<u8> {
    let whole = name(&format!("{text}/x"));
    // The last part, of the common name, has this many bytes.
    let common_name = tlv(
        0x31,
        &[&tlv(0x30, &[&[6, 3, 0x55, 4, 3], &tlv(0x0C, &[b"x"])])],
    );
    let part = &whole[2..whole.len() - common_name.len()];
    tlv(0xA4, &[&tlv(0x30, &[part])])
}

#[test]
fn an_authority_names_only_whom_it_may_name_critical_or_not() {
    let outside = "its name is not one that an authority above it may give";
    let documents = for_documents();
    for is_critical in [true, false] {
        let akashi = constraints(&[organization("Akashi  KK")], &[], is_critical);
        let no_bank = constraints(&[], &[organization("Bank")], is_critical);
        for (issuing, leaf, expected) in [
            (&akashi, "akashi kk/Seal", ""),
            (&akashi, "Akashi KK2/Seal", outside),
            (&akashi, "Seal", outside),
            (&no_bank, "Akashi KK/Seal", ""),
            (&no_bank, "BANK/Seal", outside),
        ] {
            let found = problem_of(issuing, (leaf, &documents));
            assert_eq!(found, expected, "{leaf}, critical: {is_critical}");
        }
    }
}

/// The authority two steps above says whom those below it may certify: a responder, too.
#[test]
fn a_responder_is_named_as_the_authorities_above_its_issuer_allow() {
    let root = root();
    let with = |constraints: &[u8], name| {
        let upper = root.intermediate_with(&template("Upper"), TestKey::p256(25), constraints);
        let plain = authority_extensions(Some(0));
        let issuing = upper.intermediate_with(&template(name), TestKey::p256(22), &plain);
        let key = TestKey::p256(23).public_key_der();
        let leaf = read(&issuing.issue(&template("Akashi/Seal"), &key));
        let above = [
            issuing.certificate(),
            upper.certificate(),
            root.certificate(),
        ];
        let request = revocation::ocsp_request(&leaf, &above[0]).unwrap();
        let answer = issuing.answer_ocsp(&request, at());
        let evidence = RevocationEvidence::from_ocsp_response(&answer).unwrap();
        let path = [vec![leaf], above.to_vec()].concat();
        let refs: Vec<&Certificate> = path.iter().collect();
        assert_eq!(check(&refs, Role::DocumentSigner), Ok(()));
        evidence.check_on_path(&path, at(), &mut Verified::default())
    };
    let akashi = organization("Akashi");
    let constrained = [
        authority_extensions(Some(1)),
        name_constraints(&[akashi], &[], true),
    ]
    .concat();
    // The responder's name is "Test OCSP".
    let found = with(&constrained, "Akashi/Issuing");
    assert_eq!(found, Err(RevocationProblem::Stranger));
    let found = with(&authority_extensions(Some(1)), "Akashi/Issuing");
    assert_eq!(found, Ok(Status::Good));
}

#[test]
fn alternative_names_lie_within_the_constraints_of_their_form() {
    let outside = "its name is not one that an authority above it may give";
    let (mail, host, uri, address) = (0x81, 0x82, 0x86, 0x87);
    let net: &[u8] = &[10, 1, 0, 0, 255, 255, 0, 0];
    let cases: [(u8, &[u8], &[u8], bool); 18] = [
        (host, b"example.jp", b"example.jp", true),
        (host, b"example.jp", b"www.EXAMPLE.jp", true),
        (host, b"example.jp", b"badexample.jp", false),
        (host, b".example.jp", b"a.example.jp", true),
        (host, b"", b"anything.test", true),
        (mail, b"example.jp", b"seal@example.jp", true),
        (mail, b"example.jp", b"seal@sub.example.jp", false),
        (mail, b".example.jp", b"seal@sub.example.jp", true),
        (mail, b"seal@example.jp", b"seal@EXAMPLE.jp", true),
        (mail, b"seal@example.jp", b"other@example.jp", false),
        (mail, b"example.jp", b"no address", false),
        (uri, b"example.jp", b"https://u@example.jp:443/x", true),
        (uri, b".example.jp", b"https://a.example.jp/", true),
        (uri, b"example.jp", b"https://example.jp.bank.test/", false),
        (uri, b"example.jp", b"urn:example.jp", false),
        (address, net, &[10, 1, 2, 3], true),
        (address, net, &[10, 2, 2, 3], false),
        (address, net, &[0; 16], false),
    ];
    let with_name = |tag, value: &[u8]| {
        let names = tlv(0x30, &[&tlv(tag, &[value])]);
        [for_documents(), extension("2.5.29.17", false, &names)].concat()
    };
    for (tag, base, value, is_inside) in cases {
        let leaf = with_name(tag, value);
        let tree = [tlv(tag, &[base])];
        let shown = String::from_utf8_lossy(value).into_owned();
        let permitted = problem_of(&constraints(&tree, &[], true), ("Leaf", &leaf));
        assert_eq!(permitted, if is_inside { "" } else { outside }, "{shown}");
        let excluded = problem_of(&constraints(&[], &tree, true), ("Leaf", &leaf));
        // What nobody can place is outside of what is permitted, and inside of what is excluded.
        let is_unknown = value == b"no address" || value == b"urn:example.jp";
        let expected = if is_inside || is_unknown { outside } else { "" };
        assert_eq!(excluded, expected, "{shown}");
    }
    // A constraint of another form says nothing, one of a form that nobody reads is not passed.
    let leaf = with_name(host, b"example.jp");
    let of_mails = constraints(&[tlv(mail, &[b"example.jp"])], &[], true);
    assert_eq!(problem_of(&of_mails, ("Leaf", &leaf)), "");
    let other_name: &[u8] = &[0x06, 0x02, 0x2A, 0x03, 0xA0, 0x02, 0x05, 0x00];
    let of_others = constraints(&[tlv(0xA0, &[other_name])], &[], true);
    let leaf = with_name(0xA0, other_name);
    assert_ne!(problem_of(&of_others, ("Leaf", &leaf)), "");
}

fn policies(ids: &[&str], is_critical: bool) -> Vec<u8> {
    let ids: Vec<u8> = ids
        .iter()
        .flat_map(|id| {
            let id = const_oid::ObjectIdentifier::new_unwrap(id);
            tlv(0x30, &[&tlv(0x06, &[id.as_bytes()])])
        })
        .collect();
    extension("2.5.29.32", is_critical, &tlv(0x30, &[&ids]))
}

#[test]
fn a_policy_that_an_authority_asks_for_is_there() {
    const POLICY: &str = "1.2.3.4";
    const OTHER: &str = "1.2.3.5";
    const ANY_POLICY: &str = "2.5.29.32.0";
    let none = "an authority above it asks for a certificate policy, and none is valid";
    // `requireExplicitPolicy` of zero.
    let asks = extension("2.5.29.36", true, &tlv(0x30, &[&tlv(0x80, &[&[0]])]));
    let no_any = extension("2.5.29.54", true, &integer(&[0]));
    let mapping = {
        let id = |id| {
            tlv(
                0x06,
                &[const_oid::ObjectIdentifier::new_unwrap(id).as_bytes()],
            )
        };
        let one = tlv(0x30, &[&id(POLICY), &id(OTHER)]);
        extension("2.5.29.33", true, &tlv(0x30, &[&one]))
    };
    let issuing = |parts: &[&[u8]]| [&authority_extensions(Some(0)), &parts.concat()[..]].concat();
    let leaf = |parts: &[&[u8]]| [&for_documents(), &parts.concat()[..]].concat();
    let (named, any) = (policies(&[POLICY], true), policies(&[ANY_POLICY], true));
    let other = policies(&[OTHER], true);
    let cases = [
        (issuing(&[]), leaf(&[]), ""),
        (issuing(&[&named]), leaf(&[&other]), ""),
        (issuing(&[&named, &asks]), leaf(&[&named]), ""),
        (issuing(&[&any, &asks]), leaf(&[&named]), ""),
        (issuing(&[&named, &asks]), leaf(&[&any]), ""),
        (issuing(&[&named, &asks]), leaf(&[]), none),
        (issuing(&[&named, &asks]), leaf(&[&other]), none),
        (issuing(&[&asks]), leaf(&[&named]), none),
        (issuing(&[&named, &asks, &no_any]), leaf(&[&any]), none),
        (issuing(&[&named, &asks, &mapping]), leaf(&[&other]), ""),
        (issuing(&[&named, &asks, &mapping]), leaf(&[&named]), none),
    ];
    for (number, (issuing, leaf, expected)) in cases.iter().enumerate() {
        assert_eq!(
            problem_of(issuing, ("Leaf", leaf)),
            *expected,
            "case {number}"
        );
    }
    let broken = issuing(&[&extension("2.5.29.32", true, &[5, 0])]);
    assert_eq!(
        problem_of(&broken, ("Leaf", &for_documents())),
        "its certificate policies cannot be read"
    );
}

#[test]
fn a_path_is_valid_at_the_time_that_is_asked_for() {
    let root = root();
    let short = Template {
        validity: ["20260101000000Z", "20261119235959Z"],
        ..template("Issuing")
    };
    let extensions = authority_extensions(None);
    let issuing = root.intermediate_with(&short, TestKey::p256(22), &extensions);
    let key = TestKey::p256(23).public_key_der();
    let leaf = read(&issuing.issue(&template("Leaf"), &key));
    let line = Line {
        root,
        issuing,
        leaf,
    };
    let found = line.find(Role::DocumentSigner);
    assert_eq!(found, Err(TokenProblem::NotValidAtItsTime));
    // Of a certificate that is not for documents anyway, nobody learns that it has expired.
    let found = line.find(Role::TimestampAuthority);
    assert!(
        matches!(found, Err(TokenProblem::Misfit { .. })),
        "{found:?}"
    );
}

/// Who sends thousands of certificates along gets no more of our time than anybody else.
#[test]
fn a_search_ends_whatever_comes_along() {
    let line = Line::new(&authority_extensions(None), ("Leaf", &for_documents()));
    // All have the name of the leaf's issuer, and none its key.
    let same_name: Vec<Certificate> = (0..400_u16)
        .map(|number| {
            let [high, low] = number.to_be_bytes();
            let stranger = TestAuthority::root("Root", TestKey::p256(50 + high));
            let template = Template {
                serial: low,
                ..template("Issuing")
            };
            let extensions = authority_extensions(None);
            let key = TestKey::p256(60 + low % 100);
            stranger
                .intermediate_with(&template, key, &extensions)
                .certificate()
        })
        .collect();
    let mut budget = PathBudget::default();
    let started = Instant::now();
    let mut given_up = 0;
    for _ in 0..100 {
        let found = line.find_over(&same_name, Role::DocumentSigner, &mut budget);
        given_up += usize::from(found == Err(TokenProblem::TooManyCertificates));
    }
    assert_eq!(given_up, 100);
    assert_eq!(
        budget.signatures_checked(),
        2_048,
        "of all searches together"
    );
    assert!(
        started.elapsed() < Duration::from_secs(3),
        "{:?}",
        started.elapsed()
    );

    // The path is found when it comes first, and the budget says what it cost.
    let first = [vec![line.issuing.certificate()], same_name].concat();
    let mut budget = PathBudget::default();
    let found = line.find_over(&first, Role::DocumentSigner, &mut budget);
    assert_eq!(found.unwrap().len(), 3);
    assert_eq!(budget.signatures_checked(), 2);
    assert!(budget.certificates_looked_at() < 10);
}

#[test]
fn a_chain_longer_than_any_real_one_is_not_followed() {
    let mut above = root();
    let top = above.certificate();
    let mut pool = Vec::new();
    let names: Vec<String> = (0..40)
        .map(|number| format!("Authority {number}"))
        .collect();
    for (number, name) in names.iter().enumerate() {
        let key = TestKey::p256(30 + u8::try_from(number).unwrap());
        let extensions = authority_extensions(None);
        above = above.intermediate_with(&template(name), key, &extensions);
        pool.push(above.certificate());
    }
    let key = TestKey::p256(23).public_key_der();
    let leaf = read(&above.issue(&template("Leaf"), &key));
    let mut budget = PathBudget::default();
    let ends = Ends {
        leaf: &leaf,
        role: Role::DocumentSigner,
        roots: &[top],
    };
    let found = find(ends, &pool, at(), &mut Verified::default(), &mut budget);
    assert_eq!(found, Err(TokenProblem::UntrustedChain));
    assert!(budget.signatures_checked() <= PATH_LENGTH_MAX);
}
