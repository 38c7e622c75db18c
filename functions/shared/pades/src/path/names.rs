//! Name constraints (RFC 5280 section 4.2.1.10): under which names an authority may issue. They
//! count whether they are critical or not, for every certificate below.

use super::misfit::Misfit;
use crate::Certificate;
use crate::certificate::Extension;
use const_oid::ObjectIdentifier;
use const_oid::db::rfc3280::EMAIL_ADDRESS;
use der::Encode;
use der::asn1::{Ia5StringRef, PrintableStringRef, TeletexStringRef, Utf8StringRef};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::constraints::name::{GeneralSubtree, NameConstraints};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::{Name, RelativeDistinguishedName};

/// Names of one path times the constraints on them. Such of public authorities have a few dozen.
const COMPARISONS_MAX: usize = 100_000;

const OUTSIDE: &str = "its name is not one that an authority above it may give";
const TOO_MANY: &str = "it has too many name constraints";

/// Is every certificate named as the authorities above it may name it?
pub(super) fn check(path: &[&Certificate]) -> Result<(), Misfit> {
    let mut left = COMPARISONS_MAX;
    for (position, issuer) in path.iter().enumerate().skip(1) {
        let constraints = match issuer.extension::<NameConstraints>() {
            Extension::Present(constraints, _) => constraints,
            Extension::Absent => continue,
            Extension::Broken => {
                let problem = "its name constraints cannot be read";
                return Err(Misfit { position, problem });
            }
        };
        let (permitted, excluded) = (
            constraints.permitted_subtrees.unwrap_or_default(),
            constraints.excluded_subtrees.unwrap_or_default(),
        );
        for (below, certificate) in path.iter().enumerate().take(position) {
            let misfit = |problem| Misfit {
                position: below,
                problem,
            };
            let names = names_of(certificate).map_err(misfit)?;
            left = names
                .len()
                .checked_mul(permitted.len() + excluded.len())
                .and_then(|comparisons| left.checked_sub(comparisons))
                .ok_or(Misfit {
                    position,
                    problem: TOO_MANY,
                })?;
            for name in &names {
                allows(&permitted, &excluded, name).map_err(misfit)?;
            }
        }
    }
    Ok(())
}

/// All names of a certificate: its subject, and in it what looks like an address or a host, and its
/// alternative names.
fn names_of(certificate: &Certificate) -> Result<Vec<GeneralName>, &'static str> {
    let subject = &certificate.parsed().tbs_certificate.subject;
    let mut names = match certificate.extension::<SubjectAltName>() {
        Extension::Present(names, _) => names.0,
        Extension::Absent => Vec::new(),
        Extension::Broken => return Err("its alternative names cannot be read"),
    };
    for attribute in subject.0.iter().flat_map(|one| one.0.iter()) {
        if attribute.oid == EMAIL_ADDRESS
            && let Some(text) = text_of(attribute)
        {
            let address = der::asn1::Ia5String::new(text);
            let address = address.map_err(|_| "its mail address cannot be read")?;
            names.push(GeneralName::Rfc822Name(address));
        }
    }
    if !subject.is_empty() {
        names.push(GeneralName::DirectoryName(subject.clone()));
    }
    Ok(names)
}

fn allows(
    permitted: &[GeneralSubtree],
    excluded: &[GeneralSubtree],
    name: &GeneralName,
) -> Result<(), &'static str> {
    let of_form = |subtree: &&GeneralSubtree| {
        std::mem::discriminant(&subtree.base) == std::mem::discriminant(name)
    };
    let mut is_permitted = None;
    for subtree in permitted.iter().filter(of_form) {
        let inside = is_inside(name, subtree)? == Place::Inside;
        is_permitted = Some(is_permitted.unwrap_or(false) || inside);
    }
    if is_permitted == Some(false) {
        return Err(OUTSIDE);
    }
    for subtree in excluded.iter().filter(of_form) {
        if is_inside(name, subtree)? != Place::Outside {
            return Err(OUTSIDE);
        }
    }
    Ok(())
}

/// Where a name lies.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Inside,
    Outside,
    /// Nobody can tell; it counts as neither.
    Unknown,
}

impl Place {
    fn of(is_inside: bool) -> Self {
        if is_inside {
            Self::Inside
        } else {
            Self::Outside
        }
    }
}

fn is_inside(name: &GeneralName, subtree: &GeneralSubtree) -> Result<Place, &'static str> {
    const UNKNOWN_FORM: &str = "an authority above it constrains its name in a form not understood";
    if subtree.minimum != 0 || subtree.maximum.is_some() {
        return Err(UNKNOWN_FORM);
    }
    match (name, &subtree.base) {
        (GeneralName::DirectoryName(name), GeneralName::DirectoryName(base)) => {
            Ok(Place::of(begins_with(name, base)))
        }
        (GeneralName::DnsName(name), GeneralName::DnsName(base)) => {
            Ok(Place::of(is_host_below(name.as_str(), base.as_str())))
        }
        (GeneralName::Rfc822Name(name), GeneralName::Rfc822Name(base)) => {
            Ok(is_mailbox_in(name.as_str(), base.as_str()))
        }
        (
            GeneralName::UniformResourceIdentifier(name),
            GeneralName::UniformResourceIdentifier(base),
        ) => Ok(host_of(name.as_str()).map_or(Place::Unknown, |host| {
            Place::of(is_host_as(host, base.as_str()))
        })),
        (GeneralName::IpAddress(name), GeneralName::IpAddress(base)) => {
            Ok(is_address_in(name.as_bytes(), base.as_bytes()))
        }
        _ => Err(UNKNOWN_FORM),
    }
}

/// Section 7.1: the base is the upper part of the name.
fn begins_with(name: &Name, base: &Name) -> bool {
    base.0.len() <= name.0.len()
        && base
            .0
            .iter()
            .zip(&name.0)
            .all(|(base, name)| comparable(base) == comparable(name))
}

/// The attributes as they are compared: text without regard to case and repeated spaces, anything
/// else by its bytes.
fn comparable(part: &RelativeDistinguishedName) -> Vec<(ObjectIdentifier, Vec<u8>)> {
    let attribute = |one: &AttributeTypeAndValue| {
        let value = match text_of(one) {
            Some(text) => {
                let words: Vec<&str> = text.split_whitespace().collect();
                words.join(" ").to_lowercase().into_bytes()
            }
            None => one.value.to_der().unwrap_or_default(),
        };
        (one.oid, value)
    };
    let mut attributes: Vec<_> = part.0.iter().map(attribute).collect();
    attributes.sort();
    attributes
}

/// The text of an attribute, if it is one. Each type of text has a tag of its own.
fn text_of(attribute: &AttributeTypeAndValue) -> Option<&str> {
    let value = &attribute.value;
    let utf8 = Utf8StringRef::try_from(value).ok();
    let printable = PrintableStringRef::try_from(value).ok();
    let ia5 = Ia5StringRef::try_from(value).ok();
    let teletex = TeletexStringRef::try_from(value).ok();
    utf8.map(|text| text.as_str())
        .or(printable.map(|text| text.as_str()))
        .or(ia5.map(|text| text.as_str()))
        .or(teletex.map(|text| text.as_str()))
}

/// A host below, or equal to, a constraint of DNS names; the empty one has them all.
fn is_host_below(host: &str, base: &str) -> bool {
    let base = base.trim_start_matches('.');
    base.is_empty() || is_same(host, base) || is_subdomain(host, base)
}

/// A constraint with a dot in front means hosts within, any other one host.
fn is_host_as(host: &str, base: &str) -> bool {
    match base.strip_prefix('.') {
        Some(base) => is_subdomain(host, base),
        None => is_same(host, base),
    }
}

fn is_mailbox_in(address: &str, base: &str) -> Place {
    let Some((local, host)) = address.rsplit_once('@') else {
        return Place::Unknown;
    };
    Place::of(match base.rsplit_once('@') {
        Some((base_local, base_host)) => local == base_local && is_same(host, base_host),
        None => is_host_as(host, base),
    })
}

/// The host of a URI with an authority (RFC 3986 section 3.2), if it is a name.
fn host_of(uri: &str) -> Option<&str> {
    let (_, behind) = uri.split_once("://")?;
    let authority = behind.split(['/', '?', '#']).next()?;
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    let is_name = host.contains(|one: char| one.is_ascii_alphabetic()) && !host.starts_with('[');
    is_name.then_some(host)
}

/// The base is an address and a mask, as long as each other.
fn is_address_in(address: &[u8], base: &[u8]) -> Place {
    if base.len() != 2 * address.len() {
        return Place::Outside;
    }
    let (net, mask) = base.split_at(address.len());
    let mut bytes = address.iter().zip(net).zip(mask);
    Place::of(bytes.all(|((one, net), mask)| one & mask == net & mask))
}

fn is_same(host: &str, other: &str) -> bool {
    let plain = |host: &str| host.trim_end_matches('.').to_ascii_lowercase();
    plain(host) == plain(other)
}

fn is_subdomain(host: &str, base: &str) -> bool {
    let plain = |host: &str| host.trim_end_matches('.').to_ascii_lowercase();
    let (host, base) = (plain(host), plain(base));
    host.strip_suffix(&base)
        .is_some_and(|front| front.len() > 1 && front.ends_with('.'))
}
