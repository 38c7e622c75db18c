"""The SES v2 API. What is not implemented here is answered by moto."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.skeleton import Skeleton
from localstack.aws.spec import load_service
from localstack.services.moto import call_moto
from localstack.services.plugins import Service, aws_provider

from akashi_localstack.ses import events, publisher, refusals, sending, world
from akashi_localstack.ses.store import LOCK, Json, Store, Suppressed, moto_backend, store

LOG = logging.getLogger(__name__)

Request = Mapping[str, Any]
Handler = Callable[[RequestContext, Request], Any]

# An option group of a configuration set: what the API calls it, and moto's attribute.
OPTIONS = {
    "TrackingOptions": "tracking_options",
    "DeliveryOptions": "delivery_options",
    "ReputationOptions": "reputation_options",
    "SendingOptions": "enabled",
    "SuppressionOptions": "suppression_options",
    "VdmOptions": "vdm_options",
}


@aws_provider(api="sesv2", name="akashi")
def sesv2() -> Service:
    """The plugin that LocalStack loads."""
    description = load_service("sesv2")
    handlers: dict[str, Handler] = {name: _moto for name in description.operation_names}
    handlers |= {name: _translated(handler) for name, handler in OPERATIONS.items()}
    return Service("sesv2", skeleton=Skeleton(description, handlers))


def _moto(context: RequestContext, request: Request) -> Any:
    with LOCK:
        return call_moto(context)


def _translated(handler: Handler) -> Handler:
    def call(context: RequestContext, request: Request) -> Any:
        try:
            return handler(context, request)
        except sending.Refused as refused:
            raise CommonServiceException(
                refused.code, refused.message, status_code=refused.status, sender_fault=True
            ) from refused

    return call


def send_email(context: RequestContext, request: Request) -> Json:
    """Accepts a message; what follows happens in the background."""
    with LOCK:
        kept = _store(context)
        if not kept.sending_enabled:
            raise sending.Refused("SendingPausedException", "Email sending is paused.")
        account = _account(context, kept)
    origin = events.Origin(
        account=context.account_id,
        region=context.region,
        source_ip=context.request.remote_addr or "127.0.0.1",
        caller="root",
    )
    message = sending.prepare(request, account, origin)
    refusals.ORDERED.check(message.mail.destination)
    world.sender().send(message)
    return {"MessageId": message.mail.message_id}


def _account(context: RequestContext, kept: Store) -> sending.Account:
    backend = _backend(context)
    return sending.Account(
        identities=frozenset(backend.email_identities),
        configuration_sets={
            name: (stored.enabled or {}).get("SendingEnabled", True)
            for name, stored in backend.config_sets.items()
        },
        mail_from_domains={
            identity: options["MailFromDomain"]
            for identity, options in kept.identity_options.items()
            if options.get("MailFromDomain")
        },
        retry_periods={
            name: timedelta(seconds=int(seconds))
            for name, stored in backend.config_sets.items()
            if (seconds := (stored.delivery_options or {}).get("MaxDeliverySeconds"))
        },
    )


def create_configuration_set(context: RequestContext, request: Request) -> Json:
    """Stores a configuration set with its options."""
    name = request["ConfigurationSetName"]
    _check_delivery(request.get("DeliveryOptions") or {})
    with LOCK:
        backend = _backend(context)
        if name in backend.config_sets:
            raise sending.Refused(
                "AlreadyExistsException", f"Configuration set <{name}> already exists."
            )
        backend.create_configuration_set_v2(
            configuration_set_name=name,
            tracking_options=request.get("TrackingOptions") or {},
            delivery_options=request.get("DeliveryOptions") or {},
            reputation_options=request.get("ReputationOptions") or {},
            sending_options=request.get("SendingOptions") or {"SendingEnabled": True},
            tags=request.get("Tags") or [],
            suppression_options=request.get("SuppressionOptions") or {},
            vdm_options=request.get("VdmOptions") or {},
        )
    return {}


def get_configuration_set(context: RequestContext, request: Request) -> Json:
    """The configuration set's options; those that were never given are absent."""
    with LOCK:
        stored = _configuration_set(context, request)
        options = {key: getattr(stored, attribute) for key, attribute in OPTIONS.items()}
        return {
            "ConfigurationSetName": stored.configuration_set_name,
            "Tags": stored.tags or [],
            **{key: value for key, value in options.items() if value},
        }


def delete_configuration_set(context: RequestContext, request: Request) -> Json:
    """Removes the configuration set and its event destinations."""
    with LOCK:
        stored = _configuration_set(context, request)
        _backend(context).config_sets.pop(stored.configuration_set_name)
        _store(context).event_destinations.pop(stored.configuration_set_name, None)
    return {}


def _check_delivery(options: Request) -> None:
    seconds = options.get("MaxDeliverySeconds")
    shortest, longest = events.RETRY_SECONDS
    if seconds is not None and not shortest <= int(seconds) <= longest:
        raise sending.Refused(
            "BadRequestException", f"MaxDeliverySeconds must be from {shortest} to {longest}."
        )


def _put_options(key: str) -> Handler:
    def put(context: RequestContext, request: Request) -> Json:
        options = {k: v for k, v in request.items() if k != "ConfigurationSetName"}
        _check_delivery(options)
        with LOCK:
            setattr(_configuration_set(context, request), OPTIONS[key], options)
        return {}

    return put


def create_event_destination(context: RequestContext, request: Request) -> Json:
    """Adds an event destination; an SNS topic gets SES's validation message first."""
    name = request["EventDestinationName"]
    destination = _destination(context, request, name)
    with LOCK:
        stored = _destinations(context, request)
        if name in stored:
            raise sending.Refused("AlreadyExistsException", f"Event destination {name} exists.")
        stored[name] = destination
    return {}


def update_event_destination(context: RequestContext, request: Request) -> Json:
    """Replaces an event destination."""
    name = request["EventDestinationName"]
    destination = _destination(context, request, name)
    with LOCK:
        stored = _destinations(context, request)
        _require(name in stored, f"Event destination {name} does not exist.")
        stored[name] = destination
    return {}


def get_event_destinations(context: RequestContext, request: Request) -> Json:
    """The event destinations of a configuration set."""
    with LOCK:
        return {"EventDestinations": list(_destinations(context, request).values())}


def delete_event_destination(context: RequestContext, request: Request) -> Json:
    """Removes an event destination."""
    name = request["EventDestinationName"]
    with LOCK:
        stored = _destinations(context, request)
        _require(name in stored, f"Event destination {name} does not exist.")
        del stored[name]
    return {}


def _destination(context: RequestContext, request: Request, name: str) -> Json:
    with LOCK:
        _configuration_set(context, request)
    definition = dict(request["EventDestination"])
    topic = (definition.get("SnsDestination") or {}).get("TopicArn")
    if topic:
        try:
            source = publisher.configuration_set_arn(
                events.Origin(context.account_id, context.region, "", "root"),
                request["ConfigurationSetName"],
            )
            publisher.publish_to_topic(topic, None, publisher.VALIDATION, source)
        except Exception as error:
            raise sending.Refused(
                "BadRequestException", f"SNS topic <{topic}> not found."
            ) from error
    return {"Name": name, "Enabled": False, **definition}


def create_email_identity(context: RequestContext, request: Request) -> Json:
    """Stores an identity; it counts as verified at once."""
    name = request["EmailIdentity"]
    with LOCK:
        backend = _backend(context)
        if name in backend.email_identities:
            raise sending.Refused("AlreadyExistsException", f"Email identity {name} exists.")
        backend.create_email_identity_v2(
            name,
            request.get("Tags"),
            request.get("DkimSigningAttributes"),
            request.get("ConfigurationSetName"),
        )
        options = _store(context).identity_options[name]
        options["ConfigurationSetName"] = request.get("ConfigurationSetName")
        options.update(request.get("DkimSigningAttributes") or {})
        shown = _identity(context, name)
    if "@" not in name:
        # On AWS the domain's owner publishes these; until then the identity is not verified.
        world.publish_dkim(name)
    answered = ("IdentityType", "VerifiedForSendingStatus", "DkimAttributes")
    return {key: shown[key] for key in answered}


def get_email_identity(context: RequestContext, request: Request) -> Json:
    """The identity with its options."""
    with LOCK:
        return _identity(context, request["EmailIdentity"])


def delete_email_identity(context: RequestContext, request: Request) -> Json:
    """Removes an identity."""
    name = request["EmailIdentity"]
    with LOCK:
        _require_identity(context, name)
        del _backend(context).email_identities[name]
        _store(context).identity_options.pop(name, None)
    return {}


def _put_identity_options(context: RequestContext, request: Request) -> Json:
    name = request["EmailIdentity"]
    with LOCK:
        _require_identity(context, name)
        given = {k: v for k, v in request.items() if k != "EmailIdentity"}
        _store(context).identity_options[name].update(given)
    return {}


def _identity(context: RequestContext, name: str) -> Json:
    _require_identity(context, name)
    options = _store(context).identity_options[name]
    shown: Json = {
        "IdentityType": "EMAIL_ADDRESS" if "@" in name else "DOMAIN",
        "FeedbackForwardingStatus": options.get("EmailForwardingEnabled", True),
        "VerifiedForSendingStatus": True,
        "VerificationStatus": "SUCCESS",
        "DkimAttributes": {
            "SigningEnabled": options.get("SigningEnabled", True),
            "Status": "SUCCESS",
            "Tokens": world.dkim_tokens(name),
            "NextSigningKeyLength": options.get("NextSigningKeyLength", "RSA_2048_BIT"),
            "SigningAttributesOrigin": "AWS_SES",
        },
        "Policies": {},
        "Tags": _backend(context).email_identities[name].tags or [],
    }
    if options.get("ConfigurationSetName"):
        shown["ConfigurationSetName"] = options["ConfigurationSetName"]
    if options.get("MailFromDomain"):
        shown["MailFromAttributes"] = {
            "MailFromDomain": options["MailFromDomain"],
            "MailFromDomainStatus": "SUCCESS",
            "BehaviorOnMxFailure": options.get("BehaviorOnMxFailure", "USE_DEFAULT_VALUE"),
        }
    return shown


def put_account_suppression(context: RequestContext, request: Request) -> Json:
    """Sets for which reasons addresses come onto the account's suppression list."""
    with LOCK:
        _store(context).suppressed_reasons = list(request.get("SuppressedReasons") or [])
    return {}


def put_account_sending(context: RequestContext, request: Request) -> Json:
    """Pauses or resumes all sending."""
    with LOCK:
        _store(context).sending_enabled = bool(request.get("SendingEnabled", False))
    return {}


def get_account(context: RequestContext, request: Request) -> Json:
    """The account's settings."""
    with LOCK:
        kept = _store(context)
        return {
            "DedicatedIpAutoWarmupEnabled": False,
            "EnforcementStatus": "HEALTHY",
            "ProductionAccessEnabled": True,
            "SendQuota": {"Max24HourSend": 50000.0, "MaxSendRate": 14.0, "SentLast24Hours": 0.0},
            "SendingEnabled": kept.sending_enabled,
            "SuppressionAttributes": {"SuppressedReasons": kept.suppressed_reasons},
        }


def put_suppressed(context: RequestContext, request: Request) -> Json:
    """Puts an address onto the account's suppression list."""
    address = request["EmailAddress"].lower()
    with LOCK:
        entry = Suppressed(address, request["Reason"], datetime.now(UTC))
        _store(context).suppressed[address] = entry
    return {}


def get_suppressed(context: RequestContext, request: Request) -> Json:
    """Why and since when an address is on the suppression list."""
    address = request["EmailAddress"].lower()
    with LOCK:
        entry = _store(context).suppressed.get(address)
    if entry is None:
        raise sending.Refused(
            "NotFoundException", f"Email address {address} does not exist on your suppression list."
        )
    return {"SuppressedDestination": _shown(entry)}


def delete_suppressed(context: RequestContext, request: Request) -> Json:
    """Takes an address off the suppression list."""
    get_suppressed(context, request)
    with LOCK:
        _store(context).suppressed.pop(request["EmailAddress"].lower(), None)
    return {}


def list_suppressed(context: RequestContext, request: Request) -> Json:
    """The suppression list, in one page."""
    reasons = request.get("Reasons") or ["BOUNCE", "COMPLAINT"]
    with LOCK:
        entries = list(_store(context).suppressed.values())
    shown = [_shown(entry) for entry in entries if entry.reason in reasons]
    return {"SuppressedDestinationSummaries": shown}


def _shown(entry: Suppressed) -> Json:
    return {
        "EmailAddress": entry.address,
        "Reason": entry.reason,
        "LastUpdateTime": entry.updated_at,
    }


def _store(context: RequestContext) -> Store:
    return store(context.account_id, context.region)


def _backend(context: RequestContext) -> Any:
    return moto_backend(context.account_id, context.region)


def _configuration_set(context: RequestContext, request: Request) -> Any:
    name = request["ConfigurationSetName"]
    sets = _backend(context).config_sets
    _require(name in sets, f"Configuration set <{name}> does not exist.")
    return sets[name]


def _destinations(context: RequestContext, request: Request) -> dict[str, Json]:
    _configuration_set(context, request)
    return _store(context).event_destinations[request["ConfigurationSetName"]]


def _require_identity(context: RequestContext, name: str) -> None:
    known = name in _backend(context).email_identities
    _require(known, f"Email identity {name} does not exist.")


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise sending.Refused("NotFoundException", message)


OPERATIONS: dict[str, Handler] = {
    "SendEmail": send_email,
    "CreateConfigurationSet": create_configuration_set,
    "GetConfigurationSet": get_configuration_set,
    "DeleteConfigurationSet": delete_configuration_set,
    **{f"PutConfigurationSet{key}": _put_options(key) for key in OPTIONS},
    "CreateConfigurationSetEventDestination": create_event_destination,
    "UpdateConfigurationSetEventDestination": update_event_destination,
    "GetConfigurationSetEventDestinations": get_event_destinations,
    "DeleteConfigurationSetEventDestination": delete_event_destination,
    "CreateEmailIdentity": create_email_identity,
    "GetEmailIdentity": get_email_identity,
    "DeleteEmailIdentity": delete_email_identity,
    "PutEmailIdentityMailFromAttributes": _put_identity_options,
    "PutEmailIdentityDkimAttributes": _put_identity_options,
    "PutEmailIdentityDkimSigningAttributes": _put_identity_options,
    "PutEmailIdentityFeedbackAttributes": _put_identity_options,
    "PutEmailIdentityConfigurationSetAttributes": _put_identity_options,
    "PutAccountSuppressionAttributes": put_account_suppression,
    "PutAccountSendingAttributes": put_account_sending,
    "GetAccount": get_account,
    "PutSuppressedDestination": put_suppressed,
    "GetSuppressedDestination": get_suppressed,
    "DeleteSuppressedDestination": delete_suppressed,
    "ListSuppressedDestinations": list_suppressed,
}
