//! Signed requests to services of which we call two or three operations: SQS, Lambda, and SES v1.
//! Their SDKs would cost a clean build two minutes; the signature is the SDK's own crate.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SigningParams, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Connector, tls};
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use tokio::sync::OnceCell;
use tokio::time::timeout;
use workflow::ports::{Clock as _, PortResult};

use crate::SystemClock;
use crate::fault::{chain, permanent, transient};

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Largest answer, in bytes: ten messages of SQS with 1 MiB together, or a function's answer.
const ANSWER_BYTES_MAX: usize = 8 << 20;

/// A client for all three services.
#[derive(Debug, Clone)]
pub(crate) struct SignedHttp {
    config: SdkConfig,
    connector: Arc<OnceCell<Connector>>,
}

/// A request before it is signed.
pub(crate) struct Request<'a> {
    /// What is tried, for failures.
    pub(crate) operation: &'static str,
    /// The service's name in signatures, e.g. `sqs`.
    pub(crate) service: &'static str,
    /// The first label of its host.
    pub(crate) host: &'static str,
    pub(crate) method: &'static str,
    /// The path, with a slash in front.
    pub(crate) path: &'a str,
    pub(crate) headers: &'a [(&'static str, &'a str)],
    pub(crate) body: Vec<u8>,
    /// How long the answer may take.
    pub(crate) patience: Duration,
}

/// An answer with status 200.
pub(crate) struct Answer {
    /// What `X-Amz-Function-Error` says.
    pub(crate) function_error: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl SignedHttp {
    pub(crate) fn new(config: &SdkConfig) -> Self {
        Self {
            config: config.clone(),
            connector: Arc::default(),
        }
    }

    /// Sends once.
    pub(crate) async fn send(&self, request: Request<'_>) -> PortResult<Answer> {
        let operation = request.operation;
        let patience = request.patience;
        match timeout(patience, self.exchange(request)).await {
            Ok(result) => result,
            Err(_) => Err(transient(operation, "there was no answer in time")),
        }
    }

    async fn exchange(&self, request: Request<'_>) -> PortResult<Answer> {
        let operation = request.operation;
        let signed = self.signed(request).await?;
        let sent = self.connector().await.call(signed).await;
        let mut response = sent.map_err(|error| transient(operation, chain(&error)))?;
        let function_error = response.headers().get("x-amz-function-error");
        let function_error = function_error.map(str::to_owned);
        let status = response.status().as_u16();
        let mut stream = ByteStream::new(response.take_body());
        let mut body = Vec::new();
        while let Some(chunk) = stream
            .try_next()
            .await
            .map_err(|error| transient(operation, chain(&error)))?
        {
            if body.len().saturating_add(chunk.len()) > ANSWER_BYTES_MAX {
                return Err(permanent(operation, "the answer is too long"));
            }
            body.extend_from_slice(&chunk);
        }
        match status {
            200..=299 => Ok(Answer {
                function_error,
                body,
            }),
            429 | 500.. => Err(transient(operation, problem(status, &body))),
            _ => Err(permanent(operation, problem(status, &body))),
        }
    }

    async fn signed(&self, request: Request<'_>) -> PortResult<HttpRequest> {
        let operation = request.operation;
        let failed = |what: &dyn std::error::Error| permanent(operation, what.to_string());
        let region = self.config.region();
        let region = region
            .map(AsRef::<str>::as_ref)
            .ok_or_else(|| permanent(operation, "no region is set"))?;
        let credentials = self
            .config
            .credentials_provider()
            .ok_or_else(|| permanent(operation, "there are no credentials"))?
            .provide_credentials()
            .await
            .map_err(|error| permanent(operation, chain(&error)))?;
        let identity = credentials.into();
        let parameters: SigningParams<'_> = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(request.service)
            .time(SystemTime::from(SystemClock.now()))
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| failed(&error))?
            .into();
        let url = self.url(&request, region);
        let to_sign = SignableRequest::new(
            request.method,
            url.as_str(),
            request.headers.iter().copied(),
            SignableBody::Bytes(&request.body),
        );
        let to_sign = to_sign.map_err(|error| failed(&error))?;
        let (signature, _) = sign(to_sign, &parameters)
            .map_err(|error| failed(&error))?
            .into_parts();
        let mut signed = HttpRequest::new(SdkBody::from(request.body));
        signed
            .set_method(request.method)
            .map_err(|error| failed(&error))?;
        signed.set_uri(url).map_err(|error| failed(&error))?;
        for (name, value) in request.headers {
            signed.headers_mut().insert(*name, (*value).to_owned());
        }
        for (name, value) in signature.headers() {
            signed
                .headers_mut()
                .insert(name.to_owned(), value.to_owned());
        }
        Ok(signed)
    }

    fn url(&self, request: &Request<'_>, region: &str) -> String {
        let (host, path) = (request.host, request.path);
        match self.config.endpoint_url() {
            Some(endpoint) => format!("{}{path}", endpoint.trim_end_matches('/')),
            None => {
                // https://docs.aws.amazon.com/general/latest/gr/rande.html
                let china = if region.starts_with("cn-") { ".cn" } else { "" };
                format!("https://{host}.{region}.amazonaws.com{china}{path}")
            }
        }
    }

    async fn connector(&self) -> &Connector {
        self.connector
            .get_or_init(|| async {
                let settings = HttpConnectorSettings::builder()
                    .connect_timeout(CONNECT_TIMEOUT)
                    .build();
                Connector::builder()
                    .connector_settings(settings)
                    .tls_provider(tls::Provider::Rustls(CryptoMode::AwsLc))
                    .build()
            })
            .await
    }
}

/// The service's own words, cut where they get long.
fn problem(status: u16, body: &[u8]) -> String {
    let words: String = String::from_utf8_lossy(body).chars().take(300).collect();
    format!("status {status}: {words}")
}

#[cfg(test)]
pub(crate) mod testing {
    //! A client whose answers come from a script.

    use aws_config::{BehaviorVersion, Region, SdkConfig};
    use aws_credential_types::Credentials;
    use aws_credential_types::provider::SharedCredentialsProvider;
    use tokio::task::JoinHandle;

    use crate::scripted::serve;

    pub(crate) async fn scripted(
        answers: Vec<(u16, String)>,
    ) -> (SdkConfig, JoinHandle<Vec<String>>) {
        let (url, served) = serve(answers).await;
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", None, None, "tests");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("ap-northeast-1"))
            .endpoint_url(url)
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .build();
        (config, served)
    }
}
