//! The samples of certificates are in the service's words.

use certificate::{Evidence, Proof, sample};
use domain::{AnswerProof, AnswerRoad, Bilingual, Outcome};
use letters::mails::changes_named_in;
use letters::words::{answered_words, contract_outcome_words, outcome_words};

/// What the layout is looked at with must be as long as what people get.
#[test]
fn the_samples_of_certificates_speak_as_the_service_does() {
    let contracts = sample::contract::all();
    let mail = sample::evidence();
    let samples = contracts
        .iter()
        .map(|(_, evidence)| evidence)
        .chain([&mail]);
    for evidence in samples {
        let words = &evidence.outcome;
        let ours: Bilingual = match words.code.as_str() {
            "relayed" => outcome_words(Outcome::Relayed).into(),
            "bounced_later" => outcome_words(Outcome::BouncedLater).into(),
            "answered" => of_answered(evidence, Outcome::Answered),
            "noex" => contract_outcome_words(Outcome::Noex).into(),
            "no_response" => contract_outcome_words(Outcome::NoResponse).into(),
            "answered_later" => of_answered(evidence, Outcome::AnsweredLater),
            other => panic!("{other} is no outcome of a sample"),
        };
        assert_eq!(
            (&ours.japanese, &ours.english),
            (&words.japanese, &words.english)
        );
    }
}

/// The record of a delivered mail names what the mail itself names.
#[test]
fn the_changes_of_the_sample_are_those_that_its_delivered_mail_names() {
    let evidence = sample::evidence();
    let delivered = evidence.delivered().unwrap();
    let header = delivered.raw_header.as_deref().unwrap();
    assert_eq!(delivered.changes, changes_named_in(header));
    assert!(!delivered.changes.is_empty());
}

/// As for an answer of the same road and proof.
fn of_answered(evidence: &Evidence, outcome: Outcome) -> Bilingual {
    let answer = evidence.answer().unwrap();
    let (road, proof) = match (&answer.road, answer.proof) {
        (certificate::AnswerRoad::Mail(_), Proof::AlignedSignature) => {
            let inbound = "abc".parse().unwrap();
            let road = AnswerRoad::Mail {
                inbound,
                from: None,
            };
            (road, AnswerProof::Signature)
        }
        (certificate::AnswerRoad::Sms(sms), Proof::CallerId) => {
            let road = AnswerRoad::Sms {
                from: sms.from.clone(),
                to: sms.to.clone(),
                message_id: sms.provider_message_id.clone().unwrap_or_default(),
            };
            (road, AnswerProof::CallerId)
        }
        (certificate::AnswerRoad::Link(link), Proof::OfferToken) => {
            let road = AnswerRoad::Link {
                choice: link.choice,
                source_ip: link.source_ip.clone(),
                seen_by: domain::SeenBy::WebServer,
                user_agent: String::new(),
            };
            (road, AnswerProof::OfferToken)
        }
        (_, proof) => panic!("{proof:?} is no proof of a sample"),
    };
    answered_words(outcome, &road, proof)
}
