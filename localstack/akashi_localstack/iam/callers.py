"""Who calls, and what a call carries of its caller's condition keys.

Functions and state machines come with credentials of their roles, which LocalStack assumes for
them. What LocalStack does as a service of AWS names itself in its internal header. The rest are the
operator and LocalStack's own doings for the operator, such as CloudFormation.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from akashi_localstack.iam.evaluator import Anonymous, Principal, Role, Root, Service
from akashi_localstack.iam.world import LocalWorld

NOBODY = "injectedaccesskey"
"""What LocalStack puts in where a request is not signed."""

TEMPORARY = ("ASIA", "LSIA")
"""How access keys of sessions begin, on AWS and here."""

ARN_FIELDS = 6


class UnknownKey(Exception):
    """A temporary access key that was never given out, or in an earlier world."""


def caller(context: Any, world: LocalWorld) -> Principal:
    """Who made a call.

    Raises:
        UnknownKey: the access key is no session's.
    """
    from localstack.utils.aws.request_context import extract_access_key_id_from_auth_header

    key = extract_access_key_id_from_auth_header(context.request.headers) or NOBODY
    role = world.role_of(key, context.account_id)
    if role is not None:
        return role
    service = (context.internal_request_params or {}).get("service_principal")
    if service:
        return Service(service if "." in service else f"{service}.amazonaws.com")
    if context.is_internal_call:
        return Root(context.account_id)
    if key.startswith(TEMPORARY):
        raise UnknownKey(key)
    return Anonymous() if key == NOBODY else Root(context.account_id)


def keys(context: Any, principal: Principal) -> dict[str, tuple[str, ...]]:
    """The condition keys that every call of this caller has."""
    return {
        **of_time(context.region),
        **of_principal(principal),
        **_of_source(context, principal),
    }


def of_principal(principal: Principal) -> dict[str, tuple[str, ...]]:
    """What says who somebody is."""
    match principal:
        case Role(account, arn, _):
            return _known(account, arn, "AssumedRole")
        case Root(account):
            return _known(account, principal.arn, "Account")
        case Service(name):
            return {
                "aws:principalisawsservice": ("true",),
                "aws:principalservicename": (name,),
            }
        case Anonymous():
            return {"aws:principalisawsservice": ("false",), "aws:principaltype": ("Anonymous",)}


def _known(account: str, arn: str, kind: str) -> dict[str, tuple[str, ...]]:
    return {
        "aws:principalisawsservice": ("false",),
        "aws:principalaccount": (account,),
        "aws:principalarn": (arn,),
        "aws:principaltype": (kind,),
    }


def of_time(region: str) -> dict[str, tuple[str, ...]]:
    """What every call has, whoever makes it."""
    now = datetime.now(UTC)
    return {
        "aws:currenttime": (now.isoformat(timespec="seconds"),),
        "aws:epochtime": (str(int(now.timestamp())),),
        "aws:requestedregion": (region,),
        # The local world speaks plain HTTP, its clients would not on AWS.
        "aws:securetransport": ("true",),
        "aws:viaawsservice": ("false",),
    }


def _of_source(context: Any, principal: Principal) -> Mapping[str, tuple[str, ...]]:
    """A service says for which resource it acts; anybody else from where."""
    if isinstance(principal, Service):
        return source_keys(
            (context.internal_request_params or {}).get("source_arn"), context.account_id
        )
    address = getattr(context.request, "remote_addr", None)
    return {} if context.is_internal_call or not address else {"aws:sourceip": (address,)}


def source_keys(arn: str | None, account: str) -> dict[str, tuple[str, ...]]:
    """For which resource of which account a service acts.

    The keys of a call of which LocalStack does not say it have the account alone.
    """
    if not arn:
        return {"aws:sourceaccount": (account,)}
    if ":log-group:" in arn and not arn.endswith(":*"):
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
        arn = f"{arn}:*"
    fields = arn.split(":")
    owner = fields[4] if len(fields) >= ARN_FIELDS else ""
    return {"aws:sourcearn": (arn,), "aws:sourceaccount": (owner or account,)}
