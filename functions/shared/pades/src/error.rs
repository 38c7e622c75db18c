//! What can go wrong, said as what was tried.

use jiff::Timestamp;

/// Every failure of this crate. `Display` says what was tried; the cause, if any, is the source.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bytes are not a PDF that this crate reads.
    #[error("read the PDF near byte {at}: {problem}")]
    Pdf {
        /// Offset from the start of the file.
        at: usize,
        /// What was expected or found there.
        problem: &'static str,
    },
    /// The PDF is readable, but is not a draft that a signature may be appended to.
    #[error("append a signature to the draft: {0}")]
    Draft(&'static str),
    /// A structure is not the DER that was expected.
    #[error("read or write {what} as DER")]
    Der {
        /// The structure.
        what: &'static str,
        /// What the decoder met.
        #[source]
        source: der::Error,
    },
    /// A PEM block, a name or another text from outside has the wrong form.
    #[error("read {what}: {problem}")]
    Text {
        /// The text.
        what: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// A certificate does not fit its place in the signer's chain.
    #[error("check certificate {position} of the signer's chain ({subject}): {problem}")]
    Chain {
        /// Zero is the leaf.
        position: usize,
        /// The certificate's subject, as in RFC 4514.
        subject: String,
        /// The rule that it breaks.
        problem: &'static str,
    },
    /// A key or signature algorithm that this crate does not know, or that is too weak.
    #[error("use {what}: the algorithm or key size is not supported")]
    Unsupported {
        /// Where the algorithm stood.
        what: &'static str,
    },
    /// The signing time lies outside the validity of the signer's chain.
    #[error("sign at {time}: the signer's chain is not valid then")]
    NotValidAt {
        /// The time that was asked for.
        time: Timestamp,
    },
    /// The finished CMS container is larger than the room that was reserved for it.
    #[error("write {needed} bytes of signature into the {reserved} bytes reserved for it")]
    ContentsTooSmall {
        /// Bytes of the CMS container.
        needed: usize,
        /// Bytes that `/Contents` holds.
        reserved: usize,
    },
    /// The signature that the key returned does not verify with the certificate's key.
    #[error("verify the returned signature with the public key")]
    WrongSignature,
    /// Another chain was given than the one the document was prepared for.
    #[error("finish a document with another signer's chain than it was prepared for")]
    WrongChain,
    /// A timestamp authority's answer was refused. Ask another authority, or ask again later.
    #[error("accept a timestamp from {authority}")]
    Timestamp {
        /// The authority's configured name.
        authority: String,
        /// Why the answer was refused.
        #[source]
        problem: TokenProblem,
    },
    /// The timestamp inside a finished document does not hold.
    #[error("verify the embedded timestamp")]
    EmbeddedTimestamp {
        /// Why not; of several authorities, the problem that came up last.
        #[source]
        problem: TokenProblem,
    },
    /// Whether a certificate is revoked is not known well enough, or it is revoked.
    #[error("tell from {evidence} whether the certificate of {subject} is revoked")]
    Revocation {
        /// The certificate's subject, as in RFC 4514.
        subject: String,
        /// What was to tell it.
        evidence: &'static str,
        /// Why it does not, or what it tells.
        #[source]
        problem: RevocationProblem,
    },
    /// The file is not what was signed.
    #[error("read back the signed document: {0}")]
    Altered(&'static str),
    /// The file is what was signed, but not by the expected signer.
    #[error("read back the signed document: {0}")]
    Untrusted(&'static str),
}

/// What a caller can do about an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Not this time: another authority, or the same one later, may answer well.
    Later,
    /// The document's bytes do not fit its signature or its timestamp.
    Altered,
    /// The document is intact, but signed or timestamped by somebody who is not trusted.
    Untrusted,
    /// The input or the configuration is wrong; trying again changes nothing.
    Invalid,
}

impl Error {
    /// Says what a caller can do about this error.
    pub fn kind(&self) -> ErrorKind {
        match self {
            // Only a timestamp token is of unforeseen size.
            Self::Timestamp { .. } | Self::ContentsTooSmall { .. } => ErrorKind::Later,
            Self::Revocation { problem, .. } => match problem {
                RevocationProblem::Revoked { .. } => ErrorKind::Untrusted,
                RevocationProblem::Unreadable(_)
                | RevocationProblem::Refused { .. }
                | RevocationProblem::OtherCertificate
                | RevocationProblem::Stranger
                | RevocationProblem::WrongSignature
                | RevocationProblem::NotCurrent { .. }
                | RevocationProblem::Unsupported
                | RevocationProblem::Unknown
                | RevocationProblem::Missing => ErrorKind::Later,
            },
            Self::Altered(_) => ErrorKind::Altered,
            Self::EmbeddedTimestamp { problem } => match problem {
                TokenProblem::UntrustedChain
                | TokenProblem::NotValidAtItsTime
                | TokenProblem::Misfit { .. } => ErrorKind::Untrusted,
                TokenProblem::Rejected { .. }
                | TokenProblem::Unreadable(_)
                | TokenProblem::WrongImprint
                | TokenProblem::WrongNonce
                | TokenProblem::WrongPolicy
                | TokenProblem::WrongSignature
                | TokenProblem::WrongCertificateReference
                | TokenProblem::NotATimestampCertificate
                | TokenProblem::OutsideWindow { .. }
                | TokenProblem::Inaccurate
                | TokenProblem::Unsigned(_)
                | TokenProblem::TooManyCertificates
                | TokenProblem::Unsupported => ErrorKind::Altered,
            },
            Self::Untrusted(_) => ErrorKind::Untrusted,
            Self::Pdf { .. }
            | Self::Draft(_)
            | Self::Der { .. }
            | Self::Text { .. }
            | Self::Chain { .. }
            | Self::Unsupported { .. }
            | Self::NotValidAt { .. }
            | Self::WrongSignature
            | Self::WrongChain => ErrorKind::Invalid,
        }
    }
}

/// Why a timestamp token, or the response around it, was refused (RFC 3161).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenProblem {
    /// The authority did not grant a token (RFC 3161 section 2.4.2).
    #[error("the authority refused with status {status}: {text}")]
    Rejected {
        /// `PKIStatus`; 2 is rejection, 3 waiting.
        status: u64,
        /// The authority's own words, shortened.
        text: String,
    },
    /// The bytes are not a response or a token.
    #[error("the token cannot be read: {0}")]
    Unreadable(&'static str),
    /// The token is for other data.
    #[error("the token is for another digest")]
    WrongImprint,
    /// The token answers another request.
    #[error("the token's nonce is not the request's")]
    WrongNonce,
    /// The token was issued under another policy than the configured one.
    #[error("the token's policy is not the configured one")]
    WrongPolicy,
    /// The token's digest or signature does not hold.
    #[error("the token's signature does not hold")]
    WrongSignature,
    /// `ESSCertID` or `ESSCertIDv2` is missing or names another certificate.
    #[error("the token's signing certificate attribute does not name its certificate")]
    WrongCertificateReference,
    /// The extended key usage is not exactly the critical `timeStamping` (RFC 3161 section 2.3).
    #[error("the certificate is not one for timestamps only")]
    NotATimestampCertificate,
    /// No path leads from the token's certificate to a trusted root.
    #[error("no path leads to a trusted root")]
    UntrustedChain,
    /// A path leads to a trusted root, but one of its certificates is not for that.
    #[error("the certificate of {subject} does not fit its place: {problem}")]
    Misfit {
        /// Its subject, as in RFC 4514.
        subject: String,
        /// The rule that it breaks.
        problem: &'static str,
    },
    /// It carries more certificates than anybody needs, or so many of the same names that the
    /// search for a path was given up.
    #[error("too many certificates come along")]
    TooManyCertificates,
    /// A certificate of the path was not valid at the token's own time.
    #[error("a certificate of the path was not valid at the token's time")]
    NotValidAtItsTime,
    /// The token's time is not within the time of the request and its answer.
    #[error("the token's time {time} is outside {earliest} to {latest}")]
    OutsideWindow {
        /// `genTime` of the token.
        time: Timestamp,
        /// Start of the window, inclusive.
        earliest: Timestamp,
        /// End of the window, inclusive.
        latest: Timestamp,
    },
    /// The authority says that its time may be off by more than a minute.
    #[error("the token's time is not accurate to a minute")]
    Inaccurate,
    /// Something in the token is covered neither by its signature nor by one of its own, so that
    /// nobody could tell if it was changed, or it is not in the one form that it must have.
    #[error("the token holds something that nobody signed: {0}")]
    Unsigned(&'static str),
    /// An algorithm that this crate does not know, or that is too weak.
    #[error("the token uses an unsupported algorithm or key size")]
    Unsupported,
}

/// Why an OCSP response or a revocation list says nothing good of a certificate (RFC 6960, RFC 5280
/// section 6.3).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RevocationProblem {
    /// The bytes are not what they should be.
    #[error("it cannot be read: {0}")]
    Unreadable(&'static str),
    /// The responder did not answer the question (RFC 6960 section 4.2.1).
    #[error("the responder refused with status {status}")]
    Refused {
        /// `OCSPResponseStatus`; 3 is "try later", 6 "unauthorized".
        status: u8,
    },
    /// It is about other certificates.
    #[error("it is about another certificate")]
    OtherCertificate,
    /// Neither the issuer nor somebody whom the issuer lets answer has signed it.
    #[error("who signed it may not speak for the issuer")]
    Stranger,
    /// Its signature does not hold.
    #[error("its signature does not hold")]
    WrongSignature,
    /// It is from the future, or something newer must exist.
    #[error("it holds from {this_update} to {next_update}, and not at {at}")]
    NotCurrent {
        /// When it began to hold.
        this_update: Timestamp,
        /// Until when it holds.
        next_update: Timestamp,
        /// The time that was asked for.
        at: Timestamp,
    },
    /// An algorithm or an extension that this crate does not know.
    #[error("it uses something unsupported")]
    Unsupported,
    /// The certificate is revoked.
    #[error("the certificate was revoked at {at}")]
    Revoked {
        /// Since when.
        at: Timestamp,
    },
    /// The issuer does not know the certificate.
    #[error("the issuer does not know the certificate")]
    Unknown,
    /// There is nothing that tells it.
    #[error("there is nothing about this certificate")]
    Missing,
}

/// Turns a decoder's error into ours, naming the structure.
pub(crate) fn der_error(what: &'static str) -> impl FnOnce(der::Error) -> Error {
    move |source| Error::Der { what, source }
}
