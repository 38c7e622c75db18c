//! Why a trust file is refused.

/// A trust file, or roots, that cannot be used. [`crate::wording::trust_error`] has the sentences
/// in both languages; `Display` says the English one.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// It is larger than [`crate::TRUST_BYTES_MAX`].
    #[error("it is larger than 1 MiB")]
    TooLarge,
    /// It is neither a trust file nor PEM.
    #[error("it is neither a trust file nor certificates as PEM")]
    NeitherForm,
    /// It is not JSON, or has keys or types that a trust file does not have, or lacks some.
    #[error("it is not as a trust file is written: {0}")]
    Json(String),
    /// It is another kind of file.
    #[error("its format is {0:?} and not \"akashi-trust\"")]
    OtherFormat(String),
    /// This program does not know its version.
    #[error("its version is {0}, and this program knows version 1 only")]
    OtherVersion(u64),
    /// A value is not one that can stand there.
    #[error("{place}: {problem}")]
    Value {
        /// Where, such as `operators[0].signers[1]`.
        place: String,
        /// The rule that it breaks.
        problem: ValueProblem,
    },
    /// A certificate cannot be read.
    #[error("{place}: a certificate cannot be read")]
    Certificate {
        /// Where, such as `operators[0].roots[1]`.
        place: String,
        /// What is wrong with it.
        #[source]
        source: pades::Error,
    },
    /// Something that is no certificate stands among roots as PEM.
    #[error(
        "between the certificates stands {0:?}, which means nothing; write a trust file to say \
         what a root counts for"
    )]
    Text(String),
}

/// What is wrong with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueProblem {
    /// An array or a text where an object belongs.
    #[error("it is no object")]
    NoObject,
    /// There is nothing in it.
    #[error("it is empty")]
    Empty,
    /// It has more entries than anybody needs.
    #[error("it has more than 256 entries")]
    TooMany,
    /// A name with controls, or longer than 200 characters.
    #[error("it is no name of at most 200 characters on one line")]
    Name,
    /// A name that stands there twice.
    #[error("another one has the same name")]
    SameName,
    /// Not one of three, or more than one.
    #[error(
        "it needs one of `certificate_sha256`, `public_key_sha256` and `subject`, and no second one"
    )]
    NotOnePin,
    /// It is no SHA-256.
    #[error("it is no SHA-256 of 64 hexadecimal digits in lower case")]
    Digest,
    /// It ends before it begins.
    #[error("`until` is not after `since`")]
    Period,
    /// It is not one certificate.
    #[error("it is not one certificate as PEM and nothing else")]
    NotOneCertificate,
}
