"""Accepts a message as SES v2 `SendEmail` does and makes everything happen that follows.

`prepare` is the API's half: it refuses what SES refuses. `Sender` is the half that follows: the
message goes to its recipients and the events to the configuration set's destinations.
"""

from __future__ import annotations

import functools
import logging
import random
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parseaddr
from typing import Any, Protocol

from akashi_localstack.scheduler import Scheduler
from akashi_localstack.ses import events, mime, outcomes
from akashi_localstack.ses.mailbox import Mailboxes

LOG = logging.getLogger(__name__)

RAW_BYTES_MAX = 40 * 1024 * 1024
RECIPIENTS_MAX = 50
TAGS_BYTES_MAX = 10 * 1024
TAGS_MAX = 50
TAG_CHARACTERS_MAX = 256
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The file that every virus scanner reports; SES's documentation uses it to test rejection."""

EVENT_DELAY_SECONDS = (0.01, 0.08)
"""Each event waits a random time in this range: SES does not promise any order of events."""

# SES puts its own values in place of these, or reads them itself and does not send them.
REPLACED = {
    "message-id", "date", "bcc", "return-path",
    "x-ses-configuration-set", "x-ses-message-tags", "x-ses-source-arn", "x-ses-from-arn",
}  # fmt: skip

# "Amazon SES header fields": these cannot appear more than once.
SINGLE = {
    "accept-language", "auto-submitted", "bounces-to", "comments", "content-description",
    "content-disposition", "content-id", "content-language", "content-length", "content-location",
    "content-md5", "content-transfer-encoding", "content-type", "date", "delivered-to",
    "disposition-notification-options", "disposition-notification-to", "dkim-signature",
    "errors-to", "from", "importance", "in-reply-to", "keywords", "list-archive", "list-help",
    "list-id", "list-owner", "list-post", "list-subscribe", "list-unsubscribe",
    "list-unsubscribe-post", "message-id", "mime-version", "organization", "precedence",
    "priority", "references", "reply-to", "return-path", "return-receipt-to", "sender",
    "sensitivity", "subject", "thread-index", "thread-topic", "user-agent",
}  # fmt: skip


class Refused(Exception):
    """SES answers the call with an error; `code` is its name in the API."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def status(self) -> int:
        """The HTTP status that SES gives it."""
        return {"NotFoundException": 404, "TooManyRequestsException": 429}.get(self.code, 400)


@dataclass(frozen=True)
class Message:
    """A message as it leaves SES, and the mail it was."""

    mail: events.SentMail
    raw: bytes
    """With SES's Message-ID and Date, lines ending with CRLF."""
    return_path: str


@dataclass(frozen=True)
class Account:
    """What `prepare` needs to know of the account; made under the store's lock."""

    identities: frozenset[str]
    configuration_sets: Mapping[str, bool]
    """By name, whether sending is enabled."""
    mail_from_domains: Mapping[str, str]
    retry_periods: Mapping[str, timedelta] = field(default_factory=dict)
    """By configuration set, how long SES tries, where the set says so (`MaxDeliverySeconds`)."""


def message_id(now: datetime) -> str:
    """An id of the form that SES gives to outgoing messages."""
    milliseconds = int(now.timestamp() * 1000)
    return f"0100{milliseconds:012x}-{uuid.uuid4()}-000000"


def prepare(request: Mapping[str, Any], account: Account, origin: events.Origin) -> Message:
    """Checks a `SendEmail` request and makes the message that leaves.

    Raises:
        Refused: as SES refuses it.
    """
    now = datetime.now(UTC)
    content = request.get("Content") or {}
    if "Raw" in content:
        raw = mime.crlf(_bytes(content["Raw"]["Data"]))
    elif "Simple" in content:
        raw = mime.crlf(_compose(request, content["Simple"]))
    else:
        raise Refused("BadRequestException", "Templates are not supported by the local SES.")
    fields = tuple(mime.header_fields(raw))
    named = {name.lower(): value for name, value in reversed(fields)}
    destination = _destination(request, fields)
    _check_message(raw, fields, destination)
    source = request.get("FromEmailAddress") or named.get("from", "")
    identity = _check_identities([source, named.get("from", source)], account, origin.region)
    configuration_set = request.get("ConfigurationSetName") or named.get("x-ses-configuration-set")
    _check_configuration_set(configuration_set, account)
    tags = _tags(request, named.get("x-ses-message-tags", ""))
    mail = events.SentMail(
        message_id=message_id(now),
        sent_at=now,
        source=source,
        identity=identity,
        destination=tuple(parseaddr(recipient)[1] for recipient in destination),
        fields=fields,
        origin=origin,
        configuration_set=configuration_set,
        tags=tags,
        retry_period=account.retry_periods.get(configuration_set or "", events.RETRY_PERIOD),
    )
    bounce_domain = account.mail_from_domains.get(identity, _amazonses(origin.region, "amazonses"))
    return Message(mail, _stamped(raw, mail), f"{mail.message_id}@{bounce_domain}")


class Publisher(Protocol):
    """Hands an event to the destinations of the message's configuration set."""

    def __call__(self, mail: events.SentMail, event: events.Json) -> None:
        """May block; what it raises is logged."""


@dataclass(frozen=True)
class Suppression:
    """The account's suppression list, as the message's configuration set applies it."""

    reason: Callable[[events.SentMail, str], str | None]
    """Why an address is on the list; None when it is not, or the set does not care."""
    add: Callable[[events.SentMail, str, str], None]
    """Puts an address onto the list for a reason, `BOUNCE` or `COMPLAINT`."""


class Sender:
    """Carries accepted messages to their recipients and tells what became of them."""

    def __init__(
        self,
        mailboxes: Mailboxes,
        scheduler: Scheduler,
        publish: Publisher,
        suppression: Suppression,
        serves: Callable[[str], bool],
        submit: Callable[[str, str, bytes], str],
        sign: Callable[[Message], bytes],
    ) -> None:
        """Makes a sender.

        `serves` tells whether mail to an address is received here; `submit` then takes it:
        it gets the envelope sender, one recipient and the message, and returns the receiving
        server's answer. `sign` returns the message with
        the identity's DKIM signature.
        """
        self._mailboxes = mailboxes
        self._scheduler = scheduler
        self._publish = publish
        self._suppression = suppression
        self._serves = serves
        self._submit = submit
        self._sign = sign

    def send(self, message: Message) -> None:
        """Starts everything that follows the acceptance; returns at once."""
        self._scheduler.later(timedelta(), functools.partial(self._start, message))

    def _start(self, accepted: Message) -> None:
        message = replace(accepted, raw=self._sign(accepted))
        mail = message.mail
        planned = {r: outcomes.outcome(r) for r in mail.destination}
        repeat = max((plan.repeat for plan in planned.values()), default=1)
        self._event(mail, events.send(mail), repeat)
        if EICAR in message.raw or any(plan.rejected for plan in planned.values()):
            self._event(mail, events.reject(mail))
            return
        for recipient, plan in planned.items():
            reason = None if plan.simulated else self._suppression.reason(mail, recipient)
            if reason is not None:
                self._suppressed(mail, recipient, reason)
                continue
            for step in plan.steps:
                work = functools.partial(self._step, message, recipient, step, plan)
                expiry = mail.retry_period / outcomes.EXPIRY_SCALE
                self._scheduler.later(expiry if step.at_expiry else step.after, work)

    def _step(
        self, message: Message, recipient: str, step: outcomes.Step, plan: outcomes.Outcome
    ) -> None:
        mail, now = message.mail, datetime.now(UTC)
        if step.kind == "delivery":
            self._event(mail, self._deliver(message, recipient), plan.repeat)
        elif step.kind == "delay":
            delayed = events.delivery_delay(
                mail,
                recipient,
                now,
                delay_type="TransientCommunicationFailure",
                status="4.4.1",
                diagnostic="smtp; 421 4.4.1 Unable to connect to remote host",
            )
            self._event(mail, delayed, plan.repeat)
        elif step.kind == "bounce" and step.failure is not None:
            is_expiry = step.failure == outcomes.EXPIRED
            failure = outcomes.expired(mail.retry_period) if is_expiry else step.failure
            self._bounced(mail, recipient, failure, plan)
        elif step.kind == "complaint":
            if not plan.simulated:
                self._suppression.add(mail, recipient, "COMPLAINT")
            user_agent = "Amazon SES Mailbox Simulator"
            complaint = events.complaint(mail, [recipient], now, message_id(now), user_agent)
            self._event(mail, complaint, plan.repeat)
        elif step.kind == "vacation":
            self._vacation(message, recipient)

    def _deliver(self, message: Message, recipient: str) -> events.Json:
        mail = message.mail
        response = "250 2.6.0 Message received"
        if self._serves(recipient):
            response = self._submit(message.return_path, recipient, message.raw)
        else:
            now = datetime.now(UTC)
            self._mailboxes.deliver(
                recipient,
                _received(message, recipient, now) + message.raw,
                ses_message_id=mail.message_id,
                sender=message.return_path,
                recipients=(recipient,),
                received_at=events.timestamp(now),
            )
        now = datetime.now(UTC)
        if response.startswith("2"):
            return events.delivery(mail, recipient, now, response)
        kind = "Permanent" if response.startswith("5") else "Transient"
        status = response.split(" ")[1] if response.count(" ") else None
        failure = events.Failure(kind, "General", status, f"smtp; {response}")
        return events.bounce(mail, [recipient], now, failure, message_id(now))

    def _bounced(
        self, mail: events.SentMail, recipient: str, failure: events.Failure, plan: outcomes.Outcome
    ) -> None:
        if failure.type == "Permanent" and not plan.simulated:
            self._suppression.add(mail, recipient, "BOUNCE")
        now = datetime.now(UTC)
        record = events.bounce(mail, [recipient], now, failure, message_id(now))
        self._event(mail, record, plan.repeat)

    def _suppressed(self, mail: events.SentMail, recipient: str, reason: str) -> None:
        now = datetime.now(UTC)
        identifier = message_id(now)
        if reason == "COMPLAINT":
            record = events.suppressed_complaint(mail, recipient, now, identifier)
        else:
            failure = outcomes.ON_ACCOUNT_LIST
            record = events.bounce(mail, [recipient], now, failure, identifier)
        self._event(mail, record)

    def _vacation(self, message: Message, recipient: str) -> None:
        # RFC 3834 answers to the Return-Path. SES puts its own there, so that its customers would
        # never see one; many responders answer to Reply-To or From, and those come back here.
        replies = [v for n, v in message.mail.fields if n.lower() == "reply-to"]
        candidates = mime.addresses([*replies, message.mail.source])
        target = next((address for address in candidates if self._serves(address)), None)
        if target is not None:
            self._submit("", target, _vacation_reply(message, recipient, target))

    def _event(self, mail: events.SentMail, event: events.Json, repeat: int = 1) -> None:
        delay = timedelta(seconds=random.uniform(*EVENT_DELAY_SECONDS))  # noqa: S311
        for _ in range(repeat):
            self._scheduler.later(delay, lambda: self._publish(mail, event))


def _bytes(data: Any) -> bytes:
    return data if isinstance(data, bytes) else str(data).encode()


def _destination(
    request: Mapping[str, Any], fields: tuple[tuple[str, str], ...]
) -> tuple[str, ...]:
    given = request.get("Destination") or {}
    listed = [a for key in ("To", "Cc", "Bcc") for a in given.get(f"{key}Addresses") or []]
    if not listed:
        values = [v for n, v in fields if n.lower() in ("to", "cc", "bcc")]
        listed = mime.addresses(values)
    return tuple(dict.fromkeys(listed))


def _check_message(
    raw: bytes, fields: tuple[tuple[str, str], ...], destination: tuple[str, ...]
) -> None:
    if len(raw) > RAW_BYTES_MAX:
        raise Refused(
            "BadRequestException",
            f"Message length is more than {RAW_BYTES_MAX} bytes long: '{len(raw)}'.",
        )
    names = [name.lower() for name, _ in fields]
    for name, _ in fields:
        if name.lower() in SINGLE and names.count(name.lower()) > 1:
            raise Refused("BadRequestException", f"Duplicate header '{name}'.")
    if not destination:
        raise Refused("BadRequestException", "No recipients specified")
    if len(destination) > RECIPIENTS_MAX:
        raise Refused("BadRequestException", f"Recipient count exceeds {RECIPIENTS_MAX}.")
    for recipient in destination:
        _check_address(recipient)


def _check_address(text: str) -> None:
    _, address = parseaddr(text)
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain:
        raise Refused("BadRequestException", "Missing final '@domain'")
    if not address.isascii():
        raise Refused(
            "BadRequestException", "Local or domain part of an address has non-ASCII characters"
        )
    if any(not (c.isalnum() or c in "-._[]:") for c in domain):
        raise Refused("BadRequestException", "Domain contains illegal character")


def _check_identities(sources: list[str], account: Account, region: str) -> str:
    allowed = ""
    for source in sources:
        _check_address(source)
        address = parseaddr(source)[1]
        found = _identity(address, account.identities)
        if found is None:
            raise Refused(
                "MessageRejected",
                "Email address is not verified. The following identities failed the check in "
                f"region {region.upper()}: {source}",
            )
        allowed = allowed or found
    return allowed


def _identity(address: str, identities: frozenset[str]) -> str | None:
    local, _, domain = address.rpartition("@")
    candidates = [f"{local}@{domain.lower()}", address]
    labels = domain.lower().split(".")
    # A verified domain allows every address in it and in its subdomains.
    candidates += [".".join(labels[index:]) for index in range(len(labels))]
    return next((candidate for candidate in candidates if candidate in identities), None)


def _check_configuration_set(name: str | None, account: Account) -> None:
    if name is None:
        return
    if name not in account.configuration_sets:
        raise Refused("NotFoundException", f"Configuration set <{name}> does not exist.")
    if not account.configuration_sets[name]:
        raise Refused(
            "SendingPausedException", f"Sending is paused for configuration set <{name}>."
        )


def _tags(request: Mapping[str, Any], header: str) -> dict[str, str]:
    given = {tag["Name"]: tag["Value"] for tag in request.get("EmailTags") or []}
    if not given:
        pairs = (pair.partition("=") for pair in header.split(",") if "=" in pair)
        given = {name.strip(): value.strip() for name, _, value in pairs}
    for name, value in given.items():
        for part, what, extra in ((name, "name", "_-"), (value, "value", "_-.@")):
            if not part or len(part) > TAG_CHARACTERS_MAX:
                raise Refused(
                    "BadRequestException",
                    f"The tag {what} must have 1 to {TAG_CHARACTERS_MAX} characters.",
                )
            if not all(c.isascii() and (c.isalnum() or c in extra) for c in part):
                raise Refused(
                    "BadRequestException",
                    f"Invalid tag {what} <{part}>: only alphanumeric ASCII characters and "
                    f"{', '.join(repr(c) for c in extra)} are allowed.",
                )
    size = sum(len(name) + len(value) for name, value in given.items())
    if len(given) > TAGS_MAX or size > TAGS_BYTES_MAX:
        raise Refused(
            "BadRequestException",
            f"Tags are more than {TAGS_MAX} or more than {TAGS_BYTES_MAX} bytes.",
        )
    return given


def _compose(request: Mapping[str, Any], simple: Mapping[str, Any]) -> bytes:
    from email.message import EmailMessage
    from email.policy import SMTP

    message = EmailMessage(policy=SMTP)
    message["From"] = request.get("FromEmailAddress", "")
    destination = request.get("Destination") or {}
    for name, key in (("To", "ToAddresses"), ("Cc", "CcAddresses")):
        if destination.get(key):
            message[name] = ", ".join(destination[key])
    if request.get("ReplyToAddresses"):
        message["Reply-To"] = ", ".join(request["ReplyToAddresses"])
    message["Subject"] = simple["Subject"]["Data"]
    for header in simple.get("Headers") or []:
        message[header["Name"]] = header["Value"]
    body = simple.get("Body") or {}
    text, html = body.get("Text"), body.get("Html")
    if text is None and html is None:
        raise Refused("BadRequestException", "The message must have a body.")
    if text is not None:
        message.set_content(text["Data"], charset=text.get("Charset", "utf-8").lower())
    if html is not None and text is not None:
        message.add_alternative(html["Data"], subtype="html")
    elif html is not None:
        message.set_content(html["Data"], subtype="html")
    for attachment in simple.get("Attachments") or []:
        kind = attachment.get("ContentType", "application/octet-stream").split(";")[0]
        main, _, sub = kind.partition("/")
        message.add_attachment(
            attachment["RawContent"], maintype=main, subtype=sub, filename=attachment["FileName"]
        )
    return bytes(message)


def _stamped(raw: bytes, mail: events.SentMail) -> bytes:
    region = mail.origin.region
    host = _amazonses(region, "email.amazonses")
    outgoing = f"{mail.sent_at:%Y.%m.%d}-{events.OUTGOING_IP}"
    stamps = (
        f"Message-ID: <{mail.message_id}@{host}>\r\n"
        f"Date: {format_datetime(mail.sent_at)}\r\n"
        f"Feedback-ID: ::1.{region}.{mail.origin.account}:AmazonSES\r\n"
        f"X-SES-Outgoing: {outgoing}\r\n"
    )
    return mime.keep_fields(raw, lambda name: name not in REPLACED, stamps.encode())


def _amazonses(region: str, in_us_east_1: str) -> str:
    # The oldest region has names without a region in them.
    return f"{in_us_east_1}.com" if region == "us-east-1" else f"{region}.amazonses.com"


def _received(message: Message, address: str, now: datetime) -> bytes:
    domain = address.rpartition("@")[2]
    return (
        f"Return-Path: <{message.return_path}>\r\n"
        f"Received: from {events.REPORTING_MTA} ({events.REPORTING_MTA} [{events.OUTGOING_IP}])\r\n"
        f" by mx.{domain} with ESMTPS id {uuid.uuid4().hex[:16]} for <{address}>;\r\n"
        f" {format_datetime(now)}\r\n"
    ).encode()


def _vacation_reply(message: Message, recipient: str, target: str) -> bytes:
    mail, now = message.mail, datetime.now(UTC)
    original = mime.first_header(message.raw, "Message-ID")
    subject = mime.first_header(message.raw, "Subject") or ""
    return (
        f"From: {recipient}\r\n"
        f"To: {target}\r\n"
        f"Subject: Auto: {subject}\r\n"
        f"Date: {format_datetime(now)}\r\n"
        f"Message-ID: <{uuid.uuid4()}@{outcomes.SIMULATOR}>\r\n"
        f"In-Reply-To: {original}\r\n"
        f"References: {original}\r\n"
        "Auto-Submitted: auto-replied\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "\r\n"
        f"I am out of the office and will read your message of {format_datetime(mail.sent_at)} "
        "when I return.\r\n"
    ).encode()
