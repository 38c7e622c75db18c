"""The CloudFormation resource types of SES that LocalStack lacks.

CloudFormation cannot activate a receipt rule set, on AWS neither: the deployment calls
`SetActiveReceiptRuleSet` itself.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from localstack.services.cloudformation.resource_provider import (
    CloudFormationResourceProviderPlugin,
    OperationStatus,
    ProgressEvent,
    ResourceProvider,
    ResourceRequest,
)

Json = dict[str, Any]

NAME_LENGTH_MAX = 64

OPTION_GROUPS = (
    "DeliveryOptions",
    "ReputationOptions",
    "SendingOptions",
    "SuppressionOptions",
    "TrackingOptions",
    "VdmOptions",
)

# CloudFormation's words for the types of events, in the API's.
EVENT_TYPES = {
    "send": "SEND",
    "reject": "REJECT",
    "bounce": "BOUNCE",
    "complaint": "COMPLAINT",
    "delivery": "DELIVERY",
    "open": "OPEN",
    "click": "CLICK",
    "renderingfailure": "RENDERING_FAILURE",
    "deliverydelay": "DELIVERY_DELAY",
    "subscription": "SUBSCRIPTION",
}


class _Provider(ResourceProvider[Any]):
    """Turns the four handlers' plain models into progress events: SES is done at once."""

    KEPT: tuple[str, ...] = ()
    """Properties that CloudFormation fills in when the template does not."""

    def create(self, request: ResourceRequest[Any]) -> ProgressEvent[Any]:
        """Makes the resource."""
        return _done(self._create(request, dict(request.desired_state)))

    def update(self, request: ResourceRequest[Any]) -> ProgressEvent[Any]:
        """Changes the resource to the new properties."""
        previous = dict(request.previous_state or {})
        # What CloudFormation fills in stays as it was, unless the template now names it.
        wanted = {**{k: previous[k] for k in self.KEPT if k in previous}, **request.desired_state}
        return _done(self._update(request, wanted, previous))

    def delete(self, request: ResourceRequest[Any]) -> ProgressEvent[Any]:
        """Removes the resource; one that is gone already counts as removed."""
        model = {**(request.previous_state or {}), **request.desired_state}
        try:
            self._delete(request, model)
        except Exception as error:
            if _code(error) not in GONE:
                raise
        return _done({})

    def _create(self, request: ResourceRequest[Any], model: Json) -> Json:
        raise NotImplementedError

    def _update(self, request: ResourceRequest[Any], model: Json, previous: Json) -> Json:
        raise NotImplementedError

    def _delete(self, request: ResourceRequest[Any], model: Json) -> None:
        raise NotImplementedError


class ReceiptRuleSet(_Provider):
    """`AWS::SES::ReceiptRuleSet`."""

    SCHEMA: ClassVar[Json] = {"primaryIdentifier": ["/properties/RuleSetName"]}
    KEPT = ("RuleSetName",)

    def _create(self, request: ResourceRequest[Any], model: Json) -> Json:
        model.setdefault("RuleSetName", _name(request))
        request.aws_client_factory.ses.create_receipt_rule_set(RuleSetName=model["RuleSetName"])
        return model

    def _update(self, request: ResourceRequest[Any], model: Json, previous: Json) -> Json:
        return _replace(self, request, model, previous, "RuleSetName")

    def _delete(self, request: ResourceRequest[Any], model: Json) -> None:
        request.aws_client_factory.ses.delete_receipt_rule_set(RuleSetName=model["RuleSetName"])


class ReceiptRule(_Provider):
    """`AWS::SES::ReceiptRule`; `Ref` gives the rule's name."""

    SCHEMA: ClassVar[Json] = {"primaryIdentifier": ["/properties/Rule/Name"]}

    def _create(self, request: ResourceRequest[Any], model: Json) -> Json:
        rule = {**model["Rule"]}
        rule.setdefault("Name", _name(request))
        position = {"After": model["After"]} if model.get("After") else {}
        request.aws_client_factory.ses.create_receipt_rule(
            RuleSetName=model["RuleSetName"], Rule=_rule(rule), **position
        )
        return {**model, "Rule": rule}

    def _update(self, request: ResourceRequest[Any], model: Json, previous: Json) -> Json:
        rule = {"Name": previous["Rule"]["Name"], **model["Rule"]}
        model = {**model, "Rule": rule}
        moved = model["RuleSetName"] != previous["RuleSetName"]
        if moved or rule["Name"] != previous["Rule"]["Name"]:
            self._delete(request, previous)
            return self._create(request, model)
        ses = request.aws_client_factory.ses
        ses.update_receipt_rule(RuleSetName=model["RuleSetName"], Rule=_rule(rule))
        if model.get("After") != previous.get("After"):
            position = {"After": model["After"]} if model.get("After") else {}
            ses.set_receipt_rule_position(
                RuleSetName=model["RuleSetName"], RuleName=rule["Name"], **position
            )
        return model

    def _delete(self, request: ResourceRequest[Any], model: Json) -> None:
        request.aws_client_factory.ses.delete_receipt_rule(
            RuleSetName=model["RuleSetName"], RuleName=model["Rule"]["Name"]
        )


class ConfigurationSet(_Provider):
    """`AWS::SES::ConfigurationSet`; `Ref` gives its name."""

    SCHEMA: ClassVar[Json] = {"primaryIdentifier": ["/properties/Name"]}
    KEPT = ("Name",)

    def _create(self, request: ResourceRequest[Any], model: Json) -> Json:
        model.setdefault("Name", _name(request))
        options = {key: _options(model[key]) for key in OPTION_GROUPS if key in model}
        request.aws_client_factory.sesv2.create_configuration_set(
            ConfigurationSetName=model["Name"], **options
        )
        return model

    def _update(self, request: ResourceRequest[Any], model: Json, previous: Json) -> Json:
        if model.get("Name") != previous.get("Name"):
            return _replace(self, request, model, previous, "Name")
        client = request.aws_client_factory.sesv2
        puts: dict[str, Callable[..., Any]] = {
            "DeliveryOptions": client.put_configuration_set_delivery_options,
            "ReputationOptions": client.put_configuration_set_reputation_options,
            "SendingOptions": client.put_configuration_set_sending_options,
            "SuppressionOptions": client.put_configuration_set_suppression_options,
            "TrackingOptions": client.put_configuration_set_tracking_options,
        }
        for key, put in puts.items():
            if model.get(key) != previous.get(key):
                put(ConfigurationSetName=model["Name"], **_options(model.get(key) or {}))
        return model

    def _delete(self, request: ResourceRequest[Any], model: Json) -> None:
        request.aws_client_factory.sesv2.delete_configuration_set(
            ConfigurationSetName=model["Name"]
        )


class ConfigurationSetEventDestination(_Provider):
    """`AWS::SES::ConfigurationSetEventDestination`; `Ref` gives `<set>|<destination>`."""

    SCHEMA: ClassVar[Json] = {"primaryIdentifier": ["/properties/Id"]}

    def _create(self, request: ResourceRequest[Any], model: Json) -> Json:
        destination = {**model["EventDestination"]}
        destination.setdefault("Name", _name(request))
        request.aws_client_factory.sesv2.create_configuration_set_event_destination(
            ConfigurationSetName=model["ConfigurationSetName"],
            EventDestinationName=destination["Name"],
            EventDestination=_event_destination(destination),
        )
        identifier = f"{model['ConfigurationSetName']}|{destination['Name']}"
        return {**model, "EventDestination": destination, "Id": identifier}

    def _update(self, request: ResourceRequest[Any], model: Json, previous: Json) -> Json:
        name = previous["EventDestination"]["Name"]
        destination = {"Name": name, **model["EventDestination"]}
        model = {**model, "EventDestination": destination, "Id": previous["Id"]}
        moved = model["ConfigurationSetName"] != previous["ConfigurationSetName"]
        if moved or destination["Name"] != name:
            self._delete(request, previous)
            return self._create(request, model)
        request.aws_client_factory.sesv2.update_configuration_set_event_destination(
            ConfigurationSetName=model["ConfigurationSetName"],
            EventDestinationName=name,
            EventDestination=_event_destination(destination),
        )
        return model

    def _delete(self, request: ResourceRequest[Any], model: Json) -> None:
        request.aws_client_factory.sesv2.delete_configuration_set_event_destination(
            ConfigurationSetName=model["ConfigurationSetName"],
            EventDestinationName=model["EventDestination"]["Name"],
        )


class EmailIdentity(_Provider):
    """`AWS::SES::EmailIdentity` with the DKIM names and values that its owner publishes."""

    SCHEMA: ClassVar[Json] = {"primaryIdentifier": ["/properties/EmailIdentity"]}

    def _create(self, request: ResourceRequest[Any], model: Json) -> Json:
        client = request.aws_client_factory.sesv2
        extra: Json = {}
        if name := (model.get("ConfigurationSetAttributes") or {}).get("ConfigurationSetName"):
            extra["ConfigurationSetName"] = name
        if model.get("DkimSigningAttributes"):
            extra["DkimSigningAttributes"] = _typed(model["DkimSigningAttributes"])
        client.create_email_identity(EmailIdentity=model["EmailIdentity"], **extra)
        return self._options(request, model)

    def _update(self, request: ResourceRequest[Any], model: Json, previous: Json) -> Json:
        if model["EmailIdentity"] != previous["EmailIdentity"]:
            return _replace(self, request, model, previous, "EmailIdentity")
        return self._options(request, model)

    def _delete(self, request: ResourceRequest[Any], model: Json) -> None:
        request.aws_client_factory.sesv2.delete_email_identity(EmailIdentity=model["EmailIdentity"])

    def _options(self, request: ResourceRequest[Any], model: Json) -> Json:
        client, identity = request.aws_client_factory.sesv2, model["EmailIdentity"]
        puts: dict[str, Callable[..., Any]] = {
            "MailFromAttributes": client.put_email_identity_mail_from_attributes,
            "FeedbackAttributes": client.put_email_identity_feedback_attributes,
            "DkimAttributes": client.put_email_identity_dkim_attributes,
            "ConfigurationSetAttributes": client.put_email_identity_configuration_set_attributes,
        }
        for key, put in puts.items():
            if model.get(key):
                put(EmailIdentity=identity, **_typed(model[key]))
        tokens = client.get_email_identity(EmailIdentity=identity)["DkimAttributes"]["Tokens"]
        for number, token in enumerate(tokens, start=1):
            model[f"DkimDNSTokenName{number}"] = f"{token}._domainkey.{identity}"
            model[f"DkimDNSTokenValue{number}"] = f"{token}.dkim.amazonses.com"
        return model


GONE = frozenset({
    "NotFoundException",
    "RuleSetDoesNotExist",
    "RuleSetDoesNotExistException",
    "RuleDoesNotExist",
    "RuleDoesNotExistException",
})  # fmt: skip
"""The codes by which SES says that something is not there."""


def _done(model: Json) -> ProgressEvent[Any]:
    return ProgressEvent(status=OperationStatus.SUCCESS, resource_model=model)


def _replace(
    provider: _Provider, request: ResourceRequest[Any], model: Json, previous: Json, key: str
) -> Json:
    # LocalStack asks for an update where CloudFormation would replace.
    if model.get(key) == previous.get(key):
        return model
    created = provider._create(request, model)
    provider._delete(request, previous)
    return created


def _name(request: ResourceRequest[Any]) -> str:
    suffix = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(12))
    prefix = f"{request.stack_name}-{request.logical_resource_id}"
    return f"{prefix[: NAME_LENGTH_MAX - len(suffix) - 1]}-{suffix}"


def _rule(rule: Mapping[str, Any]) -> Json:
    return {"TlsPolicy": "Optional", **_typed(rule)}


def _options(options: Mapping[str, Any]) -> Json:
    typed: Json = _typed(options)
    # A parameter makes text of a number, too.
    if "MaxDeliverySeconds" in typed:
        typed["MaxDeliverySeconds"] = int(typed["MaxDeliverySeconds"])
    return typed


def _event_destination(destination: Mapping[str, Any]) -> Json:
    typed: Json = _typed(destination)
    shown: Json = {
        "Enabled": typed.get("Enabled", False),
        "MatchingEventTypes": [
            EVENT_TYPES.get(name.replace("_", "").lower(), name)
            for name in typed["MatchingEventTypes"]
        ],
    }
    if sns := typed.get("SnsDestination"):
        shown["SnsDestination"] = {"TopicArn": sns.get("TopicARN") or sns["TopicArn"]}
    if bus := typed.get("EventBridgeDestination"):
        shown["EventBridgeDestination"] = bus
    return shown


def _typed(value: Any) -> Any:
    # Parameters and intrinsic functions make text of booleans.
    if isinstance(value, Mapping):
        return {key: _typed(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_typed(item) for item in value]
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _code(error: Exception) -> str:
    response = getattr(error, "response", {})
    return str(response.get("Error", {}).get("Code", ""))


class ReceiptRuleSetPlugin(CloudFormationResourceProviderPlugin):
    """Registers `AWS::SES::ReceiptRuleSet`."""

    name = "AWS::SES::ReceiptRuleSet"
    factory = ReceiptRuleSet


class ReceiptRulePlugin(CloudFormationResourceProviderPlugin):
    """Registers `AWS::SES::ReceiptRule`."""

    name = "AWS::SES::ReceiptRule"
    factory = ReceiptRule


class ConfigurationSetPlugin(CloudFormationResourceProviderPlugin):
    """Registers `AWS::SES::ConfigurationSet`."""

    name = "AWS::SES::ConfigurationSet"
    factory = ConfigurationSet


class ConfigurationSetEventDestinationPlugin(CloudFormationResourceProviderPlugin):
    """Registers `AWS::SES::ConfigurationSetEventDestination`."""

    name = "AWS::SES::ConfigurationSetEventDestination"
    factory = ConfigurationSetEventDestination


def _replace_email_identity() -> None:
    from localstack.services.ses.resource_providers.aws_ses_emailidentity_plugin import (
        SESEmailIdentityProviderPlugin,
    )

    def load(plugin: Any) -> None:
        plugin.factory = EmailIdentity

    SESEmailIdentityProviderPlugin.load = load


# LocalStack has a plugin of this name already, whose provider cannot create anything. It imports
# every plugin's module before it loads any of them, so this comes in time.
_replace_email_identity()
