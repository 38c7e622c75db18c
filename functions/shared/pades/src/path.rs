//! Paths of certificates, from the one that signed something to a root that the reader trusts (RFC
//! 5280 section 6), and what each certificate on them may be used for.
//!
//! `rustls-webpki` finds such paths, too, with budgets like those here. It is for servers and
//! clients of TLS: it does not look at the key usage of the certificate that signed, at directory
//! names, which are all that the certificates here have, or at policies, and refuses what is
//! critical among them. `akashi-verify` also promises that no crate for TLS is in it. So its rules
//! stand here, and `der` and `x509-cert` read what they are about.

mod budget;
mod misfit;
mod names;
mod policies;
mod purpose;
mod search;

pub use budget::PathBudget;
pub(crate) use misfit::Misfit;
pub use purpose::Role;
pub(crate) use search::{Ends, find};

use crate::Certificate;

/// A leaf, issuing authority, policy authority, root, and cross certificates.
pub(crate) const PATH_LENGTH_MAX: usize = 8;

/// Does each certificate of a path, from the leaf on, fit its place? Signatures, validity and the
/// names of issuers are for who calls.
///
/// The last certificate counts like those below it: an authority that limits itself means it (RFC
/// 5937), and a chain may end below its root. Only of policies RFC 5280 asks nothing of a root.
pub(crate) fn check(path: &[&Certificate], role: Role) -> Result<(), Misfit> {
    for (position, certificate) in path.iter().enumerate() {
        let fits = if certificate.has_unknown_critical_extension() {
            Err("it has a critical extension that is not understood")
        } else if let Some(below) = position.checked_sub(1) {
            role.check_issuer(certificate, below)
        } else {
            role.check(certificate)
        };
        fits.map_err(|problem| Misfit { position, problem })?;
    }
    names::check(path)?;
    policies::check(path)
}

#[cfg(test)]
mod tests;
