//! TXT records from the DNS.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData};
use mail::dkim::TxtAnswer;
use tokio::sync::OnceCell;
use tokio::time::timeout;
use workflow::ports::LookUpTxt;

/// How long one question may take, in all. A temporary failure is asked again by a later
/// invocation.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// How long one try may take out of that.
const TRY_TIMEOUT: Duration = Duration::from_secs(2);

/// Asks one DNS server, or those of the system.
#[derive(Debug, Default)]
pub struct Dns {
    server: Option<SocketAddr>,
    resolver: OnceCell<TokioResolver>,
}

impl Dns {
    /// Asks this server; the system's when there is none.
    #[must_use]
    pub fn new(server: Option<SocketAddr>) -> Self {
        Self {
            server,
            resolver: OnceCell::new(),
        }
    }

    async fn ask(&self, name: Name) -> TxtAnswer {
        let resolver = self
            .resolver
            .get_or_try_init(|| async { resolver(self.server) })
            .await;
        let answer = match resolver {
            Ok(resolver) => resolver.txt_lookup(name).await,
            Err(error) => return TxtAnswer::Failed(error.to_string()),
        };
        match answer {
            Ok(lookup) => {
                let records = lookup.answers().iter().map(|record| &record.data);
                let texts: Vec<String> = records.filter_map(text_of).collect();
                if texts.is_empty() {
                    TxtAnswer::NotFound
                } else {
                    TxtAnswer::Found(texts)
                }
            }
            Err(error) if is_not_found(&error) => TxtAnswer::NotFound,
            Err(error) => TxtAnswer::Failed(error.to_string()),
        }
    }
}

impl LookUpTxt for Dns {
    async fn look_up_txt(&self, name: &str) -> TxtAnswer {
        let Ok(mut name) = Name::from_utf8(name) else {
            // No record can have a name that is none.
            return TxtAnswer::NotFound;
        };
        // A name from a signature is complete; the system's search list is not for it.
        name.set_fqdn(true);
        match timeout(ANSWER_TIMEOUT, self.ask(name)).await {
            Ok(answer) => answer,
            Err(_) => TxtAnswer::Failed("no answer within 5 seconds".to_owned()),
        }
    }
}

fn resolver(server: Option<SocketAddr>) -> Result<TokioResolver, NetError> {
    let mut builder = match server {
        Some(server) => TokioResolver::builder_with_config(
            ResolverConfig::from_name_servers(vec![name_server(server)]),
            TokioRuntimeProvider::default(),
        ),
        None => TokioResolver::builder_tokio()?,
    };
    let options = builder.options_mut();
    options.timeout = TRY_TIMEOUT;
    options.attempts = 2;
    // The record that is kept as evidence was asked for this mail, and a sender who mends a key
    // is not told for hours that there is none.
    options.cache_size = 0;
    builder.build()
}

fn name_server(server: SocketAddr) -> NameServerConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = server.port();
        connection
    });
    NameServerConfig::new(server.ip(), true, connections.to_vec())
}

/// The strings of one record, joined (RFC 6376 section 3.6.2.2).
fn text_of(data: &RData) -> Option<String> {
    let RData::TXT(record) = data else {
        return None;
    };
    let bytes: Vec<u8> = record
        .txt_data
        .iter()
        .flat_map(|part| part.iter().copied())
        .collect();
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The name does not exist, or has no TXT record. A server's failure is no such answer.
fn is_not_found(error: &NetError) -> bool {
    matches!(error, NetError::Dns(DnsError::NoRecordsFound(none))
        if matches!(none.response_code, ResponseCode::NXDomain | ResponseCode::NoError))
}
