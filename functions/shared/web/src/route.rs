//! Which page a path names.

use domain::AnswerToken;

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
    /// The certificate, by the token of the recipient's copy.
    Copy(Option<AnswerToken>),
    /// A code for the certificate.
    Code(Option<AnswerToken>),
    /// What crawlers ask for first.
    Robots,
    /// Nothing.
    Nowhere,
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
            ["c", token] => Self::Copy(token.parse().ok()),
            ["c", token, "code"] => Self::Code(token.parse().ok()),
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
        for (path, expected) in [
            (format!("/o/{text}"), Route::Offer(some())),
            (format!("//o/{text}/"), Route::Offer(some())),
            (format!("/o/{}", text.to_uppercase()), Route::Offer(some())),
            ("/o/guess".to_owned(), Route::Offer(None)),
            (format!("/o/{text}/text"), Route::Text(some())),
            (format!("/o/{text}/files/2"), Route::File(some(), Some(2))),
            (format!("/o/{text}/files/x"), Route::File(some(), None)),
            (format!("/c/{text}"), Route::Copy(some())),
            (format!("/c/{text}/code"), Route::Code(some())),
            (format!("/c/{text}/a-1f"), Route::Nowhere),
            ("/c/guess".to_owned(), Route::Copy(None)),
            (format!("/o/{text}/code"), Route::Nowhere),
            ("/".to_owned(), Route::Nowhere),
            ("/o".to_owned(), Route::Nowhere),
            ("/robots.txt".to_owned(), Route::Robots),
        ] {
            assert_eq!(Route::of(&path), expected, "{path}");
        }
    }
}
