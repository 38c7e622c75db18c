//! How strong keys have to be, and how much is read.

/// A leaf key that signs certificates of deliveries for decades (NIST SP 800-57: 128 bits).
pub(crate) const SIGNER_RSA_BITS_MIN: usize = 3_072;
/// Timestamp authorities and older roots still have such keys.
pub(crate) const AUTHORITY_RSA_BITS_MIN: usize = 2_048;

/// Bytes of a certificate. Those of public authorities have 1 to 3 KB.
pub(crate) const CERTIFICATE_BYTES_MAX: usize = 16 * 1_024;
/// Bytes of a container or token that somebody else wrote: ours reserve 12 KB for a token, and 8
/// certificates of a chain.
pub(crate) const CONTAINER_BYTES_MAX: usize = 64 * 1_024;
/// Certificates in a container or token; real ones have up to 5.
pub(crate) const CONTAINER_CERTIFICATES_MAX: usize = 64;
/// Revocation lists in a token; real ones have none, or one for each certificate.
pub(crate) const CONTAINER_LISTS_MAX: usize = 16;
/// Extensions of an OCSP response or a revocation list, or of an entry; real ones have up to 3.
pub(crate) const EXTENSIONS_MAX: usize = 64;

/// How far a clock may be off that counts. Authorities promise a second (EN 319 421 clause 7.7.2).
pub(crate) const ACCURACY_MAX: jiff::SignedDuration = jiff::SignedDuration::from_mins(1);
/// How far a clock may be off that does not say so itself: what authorities promise.
pub(crate) const ACCURACY_DEFAULT: jiff::SignedDuration = jiff::SignedDuration::from_secs(1);
