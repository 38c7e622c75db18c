//! How a dispatch ended, in words.

use serde::{Deserialize, Serialize};

/// An outcome in words that claim exactly what was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct OutcomeWords {
    /// The stable name, e.g. `relayed`.
    pub code: String,
    /// In Japanese.
    pub japanese: String,
    /// In English.
    pub english: String,
}
