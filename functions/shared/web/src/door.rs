//! Through what visitors come to the pages: straight to the function URL, or by way of a CDN that
//! carries the operator's own domain, because a function URL takes none.
//!
//! Behind a CDN, the address that connects is the CDN's. Who visits stands in a header, which
//! anybody can write; so it counts only beside a secret that the CDN adds to each request to its
//! origin and that nobody else knows. Whoever goes past the CDN is refused.
//! <https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_OriginCustomHeader.html>
//! <https://github.com/awsdocs/amazon-cloudfront-developer-guide/pull/97>

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use domain::SeenBy;
use http::{HeaderMap, Request};
use subtle::{Choice, ConstantTimeEq as _};

/// The header in which the CDN proves itself.
pub const ORIGIN_SECRET_HEADER: &str = "x-origin-secret";

/// The header in which CloudFront says who visits, as `198.51.100.10:46532`.
const VIEWER_ADDRESS_HEADER: &str = "cloudfront-viewer-address";

/// Shortest secret, in bytes: 32 letters and digits of random are more than anybody tries.
const SECRET_BYTES_MIN: usize = 32;

/// Through what visitors come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Door {
    /// Straight to the function URL: who connects is who visits.
    Open,
    /// By way of a CDN that knows one of these.
    BehindCdn(OriginSecrets),
}

/// What the CDN proves itself by. Two at once, so that one can take the other's place.
#[derive(Clone, PartialEq, Eq)]
pub struct OriginSecrets(Vec<String>);

/// A text that holds no secrets, or too short ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an origin secret has at least 32 characters; two are separated by a comma")]
pub struct OriginSecretError;

/// Why a request is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It did not come through the CDN.
    NoSecret,
    /// It did, and the CDN does not say who visits.
    NoAddress,
}

impl FromStr for OriginSecrets {
    type Err = OriginSecretError;

    fn from_str(text: &str) -> Result<Self, OriginSecretError> {
        let secrets: Vec<String> = text.split(',').map(|one| one.trim().to_owned()).collect();
        if secrets.iter().all(|one| one.len() >= SECRET_BYTES_MIN) {
            Ok(Self(secrets))
        } else {
            Err(OriginSecretError)
        }
    }
}

/// Logs show that there are secrets, not which.
impl fmt::Debug for OriginSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OriginSecrets(..)")
    }
}

impl Door {
    /// Who says from where a visitor came.
    pub(crate) fn seen_by(&self) -> SeenBy {
        match self {
            Self::Open => SeenBy::WebServer,
            Self::BehindCdn(_) => SeenBy::Cdn,
        }
    }

    /// The address of who visits, when `connected` is the one that connected.
    pub(crate) fn visitor<B>(
        &self,
        request: &Request<B>,
        connected: IpAddr,
    ) -> Result<IpAddr, Refused> {
        let secrets = match self {
            Self::Open => return Ok(connected),
            Self::BehindCdn(secrets) => secrets,
        };
        if !secrets.are_known_to(request.headers()) {
            return Err(Refused::NoSecret);
        }
        viewer_address(request.headers()).ok_or(Refused::NoAddress)
    }
}

impl OriginSecrets {
    /// Compared in the same time whatever is the same, so that nobody guesses one letter by letter.
    fn are_known_to(&self, headers: &HeaderMap) -> bool {
        let Some(said) = headers.get(ORIGIN_SECRET_HEADER) else {
            return false;
        };
        let is_known = self.0.iter().fold(Choice::from(0), |known, secret| {
            known | secret.as_bytes().ct_eq(said.as_bytes())
        });
        is_known.into()
    }
}

/// The address before the last colon; the port stands behind it. An address of IPv6 comes without
/// brackets (<https://github.com/DataDog/dd-trace-py/issues/14864>).
fn viewer_address(headers: &HeaderMap) -> Option<IpAddr> {
    let mut values = headers.get_all(VIEWER_ADDRESS_HEADER).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let (address, port) = value.to_str().ok()?.trim().rsplit_once(':')?;
    port.parse::<u16>().ok()?;
    let bare = address
        .strip_prefix('[')
        .and_then(|address| address.strip_suffix(']'));
    bare.unwrap_or(address).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";
    const NEXT: &str = "fedcba9876543210fedcba9876543210";

    fn behind_cdn() -> Door {
        Door::BehindCdn(format!("{NEXT},{SECRET}").parse().unwrap())
    }

    fn visit(door: &Door, secret: Option<&str>, viewer: &[&str]) -> Result<IpAddr, Refused> {
        let mut request = Request::builder();
        for (name, values) in [
            (ORIGIN_SECRET_HEADER, secret.as_slice()),
            (VIEWER_ADDRESS_HEADER, viewer),
        ] {
            for value in values {
                request = request.header(name, *value);
            }
        }
        let request = request.body(()).unwrap();
        door.visitor(&request, "64.252.64.1".parse().unwrap())
    }

    #[test]
    fn without_a_cdn_who_connects_is_who_visits_whatever_headers_say() {
        let visitor = visit(&Door::Open, Some(SECRET), &["198.51.100.10:46532"]);
        assert_eq!(visitor, Ok("64.252.64.1".parse().unwrap()));
        assert_eq!(Door::Open.seen_by(), SeenBy::WebServer);
    }

    #[test]
    fn behind_a_cdn_the_visitor_is_who_it_says_in_every_form_of_the_address() {
        for (said, expected) in [
            ("198.51.100.10:46532", Some("198.51.100.10")),
            ("2600:300:f:abcd::9:9985", Some("2600:300:f:abcd::9")),
            ("2001:db8:1:2:3:4:5:6:443", Some("2001:db8:1:2:3:4:5:6")),
            ("[2001:db8::1]:443", Some("2001:db8::1")),
            ("198.51.100.10", None),
            ("2001:db8:1:2:3:4:5:6", None),
            ("198.51.100.10:99999", None),
            ("198.51.100.10:", None),
            ("somebody:443", None),
            ("", None),
        ] {
            let visitor = visit(&behind_cdn(), Some(SECRET), &[said]);
            let expected = expected.map(|address| address.parse().unwrap());
            assert_eq!(visitor, expected.ok_or(Refused::NoAddress), "{said}");
        }
        let two = ["198.51.100.10:1", "203.0.113.9:1"];
        let visitor = visit(&behind_cdn(), Some(SECRET), &two);
        assert_eq!(visitor, Err(Refused::NoAddress), "nobody says which");
        assert_eq!(behind_cdn().seen_by(), SeenBy::Cdn);
    }

    #[test]
    fn who_goes_past_the_cdn_is_refused() {
        let viewer = ["198.51.100.10:46532"];
        for (secret, is_let_in) in [
            (Some(SECRET), true),
            (Some(NEXT), true),
            (None, false),
            (Some(""), false),
            (Some("0123456789abcdef0123456789abcdeF"), false),
            (Some("0123456789abcdef0123456789abcde"), false),
        ] {
            let visitor = visit(&behind_cdn(), secret, &viewer);
            assert_eq!(visitor.is_ok(), is_let_in, "{secret:?}");
            assert!(is_let_in || visitor == Err(Refused::NoSecret));
        }
    }

    #[test]
    fn a_secret_is_long_and_never_shown() {
        for (text, is_valid) in [
            (SECRET, true),
            (
                "0123456789abcdef0123456789abcdef, fedcba9876543210fedcba9876543210",
                true,
            ),
            ("short", false),
            ("", false),
            ("0123456789abcdef0123456789abcdef,", false),
        ] {
            assert_eq!(text.parse::<OriginSecrets>().is_ok(), is_valid, "{text}");
        }
        assert!(!format!("{:?}", behind_cdn()).contains(SECRET));
    }
}
