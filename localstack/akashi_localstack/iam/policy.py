"""Policy documents: what their statements say, read strictly. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from akashi_localstack.iam.conditions import Condition, Context, PolicyError, parse
from akashi_localstack.iam.wildcards import action_matches, fill, matches

DOCUMENTS_MAX = 2_000
"""Read once each; the ones that were not used for longest are read again."""

ELEMENTS_MAX = 10_000
"""Pairs of a statement's actions and an action that are remembered."""

STATEMENT_ELEMENTS = frozenset({
    "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal",
    "Condition",
})  # fmt: skip
DOCUMENT_ELEMENTS = frozenset({"Version", "Id", "Statement"})
PRINCIPAL_KINDS = frozenset({"AWS", "Service"})

__all__ = ["Document", "PolicyError", "Statement", "read"]


@dataclass(frozen=True)
class Statement:
    """One statement; the elements that a kind of policy lacks are empty."""

    sid: str
    effect: str
    """`Allow` or `Deny`."""
    actions: tuple[str, ...]
    is_not_action: bool
    resources: tuple[str, ...] | None
    """None in a policy that has no resources, such as the trust policy of a role."""
    is_not_resource: bool
    principals: tuple[tuple[str, str], ...] | None
    """Kind (`AWS`, `Service`) and name; None in an identity's policy."""
    is_not_principal: bool
    conditions: tuple[Condition, ...]
    has_variables: bool

    def action_for(self, action: str) -> str | None:
        """The element by which the statement is about the action."""
        found = _element_for(self.actions, action)
        if self.is_not_action:
            return None if found else "NotAction"
        return found

    def resource_for(self, resource: str, context: Context) -> int | None:
        """The place of the element by which the statement is about the resource."""
        if self.resources is None:
            return 0
        for place, pattern in enumerate(self.resources):
            filled = fill(pattern, context) if self.has_variables else pattern
            if filled is not None and matches(resource, filled):
                return None if self.is_not_resource else place
        return 0 if self.is_not_resource else None

    def holds(self, context: Context) -> bool:
        """Whether the call meets all conditions."""
        return all(condition.holds(context) for condition in self.conditions)


@dataclass(frozen=True)
class Document:
    """One policy with a name to be told by."""

    name: str
    statements: tuple[Statement, ...]


@functools.lru_cache(ELEMENTS_MAX)
def _element_for(actions: tuple[str, ...], action: str) -> str | None:
    return next((each for each in actions if action_matches(action, each)), None)


@functools.lru_cache(DOCUMENTS_MAX)
def read(name: str, text: str) -> Document:
    """Reads a policy.

    Raises:
        PolicyError: AWS would refuse it, or it uses what is not known here.
    """
    try:
        document = json.loads(text)
        if not isinstance(document, dict) or not set(document) <= DOCUMENT_ELEMENTS:
            raise PolicyError("it is not an object of Version, Id and Statement")
        has_variables = document.get("Version") == "2012-10-17"
        statements = document.get("Statement", [])
        given = statements if isinstance(statements, list) else [statements]
        return Document(name, tuple(_statement(each, has_variables) for each in given))
    except ValueError as error:
        raise PolicyError(f"the policy {name} is not JSON") from error
    except PolicyError as error:
        raise PolicyError(f"the policy {name}: {error}") from error


def _statement(given: Any, has_variables: bool) -> Statement:
    if not isinstance(given, dict) or not set(given) <= STATEMENT_ELEMENTS:
        raise PolicyError(f"a statement with elements that are not known here: {given!r}")
    if given.get("Effect") not in ("Allow", "Deny"):
        raise PolicyError(f"Effect is neither Allow nor Deny: {given.get('Effect')!r}")
    actions = _either(given, "Action")
    if actions is None:
        raise PolicyError("a statement without Action")
    principals = None
    for name in ("Principal", "NotPrincipal"):
        if name in given:
            principals = _principals(given[name])
    return Statement(
        sid=str(given.get("Sid") or ""),
        effect=given["Effect"],
        actions=actions,
        is_not_action="NotAction" in given,
        resources=_either(given, "Resource"),
        is_not_resource="NotResource" in given,
        principals=principals,
        is_not_principal="NotPrincipal" in given,
        conditions=parse(given.get("Condition", {})),
        has_variables=has_variables,
    )


def _either(given: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    if name in given and f"Not{name}" in given:
        raise PolicyError(f"a statement with both {name} and Not{name}")
    value = given.get(name, given.get(f"Not{name}"))
    if value is None:
        return None
    values = tuple(value) if isinstance(value, list) else (value,)
    if not values or not all(isinstance(each, str) for each in values):
        raise PolicyError(f"{name} is not a text or a list of texts: {value!r}")
    return values


def _principals(given: Any) -> tuple[tuple[str, str], ...]:
    if given == "*":
        return (("AWS", "*"),)
    if not isinstance(given, dict) or not given or not set(given) <= PRINCIPAL_KINDS:
        raise PolicyError(f"a principal that is not known here: {given!r}")
    return tuple(
        (kind, str(name))
        for kind, names in given.items()
        for name in (names if isinstance(names, list) else [names])
    )
