"""The inbound server on a real port, with rule sets made up here."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import free_ports

from akashi_localstack.ses import actions, certificate, receipt, smtp, submit

HOST = "127.0.0.1"
RULES: tuple[dict[str, Any], ...] = (
    {"Enabled": True, "Recipients": ["akashi.test", ".akashi.test"], "Actions": []},
)
MAIL = b"From: taro@customer.test\r\nTo: a@x.test\r\nCc: mail@akashi.test\r\n\r\nbody\r\n"


@dataclass
class Inbound:
    """A running server and what it was given."""

    port: int
    taken: list[receipt.Received] = field(default_factory=list)
    tls: list[bool] = field(default_factory=list)
    failure: Exception | None = None

    def apply(self, _rules: actions.RuleSet, received: receipt.Received, over_tls: bool) -> None:
        if self.failure is not None:
            raise self.failure
        self.taken.append(received)
        self.tls.append(over_tls)

    def client(self) -> smtplib.SMTP:
        client = smtplib.SMTP(HOST, self.port, local_hostname="mail.customer.test", timeout=30)
        client.ehlo()
        return client

    def send(self, raw: bytes, sender: str = "taro@customer.test") -> tuple[int, bytes]:
        with self.client() as client:
            client.mail(sender)
            client.rcpt("mail@akashi.test")
            return client.data(raw)


@pytest.fixture
def inbound(tmp_path: Path) -> Iterator[Inbound]:
    (port,) = free_ports(1)
    found = Inbound(port)
    sets = [actions.RuleSet("0" * 12, "us-east-1", "set", RULES, ("akashi.test",))]
    handler = smtp.Handler(lambda: sets, found.apply, lambda _name, _kind: [])
    server = smtp.Server(HOST, port, handler, certificate.context(tmp_path / "smtp.pem"))
    server.start()
    yield found
    server.stop()


def test_one_mail_has_all_served_recipients(inbound: Inbound) -> None:
    with inbound.client() as client:
        assert client.mail("taro@customer.test")[0] == 250
        assert client.rcpt("mail@akashi.test")[0] == 250
        assert client.rcpt("user@c.akashi.test")[0] == 250
        assert client.rcpt("a@x.test") == (
            550,
            b"5.1.1 Requested action not taken: mailbox unavailable",
        )
        code, text = client.data(MAIL)
    (received,) = inbound.taken
    assert (code, text.decode()) == (250, f"OK {received.message_id}")
    assert received.recipients == ("mail@akashi.test", "user@c.akashi.test")
    assert received.raw == MAIL
    assert (received.sender, received.helo) == ("taro@customer.test", "mail.customer.test")


@pytest.mark.parametrize(
    "raw",
    [
        b".leading dot\r\n..\r\n.\r\nafter\r\n",
        b"Subject: nul\x00byte\r\n\r\n\xff\xfe 8 bit \x1b$B\r\n",
        b"X-Long: " + b"x" * 1_000_000 + b"\r\n\r\n\r\n",
        b"\r\n",
    ],
)
def test_every_byte_arrives(inbound: Inbound, raw: bytes) -> None:
    assert inbound.send(raw)[0] == 250
    assert inbound.taken[0].raw == raw


def test_an_empty_return_path_is_taken(inbound: Inbound) -> None:
    assert inbound.send(MAIL, sender="")[0] == 250
    assert inbound.taken[0].sender == ""


def test_a_mail_above_40_mb_is_refused_before_and_during_data(inbound: Inbound) -> None:
    with inbound.client() as client:
        assert client.mail("a@x.test", [f"size={smtp.MAIL_BYTES_MAX + 1}"])[0] == 552
        assert client.mail("a@x.test", [f"size={smtp.MAIL_BYTES_MAX}"])[0] == 250
    line = b"x" * 998 + b"\r\n"
    whole = line * (smtp.MAIL_BYTES_MAX // len(line))
    fits = whole + b"y" * (smtp.MAIL_BYTES_MAX - len(whole) - 2) + b"\r\n"
    assert len(fits) == smtp.MAIL_BYTES_MAX
    assert inbound.send(fits)[0] == 250
    assert inbound.send(b"z" + fits)[0] == 552
    assert len(inbound.taken) == 1


def test_a_failed_action_is_a_temporary_failure(inbound: Inbound) -> None:
    inbound.failure = RuntimeError("S3 is away")
    assert inbound.send(MAIL) == (451, b"4.3.0 Requested action aborted: local error in processing")


def test_a_rule_that_bounces_answers_with_its_own_words(inbound: Inbound) -> None:
    inbound.failure = actions.Bounced("550 5.1.1 not here")
    assert inbound.send(MAIL) == (550, b"5.1.1 not here")


def test_an_unforeseen_error_is_temporary_too(tmp_path: Path) -> None:
    def broken() -> list[actions.RuleSet]:
        raise RuntimeError("the store is away")

    (port,) = free_ports(1)
    found = Inbound(port)
    server = smtp.Server(HOST, port, smtp.Handler(broken, found.apply, lambda _n, _k: []), None)
    server.start()
    with found.client() as client:
        client.mail("a@x.test")
        assert client.rcpt("mail@akashi.test")[0] == 451
    server.stop()


def test_starttls_is_offered(inbound: Inbound) -> None:
    with inbound.client() as client:
        client.starttls(context=ssl._create_unverified_context())
        client.ehlo()
        client.sendmail("a@x.test", "mail@akashi.test", MAIL)
    assert inbound.send(MAIL)[0] == 250
    assert inbound.tls == [True, False]


def test_a_domain_that_is_not_a_verified_identity_takes_no_mail() -> None:
    rules = actions.RuleSet("0" * 12, "us-east-1", "set", RULES, ("other.test",))
    assert not rules.serves("mail@akashi.test")
    assert actions.RuleSet("0" * 12, "r", "set", RULES, ("akashi.test",)).serves("u@c.akashi.test")


def test_submit_completes_the_mail_and_writes_to_served_addresses_only(inbound: Inbound) -> None:
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    raw = submit.complete(b"To: a@x.test\nCc: mail@akashi.test\n\nhello\n", "t@customer.test", now)
    result = submit.submit(raw, "t@customer.test", [], HOST, inbound.port)
    assert result.recipients == ("mail@akashi.test",)
    (received,) = inbound.taken
    assert received.raw.startswith(
        b"From: t@customer.test\r\nDate: Fri, 02 Jan 2026 03:04:05 +0000\r\nMessage-ID: <"
    )
    assert received.raw.endswith(b"To: a@x.test\r\nCc: mail@akashi.test\r\n\r\nhello\r\n")


def test_submit_says_why_a_mail_was_not_taken(inbound: Inbound) -> None:
    with pytest.raises(submit.NotTaken, match=r"550 5\.1\.1"):
        submit.submit(MAIL, "t@customer.test", ["a@x.test"], HOST, inbound.port)
    with pytest.raises(submit.NotTaken, match="serves none"):
        submit.submit(b"To: a@x.test\r\n\r\n", "t@customer.test", [], HOST, inbound.port)
