"""Starts sending, receiving and the mailboxes inside LocalStack's process."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote

from localstack.runtime import hooks
from rolo import Request, Response
from werkzeug.exceptions import NotFound

from akashi_localstack import routes, settings
from akashi_localstack.scheduler import Scheduler
from akashi_localstack.ses import (
    actions,
    certificate,
    events,
    mailbox,
    publisher,
    refusals,
    sending,
    signing,
    smtp,
)
from akashi_localstack.ses.authentication import Resolver
from akashi_localstack.ses.store import LOCK, Suppressed, moto_backend, store

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class _World:
    mailboxes: mailbox.Mailboxes
    scheduler: Scheduler
    sender: sending.Sender
    server: smtp.Server


_running: list[_World] = []


@hooks.on_infra_start()
def start_mail() -> None:
    """Listens for mail and serves the mailboxes.

    Raises:
        OSError: the SMTP port is taken.
    """
    configured = settings.load()
    host, port = settings.LOOPBACK, configured.smtp_port
    state = configured.state
    mailboxes = mailbox.Mailboxes(state / "mailbox")
    scheduler = Scheduler("ses")
    sender = sending.Sender(
        mailboxes,
        scheduler,
        publisher.publish,
        sending.Suppression(reason=_suppressed_for, add=_suppress),
        serves=lambda address: not actions.unserved(actions.active_rule_sets(), address),
        submit=lambda sender, recipient, raw: smtp.submit(host, port, sender, recipient, raw),
        sign=_sign,
    )
    # Without this, the log has several lines for every connection.
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    handler = smtp.Handler(
        actions.active_rule_sets, actions.apply, Resolver(host, configured.dns_port)
    )
    tls = certificate.context(state / "smtp.pem")
    server = smtp.Server(configured.listen, port, handler, tls)
    server.start()
    _running.append(_World(mailboxes, scheduler, sender, server))
    _add_routes(mailboxes, configured.gateway_url)
    refusals.add_routes()
    LOG.info("mail is received on %s:%d", host, port)


@hooks.on_infra_shutdown()
def stop_mail() -> None:
    """Closes the SMTP port and drops what was not sent yet."""
    while _running:
        world = _running.pop()
        world.server.stop()
        world.scheduler.stop()


def sender() -> sending.Sender:
    """What carries accepted messages to their recipients."""
    return _running[-1].sender


def dkim_tokens(identity: str) -> list[str]:
    """The three selectors of an identity; they are the same whenever it is made again."""
    digests = (hashlib.sha256(f"{identity.lower()} {n}".encode()).hexdigest() for n in range(3))
    return [digest[:32] for digest in digests]


def publish_dkim(domain: str) -> None:
    """Puts the domain's DKIM record into the local zone, as its owner would.

    SES has three selectors to change keys by and by; only the first one ever signs here.
    """
    configured = settings.load()
    key = signing.load_or_make(configured.state, domain, dkim_tokens(domain)[0])
    try:
        signing.publish(key, configured.gateway_url)
    except OSError:
        LOG.exception("the DKIM record of %s could not be published", domain)


def _sign(message: sending.Message) -> bytes:
    origin, identity = message.mail.origin, message.mail.identity
    with LOCK:
        options = store(origin.account, origin.region).identity_options.get(identity, {})
    if "@" in identity or not options.get("SigningEnabled", True):
        return message.raw
    key = signing.load_or_make(settings.load().state, identity, dkim_tokens(identity)[0])
    return key.sign(message.raw)


def _add_routes(mailboxes: mailbox.Mailboxes, gateway_url: str) -> None:
    base = "/_akashi/mailbox"

    def addresses(_request: Request) -> Response:
        return routes.json_response(mailboxes.addresses())

    def messages(request: Request, address: str) -> Response:
        address = unquote(address)
        if request.method == "DELETE":
            mailboxes.empty(address)
            return routes.empty_response()
        shown = []
        for envelope in mailboxes.messages(address):
            raw = mailboxes.read(address, envelope.id) or b""
            raw_url = f"{gateway_url}{base}/{address}/{envelope.id}"
            shown.append(mailbox.describe(envelope, raw, raw_url))
        return routes.json_response(shown)

    def message(_request: Request, address: str, id: str) -> Response:
        # Clients may write the @ as %40, and the gateway leaves that as it is.
        raw = mailboxes.read(unquote(address), id)
        if raw is None:
            raise NotFound(f"no message {id} for {address}")
        return Response(raw, content_type="message/rfc822")

    routes.add(base, addresses)
    routes.add(f"{base}/<address>", messages, ("GET", "DELETE"))
    routes.add(f"{base}/<address>/<id>", message)


def _suppressed_for(mail: events.SentMail, recipient: str) -> str | None:
    account, region = mail.origin.account, mail.origin.region
    with LOCK:
        kept = store(account, region)
        reasons = kept.suppressed_reasons
        if mail.configuration_set is not None:
            sets = moto_backend(account, region).config_sets
            options = getattr(sets.get(mail.configuration_set), "suppression_options", None) or {}
            reasons = options.get("SuppressedReasons", reasons)
        entry = kept.suppressed.get(recipient.lower())
    return entry.reason if entry is not None and entry.reason in reasons else None


def _suppress(mail: events.SentMail, recipient: str, reason: str) -> None:
    with LOCK:
        kept = store(mail.origin.account, mail.origin.region)
        if reason in kept.suppressed_reasons:
            entry = Suppressed(recipient.lower(), reason, datetime.now(UTC))
            kept.suppressed.setdefault(recipient.lower(), entry)
