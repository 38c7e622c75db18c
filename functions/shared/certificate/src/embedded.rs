//! What is embedded in a certificate, as it comes in.

/// The mails that are embedded in the certificate.
#[derive(Debug, Clone, Copy, Default)]
pub struct Embedded<'a> {
    /// The message as received from the sender, embedded as `original.eml`, its HTML part as
    /// `body.html`; `None` in an addendum, whose main certificate has them.
    pub original: Option<EmbeddedMail<'a>>,
    /// The mail as it was handed over for delivery, embedded as `delivered.eml` where
    /// [`DeliveredMessage::is_embedded`](crate::DeliveredMessage::is_embedded).
    pub delivered: Option<&'a [u8]>,
    /// The answer, if it was a mail, embedded as `answer.eml`, its HTML part as `answer.html`.
    pub answer: Option<EmbeddedMail<'a>>,
    /// The mails that came back and answer nothing, as far as the evidence says
    /// [`OtherMail::Embedded`](crate::OtherMail::Embedded), in the order of its log; each under
    /// [`other_mail_name`](crate::other_mail_name).
    pub others: &'a [&'a [u8]],
}

/// A mail to embed, unchanged and uncompressed.
#[derive(Debug, Clone, Copy)]
pub struct EmbeddedMail<'a> {
    /// The mail as received; [`Message::digest`](crate::Message::digest) is its SHA-256.
    /// Attachments are inside it and are not embedded twice.
    pub eml: &'a [u8],
    /// Its HTML part, transfer decoding undone (I-069).
    pub html_part: Option<&'a [u8]>,
}
