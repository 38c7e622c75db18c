//! What is wrong with a path, and where.

/// A certificate that must not stand where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// Zero is the leaf.
    pub(crate) position: usize,
    /// The rule that it breaks.
    pub(crate) problem: &'static str,
}
