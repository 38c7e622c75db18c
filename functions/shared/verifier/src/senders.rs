//! The senders' DKIM signatures, and the seals of servers on the way (ARC), verified again with the
//! keys that the evidence keeps: the DNS is not asked, so this works when the keys are long
//! gone.

use std::collections::BTreeSet;

use crate::embedded::EmbeddedFile;
use crate::pages::content;
use crate::report::{Check, Finding, Report};
use certificate::{
    ArcChain, ArcRow, ArcSignatureRow, Authentication, Evidence, Record, SignatureRow,
};
use domain::{EmailAddress, HeaderField, Named, Reliance};
use jiff::Timestamp;
use mail::arc::{self, ArcReport, ArcResult, ArcSet, ArcSignature};
use mail::dkim::{DkimReport, SignatureReport};
use mail::{DnsAnswers, ParsedMail, SignatureResult, SignedMail, TxtAnswer, dkim};

// How the words of `SignatureResult` and `ArcResult` begin.

/// How the evidence calls a signature that holds.
const PASS: &str = "pass";
/// How it begins to speak of a signature whose key could not be had.
const NO_ANSWER: &str = "not verified";
/// How it begins to speak of a chain of seals that does not count.
const NOT_COUNTED: &str = "not counted";
/// How it calls a mail without seals.
const NO_CHAIN: &str = "none";

/// A mail that a certificate carries, with what its evidence says of the mail's sender.
struct Claim<'a> {
    /// The embedded file.
    file: &'static str,
    /// Whether the mail was taken in because somebody vouched for it; an answer is marked.
    is_vouched: bool,
    from: &'a EmailAddress,
    said: &'a Authentication,
    received_at: Timestamp,
}

/// Checks the sender's message, and the answer if it was a mail. A mail that is not embedded, as
/// the offer of an addendum or a very large answer, cannot be checked: the evidence holds its
/// digest and says that it is not there.
pub(crate) fn check(files: &[EmbeddedFile<'_>], record: &Record, report: &mut Report) {
    report.made(Check::Senders);
    for claim in claims(&record.evidence) {
        if let Some(message) = content(files, claim.file) {
            check_mail(message, &claim, report);
        }
    }
}

fn claims(evidence: &Evidence) -> Vec<Claim<'_>> {
    let original = Claim {
        file: "original.eml",
        is_vouched: true,
        from: &evidence.sender.address,
        said: &evidence.authentication,
        received_at: evidence.accepted_at,
    };
    let answer = evidence.answer().and_then(|answer| {
        answer.mail().map(|mail| Claim {
            file: "answer.eml",
            is_vouched: false,
            from: &mail.from,
            said: &mail.authentication,
            received_at: answer.received_at,
        })
    });
    std::iter::once(original).chain(answer).collect()
}

fn check_mail(message: &[u8], claim: &Claim<'_>, report: &mut Report) {
    let (said, file) = (claim.said, claim.file);
    let answers = answers(said);
    let at = said
        .signatures
        .first()
        .map_or(claim.received_at, |row| row.looked_up_at);
    let mail = ParsedMail::parse(message);
    let mut signed = SignedMail::read(mail.sent_bytes());
    let found = dkim::verify(&mut signed, claim.from, &answers, at);
    if found.signatures.len() != said.signatures.len() || found.relied_on != said.relied_on {
        report.find(Check::Senders, Finding::SendersDiffer { file });
    }
    for (row, signature) in said.signatures.iter().zip(&found.signatures) {
        let is_same = row.domain == signature.domain
            && row.selector == signature.selector
            && row.dns_records == signature.dns_records
            && is_same_coverage(row, signature)
            && is_same_result(&row.result, &signature.result);
        if !is_same {
            let finding = Finding::SenderDiffers {
                file,
                domain: row.domain.clone(),
                said: row.result.clone(),
                found: signature.result.to_string(),
            };
            report.find(Check::Senders, finding);
        }
    }
    if claim.is_vouched && !is_same_voucher(said, &found) {
        report.find(Check::Senders, Finding::VouchersDiffer { file });
    }
    if let Some(chain) = &said.arc
        && !is_same_chain(chain, &arc::verify(&mut signed, &answers, at))
    {
        report.find(Check::Senders, Finding::SealsDiffer { file });
    }
}

/// What the DNS answered when the mail was received, as the evidence keeps it.
fn answers(said: &Authentication) -> DnsAnswers {
    let signatures = said
        .signatures
        .iter()
        .map(|row| (&row.dns_name, &row.dns_records, &row.result));
    let sets = said.arc.iter().flat_map(|chain| &chain.sets);
    let seals = sets
        .flat_map(|set| std::iter::once(&set.seal).chain(&set.message_signature))
        .map(|row| (&row.dns_name, &row.dns_records, &row.result));
    let answers = signatures.chain(seals).map(|(name, records, result)| {
        let answer = if !records.is_empty() {
            TxtAnswer::Found(records.clone())
        } else if result.starts_with(NO_ANSWER) {
            TxtAnswer::Failed(String::new())
        } else {
            TxtAnswer::NotFound
        };
        (name.clone(), answer)
    });
    DnsAnswers(answers.collect())
}

fn is_same_result(said: &str, found: &SignatureResult) -> bool {
    (said == PASS) == (*found == SignatureResult::Pass)
}

/// Whether the evidence says of a signature that it covers what it covers.
fn is_same_coverage(row: &SignatureRow, signature: &SignatureReport) -> bool {
    let names = |fields: &BTreeSet<HeaderField>| -> Vec<&'static str> {
        fields.iter().map(|field| field.name()).collect()
    };
    row.covered == names(signature.coverage.covered())
        && row.uncovered == names(signature.coverage.uncovered())
}

/// Whether SPF vouched for what the signature relied on does not cover. SPF vouched for all of a
/// mail where the sender's entry lets it, whatever the signatures say; what SPF said then,
/// nobody can verify again.
fn is_same_voucher(said: &Authentication, found: &DkimReport) -> bool {
    let named = |fields: &mut dyn Iterator<Item = HeaderField>| -> BTreeSet<String> {
        fields.map(|field| field.name().to_owned()).collect()
    };
    let by_spf: BTreeSet<String> = said.by_spf.iter().cloned().collect();
    let mut all = HeaderField::ALL.into_iter();
    let all = named(
        &mut all
            .by_ref()
            .filter(|field| field.reliance() != Reliance::None),
    );
    let signature = found
        .relied_on
        .and_then(|place| found.signatures.get(place));
    let is_by_signature = signature.is_some_and(|signature| {
        let uncovered = signature.coverage.uncovered();
        by_spf == named(&mut uncovered.iter().copied())
    });
    is_by_signature || by_spf == all
}

/// Whether the seals are those that the evidence lists (RFC 8617), with the same results.
fn is_same_chain(said: &ArcChain, found: &ArcReport) -> bool {
    let is_same = |row: &ArcSignatureRow, signature: &ArcSignature| {
        row.domain == signature.domain
            && row.selector == signature.selector
            // A name has one answer, whatever two rows say of it.
            && row.dns_records == signature.dns_records
            && is_same_result(&row.result, &signature.result)
    };
    let is_same_set = |(row, set): (&ArcRow, &ArcSet)| {
        let is_same_message = match (&row.message_signature, &set.message) {
            (Some(row), Some(signature)) => is_same(row, signature),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        row.instance == set.instance && is_same(&row.seal, &set.seal) && is_same_message
    };
    let is_same_whole = match found.result {
        ArcResult::None => said.result == NO_CHAIN,
        ArcResult::Pass => said.result == PASS,
        ArcResult::TemporaryError => said.result.starts_with(NO_ANSWER),
        ArcResult::Fail(_) => said.result.starts_with(NOT_COUNTED),
    };
    is_same_whole
        && said.sets.len() == found.sets.len()
        && said.sets.iter().zip(&found.sets).all(is_same_set)
}
