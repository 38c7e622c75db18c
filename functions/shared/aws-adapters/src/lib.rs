//! The ports of `workflow` over AWS, DNS and HTTP: one file per service.
//!
//! The types of an SDK never leave its file, and each of its errors is classified once: transient,
//! permanent, or a conflict that the port has a word for. This crate decides nothing about a
//! dispatch; it must not know what an outcome means.
//!
//! ```
//! use aws_adapters::{Environment, SystemClock};
//! use workflow::ports::Clock;
//!
//! let environment = Environment::of([("DISPATCHES_TABLE", "akashi-dispatches")]);
//! assert_eq!(environment.tables().dispatches.as_deref(), Some("akashi-dispatches"));
//! assert!(SystemClock.now().as_second() > 0);
//! ```

mod account_facts;
mod adapters;
mod authorities_http;
mod aws;
mod bucket;
mod clock;
mod dns;
mod dns_records;
mod environment;
mod fault;
mod functions;
mod handover;
pub mod lambda;
mod mailer;
mod phone;
mod queues;
#[cfg(test)]
mod scripted;
pub mod settings;
mod signed_http;
mod signing_key;
mod tables;
mod workflows;

pub use account_facts::AccountFacts;
pub use adapters::Adapters;
pub use authorities_http::AuthoritiesHttp;
pub use aws::Aws;
pub use bucket::Bucket;
pub use clock::{OsNonces, SystemClock};
pub use dns::Dns;
pub use dns_records::DnsRecords;
pub use environment::{Environment, EnvironmentError};
pub use functions::{FunctionNames, Functions};
pub use mailer::Mailer;
pub use phone::{Phone, SmsOrigin};
pub use queues::{QueueUrls, Queues};
pub use signing_key::SigningKey;
pub use tables::{TableNames, Tables, refusals_as_json};
pub use workflows::{Waits, Workflows};
