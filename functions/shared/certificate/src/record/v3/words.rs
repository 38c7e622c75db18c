//! What the signature of a certificate of this version says, and the times that it has to fit.

use super::addendum::Added;
use super::evidence::{Evidence, ProductEvidence};
use crate::signature_words::{CertifiedThing, SignatureWords};
use crate::timeline::Timeline;

/// The words in the signature's dictionary.
pub(crate) fn signature_words(evidence: &Evidence) -> SignatureWords {
    let thing = match &evidence.product {
        ProductEvidence::Mail(_) => CertifiedThing::Mail,
        ProductEvidence::Contract(_) => CertifiedThing::Contract,
        ProductEvidence::Addendum(addendum) => match addendum.added {
            Added::Answer(_) => CertifiedThing::LateAnswer,
            Added::Bounce(_) => CertifiedThing::LateBounce,
        },
    };
    let issuer = &evidence.issuer;
    let (operator, domain) = (&issuer.operator, &issuer.service_domain);
    SignatureWords::new(thing, &evidence.serial, operator, domain)
}

impl Evidence {
    /// The times that the certificate's first timestamp has to fit.
    #[must_use]
    pub fn timeline(&self) -> Timeline {
        timeline(self)
    }
}

/// The times, those of other clocks among them.
pub(crate) fn timeline(evidence: &Evidence) -> Timeline {
    let told = evidence.events.iter().flat_map(|event| {
        let again = event.also_told.iter();
        let again = again.flat_map(|told| [told.at, told.recorded_at]);
        [event.at, event.recorded_at].into_iter().chain(again)
    });
    let own = [evidence.accepted_at, evidence.settled_at];
    let last = told.chain(own).max();
    Timeline {
        issued_at: evidence.issued_at,
        last_event_at: last.unwrap_or(evidence.accepted_at),
    }
}
