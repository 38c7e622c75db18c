//! A genuine certificate, as the service makes it: registered mail with a DKIM signature, evidence,
//! signature, validation data and two timestamps. Keys and authorities are for tests.

use certificate::{
    Added, AnswerMail, AnswerRoad, AnswerSection, CertifiedThing, Embedded, EmbeddedMail, Error,
    Evidence, NamedAuthority, NamedRoot, ProductEvidence, Reply, SignatureWords, VersionedRecord,
    render, sample,
};
use domain::{AuthenticationEvidence, EmailAddress, Sha256Digest, SpfResult};
use jiff::{Timestamp, ToSpan};
use mail::{DnsAnswers, SignedMail, TxtAnswer};
use pades::revocation::{RevocationEvidence, ocsp_request};
use pades::testing::{
    Purpose, TestAuthority, TestKey, TestSigner, TestTimestampAuthority, VALID, to_pem,
};
use pades::{
    Certificate, Draft, SignatureDictionary, SignedPdf, TimeWindow, TimestampAuthority,
    TimestampRequest, TimestampToken, ValidationData,
};
use paper::{FontSet, fonts_in};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The fonts of the service.
pub static FONTS: LazyLock<FontSet> =
    LazyLock::new(|| fonts_in(&root().join(".local/fonts")).expect("make fonts"));

/// When the genuine certificate was signed.
pub fn signed_at() -> Timestamp {
    "2026-11-20T01:15:40Z".parse().expect("a time")
}

/// When it is looked at, unless a case says otherwise.
pub fn looked_at() -> Timestamp {
    "2026-12-25T00:00:00Z".parse().expect("a time")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

/// A mail of the corpus with a DKIM signature that holds.
pub fn original() -> Vec<u8> {
    mail_of_corpus("dkim-rsa-relaxed.eml")
}

/// The same mail with a server's ARC seal.
pub fn sealed() -> Vec<u8> {
    mail_of_corpus("arc-one-set.eml")
}

fn mail_of_corpus(name: &str) -> Vec<u8> {
    let path = root().join("tests/corpus/mails").join(name);
    std::fs::read(path).expect("a mail of the corpus")
}

fn dns() -> DnsAnswers {
    let path = root().join("tests/corpus/mails/dkim.dns.txt");
    let text = std::fs::read_to_string(path).expect("the corpus");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let record = |line: &str| {
        let (name, record) = line.split_once(' ').expect("a record");
        (name.to_owned(), TxtAnswer::Found(vec![record.to_owned()]))
    };
    DnsAnswers(lines.map(record).collect())
}

/// SHA-256.
pub fn digest(bytes: &[u8]) -> Sha256Digest {
    Sha256Digest::new(Sha256::digest(bytes).into())
}

/// The evidence of a mail, its DKIM signatures verified now. It names the genuine authorities.
pub fn evidence(original: &[u8]) -> Evidence {
    let mut evidence = sample::evidence();
    evidence.issuer.timestamp_authorities = named_authorities();
    set_message(&mut evidence, original);
    let origin = sample::origin_of(&mut evidence);
    origin.authentication = authenticate(original, &origin.sender.address);
    evidence
}

/// What a certificate says of the genuine timestamp authorities.
pub fn named_authorities() -> Vec<NamedAuthority> {
    let named = |stamper: &TestTimestampAuthority| NamedAuthority {
        name: stamper.authority.name.clone(),
        roots: stamper
            .authority
            .trusted_roots
            .iter()
            .map(|root| NamedRoot {
                subject: root.subject(),
                fingerprint: Sha256Digest::new(root.fingerprint()),
            })
            .collect(),
    };
    Authorities::genuine().stampers.iter().map(named).collect()
}

fn set_message(evidence: &mut Evidence, original: &[u8]) {
    let message = sample::message_of(evidence);
    message.size_bytes = original.len() as u64;
    message.digest = digest(original);
}

/// The evidence of a contract whose offer and answer are this mail, their signatures verified now.
pub fn contract_evidence(mail: &[u8]) -> Evidence {
    let mut evidence = Evidence {
        product: sample::contract::answered_by_mail().product,
        ..evidence(mail)
    };
    set_message(&mut evidence, mail);
    let from = sample::origin_of(&mut evidence).sender.address.clone();
    let answer = answer_mail(&mut evidence);
    answer.from = from;
    answer.message.size_bytes = mail.len() as u64;
    answer.message.digest = digest(mail);
    answer.authentication = authenticate(mail, &answer.from);
    evidence
}

/// The evidence of an addendum whose answer is this mail, its signatures verified now.
pub fn addendum_evidence(mail: &[u8]) -> Evidence {
    let mut contract = contract_evidence(mail);
    let answer = answer_mail(&mut contract).clone();
    let mut evidence = sample::contract::addendum();
    evidence.issuer.timestamp_authorities = named_authorities();
    *answer_mail(&mut evidence) = answer;
    evidence
}

/// One of each product, with its name and the mail that it embeds.
pub fn products() -> [(&'static str, Evidence, Vec<u8>); 3] {
    let (mail, sealed) = (original(), sealed());
    [
        ("mail", evidence(&mail), mail),
        ("contract", contract_evidence(&sealed), sealed.clone()),
        ("addendum", addendum_evidence(&sealed), sealed),
    ]
}

/// The answer in the evidence of a contract or of an addendum.
pub fn answer_mail(evidence: &mut Evidence) -> &mut AnswerMail {
    let answer = match &mut evidence.product {
        ProductEvidence::Mail(_) => panic!("no answer"),
        ProductEvidence::Contract(contract) => match &mut contract.reply {
            Reply::Answered(answer) => answer.as_mut(),
            Reply::None | Reply::NoSuchDestination | Reply::Undelivered => panic!("no answer"),
        },
        ProductEvidence::Addendum(addendum) => match &mut addendum.added {
            Added::Answer(answer) => answer.as_mut(),
            Added::Bounce(_) => panic!("no answer"),
        },
    };
    let AnswerRoad::Mail(mail) = &mut answer.road else {
        panic!("no mail");
    };
    mail
}

fn authenticate(message: &[u8], from: &EmailAddress) -> AuthenticationEvidence {
    let at: Timestamp = "2026-01-05T00:00:00Z".parse().expect("a time");
    let mail = mail::ParsedMail::parse(message);
    let mut signed = SignedMail::read(mail.sent_bytes());
    let found = mail::dkim::verify(&mut signed, from, &dns(), at);
    let arc = mail::arc::verify(&mut signed, &dns(), at);
    let relied_on = found
        .relied_on
        .and_then(|place| found.signatures.get(place));
    AuthenticationEvidence {
        verified_at: at,
        by_spf: relied_on.map_or_else(Default::default, |one| one.coverage.uncovered().clone()),
        signatures: found.signatures,
        relied_on: found.relied_on,
        spf: SpfResult::Pass,
        arc,
    }
}

/// The unsigned certificate of a mail.
pub fn draft(original: &[u8]) -> Vec<u8> {
    draft_of(&evidence(original), original)
}

/// The unsigned certificate that some evidence gives. An answer by mail is the same mail.
pub fn draft_of(evidence: &Evidence, mail: &[u8]) -> Vec<u8> {
    draft_by(render, evidence, mail)
}

/// How an unsigned certificate is made from its evidence.
pub type Render = fn(&Evidence, Embedded<'_>, &FontSet) -> Result<Vec<u8>, Error>;

/// As [`draft_of`], in another version.
pub fn draft_by(render: Render, evidence: &Evidence, mail: &[u8]) -> Vec<u8> {
    let html_part = Some(sample::HTML);
    let mail = EmbeddedMail {
        eml: mail,
        html_part,
    };
    let answer = evidence.answer().and_then(AnswerSection::mail);
    let embedded = Embedded {
        original: evidence.message().map(|_| mail),
        delivered: evidence.delivered().map(|_| sample::DELIVERED),
        answer: answer.is_some().then_some(mail),
        others: &[],
    };
    render(evidence, embedded, &FONTS).expect("a draft")
}

/// Who signs and stamps.
#[derive(Clone)]
pub struct Authorities {
    /// The signer.
    pub signer: TestSigner,
    /// Whose token is in the signature, and whose is over the document.
    pub stampers: [TestTimestampAuthority; 2],
}

impl Authorities {
    /// Those whom readers trust.
    pub fn genuine() -> Self {
        Self {
            signer: TestSigner::new(TestKey::p256(7)),
            stampers: [1, 2].map(TestTimestampAuthority::new),
        }
    }

    /// The same with timestamp certificates that end soon after the genuine certificate.
    pub fn short_lived() -> Self {
        let validity = [VALID[0], "20261201000000Z"];
        let stamper =
            |seed| TestTimestampAuthority::with_certificate(seed, Purpose::Timestamps, validity);
        Self {
            stampers: [1, 2].map(stamper),
            ..Self::genuine()
        }
    }

    /// Roots as PEM: the signer's, and those of the stampers at these places.
    pub fn trusted(&self, stampers: &[usize]) -> Vec<String> {
        let root = self.signer.pem.last().expect("a root").clone();
        let stampers = stampers
            .iter()
            .map(|place| root_of(&self.stampers[*place].authority));
        std::iter::once(root).chain(stampers).collect()
    }

    /// B-T: signed, with one timestamp.
    pub fn sign(&self, draft: Vec<u8>) -> SignedPdf {
        let appearance = appearance(&draft);
        self.sign_saying(draft, &appearance)
    }

    /// The same with other words and another time in the signature; it is stamped then.
    pub fn sign_saying(&self, draft: Vec<u8>, appearance: &SignatureDictionary) -> SignedPdf {
        let time = appearance.signing_time;
        self.sign_stamped_at(draft, appearance, time)
    }

    /// The same, stamped at another time.
    pub fn sign_stamped_at(
        &self,
        draft: Vec<u8>,
        appearance: &SignatureDictionary,
        at: Timestamp,
    ) -> SignedPdf {
        let chain = &self.signer.chain;
        let draft = Draft::new(draft).expect("a draft");
        let prepared = draft.prepare(chain, appearance).expect("a prepared draft");
        let signature = self.signer.key.sign_digest(&prepared.digest());
        let signed = prepared
            .with_signature(chain, &signature)
            .expect("a signature");
        let token = stamp(signed.imprint(), &self.stampers[0], at);
        signed.with_timestamp(token).expect("a timestamp")
    }

    /// What the issuers say of all certificates at a time.
    pub fn validation_data(&self, at: Timestamp) -> ValidationData {
        let mut data = ValidationData::default();
        let chain = self.signer.chain.certificates();
        prove(&mut data, chain, &self.signer.issuers, at);
        for stamper in &self.stampers {
            let token = stamp([7; 32], stamper, at);
            prove(&mut data, token.certificate_path(), &stamper.issuers, at);
        }
        data
    }

    /// B-LTA: everything.
    pub fn archive(&self, draft: Vec<u8>) -> Vec<u8> {
        let at = appearance(&draft).signing_time;
        self.archive_signed(self.sign(draft), at)
    }

    /// B-LTA: validation data of a time, and the second timestamp two seconds later.
    pub fn archive_signed(&self, signed: SignedPdf, at: Timestamp) -> Vec<u8> {
        let signed = signed.with_validation_data(self.validation_data(at));
        let prepared = signed
            .and_then(|signed| signed.prepare_timestamp())
            .expect("a document");
        let token = stamp(prepared.imprint(), &self.stampers[1], at + 2.seconds());
        let archived = prepared.with_timestamp(&token).expect("a timestamp");
        archived.as_bytes().to_vec()
    }
}

/// What the service would write into the signature of a draft: the words that its evidence demands,
/// a moment after it was issued. A draft whose evidence cannot be read gets those of a mail.
pub fn appearance(draft: &[u8]) -> SignatureDictionary {
    let record = record_of(draft);
    let words = record.as_ref().map_or_else(
        || {
            let serial = sample::evidence().serial;
            SignatureWords::new(CertifiedThing::Mail, &serial, "Akashi", "akashi.test")
        },
        VersionedRecord::signature_words,
    );
    let issued_at = record.map(|record| record.timeline().issued_at);
    SignatureDictionary {
        signing_time: issued_at.map_or_else(signed_at, |at| at + 9.seconds()),
        name: words.name,
        reason: Some(words.reason),
        location: None,
        contact: Some(words.contact),
    }
}

/// The evidence in a draft, which is embedded as it is.
fn record_of(draft: &[u8]) -> Option<VersionedRecord> {
    let place = |needle: &[u8], from: usize| {
        let rest = draft.get(from..)?;
        let found = rest.windows(needle.len()).position(|part| part == needle)?;
        Some(from + found)
    };
    let name = place(b"\"EvidenceIdentifier\"", 0)?;
    let before = draft.get(..name)?;
    let head = before.windows(7).rposition(|part| part == b"stream\n")?;
    let start = head + b"stream\n".len();
    let end = place(b"\nendstream", start)?;
    let json = draft.get(start..end)?;
    VersionedRecord::from_json(json).ok()
}

/// The root of an authority, as PEM.
pub fn root_of(authority: &TimestampAuthority) -> String {
    to_pem(authority.trusted_roots.first().expect("a root").as_der())
}

/// A token over a digest.
pub fn stamp(imprint: [u8; 32], stamper: &TestTimestampAuthority, at: Timestamp) -> TimestampToken {
    let request = TimestampRequest::new(imprint, 0x8000_0000_1234_5678);
    let response = stamper.answer(&request.to_der().expect("a request"), at);
    let window = TimeWindow {
        earliest: at - 5.seconds(),
        latest: at + 5.seconds(),
    };
    request
        .accept(&response, &stamper.authority, window)
        .expect("a token")
}

/// The token in a response of a test authority: behind the status, unchecked.
pub fn token_of(response: &[u8]) -> &[u8] {
    const STATUS: [u8; 5] = [0x30, 0x03, 0x02, 0x01, 0x00];
    let at = crate::pdf::find(response, &STATUS, 0) + STATUS.len();
    &response[at..]
}

/// Asks the issuers about every certificate of a path.
fn prove(
    data: &mut ValidationData,
    path: &[Certificate],
    issuers: &[TestAuthority],
    at: Timestamp,
) {
    data.add_path(path);
    let known = data.clone();
    for (certificate, issuer) in known.unproven(path, at) {
        let authority = issuers.iter().find(|one| one.certificate() == *issuer);
        let request = ocsp_request(certificate, issuer).expect("a request");
        let response = authority.expect("an issuer").answer_ocsp(&request, at);
        let evidence = RevocationEvidence::from_ocsp_response(&response).expect("a response");
        data.add_evidence(evidence, certificate, issuer, at)
            .expect("it is good");
    }
}
