//! What certificates are issued for.

use serde::{Deserialize, Serialize};

/// What a service issues certificates for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// To be evidence.
    Evidence,
    /// To be tried: each page says so.
    #[serde(rename = "TEST")]
    Test,
}
