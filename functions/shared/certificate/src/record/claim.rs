//! What a certificate says of its issuer and of the senders of the mails that it carries, in
//! whatever version.

use domain::{AuthenticationEvidence, EmailAddress, Sha256Digest};

/// What can be verified again with the embedded mail and the keys that are kept.
#[derive(Debug, Clone, Copy)]
pub struct SenderClaim<'r> {
    /// The name of the embedded mail.
    pub file: &'static str,
    /// Whether the mail was taken in because somebody vouched for it; an answer is marked.
    pub is_vouched: bool,
    /// The mailbox of its From.
    pub from: &'r EmailAddress,
    /// What was found when it was received.
    pub said: &'r AuthenticationEvidence,
}

/// Whom a certificate names as its issuer.
#[derive(Debug, Clone, Copy)]
pub struct IssuerClaim<'r> {
    /// The operator's name.
    pub operator: &'r str,
    /// SHA-256 of the certificate that the file is signed with.
    pub signer: Sha256Digest,
}
