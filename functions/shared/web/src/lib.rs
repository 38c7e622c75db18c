//! The pages behind the links of an offer and of its certificate: a request comes in, a response
//! goes out, and what happens between is a step of `workflow`.
//!
//! A visit changes nothing: whatever a link scanner, a preview or a prefetch does with GET and
//! HEAD, only a form that somebody sends and confirms is an answer (X-9, Q-23). Nothing needs a
//! script, a cookie or an account, and nothing that a sender wrote is rendered as HTML. This crate
//! knows no AWS and no Lambda runtime, only the JSON of a function URL ([`UrlEvent`],
//! [`UrlAnswer`]).
//!
//! | path | GET, HEAD | POST |
//! |---|---|---|
//! | `/` | who runs the service | |
//! | `/o/<token>` | the offer | shows the answer once more, and records nothing |
//! | `/o/<token>/answer` | the offer | records the answer |
//! | `/o/<token>/text` | its whole text, as a file | |
//! | `/o/<token>/files/<n>` | its n-th attachment | |
//! | `/c/<token>` | how to get the certificate | the certificate, for the right code |
//! | `/c/<token>/code` | the same page | sends a code by SMS |
//! | `/l/<submission>/<token>` | the certificates of a mail to many | |
//! | `/v/<serial>` | how to compare a certificate | whether a file is the one that was issued |
//!
//! ```
//! let event = r#"{"rawPath": "/o/x", "requestContext": {"http": {"method": "GET",
//!     "sourceIp": "192.0.2.1"}}}"#;
//! let event: web::UrlEvent = serde_json::from_str(event).unwrap();
//! assert_eq!(event.request().unwrap().0.uri().path(), "/o/x");
//! ```

mod door;
mod form;
mod function_url;
mod pages;
mod reply;
mod route;
mod site;

pub use door::{Door, ORIGIN_SECRET_HEADER, OriginSecretError, OriginSecrets};
pub use function_url::{UrlAnswer, UrlEvent, UrlEventError};
pub use site::{Ports, Settings, Site};
