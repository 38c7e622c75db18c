"""Functions: who may call a URL, and permissions of a template that LocalStack leaves out.

Of LocalStack 4.9.2.
"""

from __future__ import annotations

import functools
from typing import Any

from akashi_localstack.iam import callers
from akashi_localstack.iam.actions import Need
from akashi_localstack.iam.enforcement import guard
from akashi_localstack.iam.evaluator import Anonymous

URL_ACTIONS = ("lambda:InvokeFunctionUrl", "lambda:InvokeFunction")
"""Both, since October 2025: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"""

BY_URL = {"lambda:functionurlauthtype": ("NONE",), "lambda:invokedviafunctionurl": ("true",)}

CONDITIONS = {
    "SourceAccount": ("StringEquals", "AWS:SourceAccount"),
    "FunctionUrlAuthType": ("StringEquals", "lambda:FunctionUrlAuthType"),
    "InvokedViaFunctionUrl": ("Bool", "lambda:InvokedViaFunctionUrl"),
}
"""Properties of `AWS::Lambda::Permission` that LocalStack drops, and the conditions they become."""


class Forbidden(Exception):
    """A function's policy does not let everybody call its URL."""


@functools.cache
def complete() -> None:
    """Changes, once, what LocalStack's Lambda does."""
    _guard_urls()
    _keep_conditions()


def _guard_urls() -> None:
    from localstack.aws.handlers import serve_custom_exception_handlers
    from localstack.services.lambda_ import urlrouter

    # The router keeps its own methods from its beginning, and looks this one up at each request.
    to_event = urlrouter.event_for_lambda_url

    def guarded(api_id: str, request: Any) -> Any:
        # <id>.lambda-url.<region>.<domain>
        region = request.host.split(".")[2]
        arn = _function_of(api_id, region)
        if arn is not None and not _may_anybody_call(arn):
            raise Forbidden
        return to_event(api_id, request)

    urlrouter.event_for_lambda_url = guarded
    serve_custom_exception_handlers.append(_answer_forbidden)


def _answer_forbidden(_chain: Any, exception: Exception, context: Any, response: Any) -> None:
    if isinstance(exception, Forbidden):
        response.status_code = 403
        response.set_json({"Message": "Forbidden"})
        # Else it would be serialized as an error of Lambda's API.
        context.service = None


def _function_of(api_id: str, region: str) -> str | None:
    from localstack.services.lambda_.invocation.models import lambda_stores

    for account in list(lambda_stores):
        for function in list(lambda_stores[account][region].functions.values()):
            for url in function.function_url_configs.values():
                if url.url_id.lower() == api_id.lower():
                    return str(url.function_arn)
    return None


def _may_anybody_call(arn: str) -> bool:
    region, account = arn.split(":")[3:5]
    nobody = Anonymous()
    keys = {**callers.of_time(region), **callers.of_principal(nobody)}
    return all(
        guard()
        .decide(Need(action, arn, "function", BY_URL), nobody, keys, account, region)[0]
        .allowed
        for action in URL_ACTIONS
    )


def _keep_conditions() -> None:
    from localstack.services.lambda_.resource_providers.aws_lambda_permission import (
        LambdaPermissionProvider,
    )

    for name in ("create", "update"):
        setattr(LambdaPermissionProvider, name, _completed(getattr(LambdaPermissionProvider, name)))


def _completed(provide: Any) -> Any:
    @functools.wraps(provide)
    def provided(self: Any, request: Any) -> Any:
        progress = provide(self, request)
        wanted = request.desired_state
        for statement in _statements(wanted, request):
            if statement["Sid"] == wanted.get("Id"):
                for name, (operator, key) in CONDITIONS.items():
                    if wanted.get(name) is not None:
                        value = str(wanted[name])
                        value = value.lower() if operator == "Bool" else value
                        tests = statement.setdefault("Condition", {}).setdefault(operator, {})
                        tests[key] = value
        return progress

    return provided


def _statements(wanted: Any, request: Any) -> list[dict[str, Any]]:
    """The stored ones: Lambda's API here knows no `InvokedViaFunctionUrl` yet."""
    from localstack.services.lambda_.invocation.models import lambda_stores

    name = str(wanted["FunctionName"])
    name = name.split(":")[6] if name.startswith("arn:") else name
    function = lambda_stores[request.account_id][request.region_name].functions.get(name)
    return [
        statement
        for permission in (function.permissions.values() if function else ())
        for statement in permission.policy.Statement
    ]
