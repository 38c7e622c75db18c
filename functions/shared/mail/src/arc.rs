//! ARC (RFC 8617): what servers on the way say of a mail that they changed or passed on, sealed
//! one over the other. Verified by us, with the DNS answers kept. It is evidence about the
//! way of a mail; nobody is trusted because of it.

use domain::{
    ArcFailure, ArcReport, ArcResult, ArcSet, ArcSignature, SignatureFailure, SignatureResult,
    SigningAlgorithm,
};
use jiff::Timestamp;

use crate::canonical_header::Canonicalization;
use crate::domain_key::DomainKey;
use crate::read::header::Field;
use crate::signature_tags::{ArcMessageSignature, ChainValue, Seal, Tags, results_instance};
use crate::signed::{
    DnsAnswers, FIELD_BYTES_MAX, Header, SignedMail, find_key, kept_name, key_name,
    without_signature,
};
use crate::tag_list::Malformed;

/// Most sets that are examined. The RFC allows 50; real mail has one to three, and each costs a DNS
/// question and a public key operation.
pub const SETS_MAX: usize = 8;

/// The names to ask for TXT records, each once, at most [`SETS_MAX`] and one more.
#[must_use]
pub fn lookups(mail: &SignedMail<'_>) -> Vec<String> {
    let sets = read_sets(&mail.header).unwrap_or_default();
    let newest = sets
        .last()
        .map(|set| key_name(&set.signature.selector, &set.signature.domain));
    let seals = sets
        .iter()
        .map(|set| key_name(&set.seal.selector, &set.seal.domain));
    let mut names: Vec<String> = seals.chain(newest).flatten().collect();
    names.sort();
    names.dedup();
    names
}

/// Verifies the chain of a message. A name that was not asked counts as one that did not answer.
#[must_use]
pub fn verify(mail: &mut SignedMail<'_>, answers: &DnsAnswers, now: Timestamp) -> ArcReport {
    let SignedMail { header, body } = mail;
    let sets = match read_sets(header) {
        Ok(sets) => sets,
        Err(failure) => {
            return ArcReport {
                result: ArcResult::Fail(failure),
                sets: Vec::new(),
            };
        }
    };
    let Some(newest) = sets.last() else {
        return ArcReport::default();
    };
    let tags = &newest.signature;
    let mut message = unverified(&tags.domain, &tags.selector, tags.algorithm);
    verify_one(&mut message, answers, header.check_form(tags, now), |key| {
        key.check(tags.algorithm)?;
        body.check(tags)?;
        header.check_signature(tags, newest.signature_field, key)
    });
    let seals = sets.iter().enumerate().map(|(index, set)| {
        let mut seal = unverified(&set.seal.domain, &set.seal.selector, set.seal.algorithm);
        let before = sets.get(..index).unwrap_or_default();
        verify_one(&mut seal, answers, check_form_of_seal(&set.seal), |key| {
            key.check(set.seal.algorithm)?;
            check_seal(header, before, set, key)
        });
        ArcSet {
            instance: set.seal.instance,
            seal,
            message: None,
        }
    });
    let mut found: Vec<ArcSet> = seals.collect();
    let result = result(&sets, &message, &found);
    if let Some(set) = found.last_mut() {
        set.message = Some(message);
    }
    ArcReport {
        result,
        sets: found,
    }
}

/// What the parts make of the whole: what is broken outweighs what is not known.
fn result(sets: &[Set<'_>], message: &ArcSignature, found: &[ArcSet]) -> ArcResult {
    let wrong = sets.iter().enumerate().any(|(index, set)| {
        let expected = if index == 0 {
            ChainValue::None
        } else {
            ChainValue::Pass
        };
        set.seal.chain != expected
    });
    let newest = sets.last().map(|set| set.seal.chain);
    let fails = |one: &ArcSignature| matches!(one.result, SignatureResult::Fail(_));
    if newest == Some(ChainValue::Fail) {
        ArcResult::Fail(ArcFailure::FoundBroken)
    } else if wrong {
        ArcResult::Fail(ArcFailure::WrongChainValue)
    } else if fails(message) {
        ArcResult::Fail(ArcFailure::Message)
    } else if found.iter().any(|set| fails(&set.seal)) {
        ArcResult::Fail(ArcFailure::Seal)
    } else if found
        .iter()
        .map(|set| &set.seal)
        .chain([message])
        .all(|one| one.result == SignatureResult::Pass)
    {
        ArcResult::Pass
    } else {
        ArcResult::TemporaryError
    }
}

/// What can be told of a seal without its key.
fn check_form_of_seal(seal: &Seal) -> Result<(), SignatureFailure> {
    if seal.algorithm == SigningAlgorithm::RsaSha1 {
        Err(SignatureFailure::WeakAlgorithm)
    } else if key_name(&seal.selector, &seal.domain).is_none() {
        Err(SignatureFailure::Malformed)
    } else {
        Ok(())
    }
}

/// Over the fields of all sets up to this one, in their order, its own last and without its value
/// (RFC 8617 section 5.1.1).
fn check_seal(
    header: &Header<'_>,
    before: &[Set<'_>],
    set: &Set<'_>,
    key: &DomainKey,
) -> Result<(), SignatureFailure> {
    let message = header.message;
    let whole = |field: &Field| (field.name_verbatim(message), field.value_verbatim(message));
    let own_value = without_signature(set.seal_field.value_verbatim(message));
    let own = (set.seal_field.name_verbatim(message), &*own_value);
    let fields = before
        .iter()
        .flat_map(|set| [set.results_field, set.signature_field, set.seal_field])
        .chain([set.results_field, set.signature_field])
        .map(whole)
        .chain([own]);
    let mut octets = Vec::new();
    for (name, value) in fields {
        Canonicalization::Relaxed.write_field(name, value, &mut octets);
    }
    let holds = key.verify(set.seal.algorithm, &octets, &set.seal.value);
    holds.then_some(()).ok_or(SignatureFailure::NotVerified)
}

/// A signature before it is verified.
fn unverified(domain: &str, selector: &str, algorithm: SigningAlgorithm) -> ArcSignature {
    ArcSignature {
        domain: kept_name(domain),
        selector: kept_name(selector),
        algorithm,
        result: SignatureResult::Pass,
        dns_name: key_name(selector, domain).unwrap_or_default(),
        dns_records: Vec::new(),
    }
}

/// Nobody was asked for the key of a signature that is not in its `form`.
fn verify_one(
    signature: &mut ArcSignature,
    answers: &DnsAnswers,
    form: Result<(), SignatureFailure>,
    check: impl FnOnce(&DomainKey) -> Result<(), SignatureFailure>,
) {
    let found = form
        .map_err(SignatureResult::Fail)
        .and_then(|()| find_key(answers, &signature.dns_name, &mut signature.dns_records))
        .and_then(|key| check(&key).map_err(SignatureResult::Fail));
    signature.result = match found {
        Ok(()) => SignatureResult::Pass,
        Err(result) => result,
    };
}

/// The three fields that one server added.
struct Set<'h> {
    results_field: &'h Field,
    signature_field: &'h Field,
    seal_field: &'h Field,
    signature: Tags,
    seal: Seal,
}

/// The sets in the order of their instances, which are 1, 2, 3 ...; each with one field of a kind
/// (RFC 8617 section 5.2, steps 1 to 3).
fn read_sets<'h>(header: &'h Header<'_>) -> Result<Vec<Set<'h>>, ArcFailure> {
    let message = header.message;
    let fields = |name| -> Result<Vec<&'h Field>, ArcFailure> {
        let fields: Vec<&Field> = header.named(name).take(SETS_MAX + 1).collect();
        let is_long = |field: &&Field| field.value_verbatim(message).len() > FIELD_BYTES_MAX;
        if fields.len() > SETS_MAX {
            Err(ArcFailure::TooLong)
        } else if fields.iter().any(is_long) {
            Err(ArcFailure::Malformed)
        } else {
            Ok(fields)
        }
    };
    let results = fields("ARC-Authentication-Results")?;
    let signatures = fields("ARC-Message-Signature")?;
    let seals = fields("ARC-Seal")?;
    if results.len() != seals.len() || signatures.len() != seals.len() {
        return Err(ArcFailure::Malformed);
    }
    let results = in_order(&results, message, results_instance, |instance| *instance)?;
    let signatures = in_order(&signatures, message, ArcMessageSignature::read, |one| {
        one.instance
    })?;
    let seals = in_order(&seals, message, Seal::read, |seal| seal.instance)?;
    let sets = results.into_iter().zip(signatures).zip(seals);
    let sets = sets.map(
        |(((results_field, _), (signature_field, signature)), (seal_field, seal))| Set {
            results_field,
            signature_field,
            seal_field,
            signature: signature.tags,
            seal,
        },
    );
    Ok(sets.collect())
}

fn in_order<'h, Parsed>(
    fields: &[&'h Field],
    message: &[u8],
    parse: impl Fn(&[u8]) -> Result<Parsed, Malformed>,
    instance: impl Fn(&Parsed) -> u32,
) -> Result<Vec<(&'h Field, Parsed)>, ArcFailure> {
    let parsed = fields
        .iter()
        .map(|field| match parse(field.value_verbatim(message)) {
            Ok(parsed) => Ok((*field, parsed)),
            Err(Malformed) => Err(ArcFailure::Malformed),
        });
    let mut parsed: Vec<(&Field, Parsed)> = parsed.collect::<Result<_, _>>()?;
    parsed.sort_by_key(|(_, parsed)| instance(parsed));
    let counted = parsed
        .iter()
        .zip(1..)
        .all(|((_, parsed), place)| instance(parsed) == place);
    if counted {
        Ok(parsed)
    } else {
        Err(ArcFailure::Malformed)
    }
}
