//! Small files that were made to cost much: time, or memory. Each is cheap to make, and must be
//! cheap to refuse. They are apart from the other cases because judges take minutes for them.

use std::sync::LazyLock;

use certificate::{EventRow, Evidence, NamedAuthority, Record};
use jiff::ToSpan;
use pades::TimestampRequest;
use pades::testing::{OcspResponder, Purpose, Template, TestAuthority, TestKey, TestSigner, VALID};

use crate::der::Node;
use crate::genuine::{Files, evidence, named, signed_at, token_of};
use crate::objects::Objects;
use crate::renewal::{answers, with_stamp, with_token, with_validation_data};
use crate::{Case, Expected, GENUINE};

/// All of them, made once.
pub static COSTLY: LazyLock<Vec<Case>> = LazyLock::new(|| {
    vec![
        certificates_of_one_name(),
        long_chain(),
        false_responders(),
        many_certificates_many_stamps(),
        many_lines("costly-lines-of-a-trusted-signer", 300, true),
        many_lines("costly-lines-of-a-stranger", 300, false),
        // What happened and where to check it follow from the records.
        long_string("costly-string", Expected::Altered, |evidence, text| {
            evidence.outcome.japanese = text;
        }),
        long_string("costly-address", Expected::Altered, |evidence, text| {
            evidence.check_address = text;
        }),
        long_string("costly-source", Expected::Incomplete, |evidence, text| {
            evidence.rules_version = text;
        }),
        many_values(),
        many_rows(),
        dictionaries("costly-dictionaries", b"<<>>", 1_000_000),
        dictionaries("costly-dictionaries-with-entries", b"<</a<<>>>>", 45_000),
        small_objects(),
    ]
});

/// 400 certificates of one name in a token: each could be the issuer of each.
fn certificates_of_one_name() -> Case {
    let certificates: Vec<Vec<u8>> = (0..400_u16)
        .map(|number| {
            let key = TestKey::p256(1 + (number % 200) as u8);
            let root = TestAuthority::root("Everybody", TestKey::p256(250));
            let template = Template {
                name: "Everybody",
                purpose: Purpose::Authority,
                validity: VALID,
                serial: 1 + (number / 200) as u8,
            };
            root.issue(&template, &key.public_key_der())
        })
        .collect();
    let pdf = with_certificates(certificates);
    Case::altered("costly-certificates-of-one-name", pdf)
}

/// A chain of 20,000 certificates. Nobody signed them: who follows names comes far.
fn long_chain() -> Case {
    const NAME: &str = "C00000";
    let root = TestAuthority::root(NAME, TestKey::p256(60));
    let (node, _) = Node::read(root.certificate_der());
    let named = |issuer: usize, subject: usize| {
        let mut der = node.write();
        let places: Vec<usize> = (0..der.len() - NAME.len())
            .filter(|at| der[*at..].starts_with(NAME.as_bytes()))
            .collect();
        for (at, number) in places.into_iter().zip([issuer, subject]) {
            let name = format!("C{number:05}");
            der[at..at + NAME.len()].copy_from_slice(name.as_bytes());
        }
        der
    };
    let certificates = (0..20_000).map(|number| named(number + 1, number));
    Case::altered("costly-chain", with_certificates(certificates.collect()))
}

/// The genuine certificate with one more stamp, whose token brings these along.
fn with_certificates(certificates: Vec<Vec<u8>>) -> Vec<u8> {
    let [_, stamper] = &GENUINE.authorities.stampers;
    let room = certificates.iter().map(Vec::len).sum::<usize>() * 2 + 16_000;
    let pdf = with_validation_data(&GENUINE.archived, &[], &[]);
    with_token(&pdf, "Timestamp2", room, |imprint| {
        let request = TimestampRequest::new(imprint, 7);
        let response = stamper.answer(&request.to_der().expect("a request"), signed_at());
        let (mut token, _) = Node::read(token_of(&response));
        let more = certificates.iter().map(|der| Node::read(der).0);
        token.certificates().extend(more);
        token.write()
    })
}

/// Answers of responders to whom nobody delegated, at many times.
fn false_responders() -> Case {
    let signer = &GENUINE.authorities.signer;
    let path = signer.chain.certificates();
    let mut responses = Vec::new();
    for _ in 0..200 {
        responses.extend(answers(path, &signer.issuers, signed_at(), |answer| {
            answer.responder = OcspResponder::Stranger;
            answer.next_update = Some("20491231235959Z".to_owned());
        }));
    }
    responses.truncate(400);
    let pdf = with_validation_data(&GENUINE.signed, path, &responses);
    Case::altered("costly-responders", stamped_daily(pdf, 60))
}

/// So many stamps over validation data, each but the first with a revision that adds none to it.
fn stamped_daily(mut pdf: Vec<u8>, days: i64) -> Vec<u8> {
    let [_, stamper] = &GENUINE.authorities.stampers;
    for day in 0..days {
        if day > 0 {
            pdf = with_validation_data(&pdf, &[], &[]);
        }
        let name = format!("Timestamp{}", day + 1);
        pdf = with_stamp(&pdf, &name, stamper, signed_at() + (24 * day).hours());
    }
    pdf
}

/// A thousand certificates of issuers in the validation data, and a stamp for each of forty days.
fn many_certificates_many_stamps() -> Case {
    let signer = &GENUINE.authorities.signer;
    let [_, stamper] = &GENUINE.authorities.stampers;
    let issuing = stamper.issuers[0].certificate();
    let more = std::iter::repeat_n(issuing, 1_000);
    let certificates: Vec<_> = signer
        .chain
        .certificates()
        .iter()
        .cloned()
        .chain(more)
        .collect();
    let pdf = with_validation_data(&GENUINE.signed, &certificates, &[]);
    Case::altered("costly-pool", stamped_daily(pdf, 40))
}

/// 500 events of 300 lines: 3,400 pages.
fn many_lines(name: &str, lines: usize, is_trusted: bool) -> Case {
    let line = "what some machine wrote of something that happened to the message\n";
    let evidence = evidence_with(|evidence| {
        let row = evidence.events[0].clone();
        let verbatim = Some(line.repeat(lines));
        let row = EventRow { verbatim, ..row };
        evidence.events = std::iter::repeat_n(row, 500).collect();
    });
    let expected = if is_trusted {
        // The service never wrote such a log.
        Expected::Altered
    } else {
        Expected::Untrusted
    };
    with_evidence(name, &evidence, expected, is_trusted)
}

/// As many pages as the budget has: judged by nobody but the clock. They are not the genuine ones.
#[must_use]
pub fn lines_within_the_budget() -> Case {
    Case {
        expected: Expected::Altered,
        ..many_lines("costly-lines-within-the-budget", 60, true)
    }
}

/// 20 MB of marks that stand over each other, in one value.
fn long_string(name: &str, expected: Expected, change: fn(&mut Evidence, String)) -> Case {
    let text = format!("a{}", "\u{301}".repeat(10_000_000));
    let evidence = evidence_with(|evidence| change(evidence, text));
    with_evidence(name, &evidence, expected, true)
}

/// Six hundred thousand authorities without a name or a root, which are three values each.
fn many_values() -> Case {
    let evidence = evidence_with(|evidence| {
        let nobody = NamedAuthority {
            name: String::new(),
            roots: Vec::new(),
        };
        evidence.issuer.timestamp_authorities = vec![nobody; 600_000];
    });
    with_evidence("costly-values", &evidence, Expected::Incomplete, true)
}

/// The evidence names one file a hundred thousand times.
fn many_rows() -> Case {
    let mut draft = Objects::read(&GENUINE.draft);
    let json = draft.stream_starting(b"{\n");
    let json = String::from_utf8(json).expect("text");
    let name = json.rfind("\"Name\": \"original.eml\"").expect("a row");
    let at = json[..name].rfind('{').expect("its start");
    let end = at + json[at..].find("\n    }").expect("its end") + "\n    }".len();
    let row = &json[at..end];
    let rows = format!("{row},\n").repeat(100_000);
    draft.embed(
        "evidence.json",
        [&json[..at], &rows, &json[at..]].concat().as_bytes(),
    );
    Case::altered("costly-rows", GENUINE.authorities.archive(draft.write()))
}

fn evidence_with(change: impl FnOnce(&mut Evidence)) -> Evidence {
    let mut evidence = evidence(&GENUINE.original);
    change(&mut evidence);
    evidence
}

/// The genuine pages with other evidence, well signed by the genuine signer or by a stranger whom
/// the evidence names.
fn with_evidence(name: &str, evidence: &Evidence, expected: Expected, is_trusted: bool) -> Case {
    let mut authorities = GENUINE.authorities.clone();
    if !is_trusted {
        let stranger = TestAuthority::root("Somebody", TestKey::p256(64));
        authorities.signer = TestSigner::below(&stranger, TestKey::p256(65));
    }
    let evidence = named(evidence.clone(), &authorities.signer);
    let files = Files::of(&evidence, &GENUINE.original);
    let embedded = files.embedded(&evidence);
    let json = Record::new(evidence, embedded).to_json();
    let mut draft = Objects::read(&GENUINE.draft);
    draft.embed("evidence.json", &json);
    Case::new(name, authorities.archive(draft.write()), expected)
}

/// Many dictionaries in each of twenty objects.
fn dictionaries(name: &str, dictionary: &[u8], count: usize) -> Case {
    let list = [b"[".as_slice(), &dictionary.repeat(count / 20), b"]"].concat();
    let mut draft = Objects::read(&GENUINE.draft);
    let size = draft.objects.len() as u32;
    draft
        .objects
        .extend((1..=20).map(|more| (size + more, list.clone())));
    resized(&mut draft);
    Case::altered(name, GENUINE.authorities.archive(draft.write()))
}

/// As many objects as there may be, each a small dictionary.
fn small_objects() -> Case {
    let mut draft = Objects::read(&GENUINE.draft);
    let size = draft.objects.len() as u32;
    let more = (size + 1..199_900).map(|number| (number, b"<</a<</b 1>>>>".to_vec()));
    draft.objects.extend(more);
    resized(&mut draft);
    Case::altered("costly-objects", GENUINE.authorities.archive(draft.write()))
}

fn resized(draft: &mut Objects) {
    let largest = draft.objects.iter().map(|(number, _)| *number).max();
    let size = largest.expect("an object") + 1;
    let at = crate::pdf::find(&draft.trailer, b"/Size ", 0) + 6;
    let digits = draft.trailer[at..]
        .iter()
        .take_while(|b| b.is_ascii_digit());
    let end = at + digits.count();
    draft.trailer.splice(at..end, size.to_string().into_bytes());
}
