//! TXT records from the DNS.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use domain::limits::DNS_SECONDS_MAX;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData};
use mail::{DnsAnswers, TxtAnswer};
use tokio::sync::OnceCell;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};
use workflow::ports::LookUpTxt;

/// How long one question may take, in all. A temporary failure is asked again by a later
/// invocation.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// How long one try may take out of that.
const TRY_TIMEOUT: Duration = Duration::from_secs(2);

/// Asks one DNS server, or those of the system.
#[derive(Debug, Clone, Default)]
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
}

impl LookUpTxt for Dns {
    async fn look_up_txt(&self, names: BTreeSet<String>) -> DnsAnswers {
        let resolver = self
            .resolver
            .get_or_try_init(|| async { resolver(self.server) })
            .await;
        // Who does not answer in time has this answer.
        let silence = || TxtAnswer::Failed("no answer in time".to_owned());
        let mut answers = DnsAnswers(names.into_iter().map(|name| (name, silence())).collect());
        let resolver = match resolver {
            Ok(resolver) => resolver,
            Err(error) => {
                for answer in answers.0.values_mut() {
                    *answer = TxtAnswer::Failed(error.to_string());
                }
                return answers;
            }
        };
        let mut questions = JoinSet::new();
        for name in answers.0.keys().cloned() {
            let resolver = resolver.clone();
            questions.spawn(async move {
                let answer = timeout(ANSWER_TIMEOUT, ask(&resolver, &name)).await;
                (name, answer.unwrap_or_else(|_| silence()))
            });
        }
        let budget = Instant::now() + Duration::from_secs(DNS_SECONDS_MAX);
        // What is still asked when the set is dropped is asked no more.
        while let Ok(Some(answered)) = timeout_at(budget, questions.join_next()).await {
            if let Ok((name, answer)) = answered {
                answers.0.insert(name, answer);
            }
        }
        answers
    }
}

async fn ask(resolver: &TokioResolver, name: &str) -> TxtAnswer {
    let Ok(mut name) = Name::from_utf8(name) else {
        // No record can have a name that is none.
        return TxtAnswer::NotFound;
    };
    // A name from a signature is complete; the system's search list is not for it.
    name.set_fqdn(true);
    match resolver.txt_lookup(name).await {
        Ok(lookup) => {
            let records = lookup.answers().iter().map(|record| &record.data);
            TxtAnswer::found(records.filter_map(text_of).collect())
        }
        Err(error) if is_not_found(&error) => TxtAnswer::NotFound,
        Err(error) => TxtAnswer::Failed(error.to_string()),
    }
}

pub(crate) fn resolver(server: Option<SocketAddr>) -> Result<TokioResolver, NetError> {
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
pub(crate) fn text_of(data: &RData) -> Option<String> {
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
pub(crate) fn is_not_found(error: &NetError) -> bool {
    matches!(error, NetError::Dns(DnsError::NoRecordsFound(none))
        if matches!(none.response_code, ResponseCode::NXDomain | ResponseCode::NoError))
}

#[cfg(test)]
mod tests {
    use tokio::net::UdpSocket;

    use super::*;

    /// Asks a server that answers each question with this code, and with one TXT record made of
    /// these strings unless there are none.
    async fn ask(code: u8, strings: &'static [&'static [u8]]) -> TxtAnswer {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let server = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut query = [0; 512];
            loop {
                let (length, asker) = socket.recv_from(&mut query).await.unwrap();
                let reply = reply(&query[..length], code, strings);
                socket.send_to(&reply, asker).await.unwrap();
            }
        });
        one(&Dns::new(Some(server)), "s1._domainkey.example.jp").await
    }

    async fn one(dns: &Dns, name: &str) -> TxtAnswer {
        let mut answers = dns.look_up_txt([name.to_owned()].into()).await;
        answers.0.remove(name).unwrap()
    }

    /// RFC 1035 section 4.1: head, question as asked, and an answer that points at its name.
    fn reply(query: &[u8], code: u8, strings: &[&[u8]]) -> Vec<u8> {
        // The question's name ends with the root label; type and class follow.
        let end = 12 + query[12..].iter().position(|byte| *byte == 0).unwrap() + 5;
        let mut reply = query[..end].to_vec();
        reply[2] = 0x81;
        reply[3] = 0x80 | code;
        reply[4..12].copy_from_slice(&[0, 1, 0, 1, 0, 0, 0, 0]);
        if strings.is_empty() {
            reply[7] = 0;
            return reply;
        }
        reply.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60]);
        let data: Vec<u8> = strings
            .iter()
            .flat_map(|text| [&[u8::try_from(text.len()).unwrap()], *text].concat())
            .collect();
        reply.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        reply.extend(data);
        reply
    }

    #[tokio::test]
    async fn strings_of_a_record_are_joined_x_4() {
        let found = ask(0, &[b"v=DKIM1; p=", b"MIGf"]).await;
        assert_eq!(found, TxtAnswer::Found(vec!["v=DKIM1; p=MIGf".to_owned()]));
    }

    #[tokio::test]
    async fn a_missing_record_is_told_from_a_failing_server() {
        const NO_ERROR: u8 = 0;
        const SERVER_FAILURE: u8 = 2;
        const NAME_ERROR: u8 = 3;
        const REFUSED: u8 = 5;
        assert_eq!(ask(NO_ERROR, &[]).await, TxtAnswer::NotFound);
        assert_eq!(ask(NAME_ERROR, &[]).await, TxtAnswer::NotFound);
        assert!(matches!(
            ask(SERVER_FAILURE, &[]).await,
            TxtAnswer::Failed(_)
        ));
        assert!(matches!(ask(REFUSED, &[]).await, TxtAnswer::Failed(_)));
    }

    #[tokio::test]
    async fn what_is_no_name_has_no_record() {
        let long = "a".repeat(64);
        for name in [long.as_str(), "a..b"] {
            let dns = Dns::new(Some("127.0.0.1:9".parse().unwrap()));
            assert_eq!(one(&dns, name).await, TxtAnswer::NotFound, "{name}");
        }
    }

    /// A server that takes questions and answers none of them, as a hostile zone's may.
    #[tokio::test]
    async fn many_slow_zones_take_no_longer_than_one() {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let dns = Dns::new(Some(socket.local_addr().unwrap()));
        let names: BTreeSet<String> = (0..17)
            .map(|n| format!("s{n}._domainkey.slow.test"))
            .collect();
        let start = Instant::now();
        let answers = dns.look_up_txt(names.clone()).await;
        assert!(start.elapsed() <= Duration::from_secs(DNS_SECONDS_MAX));
        assert_eq!(answers.0.keys().cloned().collect::<BTreeSet<_>>(), names);
        let is_failed = |answer: &TxtAnswer| matches!(answer, TxtAnswer::Failed(_));
        assert!(answers.0.values().all(is_failed), "{answers:?}");
    }
}
