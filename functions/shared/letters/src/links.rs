//! The addresses of our pages. Whoever prints one and whoever serves one take it from here, so that
//! no link leads to nothing.

use std::str::FromStr;

use domain::{AnswerToken, Serial, Sha256Digest, SubmissionId, SummaryToken};

/// A page behind a link that one person got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// An offer, and the form that answers it.
    Offer,
    /// The form that records an answer, after it was shown once more.
    Answer,
    /// The whole text of the offer, as a file.
    OfferText,
    /// One attachment of the offer, from 1. A number that cannot be read is 0, which none has.
    OfferFile(usize),
    /// The certificate of a contract, by the token of the recipient's copy.
    Copy,
    /// The form that asks for the certificate's code.
    CopyCode,
}

impl Page {
    /// Its path, for the holder of this token.
    ///
    /// ```
    /// use letters::links::Page;
    /// let token = domain::AnswerToken::new(7);
    /// let path = Page::OfferFile(2).path(&token);
    /// assert_eq!(Page::of_path(&path), Some((Page::OfferFile(2), token.as_str())));
    /// ```
    #[must_use]
    pub fn path(self, token: &AnswerToken) -> String {
        let token = token.as_str();
        match self {
            Self::Offer => format!("/o/{token}"),
            Self::Answer => format!("/o/{token}/answer"),
            Self::OfferText => format!("/o/{token}/text"),
            Self::OfferFile(number) => format!("/o/{token}/files/{number}"),
            Self::Copy => format!("/c/{token}"),
            Self::CopyCode => format!("/c/{token}/code"),
        }
    }

    /// The page that a path names, and what stands in the place of its token. Empty segments are
    /// skipped, because addresses are joined with one slash too many now and then.
    #[must_use]
    pub fn of_path(path: &str) -> Option<(Self, &str)> {
        let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        Some(match *segments.as_slice() {
            ["o", token] => (Self::Offer, token),
            ["o", token, "answer"] => (Self::Answer, token),
            ["o", token, "text"] => (Self::OfferText, token),
            ["o", token, "files", number] => {
                (Self::OfferFile(number.parse().unwrap_or_default()), token)
            }
            ["c", token] => (Self::Copy, token),
            ["c", token, "code"] => (Self::CopyCode, token),
            _ => return None,
        })
    }
}

/// A page behind the link of a summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListPage {
    /// The list of a submission's certificates.
    All,
    /// One of them, from 1. A number that cannot be read is 0, which none has.
    One(usize),
}

/// What opens the list of a submission's certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryKey {
    /// Of which submission.
    pub id: SubmissionId,
    /// The token in its summary.
    pub token: SummaryToken,
}

impl ListPage {
    /// Its path, for the holder of this key.
    ///
    /// ```
    /// use letters::links::{ListPage, SummaryKey};
    /// let (id, token) = ("abc".parse().unwrap(), domain::SummaryToken::new(7));
    /// let key = SummaryKey { id, token };
    /// let path = ListPage::One(2).path(&key);
    /// assert_eq!(ListPage::of_path(&path), Some((ListPage::One(2), Some(key))));
    /// ```
    #[must_use]
    pub fn path(self, key: &SummaryKey) -> String {
        let SummaryKey { id, token } = key;
        let token = token.as_str();
        match self {
            Self::All => format!("/l/{id}/{token}"),
            Self::One(number) => format!("/l/{id}/{token}/{number}"),
        }
    }

    /// The page that a path names, with what opens it, if that can be a key at all.
    #[must_use]
    pub fn of_path(path: &str) -> Option<(Self, Option<SummaryKey>)> {
        let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let (page, id, token) = match *segments.as_slice() {
            ["l", id, token] => (Self::All, id, token),
            ["l", id, token, number] => (Self::One(number.parse().unwrap_or_default()), id, token),
            _ => return None,
        };
        let key = id.parse().ok().zip(token.parse().ok());
        Some((page, key.map(|(id, token)| SummaryKey { id, token })))
    }
}

/// The path of the page on which the holder of a certificate compares it with what was issued.
///
/// ```
/// use letters::links::{check_path, serial_of_check};
/// let serial: domain::Serial = "K7Q2-000123".parse().unwrap();
/// assert_eq!(serial_of_check(&check_path(&serial)), Some("K7Q2-000123"));
/// ```
#[must_use]
pub fn check_path(serial: &Serial) -> String {
    format!("/v/{serial}")
}

/// What stands in the place of the serial, if a path is that of such a page.
#[must_use]
pub fn serial_of_check(path: &str) -> Option<&str> {
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match *segments.as_slice() {
        ["v", serial] => Some(serial),
        _ => None,
    }
}

/// The pages of one service: where they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    /// With its scheme, without a slash at its end.
    address: String,
}

/// A text that is not an address of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an address like https://registered.example")]
pub struct LinksError;

impl Links {
    /// The link to a page, for the holder of this token.
    ///
    /// ```
    /// use letters::links::{Links, Page};
    /// let links: Links = "https://registered.example/".parse().unwrap();
    /// let token = domain::AnswerToken::new(7);
    /// let link = links.to(Page::Offer, &token);
    /// assert_eq!(link, format!("https://registered.example/o/{}", token.as_str()));
    /// ```
    #[must_use]
    pub fn to(&self, page: Page, token: &AnswerToken) -> String {
        format!("{}{}", self.address, page.path(token))
    }

    /// The link to the list of a submission's certificates.
    #[must_use]
    pub fn to_list(&self, key: &SummaryKey) -> String {
        format!("{}{}", self.address, ListPage::All.path(key))
    }

    /// The address that a certificate prints, where its holder compares it with what was issued.
    /// The digest of the content stands behind `#`, which browsers keep to themselves: a person
    /// reads it there, and a server log does not get it.
    #[must_use]
    pub fn to_check(&self, serial: &Serial, content: &Sha256Digest) -> String {
        format!("{}{}#{content}", self.address, check_path(serial))
    }
}

impl FromStr for Links {
    type Err = LinksError;

    /// Reads the address of the service's pages; slashes at its end are left out. On AWS it begins
    /// with `https://`; the local world has no certificates and serves over HTTP.
    fn from_str(text: &str) -> Result<Self, LinksError> {
        let address = text.trim_end_matches('/');
        let host = address
            .strip_prefix("https://")
            .or_else(|| address.strip_prefix("http://"));
        let is_host = |host: &str| {
            let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"?#\"<>".contains(&byte);
            !host.is_empty() && host.bytes().all(is_plain)
        };
        if !host.is_some_and(is_host) {
            return Err(LinksError);
        }
        Ok(Self {
            address: address.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_a_page_or_none() {
        for (path, expected) in [
            ("/o/guess", Some((Page::Offer, "guess"))),
            ("//o/guess/", Some((Page::Offer, "guess"))),
            ("/o/GUESS", Some((Page::Offer, "GUESS"))),
            ("/o/guess/answer", Some((Page::Answer, "guess"))),
            ("/o/guess/text", Some((Page::OfferText, "guess"))),
            ("/o/guess/files/2", Some((Page::OfferFile(2), "guess"))),
            ("/o/guess/files/x", Some((Page::OfferFile(0), "guess"))),
            ("/o/guess/files/-1", Some((Page::OfferFile(0), "guess"))),
            ("/c/guess", Some((Page::Copy, "guess"))),
            ("/c/guess/code", Some((Page::CopyCode, "guess"))),
            ("/c/guess/a-1f", None),
            ("/o/guess/code", None),
            ("/", None),
            ("/o", None),
            ("", None),
        ] {
            assert_eq!(Page::of_path(path), expected, "{path}");
        }
    }

    #[test]
    fn every_page_that_is_printed_is_served() {
        let links: Links = "https://registered.example".parse().unwrap();
        let token = AnswerToken::new(7);
        for page in [
            Page::Offer,
            Page::Answer,
            Page::OfferText,
            Page::OfferFile(3),
            Page::Copy,
            Page::CopyCode,
        ] {
            let link = links.to(page, &token);
            let path = link.strip_prefix("https://registered.example").unwrap();
            assert_eq!(path, page.path(&token));
            assert_eq!(Page::of_path(path), Some((page, token.as_str())));
        }
        let serial: Serial = "K7Q2-000123".parse().unwrap();
        let check = links.to_check(&serial, &Sha256Digest::new([7; 32]));
        let (address, fragment) = check.split_once('#').unwrap();
        assert_eq!(address, "https://registered.example/v/K7Q2-000123");
        assert_eq!(fragment, "07".repeat(32));
    }

    #[test]
    fn an_address_of_pages_has_a_scheme_and_a_host_and_no_slash_at_its_end() {
        for (text, expected) in [
            (
                "https://registered.example",
                Ok("https://registered.example"),
            ),
            (
                "https://registered.example//",
                Ok("https://registered.example"),
            ),
            (
                "https://registered.example/pages/",
                Ok("https://registered.example/pages"),
            ),
            ("http://x.localhost:4566", Ok("http://x.localhost:4566")),
            ("registered.example", Err(LinksError)),
            ("https://", Err(LinksError)),
            ("https://registered.example/?a", Err(LinksError)),
            ("https://registered.example/#a", Err(LinksError)),
            ("https://a b", Err(LinksError)),
            ("", Err(LinksError)),
        ] {
            let links = text.parse::<Links>();
            let address = links.as_ref().map(|links| links.address.as_str());
            assert_eq!(address, expected.as_ref().copied(), "{text}");
        }
    }
}
