//! The signing key, timestamp authorities, and the issuers of certificates.

use std::future::Future;

use super::PortResult;

/// Signs with the key of the certificate.
pub trait SignDigest {
    /// Signs a SHA-256 digest; only the digest leaves this service.
    fn sign_digest(&self, digest: &[u8; 32]) -> impl Future<Output = PortResult<Vec<u8>>> + Send;
}

/// Asks a timestamp authority (RFC 3161 section 3.4).
pub trait RequestTimestamp {
    /// The DER of its answer to the DER of a request.
    fn request_timestamp(
        &self,
        url: &str,
        request: Vec<u8>,
    ) -> impl Future<Output = PortResult<Vec<u8>>> + Send;
}

/// Asks an OCSP responder (RFC 6960 appendix A.1).
pub trait RequestOcsp {
    /// The DER of its answer to the DER of a request.
    fn request_ocsp(
        &self,
        url: &str,
        request: Vec<u8>,
    ) -> impl Future<Output = PortResult<Vec<u8>>> + Send;
}

/// Fetches a revocation list (RFC 5280 section 4.2.1.13).
pub trait FetchCrl {
    /// The DER of the list.
    fn fetch_crl(&self, url: &str) -> impl Future<Output = PortResult<Vec<u8>>> + Send;
}
