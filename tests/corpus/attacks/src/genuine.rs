//! A genuine certificate, as the service makes it: registered mail with a DKIM signature, evidence,
//! signature, validation data and two timestamps. Keys and authorities are for tests.

use certificate::{
    Added, AnswerMail, AnswerRoad, AnswerSection, CertifiedThing, DeliveredMessage, Embedded,
    EmbeddedMail, Error, Evidence, MailSection, Message, NamedAuthority, NamedRoot,
    ProductEvidence, Reply, Sender, SignatureWords, VersionedRecord, render, sample,
};
use domain::{
    AuthenticationEvidence, EmailAddress, HeaderField, Language, Operator, Recipient, Reliance,
    Sha256Digest, SpfResult,
};
use jiff::{Timestamp, ToSpan};
use letters::mails::{Letterhead, Offer, Relay, changes_named_in, offer, relay};
use letters::sms::measure;
use mail::{DnsAnswers, ParsedMail, SignedMail, TxtAnswer};
use pades::revocation::{RevocationEvidence, ocsp_request};
use pades::testing::{
    Purpose, TestAuthority, TestKey, TestSigner, TestTimestampAuthority, VALID, to_pem,
};
use pades::{
    Certificate, Draft, SignatureDictionary, SignedPdf, TimeWindow, TimestampAuthority,
    TimestampRequest, TimestampToken, ValidationData,
};
use paper::{FontSet, fonts_in};
use readers::{attachments, header_of, hops, message, notices};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::story;

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

/// The evidence of a mail, read from it as the service reads it. It names the genuine authorities.
pub fn evidence(original: &[u8]) -> Evidence {
    let mail = ParsedMail::parse(original);
    let message = message(original, &mail);
    let delivered = delivered_mail(&message, &relayed(original));
    let mut evidence = sample::evidence();
    evidence.issuer.timestamp_authorities = named_authorities();
    set_sender(&mut evidence, original);
    let recipient = mail.to(|_| false).recipients.into_iter().next();
    evidence.recipient = Recipient::Mail(recipient.expect("a recipient"));
    evidence.check_address = check_address(&evidence, &message);
    evidence.product = ProductEvidence::Mail(Box::new(MailSection {
        attachments: attachments(&mail),
        message,
        delivered,
    }));
    evidence.events = story::of_mail(&evidence);
    named(evidence, &TestSigner::new(TestKey::p256(7)))
}

/// The evidence with this signer as the one whom its pages name.
pub fn named(mut evidence: Evidence, signer: &TestSigner) -> Evidence {
    evidence.issuer.signer = fingerprint_of(signer);
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

/// SHA-256 of the certificate that a signer signs with.
pub fn fingerprint_of(signer: &TestSigner) -> Sha256Digest {
    let own = signer.chain.certificates().first();
    Sha256Digest::new(own.expect("a certificate").fingerprint())
}

fn set_sender(evidence: &mut Evidence, original: &[u8]) {
    let mail = ParsedMail::parse(original);
    let origin = sample::origin_of(evidence);
    origin.sender = Sender {
        address: mail.from().expect("a sender"),
        display_name: mail.from_display_name(),
    };
    origin.authentication = authenticate(original, &origin.sender.address);
}

fn check_address(evidence: &Evidence, message: &Message) -> String {
    let (serial, digest) = (&evidence.serial, &message.digest);
    format!("https://pages.akashi.test/v/{serial}#{digest}")
}

fn delivered_mail(message: &Message, mail: &[u8]) -> DeliveredMessage {
    let header = header_of(mail).expect("a header");
    DeliveredMessage {
        size_bytes: mail.len() as u64,
        digest: digest(mail),
        provider_message_id: Some(story::MAIL_ID.to_owned()),
        raw_header: Some(header.to_vec()),
        changes: changes_named_in(header),
        notices: notices(mail, message),
    }
}

/// The offer of the contracts here, to the author of the mails of the corpus, who answers with one.
pub const OFFERED: &[u8] = "From: =?UTF-8?B?6auZ5qmL?= <office@business.test>\r\n\
    To: K7Q2@c.akashi.test\r\n\
    Subject: taro@customer.test 090-1234-5678 Contract YS-2026-0417\r\n\
    Date: Fri, 20 Nov 2026 10:14:55 +0900\r\n\
    Message-ID: <20261120101455.4F2A1@business.test>\r\n\
    MIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=\"=_b1\"\r\n\
    \r\n\
    --=_b1\r\n\
    Content-Type: multipart/alternative; boundary=\"=_b2\"\r\n\
    \r\n\
    --=_b2\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\
    Content-Transfer-Encoding: 8bit\r\n\
    \r\n\
    業務委託契約のお申込みです。\r\n\
    --=_b2\r\n\
    Content-Type: text/html; charset=utf-8\r\n\
    Content-Transfer-Encoding: 8bit\r\n\
    \r\n\
    <p>業務委託契約のお申込みです。</p>\r\n\
    --=_b2--\r\n\
    --=_b1\r\n\
    Content-Type: application/pdf; name=\"terms.pdf\"\r\n\
    Content-Disposition: attachment; filename=\"terms.pdf\"\r\n\
    Content-Transfer-Encoding: base64\r\n\
    \r\n\
    JVBERi0xLjQKMSAwIG9iago8PD4+CmVuZG9iagolJUVPRgo=\r\n\
    --=_b1--\r\n"
    .as_bytes();

/// The evidence of a contract whose answer is this mail, its signatures verified now.
pub fn contract_evidence(answer: &[u8]) -> Evidence {
    let mail = ParsedMail::parse(OFFERED);
    let mut evidence = Evidence {
        issued_at: "2026-11-21T03:21:00Z".parse().expect("a time"),
        ..evidence(answer)
    };
    let sample = sample::contract::answered_by_mail();
    evidence.outcome = sample.outcome;
    evidence.product = sample.product;
    evidence.settled_at = sample.settled_at;
    set_sender(&mut evidence, OFFERED);
    let all = HeaderField::ALL.into_iter();
    let all = all.filter(|field| field.reliance() != Reliance::None);
    sample::origin_of(&mut evidence).authentication.by_spf = all.collect();
    let from = set_answer(&mut evidence, answer);
    evidence.recipient = Recipient::Both {
        mail: from,
        mobile: story::NUMBER.parse().expect("a number"),
    };
    let message = Message {
        subject: "Contract YS-2026-0417".to_owned(),
        ..message(OFFERED, &mail)
    };
    evidence.check_address = check_address(&evidence, &message);
    let delivered = delivered_mail(&message, &offered());
    let ProductEvidence::Contract(contract) = &mut evidence.product else {
        panic!("no contract");
    };
    contract.message = message;
    contract.attachments = attachments(&mail);
    contract.mail = Some(delivered);
    let sms = contract.sms.as_mut().expect("an SMS");
    sms.parts = measure(&sms.text).parts as u16;
    sms.provider_message_id = Some(story::SMS_ID.to_owned());
    evidence.events = story::of_contract(&evidence);
    evidence
}

/// Says of the answer what its mail says.
fn set_answer(evidence: &mut Evidence, mail: &[u8]) -> EmailAddress {
    let parsed = ParsedMail::parse(mail);
    let from = parsed.from().expect("a sender");
    *answer_mail(evidence) = AnswerMail {
        from: from.clone(),
        display_name: parsed.from_display_name(),
        message: message(mail, &parsed),
        attachments: attachments(&parsed),
        authentication: authenticate(mail, &from),
        hops: hops(&parsed),
    };
    from
}

/// The evidence of an addendum whose answer is this mail, its signatures verified now.
pub fn addendum_evidence(mail: &[u8]) -> Evidence {
    let mut evidence = sample::contract::addendum();
    evidence.issuer.timestamp_authorities = named_authorities();
    let from = set_answer(&mut evidence, mail);
    evidence.recipient = Recipient::Mail(from);
    evidence.events = story::of_addendum(&evidence);
    named(evidence, &TestSigner::new(TestKey::p256(7)))
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

/// The mail as the service hands it over.
fn relayed(original: &[u8]) -> Vec<u8> {
    let mail = ParsedMail::parse(original);
    let (sender, name) = (mail.from().expect("a sender"), mail.from_display_name());
    let to = mail.to(|_| false).recipients;
    let serial = sample::evidence().serial;
    let message = Relay {
        original: &mail,
        sender: &sender,
        sender_name: name.as_deref(),
        recipient: to.first().expect("a recipient"),
        serial: &serial,
    };
    with_letterhead(|letterhead| relay(letterhead, &message))
}

/// The offer as the service hands it over.
fn offered() -> Vec<u8> {
    let mail = ParsedMail::parse(OFFERED);
    let sample = sample::evidence();
    let (sender, name) = (mail.from().expect("a sender"), mail.from_display_name());
    let address = |text: &str| -> EmailAddress { text.parse().expect("an address") };
    let from = address("contract@akashi.test");
    let recipient = address("taro@customer.test");
    let reply_to = address("aaaaaaaaaaaaaaaaaaaaaaaaab@a.akashi.test");
    let until = "2026-12-20T01:15:02Z".parse().expect("a time");
    let message = Offer {
        original: &mail,
        from: &from,
        sender: &sender,
        sender_name: name.as_deref(),
        company: &sample.account.company,
        operator: &sample.issuer.operator,
        recipient: &recipient,
        serial: &sample.serial,
        subject: "Contract YS-2026-0417",
        reply_to: &reply_to,
        answer_link: "https://pages.akashi.test/o/aaaaaaaaaaaaaaaaaaaaaaaaab",
        answer_until: until,
        zone: &sample.zone,
    };
    with_letterhead(|letterhead| offer(letterhead, &message))
}

fn with_letterhead(write: impl FnOnce(&Letterhead<'_>) -> Vec<u8>) -> Vec<u8> {
    let sample = sample::evidence();
    write(&Letterhead {
        service_domain: &"akashi.test".parse().expect("a domain"),
        operator: &Operator::named(&sample.issuer.operator),
        language: Language::Japanese,
        id: "o3vrnil0e2-01",
        thread: None,
        date: sample.accepted_at,
    })
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
    let mail = ParsedMail::parse(message);
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
    let files = Files::of(evidence, mail);
    render(evidence, files.embedded(evidence), &FONTS).expect("a draft")
}

/// The mails of a certificate.
pub struct Files {
    /// `original.eml`.
    pub original: Vec<u8>,
    /// `delivered.eml`.
    pub delivered: Vec<u8>,
    /// `answer.eml`.
    pub answer: Vec<u8>,
    html: [Option<Vec<u8>>; 2],
}

impl Files {
    /// Those of a genuine certificate about a mail. An answer by mail is the same mail.
    pub fn of(evidence: &Evidence, mail: &[u8]) -> Self {
        let (original, delivered) = match &evidence.product {
            ProductEvidence::Contract(_) => (OFFERED.to_vec(), offered()),
            ProductEvidence::Mail(_) | ProductEvidence::Addendum(_) => {
                (mail.to_vec(), relayed(mail))
            }
        };
        let html = [&original[..], mail].map(|mail| {
            let mail = ParsedMail::parse(mail);
            let html = mail.body().html;
            html.map(std::borrow::Cow::into_owned)
        });
        Self {
            original,
            delivered,
            answer: mail.to_vec(),
            html,
        }
    }

    /// As they are embedded.
    pub fn embedded(&self, evidence: &Evidence) -> Embedded<'_> {
        let [html, answer_html] = &self.html;
        let original = EmbeddedMail {
            eml: &self.original,
            html_part: html.as_deref(),
        };
        let answer = EmbeddedMail {
            eml: &self.answer,
            html_part: answer_html.as_deref(),
        };
        let has_answer = evidence.answer().and_then(AnswerSection::mail).is_some();
        Embedded {
            original: evidence.message().map(|_| original),
            delivered: evidence.delivered().map(|_| self.delivered.as_slice()),
            answer: has_answer.then_some(answer),
            others: &[],
        }
    }
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

    /// The trust file of a reader who knows the signer as this operator's.
    pub fn trust_file(&self, operator: &str) -> String {
        trust_file(
            operator,
            &[fingerprint_of(&self.signer)],
            &self.trusted(&[0, 1]),
        )
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

    /// Whether the service could sign such a draft: what it does not understand it refuses.
    pub fn take(&self, draft: Vec<u8>) -> bool {
        let appearance = appearance(&draft);
        let draft = Draft::new(draft);
        let prepared = draft.and_then(|draft| draft.prepare(&self.signer.chain, &appearance));
        prepared.is_ok()
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

/// The operator whom the evidence names.
pub const OPERATOR: &str = "あかし証明サービス";

/// A trust file, written by hand so that the writer under test is not its own judge: an operator
/// for whom these certificates sign since 2020, and roots as PEM, the signer's first and then those
/// of timestamp authorities.
pub fn trust_file(operator: &str, signers: &[Sha256Digest], roots: &[String]) -> String {
    let quoted = |pem: &String| format!("\"{}\"", pem.replace('\n', "\\n"));
    let (signer_root, stampers) = roots.split_first().expect("a root");
    let signer = |digest: &Sha256Digest| {
        format!(r#"{{"certificate_sha256":"{digest}","since":"2020-01-01T00:00:00Z"}}"#)
    };
    let signers: Vec<String> = signers.iter().map(signer).collect();
    let mut stampers: Vec<String> = stampers.iter().map(quoted).collect();
    if stampers.is_empty() {
        // A reader who knows some other clock.
        stampers.push(quoted(&root_of(&TestTimestampAuthority::new(77).authority)));
    }
    let (signers, stampers) = (signers.join(","), stampers.join(","));
    let root = quoted(signer_root);
    format!(
        r#"{{"format":"akashi-trust","version":1,"operators":[
{{"name":"{operator}","signers":[{signers}],"roots":[{root}]}}],
"timestamp_authorities":[{{"name":"TSA","roots":[{stampers}]}}]}}
"#
    )
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
