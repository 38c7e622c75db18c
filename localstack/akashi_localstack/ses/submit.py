"""Submits a mail as a customer's mailer and mail server would: `python -m ...submit mail.eml`.

The mail server fills in Date and Message-ID, signs with DKIM when asked, and hands the mail to the
recipients' server. Without `--to`, it goes to those of To and Cc that the local world serves.
"""

from __future__ import annotations

import argparse
import smtplib
import ssl
import sys
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from akashi_localstack import settings
from akashi_localstack.ses import mime, signing

SELECTOR = "akashi-local"
TIMEOUT_SECONDS = 300
ACCEPTED = 250


class NotTaken(Exception):
    """The receiving server refused; the message is its answer."""


@dataclass(frozen=True)
class Result:
    """What became of a submission."""

    recipients: tuple[str, ...]
    reply: str
    """The server's answer to the whole mail, e.g. `250 OK <message id>`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code: 0 when the mail was taken, 1 when it was not."""
    parser = argparse.ArgumentParser(prog="submit", description=__doc__)
    parser.add_argument("file", type=Path, help="the mail, RFC 5322 with any line ends")
    parser.add_argument("--from", dest="sender", required=True, help="the envelope sender")
    parser.add_argument("--to", action="append", default=[], help="an envelope recipient")
    parser.add_argument("--dkim", metavar="DOMAIN", help="sign with a key of this domain")
    given = parser.parse_args(arguments)
    world = settings.load()
    raw = complete(given.file.read_bytes(), given.sender, datetime.now(UTC))
    try:
        if given.dkim:
            key = signing.load_or_make(world.state, given.dkim, SELECTOR)
            signing.publish(key, world.gateway_url)
            raw = key.sign(raw)
        result = submit(raw, given.sender, given.to, settings.LOOPBACK, world.smtp_port)
    except (NotTaken, OSError, smtplib.SMTPException) as error:
        print(f"the mail was not taken: {error}", file=sys.stderr)
        return 1
    print(f"taken for {', '.join(result.recipients)}: {result.reply}")
    return 0


def complete(raw: bytes, sender: str, now: datetime) -> bytes:
    """The mail as it leaves a mail server: CRLF line ends, with From, Date and Message-ID."""
    raw = mime.crlf(raw)
    present = {name.lower() for name, _ in mime.header_fields(raw)}
    domain = sender.rpartition("@")[2] or "localhost"
    values = {
        "From": sender,
        "Date": format_datetime(now),
        "Message-ID": f"<{uuid.uuid4()}@{domain}>",
    }
    missing = [f"{n}: {v}\r\n" for n, v in values.items() if n.lower() not in present]
    return "".join(missing).encode() + raw


def submit(raw: bytes, sender: str, to: Sequence[str], host: str, port: int) -> Result:
    """Hands the mail over by SMTP.

    Raises:
        NotTaken: the server refused a named recipient, every recipient, or the mail.
        OSError: nobody listens.
    """
    recipients = list(to) or _written_to(raw)
    name = f"mail.{sender.rpartition('@')[2] or 'localhost'}"
    with smtplib.SMTP(host, port, local_hostname=name, timeout=TIMEOUT_SECONDS) as client:
        client.ehlo()
        if client.has_extn("starttls"):
            # As mail servers do among each other: encrypted, whoever the other is.
            client.starttls(context=ssl._create_unverified_context())  # noqa: S323
            client.ehlo()
        _require(*client.mail(sender, [f"size={len(raw)}"]))
        taken = []
        for recipient in recipients:
            code, text = client.rcpt(recipient)
            if code == ACCEPTED:
                taken.append(recipient)
            elif to:
                # The mail server would carry the others to their own servers.
                _require(code, text)
        if not taken:
            raise NotTaken(f"the local world serves none of {', '.join(recipients) or 'no one'}")
        code, text = client.data(raw)
        _require(code, text)
    return Result(tuple(taken), f"{code} {text.decode('utf-8', 'replace')}")


def _written_to(raw: bytes) -> list[str]:
    values = [value for name, value in mime.header_fields(raw) if name.lower() in ("to", "cc")]
    return list(dict.fromkeys(mime.addresses(values)))


def _require(code: int, text: bytes) -> None:
    if code != ACCEPTED:
        raise NotTaken(f"{code} {text.decode('utf-8', 'replace')}")


if __name__ == "__main__":
    sys.exit(main())
