"""The records that SES publishes about a sent message, as its developer guide documents them.

Field names and examples: "Contents of event data that Amazon SES publishes to Amazon SNS" and
"Examples of event data". Everything here is pure: times and ids come in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from akashi_localstack.ses import mime

HEADERS_BYTES_MAX = 10 * 1024
"""SES cuts the headers in a notification at 10 KB and says so in `headersTruncated`."""

RETRY_PERIOD = timedelta(minutes=840)
"""SES retries a temporary failure for 14 hours; its own diagnostics say "840 minutes". Unless the
configuration set says less (`MaxDeliverySeconds`)."""

RETRY_SECONDS = (300, 50_400)
"""What a configuration set may say."""

REPORTING_MTA = "a8-90.smtp-out.amazonses.com"
"""A name of the form that SES's outgoing servers have."""

OUTGOING_IP = "54.240.8.90"

Json = dict[str, Any]


@dataclass(frozen=True)
class Origin:
    """Whose API call sent the message."""

    account: str
    region: str
    source_ip: str
    caller: str


@dataclass(frozen=True)
class SentMail:
    """A message that SES accepted, with what its events say about it."""

    message_id: str
    sent_at: datetime
    source: str
    """The From address as the caller gave it, display name included."""
    identity: str
    """The verified identity that allowed the sending: a domain or an address."""
    destination: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]
    """The header fields as the caller wrote them, before SES replaced any."""
    origin: Origin
    configuration_set: str | None
    tags: Mapping[str, str]
    retry_period: timedelta = RETRY_PERIOD
    """How long SES tries to deliver it."""


def timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, as in every SES record."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def headers(fields: Sequence[tuple[str, str]]) -> tuple[list[Json], bool]:
    """The fields as name and value, and whether some were left out for their size."""
    shown: list[Json] = []
    size = 0
    for name, value in fields:
        size += len(name) + len(value.encode())
        if size > HEADERS_BYTES_MAX:
            return shown, True
        shown.append({"name": name, "value": value})
    return shown, False


def common_headers(fields: Sequence[tuple[str, str]], message_id: str | None) -> Json:
    """The fields that nearly every mail has; those that are absent in the mail are absent here.

    `message_id` replaces the mail's own one.
    """
    first = {name.lower(): value for name, value in reversed(fields)}
    common: Json = {}
    if "return-path" in first:
        common["returnPath"] = first["return-path"].strip("<>")
    for key, name in (("from", "from"), ("replyTo", "reply-to")):
        if name in first:
            common[key] = _mailboxes(first[name])
    if "date" in first:
        common["date"] = first["date"]
    for key in ("to", "cc", "bcc"):
        if key in first:
            common[key] = _mailboxes(first[key])
    identifier = message_id or first.get("message-id")
    if identifier is not None:
        common["messageId"] = identifier
    if "subject" in first:
        common["subject"] = mime.decode_words(first["subject"])
    return common


def mail_object(mail: SentMail, *, delivered: bool = False) -> Json:
    """The `mail` member of every record."""
    shown, truncated = headers(mail.fields)
    return {
        "timestamp": timestamp(mail.sent_at),
        "source": mail.source,
        "sourceArn": (
            f"arn:aws:ses:{mail.origin.region}:{mail.origin.account}:identity/{mail.identity}"
        ),
        "sendingAccountId": mail.origin.account,
        "messageId": mail.message_id,
        "destination": list(mail.destination),
        "headersTruncated": truncated,
        "headers": shown,
        "commonHeaders": common_headers(mail.fields, mail.message_id),
        "tags": _tags(mail, delivered),
    }


def send(mail: SentMail) -> Json:
    """SES will attempt to deliver the message."""
    return {"eventType": "Send", "mail": mail_object(mail), "send": {}}


def reject(mail: SentMail) -> Json:
    """SES found a virus and will not attempt the delivery."""
    return {"eventType": "Reject", "mail": mail_object(mail), "reject": {"reason": "Bad content"}}


def delivery(mail: SentMail, recipient: str, at: datetime, smtp_response: str) -> Json:
    """The recipient's mail server took the message."""
    return {
        "eventType": "Delivery",
        "mail": mail_object(mail, delivered=True),
        "delivery": {
            "timestamp": timestamp(at),
            "processingTimeMillis": max(1, round((at - mail.sent_at) / timedelta(milliseconds=1))),
            "recipients": [recipient],
            "smtpResponse": smtp_response,
            "reportingMTA": REPORTING_MTA,
        },
    }


def delivery_delay(
    mail: SentMail, recipient: str, at: datetime, *, delay_type: str, status: str, diagnostic: str
) -> Json:
    """The delivery could not happen yet; SES goes on trying until `expirationTime`."""
    delayed = {"emailAddress": recipient, "status": status, "diagnosticCode": diagnostic}
    return {
        "eventType": "DeliveryDelay",
        "mail": mail_object(mail),
        "deliveryDelay": {
            "timestamp": timestamp(at),
            "delayType": delay_type,
            "expirationTime": timestamp(mail.sent_at + mail.retry_period),
            "delayedRecipients": [delayed],
            "reportingMTA": REPORTING_MTA,
        },
    }


@dataclass(frozen=True)
class Failure:
    """Why a message bounced, in the words of a delivery status notification."""

    type: str
    subtype: str
    status: str | None = None
    diagnostic: str | None = None
    reporting_mta: str | None = f"dns; {REPORTING_MTA}"


def bounce(
    mail: SentMail, recipients: Sequence[str], at: datetime, failure: Failure, feedback_id: str
) -> Json:
    """The message cannot be delivered: not at all, or not within the retry period."""
    record: Json = {
        "feedbackId": feedback_id,
        "bounceType": failure.type,
        "bounceSubType": failure.subtype,
        "bouncedRecipients": [_bounced(recipient, failure) for recipient in recipients],
        "timestamp": timestamp(at),
    }
    if failure.reporting_mta is not None:
        record["reportingMTA"] = failure.reporting_mta
    return {"eventType": "Bounce", "bounce": record, "mail": mail_object(mail)}


def complaint(
    mail: SentMail, recipients: Sequence[str], at: datetime, feedback_id: str, user_agent: str
) -> Json:
    """The recipient marked the message as spam, after it was delivered."""
    return {
        "eventType": "Complaint",
        "complaint": {
            "feedbackId": feedback_id,
            "complaintSubType": None,
            "complainedRecipients": [{"emailAddress": recipient} for recipient in recipients],
            "timestamp": timestamp(at),
            "userAgent": user_agent,
            "complaintFeedbackType": "abuse",
            "arrivalDate": timestamp(at),
        },
        "mail": mail_object(mail),
    }


def notification(event: Json) -> Json | None:
    """The older form of an event, which a topic gets that is set on the identity itself.

    It has another name for its type, neither tags nor, unless asked for, headers; three types have
    one. https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html
    """
    kind = event["eventType"]
    if kind not in ("Bounce", "Complaint", "Delivery"):
        return None
    left_out = ("tags", "headers", "headersTruncated", "commonHeaders")
    mail = {name: value for name, value in event["mail"].items() if name not in left_out}
    tags = event["mail"]["tags"]
    mail["sourceIp"] = tags["ses:source-ip"][0]
    mail["callerIdentity"] = tags["ses:caller-identity"][0]
    return {"notificationType": kind, kind.lower(): event[kind.lower()], "mail": mail}


def suppressed_complaint(mail: SentMail, recipient: str, at: datetime, feedback_id: str) -> Json:
    """Not sent: the recipient complained before and is on the account's suppression list."""
    return {
        "eventType": "Complaint",
        "complaint": {
            "feedbackId": feedback_id,
            "complaintSubType": "OnAccountSuppressionList",
            "complainedRecipients": [{"emailAddress": recipient}],
            "timestamp": timestamp(at),
        },
        "mail": mail_object(mail),
    }


def _bounced(recipient: str, failure: Failure) -> Json:
    bounced: Json = {"emailAddress": recipient}
    if failure.status is not None:
        bounced |= {"action": "failed", "status": failure.status}
    if failure.diagnostic is not None:
        bounced["diagnosticCode"] = failure.diagnostic
    return bounced


def _tags(mail: SentMail, delivered: bool) -> Json:
    # SES calls its own tags ses:...; a tag of the caller cannot have such a name.
    domain = mime.addresses([mail.source])[-1].rpartition("@")[2]
    tags: Json = {
        "ses:source-tls-version": ["TLSv1.3"],
        "ses:operation": ["SendEmail"],
    }
    if mail.configuration_set is not None:
        tags["ses:configuration-set"] = [mail.configuration_set]
    tags |= {
        "ses:source-ip": [mail.origin.source_ip],
        "ses:from-domain": [domain],
        "ses:caller-identity": [mail.origin.caller],
    }
    if delivered:
        tags["ses:outgoing-ip"] = [OUTGOING_IP]
    return tags | {name: [value] for name, value in mail.tags.items()}


def _mailboxes(value: str) -> list[str]:
    # A comma inside a quoted name does not separate two mailboxes.
    parts: list[str] = []
    quoted, start = False, 0
    for index, character in enumerate(value):
        if character == '"' and value[index - 1 : index] != "\\":
            quoted = not quoted
        elif character == "," and not quoted:
            parts.append(value[start:index])
            start = index + 1
    parts.append(value[start:])
    return [mime.decode_words(part.strip()) for part in parts if part.strip()]
