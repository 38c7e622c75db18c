//! `akashi doctor`: whether the service can work, and what to do where it cannot.
//!
//! [`Doctor::examine`] asks AWS, the DNS and the authorities; what it saw are [`Facts`].
//! [`diagnose`] is a pure function over them: each finding that is not good names the command or
//! the DNS record that mends it.

mod diagnosis;
mod facts;

pub use diagnosis::{Finding, State, diagnose};
pub use facts::{
    Authority, EnvelopeRecords, Facts, Identity, MailExchanger, MailFrom, Records, Seen,
    SendingAccount, Signing, SmsAccount, Subject, Subscription,
};

use std::future::Future;

use domain::ObjectKey;

use crate::certify::archiving::Archiving;
use crate::certify::signing::SigningConfiguration;
use crate::ports::{
    Clock, FetchCrl, Nonces, PortError, PortResult, ReadObject, RequestOcsp, RequestTimestamp,
};
use crate::wire::parse_signing_configuration;
use crate::{Failure, Outside};

/// Looks at the account and its region.
pub trait ObserveAccount {
    /// What SES lets the account send.
    fn sending_account(&self) -> impl Future<Output = PortResult<SendingAccount>> + Send;

    /// What SES knows of our domain; `None` when it was never told of it.
    fn identity(&self, domain: &str) -> impl Future<Output = PortResult<Option<Identity>>> + Send;

    /// The name of the receipt rule set that is active, if one is.
    fn active_rule_set(&self) -> impl Future<Output = PortResult<Option<String>>> + Send;

    /// What SNS lets the account send by SMS.
    fn sms_account(&self) -> impl Future<Output = PortResult<SmsAccount>> + Send;

    /// Who hears the alarms.
    fn subscriptions(
        &self,
        topic: &str,
    ) -> impl Future<Output = PortResult<Vec<Subscription>>> + Send;

    /// How many invocations may run at once, of all functions of the account in this region.
    fn concurrent_executions(&self) -> impl Future<Output = PortResult<u64>> + Send;
}

/// Asks the DNS, for the doctor. A name or a type that is not there is an empty answer.
pub trait LookUpRecords {
    /// The mail exchangers of a name.
    fn mail_exchangers(
        &self,
        name: &str,
    ) -> impl Future<Output = PortResult<Vec<MailExchanger>>> + Send;

    /// The texts at a name.
    fn texts(&self, name: &str) -> impl Future<Output = PortResult<Vec<String>>> + Send;

    /// What a name is an alias of.
    fn alias(&self, name: &str) -> impl Future<Output = PortResult<Option<String>>> + Send;

    /// Whether a host has an address.
    fn has_address(&self, name: &str) -> impl Future<Output = PortResult<bool>> + Send;
}

/// The command with its ports.
#[derive(Debug)]
pub struct Doctor<O: Outside> {
    /// The account.
    pub account: O::Account,
    /// The DNS.
    pub dns: O::DnsRecords,
    /// The originals bucket, where the signing configuration is.
    pub originals: O::Originals,
    /// The way to authorities and issuers.
    pub authorities: O::Authorities,
    /// The clock.
    pub clock: O::Clock,
    /// The source of nonces.
    pub nonces: O::Nonces,
}

impl<O> Doctor<O>
where
    O: Outside,
    O::Account: ObserveAccount,
    O::DnsRecords: LookUpRecords,
    O::Originals: ReadObject,
    O::Authorities: RequestTimestamp + RequestOcsp + FetchCrl,
    O::Clock: Clock,
    O::Nonces: Nonces,
{
    /// Looks at everything, one after the other. What cannot be seen is a fact too.
    pub async fn examine(&self, subject: Subject) -> Facts {
        let account = &self.account;
        let identity = seen(account.identity(&subject.domain).await);
        let records = self.records(&subject, identity.as_ref().ok()).await;
        Facts {
            sending: seen(account.sending_account().await),
            rule_set: seen(account.active_rule_set().await),
            sms: seen(account.sms_account().await),
            subscriptions: seen(account.subscriptions(&subject.alarms_topic).await),
            concurrent_executions: seen(account.concurrent_executions().await),
            signing: self.signing(&subject.signing_configuration).await,
            now: self.clock.now(),
            identity,
            records,
            subject,
        }
    }

    async fn records(&self, subject: &Subject, identity: Option<&Option<Identity>>) -> Records {
        let dns = &self.dns;
        let domain = &subject.domain;
        let identity = identity.and_then(Option::as_ref);
        let mut records = Records {
            receives: seen(dns.has_address(&subject.inbound_host()).await),
            exchangers: Vec::new(),
            dkim: Vec::new(),
            dmarc: seen(dns.texts(&format!("_dmarc.{domain}")).await),
            mail_from: None,
        };
        for name in subject.receiving_domains() {
            let found = seen(dns.mail_exchangers(&name).await);
            records.exchangers.push((name, found));
        }
        for token in identity.map(|one| &*one.dkim_tokens).unwrap_or_default() {
            let found = dns.alias(&format!("{token}._domainkey.{domain}")).await;
            records.dkim.push((token.clone(), seen(found)));
        }
        if let Some(mail_from) = identity.and_then(|one| one.mail_from.as_ref()) {
            records.mail_from = Some((
                seen(dns.mail_exchangers(&mail_from.domain).await),
                seen(dns.texts(&mail_from.domain).await),
            ));
        }
        records
    }

    async fn signing(&self, key: &ObjectKey) -> Seen<Option<Signing>> {
        let Some(json) = seen(self.originals.read_object(key).await)? else {
            return Ok(None);
        };
        let configuration = parse_signing_configuration(&json);
        let configuration = configuration.map_err(|error| Failure::from(error).chain())?;
        let archiving = Archiving::<O> {
            signing: &configuration,
            authorities: &self.authorities,
            clock: &self.clock,
            nonces: &self.nonces,
        };
        let mut authorities = Vec::new();
        for authority in &configuration.authorities {
            let stamped = archiving.try_authority(authority).await;
            authorities.push(Authority {
                name: authority.name.clone(),
                url: authority.url.clone(),
                stamps: stamped.map_err(|failure| failure.chain()),
            });
        }
        let chain = archiving.try_chain().await;
        Ok(Some(signing_of(
            &configuration,
            chain.map_err(|failure| failure.chain()),
            authorities,
        )))
    }
}

fn signing_of(
    configuration: &SigningConfiguration,
    is_proven: Seen<()>,
    authorities: Vec<Authority>,
) -> Signing {
    Signing {
        subject: configuration.chain.subject(),
        not_after: configuration.chain.not_after(),
        is_proven,
        authorities,
    }
}

fn seen<T>(result: PortResult<T>) -> Seen<T> {
    result.map_err(|error: PortError| Failure::from(error).chain())
}
