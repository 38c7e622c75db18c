//! Which page a path names.

use domain::{AnswerToken, SubmissionId, SummaryToken};

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
    /// The list of a submission's certificates.
    Summary(Option<SummaryKey>),
    /// One of these certificates, from 1.
    Listed(Option<SummaryKey>, Option<usize>),
    /// What crawlers ask for first.
    Robots,
    /// Nothing.
    Nowhere,
}

/// What opens a list of certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SummaryKey {
    /// Of which submission.
    pub(crate) id: SubmissionId,
    /// The token in its summary.
    pub(crate) token: SummaryToken,
}

impl SummaryKey {
    fn of(id: &str, token: &str) -> Option<Self> {
        Some(Self {
            id: id.parse().ok()?,
            token: token.parse().ok()?,
        })
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
            ["c", token] => Self::Copy(token.parse().ok()),
            ["c", token, "code"] => Self::Code(token.parse().ok()),
            ["l", id, token] => Self::Summary(SummaryKey::of(id, token)),
            ["l", id, token, number] => {
                Self::Listed(SummaryKey::of(id, token), number.parse().ok())
            }
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
        let key = || {
            let (id, token) = ("abc".parse().unwrap(), SummaryToken::new(7));
            Some(SummaryKey { id, token })
        };
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
            (format!("/l/abc/{text}"), Route::Summary(key())),
            (format!("/l/abc/{text}/2"), Route::Listed(key(), Some(2))),
            (format!("/l/abc/{text}/x"), Route::Listed(key(), None)),
            (format!("/l/a.c/{text}"), Route::Summary(None)),
            ("/l/abc/guess".to_owned(), Route::Summary(None)),
            (format!("/l/{text}"), Route::Nowhere),
            ("/".to_owned(), Route::Nowhere),
            ("/o".to_owned(), Route::Nowhere),
            ("/robots.txt".to_owned(), Route::Robots),
        ] {
            assert_eq!(Route::of(&path), expected, "{path}");
        }
    }
}
