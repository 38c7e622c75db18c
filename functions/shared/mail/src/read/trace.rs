//! The trace fields that SES puts on top of a message it stores.

use super::header::{Field, fields};

/// Where the message as sent begins: behind the block that SES put on top, or at the very start
/// when there is none.
///
/// SES's block is an optional `Return-Path`, one `Received` by
/// `inbound-smtp.<region>.amazonaws.com` and then verdicts. The sender's own fields follow
/// directly, so only the known names count, each of them once: a forged second block belongs to
/// the sender.
pub(crate) fn end_of_ses_fields(message: &[u8]) -> usize {
    let mut end = 0;
    let mut names: Vec<Vec<u8>> = Vec::new();
    let mut has_received = false;
    for field in fields(message, 0) {
        if field.whole.start != end {
            break;
        }
        let name = field.name(message).to_ascii_lowercase();
        let belongs = match name.as_slice() {
            b"return-path" => !has_received,
            b"received" => is_by_ses(message, &field),
            b"received-spf" | b"authentication-results" => has_received,
            other => has_received && other.starts_with(b"x-ses-"),
        };
        if !belongs || names.contains(&name) {
            break;
        }
        has_received |= name == b"received";
        names.push(name);
        end = field.whole.end;
    }
    if has_received { end } else { 0 }
}

fn is_by_ses(message: &[u8], field: &Field) -> bool {
    let value = field.value(message);
    let is_host =
        |word: &[u8]| word.starts_with(b"inbound-smtp.") && word.ends_with(b".amazonaws.com");
    let mut words = value
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    words.any(|word| word == b"by") && words.next().is_some_and(is_host)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: &str = "Received: from pc by mx.customer.test\r\nX-SES-Virus-Verdict: PASS\r\n\
        From: a@b.test\r\n\r\nbody";

    #[test]
    fn takes_off_what_ses_put_on_top_and_nothing_of_the_sender_q_15() {
        let trace = "Return-Path: <taro@customer.test>\r\n\
            Received: from mx.customer.test ([192.0.2.1])\r\n \
            by inbound-smtp.ap-northeast-1.amazonaws.com with SMTP id abc\r\n for x;\r\n Mon\r\n\
            X-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: PASS\r\n\
            Received-SPF: pass (spfCheck: ...) client-ip=192.0.2.1;\r\n\
            Authentication-Results: amazonses.com;\r\n spf=pass\r\nX-SES-RECEIPT: AEFB\r\n\
            X-SES-DKIM-SIGNATURE: a=rsa-sha256; b=x\r\n";
        let stored = format!("{trace}{SENT}");
        assert_eq!(
            stored.get(end_of_ses_fields(stored.as_bytes())..),
            Some(SENT)
        );
    }

    #[test]
    fn leaves_a_mail_alone_that_ses_did_not_touch() {
        for message in [
            SENT,
            "Return-Path: <a@b.test>\r\nFrom: a@b.test\r\n\r\n",
            "",
        ] {
            assert_eq!(end_of_ses_fields(message.as_bytes()), 0);
        }
    }
}
