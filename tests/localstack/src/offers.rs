//! Offers of contracts, and what the other party sees and does.

use serde::Deserialize;
use serde_json::json;
use tests::customer::{Customer, Letter};

use crate::sender::{random, stamped};
use crate::{Browser, Dispatch, Envelope, Mail, Reply, Sender, World, wait_for};

/// The number of the local world that offers come from and that takes answers.
const OUR_NUMBER: &str = "+815012345678";

/// An SMS as a phone shows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Sms {
    /// What it says.
    pub text: String,
    /// Whether the phone got it.
    pub received: bool,
    /// When it was published.
    pub sent_at: String,
}

impl Sms {
    /// The link in it.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn link(&self) -> &str {
        link_in(&self.text)
    }
}

/// The first link in a text.
fn link_in(text: &str) -> &str {
    let start = text.find("http").expect("a link");
    let link = text
        .get(start..)
        .and_then(|rest| rest.split_whitespace().next());
    link.expect("a link")
}

/// A mobile number that no other test uses.
///
/// # Panics
/// When the system has no randomness.
#[must_use]
pub fn fresh_mobile() -> String {
    let number = u32::from_be_bytes(random()) % 100_000_000;
    format!("+8180{number:08}")
}

/// A number that acts on purpose, by the two digits that say how (`localstack/README.md`).
///
/// # Panics
/// When the system has no randomness.
#[must_use]
pub fn fresh_mobile_that(acts: &str) -> String {
    let number = u16::from_be_bytes(random()) % 10_000;
    format!("+819000{acts}{number:04}")
}

impl Sender {
    /// Changes what the account chose, as `akashi account settings` does.
    pub fn choose(&self, settings: &[&str]) {
        let command = ["account", "settings", "--id", self.account()];
        let _ = self.world.akashi(&[&command, settings].concat());
    }

    /// A contract mail; the subject begins with the destinations.
    #[must_use]
    pub fn contract(&self, subject: &str) -> Letter {
        let address = format!("{}@c.akashi.test", self.account().to_lowercase());
        stamped(&Letter::from(&self.customer))
            .without("Cc")
            .to(&[&address])
            .delivered_to(&[&address])
            .subject(subject)
            .body("甲は乙に本件を委託する。\r\n")
    }

    /// Offers a contract to one destination; returns the dispatch's id.
    #[must_use]
    pub fn offer(&self, subject: &str) -> String {
        let reply = self.world.post(&self.contract(subject));
        format!("{}-01", reply.message_id())
    }

    /// Waits for the offer in a mailbox that no other offer comes to.
    ///
    /// # Panics
    /// When it does not come.
    #[must_use]
    pub fn offer_mail(&self, recipient: &str) -> Mail {
        wait_for(&format!("an offer to {recipient}"), || {
            self.mailbox(recipient).into_iter().next()
        })
    }

    /// Waits until so many things came back to the only contract of the account.
    ///
    /// # Panics
    /// When they do not come.
    #[must_use]
    pub fn answered(&self, count: usize) -> Dispatch {
        wait_for(&format!("{count} answers to {}", self.account()), || {
            let mut dispatches = self.dispatches();
            dispatches.retain(|dispatch| dispatch.answers().len() >= count);
            dispatches.pop()
        })
    }

    /// Somebody replies to a mail, with the signature of the mail server there.
    ///
    /// # Panics
    /// When the mail has no Reply-To, or nobody listens.
    pub fn answer_by_mail(&self, recipient: &str, offer: &Mail, text: &str) -> Reply {
        self.world.post(&self.reply(recipient, offer, text))
    }

    /// The letter of somebody who replies to a mail.
    ///
    /// # Panics
    /// When the mail has no Reply-To.
    #[must_use]
    pub fn reply(&self, from: &str, offer: &Mail, text: &str) -> Letter {
        let reference = format!("<{}@ap-northeast-1.amazonses.com>", offer.ses_message_id);
        let (name, key) = Customer::new("ZZZZ", from).dkim_record();
        self.world.publish(&name, &key);
        Letter::reply(&self.raw(offer), from, &reference, text)
    }
}

impl Mail {
    /// The first link in its text.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn link(&self) -> &str {
        link_in(&self.text)
    }
}

impl World {
    /// Hands a letter over as its envelope says.
    ///
    /// # Panics
    /// When nobody listens.
    pub fn post(&self, letter: &Letter) -> Reply {
        let (from, to) = letter.envelope();
        let envelope = Envelope {
            from: from.to_owned(),
            to: to.to_vec(),
        };
        self.submit(&envelope, &letter.as_sent())
    }

    /// What was sent to a phone, oldest first.
    ///
    /// # Panics
    /// When the phone does not answer.
    #[must_use]
    pub fn phone(&self, number: &str) -> Vec<Sms> {
        let messages = self.document(&format!("/_akashi/sms/{number}"));
        serde_json::from_value(messages).expect("a phone")
    }

    /// Waits until a phone has got so many messages, and returns the last one.
    ///
    /// # Panics
    /// When they do not come.
    #[must_use]
    pub fn sms(&self, number: &str, count: usize) -> Sms {
        wait_for(&format!("{count} SMS to {number}"), || {
            let mut messages = self.phone(number);
            messages.retain(|message| message.received);
            (messages.len() >= count).then(|| messages.pop()).flatten()
        })
    }

    /// Somebody sends an SMS to our number.
    ///
    /// # Panics
    /// When the local world does not take it.
    pub fn answer_by_sms(&self, from: &str, text: &str) {
        let url = format!("{}/_akashi/sms/answers", self.gateway);
        let answer = json!({ "from": from, "to": OUR_NUMBER, "text": text });
        let taken = self.http.post(url).send(answer.to_string().as_bytes());
        let status = taken.expect("the phones answer").status();
        assert!(status.is_success(), "an SMS was not taken: {status}");
    }

    /// Somebody answers on the page behind a link.
    ///
    /// # Panics
    /// When the page does not take it.
    pub fn answer_by_link(&self, link: &str, choice: &str, text: &str) {
        let form = [("choice", choice), ("text", text)];
        let page = Browser::new(self).answer(link, &form);
        assert_eq!(page.status, 200, "{}", page.html());
    }
}
