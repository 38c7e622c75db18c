//! Customers and the letters they write, as an ordinary mailer and mail server would send them:
//! signed with DKIM by the customer's domain.

use domain::{AccountId, EmailAddress, InboundMessageId};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::tz::TimeZone;
use pades::testing::TestKey;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::provider::milliseconds;

/// The service address for registered mail.
pub const SERVICE_ADDRESS: &str = "mail@akashi.test";

/// The contract address of the account of [`Customer::taro`] (I-018).
pub const CONTRACT_ADDRESS: &str = "k7q2@c.akashi.test";

const SELECTOR: &str = "s1";

/// What this customer's server signs, where the mail has it: every field that is relied on.
const SIGNED_FIELDS: [&str; 10] = [
    "from",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "reply-to",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
];

/// The Message-ID of a letter before its server gives it one.
const UNSTAMPED_ID: &str = "<letter-1@customer.test>";

/// Somebody with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// The account that pays.
    pub account: AccountId,
    /// The address that is on the allowlist.
    pub address: EmailAddress,
}

impl Customer {
    /// The customer of an account who writes from an address.
    ///
    /// # Panics
    /// When one of them is not what it should be.
    #[must_use]
    pub fn new(account: &str, address: &str) -> Self {
        Self {
            account: account.parse().expect("an account"),
            address: address.parse().expect("an address"),
        }
    }

    /// The customer of most tests.
    #[must_use]
    pub fn taro() -> Self {
        Self::new("K7Q2", "taro@customer.test")
    }

    /// Where the DNS has the customer's DKIM key, and the record.
    #[must_use]
    pub fn dkim_record(&self) -> (String, String) {
        let key = base64_simd::STANDARD.encode_to_string(TestKey::rsa().public_key_der());
        let name = format!("{SELECTOR}._domainkey.{}", self.address.domain());
        (name, format!("v=DKIM1; k=rsa; p={key}"))
    }
}

/// A mail that somebody sends to the service.
#[derive(Debug, Clone)]
pub struct Letter {
    fields: Vec<(String, String)>,
    body: Vec<u8>,
    envelope_from: String,
    envelope_to: Vec<String>,
    signing_domain: Option<String>,
    signed_fields: Vec<String>,
    signed_again: Option<Vec<String>>,
    stripped: Vec<String>,
    prepended: Vec<u8>,
    is_stamped: bool,
    spam: String,
    virus: String,
    spf: String,
}

impl Letter {
    /// A short letter to `hanako@recipient.test` with the service in CC.
    #[must_use]
    pub fn from(customer: &Customer) -> Self {
        let address = customer.address.as_str();
        let fields = [
            ("Date", "Mon, 05 Jan 2026 09:00:00 +0900".to_owned()),
            ("From", format!("Taro <{address}>")),
            ("To", "hanako@recipient.test".to_owned()),
            ("Cc", SERVICE_ADDRESS.to_owned()),
            ("Subject", encoded("御通知")),
            ("Message-ID", UNSTAMPED_ID.to_owned()),
            ("MIME-Version", "1.0".to_owned()),
            ("Content-Type", "text/plain; charset=UTF-8".to_owned()),
            ("Content-Transfer-Encoding", "8bit".to_owned()),
        ];
        Self {
            fields: fields.map(|(name, value)| (name.to_owned(), value)).into(),
            body: "髙﨑様\r\n\r\n契約を更新しないことを通知します。\r\n".into(),
            envelope_from: address.to_owned(),
            envelope_to: vec![SERVICE_ADDRESS.to_owned()],
            signing_domain: Some(customer.address.domain().to_string()),
            signed_fields: SIGNED_FIELDS.map(str::to_owned).to_vec(),
            signed_again: None,
            stripped: Vec::new(),
            prepended: Vec::new(),
            is_stamped: false,
            spam: "PASS".to_owned(),
            virus: "PASS".to_owned(),
            spf: "PASS".to_owned(),
        }
    }

    /// A contract mail of customer taro to the account's contract address; the subject begins with
    /// the destinations.
    #[must_use]
    pub fn contract(subject: &str) -> Self {
        Self::from(&Customer::taro())
            .without("Cc")
            .to(&[CONTRACT_ADDRESS])
            .delivered_to(&[CONTRACT_ADDRESS])
            .subject(subject)
            .body("甲は乙に本件を委託する。\r\n")
    }

    /// A message that was written elsewhere, signed and sent by this customer.
    ///
    /// # Panics
    /// When it has no empty line after its header.
    #[must_use]
    pub fn of_bytes(customer: &Customer, message: &[u8]) -> Self {
        let text = String::from_utf8_lossy(message).into_owned();
        let message = if text.contains("\r\n") {
            message.to_vec()
        } else {
            text.replace('\n', "\r\n").into_bytes()
        };
        let end = message
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .expect("a header");
        let (header, rest) = message.split_at(end);
        let header = String::from_utf8_lossy(header).into_owned();
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in header.split("\r\n") {
            match (line.split_once(": "), fields.last_mut()) {
                (_, Some((_, value))) if line.starts_with([' ', '\t']) => {
                    value.push_str("\r\n");
                    value.push_str(line);
                }
                (Some((name, value)), _) => fields.push((name.to_owned(), value.to_owned())),
                (None, _) => panic!("{line} is no header field"),
            }
        }
        let body = rest.get(4..).unwrap_or_default().to_vec();
        Self {
            fields,
            body,
            ..Self::from(customer)
        }
    }

    /// The same letter to these recipients.
    #[must_use]
    pub fn to(self, recipients: &[&str]) -> Self {
        self.field("To", &recipients.join(",\r\n "))
    }

    /// With another value of a header field, or one more field.
    #[must_use]
    pub fn field(mut self, name: &str, value: &str) -> Self {
        match self.fields.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => value.clone_into(known),
            None => self.fields.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    /// With one more field, even if there is one of that name.
    #[must_use]
    pub fn another_field(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without a header field.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self
    }

    /// With another subject, encoded as it must be.
    #[must_use]
    pub fn subject(self, text: &str) -> Self {
        self.field("Subject", &encoded(text))
    }

    /// With another body; lines end in CRLF.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// With a body that ends so many bytes early.
    #[must_use]
    pub fn cut_body(mut self, bytes: usize) -> Self {
        self.body.truncate(self.body.len().saturating_sub(bytes));
        self
    }

    /// As a multipart message with a text and these attachments: name, type and bytes.
    #[must_use]
    pub fn with_attachments(self, attachments: &[(&str, &str, &[u8])]) -> Self {
        let mut body = b"--b1\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n".to_vec();
        body.extend(&self.body);
        for (name, kind, bytes) in attachments {
            let header = format!(
                "\r\n--b1\r\nContent-Type: {kind}\r\nContent-Disposition: attachment; \
                 filename=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            );
            body.extend(header.bytes());
            for line in base64_simd::STANDARD
                .encode_to_string(bytes)
                .as_bytes()
                .chunks(76)
            {
                body.extend(line);
                body.extend(b"\r\n");
            }
        }
        body.extend(b"--b1--\r\n");
        self.field("Content-Type", "multipart/mixed; boundary=b1")
            .without("Content-Transfer-Encoding")
            .body(body)
    }

    /// Of exactly so many bytes as sent, signature included.
    ///
    /// # Panics
    /// When it is larger already.
    #[must_use]
    pub fn of_size(mut self, size_bytes: usize) -> Self {
        let now = self.as_sent().len();
        let mut missing = size_bytes
            .checked_sub(now)
            .expect("the letter is smaller than that");
        while missing > 0 {
            // A line takes at least its line break; the last one takes what is left.
            let line = if missing >= 82 { 80 } else { missing };
            self.body
                .extend(std::iter::repeat_n(b'x', line.saturating_sub(2)));
            self.body.extend(b"\r\n");
            missing -= line;
        }
        self
    }

    /// With what its server adds, unless it has that already: the Message-ID of its `number`-th
    /// letter, and the date where that of the letter is long gone.
    #[must_use]
    pub fn stamped(&self, number: u64, now: Timestamp) -> Self {
        let mut letter = self.clone();
        if self.is_stamped {
            return letter;
        }
        for (name, value) in &mut letter.fields {
            let written = DateTimeParser::new().parse_timestamp(&*value);
            if name == "Message-ID" && value == UNSTAMPED_ID {
                *value = format!("<letter-{number}@customer.test>");
            } else if name == "Date"
                && written.is_ok_and(|written| now.duration_since(written).as_hours() >= 24)
            {
                *value = now
                    .to_zoned(TimeZone::UTC)
                    .strftime("%a, %d %b %Y %H:%M:%S +0000")
                    .to_string();
            }
        }
        letter
    }

    /// Exactly as it is, however often and late it is sent.
    #[must_use]
    pub fn as_it_is(mut self) -> Self {
        self.is_stamped = true;
        self
    }

    /// What stands in the first field of a name; nothing where there is none.
    #[must_use]
    pub fn value(&self, name: &str) -> String {
        let field = self.fields.iter().find(|(other, _)| other == name);
        field.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// Signed over these fields only, of those that it has; a name may stand several times.
    #[must_use]
    pub fn signed_over(mut self, names: &[&str]) -> Self {
        self.signed_fields = names.iter().map(|&name| name.to_owned()).collect();
        self
    }

    /// With a second signature over these fields, below the first.
    #[must_use]
    pub fn signed_again_over(mut self, names: &[&str]) -> Self {
        self.signed_again = Some(names.iter().map(|&name| name.to_owned()).collect());
        self
    }

    /// Without a field that somebody takes away from the signed mail.
    #[must_use]
    pub fn stripped(mut self, name: &str) -> Self {
        self.stripped.push(name.to_owned());
        self
    }

    /// With a field that somebody puts on top of the signed mail.
    #[must_use]
    pub fn prepended(mut self, name: &str, value: &str) -> Self {
        let field = format!("{name}: {value}\r\n").into_bytes();
        self.prepended.splice(0..0, field);
        self
    }

    /// SES takes it for spam.
    #[must_use]
    pub fn spam(mut self) -> Self {
        "FAIL".clone_into(&mut self.spam);
        self
    }

    /// Without a DKIM signature.
    #[must_use]
    pub fn unsigned(mut self) -> Self {
        self.signing_domain = None;
        self
    }

    /// Signed by another domain.
    #[must_use]
    pub fn signed_by(mut self, domain: &str) -> Self {
        self.signing_domain = Some(domain.to_owned());
        self
    }

    /// With another return path; an empty one is that of a bounce.
    #[must_use]
    pub fn returned_to(mut self, envelope_from: &str) -> Self {
        envelope_from.clone_into(&mut self.envelope_from);
        self
    }

    /// Addressed to somebody else at the service's domain.
    #[must_use]
    pub fn delivered_to(mut self, recipients: &[&str]) -> Self {
        self.envelope_to = recipients.iter().map(|&text| text.to_owned()).collect();
        self
    }

    /// With SES's verdicts: `PASS`, `FAIL`, `GRAY` ...
    #[must_use]
    pub fn verdicts(mut self, virus: &str, spf: &str) -> Self {
        virus.clone_into(&mut self.virus);
        spf.clone_into(&mut self.spf);
        self
    }

    /// The return path, and the recipients at the service.
    #[must_use]
    pub fn envelope(&self) -> (&str, &[String]) {
        (&self.envelope_from, &self.envelope_to)
    }

    /// The bytes that the customer's server sends.
    #[must_use]
    pub fn as_sent(&self) -> Vec<u8> {
        let mut message = self.prepended.clone();
        if let Some(domain) = &self.signing_domain {
            for names in std::iter::once(&self.signed_fields).chain(&self.signed_again) {
                message.extend(signature(domain, names, &self.fields, &self.body).bytes());
            }
        }
        let is_stripped = |name: &String| self.stripped.contains(name);
        for (name, value) in self.fields.iter().filter(|(name, _)| !is_stripped(name)) {
            message.extend(format!("{name}: {value}\r\n").bytes());
        }
        message.extend(b"\r\n");
        message.extend(&self.body);
        message
    }

    /// The bytes that SES stores: its own fields on top.
    pub(crate) fn as_stored(&self, id: &InboundMessageId, now: Timestamp) -> Vec<u8> {
        let when = now
            .to_zoned(TimeZone::UTC)
            .strftime("%a, %d %b %Y %H:%M:%S +0000 (UTC)");
        let mut message = format!(
            "Return-Path: <{}>\r\n\
             Received: from mx.customer.test (mx.customer.test [192.0.2.1])\r\n \
             by inbound-smtp.ap-northeast-1.amazonaws.com with SMTP id {id}\r\n \
             for {SERVICE_ADDRESS};\r\n {when}\r\n\
             X-SES-Spam-Verdict: PASS\r\n\
             X-SES-Virus-Verdict: {}\r\n",
            self.envelope_from, self.virus
        )
        .into_bytes();
        message.extend(self.as_sent());
        message
    }

    /// The event with which SES calls `parse-mail`.
    pub(crate) fn receipt_event(&self, id: &InboundMessageId, now: Timestamp) -> Value {
        json!({
            "Records": [{
                "eventSource": "aws:ses",
                "eventVersion": "1.0",
                "ses": {
                    "mail": {
                        "timestamp": milliseconds(now),
                        "source": self.envelope_from,
                        "messageId": id.as_str(),
                        "destination": self.envelope_to,
                        "headersTruncated": false,
                        "headers": [],
                        "commonHeaders": {},
                    },
                    "receipt": {
                        "timestamp": milliseconds(now),
                        "processingTimeMillis": 500,
                        "recipients": self.envelope_to,
                        "spamVerdict": { "status": self.spam },
                        "virusVerdict": { "status": self.virus },
                        "spfVerdict": { "status": self.spf },
                        "dkimVerdict": { "status": "PASS" },
                        "dmarcVerdict": { "status": "GRAY" },
                        "action": {
                            "type": "Lambda",
                            "functionArn": "arn:aws:lambda:ap-northeast-1:123456789012:function:x",
                            "invocationType": "Event",
                        },
                    },
                },
            }],
        })
    }
}

/// An encoded word (RFC 2047); the texts of tests fit into one.
fn encoded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    format!(
        "=?UTF-8?B?{}?=",
        base64_simd::STANDARD.encode_to_string(text)
    )
}

/// A DKIM signature field (RFC 6376), `relaxed/simple`, made by hand so that the verifier is not
/// its own judge.
fn signature(domain: &str, names: &[String], fields: &[(String, String)], body: &[u8]) -> String {
    let is_there = |name: &&String| {
        let mut known = fields.iter().map(|(known, _)| known);
        known.any(|known| known.eq_ignore_ascii_case(name))
    };
    let names: Vec<&str> = names.iter().filter(is_there).map(String::as_str).collect();
    let body_hash = base64_simd::STANDARD.encode_to_string(Sha256::digest(simple(body)));
    let value = format!(
        "v=1; a=rsa-sha256; c=relaxed/simple; d={domain}; s={SELECTOR};\r\n h={}; bh={body_hash};\
         \r\n b=",
        names.join(":")
    );
    let mut signed = String::new();
    // RFC 6376 section 5.4.2: a name that stands again takes the next field above, or nothing.
    for (position, name) in names.iter().enumerate() {
        let before = names.iter().take(position);
        let taken = before.filter(|before| before.eq_ignore_ascii_case(name));
        let field = fields
            .iter()
            .rev()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .nth(taken.count());
        if let Some((_, text)) = field {
            let name = name.to_ascii_lowercase();
            signed.push_str(&format!("{name}:{}\r\n", relaxed(text)));
        }
    }
    signed.push_str(&format!("dkim-signature:{}", relaxed(&value)));
    let bytes = TestKey::rsa().sign_digest(&Sha256::digest(signed).into());
    format!(
        "DKIM-Signature: {value}{}\r\n",
        base64_simd::STANDARD.encode_to_string(bytes)
    )
}

/// Unfolded, with single spaces, without any at the ends.
fn relaxed(value: &str) -> String {
    value.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

/// Without empty lines at the end, but with one line break.
fn simple(body: &[u8]) -> Vec<u8> {
    let mut rest = body;
    while let Some(shorter) = rest.strip_suffix(b"\r\n") {
        rest = shorter;
    }
    let mut canonical = rest.to_vec();
    canonical.extend(b"\r\n");
    canonical
}
