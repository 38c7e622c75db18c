//! What the signature of a certificate says of itself in words, as viewers show it. Whoever signs
//! and whoever verifies take them from here: nothing else may stand there.

use domain::Serial;

/// What a certificate is about, as far as its signature says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertifiedThing {
    /// A registered mail.
    Mail,
    /// A registered contract.
    Contract,
    /// An answer to a contract after its outcome was settled (P-065).
    LateAnswer,
    /// A bounce of a mail after its outcome was settled.
    LateBounce,
}

/// The words in a signature dictionary (ISO 32000-1 table 252). There is no `/Location`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureWords {
    /// `/Name`: the operator's.
    pub name: String,
    /// `/Reason`: what is certified, with the serial.
    pub reason: String,
    /// `/ContactInfo`: the address of the service.
    pub contact: String,
}

impl SignatureWords {
    /// The words for one certificate of a service at a domain.
    #[must_use]
    pub fn new(thing: CertifiedThing, serial: &Serial, operator: &str, domain: &str) -> Self {
        let thing = match thing {
            CertifiedThing::Mail => "Evidence of registered e-mail",
            CertifiedThing::Contract => "Evidence of registered contract",
            CertifiedThing::LateAnswer => "Addendum to evidence of registered contract",
            CertifiedThing::LateBounce => "Addendum to evidence of registered e-mail",
        };
        Self {
            name: operator.to_owned(),
            reason: format!("{thing} {serial}"),
            contact: format!("mail@{domain}"),
        }
    }
}
