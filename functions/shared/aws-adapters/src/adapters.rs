//! What steps are plugged into on AWS.

use workflow::Outside;

use crate::{
    AccountFacts, AuthoritiesHttp, Bucket, Dns, DnsRecords, Mailer, OsNonces, Phone, Queues,
    SigningKey, SystemClock, Tables, Waits, Workflows,
};

/// The adapters of this crate. A function links those that its step calls.
#[derive(Debug, Clone, Copy)]
pub enum Adapters {}

impl Outside for Adapters {
    type Tables = Tables;
    type Inbound = Bucket;
    type Originals = Bucket;
    type Mailer = Mailer;
    type Phone = Phone;
    type Machines = Workflows;
    type Waits = Waits;
    type Dns = Dns;
    type DnsRecords = DnsRecords;
    type Authorities = AuthoritiesHttp;
    type SigningKey = SigningKey;
    type Clock = SystemClock;
    type Nonces = OsNonces;
    type Queues = Queues;
    type Account = AccountFacts;
}
