//! The JSON of a Lambda function URL, payload format 2.0
//! (<https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html>).

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;

use bytes::Bytes;
use domain::limits::WEB_RESPONSE_BYTES_MAX;
use http::{HeaderName, HeaderValue, Method, Request, Response, Uri};
use serde::{Deserialize, Serialize};

/// A request as Lambda hands it over. What we do not need is not read.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UrlEvent {
    raw_path: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
    request_context: RequestContext,
}

#[derive(Debug, Clone, Deserialize)]
struct RequestContext {
    http: Http,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Http {
    method: String,
    source_ip: String,
}

/// An event that no request can be made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the {0} of a request cannot be read")]
pub struct UrlEventError(&'static str);

/// A response as Lambda takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UrlAnswer {
    status_code: u16,
    headers: BTreeMap<String, String>,
    body: String,
    is_base64_encoded: bool,
}

impl UrlEvent {
    /// The request, and the address that connected, as Lambda saw it. What headers say is for
    /// [`Door`](crate::Door) to judge, since anybody can write headers.
    ///
    /// # Errors
    /// When path, method, address or body cannot be read.
    pub fn request(&self) -> Result<(Request<Bytes>, IpAddr), UrlEventError> {
        let body = match (&self.body, self.is_base64_encoded) {
            (None, _) => Bytes::new(),
            (Some(text), false) => Bytes::from(text.clone()),
            (Some(text), true) => base64_simd::STANDARD
                .decode_to_vec(text)
                .map(Bytes::from)
                .map_err(|_| UrlEventError("body"))?,
        };
        let http = &self.request_context.http;
        let mut request = Request::new(body);
        let method = http.method.parse::<Method>();
        *request.method_mut() = method.map_err(|_| UrlEventError("method"))?;
        let path = self.raw_path.parse::<Uri>();
        *request.uri_mut() = path.map_err(|_| UrlEventError("path"))?;
        for (name, value) in &self.headers {
            // One that HTTP does not know is one that we do not need.
            if let (Ok(name), Ok(value)) =
                (name.parse::<HeaderName>(), HeaderValue::from_str(value))
            {
                request.headers_mut().append(name, value);
            }
        }
        let source = http.source_ip.parse::<IpAddr>();
        let source = source.map_err(|_| UrlEventError("source address"))?;
        Ok((request, source))
    }
}

impl UrlAnswer {
    /// Whether Lambda takes it.
    pub(crate) fn fits(&self) -> bool {
        let mut size = Size::default();
        let is_written = serde_json::to_writer(&mut size, self).is_ok();
        is_written && size.bytes <= WEB_RESPONSE_BYTES_MAX
    }
}

/// Counts what is written.
#[derive(Default)]
struct Size {
    bytes: usize,
}

impl io::Write for Size {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        self.bytes = self.bytes.saturating_add(part.len());
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl From<Response<Bytes>> for UrlAnswer {
    /// Text goes as it is, everything else in base64.
    fn from(response: Response<Bytes>) -> Self {
        let (parts, body) = response.into_parts();
        let header = |(name, value): (&HeaderName, &HeaderValue)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        };
        let content_type = parts.headers.get(http::header::CONTENT_TYPE);
        let is_text = content_type.is_some_and(|value| value.as_bytes().starts_with(b"text/"));
        let (body, is_base64_encoded) = match std::str::from_utf8(&body) {
            Ok(text) if is_text => (text.to_owned(), false),
            Ok(_) | Err(_) => (base64_simd::STANDARD.encode_to_string(&body), true),
        };
        Self {
            status_code: parts.status.as_u16(),
            headers: parts.headers.iter().filter_map(header).collect(),
            body,
            is_base64_encoded,
        }
    }
}

#[cfg(test)]
mod tests {
    use http::header::{CONTENT_TYPE, USER_AGENT};
    use serde_json::json;

    use super::*;

    /// As Lambda's documentation shows it, shortened.
    fn event() -> serde_json::Value {
        json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": "/o/abc",
            "rawQueryString": "utm=1",
            "cookies": ["a=b"],
            "headers": {"user-agent": "Mozilla/5.0", "x-forwarded-for": "203.0.113.9"},
            "requestContext": {
                "accountId": "anonymous",
                "domainName": "abc.lambda-url.ap-northeast-1.on.aws",
                "http": {
                    "method": "POST",
                    "path": "/o/abc",
                    "protocol": "HTTP/1.1",
                    "sourceIp": "2001:db8::1",
                    "userAgent": "Mozilla/5.0"
                },
                "requestId": "id",
                "timeEpoch": 1583348638390_u64
            },
            "body": "Y2hvaWNlPWFncmVl",
            "isBase64Encoded": true
        })
    }

    #[test]
    fn a_request_is_read_and_its_source_is_what_lambda_saw() {
        let event: UrlEvent = serde_json::from_value(event()).unwrap();
        let (request, source) = event.request().unwrap();
        assert_eq!(request.method(), "POST");
        assert_eq!(request.uri().path(), "/o/abc");
        assert_eq!(request.headers()[USER_AGENT], "Mozilla/5.0");
        assert_eq!(request.body().as_ref(), b"choice=agree");
        assert_eq!(source.to_string(), "2001:db8::1");
    }

    #[test]
    fn what_is_broken_is_named() {
        for (pointer, value, name) in [
            ("/body", json!("*"), "body"),
            ("/rawPath", json!("no path"), "path"),
            ("/requestContext/http/method", json!("a b"), "method"),
            (
                "/requestContext/http/sourceIp",
                json!("x"),
                "source address",
            ),
        ] {
            let mut event = event();
            *event.pointer_mut(pointer).unwrap() = value;
            let event: UrlEvent = serde_json::from_value(event).unwrap();
            assert_eq!(event.request().unwrap_err(), UrlEventError(name));
        }
    }

    #[test]
    fn text_goes_as_it_is_and_files_in_base64() {
        for (content_type, body, expected) in [
            ("text/html; charset=utf-8", &b"<p>"[..], ("<p>", false)),
            ("application/pdf", b"%PDF", ("JVBERg==", true)),
            ("text/plain", b"\xff", ("/w==", true)),
        ] {
            let response = Response::builder().header(CONTENT_TYPE, content_type);
            let answer = UrlAnswer::from(response.body(Bytes::from_static(body)).unwrap());
            let sent = (answer.body.as_str(), answer.is_base64_encoded);
            assert_eq!(sent, expected, "{content_type}");
            assert_eq!(answer.headers["content-type"], content_type);
        }
    }
}
