"""Decides each call at the gateway, before its service sees it.

A denied call gets the error that the service itself gives on AWS, so that an SDK reads it alike.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.runtime import hooks
from rolo import Request as HttpRequest
from rolo import Response

from akashi_localstack import routes, settings
from akashi_localstack.iam import callers
from akashi_localstack.iam.actions import Call, Need, Unmapped, needs
from akashi_localstack.iam.evaluator import (
    Anonymous,
    Decision,
    Principal,
    Request,
    ResourcePolicy,
    Role,
    Root,
    Service,
    decide,
)
from akashi_localstack.iam.policy import PolicyError
from akashi_localstack.iam.records import Records, name_of
from akashi_localstack.iam.world import LocalWorld

LOG = logging.getLogger(__name__)

DECIDING = frozenset({"key", "role"})
"""Kinds of resources whose policy decides; see `ResourcePolicy`."""

ERRORS: Mapping[str, tuple[str, int]] = {
    "s3": ("AccessDenied", 403),
    "sts": ("AccessDenied", 403),
    "sqs": ("AccessDenied", 403),
    "sns": ("AuthorizationError", 403),
    "sesv2": ("AccessDeniedException", 403),
    "lambda": ("AccessDeniedException", 403),
}
"""Codes and statuses by the services' lists of errors."""
ANY_ERROR = ("AccessDeniedException", 400)
"""Of the services that speak JSON, as in
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/CommonErrors.html"""

PROBES: Mapping[tuple[str, str], str] = {("lambda", "GetFunction"): "Invoke"}
"""What LocalStack asks as a service to see whether something is there, where AWS tries whether the
service may use it: `PutSubscriptionFilter` is refused for a function that does not let logs in."""

BY_LOCALSTACK = frozenset({("logs", "CreateLogGroup")})
"""Calls with a function's role that LocalStack's Lambda makes and AWS's does by itself."""


class Guard:
    """Decides, remembers what it decided, and how long that took."""

    def __init__(self, world: LocalWorld, records: Records) -> None:
        self._world = world
        self._records = records
        self._lock = threading.Lock()
        self.decisions = 0
        self.seconds = 0.0

    def check(self, context: RequestContext) -> None:
        """Decides a call.

        Raises:
            CommonServiceException: it is denied.
        """
        started = time.thread_time()
        try:
            self._check(context)
        finally:
            with self._lock:
                self.decisions += 1
                self.seconds += time.thread_time() - started

    def _check(self, context: RequestContext) -> None:
        service, operation = context.service.service_name, context.operation.name
        try:
            principal = callers.caller(context, self._world)
        except callers.UnknownKey as error:
            raise CommonServiceException(
                "UnrecognizedClientException", f"The security token {error} is invalid", 403
            ) from error
        if _is_localstack_itself(context, principal, service, operation):
            return
        if isinstance(principal, Service):
            operation = PROBES.get((service, operation), operation)
        call = Call(
            service,
            operation,
            context.service_request or {},
            context.account_id,
            context.region,
            self._world,
        )
        try:
            needed = needs(call)
        except Unmapped as error:
            if isinstance(principal, Root):
                return
            self._refuse_unmapped(principal, service, error)
        keys = callers.keys(context, principal)
        for need in needed:
            # What a service asks in its own name is not the operator's to be let through.
            decision, request = self.decide(need, principal, keys, call.account, call.region)
            if not decision.allowed:
                raise _denial(service, request, decision.reason)

    def decide(
        self,
        need: Need,
        principal: Principal,
        keys: Mapping[str, tuple[str, ...]],
        account: str,
        region: str,
    ) -> tuple[Decision, Request]:
        """Decides one permission and writes it down."""
        who: Principal = principal
        carried = {**keys, **need.context}
        if need.by_service:
            who = Service(need.by_service)
            carried = {
                **carried,
                **callers.of_principal(who),
                "aws:sourceaccount": (account,),
            }
        carried["aws:resourceaccount"] = (account,)
        request = Request(who, need.action, need.resource, carried)
        kind = ResourcePolicy.DECIDES if need.kind in DECIDING else ResourcePolicy.ADDS
        try:
            identity = self._world.identity_policies(who) if isinstance(who, Role) else []
            resource = (
                self._world.resource_policy(need.kind, need.resource, account, region)
                if need.kind
                else None
            )
            decision = decide(request, identity, resource, kind)
        except PolicyError as error:
            LOG.error("%s cannot be decided: %s", need.action, error)
            decision = Decision(False, f"because {error}", ())
        self._records.add(request, decision)
        return decision, request

    def _refuse_unmapped(self, principal: Principal, service: str, error: Unmapped) -> None:
        reason = f"because nobody has said which permissions {error} takes (iam/actions.py)"
        request = Request(principal, str(error), "*", {})
        self._records.add(request, Decision(False, reason, ()))
        raise _denial(service, request, reason)


def _is_localstack_itself(
    context: RequestContext, principal: Principal, service: str, operation: str
) -> bool:
    if not context.is_internal_call:
        return False
    group = str((context.service_request or {}).get("logGroupName"))
    is_function = group.startswith("/aws/lambda/")
    return isinstance(principal, Role) and is_function and (service, operation) in BY_LOCALSTACK


def _denial(service: str, request: Request, reason: str) -> CommonServiceException:
    code, status = ERRORS.get(service, ANY_ERROR)
    message = (
        f"User: {_shown(request.principal)} is not authorized to perform: {request.action}"
        f" on resource: {request.resource} {reason}"
    )
    LOG.warning("denied: %s", message)
    return CommonServiceException(code, message, status_code=status, sender_fault=True)


def _shown(principal: Principal) -> str:
    match principal:
        case Role():
            return principal.session_arn
        case Root():
            return principal.arn
        case Service(name):
            return name
        case Anonymous():
            return name_of(principal)


_guards: list[Guard] = []


def guard() -> Guard:
    """The one that decides in this process."""
    return _guards[-1]


@hooks.on_infra_start()
def start_enforcement() -> None:
    """Lets no call through that AWS would not."""
    from localstack.aws.handlers import serve_custom_service_request_handlers

    made = Guard(LocalWorld(), Records(settings.load().iam_records))
    _guards.append(made)

    def decide_call(_chain: Any, context: RequestContext, _response: Any) -> None:
        if context.service is not None and context.operation is not None:
            made.check(context)

    serve_custom_service_request_handlers.append(decide_call)

    def measured(_request: HttpRequest) -> Response:
        each = made.seconds / made.decisions * 1e6 if made.decisions else 0.0
        shown = {
            "decisions": made.decisions,
            "seconds": round(made.seconds, 3),
            "microseconds_each": round(each, 1),
        }
        return routes.json_response(shown)

    routes.add("/_akashi/iam", measured)
