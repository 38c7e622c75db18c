//! Timestamp authorities over HTTP (RFC 3161 section 3.4).

use std::time::Duration;

use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Connector, tls};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use tokio::sync::OnceCell;
use tokio::time::timeout;
use workflow::ports::{PortResult, RequestTimestamp};

use crate::fault::{chain, permanent, transient};

const REQUESTING: &str = "requesting a timestamp";
const QUERY_TYPE: &str = "application/timestamp-query";
const REPLY_TYPE: &str = "application/timestamp-reply";

/// How long an authority may take, in all: another one is asked then.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// How long connecting may take out of that.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Largest answer, in bytes: a token with its certificates has five to ten thousand.
const ANSWER_SIZE_BYTES_MAX: usize = 64 * 1_024;

/// Asks timestamp authorities by HTTP or HTTPS. Redirects are not followed: an authority is asked
/// where the operator said, or not at all.
#[derive(Debug, Default)]
pub struct TimestampHttp {
    // Made at the first use: reading the system's root certificates takes a while.
    connector: OnceCell<Connector>,
}

impl TimestampHttp {
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

    async fn exchange(&self, request: HttpRequest) -> PortResult<Vec<u8>> {
        let mut response = self
            .connector()
            .await
            .call(request)
            .await
            .map_err(|error| transient(REQUESTING, chain(&error)))?;
        check(&response)?;
        let mut body = ByteStream::new(response.take_body());
        let mut answer = Vec::new();
        loop {
            match body.try_next().await {
                Ok(Some(chunk)) if answer.len() + chunk.len() <= ANSWER_SIZE_BYTES_MAX => {
                    answer.extend_from_slice(&chunk);
                }
                Ok(Some(_)) => return Err(transient(REQUESTING, "the answer is too long")),
                Ok(None) => return Ok(answer),
                Err(error) => return Err(transient(REQUESTING, chain(&error))),
            }
        }
    }
}

impl RequestTimestamp for TimestampHttp {
    /// Everything that an authority may do wrong is transient: nobody can tell an authority that
    /// is gone from one that comes back within the day.
    async fn request_timestamp(&self, url: &str, request: Vec<u8>) -> PortResult<Vec<u8>> {
        let request = query(url, request)?;
        match timeout(ANSWER_TIMEOUT, self.exchange(request)).await {
            Ok(result) => result,
            Err(_) => Err(transient(REQUESTING, "there was no answer in time")),
        }
    }
}

fn query(url: &str, body: Vec<u8>) -> PortResult<HttpRequest> {
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(permanent(
            REQUESTING,
            "the authority has no http or https address",
        ));
    }
    let length = body.len().to_string();
    let mut request = HttpRequest::new(SdkBody::from(body));
    let invalid = |error: &dyn std::error::Error| permanent(REQUESTING, error.to_string());
    request
        .set_method("POST")
        .map_err(|error| invalid(&error))?;
    request.set_uri(url).map_err(|error| invalid(&error))?;
    let headers = request.headers_mut();
    headers.insert("content-type", QUERY_TYPE);
    headers.insert("content-length", length);
    headers.insert("accept", REPLY_TYPE);
    Ok(request)
}

fn check(response: &HttpResponse) -> PortResult<()> {
    let status = response.status().as_u16();
    if status != 200 {
        return Err(transient(
            REQUESTING,
            format!("the answer has the status {status}"),
        ));
    }
    let media_type = response.headers().get("content-type").unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case(REPLY_TYPE) {
        Ok(())
    } else {
        Err(transient(REQUESTING, "the answer is no timestamp reply"))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use workflow::ports::PortError;

    use super::*;

    /// Serves one connection with these bytes and gives back the request it got.
    async fn ask(answer: Vec<u8>) -> (PortResult<Vec<u8>>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/tsa", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4096];
            let mut length = 0;
            while !request[..length].ends_with(b"query") {
                length += stream.read(&mut request[length..]).await.unwrap();
            }
            // The asker may have heard enough before everything is written.
            let _ = stream.write_all(&answer).await;
            request.truncate(length);
            String::from_utf8(request).unwrap()
        });
        let result = TimestampHttp::default()
            .request_timestamp(&url, b"query".to_vec())
            .await;
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
        let (result, request) = ask(reply).await;
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
    async fn whatever_an_authority_does_wrong_is_transient_x_2() {
        for wrong in [
            answer("500 Oops", b""),
            answer("404 Not Found", b""),
            answer("302 Found\r\nlocation: http://127.0.0.1:1/", b""),
            answer("200 OK\r\ncontent-type: text/html", b"<html>"),
            answer("200 OK", b"token"),
            answer(
                "200 OK\r\ncontent-type: application/timestamp-reply",
                &vec![0; ANSWER_SIZE_BYTES_MAX + 1],
            ),
            b"garbage\r\n\r\n".to_vec(),
            Vec::new(),
        ] {
            let (result, _) = ask(wrong.clone()).await;
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
            let result = TimestampHttp::default()
                .request_timestamp(url, Vec::new())
                .await;
            assert!(
                matches!(result, Err(PortError::Permanent { .. })),
                "{url} {result:?}"
            );
        }
    }
}
