"""The receiving end of the local world: SMTP in, receipt rules applied, then the answer."""

from __future__ import annotations

import asyncio
import logging
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parseaddr

from aiosmtpd.smtp import SMTP, Envelope, Session

from akashi_localstack.ses import actions, mime, receipt
from akashi_localstack.ses.authentication import Lookup, authenticate
from akashi_localstack.ses.certificate import HOST_NAME

LOG = logging.getLogger(__name__)

MAIL_BYTES_MAX = 40 * 1024 * 1024
"""SES takes mails of up to 40 MB, headers included; a larger one is refused with 552."""

RECIPIENTS_MAX = 100
"""SES takes this many recipients in one transaction; the client sends the rest in another one."""

COMMAND_TIMEOUT_SECONDS = 300
"""RFC 5321, section 4.5.3.2; it must also outlast a Lambda function that a rule waits for."""


OK = 250
NO_SUCH_MAILBOX = "550 5.1.1 Requested action not taken: mailbox unavailable"
TOO_MANY = "452 4.5.3 Too many recipients"
TRY_AGAIN = "451 4.3.0 Requested action aborted: local error in processing"

ACCEPT_PAUSE_SECONDS = 0.1

RuleSets = Callable[[], list[actions.RuleSet]]
Apply = Callable[[actions.RuleSet, receipt.Received, bool], None]


class Handler:
    """Answers the commands that need the receipt rules; aiosmtpd does the rest."""

    def __init__(self, rule_sets: RuleSets, apply: Apply, lookup: Lookup) -> None:
        self._rule_sets = rule_sets
        self._apply = apply
        self._lookup = lookup

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Takes a recipient that a rule is for."""
        sets = await asyncio.to_thread(self._rule_sets)
        if actions.unserved(sets, address):
            return NO_SUCH_MAILBOX
        if len(envelope.rcpt_tos) >= RECIPIENTS_MAX:
            return TOO_MANY
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:
        """Applies the rules to the whole mail before it answers."""
        content = envelope.content
        raw = content if isinstance(content, bytes) else str(content or "").encode()
        return await asyncio.to_thread(self._take, session, envelope, raw)

    async def handle_exception(self, error: Exception) -> str:
        """Anything unforeseen is a temporary failure: a permanent one would lose the mail."""
        LOG.error("a command of the inbound server failed", exc_info=error)
        return TRY_AGAIN

    def _take(self, session: Session, envelope: Envelope, raw: bytes) -> str:
        peer = session.peer[0] if isinstance(session.peer, tuple) else "127.0.0.1"
        helo = session.host_name or "unknown"
        sender = "" if envelope.mail_from in (None, "<>") else str(envelope.mail_from)
        raw = mime.crlf(raw)
        message_id = receipt.message_id()
        try:
            checks = authenticate(
                raw, sender=sender, helo=helo, client_ip=peer, lookup=self._lookup
            )
            for rule_set in self._rule_sets():
                recipients = tuple(r for r in envelope.rcpt_tos if rule_set.serves(r))
                if not recipients:
                    continue
                received = receipt.Received(
                    message_id=message_id,
                    received_at=datetime.now(UTC),
                    region=rule_set.region,
                    helo=helo,
                    client_ip=peer,
                    sender=sender,
                    recipients=recipients,
                    raw=raw,
                    authentication=checks,
                )
                self._apply(rule_set, received, session.ssl is not None)
        except actions.Bounced as bounced:
            return bounced.reply
        except Exception:
            LOG.exception("mail %s was not taken: a receipt rule failed", message_id)
            return TRY_AGAIN
        return f"250 OK {message_id}"


class Server:
    """The listener, in a thread of its own. It offers STARTTLS with a certificate of its own."""

    def __init__(self, host: str, port: int, handler: Handler, tls: ssl.SSLContext | None) -> None:
        self._address = (host, port)
        self._handler = handler
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="smtp", daemon=True)
        self._listener: socket.socket | None = None

    def start(self) -> None:
        """Listens; returns when it does.

        Raises:
            OSError: the port is taken.
        """
        self._listener = socket.create_server(self._address)
        self._listener.setblocking(False)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._accept(self._listener), self._loop)

    def stop(self) -> None:
        """Closes the port and every connection."""
        asyncio.run_coroutine_threadsafe(_end_other_tasks(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        if self._listener is not None:
            self._listener.close()

    async def _accept(self, listener: socket.socket) -> None:
        # LocalStack patches asyncio's own servers: each waits a second for the client to speak
        # first, which an SMTP client never does.
        while True:
            try:
                connection, _ = await self._loop.sock_accept(listener)
                await self._loop.connect_accepted_socket(self._connected, connection)
            except OSError:
                # No file descriptors left, or the client is gone already.
                LOG.exception("a connection could not be accepted")
                await asyncio.sleep(ACCEPT_PAUSE_SECONDS)

    def _connected(self) -> SMTP:
        return _Protocol(
            self._handler,
            hostname=HOST_NAME,
            ident="ESMTP SimpleEmailService-local",
            data_size_limit=MAIL_BYTES_MAX,
            timeout=COMMAND_TIMEOUT_SECONDS,
            tls_context=self._tls,
            loop=self._loop,
        )


class _Protocol(SMTP):
    # RFC 5321 allows 1,000 bytes a line; mails with longer ones exist and SES takes them. aiosmtpd
    # refuses lines above this limit with 500, before the size limit could.
    line_length_limit = MAIL_BYTES_MAX


async def _end_other_tasks() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def submit(host: str, port: int, sender: str, recipient: str, raw: bytes) -> str:
    """Sends one mail by SMTP as SES's outgoing servers do, and returns the final answer."""
    try:
        with smtplib.SMTP(host, port, timeout=COMMAND_TIMEOUT_SECONDS) as client:
            client.ehlo()
            client.mail(sender, [f"size={len(raw)}"])
            code, text = client.rcpt(parseaddr(recipient)[1])
            if code == OK:
                code, text = client.data(raw)
    except (OSError, smtplib.SMTPException) as error:
        LOG.warning("mail to the local inbound server failed: %s", error)
        return "421 4.4.1 Unable to connect to remote host"
    return f"{code} {text.decode('utf-8', 'replace')}"
