//! Timestamp authorities, OCSP responders and revocation lists over HTTP (RFC 3161 section 3.4,
//! RFC 6960 appendix A.1, RFC 5280 section 4.2.1.13).

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Connector, tls};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use tokio::sync::OnceCell;
use tokio::time::timeout;
use workflow::ports::{FetchCrl, PortResult, RequestOcsp, RequestTimestamp};

use crate::fault::{chain, permanent, transient};

/// What is asked for: how that is called in failures, how it is asked, and what must come back.
struct Kind {
    operation: &'static str,
    /// The media type of a question that is posted; what has none is got.
    query_type: Option<&'static str>,
    /// Issuers serve their lists as files of any type; what matters is signed.
    reply_type: Option<&'static str>,
    /// Largest answer, in bytes.
    size_bytes_max: usize,
}

const TIMESTAMP: Kind = Kind {
    operation: "requesting a timestamp",
    query_type: Some("application/timestamp-query"),
    reply_type: Some("application/timestamp-reply"),
    // A token with its certificates has five to ten thousand.
    size_bytes_max: 64 * 1_024,
};

const OCSP: Kind = Kind {
    operation: "asking whether a certificate is revoked",
    query_type: Some("application/ocsp-request"),
    reply_type: Some("application/ocsp-response"),
    // A response with its responder's certificate has one to four thousand.
    size_bytes_max: 64 * 1_024,
};

const CRL: Kind = Kind {
    operation: "fetching a revocation list",
    query_type: None,
    reply_type: None,
    // It goes into every certificate; issuers with larger lists serve OCSP.
    size_bytes_max: 256 * 1_024,
};

/// How long an authority may take, in all: another one is asked then.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// How long connecting may take out of that.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Asks authorities by HTTP or HTTPS. Redirects are not followed: an authority is asked where the
/// operator or a certificate said, or not at all. What comes back is signed, so HTTP is enough.
#[derive(Debug, Clone, Default)]
pub struct AuthoritiesHttp {
    // Made at the first use: reading the system's root certificates takes a while.
    connector: Arc<OnceCell<Connector>>,
}

impl AuthoritiesHttp {
    async fn connector(&self) -> &Connector {
        self.connector
            .get_or_init(|| async {
                let settings = HttpConnectorSettings::builder()
                    .connect_timeout(CONNECT_TIMEOUT)
                    .build();
                Connector::builder()
                    .connector_settings(settings)
                    // Authorities are asked once per certificate, with a freeze in between.
                    .pool_max_idle_per_host(0)
                    .tls_provider(tls::Provider::Rustls(CryptoMode::AwsLc))
                    .build()
            })
            .await
    }

    /// Everything that an authority may do wrong is transient: nobody can tell an authority that
    /// is gone from one that comes back within the day.
    async fn ask(&self, kind: &Kind, url: &str, question: Vec<u8>) -> PortResult<Vec<u8>> {
        let request = request(kind, url, question)?;
        match timeout(ANSWER_TIMEOUT, self.exchange(kind, request)).await {
            Ok(result) => result,
            Err(_) => Err(transient(kind.operation, "there was no answer in time")),
        }
    }

    async fn exchange(&self, kind: &Kind, request: HttpRequest) -> PortResult<Vec<u8>> {
        let mut response = self
            .connector()
            .await
            .call(request)
            .await
            .map_err(|error| transient(kind.operation, chain(&error)))?;
        check(kind, &response)?;
        let mut body = ByteStream::new(response.take_body());
        let mut answer = Vec::new();
        loop {
            match body.try_next().await {
                Ok(Some(chunk)) if answer.len() + chunk.len() <= kind.size_bytes_max => {
                    answer.extend_from_slice(&chunk);
                }
                Ok(Some(_)) => return Err(transient(kind.operation, "the answer is too long")),
                Ok(None) => return Ok(answer),
                Err(error) => return Err(transient(kind.operation, chain(&error))),
            }
        }
    }
}

impl RequestTimestamp for AuthoritiesHttp {
    async fn request_timestamp(&self, url: &str, request: Vec<u8>) -> PortResult<Vec<u8>> {
        self.ask(&TIMESTAMP, url, request).await
    }
}

impl RequestOcsp for AuthoritiesHttp {
    async fn request_ocsp(&self, url: &str, request: Vec<u8>) -> PortResult<Vec<u8>> {
        self.ask(&OCSP, url, request).await
    }
}

impl FetchCrl for AuthoritiesHttp {
    async fn fetch_crl(&self, url: &str) -> PortResult<Vec<u8>> {
        self.ask(&CRL, url, Vec::new()).await
    }
}

fn request(kind: &Kind, url: &str, body: Vec<u8>) -> PortResult<HttpRequest> {
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(permanent(
            kind.operation,
            "the authority has no http or https address",
        ));
    }
    let length = body.len().to_string();
    let mut request = HttpRequest::new(SdkBody::from(body));
    let invalid = |error: &dyn std::error::Error| permanent(kind.operation, error.to_string());
    let method = if kind.query_type.is_some() {
        "POST"
    } else {
        "GET"
    };
    request
        .set_method(method)
        .map_err(|error| invalid(&error))?;
    request.set_uri(url).map_err(|error| invalid(&error))?;
    let headers = request.headers_mut();
    if let Some(query_type) = kind.query_type {
        headers.insert("content-type", query_type);
        headers.insert("content-length", length);
    }
    if let Some(reply_type) = kind.reply_type {
        headers.insert("accept", reply_type);
    }
    Ok(request)
}

fn check(kind: &Kind, response: &HttpResponse) -> PortResult<()> {
    let status = response.status().as_u16();
    if status != 200 {
        return Err(transient(
            kind.operation,
            format!("the answer has the status {status}"),
        ));
    }
    let media_type = response.headers().get("content-type").unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    match kind.reply_type {
        Some(expected) if !media_type.eq_ignore_ascii_case(expected) => {
            Err(transient(kind.operation, "the answer is of another type"))
        }
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use workflow::ports::PortError;

    use super::*;

    /// Serves one connection with these bytes and gives back the request it got.
    async fn ask(kind: &Kind, answer: Vec<u8>) -> (PortResult<Vec<u8>>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/tsa", listener.local_addr().unwrap());
        let is_posted = kind.query_type.is_some();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4096];
            let mut length = 0;
            let end = if is_posted {
                b"query".as_slice()
            } else {
                b"\r\n\r\n"
            };
            while !request[..length].ends_with(end) {
                length += stream.read(&mut request[length..]).await.unwrap();
            }
            // The asker may have heard enough before everything is written.
            let _ = stream.write_all(&answer).await;
            request.truncate(length);
            String::from_utf8(request).unwrap()
        });
        let question = if is_posted {
            b"query".to_vec()
        } else {
            Vec::new()
        };
        let result = AuthoritiesHttp::default().ask(kind, &url, question).await;
        (result, server.await.unwrap())
    }

    fn answer(head: &str, body: &[u8]) -> Vec<u8> {
        let head = format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    }

    #[tokio::test]
    async fn posts_a_query_and_returns_the_reply() {
        let reply = answer(
            "200 OK\r\ncontent-type: application/timestamp-reply",
            b"token",
        );
        let (result, request) = ask(&TIMESTAMP, reply).await;
        assert_eq!(result.unwrap(), b"token");
        let request = request.to_ascii_lowercase();
        assert!(request.starts_with("post /tsa http/1.1\r\n"), "{request}");
        for header in [
            "content-type: application/timestamp-query",
            "content-length: 5",
        ] {
            assert!(request.contains(header), "{request}");
        }
    }

    #[tokio::test]
    async fn asks_responders_and_fetches_lists() {
        let reply = answer("200 OK\r\ncontent-type: application/ocsp-response", b"good");
        let (result, request) = ask(&OCSP, reply).await;
        assert_eq!(result.unwrap(), b"good");
        let request = request.to_ascii_lowercase();
        assert!(request.starts_with("post /tsa http/1.1\r\n"), "{request}");
        assert!(request.contains("content-type: application/ocsp-request"));
        let (result, request) = ask(&CRL, answer("200 OK", b"list")).await;
        assert_eq!(result.unwrap(), b"list");
        assert!(request.starts_with("GET /tsa HTTP/1.1\r\n"), "{request}");
    }

    #[tokio::test]
    async fn a_list_has_a_greatest_size() {
        for (more, is_taken) in [(0, true), (1, false)] {
            let list = vec![0; CRL.size_bytes_max + more];
            let (result, _) = ask(&CRL, answer("200 OK", &list)).await;
            assert_eq!(result.is_ok(), is_taken);
        }
    }

    #[tokio::test]
    async fn whatever_an_authority_does_wrong_is_transient_x_2() {
        for wrong in [
            answer("500 Oops", b""),
            answer("404 Not Found", b""),
            answer("302 Found\r\nlocation: http://127.0.0.1:1/", b""),
            answer("200 OK\r\ncontent-type: text/html", b"<html>"),
            answer("200 OK", b"token"),
            answer(
                "200 OK\r\ncontent-type: application/timestamp-reply",
                &vec![0; TIMESTAMP.size_bytes_max + 1],
            ),
            b"garbage\r\n\r\n".to_vec(),
            Vec::new(),
        ] {
            let (result, _) = ask(&TIMESTAMP, wrong.clone()).await;
            assert!(
                matches!(result, Err(PortError::Transient { .. })),
                "{}",
                String::from_utf8_lossy(wrong.get(..40).unwrap_or(&wrong))
            );
        }
    }

    #[tokio::test]
    async fn an_address_that_is_none_is_permanent() {
        for url in [
            "",
            "ftp://tsa.example/",
            "http://",
            "http://a b/",
            "/etc/passwd",
        ] {
            let result = AuthoritiesHttp::default()
                .request_timestamp(url, Vec::new())
                .await;
            assert!(
                matches!(result, Err(PortError::Permanent { .. })),
                "{url} {result:?}"
            );
        }
    }
}
