//! What `akashi doctor` asks the DNS.

use std::net::SocketAddr;

use hickory_resolver::TokioResolver;
use hickory_resolver::net::NetError;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use tokio::sync::OnceCell;
use workflow::operator::doctor::{LookUpRecords, MailExchanger};
use workflow::ports::PortResult;

use crate::dns::{is_not_found, resolver, text_of};
use crate::fault::{chain, permanent, transient};

const ASKING: &str = "asking the DNS";

/// Asks one DNS server, or those of the system.
#[derive(Debug, Clone, Default)]
pub struct DnsRecords {
    server: Option<SocketAddr>,
    resolver: OnceCell<TokioResolver>,
}

impl DnsRecords {
    /// Asks this server; the system's when there is none.
    #[must_use]
    pub fn new(server: Option<SocketAddr>) -> Self {
        Self {
            server,
            resolver: OnceCell::new(),
        }
    }

    /// The records of one type at a name, aliases on the way to them included.
    async fn ask(&self, name: &str, kind: RecordType) -> PortResult<Vec<RData>> {
        let mut name =
            Name::from_utf8(name).map_err(|error| permanent(ASKING, error.to_string()))?;
        name.set_fqdn(true);
        let failed = |error: &NetError| transient(ASKING, chain(error));
        let resolver = self
            .resolver
            .get_or_try_init(|| async { resolver(self.server) })
            .await
            .map_err(|error| failed(&error))?;
        match resolver.lookup(name, kind).await {
            Ok(lookup) => {
                let records = lookup.answers().iter();
                Ok(records.map(|record| record.data.clone()).collect())
            }
            Err(error) if is_not_found(&error) => Ok(Vec::new()),
            Err(error) => Err(failed(&error)),
        }
    }
}

impl LookUpRecords for DnsRecords {
    async fn mail_exchangers(&self, name: &str) -> PortResult<Vec<MailExchanger>> {
        let found = self.ask(name, RecordType::MX).await?;
        let exchangers = found.iter().filter_map(|data| {
            let RData::MX(mx) = data else { return None };
            Some(MailExchanger {
                preference: mx.preference,
                host: plain(&mx.exchange),
            })
        });
        Ok(exchangers.collect())
    }

    async fn texts(&self, name: &str) -> PortResult<Vec<String>> {
        let found = self.ask(name, RecordType::TXT).await?;
        Ok(found.iter().filter_map(text_of).collect())
    }

    async fn alias(&self, name: &str) -> PortResult<Option<String>> {
        let found = self.ask(name, RecordType::CNAME).await?;
        Ok(found.iter().find_map(|data| {
            let RData::CNAME(target) = data else {
                return None;
            };
            Some(plain(&target.0))
        }))
    }

    async fn has_address(&self, name: &str) -> PortResult<bool> {
        let found = self.ask(name, RecordType::A).await?;
        Ok(found.iter().any(|data| matches!(data, RData::A(_))))
    }
}

/// Without the dot at the end.
fn plain(name: &Name) -> String {
    name.to_utf8().trim_end_matches('.').to_owned()
}
