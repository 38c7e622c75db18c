"""Decides one request by the policies that apply to it, as AWS documents it. Pure.

IAM guide: reference_policies_evaluation-logic_policy-eval-denyallow.html
IAM guide: reference_policies_evaluation-logic_policy-eval-basics.html

Left out because the project has none: organizations, permissions boundaries, session policies,
other accounts, users, federation.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from akashi_localstack.iam.conditions import Context
from akashi_localstack.iam.policy import Document, Statement


@dataclass(frozen=True)
class Root:
    """The account itself: the operator and the deployment. Only a deny stops it."""

    account: str

    @property
    def arn(self) -> str:
        """As `aws:PrincipalArn` has it."""
        return f"arn:aws:iam::{self.account}:root"


@dataclass(frozen=True)
class Role:
    """Who assumed a role."""

    account: str
    arn: str
    """Of the role, with its path."""
    session: str

    @property
    def session_arn(self) -> str:
        """As error messages have it."""
        name = self.arn.rpartition("/")[2]
        return f"arn:aws:sts::{self.account}:assumed-role/{name}/{self.session}"


@dataclass(frozen=True)
class Service:
    """A service of AWS that acts for itself: `ses.amazonaws.com`."""

    name: str


@dataclass(frozen=True)
class Anonymous:
    """Anybody, without credentials."""


Principal = Root | Role | Service | Anonymous


class ResourcePolicy(enum.Enum):
    """What the policy of a resource is worth."""

    ADDS = "adds"
    """Either it or the identity's policy is enough (most services, within one account)."""
    DECIDES = "decides"
    """Without it nothing goes: keys and roles. It may leave the decision to the account's own
    policies by naming the account as principal.
    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """


@dataclass(frozen=True)
class Request:
    """One action on one resource."""

    principal: Principal
    action: str
    resource: str
    context: Context


@dataclass(frozen=True)
class Grant:
    """By which words of which policy something was allowed or denied."""

    policy: str
    sid: str
    statement: int
    """Place among the statements of its policy."""
    action: str
    """The element of `Action` that matched."""
    resource: int
    """Place among the elements of `Resource`."""


@dataclass(frozen=True)
class Decision:
    """What AWS would decide."""

    allowed: bool
    reason: str
    """In AWS's words, to end the message of a refusal."""
    grants: tuple[Grant, ...]
    """All statements that allow it, or the one that denies it."""


class _Match(enum.Enum):
    NONE = 0
    ACCOUNT = 1
    """By the account alone, which leaves the decision to the identity's own policy."""
    DIRECT = 2


def decide(
    request: Request,
    identity: Sequence[Document],
    resource: Document | None,
    kind: ResourcePolicy = ResourcePolicy.ADDS,
) -> Decision:
    """Decides by the policies of the identity and by that of the resource."""
    for document in identity:
        for grant, _ in _applying(document, request, "Deny"):
            return _denied("an identity", grant)
    if resource is not None:
        for grant, _ in _applying(resource, request, "Deny"):
            return _denied("a resource", grant)
    by_identity = [g for document in identity for g, _ in _applying(document, request, "Allow")]
    by_resource = [] if resource is None else list(_applying(resource, request, "Allow"))
    directly = [grant for grant, match in by_resource if match is _Match.DIRECT]
    by_account = [grant for grant, match in by_resource if match is _Match.ACCOUNT]
    if isinstance(request.principal, Root):
        return Decision(True, "", tuple(directly))
    if directly or (by_identity and (kind is ResourcePolicy.ADDS or by_account)):
        # The account's statement of a key was used only where it was needed.
        needed = by_account if kind is ResourcePolicy.DECIDES and not directly else []
        return Decision(True, "", tuple(by_identity + directly + needed))
    lacking = "identity-based"
    if not isinstance(request.principal, Role) or (
        kind is ResourcePolicy.DECIDES and not by_account
    ):
        lacking = "resource-based"
    return Decision(False, f"because no {lacking} policy allows the {request.action} action", ())


def _denied(kind: str, grant: Grant) -> Decision:
    reason = f"with an explicit deny in {kind}-based policy ({grant.sid})"
    return Decision(False, reason, (grant,))


def _applying(document: Document, request: Request, effect: str) -> Iterator[tuple[Grant, _Match]]:
    for place, statement in enumerate(document.statements):
        if statement.effect != effect:
            continue
        action = statement.action_for(request.action)
        if action is None:
            continue
        match = _match(statement, request.principal)
        if match is _Match.NONE:
            continue
        resource = statement.resource_for(request.resource, request.context)
        if resource is None or not statement.holds(request.context):
            continue
        yield Grant(document.name, statement.sid, place, action, resource), match


def _match(statement: Statement, principal: Principal) -> _Match:
    """How a statement names the principal.

    IAM guide: reference_policies_elements_principal.html
    IAM guide: reference_policies_elements_notprincipal.html
    """
    if statement.principals is None:
        return _Match.DIRECT
    named = set(statement.principals)
    if statement.is_not_principal:
        return _Match.NONE if _names(principal) <= named else _Match.DIRECT
    if ("AWS", "*") in named or named & _own_names(principal):
        return _Match.DIRECT
    if isinstance(principal, Role) and named & _account_names(principal.account):
        return _Match.ACCOUNT
    return _Match.NONE


def _own_names(principal: Principal) -> set[tuple[str, str]]:
    match principal:
        case Service(name):
            return {("Service", name)}
        case Root(account):
            return _account_names(account)
        case Role():
            return {("AWS", principal.arn), ("AWS", principal.session_arn)}
        case Anonymous():
            return set()


def _account_names(account: str) -> set[tuple[str, str]]:
    return {("AWS", account), ("AWS", f"arn:aws:iam::{account}:root")}


def _names(principal: Principal) -> set[tuple[str, str]]:
    """All that `NotPrincipal` has to name to leave a principal out."""
    match principal:
        case Service(name):
            return {("Service", name)}
        case Root():
            return {("AWS", principal.arn)}
        case Role():
            account = f"arn:aws:iam::{principal.account}:root"
            return {("AWS", principal.arn), ("AWS", principal.session_arn), ("AWS", account)}
        case Anonymous():
            return {("AWS", "anonymous")}
