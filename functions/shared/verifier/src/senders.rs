//! The senders' DKIM signatures, and the seals of servers on the way (ARC), verified again with the
//! keys that the evidence keeps: the DNS is not asked, so this works when the keys are long
//! gone.

use std::collections::BTreeSet;

use crate::report::{Check, Finding, Report};
use certificate::{SenderClaim, words_of_signature};
use domain::{
    ArcReport, ArcResult, ArcSet, ArcSignature, AuthenticationEvidence, DkimSignature, HeaderField,
    Reliance, SignatureResult,
};
use mail::dkim::DkimReport;
use mail::{DnsAnswers, ParsedMail, SignedMail, TxtAnswer, arc, dkim};

/// Checks what is said of the senders of one mail. A mail that is not embedded, as the offer of an
/// addendum or a very large answer, cannot be checked: the evidence holds its digest and says that
/// it is not there.
pub(crate) fn check(mail: &ParsedMail<'_>, claim: &SenderClaim<'_>, report: &mut Report) {
    let (said, file) = (claim.said, claim.file);
    let answers = answers(said);
    let at = said.verified_at;
    let mut signed = SignedMail::read(mail.sent_bytes());
    let found = dkim::verify(&mut signed, claim.from, &answers, at);
    if found.signatures.len() != said.signatures.len() || found.relied_on != said.relied_on {
        report.find(Check::Senders, Finding::SendersDiffer { file });
    }
    for (row, signature) in said.signatures.iter().zip(&found.signatures) {
        let is_same = row.domain == signature.domain
            && row.selector == signature.selector
            && row.dns_records == signature.dns_records
            && row.coverage == signature.coverage
            && is_same_result(&row.result, &signature.result);
        if !is_same {
            let finding = Finding::SenderDiffers {
                file,
                domain: row.domain.clone(),
                said: words_of_signature(&row.result),
                found: words_of_signature(&signature.result),
            };
            report.find(Check::Senders, finding);
        }
    }
    if claim.is_vouched && !is_same_voucher(said, &found) {
        report.find(Check::Senders, Finding::VouchersDiffer { file });
    }
    if !is_same_chain(&said.arc, &arc::verify(&mut signed, &answers, at)) {
        report.find(Check::Senders, Finding::SealsDiffer { file });
    }
}

/// What the DNS answered when the mail was received, as the evidence keeps it.
fn answers(said: &AuthenticationEvidence) -> DnsAnswers {
    let signatures = said
        .signatures
        .iter()
        .map(|one| (&one.dns_name, &one.dns_records, &one.result));
    let seals = said
        .arc
        .sets
        .iter()
        .flat_map(|set| std::iter::once(&set.seal).chain(&set.message))
        .map(|one| (&one.dns_name, &one.dns_records, &one.result));
    let answers = signatures.chain(seals).map(|(name, records, result)| {
        let answer = if !records.is_empty() {
            TxtAnswer::Found(records.clone())
        } else if let SignatureResult::TemporaryError(words) = result {
            TxtAnswer::Failed(words.clone())
        } else {
            TxtAnswer::NotFound
        };
        (name.clone(), answer)
    });
    DnsAnswers(answers.collect())
}

/// Whether both hold or both do not. A later program may name another reason why one does not.
fn is_same_result(said: &SignatureResult, found: &SignatureResult) -> bool {
    (*said == SignatureResult::Pass) == (*found == SignatureResult::Pass)
}

/// Whether SPF vouched for what the signature relied on does not cover. SPF vouched for all of a
/// mail where the sender's entry lets it, whatever the signatures say; what SPF said then,
/// nobody can verify again.
fn is_same_voucher(said: &AuthenticationEvidence, found: &DkimReport) -> bool {
    let relied_on = HeaderField::ALL
        .into_iter()
        .filter(|field| field.reliance() != Reliance::None);
    let all: BTreeSet<HeaderField> = relied_on.collect();
    let signature: Option<&DkimSignature> = found
        .relied_on
        .and_then(|place| found.signatures.get(place));
    let is_by_signature =
        signature.is_some_and(|signature| said.by_spf == *signature.coverage.uncovered());
    is_by_signature || said.by_spf == all
}

/// Whether the seals are those that the evidence lists (RFC 8617), with the same results.
fn is_same_chain(said: &ArcReport, found: &ArcReport) -> bool {
    let is_same = |one: &ArcSignature, other: &ArcSignature| {
        one.domain == other.domain
            && one.selector == other.selector
            // A name has one answer, whatever two rows say of it.
            && one.dns_records == other.dns_records
            && is_same_result(&one.result, &other.result)
    };
    let is_same_set = |(one, other): (&ArcSet, &ArcSet)| {
        let is_same_message = match (&one.message, &other.message) {
            (Some(one), Some(other)) => is_same(one, other),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        one.instance == other.instance && is_same(&one.seal, &other.seal) && is_same_message
    };
    let is_same_whole = match (said.result, found.result) {
        (ArcResult::None, ArcResult::None)
        | (ArcResult::Pass, ArcResult::Pass)
        | (ArcResult::TemporaryError, ArcResult::TemporaryError)
        | (ArcResult::Fail(_), ArcResult::Fail(_)) => true,
        (
            ArcResult::None | ArcResult::Pass | ArcResult::TemporaryError | ArcResult::Fail(_),
            ArcResult::None | ArcResult::Pass | ArcResult::TemporaryError | ArcResult::Fail(_),
        ) => false,
    };
    is_same_whole
        && said.sets.len() == found.sets.len()
        && said.sets.iter().zip(&found.sets).all(is_same_set)
}
