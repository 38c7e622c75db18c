//! How strong keys have to be.

/// A leaf key that signs certificates of deliveries for decades (NIST SP 800-57: 128 bits).
pub(crate) const SIGNER_RSA_BITS_MIN: usize = 3_072;
/// Timestamp authorities and older roots still have such keys.
pub(crate) const AUTHORITY_RSA_BITS_MIN: usize = 2_048;
