//! How strong keys have to be.

/// A leaf key that signs certificates of deliveries for decades (NIST SP 800-57: 128 bits).
pub(crate) const SIGNER_RSA_BITS_MIN: usize = 3_072;
/// Timestamp authorities and older roots still have such keys.
pub(crate) const AUTHORITY_RSA_BITS_MIN: usize = 2_048;

/// How far a clock may be off that counts. Authorities promise a second (EN 319 421 clause 7.7.2).
pub(crate) const ACCURACY_MAX: jiff::SignedDuration = jiff::SignedDuration::from_mins(1);
/// How far a clock may be off that does not say so itself: what authorities promise.
pub(crate) const ACCURACY_DEFAULT: jiff::SignedDuration = jiff::SignedDuration::from_secs(1);
