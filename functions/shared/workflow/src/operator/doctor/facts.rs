//! What the doctor saw.

use domain::ObjectKey;
use jiff::Timestamp;

/// Something that was looked at, or why it could not be seen.
pub type Seen<T> = Result<T, String>;

/// Whom the doctor looks at: the deployed stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The region of the stack.
    pub region: String,
    /// The domain of the service.
    pub domain: String,
    /// The receipt rule set of the stack.
    pub rule_set: String,
    /// The ARN of the topic of alarms.
    pub alarms_topic: String,
    /// Where the signing configuration is.
    pub signing_configuration: ObjectKey,
    /// How many messages of one mail the stack hands to SES within a second.
    pub mails_per_second: u64,
    /// Whether it is the local world, which is one region, one domain and no sandbox.
    pub is_local: bool,
}

/// Everything that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Of whom.
    pub subject: Subject,
    /// What SES lets the account send.
    pub sending: Seen<SendingAccount>,
    /// What SES knows of the domain.
    pub identity: Seen<Option<Identity>>,
    /// What the DNS says.
    pub records: Records,
    /// The active receipt rule set.
    pub rule_set: Seen<Option<String>>,
    /// With what certificates are signed, if that is configured.
    pub signing: Seen<Option<Signing>>,
    /// What SNS lets the account send by SMS.
    pub sms: Seen<SmsAccount>,
    /// Who hears the alarms.
    pub subscriptions: Seen<Vec<Subscription>>,
    /// How many invocations may run at once.
    pub concurrent_executions: Seen<u64>,
    /// When it was looked at.
    pub now: Timestamp,
}

/// What SES lets an account send in a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendingAccount {
    /// Whether it is out of the sandbox.
    pub has_production_access: bool,
    /// Whether sending is on.
    pub is_enabled: bool,
    /// `HEALTHY`, `PROBATION` or `SHUTDOWN`.
    pub enforcement: String,
    /// Most mails in 24 hours; none when there is no such limit.
    pub daily_max: Option<u64>,
    /// Mails of the last 24 hours.
    pub sent_today: u64,
    /// Most mails in a second.
    pub per_second_max: u64,
}

/// What SES knows of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Whether mail may be sent from it.
    pub is_verified: bool,
    /// `SUCCESS` when SES has seen the records of its signatures.
    pub dkim_status: String,
    /// The names of these records, without `._domainkey.<domain>`.
    pub dkim_tokens: Vec<String>,
    /// The domain of the envelope's sender, if it is not amazonses.com.
    pub mail_from: Option<MailFrom>,
}

/// A domain for the envelope's sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailFrom {
    /// The domain.
    pub domain: String,
    /// `SUCCESS` when SES has seen its records.
    pub status: String,
}

/// One MX record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailExchanger {
    /// The smallest goes first.
    pub preference: u16,
    /// The host, without a dot at the end.
    pub host: String,
}

/// Mail exchangers and texts of one domain.
pub type EnvelopeRecords = (Seen<Vec<MailExchanger>>, Seen<Vec<String>>);

/// What the DNS says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Records {
    /// Whether SES receives mail in this region: then its host for that has an address. A list
    /// would age; AWS keeps one at <https://docs.aws.amazon.com/general/latest/gr/ses.html>.
    pub receives: Seen<bool>,
    /// The mail exchangers of each domain that takes mail.
    pub exchangers: Vec<(String, Seen<Vec<MailExchanger>>)>,
    /// What each name of SES's signatures is an alias of, by its token.
    pub dkim: Vec<(String, Seen<Option<String>>)>,
    /// The texts at `_dmarc.<domain>`.
    pub dmarc: Seen<Vec<String>>,
    /// Mail exchangers and texts of the domain of the envelope's sender, if there is one.
    pub mail_from: Option<EnvelopeRecords>,
}

/// With what certificates are signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signing {
    /// Whose certificate.
    pub subject: String,
    /// When it ends.
    pub not_after: Timestamp,
    /// Whether its issuers say that it is not revoked.
    pub is_proven: Seen<()>,
    /// The timestamp authorities.
    pub authorities: Vec<Authority>,
}

/// A timestamp authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// Its name.
    pub name: String,
    /// Where it answers.
    pub url: String,
    /// Whether it gave a good token, with certificates that are not revoked.
    pub stamps: Seen<()>,
}

/// What SNS lets an account send by SMS in a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsAccount {
    /// Whether only verified numbers are reached.
    pub is_in_sandbox: bool,
    /// What it may cost a month, in whole USD; none when nobody set it.
    pub monthly_limit_usd: Option<u64>,
}

/// Who hears the alarms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The address.
    pub endpoint: String,
    /// Whether its owner said yes.
    pub is_confirmed: bool,
}

impl Subject {
    /// The host that receives mail in this region.
    #[must_use]
    pub fn inbound_host(&self) -> String {
        format!("inbound-smtp.{}.amazonaws.com", self.region)
    }

    /// The host that takes bounces to a domain of ours
    /// (<https://docs.aws.amazon.com/ses/latest/dg/mail-from.html>).
    #[must_use]
    pub fn feedback_host(&self) -> String {
        format!("feedback-smtp.{}.amazonses.com", self.region)
    }

    /// The domains that take mail: registered mail, contracts, answers.
    #[must_use]
    pub fn receiving_domains(&self) -> [String; 3] {
        let domain = &self.domain;
        [domain.clone(), format!("c.{domain}"), format!("a.{domain}")]
    }
}
