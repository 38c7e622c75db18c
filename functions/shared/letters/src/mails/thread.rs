//! Which dispatch an answer belongs to, by the Message-ID of what it answers (P-044).

use domain::{DispatchId, MailDomain, ThreadKey};

/// The kind of an offer, in its Message-ID.
pub(super) const OFFER: &str = "offer";

/// The kind of a certificate for the recipient of a contract, in its Message-ID.
pub(super) const RECIPIENT_COPY: &str = "contract-certificate";

/// The dispatch of a message of ours that an answer refers to, and the key that shows that whoever
/// refers to it saw the message: the inverse of the Message-ID of offers and of certificates for
/// recipients (P-044). It says which dispatch is meant, not who wrote: the sender sees it too.
///
/// ```
/// let domain = "akashi.test".parse().unwrap();
/// let reference = "<o3vrnil0e2-01.offer.aaaaaaaaaaaaaaaaaaaaaaaaab@akashi.test>";
/// let (id, thread) = letters::mails::thread_of_message_id(reference, &domain).unwrap();
/// assert_eq!(id.as_str(), "o3vrnil0e2-01");
/// assert_eq!(thread, domain::ThreadKey::new(1));
/// ```
#[must_use]
pub fn thread_of_message_id(
    message_id: &str,
    service_domain: &MailDomain,
) -> Option<(DispatchId, ThreadKey)> {
    let id = message_id.trim().strip_prefix('<')?.strip_suffix('>')?;
    let (left, domain) = id.rsplit_once('@')?;
    let (dispatch, rest) = left.split_once('.')?;
    let (kind, thread) = rest.split_once('.')?;
    let is_ours = domain.eq_ignore_ascii_case(service_domain.as_str());
    let is_answerable = [OFFER, RECIPIENT_COPY].contains(&kind);
    if !(is_ours && is_answerable) {
        return None;
    }
    Some((dispatch.parse().ok()?, thread.parse().ok()?))
}
