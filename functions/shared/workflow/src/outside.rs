//! What lies outside of the steps.

/// The adapters that steps are plugged into: those of AWS, or those of a world in memory. A step
/// names in its bounds which operations it calls of each, and its fields say which it holds.
pub trait Outside {
    /// Dispatches, intake, accounts, points and access.
    type Tables;
    /// The bucket of inbound mails, drafts and delivered messages.
    type Inbound;
    /// The bucket of certificates.
    type Originals;
    /// The provider of mail.
    type Mailer;
    /// The provider of SMS.
    type Phone;
    /// The workflow engine, which starts executions.
    type Machines;
    /// What tells a waiting execution how it goes on.
    type Waits;
    /// The DNS, as far as mails are authenticated by it.
    type Dns;
    /// The DNS, as far as an operator publishes records in it.
    type DnsRecords;
    /// The way to timestamp authorities and to the issuers of certificates.
    type Authorities;
    /// The key that certificates are signed with.
    type SigningKey;
    /// The clock.
    type Clock;
    /// The source of randomness.
    type Nonces;
    /// Where what failed waits for the operator.
    type Queues;
    /// What the provider says of the account we run on.
    type Account;
}
