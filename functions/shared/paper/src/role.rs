//! What fonts are for.

use crate::scripts::Script;

/// What a font is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FontRole {
    /// All texts. Exactly one font has this role.
    Regular,
    /// Headings and labels, as far as it covers them.
    Bold,
    /// Characters that the regular font does not cover; tried in the order given.
    Fallback,
    /// Characters of a script that no other font covers; read and parsed when one is met.
    Rare(Script),
}
