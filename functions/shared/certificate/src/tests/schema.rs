//! The JSON schema of `evidence.json`, published for each version.

use std::collections::BTreeSet;

use domain::{
    Alignment, ArcResult, BodySource, BounceKind, CharsetReason, Damage, DeliveryChange,
    HeaderField, Named, SignatureFailure, SignatureResult, SigningAlgorithm, SpfResult,
};

use super::record::{record, samples};
use crate::{MailFile, OtherMail, ToldAgain, UnshownPartRow, sample};

fn schema() -> serde_json::Value {
    serde_json::from_str(include_str!("../../schema/evidence-3.json")).unwrap()
}

#[test]
fn every_evidence_json_fits_the_published_schema_x_6() {
    let schema = schema();
    let (mut compiler, mut schemas) = (boon::Compiler::new(), boon::Schemas::new());
    let place = schema["$id"].as_str().unwrap().to_owned();
    compiler.add_resource(&place, schema).unwrap();
    let index = compiler.compile(&place, &mut schemas).unwrap();
    for (name, evidence, embedded) in samples() {
        let json = record(&evidence, embedded).to_json();
        let mut value: serde_json::Value = serde_json::from_slice(&json).unwrap();
        let checked = schemas.validate(&value, index);
        checked.unwrap_or_else(|error| panic!("{name}: {error:#}"));
        // Neither more nor less than the fields that there are, at any depth.
        value["Evidence"]["Issuer"]["Extra"] = 1.into();
        assert!(schemas.validate(&value, index).is_err(), "{name}");
        let mut value: serde_json::Value = serde_json::from_slice(&json).unwrap();
        let events = value["Evidence"]["Events"].as_array_mut().unwrap();
        events[0].as_object_mut().unwrap().remove("EventTime");
        assert!(schemas.validate(&value, index).is_err(), "{name}");
    }
}

/// The schema cannot know less than the codes that there are, nor more.
#[test]
fn the_schema_lists_the_codes_of_the_types_x_6() {
    let schema = schema();
    let listed = |name: &str| -> Vec<String> {
        let codes = schema["$defs"][name]["enum"].as_array().unwrap();
        let code = |code: &serde_json::Value| code.as_str().unwrap().to_owned();
        codes.iter().map(code).collect()
    };
    let results = [
        SignatureResult::Pass,
        SignatureResult::TemporaryError(String::new()),
    ];
    let failures = SignatureFailure::ALL.map(SignatureResult::Fail);
    let signatures: Vec<_> = results
        .iter()
        .chain(&failures)
        .map(SignatureResult::code)
        .collect();
    assert_eq!(listed("SignatureResult"), signatures);
    assert_eq!(listed("ArcResult"), ArcResult::ALL.map(ArcResult::name));
    assert_eq!(listed("SpfResult"), SpfResult::ALL.map(SpfResult::name));
    assert_eq!(listed("Alignment"), Alignment::ALL.map(Alignment::name));
    assert_eq!(
        listed("HeaderField"),
        HeaderField::ALL.map(HeaderField::name)
    );
    assert_eq!(
        listed("SigningAlgorithm"),
        SigningAlgorithm::ALL.map(SigningAlgorithm::name)
    );
    assert_eq!(listed("BounceKind"), BounceKind::ALL.map(BounceKind::name));
    assert_eq!(listed("Damage"), Damage::ALL.map(Damage::name));
    assert_eq!(
        listed("DeliveryChange"),
        DeliveryChange::ALL.map(DeliveryChange::name)
    );
    assert_eq!(listed("BodySource"), BodySource::ALL.map(BodySource::name));
    assert_eq!(
        listed("CharsetReason"),
        CharsetReason::ALL.map(CharsetReason::name)
    );
}

/// What an event has now and then.
const OPTIONAL: [&str; 4] = ["ReportedMessageId", "Quoted", "OtherMail", "AlsoTold"];

/// Each object names all of its fields, requires them, and takes no others; each of its fields is
/// in some sample. So the schema has the fields of the types, because every sample fits it.
#[test]
fn the_schema_has_the_fields_of_the_types_and_no_others_x_6() {
    let mut properties = BTreeSet::new();
    collect(&schema(), &mut |object| {
        let Some(fields) = object
            .get("properties")
            .and_then(|fields| fields.as_object())
        else {
            return;
        };
        assert_eq!(object["additionalProperties"], false, "{object:?}");
        let required = object["required"].as_array().unwrap();
        for name in fields.keys() {
            let is_required = required.iter().any(|one| one == name);
            assert_eq!(is_required, !OPTIONAL.contains(&name.as_str()), "{name}");
            properties.insert(name.clone());
        }
    });
    let mut found = BTreeSet::new();
    for (_, mut evidence, embedded) in samples() {
        let event = &mut evidence.events[0];
        event.reported_message_id = Some("0100-1".to_owned());
        event.quoted = Some("承諾します".to_owned());
        event.other_mail = Some(OtherMail::TooLarge(MailFile {
            size_bytes: 6_000_000,
            digest: sample::digest(7),
        }));
        event.also_told = vec![ToldAgain {
            at: event.at,
            recorded_at: event.at,
            source: "Amazon SES".to_owned(),
            verbatim: None,
        }];
        if embedded.original.is_some() {
            let message = sample::message_of(&mut evidence);
            // What is no text is written in base64.
            message.raw_header.push(0);
            message.unshown_part = Some(UnshownPartRow {
                part_number: "1".to_owned(),
                content_type: "application/pkcs7-mime".to_owned(),
                name_as_sent: None,
            });
        }
        let json = record(&evidence, embedded).to_json();
        let value = serde_json::from_slice(&json).unwrap();
        collect(&value, &mut |object| found.extend(object.keys().cloned()));
    }
    let missing: Vec<_> = properties.difference(&found).collect();
    assert_eq!(missing, [""; 0]);
}

/// Every object in a value.
fn collect(
    value: &serde_json::Value,
    take: &mut impl FnMut(&serde_json::Map<String, serde_json::Value>),
) {
    match value {
        serde_json::Value::Object(object) => {
            take(object);
            object.values().for_each(|value| collect(value, take));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|value| collect(value, take)),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_) => {}
    }
}
