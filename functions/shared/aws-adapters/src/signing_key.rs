//! The KMS key that signs certificates. Only digests go there.

use std::sync::Arc;

use aws_sdk_kms::Client;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{KeySpec, MessageType, SigningAlgorithmSpec};
use tokio::sync::OnceCell;
use workflow::ports::{PortResult, SignDigest};

use crate::fault::{permanent, port_error};

const READING: &str = "reading the public key of the signing key";
const SIGNING: &str = "signing a digest";

/// A signing key, RSA or on the curve P-256.
#[derive(Debug, Clone)]
pub struct SigningKey {
    client: Client,
    id: String,
    known: Arc<OnceCell<Known>>,
}

/// What KMS tells about the key; it never changes.
#[derive(Debug)]
struct Known {
    public_key_der: Vec<u8>,
    algorithm: SigningAlgorithmSpec,
}

impl SigningKey {
    /// The key with this id or ARN. Asked about at its first use, once.
    #[must_use]
    pub fn new(client: Client, id: impl Into<String>) -> Self {
        Self {
            client,
            id: id.into(),
            known: Arc::default(),
        }
    }

    /// Its public half, the DER of a `SubjectPublicKeyInfo` (RFC 5280 section 4.1).
    ///
    /// # Errors
    /// When KMS fails, or the key is of another kind.
    pub async fn public_key_der(&self) -> PortResult<&[u8]> {
        Ok(&self.known().await?.public_key_der)
    }

    async fn known(&self) -> PortResult<&Known> {
        self.known
            .get_or_try_init(|| async {
                let request = self.client.get_public_key().key_id(&self.id);
                let key = request
                    .send()
                    .await
                    .map_err(|error| port_error(READING, &error))?;
                let algorithm = key
                    .key_spec()
                    .and_then(algorithm_of)
                    .ok_or_else(|| permanent(READING, "it is neither RSA nor P-256"))?;
                let public_key_der = key
                    .public_key
                    .ok_or_else(|| permanent(READING, "KMS told none"))?
                    .into_inner();
                Ok(Known {
                    public_key_der,
                    algorithm,
                })
            })
            .await
    }
}

impl SignDigest for SigningKey {
    async fn sign_digest(&self, digest: &[u8; 32]) -> PortResult<Vec<u8>> {
        let algorithm = self.known().await?.algorithm.clone();
        let request = self
            .client
            .sign()
            .key_id(&self.id)
            .message(Blob::new(digest.as_slice()))
            .message_type(MessageType::Digest)
            .signing_algorithm(algorithm);
        let output = request
            .send()
            .await
            .map_err(|error| port_error(SIGNING, &error))?;
        output
            .signature
            .map(Blob::into_inner)
            .ok_or_else(|| permanent(SIGNING, "KMS answered without a signature"))
    }
}

fn algorithm_of(spec: &KeySpec) -> Option<SigningAlgorithmSpec> {
    if [KeySpec::Rsa2048, KeySpec::Rsa3072, KeySpec::Rsa4096].contains(spec) {
        Some(SigningAlgorithmSpec::RsassaPkcs1V15Sha256)
    } else if *spec == KeySpec::EccNistP256 {
        Some(SigningAlgorithmSpec::EcdsaSha256)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_algorithm_follows_from_the_key_q_10() {
        for (spec, algorithm) in [
            (
                KeySpec::Rsa3072,
                Some(SigningAlgorithmSpec::RsassaPkcs1V15Sha256),
            ),
            (
                KeySpec::EccNistP256,
                Some(SigningAlgorithmSpec::EcdsaSha256),
            ),
            (KeySpec::EccNistP384, None),
            (KeySpec::SymmetricDefault, None),
        ] {
            assert_eq!(algorithm_of(&spec), algorithm, "{spec}");
        }
    }
}
