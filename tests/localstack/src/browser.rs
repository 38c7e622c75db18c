//! A browser that follows a link: as little of RFC 9110 as that takes, from an address of its own,
//! because the service counts what one address does.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use tokio::net::TcpSocket;

use crate::World;
use crate::sender::random;

/// What a page may take on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(120);

/// What browsers say about where a form of ours stands: our pages ask them to tell nobody
/// (`Referrer-Policy: no-referrer`), and then this is the origin of a form.
const NO_ORIGIN: &str = "null";

/// Somebody's browser.
#[derive(Debug)]
pub struct Browser {
    /// Where its requests come from: a loopback address that no other test has.
    pub source: Ipv4Addr,
    gateway: SocketAddr,
}

/// What a page answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// E.g. 200.
    pub status: u16,
    /// The header fields, names in lower case.
    pub fields: Vec<(String, String)>,
    /// The page or the file.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header field of a name in lower case.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        let (_, value) = fields.find(|(known, _)| known == name)?;
        Some(value)
    }

    /// The page, as it is written.
    #[must_use]
    pub fn html(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Browser {
    /// A browser that nobody has seen before.
    ///
    /// # Panics
    /// When the system has no randomness.
    #[must_use]
    pub fn new(world: &World) -> Self {
        let [a, b, c] = random();
        let address = world.gateway.trim_start_matches("http://");
        Self {
            source: Ipv4Addr::new(127, a.max(1), b, c.clamp(1, 254)),
            gateway: address.parse().expect("the gateway's address"),
        }
    }

    /// Opens a link.
    #[must_use]
    pub fn get(&self, link: &str) -> Response {
        self.ask("GET", link, None, None)
    }

    /// Asks only whether something is there, as previews and scanners do.
    #[must_use]
    pub fn head(&self, link: &str) -> Response {
        self.ask("HEAD", link, None, None)
    }

    /// Sends a form of one of our pages.
    #[must_use]
    pub fn post(&self, link: &str, fields: &[(&str, &str)]) -> Response {
        self.post_from(NO_ORIGIN, link, fields)
    }

    /// Presses a button of the page of an offer, and confirms it on the page that asks once more.
    ///
    /// # Panics
    /// When that page does not come.
    #[must_use]
    pub fn answer(&self, offer: &str, fields: &[(&str, &str)]) -> Response {
        self.answer_from(NO_ORIGIN, offer, fields)
    }

    /// The same, with what a browser says about the page that each form stands on.
    ///
    /// # Panics
    /// When the page that asks once more does not come.
    #[must_use]
    pub fn answer_from(&self, origin: &str, offer: &str, fields: &[(&str, &str)]) -> Response {
        let asked = self.post_from(origin, offer, fields);
        assert_eq!(asked.status, 200, "{}", asked.html());
        self.post_from(origin, &format!("{offer}/answer"), fields)
    }

    /// Sends a form, with what a browser says about the page that it stands on.
    #[must_use]
    pub fn post_from(&self, origin: &str, link: &str, fields: &[(&str, &str)]) -> Response {
        let pairs = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", percent_encoded(value)));
        let form = pairs.collect::<Vec<_>>().join("&");
        self.ask("POST", link, Some(origin), Some(&form))
    }

    fn ask(&self, method: &str, link: &str, origin: Option<&str>, form: Option<&str>) -> Response {
        let rest = link.strip_prefix("http://").expect("a link begins so");
        let (host, path) = rest.split_once('/').expect("a link has a path");
        // HTTP/1.0: the answer ends when the connection does, and comes in one piece.
        let mut request = format!("{method} /{path} HTTP/1.0\r\nHost: {host}\r\n");
        request.push_str("User-Agent: Mozilla/5.0 (a test)\r\nConnection: close\r\n");
        if let Some(origin) = origin {
            request.push_str(&format!("Origin: {origin}\r\n"));
        }
        if let Some(form) = form {
            request.push_str("Content-Type: application/x-www-form-urlencoded\r\n");
            request.push_str(&format!("Content-Length: {}\r\n\r\n{form}", form.len()));
        } else {
            request.push_str("\r\n");
        }
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).expect("it is read");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("it is answered");
        read(&answer)
    }

    /// The standard library cannot choose the address that a connection comes from.
    fn connect(&self) -> TcpStream {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .expect("a runtime");
        let stream = runtime.block_on(async {
            let socket = TcpSocket::new_v4()?;
            socket.bind(SocketAddr::from((self.source, 0)))?;
            socket.connect(self.gateway).await?.into_std()
        });
        let stream = stream.expect("the gateway listens");
        stream.set_nonblocking(false).expect("a socket can block");
        stream.set_read_timeout(Some(TIMEOUT)).expect("a timeout");
        stream
    }
}

fn read(answer: &[u8]) -> Response {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let (head, body) = answer.split_at(end.expect("an answer has a header"));
    let head = String::from_utf8_lossy(head).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let status = status.and_then(|digits| digits.parse().ok());
    Response {
        status: status.expect("an answer has a status"),
        fields: lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect(),
        body: body.get(4..).unwrap_or_default().to_vec(),
    }
}

fn percent_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
