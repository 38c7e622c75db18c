"""Hands the events of a message to the destinations of its configuration set."""

from __future__ import annotations

import json
import logging
from typing import Any

from akashi_localstack.clients import clients, service_client
from akashi_localstack.ses import events, permissions
from akashi_localstack.ses.store import LOCK, moto_backend, store

LOG = logging.getLogger(__name__)

SUBJECT = "Amazon SES Email Event Notification"
NOTIFICATION_SUBJECT = "Amazon SES Notification"

VALIDATION = "Successfully validated SNS topic for Amazon SES event publishing."
"""What SES publishes when a topic becomes an event destination; it is not JSON."""

# The API's names of event types, and what the records call them.
API_TYPES = {
    "Send": "SEND",
    "Reject": "REJECT",
    "Bounce": "BOUNCE",
    "Complaint": "COMPLAINT",
    "Delivery": "DELIVERY",
    "DeliveryDelay": "DELIVERY_DELAY",
}

EVENT_BRIDGE_TYPES = {
    "Send": "Email Sent",
    "Reject": "Email Rejected",
    "Bounce": "Email Bounced",
    "Complaint": "Email Complaint Received",
    "Delivery": "Email Delivered",
    "DeliveryDelay": "Email Delivery Delayed",
}


def publish(mail: events.SentMail, event: events.Json) -> None:
    """Publishes the event to every enabled destination that wants its type, and to the topic that
    is set on the identity for it.
    """
    _notify(mail, event)
    if mail.configuration_set is None:
        return
    with LOCK:
        kept = store(mail.origin.account, mail.origin.region).event_destinations
        destinations = [dict(d) for d in kept.get(mail.configuration_set, {}).values()]
    for destination in destinations:
        wanted = destination.get("MatchingEventTypes") or []
        if destination.get("Enabled") and API_TYPES[event["eventType"]] in wanted:
            _publish_to(destination, mail, event)


def _notify(mail: events.SentMail, event: events.Json) -> None:
    notification = events.notification(event)
    with LOCK:
        topics = moto_backend(mail.origin.account, mail.origin.region).sns_topics
        topic = topics.get(mail.identity, {}).get(event["eventType"])
    if notification is None or not topic:
        return
    try:
        text = json.dumps(notification, ensure_ascii=False)
        source = identity_arn(mail.origin, mail.identity)
        publish_to_topic(topic, NOTIFICATION_SUBJECT, text, source)
    except Exception:
        LOG.exception("the topic of %s took no notification", mail.identity)


def _publish_to(destination: events.Json, mail: events.SentMail, event: events.Json) -> None:
    # One destination that cannot be reached must not keep the event from the others.
    try:
        if topic := (destination.get("SnsDestination") or {}).get("TopicArn"):
            source = configuration_set_arn(mail.origin, mail.configuration_set or "")
            publish_to_topic(topic, SUBJECT, json.dumps(event, ensure_ascii=False), source)
        if bus := (destination.get("EventBridgeDestination") or {}).get("EventBusArn"):
            _put_event(bus, mail, event)
    except Exception:
        LOG.exception("event destination %s took no event", destination.get("Name"))


def configuration_set_arn(origin: events.Origin, name: str) -> str:
    """The ARN that SES names as the source of what it publishes."""
    return f"arn:aws:ses:{origin.region}:{origin.account}:configuration-set/{name}"


def identity_arn(origin: events.Origin, identity: str) -> str:
    """The ARN that SES names as the source of an identity's notifications."""
    return f"arn:aws:ses:{origin.region}:{origin.account}:identity/{identity}"


def publish_to_topic(topic_arn: str, subject: str | None, message: str, source_arn: str) -> None:
    """Publishes to an SNS topic as SES, for a configuration set or a receipt rule."""
    region, account = topic_arn.split(":")[3:5]
    client = service_client(account, region, "sns", permissions.SES, source_arn)
    extra = {} if subject is None else {"Subject": subject}
    client.publish(TopicArn=topic_arn, Message=message, **extra)


def _put_event(bus_arn: str, mail: events.SentMail, event: events.Json) -> None:
    entry = {
        "Source": "aws.ses",
        "DetailType": EVENT_BRIDGE_TYPES[event["eventType"]],
        "Detail": json.dumps(event, ensure_ascii=False),
        "EventBusName": bus_arn,
        "Resources": [configuration_set_arn(mail.origin, mail.configuration_set or "")],
    }
    _client(bus_arn, "events").put_events(Entries=[entry])


def _client(arn: str, service: str) -> Any:
    region, account = arn.split(":")[3:5]
    return getattr(clients(account, region), service)
