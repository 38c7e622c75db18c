//! `akashi doctor --send`: one registered mail the whole way, with our own domain as the customer.
//! It leaves by SES, comes back in by our own MX record, goes to SES's mailbox simulator
//! (<https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html>), and must end with
//! a certificate.

use bytes::Bytes;
use domain::{
    AcceptanceNotices, Account, AccountId, AccountStatus, AddressError, Allowing, AllowlistEntry,
    EmailAddress, Granting, Language, MaySend, Points, Serial, Settings, TrustSetting,
};
use jiff::{SignedDuration, Timestamp};

use crate::ports::{
    AllowSender, ChangeStatus, Clock, GrantPoints, Handover, InsertAccount, ListSerials, MailTag,
    OutgoingMail, PageOf, SendMail, SerialHolder,
};
use crate::{Failure, Outside};

/// The account that pays. It is open only while a trial is under way.
const ACCOUNT: &str = "D0CT0R";

/// Whom the trial goes to. Its deliveries count for nothing in SES's rates.
const RECIPIENT: &str = "success@simulator.amazonses.com";

/// How long to wait for the certificate, in seconds: cold starts, a timestamp, two OCSP answers,
/// and a retry or two take less.
const WAIT_SECONDS_MAX: i64 = 300;

/// How a trial ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrialEnd {
    /// Well.
    Certified {
        /// The dispatch.
        serial: Serial,
        /// How long it took.
        seconds: i64,
    },
    /// SES did not take it.
    NotSent(String),
    /// It did not come in, or was refused.
    NotReceived,
    /// It came in, and has no certificate yet.
    NotCertified {
        /// The dispatch.
        serial: Serial,
    },
}

/// The command with its ports.
#[derive(Debug)]
pub struct Trial<O: Outside> {
    /// Keeps accounts and dispatches.
    pub tables: O::Tables,
    /// Sends.
    pub mailer: O::Mailer,
    /// The clock.
    pub clock: O::Clock,
}

impl<O> Trial<O>
where
    O: Outside,
    O::Tables: InsertAccount + AllowSender + GrantPoints + ChangeStatus + ListSerials,
    O::Mailer: SendMail,
    O::Clock: Clock,
{
    /// Sends, and looks again after each pause until the certificate is there or five minutes have
    /// passed.
    ///
    /// # Errors
    /// When a store fails, or the domain makes no address.
    pub async fn run(&self, domain: &str, pause: impl AsyncFn()) -> Result<TrialEnd, Failure> {
        let started = self.clock.now();
        let malformed = |source| Failure::permanent_because("writing the mail of a trial", source);
        let id: AccountId = ACCOUNT
            .parse()
            .map_err(|source| Failure::permanent_because("naming the account", source))?;
        let mail = letter(&id, domain, started).map_err(malformed)?;
        self.open(&id, &mail.from, started).await?;
        self.tables.change_status(&id, MaySend::Yes).await?;
        let end = match self.mailer.send_mail(&mail).await {
            Handover::Accepted(_) => self.wait(&id, started, pause).await,
            Handover::Refused(why) => Ok(TrialEnd::NotSent(why)),
            Handover::Busy(cause) | Handover::Unknown(cause) => {
                Ok(TrialEnd::NotSent(cause.to_string()))
            }
        };
        self.tables.change_status(&id, MaySend::No).await?;
        end
    }

    /// Opens the account of trials unless it is open, lets its sender send, and grants it a point.
    async fn open(
        &self,
        id: &AccountId,
        sender: &EmailAddress,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let account = account(id, sender, now)?;
        self.tables.insert_account(&account).await?;
        let allowing = self.tables.allow_sender(&entry(id, sender, now)).await?;
        if let Allowing::TakenBy(_) = allowing {
            return Err(Failure::permanent(
                "opening the account of trials, from whose address a customer sends",
            ));
        }
        let reference =
            format!("trial {now}")
                .parse()
                .map_err(|source: domain::ReferenceError| {
                    Failure::permanent_because("naming the grant of a trial", source)
                })?;
        let granting = self
            .tables
            .grant_points(id, Points::new(1), &reference, now)
            .await?;
        match granting {
            Granting::Granted | Granting::GrantedBefore => Ok(()),
            Granting::TooMany | Granting::AccountLapsed | Granting::NoAccount => Err(
                Failure::permanent("granting a point to the account of trials"),
            ),
        }
    }

    async fn wait(
        &self,
        id: &AccountId,
        started: Timestamp,
        pause: impl AsyncFn(),
    ) -> Result<TrialEnd, Failure> {
        let newest = PageOf {
            after: None,
            newest_first: true,
            entries_max: 1,
        };
        let mut received = None;
        loop {
            let now = self.clock.now();
            let page = self.tables.serials_of(id, &newest).await?;
            if let Some(SerialHolder::Dispatch(stored)) = page.entries.first()
                && stored.dispatch.accepted_at >= started
            {
                let serial = stored.dispatch.serial.clone();
                if stored.certificate.is_some() {
                    let seconds = now.duration_since(started).as_secs();
                    return Ok(TrialEnd::Certified { serial, seconds });
                }
                received = Some(serial);
            }
            if now.duration_since(started) > SignedDuration::from_secs(WAIT_SECONDS_MAX) {
                return Ok(received.map_or(TrialEnd::NotReceived, |serial| {
                    TrialEnd::NotCertified { serial }
                }));
            }
            pause().await;
        }
    }
}

fn account(id: &AccountId, mail: &EmailAddress, now: Timestamp) -> Result<Account, Failure> {
    let zone = "UTC".parse();
    Ok(Account {
        id: id.clone(),
        company: "akashi doctor".to_owned(),
        address: None,
        contact: "akashi doctor".to_owned(),
        mail: mail.clone(),
        mobile: None,
        status: AccountStatus::Active,
        settings: Settings {
            certificates_by_mail: false,
            acceptance_notices: AcceptanceNotices::default(),
            language: Language::default(),
            zone: zone.map_err(|source| Failure::permanent_because("naming a zone", source))?,
            contracts: domain::ContractSettings::default(),
        },
        last_used_at: now,
        warned: None,
    })
}

fn entry(id: &AccountId, sender: &EmailAddress, now: Timestamp) -> AllowlistEntry {
    AllowlistEntry {
        sender: sender.clone(),
        account: id.clone(),
        proven_at: now,
        trust: TrustSetting::Dkim,
    }
}

/// SES writes Date and Message-ID, and signs with the key of our domain, as a customer's server
/// would with the customer's.
fn letter(id: &AccountId, domain: &str, now: Timestamp) -> Result<OutgoingMail, AddressError> {
    let from: EmailAddress = format!("doctor@{domain}").parse()?;
    let service: EmailAddress = format!("mail@{domain}").parse()?;
    let raw = format!(
        "From: {from}\r\nTo: {RECIPIENT}\r\nCc: {service}\r\nSubject: akashi doctor {now:.0}\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: 7bit\r\n\r\n\
         A trial of the service by its operator. Nothing is to be done.\r\n"
    );
    Ok(OutgoingMail {
        from,
        to: service,
        raw: Bytes::from(raw),
        tag: MailTag::Trial(id.clone()),
    })
}
