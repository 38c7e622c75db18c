//! The service's own names and addresses.

use domain::{AddressError, EmailAddress, MailDomain};

/// Who we are: our domain and the operator's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    domain: MailDomain,
    mail_address: EmailAddress,
    operator: String,
}

impl Service {
    /// The service at a domain.
    ///
    /// # Errors
    /// When `mail@<domain>` is no address.
    pub fn new(domain: &str, operator: &str) -> Result<Self, AddressError> {
        Ok(Self {
            domain: domain.parse()?,
            mail_address: format!("mail@{domain}").parse()?,
            operator: operator.to_owned(),
        })
    }

    /// The service address for registered mail (I-015).
    #[must_use]
    pub fn mail_address(&self) -> &EmailAddress {
        &self.mail_address
    }

    /// Our domain.
    #[must_use]
    pub fn domain(&self) -> &MailDomain {
        &self.domain
    }

    /// The operator's name, printed on certificates.
    #[must_use]
    pub fn operator(&self) -> &str {
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
}
