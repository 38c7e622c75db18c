"""Which receipt rules apply to an incoming mail, and what SES says about it: pure.

"Receipt rules" in SES's developer guide says how recipients are matched; the record is that of
"Contents of notifications for Amazon SES email receiving".
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import cached_property
from typing import Any

from akashi_localstack.ses import events, mime
from akashi_localstack.ses.sending import EICAR

Json = dict[str, Any]
Rule = Mapping[str, Any]

MESSAGE_ID_LENGTH = 40
"""SES's ids of received messages are this long: lower-case letters and digits."""

SPF_WORDS = {"PASS": "pass", "FAIL": "fail", "GRAY": "none"}


@dataclass(frozen=True)
class Authentication:
    """What could be said of the sender, each verdict `PASS`, `FAIL` or `GRAY`."""

    spf: str
    dkim: str
    dmarc: str
    dkim_domain: str | None = None
    """The signing domain of the signature that passed, or of the first that failed."""
    from_domain: str = ""
    dmarc_policy: str | None = None
    """`none`, `quarantine` or `reject`; only known when the domain published one."""


@dataclass(frozen=True)
class Received:
    """A mail that came by SMTP, before any rule was applied."""

    message_id: str
    received_at: datetime
    region: str
    helo: str
    client_ip: str
    sender: str
    """The envelope sender, empty for a bounce."""
    recipients: tuple[str, ...]
    raw: bytes
    """As the client sent it, lines ending with CRLF."""
    authentication: Authentication

    @cached_property
    def infected(self) -> bool:
        """Whether the EICAR string is in the mail or in one of its decoded parts."""
        return EICAR in self.raw or _hidden_virus(self.raw)


def message_id() -> str:
    """A new id of the form that SES gives to received messages."""
    alphabet = string.ascii_lowercase + string.digits
    return "".join(secrets.choice(alphabet) for _ in range(MESSAGE_ID_LENGTH))


def matches(pattern: str, address: str) -> bool:
    """Whether a rule's recipient pattern is for this address.

    `user@example.com` is for that address with any label, `user+label@example.com` for that one
    label, `example.com` for the domain and `.example.com` for all its subdomains.
    """
    pattern, address = pattern.lower(), address.lower()
    local, _, domain = address.rpartition("@")
    if "@" in pattern:
        return pattern in (address, f"{local.partition('+')[0]}@{domain}")
    if pattern.startswith("."):
        return domain.endswith(pattern)
    return domain == pattern


def matched(rule: Rule, recipients: Sequence[str], verified: Sequence[str]) -> list[str]:
    """The envelope recipients that the rule is for; all in verified domains when it names none."""
    if not rule.get("Enabled", False):
        return []
    patterns = rule.get("Recipients") or [
        pattern for name in verified if "@" not in name for pattern in (name, f".{name}")
    ]
    return [r for r in recipients if any(matches(pattern, r) for pattern in patterns)]


def verdicts(received: Received, scan: bool) -> Json:
    """The five verdicts. Without scanning, SES says `DISABLED` for spam and virus."""
    virus = "DISABLED"
    if scan:
        virus = "FAIL" if received.infected else "PASS"
    checks = received.authentication
    return {
        "spamVerdict": {"status": "PASS" if scan else "DISABLED"},
        "virusVerdict": {"status": virus},
        "spfVerdict": {"status": checks.spf},
        "dkimVerdict": {"status": checks.dkim},
        "dmarcVerdict": {"status": checks.dmarc},
    }


def stored(received: Received, scan: bool, recipient: str) -> bytes:
    """The bytes of the S3 object: SES's trace fields, then the mail exactly as it came.

    `X-SES-DKIM-SIGNATURE` is the last field that SES adds.
    """
    return trace(received, scan, recipient) + received.raw


def trace(received: Received, scan: bool, recipient: str) -> bytes:
    """The fields that SES puts on top of a received mail."""
    found = verdicts(received, scan)
    when = format_datetime(received.received_at).replace("+0000", "+0000 (UTC)")
    client = f"client-ip={received.client_ip}; envelope-from={received.sender};"
    client += f" helo={received.helo};"
    spf = _spf_words(received)
    checks = received.authentication
    dkim = {"PASS": "pass", "FAIL": "fail"}.get(checks.dkim, "none")
    signer = f" header.i=@{checks.dkim_domain}" if checks.dkim_domain else ""
    dmarc = {"PASS": "pass", "FAIL": "fail"}.get(checks.dmarc, "none")
    digest = hashlib.sha256(received.raw).digest()
    receipt = base64.b64encode(received.message_id.encode()).decode()
    seconds = int(received.received_at.timestamp())
    lines = [
        f"Return-Path: <{received.sender}>",
        f"Received: from {received.helo} ({received.helo} [{received.client_ip}])",
        f" by {_host(received.region)} with SMTP id {received.message_id}",
        f" for {recipient};",
        f" {when}",
        f"X-SES-Spam-Verdict: {found['spamVerdict']['status']}",
        f"X-SES-Virus-Verdict: {found['virusVerdict']['status']}",
        f"Received-SPF: {spf} {client}",
        "Authentication-Results: amazonses.com;",
        f" spf={spf} {client}",
        f" dkim={dkim}{signer};",
        f" dmarc={dmarc} header.from={checks.from_domain};",
        f"X-SES-RECEIPT: {receipt}",
        # SES signs what it stores. Nobody has the key to this one: it only stands where SES's does.
        f"X-SES-DKIM-SIGNATURE: a=rsa-sha256; q=dns/txt; b={receipt}; c=relaxed/simple;"
        f" s=local; d=amazonses.com; t={seconds}; v=1;"
        f" bh={base64.b64encode(digest).decode()};"
        " h=From:To:Cc:Bcc:Subject:Date:Message-ID:MIME-Version:Content-Type:X-SES-RECEIPT;",
    ]
    return "".join(f"{line}\r\n" for line in lines).encode()


def mail_object(received: Received, scan: bool, recipient: str) -> Json:
    """The `mail` member of the record; its headers are those of the stored object."""
    fields = mime.header_fields(stored(received, scan, recipient))
    shown, truncated = events.headers(fields)
    values = [value for name, value in fields if name.lower() in ("to", "cc")]
    return {
        "timestamp": events.timestamp(received.received_at),
        "source": received.sender,
        "messageId": received.message_id,
        "destination": mime.addresses(values) or list(received.recipients),
        "headersTruncated": truncated,
        "headers": shown,
        "commonHeaders": events.common_headers(fields, None),
    }


def receipt_object(
    received: Received, scan: bool, recipients: Sequence[str], now: datetime, action: Json
) -> Json:
    """The `receipt` member of the record for one action of a rule."""
    elapsed = now - received.received_at
    record: Json = {
        "timestamp": events.timestamp(received.received_at),
        "processingTimeMillis": max(1, int(elapsed.total_seconds() * 1000)),
        "recipients": list(recipients),
        **verdicts(received, scan),
        "action": action,
    }
    if record["dmarcVerdict"]["status"] == "FAIL" and received.authentication.dmarc_policy:
        record["dmarcPolicy"] = received.authentication.dmarc_policy
    return record


def lambda_event(mail: Json, receipt: Json) -> Json:
    """The record as a Lambda action passes it."""
    record = {
        "eventSource": "aws:ses",
        "eventVersion": "1.0",
        "ses": {"mail": mail, "receipt": receipt},
    }
    return {"Records": [record]}


def notification(mail: Json, receipt: Json) -> Json:
    """The record as an action's topic gets it."""
    return {"notificationType": "Received", "mail": mail, "receipt": receipt}


def _hidden_virus(raw: bytes) -> bool:
    # An attachment hides the string in base64 or quoted-printable.
    if len(raw) < len(EICAR):
        return False
    for part in mime.parse(raw).walk():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes) and EICAR in content:
            return True
    return False


def _spf_words(received: Received) -> str:
    domain = received.sender.rpartition("@")[2] or received.helo
    word = SPF_WORDS[received.authentication.spf]
    if word == "pass":
        why = f"domain of {domain} designates {received.client_ip} as permitted sender"
    elif word == "fail":
        why = f"domain of {domain} does not designate {received.client_ip} as permitted sender"
    else:
        why = f"{received.client_ip} is neither permitted nor denied by domain of {domain}"
    return f"{word} (spfCheck: {why})"


def _host(region: str) -> str:
    return f"inbound-smtp.{region}.amazonaws.com"
