"""Whether resource policies let SES do what a receipt rule asks of it: pure.

SES checks this when a rule is made. A template that lacks a permission must fail here too, and not
only on AWS. Only what such policies use is understood: a condition with another operator or key
counts as not met.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

SES = "ses.amazonaws.com"

EXACT = ("stringequals", "arnequals", "stringequalsignorecase")
PATTERN = ("stringlike", "arnlike", "arnequals")


def allowed(policy: str | None, action: str, resource: str, context: Mapping[str, str]) -> bool:
    """Whether the policy allows SES the action on the resource and no statement denies it.

    `context` holds the condition keys of the request in lower case, `aws:sourcearn` and the like.
    """
    statements = json.loads(policy).get("Statement", []) if policy else []
    found = [
        statement["Effect"]
        for statement in _list(statements)
        if _applies(statement, action, resource, context)
    ]
    return "Allow" in found and "Deny" not in found


def _applies(
    statement: Mapping[str, Any], action: str, resource: str, context: Mapping[str, str]
) -> bool:
    principal = statement.get("Principal", {})
    services = _list(principal.get("Service", [])) if isinstance(principal, Mapping) else []
    if principal != "*" and SES not in services:
        return False
    actions = [each.lower() for each in _list(statement.get("Action", []))]
    if not any(fnmatchcase(action.lower(), each) for each in actions):
        return False
    resources = _list(statement.get("Resource", "*"))
    if not any(fnmatchcase(resource, each) for each in resources):
        return False
    conditions = statement.get("Condition", {})
    return all(
        _holds(operator, key, _list(values), context)
        for operator, tests in conditions.items()
        for key, values in tests.items()
    )


def _holds(operator: str, key: str, values: list[str], context: Mapping[str, str]) -> bool:
    actual = context.get(key.lower())
    operator = operator.lower()
    if actual is None:
        return False
    if operator in PATTERN:
        return any(fnmatchcase(actual, value) for value in values)
    return operator in EXACT and actual in values


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
