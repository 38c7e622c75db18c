//! What the facts mean, and what to do.

use domain::limits::{
    CONCURRENT_EXECUTIONS_MIN, CONCURRENT_EXECUTIONS_WANTED, SIGNER_VALIDITY_DAYS_MIN,
    SIGNER_VALIDITY_DAYS_WARNED,
};
use jiff::Timestamp;

use super::facts::{
    Authority, Facts, Identity, MailExchanger, MailFrom, Records, Seen, SendingAccount, Signing,
    SmsAccount, Subject, Subscription,
};

/// Who may send for a domain of envelopes
/// (<https://docs.aws.amazon.com/ses/latest/dg/mail-from.html>).
const SPF_OF_SES: &str = "v=spf1 include:amazonses.com ~all";

/// Seconds of a day.
const DAY_SECONDS: i64 = 86_400;

/// How good something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// As it should be.
    Good,
    /// The service works, and something is missing all the same.
    Warning,
    /// The service does not work, or not for everybody.
    Problem,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What, in a word or two.
    pub area: &'static str,
    /// How it is.
    pub state: State,
    /// What was seen, in a sentence.
    pub seen: String,
    /// What to do, if anything: a command, or a DNS record to publish.
    pub remedy: Option<String>,
}

impl Finding {
    fn good(area: &'static str, seen: impl Into<String>) -> Self {
        Self {
            area,
            state: State::Good,
            seen: seen.into(),
            remedy: None,
        }
    }

    fn warning(area: &'static str, seen: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            area,
            state: State::Warning,
            seen: seen.into(),
            remedy: Some(remedy.into()),
        }
    }

    fn problem(area: &'static str, seen: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            state: State::Problem,
            ..Self::warning(area, seen, remedy)
        }
    }

    /// What could not be looked at may be broken.
    fn unseen(area: &'static str, why: &str) -> Self {
        Self::problem(
            area,
            format!("could not be looked at: {why}"),
            "run this again; if it stays so, your role needs the permission to look",
        )
    }
}

/// All findings, in the order in which they are best mended. Of the local world, what it does not
/// have is left out: other regions, a sandbox, quotas.
#[must_use]
pub fn diagnose(facts: &Facts) -> Vec<Finding> {
    let (subject, records) = (&facts.subject, &facts.records);
    let mut findings = Vec::new();
    if !subject.is_local {
        findings.push(region(subject, &records.receives));
        findings.push(sending(subject, &facts.sending));
    }
    findings.extend(identity(subject, &facts.identity));
    findings.extend(dkim(subject, records));
    findings.extend(exchangers(subject, records));
    findings.extend(mail_from(subject, records, &facts.identity));
    findings.push(dmarc(subject, &records.dmarc));
    findings.push(rule_set(subject, &facts.rule_set));
    findings.extend(signing(&facts.signing, facts.now));
    findings.push(alarms(subject, &facts.subscriptions));
    if !subject.is_local {
        findings.push(sms(subject, &facts.sms));
        findings.push(concurrency(subject, &facts.concurrent_executions));
    }
    findings
}

fn region(subject: &Subject, receives: &Seen<bool>) -> Finding {
    const AREA: &str = "region";
    let region = &subject.region;
    match receives {
        Ok(true) => Finding::good(AREA, format!("SES receives mail in {region}")),
        Ok(false) => Finding::problem(
            AREA,
            format!("SES receives no mail in {region}"),
            "deploy to a region of the table \"Email receiving endpoints\" at \
             https://docs.aws.amazon.com/general/latest/gr/ses.html",
        ),
        Err(why) => Finding::unseen(AREA, why),
    }
}

fn sending(subject: &Subject, account: &Seen<SendingAccount>) -> Finding {
    const AREA: &str = "SES account";
    let region = &subject.region;
    let account = match account {
        Ok(account) => account,
        Err(why) => return Finding::unseen(AREA, why),
    };
    if !account.has_production_access {
        return Finding::problem(
            AREA,
            format!("it is in the sandbox of {region}: only verified addresses get mail"),
            format!(
                "aws sesv2 put-account-details --region {region} --production-access-enabled \
                 --mail-type TRANSACTIONAL --website-url https://{} \
                 --use-case-description 'registered mail that customers send one by one'",
                subject.domain
            ),
        );
    }
    if !account.is_enabled {
        return Finding::problem(
            AREA,
            format!("sending is off ({})", account.enforcement),
            format!("aws sesv2 put-account-sending-attributes --region {region} --sending-enabled"),
        );
    }
    if account.enforcement != "HEALTHY" {
        return Finding::problem(
            AREA,
            format!("AWS reviews its sending ({})", account.enforcement),
            "answer the case that AWS opened in the Support Center",
        );
    }
    let quota = account.daily_max.map_or_else(
        || "without a daily limit".to_owned(),
        |most| format!("{} of {most} mails sent in 24 hours", account.sent_today),
    );
    let nearly_used_up = account
        .daily_max
        .is_some_and(|most| account.sent_today.saturating_mul(5) >= most.saturating_mul(4));
    let seen = format!(
        "out of the sandbox, {quota}, {} a second",
        account.per_second_max
    );
    if subject.mails_per_second > account.per_second_max {
        return Finding::warning(
            AREA,
            format!(
                "{seen}; a mail to many is sent faster, {} a second",
                subject.mails_per_second
            ),
            format!(
                "deploy with --parameter MailsPerSecond={}; what comes too fast waits and is tried \
                 again",
                account.per_second_max.max(1)
            ),
        );
    }
    if nearly_used_up {
        return Finding::warning(
            AREA,
            seen,
            "ask for more: Service Quotas, Amazon SES, \"Sending quota\"; what is sent beyond it \
             waits and then parks",
        );
    }
    Finding::good(AREA, seen)
}

fn identity(subject: &Subject, identity: &Seen<Option<Identity>>) -> Option<Finding> {
    const AREA: &str = "identity";
    let domain = &subject.domain;
    match identity {
        Ok(Some(one)) if one.is_verified => {
            Some(Finding::good(AREA, format!("{domain} is verified")))
        }
        // Its DKIM records, which are looked at next, are what verifies it.
        Ok(Some(one)) => Some(Finding::problem(
            AREA,
            format!("{domain} is not verified (DKIM: {})", one.dkim_status),
            if one.dkim_status == "FAILED" {
                "publish the DKIM records below; SES has stopped looking for them, so that the \
                 identity has to be verified from the beginning: SES's console, Identities"
            } else {
                "publish the DKIM records below; SES looks for them for 72 hours"
            },
        )),
        Ok(None) => Some(Finding::problem(
            AREA,
            format!("SES does not know {domain} in {}", subject.region),
            "python3 infra/deploy.py, with this region and domain",
        )),
        Err(why) => Some(Finding::unseen(AREA, why)),
    }
}

fn dkim(subject: &Subject, records: &Records) -> Vec<Finding> {
    const AREA: &str = "DKIM";
    let domain = &subject.domain;
    if subject.is_local {
        // The local world signs with a key of its own, and publishes it by itself.
        return Vec::new();
    }
    let looked_at = records.dkim.iter().map(|(token, alias)| {
        let name = format!("{token}._domainkey.{domain}");
        let target = format!("{token}.dkim.amazonses.com");
        let remedy = format!("publish: {name}. CNAME {target}.");
        match alias {
            Ok(Some(found)) if found.eq_ignore_ascii_case(&target) => {
                Finding::good(AREA, format!("{name} is published"))
            }
            Ok(Some(found)) => Finding::problem(AREA, format!("{name} leads to {found}"), remedy),
            Ok(None) => Finding::problem(AREA, format!("{name} is missing"), remedy),
            Err(why) => Finding::unseen(AREA, why),
        }
    });
    looked_at.collect()
}

fn exchangers(subject: &Subject, records: &Records) -> Vec<Finding> {
    const AREA: &str = "MX";
    let host = subject.inbound_host();
    let looked_at = records.exchangers.iter().map(|(name, found)| {
        let remedy = format!("publish: {name}. MX 10 {host}.");
        let found = match found {
            Ok(found) => found,
            Err(why) => return Finding::unseen(AREA, why),
        };
        let hosts: Vec<&str> = found.iter().map(|one| one.host.as_str()).collect();
        let is_ours = |one: &&str| one.eq_ignore_ascii_case(&host);
        match (hosts.iter().any(is_ours), hosts.len()) {
            (true, 1) => Finding::good(AREA, format!("{name} leads to SES")),
            (true, _) => Finding::warning(
                AREA,
                format!(
                    "{name} leads to other hosts beside SES: {}",
                    hosts.join(", ")
                ),
                format!("take the others away: mail that goes to them never arrives; {remedy}"),
            ),
            // The local zone gives each domain a host of its own: the local world.
            (false, 1..) if subject.is_local => {
                Finding::good(AREA, format!("{name} leads to the local world"))
            }
            (false, 0) => Finding::problem(AREA, format!("{name} has no MX record"), remedy),
            (false, _) => Finding::problem(
                AREA,
                format!("mail to {name} goes to {}", hosts.join(", ")),
                remedy,
            ),
        }
    });
    looked_at.collect()
}

/// The envelope's sender: SPF passes, and is aligned, only with a domain of ours.
fn mail_from(
    subject: &Subject,
    records: &Records,
    identity: &Seen<Option<Identity>>,
) -> Vec<Finding> {
    const AREA: &str = "MAIL FROM";
    // What SES does not tell, or does not know, `identity` has said.
    let Ok(Some(identity)) = identity else {
        return Vec::new();
    };
    let (Some(mail_from), Some((exchangers, texts))) = (&identity.mail_from, &records.mail_from)
    else {
        return vec![Finding::warning(
            AREA,
            "envelopes come from amazonses.com: SPF says nothing about your domain",
            "python3 infra/deploy.py --parameter MailFromLabel=bounce",
        )];
    };
    vec![
        mail_from_exchanger(subject, mail_from, exchangers),
        spf(mail_from, texts),
    ]
}

fn mail_from_exchanger(
    subject: &Subject,
    mail_from: &MailFrom,
    found: &Seen<Vec<MailExchanger>>,
) -> Finding {
    const AREA: &str = "MAIL FROM";
    let MailFrom { domain, status } = mail_from;
    let host = subject.feedback_host();
    let remedy = format!("publish: {domain}. MX 10 {host}.");
    match found {
        Err(why) => Finding::unseen(AREA, why),
        // SES takes the one record and no other beside it.
        Ok(found) if matches!(&**found, [one] if one.host.eq_ignore_ascii_case(&host)) => {
            let seen = format!("{domain} is published; SES says {status}");
            match status.as_str() {
                "SUCCESS" => Finding::good(AREA, format!("envelopes come from {domain}")),
                // Setting the domain once more starts the search anew, and a deployment does that.
                "FAILED" => Finding::warning(AREA, seen, "deploy again: SES has stopped looking"),
                _ => Finding::warning(AREA, seen, "wait: SES looks for it for 72 hours"),
            }
        }
        Ok(found) if found.is_empty() => {
            Finding::problem(AREA, format!("{domain} has no MX record"), remedy)
        }
        Ok(_) => Finding::problem(AREA, format!("{domain} leads elsewhere too"), remedy),
    }
}

fn spf(mail_from: &MailFrom, texts: &Seen<Vec<String>>) -> Finding {
    const AREA: &str = "SPF";
    let domain = &mail_from.domain;
    let publish = format!("publish: {domain}. TXT \"{SPF_OF_SES}\"");
    let texts = match texts {
        Ok(texts) => texts,
        Err(why) => return Finding::unseen(AREA, why),
    };
    let records: Vec<&String> = texts.iter().filter(|text| is_spf(text)).collect();
    match *records {
        [] => Finding::problem(AREA, format!("{domain} has no SPF record"), publish),
        [one] if one.split(' ').any(|term| term == "include:amazonses.com") => {
            Finding::good(AREA, format!("SES may send for {domain}"))
        }
        [_] => Finding::problem(AREA, format!("SES may not send for {domain}"), publish),
        // RFC 7208 section 4.5: more than one is an error for whoever checks.
        _ => Finding::problem(
            AREA,
            format!("{domain} has {} SPF records, so none counts", records.len()),
            format!("keep one; {publish}"),
        ),
    }
}

fn is_spf(text: &str) -> bool {
    text == "v=spf1" || text.starts_with("v=spf1 ")
}

fn dmarc(subject: &Subject, texts: &Seen<Vec<String>>) -> Finding {
    const AREA: &str = "DMARC";
    let domain = &subject.domain;
    match texts {
        Err(why) => Finding::unseen(AREA, why),
        Ok(texts) if texts.iter().any(|text| text.starts_with("v=DMARC1")) => {
            Finding::good(AREA, format!("{domain} has a policy"))
        }
        Ok(_) => Finding::warning(
            AREA,
            format!("{domain} has no policy: large receivers want one"),
            format!(
                "publish: _dmarc.{domain}. TXT \"v=DMARC1; p=quarantine; \
                 rua=mailto:dmarc@{domain}\""
            ),
        ),
    }
}

fn rule_set(subject: &Subject, active: &Seen<Option<String>>) -> Finding {
    const AREA: &str = "receipt rules";
    let ours = &subject.rule_set;
    let remedy = format!(
        "aws ses set-active-receipt-rule-set --region {} --rule-set-name {ours}",
        subject.region
    );
    match active {
        Err(why) => Finding::unseen(AREA, why),
        Ok(Some(active)) if active == ours => Finding::good(AREA, format!("{ours} is active")),
        Ok(Some(other)) => Finding::problem(
            AREA,
            format!("{other} is active, so no mail reaches this stack"),
            format!("{remedy}   (this stops what {other} receives)"),
        ),
        Ok(None) => Finding::problem(AREA, "none is active, so no mail comes in", remedy),
    }
}

fn signing(signing: &Seen<Option<Signing>>, now: Timestamp) -> Vec<Finding> {
    const AREA: &str = "signing";
    let signing = match signing {
        Ok(Some(signing)) => signing,
        Ok(None) => {
            return vec![Finding::problem(
                AREA,
                "there is no signing certificate yet: mail is accepted, and no certificate leaves",
                "python3 infra/deploy.py --chain chain.pem \
                 --timestamp-authorities authorities.json",
            )];
        }
        Err(why) => return vec![Finding::unseen(AREA, why)],
    };
    let mut findings = vec![chain(signing, now), revocation(signing)];
    findings.extend(authorities(&signing.authorities));
    findings
}

fn chain(signing: &Signing, now: Timestamp) -> Finding {
    const AREA: &str = "chain";
    let days = signing.not_after.duration_since(now).as_secs() / DAY_SECONDS;
    let seen = format!(
        "the certificate of {} has {days} days left",
        signing.subject
    );
    let remedy = "have the key certified anew: python3 infra/deploy.py --request-certificate, \
                  then --chain chain.pem --timestamp-authorities authorities.json";
    if days < SIGNER_VALIDITY_DAYS_MIN {
        return Finding::problem(AREA, format!("{seen}: nothing is signed with it"), remedy);
    }
    if days < SIGNER_VALIDITY_DAYS_WARNED {
        return Finding::warning(AREA, seen, remedy);
    }
    Finding::good(AREA, seen)
}

fn revocation(signing: &Signing) -> Finding {
    const AREA: &str = "revocation";
    match &signing.is_proven {
        Ok(()) => Finding::good(AREA, "its issuers say that it is not revoked"),
        Err(why) => Finding::problem(
            AREA,
            format!("nobody proves that the chain is not revoked: {why}"),
            "ask the issuer, or name where it answers: python3 infra/deploy.py --revocation \
             revocation.json with --chain and --timestamp-authorities",
        ),
    }
}

/// Both tokens of a certificate come from different authorities, so two must answer.
fn authorities(authorities: &[Authority]) -> Vec<Finding> {
    const AREA: &str = "timestamps";
    let answering = authorities.iter().filter(|one| one.stamps.is_ok()).count();
    let looked_at = authorities.iter().map(|one| match &one.stamps {
        Ok(()) => Finding::good(AREA, format!("{} gave a good token", one.name)),
        Err(why) => {
            let seen = format!("{} at {} gave no good token: {why}", one.name, one.url);
            let remedy = "ask it, or name another: python3 infra/deploy.py --chain chain.pem \
                          --timestamp-authorities authorities.json";
            if answering < 2 {
                let seen = format!("{seen}; a certificate needs two");
                Finding::problem(AREA, seen, remedy)
            } else {
                Finding::warning(AREA, seen, remedy)
            }
        }
    });
    looked_at.collect()
}

fn alarms(subject: &Subject, subscriptions: &Seen<Vec<Subscription>>) -> Finding {
    const AREA: &str = "alarms";
    let subscriptions = match subscriptions {
        Ok(subscriptions) => subscriptions,
        Err(why) => return Finding::unseen(AREA, why),
    };
    let endpoints = |confirmed: bool| {
        let wanted = subscriptions
            .iter()
            .filter(|one| one.is_confirmed == confirmed);
        wanted.map(|one| one.endpoint.as_str()).collect::<Vec<_>>()
    };
    let (confirmed, pending) = (endpoints(true), endpoints(false));
    match (confirmed.is_empty(), pending.is_empty()) {
        (false, true) => Finding::good(AREA, format!("{} hears them", confirmed.join(", "))),
        (_, false) => Finding::problem(
            AREA,
            format!("{} did not confirm", pending.join(", ")),
            "follow the link in the mail \"AWS Notification - Subscription Confirmation\"; it is \
             good for three days, and deploying with another address and back sends a new one",
        ),
        (true, true) if subject.is_local => Finding::good(AREA, "nobody hears them here"),
        (true, true) => Finding::warning(
            AREA,
            "nobody hears them",
            "python3 infra/deploy.py --parameter AlarmAddress=<your address>",
        ),
    }
}

/// A service without offers by SMS works all the same.
fn sms(subject: &Subject, account: &Seen<SmsAccount>) -> Finding {
    const AREA: &str = "SMS";
    let region = &subject.region;
    let account = match account {
        Ok(account) => account,
        Err(why) => return Finding::unseen(AREA, why),
    };
    if account.is_in_sandbox {
        return Finding::warning(
            AREA,
            format!("it is in the sandbox of {region}: only verified numbers get offers by SMS"),
            "Amazon SNS console, Text messaging (SMS), \"Exit SMS sandbox\"",
        );
    }
    match account.monthly_limit_usd {
        // What AWS gives at first:
        // https://docs.aws.amazon.com/sns/latest/dg/channels-sms-awssupport-spend-threshold.html
        None | Some(0 | 1) => Finding::warning(
            AREA,
            "SMS may cost 1 USD a month, which is about ten to Japan; then no offer leaves by SMS",
            format!(
                "Service Quotas, Amazon SNS, \"Account spending\"; then aws sns set-sms-attributes \
                 --region {region} --attributes MonthlySpendLimit=<USD>"
            ),
        ),
        Some(limit) => Finding::good(AREA, format!("out of the sandbox, {limit} USD a month")),
    }
}

fn concurrency(subject: &Subject, executions: &Seen<u64>) -> Finding {
    const AREA: &str = "Lambda";
    let most = match executions {
        Ok(most) => *most,
        Err(why) => return Finding::unseen(AREA, why),
    };
    let seen = format!("{most} invocations may run at once, of all functions of the account");
    let remedy = format!(
        "aws service-quotas request-service-quota-increase --region {} --service-code lambda \
         --quota-code L-B99A9384 --desired-value {CONCURRENT_EXECUTIONS_WANTED}",
        subject.region
    );
    if most < CONCURRENT_EXECUTIONS_MIN {
        return Finding::problem(AREA, seen, remedy);
    }
    if most < CONCURRENT_EXECUTIONS_WANTED {
        return Finding::warning(
            AREA,
            format!("{seen}; no concurrency can be reserved below 100 unreserved ones"),
            remedy,
        );
    }
    Finding::good(AREA, seen)
}

#[cfg(test)]
mod tests;
