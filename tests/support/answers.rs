//! What comes back to an offer: letters of the recipient and of others, forms of the page behind
//! the link. Answers by SMS are in `sms`.

use domain::{AnswerToken, Choice, DispatchId, Named};
use mail::ParsedMail;
use serde_json::{Value, json};
use workflow::ports::StoredDispatch;

use crate::customer::{Customer, Letter};
use crate::functions::{self, Form};
use crate::{SentMail, World};

impl Letter {
    /// The answer that a mailer writes to the mail of an offer: to its Reply-To, with In-Reply-To
    /// the id that SES gave the mail.
    ///
    /// # Panics
    /// When the mail has no Reply-To.
    #[must_use]
    pub fn answer(offer: &SentMail, text: &str) -> Self {
        let reference = format!("<{}@ap-northeast-1.amazonses.com>", offer.message_id);
        Self::reply(&offer.mail.raw, offer.mail.to.as_str(), &reference, text)
    }

    /// The reply of somebody to a mail that has this Message-ID by now.
    ///
    /// # Panics
    /// When the mail has no Reply-To.
    #[must_use]
    pub fn reply(mail: &[u8], from: &str, reference: &str, text: &str) -> Self {
        let reply_to = field(mail, "Reply-To").expect("an offer has a Reply-To");
        let reply_to = reply_to.trim_matches(['<', '>']);
        let subject = ParsedMail::parse(mail).subject();
        Self::from(&Customer::new("ZZZZ", from))
            .field("Date", "Mon, 05 Jan 2026 12:00:00 +0900")
            .field("Message-ID", "<answer-1@recipient.test>")
            .without("Cc")
            .to(&[reply_to])
            .delivered_to(&[reply_to])
            .subject(&format!("Re: {subject}"))
            .field("In-Reply-To", reference)
            .field("References", reference)
            .body(format!("{}\r\n", text.replace('\n', "\r\n")))
    }

    /// The same letter from another address, sent from there.
    #[must_use]
    pub fn written_by(self, address: &str) -> Self {
        let (_, domain) = address.split_once('@').unwrap_or_default();
        self.field("From", &format!("<{address}>"))
            .returned_to(address)
            .signed_by(domain)
    }
}

impl World {
    /// The mail of an offer, as the provider took it.
    ///
    /// # Panics
    /// When none was sent.
    #[must_use]
    pub fn offer_mail(&self, id: &DispatchId) -> SentMail {
        let mut sent = self.outbox().into_iter();
        sent.find(|sent| sent.dispatch() == Some(id))
            .expect("the offer was mailed")
    }

    /// The token of an offer.
    ///
    /// # Panics
    /// When there is no such offer.
    #[must_use]
    pub fn token_of(&self, id: &DispatchId) -> AnswerToken {
        let stored = self.dispatch(id).expect("the dispatch exists");
        let token = stored.dispatch.answer_token();
        token.expect("it is an offer").clone()
    }

    /// The token that the recipient of an offer got last: of the offer, or of the newest copy.
    ///
    /// # Panics
    /// When there is no such offer.
    #[must_use]
    pub fn newest_token_of(&self, id: &DispatchId) -> AnswerToken {
        let dispatches = self.dispatches();
        let copies = dispatches
            .iter()
            .filter(|stored| stored.dispatch.id == *id || stored.dispatch.adds_to() == Some(id));
        let copies = copies.filter_map(|stored| stored.copy_token.clone());
        let newest = copies.max_by_key(|copy| copy.after_answers);
        newest.map_or_else(|| self.token_of(id), |copy| copy.token)
    }

    /// The recipient of an offer answers its mail.
    pub fn answer_by_mail(&self, id: &DispatchId, text: &str) -> domain::InboundMessageId {
        self.receive(&Letter::answer(&self.offer_mail(id), text))
    }

    /// Somebody sends the form behind the link of an offer.
    pub fn answer_by_link(&self, id: &DispatchId, choice: Choice, text: &str) {
        self.call_soon(self.form_call(self.token_of(id).as_str(), choice, text));
    }

    /// The call with which the form behind a link reaches the service.
    #[must_use]
    pub fn form_call(&self, token: &str, choice: Choice, text: &str) -> (&'static str, Value) {
        let form = Form {
            token: token.to_owned(),
            choice: choice.name().to_owned(),
            text: text.to_owned(),
        };
        ("ServeWeb", json!(form))
    }

    /// Sends a form, and reads what the page says then.
    ///
    /// # Panics
    /// When the page fails.
    pub fn send_form(&self, token: &str, choice: Choice, text: &str) -> String {
        let (function, form) = self.form_call(token, choice, text);
        let page = self.invoke(function, &form).expect("the page answers");
        page.as_str().unwrap_or_default().to_owned()
    }

    /// Opens the page behind a link, as a person does, or a link scanner.
    #[must_use]
    pub fn open_page(&self, token: &AnswerToken) -> Option<StoredDispatch> {
        functions::page_behind(&self.ports(), token)
    }
}

/// The value of a header field on one line.
fn field(raw: &[u8], name: &str) -> Option<String> {
    let mail = ParsedMail::parse(raw);
    let header = String::from_utf8_lossy(mail.raw_header()).replace("\r\n ", " ");
    let start = format!("{name}: ");
    let line = header.lines().find_map(|line| line.strip_prefix(&start));
    line.map(|value| value.trim().to_owned())
}
