//! What a certificate of this version embeds, and what it says of the mails among that.

use std::borrow::Cow;

use domain::Sha256Digest;
use jiff::Timestamp;
use paper::Relation;

use super::contract::{AnswerMail, AnswerSection};
use super::evidence::{Evidence, Origin};
use super::file::spell;
use super::message::DeliveredMessage;
use super::other_mail::{MailFile, OtherMail, other_mail_name};
use crate::embed::{File, ORIGINAL as ORIGINAL_EML, STAND_IN, digest_of};
use crate::embedded::{Embedded, EmbeddedMail};
use crate::error::Error;
use crate::record::claim::SenderClaim;
use crate::record::file_row::FileRow;

/// Whether the mails are those that the evidence speaks of: an addendum has no original, every
/// other certificate has one, what was delivered and an answer by mail are there unless they are
/// too large, and so are mails that answer nothing.
pub(crate) fn check(evidence: &Evidence, embedded: Embedded<'_>) -> Result<(), Error> {
    let answer = evidence.answer().and_then(AnswerSection::mail);
    let has_answer = answer.is_some_and(AnswerMail::is_embedded);
    if embedded.original.is_some() != evidence.message().is_some() {
        return Err(Error::Mismatch("the sender's message"));
    }
    let delivered = evidence.delivered();
    if embedded.delivered.is_some() != delivered.is_some_and(DeliveredMessage::is_embedded) {
        return Err(Error::Mismatch("the message as delivered"));
    }
    if embedded.answer.is_some() != has_answer {
        return Err(Error::Mismatch("the answer"));
    }
    if embedded.others.len() != embedded_others(evidence).count() {
        return Err(Error::Mismatch("what came back and answers nothing"));
    }
    Ok(())
}

/// The files of a certificate of a template, the original message first, `evidence.json` last.
pub(crate) fn whole<'a>(
    template_version: &str,
    evidence: &Evidence,
    embedded: Embedded<'a>,
) -> Vec<File<'a>> {
    let mut files = mails(evidence, embedded);
    let rows: Vec<FileRow> = files.iter().map(File::row).collect();
    let bytes = spell(template_version, evidence, &rows);
    files.push(record_file(bytes, evidence));
    files
}

/// `evidence.json` as a file.
pub(crate) fn record_file(bytes: Vec<u8>, evidence: &Evidence) -> File<'static> {
    let digest = digest_of(&bytes);
    File {
        name: RECORD.into(),
        media_type: "application/json",
        description: "この証明書の記載内容 What this certificate says",
        relation: Relation::Data,
        modified_at: evidence.issued_at,
        bytes: bytes.into(),
        digest,
        stand_in: format!("{STAND_IN} {RECORD} with SHA-256 {digest}\n").into_bytes(),
    }
}

/// What is said of the senders of the mails.
pub(crate) fn claims(evidence: &Evidence) -> Vec<SenderClaim<'_>> {
    let Origin::Mail(origin) = &evidence.origin;
    let original = evidence.message().map(|_| SenderClaim {
        file: ORIGINAL_EML,
        is_vouched: true,
        from: &origin.sender.address,
        said: &origin.authentication,
    });
    let answer = evidence.answer().and_then(AnswerSection::mail);
    let answer = answer.map(|mail| SenderClaim {
        file: ANSWER_EML,
        is_vouched: false,
        from: &mail.from,
        said: &mail.authentication,
    });
    original.into_iter().chain(answer).collect()
}

/// The mails and their HTML parts. A mail is not hashed here: its digest is in the evidence.
pub(crate) fn mails<'a>(evidence: &Evidence, embedded: Embedded<'a>) -> Vec<File<'a>> {
    let mut files = Vec::new();
    if let (Some(mail), Some(message)) = (embedded.original, evidence.message()) {
        let (digest, at) = (message.digest, evidence.accepted_at);
        push_mail(&ORIGINAL_NAMES, mail, digest, at, &mut files);
    }
    if let (Some(eml), Some(delivered)) = (embedded.delivered, evidence.delivered()) {
        let (digest, at) = (delivered.digest, evidence.accepted_at);
        let stand_in = format!("{STAND_IN} {} with SHA-256 {digest}\n", DELIVERED.0);
        let (name, description) = DELIVERED;
        let name = name.into();
        files.push(eml_file(
            name,
            description,
            eml,
            digest,
            at,
            stand_in.into_bytes(),
        ));
    }
    let answer = evidence.answer();
    let answer = answer.and_then(|answer| Some((answer.mail()?, answer.received_at)));
    if let (Some(mail), Some((answer, at))) = (embedded.answer, answer) {
        push_mail(&ANSWER_NAMES, mail, answer.message.digest, at, &mut files);
    }
    let others = embedded_others(evidence).zip(embedded.others).zip(1..);
    files.extend(others.map(|(((at, file), eml), number)| {
        let (name, digest) = (other_mail_name(number), file.digest);
        let stand_in = format!("{STAND_IN} {name} with SHA-256 {digest}\n").into_bytes();
        eml_file(name.into(), OTHER, eml, digest, at, stand_in)
    }));
    files
}

/// The mails that answer nothing and are embedded, in the order of the log, and when each came.
pub(crate) fn embedded_others(evidence: &Evidence) -> impl Iterator<Item = (Timestamp, &MailFile)> {
    evidence
        .events
        .iter()
        .filter_map(|event| match &event.other_mail {
            Some(OtherMail::Embedded(file)) => Some((event.at, file)),
            Some(
                OtherMail::TooLarge(_) | OtherMail::TooMany | OtherMail::Malware | OtherMail::Gone,
            )
            | None => None,
        })
}

/// The HTML part of the sender's message.
pub(crate) const ORIGINAL_HTML: &str = "body.html";
/// The HTML part of the answer.
pub(crate) const ANSWER_HTML: &str = "answer.html";
const RECORD: &str = "evidence.json";
const ANSWER_EML: &str = "answer.eml";

/// How the files of a mail are called.
struct Names {
    eml: (&'static str, &'static str),
    html: (&'static str, &'static str),
}

const ORIGINAL_NAMES: Names = Names {
    eml: (
        ORIGINAL_EML,
        "差出人から受け取ったメッセージ Message as received from the sender",
    ),
    html: (ORIGINAL_HTML, "HTML形式の本文 HTML part of the message"),
};

const DELIVERED: (&str, &str) = (
    "delivered.eml",
    "受信者に宛てて送ったメッセージ Message as handed over for delivery",
);

const OTHER: &str = "回答として扱わない、届いたメール Mail that came back and answers nothing";

const ANSWER_NAMES: Names = Names {
    eml: (
        ANSWER_EML,
        "受信者から受け取った回答 Answer as received from the recipient",
    ),
    html: (ANSWER_HTML, "HTML形式の回答 HTML part of the answer"),
};

fn eml_file<'a>(
    name: Cow<'static, str>,
    description: &'static str,
    eml: &'a [u8],
    digest: Sha256Digest,
    modified_at: Timestamp,
    stand_in: Vec<u8>,
) -> File<'a> {
    File {
        name,
        media_type: "message/rfc822",
        description,
        relation: Relation::Source,
        modified_at,
        bytes: eml.into(),
        digest,
        stand_in,
    }
}

fn push_mail<'a>(
    names: &Names,
    mail: EmbeddedMail<'a>,
    digest: Sha256Digest,
    modified_at: Timestamp,
    files: &mut Vec<File<'a>>,
) {
    let stand_in =
        |name| format!("{STAND_IN} {name} of the message with SHA-256 {digest}\n").into_bytes();
    let stand_in_of_eml = stand_in(names.eml.0);
    files.push(eml_file(
        names.eml.0.into(),
        names.eml.1,
        mail.eml,
        digest,
        modified_at,
        stand_in_of_eml,
    ));
    let (name, description) = names.html;
    files.extend(mail.html_part.map(|bytes| File {
        name: name.into(),
        media_type: "text/html",
        description,
        relation: Relation::Supplement,
        modified_at,
        bytes: bytes.into(),
        digest: digest_of(bytes),
        stand_in: stand_in(name),
    }));
}
