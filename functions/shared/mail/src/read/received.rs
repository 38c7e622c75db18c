//! The Received chain (RFC 5321 section 4.4): which servers say that they passed a mail on (P-047).

use std::net::IpAddr;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use super::header::{Field, fields};
use super::words;
use crate::damage::Damages;
use crate::visible;

/// Most Received fields that are read: RFC 5321 section 6.3 stops loops at 100.
const HOPS_MAX: usize = 100;

/// Longest Received field that is kept, in bytes; real ones have fewer than a thousand.
const RAW_LENGTH_BYTES_MAX: usize = 2_000;

/// One Received field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedHop {
    /// The value on one line, controls made visible, cut where it is longer than 2,000 bytes.
    pub raw: String,
    /// What the giving server called itself.
    pub from: Option<String>,
    /// What the taking server calls itself.
    pub by: Option<String>,
    /// The address of the giving server as the taking one saw it.
    pub ip: Option<IpAddr>,
    /// When, by the clock of the taking server.
    pub at: Option<Timestamp>,
    /// Whether our receiving service wrote it. All other hops are what somebody claims.
    pub attested: bool,
}

/// Every Received field of the header, the newest first. Our receiving service's own end at
/// `sent_start`.
pub(crate) fn read(message: &[u8], sent_start: usize) -> Vec<ReceivedHop> {
    received(message)
        .map(|field| hop(message, &field, field.whole.end <= sent_start))
        .collect()
}

/// Notes in which of them a character set was guessed, or characters were lost.
pub(crate) fn note(message: &[u8], damages: &mut Damages) {
    for field in received(message) {
        let value = field.value(message);
        let read = words::raw_text(kept(&value), None);
        read.header_damages().for_each(|damage| damages.add(damage));
    }
}

fn received(message: &[u8]) -> impl Iterator<Item = Field> {
    fields(message, 0)
        .filter(|field| field.is(message, "Received"))
        .take(HOPS_MAX)
}

fn kept(value: &[u8]) -> &[u8] {
    value.get(..RAW_LENGTH_BYTES_MAX).unwrap_or(value)
}

fn hop(message: &[u8], field: &Field, attested: bool) -> ReceivedHop {
    let value = field.value(message);
    let text = words::raw_text(kept(&value), None).text;
    let (clauses, date) = text.rsplit_once(';').unwrap_or((&text, ""));
    let clauses = Clauses::read(clauses);
    ReceivedHop {
        raw: visible(&text),
        from: clauses.from.map(visible),
        by: clauses.by.map(visible),
        ip: clauses.ip,
        at: time(date),
        attested,
    }
}

/// The first words behind `from` and `by`, and the address in the `from` clause.
#[derive(Debug, Default, PartialEq, Eq)]
struct Clauses<'t> {
    from: Option<&'t str>,
    by: Option<&'t str>,
    ip: Option<IpAddr>,
}

impl<'t> Clauses<'t> {
    fn read(text: &'t str) -> Self {
        let mut clauses = Self::default();
        let mut keyword = "";
        let mut depth = 0_usize;
        for word in text.split_ascii_whitespace() {
            if depth == 0 {
                match keyword {
                    "from" if clauses.from.is_none() => clauses.from = Some(word),
                    "by" if clauses.by.is_none() => clauses.by = Some(word),
                    _ => {}
                }
            }
            let is_of_giver = clauses.from.is_some() && clauses.by.is_none();
            if is_of_giver && clauses.ip.is_none() {
                clauses.ip = ip_in(word);
            }
            if depth == 0 {
                keyword = word;
            }
            depth = depth_after(word, depth);
        }
        clauses
    }
}

/// Comments nest; a word in one is no keyword.
fn depth_after(word: &str, depth: usize) -> usize {
    word.chars().fold(depth, |depth, c| match c {
        '(' => depth + 1,
        ')' => depth.saturating_sub(1),
        _ => depth,
    })
}

/// `[192.0.2.1]`, `(host [IPv6:2001:db8::1])` and bare ones.
fn ip_in(word: &str) -> Option<IpAddr> {
    word.split(['[', ']', '(', ')', ','])
        .map(|piece| piece.strip_prefix("IPv6:").unwrap_or(piece))
        // Exchange writes the zone of a link-local address (RFC 4007 section 11) behind it.
        .map(|piece| piece.split('%').next().unwrap_or_default())
        .find_map(|piece| piece.parse().ok())
}

fn time(date: &str) -> Option<Timestamp> {
    let parse = |text: &str| {
        DateTimeParser::new()
            .parse_timestamp(text.trim().as_bytes())
            .ok()
    };
    // Some servers write comments that no grammar knows.
    parse(date).or_else(|| parse(date.split_once('(')?.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(
        value: &str,
        from: Option<&str>,
        by: Option<&str>,
        ip: Option<&str>,
        at: Option<&str>,
    ) {
        let message = format!("Received: {value}\r\n\r\n");
        let hops = read(message.as_bytes(), 0);
        let [hop] = hops.as_slice() else {
            panic!("one hop, not {hops:?}");
        };
        let found = (
            hop.from.as_deref(),
            hop.by.as_deref(),
            hop.ip.map(|ip| ip.to_string()),
            hop.at.map(|at| at.to_string()),
        );
        let expected = (from, by, ip.map(str::to_owned), at.map(str::to_owned));
        assert_eq!(found, expected, "{value}");
        assert!(!hop.attested);
    }

    #[test]
    fn reads_what_servers_write_p_047() {
        let at = Some("2026-01-05T00:00:05Z");
        check(
            "from mx.recipient.test (mx.recipient.test [192.0.2.1])\r\n by \
             inbound-smtp.ap-northeast-1.amazonaws.com with SMTP id abc\r\n for x@y.test;\r\n \
             Mon, 05 Jan 2026 00:00:05 +0000 (UTC)",
            Some("mx.recipient.test"),
            Some("inbound-smtp.ap-northeast-1.amazonaws.com"),
            Some("192.0.2.1"),
            at,
        );
        check(
            "from [IPv6:2001:db8::1] (unknown by name) by b.test; 5 Jan 2026 09:00:05 +0900 (JST)",
            Some("[IPv6:2001:db8::1]"),
            Some("b.test"),
            Some("2001:db8::1"),
            at,
        );
        check(
            "by 2002:a05:6000:1::1 with SMTP id x; Mon, 5 Jan 2026 00:00:05 +0000",
            None,
            Some("2002:a05:6000:1::1"),
            None,
            at,
        );
        check(
            "(qmail 1 invoked by uid 89); 5 Jan 2026 00:00:05 -0000",
            None,
            None,
            None,
            at,
        );
        check(
            "from EX01.recipient.test ([fe80::1c2d:3e4f:5a6b:7c8d%12]) by EX02",
            Some("EX01.recipient.test"),
            Some("EX02"),
            Some("fe80::1c2d:3e4f:5a6b:7c8d"),
            None,
        );
        check("", None, None, None, None);
        check(";;;", None, None, None, None);
        check("from by from", Some("by"), Some("from"), None, None);
    }
}
