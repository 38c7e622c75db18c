//! The DNS.

use std::collections::BTreeSet;
use std::future::Future;

/// Asks the DNS for TXT records.
pub trait LookUpTxt {
    /// The answers for all names, asked side by side within one budget of
    /// [`DNS_SECONDS_MAX`](domain::limits::DNS_SECONDS_MAX). An answer may be a failure: that is
    /// evidence too.
    fn look_up_txt(&self, names: BTreeSet<String>)
    -> impl Future<Output = mail::DnsAnswers> + Send;
}
