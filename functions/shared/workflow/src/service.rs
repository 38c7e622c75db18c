//! The service's own names and addresses.

use domain::{AccountId, AddressError, AnswerToken, EmailAddress, MailDomain, Operator, Retention};

/// Who we are: our domain and the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    domain: MailDomain,
    mail_address: EmailAddress,
    contract_address: EmailAddress,
    contract_domain: MailDomain,
    answer_domain: MailDomain,
    operator: Operator,
    retention: Retention,
}

/// What a mail is for, by the service addresses among its envelope recipients. It is not a
/// [`Product`](domain::Product): an address may ask for two at once, bring an answer, or be nothing
/// of ours, and what nobody orders by mail has no route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// Registered mail (I-015).
    Mail,
    /// A contract of this account (I-018).
    Contract(AccountId),
    /// Registered mail and a contract at once, which nobody can mean.
    Mixed(AccountId),
    /// Something that came back; with the token when it stands in the address.
    Answer(Option<AnswerToken>),
    /// Nothing of ours (P-011).
    Unknown,
}

impl Service {
    /// The service at a domain, which issues evidence.
    ///
    /// # Errors
    /// When `mail@<domain>` is no address.
    pub fn new(domain: &str, operator: &str) -> Result<Self, AddressError> {
        Ok(Self {
            domain: domain.parse()?,
            mail_address: format!("mail@{domain}").parse()?,
            contract_address: format!("contract@{domain}").parse()?,
            contract_domain: format!("c.{domain}").parse()?,
            answer_domain: format!("a.{domain}").parse()?,
            operator: Operator::named(operator),
            retention: Retention::Evidence,
        })
    }

    /// The same service, keeping its originals in this way.
    #[must_use]
    pub fn with_retention(self, retention: Retention) -> Self {
        Self { retention, ..self }
    }

    /// The same service, run by this operator.
    #[must_use]
    pub fn with_operator(self, operator: Operator) -> Self {
        Self { operator, ..self }
    }

    /// How originals are kept, and so whether certificates are evidence or tests.
    #[must_use]
    pub fn retention(&self) -> Retention {
        self.retention
    }

    /// The service address for registered mail (I-015).
    #[must_use]
    pub fn mail_address(&self) -> &EmailAddress {
        &self.mail_address
    }

    /// Where offers come from. Answers go to the address of [`Self::reply_address`]; a mailer that
    /// answers to this one is understood too.
    #[must_use]
    pub fn contract_address(&self) -> &EmailAddress {
        &self.contract_address
    }

    /// Where answers to the offer with this token go: `<token>@a.<domain>` (P-044).
    ///
    /// # Errors
    /// When the domain is so long that the address is none.
    pub fn reply_address(&self, token: &AnswerToken) -> Result<EmailAddress, AddressError> {
        format!("{}@{}", token.as_str(), self.answer_domain).parse()
    }

    /// What a mail to these envelope recipients is for.
    #[must_use]
    pub fn route(&self, recipients: &[EmailAddress]) -> Route {
        let at = |domain: &MailDomain| {
            let domain = domain.clone();
            recipients
                .iter()
                .filter(move |address| *address.domain() == domain)
        };
        if let Some(address) = at(&self.answer_domain).next() {
            return Route::Answer(address.local_part().parse().ok());
        }
        let contract = at(&self.contract_domain)
            .find_map(|address| address.local_part().to_ascii_uppercase().parse().ok());
        match (contract, recipients.contains(&self.mail_address)) {
            (Some(account), true) => Route::Mixed(account),
            (Some(account), false) => Route::Contract(account),
            (None, true) => Route::Mail,
            (None, false) if recipients.contains(&self.contract_address) => Route::Answer(None),
            (None, false) => Route::Unknown,
        }
    }

    /// Whether this is the very address that brings a mail on its route: a mail that was
    /// written to another one of ours was not meant for this use.
    #[must_use]
    pub fn is_reached_by(&self, address: &EmailAddress, route: &Route) -> bool {
        let is_contract_of = |account: &AccountId| {
            let local_part = address.local_part().to_ascii_uppercase();
            *address.domain() == self.contract_domain && local_part == account.as_str()
        };
        match route {
            Route::Mail => *address == self.mail_address,
            Route::Contract(account) => is_contract_of(account),
            Route::Mixed(account) => *address == self.mail_address || is_contract_of(account),
            Route::Answer(_) | Route::Unknown => false,
        }
    }

    /// Our domain.
    #[must_use]
    pub fn domain(&self) -> &MailDomain {
        &self.domain
    }

    /// Who runs it: the name is printed on certificates, all of it stands in mails.
    #[must_use]
    pub fn operator(&self) -> &Operator {
        &self.operator
    }

    /// Whether an address is one of ours, so that mail to it would loop: anything at our domain
    /// or below it.
    #[must_use]
    pub fn owns(&self, address: &EmailAddress) -> bool {
        let (theirs, ours) = (address.domain().as_str(), self.domain.as_str());
        theirs
            .strip_suffix(ours)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owns_its_domain_and_what_is_below_it() {
        let service = Service::new("akashi.test", "証").unwrap();
        for (address, owned) in [
            ("mail@akashi.test", true),
            ("Mail@AKASHI.test", true),
            ("taro@c.akashi.test", true),
            ("taro@notakashi.test", false),
            ("taro@akashi.test.example", false),
        ] {
            assert_eq!(service.owns(&address.parse().unwrap()), owned, "{address}");
        }
    }

    #[test]
    fn the_envelope_says_what_a_mail_is_for_p_011() {
        let service = Service::new("akashi.test", "証").unwrap();
        let token = AnswerToken::new(5);
        let reply = service.reply_address(&token).unwrap().to_string();
        let account: AccountId = "K7Q2".parse().unwrap();
        for (recipients, expected) in [
            (vec!["mail@akashi.test"], Route::Mail),
            (vec!["k7q2@c.akashi.test"], Route::Contract(account.clone())),
            (
                vec!["mail@akashi.test", "k7q2@c.akashi.test"],
                Route::Mixed(account),
            ),
            (vec!["nobody-here@c.akashi.test"], Route::Unknown),
            (vec![reply.as_str()], Route::Answer(Some(token))),
            (vec!["guess@a.akashi.test"], Route::Answer(None)),
            (vec!["contract@akashi.test"], Route::Answer(None)),
            (vec!["info@akashi.test"], Route::Unknown),
            (vec![], Route::Unknown),
        ] {
            let parsed: Vec<_> = recipients
                .iter()
                .map(|text| text.parse().unwrap())
                .collect();
            assert_eq!(service.route(&parsed), expected, "{recipients:?}");
        }
    }
}
