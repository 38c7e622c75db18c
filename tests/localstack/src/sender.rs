//! A customer with an account of its own, and what it sees.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use tests::customer::{Customer, Letter, SERVICE_ADDRESS};

use crate::{Envelope, Reply, World, wait_for};

/// A customer whom nobody else knows.
#[derive(Debug)]
pub struct Sender {
    /// The world it lives in.
    pub world: &'static World,
    /// Account and address.
    pub customer: Customer,
}

/// A dispatch as `akashi dispatches` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Dispatch {
    /// Its id.
    pub dispatch_id: String,
    /// Its serial.
    pub serial: String,
    /// When the mail that it is of was accepted.
    pub accepted_at: String,
    /// Who gets the mail, if anyone does.
    pub recipient: Option<String>,
    /// Who gets the SMS of an offer, if anyone does.
    pub mobile: Option<String>,
    /// How far sending has come.
    pub attempt: String,
    /// How it ended.
    pub outcome: Option<String>,
    /// What became of the points.
    pub charge: String,
    /// Where the certificate's original lies.
    pub certificate_key: Option<String>,
    /// The certificate's digest.
    pub certificate_sha256: Option<String>,
    /// What was seen.
    pub events: Vec<LoggedEvent>,
}

/// One line of a dispatch's log.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LoggedEvent {
    /// What happened.
    pub name: String,
    /// When.
    pub at: String,
    /// Who saw it.
    pub source: String,
    /// Whether it came too late to change anything.
    pub supplementary: bool,
    /// What came back, if that is what happened.
    pub answer: Option<LoggedAnswer>,
}

/// What came back to an offer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LoggedAnswer {
    /// `mail`, `sms` or `link`.
    pub road: String,
    /// The button of the page, if it was one.
    pub choice: Option<String>,
    /// Whose it is.
    pub standing: String,
    /// As it was written.
    pub text: String,
}

/// A delivered mail.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Mail {
    /// The envelope's sender.
    pub from: String,
    /// Decoded.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The id that SES gave it.
    pub ses_message_id: String,
    /// Where its bytes are.
    raw_url: String,
}

impl Dispatch {
    /// Names of the events, as they happened.
    #[must_use]
    pub fn event_names(&self) -> Vec<&str> {
        self.events
            .iter()
            .map(|event| event.name.as_str())
            .collect()
    }

    /// What came back, in order, and whether it came too late to change anything.
    #[must_use]
    pub fn answers(&self) -> Vec<(&LoggedAnswer, bool)> {
        let events = self.events.iter();
        events
            .filter_map(|event| Some((event.answer.as_ref()?, event.supplementary)))
            .collect()
    }

    /// Whether nothing more will be made of it: certified, or not attempted.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        let outcome = self.outcome.as_deref().unwrap_or_default();
        self.certificate_key.is_some() || outcome.starts_with("not_attempted")
    }
}

impl Sender {
    /// Opens an account for a new customer, whose domain publishes a DKIM key.
    ///
    /// # Panics
    /// When the world does not take it.
    #[must_use]
    pub fn with_points(points: u32) -> Self {
        let world = World::shared();
        let account = fresh_code();
        let domain = format!("{}.test", account.to_lowercase());
        let customer = Customer::new(&account, &format!("taro@{domain}"));
        let address = customer.address.as_str().to_owned();
        world.akashi(&[
            "account",
            "open",
            "--id",
            &account,
            "--company",
            "株式会社 青空商事",
            "--contact",
            "髙﨑 太郎",
            "--sender",
            &address,
            "--zone",
            "Asia/Tokyo",
            // Tests count what the sender gets.
            "--acceptance-notices",
            "none",
        ]);
        if points > 0 {
            world.akashi(&[
                "points",
                "grant",
                "--account",
                &account,
                "--points",
                &points.to_string(),
                "--reference",
                "test-1",
            ]);
        }
        let (name, key) = customer.dkim_record();
        world.publish(&name, &key);
        Self { world, customer }
    }

    /// The account's code.
    #[must_use]
    pub fn account(&self) -> &str {
        self.customer.account.as_str()
    }

    /// The address it writes from.
    #[must_use]
    pub fn address(&self) -> &str {
        self.customer.address.as_str()
    }

    /// An address that nobody else writes to; the name may be one that acts on purpose.
    #[must_use]
    pub fn recipient(&self, name: &str) -> String {
        let label = self.account().to_lowercase();
        format!("{name}+{label}@recipient.test")
    }

    /// A letter to recipients, of which there is one in the world.
    #[must_use]
    pub fn letter(&self, to: &[&str]) -> Letter {
        stamped(&Letter::from(&self.customer).to(to))
    }

    /// Sends a letter as the customer's mail server does.
    #[must_use]
    pub fn send(&self, letter: &Letter) -> Reply {
        self.send_bytes(&letter.as_sent())
    }

    /// Sends bytes as the customer's mail server does.
    #[must_use]
    pub fn send_bytes(&self, mail: &[u8]) -> Reply {
        let envelope = Envelope {
            from: self.address().to_owned(),
            to: vec![SERVICE_ADDRESS.to_owned()],
        };
        self.world.submit(&envelope, mail)
    }

    /// All dispatches of the account, by serial.
    ///
    /// # Panics
    /// When the command fails.
    #[must_use]
    pub fn dispatches(&self) -> Vec<Dispatch> {
        let list = ["dispatches", "--account", self.account()];
        let with_events = ["--all", "--json", "--events"];
        let lines = self.world.akashi(&[&list[..], &with_events].concat());
        let lines = lines.lines().map(serde_json::from_str);
        lines
            .map(|line| line.expect("JSON"))
            .filter(|line: &Value| line.get("refused_at").is_none())
            .map(|line| serde_json::from_value(line).expect("a dispatch"))
            .collect()
    }

    /// Waits until an event was recorded.
    ///
    /// # Panics
    /// When it is not.
    #[must_use]
    pub fn seen_event(&self, dispatch_id: &str, name: &str) -> LoggedEvent {
        wait_for(&format!("{name} of {dispatch_id}"), || {
            let dispatches = self.dispatches().into_iter();
            dispatches
                .filter(|dispatch| dispatch.dispatch_id == dispatch_id)
                .flat_map(|dispatch| dispatch.events)
                .find(|event| event.name == name)
        })
    }

    /// Waits until the account has so many dispatches and all have ended.
    ///
    /// # Panics
    /// When they do not in time, or there are more.
    #[must_use]
    pub fn ended_dispatches(&self, count: usize) -> Vec<Dispatch> {
        let mut last = Vec::new();
        let what = format!("{count} dispatches of {} have ended", self.account());
        wait_for(&what, || {
            last = self.dispatches();
            assert!(last.len() <= count, "more dispatches than recipients");
            (last.len() == count && last.iter().all(Dispatch::has_ended)).then_some(())
        });
        last
    }

    /// Sends a letter to one recipient and waits for its end.
    ///
    /// # Panics
    /// When it does not end.
    #[must_use]
    pub fn sent_to(&self, recipient: &str) -> Dispatch {
        let reply = self.send(&self.letter(&[recipient]));
        let id = format!("{}-01", reply.message_id());
        let what = format!("{id} to {recipient} has ended");
        wait_for(&what, || {
            let dispatches = self.dispatches().into_iter();
            dispatches
                .filter(|dispatch| dispatch.dispatch_id == id)
                .find(Dispatch::has_ended)
        })
    }

    /// Points that are free, and points that are reserved.
    ///
    /// # Panics
    /// When the command fails.
    #[must_use]
    pub fn points(&self) -> (u32, u32) {
        let shown = self.points_shown();
        let line = shown.lines().next().expect("a balance");
        let mut numbers = line
            .split(|c: char| !c.is_ascii_digit())
            .filter(|digits| !digits.is_empty())
            .map(|digits| digits.parse().expect("a number"));
        let mut next = || numbers.next().expect("two numbers");
        (next(), next())
    }

    /// Lines of the ledger that say so (`posted`, `voided`, `reserved`).
    #[must_use]
    pub fn ledger_lines(&self, state: &str) -> usize {
        let shown = self.points_shown();
        let lines = shown.lines().skip(1);
        lines
            .filter(|line| line.contains(&format!(" {state} ")))
            .count()
    }

    fn points_shown(&self) -> String {
        self.world
            .akashi(&["points", "show", "--account", self.account()])
    }

    /// What somebody got, oldest first.
    ///
    /// # Panics
    /// When the mailbox does not answer.
    #[must_use]
    pub fn mailbox(&self, address: &str) -> Vec<Mail> {
        let mails = self.world.document(&format!("/_akashi/mailbox/{address}"));
        serde_json::from_value(mails).expect("a mailbox")
    }

    /// Waits until the customer itself has got so many mails from us.
    ///
    /// # Panics
    /// When they do not come, or there are more.
    #[must_use]
    pub fn notices(&self, count: usize) -> Vec<Mail> {
        let what = format!("{count} mails to {}", self.address());
        wait_for(&what, || {
            let mails = self.mailbox(self.address());
            assert!(
                mails.len() <= count,
                "more mails than there should be: {mails:?}"
            );
            (mails.len() == count).then_some(mails)
        })
    }

    /// The bytes of a delivered mail.
    #[must_use]
    pub fn raw(&self, mail: &Mail) -> Vec<u8> {
        self.world.bytes(&mail.raw_url)
    }

    /// The original of a certificate, from the bucket.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn original(&self, dispatch: &Dispatch) -> Vec<u8> {
        let key = dispatch.certificate_key.as_deref();
        let key = key.expect("the dispatch has a certificate");
        let bucket = self.world.output("OriginalsBucket");
        let original = self.world.object(bucket, key);
        original.expect("the original is in the bucket")
    }
}

/// A letter as a mail server sends it out: with the time of this machine and a number that no
/// other letter has.
#[expect(
    clippy::disallowed_methods,
    reason = "a server outside writes the time of its own clock"
)]
pub(crate) fn stamped(letter: &Letter) -> Letter {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = since.expect("a clock after 1970").as_secs();
    let seconds = i64::try_from(seconds).expect("a time");
    let now = Timestamp::from_second(seconds).expect("a time");
    letter.stamped(fresh_seed(), now)
}

/// Eight characters that make an account's code that nobody has, from the system's randomness.
///
/// # Panics
/// When the system has no randomness.
#[must_use]
pub fn fresh_code() -> String {
    let alphabet = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let letters = random::<8>().into_iter().map(|byte| {
        let letter = alphabet.get(usize::from(byte % 32)).expect("32 letters");
        char::from(*letter)
    });
    letters.collect()
}

/// A seed that a test prints, so that its order can be had again.
///
/// # Panics
/// When the system has no randomness.
#[must_use]
pub fn fresh_seed() -> u64 {
    u64::from_be_bytes(random())
}

/// The system's randomness.
///
/// # Panics
/// When it has none.
pub(crate) fn random<const BYTES: usize>() -> [u8; BYTES] {
    let mut random = [0; BYTES];
    let mut source = File::open(Path::new("/dev/urandom")).expect("a source of randomness");
    source.read_exact(&mut random).expect("randomness");
    random
}
