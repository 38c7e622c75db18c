//! A mail server that hands over a mail: as little of RFC 5321 as that takes.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::net::TcpStream;
use std::time::Duration;

/// What a server may take to answer; the local one answers a mail when its rules are done.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Who a mail is from and for, whatever its header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The return path; empty for bounces.
    pub from: String,
    /// The recipients at the service.
    pub to: Vec<String>,
}

/// The server's last answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// E.g. 250.
    pub code: u16,
    /// What stands behind the code, in its last line.
    pub text: String,
}

impl Reply {
    /// The id that SES gave the mail.
    ///
    /// # Panics
    /// When the mail was not taken.
    #[must_use]
    pub fn message_id(&self) -> &str {
        assert_eq!(self.code, 250, "the mail was not taken: {}", self.text);
        self.text
            .strip_prefix("OK ")
            .expect("SES answers with its message id")
    }
}

/// Hands over a mail, whose lines end in CRLF, and returns the answer that ended the conversation.
///
/// # Panics
/// When the connection breaks.
pub(crate) fn submit(server: &str, envelope: &Envelope, mail: &[u8]) -> Reply {
    let stream = TcpStream::connect(server).expect("the SMTP port listens");
    stream
        .set_read_timeout(Some(TIMEOUT))
        .expect("a timeout can be set");
    let mut answers = BufReader::new(stream.try_clone().expect("a socket can be shared"));
    let mut commands = BufWriter::new(stream);
    let mut ask = |command: &[u8], expected: u16| -> Result<Reply, Reply> {
        // A server that has said no may hang up before it has read everything: its answer counts.
        let sent = commands.write_all(command).and_then(|()| commands.flush());
        let reply = answer(&mut answers);
        if reply.code == expected {
            sent.expect("the server reads");
            Ok(reply)
        } else {
            Err(reply)
        }
    };
    let mut converse = || -> Result<Reply, Reply> {
        ask(b"", 220)?;
        ask(b"EHLO mail.customer.test\r\n", 250)?;
        ask(format!("MAIL FROM:<{}>\r\n", envelope.from).as_bytes(), 250)?;
        for recipient in &envelope.to {
            ask(format!("RCPT TO:<{recipient}>\r\n").as_bytes(), 250)?;
        }
        ask(b"DATA\r\n", 354)?;
        ask(&stuffed(mail), 250)
    };
    match converse() {
        Ok(reply) | Err(reply) => reply,
    }
}

fn answer(answers: &mut impl BufRead) -> Reply {
    loop {
        let mut line = String::new();
        answers.read_line(&mut line).expect("the server answers");
        let (code, rest) = line.split_at_checked(3).expect("an answer has a code");
        if let Some(more) = rest.strip_prefix('-') {
            assert!(!more.is_empty(), "the server hung up");
            continue;
        }
        return Reply {
            code: code.parse().expect("a code is a number"),
            text: rest.trim().to_owned(),
        };
    }
}

/// With the dots that RFC 5321 section 4.5.2 adds, and the one that ends the mail.
fn stuffed(mail: &[u8]) -> Vec<u8> {
    let mut sent = Vec::with_capacity(mail.len() + 16);
    for line in mail.split_inclusive(|&byte| byte == b'\n') {
        if line.starts_with(b".") {
            sent.push(b'.');
        }
        sent.extend(line);
    }
    assert!(sent.ends_with(b"\r\n"), "a mail ends in a line break");
    sent.extend(b".\r\n");
    sent
}
