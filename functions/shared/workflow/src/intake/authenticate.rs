//! Who vouches for a mail, by its signatures and by what SES says of its envelope.

use std::collections::BTreeSet;

use domain::limits::DNS_RETRY_SECONDS_MAX;
use domain::{Alignment, ArcReport, AuthenticationEvidence, EmailAddress, Sha256Digest, SpfResult};
use jiff::{SignedDuration, Timestamp};
use mail::SignedMail;
use mail::arc;
use mail::dkim::{self, DkimReport, alignment};

use crate::ports::LookUpTxt;
use crate::wire::Receipt;

/// What the signatures of a mail say.
pub(crate) struct Authenticated {
    /// Who vouches for its sender.
    pub(crate) dkim: DkimReport,
    /// What servers on the way sealed.
    pub(crate) arc: ArcReport,
    /// By what the mail is known again.
    pub(crate) identity: Sha256Digest,
    /// What every signature of it covers.
    pub(crate) content: Sha256Digest,
}

impl Authenticated {
    /// What is kept of it, found at `verified_at`.
    pub(crate) fn evidence(self, spf: SpfResult, verified_at: Timestamp) -> AuthenticationEvidence {
        AuthenticationEvidence {
            verified_at,
            signatures: self.dkim.signatures,
            relied_on: self.dkim.relied_on,
            spf,
            by_spf: BTreeSet::new(),
            arc: self.arc,
        }
    }
}

/// Verifies the signatures of a mail with the keys that the DNS has now.
pub(crate) async fn authenticate(
    dns: &impl LookUpTxt,
    message: &[u8],
    from: &EmailAddress,
    now: Timestamp,
) -> Authenticated {
    let mut mail = SignedMail::read(message);
    let names = dkim::lookups(&mail).into_iter().chain(arc::lookups(&mail));
    let answers = dns.look_up_txt(names.collect::<BTreeSet<_>>()).await;
    Authenticated {
        dkim: dkim::verify(&mut mail, from, &answers, now),
        arc: arc::verify(&mut mail, &answers, now),
        identity: mail.identity(),
        content: mail.content(),
    }
}

pub(crate) fn spf_is_aligned(receipt: &Receipt, from: &EmailAddress) -> bool {
    let envelope_from: Result<EmailAddress, _> = receipt.envelope_from.parse();
    receipt.spf == SpfResult::Pass
        && envelope_from
            .is_ok_and(|address| alignment(address.domain(), from.domain()) != Alignment::None)
}

pub(crate) fn may_wait(receipt: &Receipt, now: Timestamp) -> bool {
    now.duration_since(receipt.received_at) < SignedDuration::from_secs(DNS_RETRY_SECONDS_MAX)
}
