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

mod authorities_http;
mod aws;
mod bucket;
mod clock;
mod dns;
mod environment;
mod fault;
mod handover;
pub mod lambda;
mod mailer;
mod phone;
#[cfg(test)]
mod scripted;
pub mod settings;
mod signing_key;
mod tables;
mod workflows;

pub use authorities_http::AuthoritiesHttp;
pub use aws::Aws;
pub use bucket::Bucket;
pub use clock::{OsNonces, SystemClock};
pub use dns::Dns;
pub use environment::{Environment, EnvironmentError};
pub use mailer::Mailer;
pub use phone::{Phone, SmsOrigin};
pub use signing_key::SigningKey;
pub use tables::{
    Allowing, GrantReference, Granting, LedgerEntry, ReferenceError, SerialHolder, SettingsChange,
    TableNames, Tables,
};
pub use workflows::{AnswerWorkflows, StateMachines, Waits, Workflows};
