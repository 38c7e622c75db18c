//! Responses, with the headers that all of them carry.

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    REFERRER_POLICY, RETRY_AFTER, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use maud::Markup;
use sha2::{Digest, Sha256};

use crate::pages::STYLE;

/// A file is looked at by nothing of ours.
const FILE_POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// A page.
pub(crate) fn page(status: StatusCode, markup: Markup) -> Response<Bytes> {
    let html = Bytes::from(markup.into_string());
    let content_type = HeaderValue::from_static("text/html; charset=utf-8");
    response(status, content_type, &page_policy(), html)
}

/// A page that says when to come again.
pub(crate) fn page_for_later(status: StatusCode, seconds: u32, markup: Markup) -> Response<Bytes> {
    let mut response = page(status, markup);
    let seconds = HeaderValue::from(seconds);
    response.headers_mut().insert(RETRY_AFTER, seconds);
    response
}

/// A page that says which methods there are.
pub(crate) fn page_for_methods(allowed: &'static str, markup: Markup) -> Response<Bytes> {
    let mut response = page(StatusCode::METHOD_NOT_ALLOWED, markup);
    let allowed = HeaderValue::from_static(allowed);
    response.headers_mut().insert(ALLOW, allowed);
    response
}

/// A file that is saved, not shown.
pub(crate) fn file(content_type: &'static str, name: &str, bytes: Bytes) -> Response<Bytes> {
    let content_type = HeaderValue::from_static(content_type);
    let mut response = response(StatusCode::OK, content_type, FILE_POLICY, bytes);
    let disposition =
        HeaderValue::try_from(disposition(name)).unwrap_or(HeaderValue::from_static("attachment"));
    response
        .headers_mut()
        .insert(CONTENT_DISPOSITION, disposition);
    response
}

/// A few words for machines.
pub(crate) fn text(words: &'static str) -> Response<Bytes> {
    let content_type = HeaderValue::from_static("text/plain; charset=utf-8");
    let words = Bytes::from_static(words.as_bytes());
    response(StatusCode::OK, content_type, FILE_POLICY, words)
}

fn response(
    status: StatusCode,
    content_type: HeaderValue,
    policy: &str,
    body: Bytes,
) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in headers_of_all() {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(CONTENT_TYPE, content_type);
    let policy =
        HeaderValue::from_str(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    response
}

/// Said with every response. The address of a page is a secret, so it is passed on to nobody, kept
/// by no cache and found by no search.
fn headers_of_all() -> [(HeaderName, &'static str); 7] {
    let other = HeaderName::from_static;
    [
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (STRICT_TRANSPORT_SECURITY, "max-age=63072000"),
        (other("x-robots-tag"), "noindex, nofollow, noarchive"),
        (other("cross-origin-resource-policy"), "same-origin"),
        (other("cross-origin-opener-policy"), "same-origin"),
    ]
}

/// Nothing is loaded and nothing runs; the one style sheet is known by its digest.
fn page_policy() -> String {
    let digest = base64_simd::STANDARD.encode_to_string(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    )
}

/// `attachment` with the name in both forms (RFC 6266, RFC 8187).
fn disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' | ' ' => c,
            _ => '_',
        })
        .collect();
    let encoded: String = name
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_leave_its_quotes() {
        for (name, expected) in [
            (
                "a b.pdf",
                "attachment; filename=\"a b.pdf\"; filename*=UTF-8''a%20b.pdf",
            ),
            (
                "見積\"\r\nX: y.pdf",
                "attachment; filename=\"_____X_ y.pdf\"; \
                 filename*=UTF-8''%E8%A6%8B%E7%A9%8D%22%0D%0AX%3A%20y.pdf",
            ),
        ] {
            assert_eq!(disposition(name), expected);
            let response = file("application/octet-stream", name, Bytes::new());
            assert_eq!(response.headers()[CONTENT_DISPOSITION], expected);
        }
    }

    #[test]
    fn a_page_carries_the_digest_of_its_style_and_allows_nothing_else() {
        let response = page(StatusCode::OK, maud::html! {});
        let policy = response.headers()[CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"));
        assert!(!policy.contains("unsafe"));
    }
}
