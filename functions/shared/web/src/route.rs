//! What a path asks for.

use domain::{AnswerToken, Serial};
use letters::links::{ListPage, Page, SummaryKey, serial_of_check};

/// What is asked for. A token that cannot be one is `None`: it is treated like one that nobody was
/// given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// A page behind a link.
    Page(Page, Option<AnswerToken>),
    /// A page that lists certificates.
    List(ListPage, Option<SummaryKey>),
    /// The page that compares a certificate with what was issued.
    Check(Option<Serial>),
    /// The page of who comes without a link.
    Home,
    /// What crawlers ask for first.
    Robots,
    /// Nothing.
    Nowhere,
}

impl Route {
    /// Reads a path.
    pub(crate) fn of(path: &str) -> Self {
        if let Some((page, key)) = ListPage::of_path(path) {
            return Self::List(page, key);
        }
        if let Some(serial) = serial_of_check(path) {
            return Self::Check(serial.parse().ok());
        }
        match Page::of_path(path) {
            Some((page, token)) => Self::Page(page, token.parse().ok()),
            None if path.trim_matches('/').is_empty() => Self::Home,
            None if path.trim_matches('/') == "robots.txt" => Self::Robots,
            None => Self::Nowhere,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::SummaryToken;

    use super::*;

    #[test]
    fn a_path_names_a_page_or_none() {
        let token = AnswerToken::new(7);
        let text = token.as_str();
        let some = |page| Route::Page(page, Some(token.clone()));
        let key = || {
            let (id, token) = ("abc".parse().unwrap(), SummaryToken::new(7));
            Some(SummaryKey { id, token })
        };
        for (path, expected) in [
            (format!("/o/{text}"), some(Page::Offer)),
            (format!("//o/{text}/"), some(Page::Offer)),
            (format!("/o/{}", text.to_uppercase()), some(Page::Offer)),
            ("/o/guess".to_owned(), Route::Page(Page::Offer, None)),
            (format!("/o/{text}/answer"), some(Page::Answer)),
            (format!("/o/{text}/text"), some(Page::OfferText)),
            (format!("/o/{text}/files/2"), some(Page::OfferFile(2))),
            (format!("/o/{text}/files/x"), some(Page::OfferFile(0))),
            (format!("/c/{text}"), some(Page::Copy)),
            (format!("/c/{text}/code"), some(Page::CopyCode)),
            (format!("/c/{text}/a-1f"), Route::Nowhere),
            ("/c/guess".to_owned(), Route::Page(Page::Copy, None)),
            (format!("/o/{text}/code"), Route::Nowhere),
            (format!("/l/abc/{text}"), Route::List(ListPage::All, key())),
            (
                format!("/l/abc/{text}/2"),
                Route::List(ListPage::One(2), key()),
            ),
            (
                format!("/l/abc/{text}/x"),
                Route::List(ListPage::One(0), key()),
            ),
            (format!("/l/a.c/{text}"), Route::List(ListPage::All, None)),
            ("/l/abc/guess".to_owned(), Route::List(ListPage::All, None)),
            (format!("/l/{text}"), Route::Nowhere),
            (
                "/v/K7Q2-000123".to_owned(),
                Route::Check("K7Q2-000123".parse().ok()),
            ),
            ("/v/guess".to_owned(), Route::Check(None)),
            ("/v".to_owned(), Route::Nowhere),
            ("/".to_owned(), Route::Home),
            ("/o".to_owned(), Route::Nowhere),
            ("/robots.txt".to_owned(), Route::Robots),
        ] {
            assert_eq!(Route::of(&path), expected, "{path}");
        }
    }
}
