//! Which page a path names.

use domain::{AnswerToken, DispatchId};

/// What is asked for. A token that cannot be one is `None`: it is treated like one that nobody was
/// given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// The offer.
    Offer(Option<AnswerToken>),
    /// The whole text of the offer.
    Text(Option<AnswerToken>),
    /// One of its attachments, from 1.
    File(Option<AnswerToken>, Option<usize>),
    /// The certificate.
    Copy(Option<CopyLink>),
    /// A code for the certificate.
    Code(Option<CopyLink>),
    /// What crawlers ask for first.
    Robots,
    /// Nothing.
    Nowhere,
}

/// Which certificate a link leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CopyLink {
    /// The token of the contract.
    pub(crate) token: AnswerToken,
    /// The addendum, if it is one.
    pub(crate) addendum: Option<DispatchId>,
}

impl CopyLink {
    fn of(token: &str, addendum: Option<&str>) -> Option<Self> {
        Some(Self {
            token: token.parse().ok()?,
            addendum: match addendum {
                Some(id) => Some(id.parse().ok()?),
                None => None,
            },
        })
    }

    /// Its path.
    pub(crate) fn path(&self) -> String {
        let token = self.token.as_str();
        match &self.addendum {
            Some(id) => format!("/c/{token}/{id}"),
            None => format!("/c/{token}"),
        }
    }
}

impl Route {
    /// Reads a path. Empty segments are skipped, because addresses are joined with one slash too
    /// many now and then.
    pub(crate) fn of(path: &str) -> Self {
        let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        match segments.as_slice() {
            ["o", token] => Self::Offer(token.parse().ok()),
            ["o", token, "text"] => Self::Text(token.parse().ok()),
            ["o", token, "files", number] => Self::File(token.parse().ok(), number.parse().ok()),
            ["c", token] => Self::Copy(CopyLink::of(token, None)),
            ["c", token, "code"] => Self::Code(CopyLink::of(token, None)),
            ["c", token, id] => Self::Copy(CopyLink::of(token, Some(id))),
            ["c", token, id, "code"] => Self::Code(CopyLink::of(token, Some(id))),
            ["robots.txt"] => Self::Robots,
            _ => Self::Nowhere,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_a_page_or_none() {
        let token = AnswerToken::new(7);
        let text = token.as_str();
        let some = || Some(token.clone());
        let copy = |addendum: Option<&str>| CopyLink::of(text, addendum);
        for (path, expected) in [
            (format!("/o/{text}"), Route::Offer(some())),
            (format!("//o/{text}/"), Route::Offer(some())),
            (format!("/o/{}", text.to_uppercase()), Route::Offer(some())),
            ("/o/guess".to_owned(), Route::Offer(None)),
            (format!("/o/{text}/text"), Route::Text(some())),
            (format!("/o/{text}/files/2"), Route::File(some(), Some(2))),
            (format!("/o/{text}/files/x"), Route::File(some(), None)),
            (format!("/c/{text}"), Route::Copy(copy(None))),
            (format!("/c/{text}/code"), Route::Code(copy(None))),
            (format!("/c/{text}/a-1f"), Route::Copy(copy(Some("a-1f")))),
            (
                format!("/c/{text}/a-1f/code"),
                Route::Code(copy(Some("a-1f"))),
            ),
            (format!("/c/{text}/a,1"), Route::Copy(None)),
            ("/c/guess/a-1f".to_owned(), Route::Copy(None)),
            (format!("/o/{text}/code"), Route::Nowhere),
            ("/".to_owned(), Route::Nowhere),
            ("/o".to_owned(), Route::Nowhere),
            ("/robots.txt".to_owned(), Route::Robots),
        ] {
            assert_eq!(Route::of(&path), expected, "{path}");
        }
    }
}
