"""The `Condition` element: operators, and the keys that calls of the local world carry. Pure.

IAM guide: reference_policies_elements_condition_operators.html
IAM guide: reference_policies_condition-logic-multiple-context-keys-or-values.html

An operator or key that is not known here is an error of the policy: what is ignored would be green
here and red on AWS, or the other way round.
"""

from __future__ import annotations

import binascii
import ipaddress
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from operator import eq, ge, gt, le, lt
from typing import Any

from akashi_localstack.iam.wildcards import arn_matches, fill, matches

Context = Mapping[str, tuple[str, ...]]
"""Condition keys in lower case, each with its values; a key that a call does not have is absent."""


class PolicyError(Exception):
    """A policy that AWS would refuse, or that uses what is not known here."""


KEYS = frozenset({
    "aws:calledvia", "aws:currenttime", "aws:epochtime", "aws:principalaccount",
    "aws:principalarn", "aws:principalisawsservice", "aws:principalservicename",
    "aws:principaltype", "aws:requestedregion", "aws:resourceaccount", "aws:securetransport",
    "aws:sourceaccount", "aws:sourcearn", "aws:sourceip", "aws:sourceowner", "aws:useragent",
    "aws:viaawsservice",
    "dynamodb:leadingkeys", "dynamodb:returnvalues", "dynamodb:select",
    "kms:calleraccount", "kms:messagetype", "kms:signingalgorithm", "kms:viaservice",
    "lambda:functionarn", "lambda:functionurlauthtype", "lambda:invokedviafunctionurl",
    "s3:if-match", "s3:if-none-match", "s3:object-lock-legal-hold", "s3:object-lock-mode",
    "s3:object-lock-remaining-retention-days", "s3:object-lock-retain-until-date",
    "s3:objectcreationoperation", "s3:prefix", "s3:delimiter", "s3:max-keys", "s3:versionid",
    "s3:x-amz-acl", "s3:x-amz-server-side-encryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "ses:apiversion", "ses:fromaddress", "ses:recipients",
    "sns:endpoint", "sns:protocol",
})  # fmt: skip
"""Of these the gateway knows whether a call has them, and with which value."""

KEY_FAMILIES = ("kms:encryptioncontext:",)
"""Keys that go on with a name: each entry of an encryption context is one."""

Test = Callable[[str, str], bool]
"""Whether the value of a call meets one value of the policy."""


@dataclass(frozen=True)
class _Operator:
    test: Test
    check: Callable[[str], object]
    """Raises `ValueError` for a value that the operator cannot have."""
    negated: bool = False


@dataclass(frozen=True)
class Condition:
    """One operator with one key: all of a statement's have to hold."""

    operator: str
    key: str
    """In lower case."""
    values: tuple[str, ...]
    qualifier: str | None
    """`forallvalues`, `foranyvalue` or none."""
    if_exists: bool

    def holds(self, context: Context) -> bool:
        """Whether the call meets the condition."""
        actual = context.get(self.key)
        if self.operator == "null":
            return (actual is None) == (self.values[0] == "true")
        operator = OPERATORS[self.operator]
        if not actual:
            # The key is not there.
            # IAM guide: reference_policies_elements_condition_operators.html#Conditions_IfExists
            if self.qualifier == "foranyvalue":
                return False
            return self.if_exists or operator.negated or self.qualifier == "forallvalues"
        results = (self._meets(operator, each, context) for each in actual)
        return all(results) if self.qualifier != "foranyvalue" else any(results)

    def _meets(self, operator: _Operator, actual: str, context: Context) -> bool:
        # A value with a variable that cannot be filled in equals nothing.
        filled = (fill(value, context) for value in self.values)
        found = any(value is not None and operator.test(actual, value) for value in filled)
        return found != operator.negated


def parse(element: object) -> tuple[Condition, ...]:
    """Reads a `Condition` element.

    Raises:
        PolicyError: it is malformed, or an operator or a key is not known here.
    """
    if not isinstance(element, Mapping):
        raise PolicyError(f"Condition is not an object: {element!r}")
    found = []
    for name, tests in element.items():
        if not isinstance(tests, Mapping) or not tests:
            raise PolicyError(f"the condition operator {name} has no keys")
        for key, values in tests.items():
            found.append(_condition(str(name), str(key), values))
    return tuple(found)


def _condition(name: str, key: str, values: object) -> Condition:
    given = values if isinstance(values, Sequence) and not isinstance(values, str) else [values]
    texts = tuple(_text(value) for value in given)
    operator, qualifier = name.lower(), None
    head, colon, rest = operator.partition(":")
    if colon:
        if head not in ("forallvalues", "foranyvalue"):
            raise PolicyError(f"the condition operator {name} is not known here")
        operator, qualifier = rest, head
    if_exists = operator.endswith("ifexists")
    operator = operator.removesuffix("ifexists")
    lower = key.lower()
    if lower not in KEYS and not lower.startswith(KEY_FAMILIES):
        raise PolicyError(f"the condition key {key} is not known here")
    if operator == "null":
        if qualifier or if_exists or len(texts) != 1 or texts[0].lower() not in ("true", "false"):
            raise PolicyError(f"Null of {key} is neither true nor false")
        return Condition(operator, lower, (texts[0].lower(),), None, if_exists=False)
    if operator not in OPERATORS:
        raise PolicyError(f"the condition operator {name} is not known here")
    for text in texts:
        try:
            "${" in text or OPERATORS[operator].check(text)
        except ValueError as error:
            raise PolicyError(f"{name} cannot compare {key} with {text!r}") from error
    return Condition(operator, lower, texts, qualifier, if_exists)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise PolicyError(f"a condition compares with {value!r}")


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError(text) from error


def _date(text: str) -> datetime:
    """ISO 8601 as W3C narrows it, or seconds since 1970."""
    if text.lstrip("-").isdecimal():
        return datetime.fromtimestamp(int(text), UTC)
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _bool(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(text, strict=False)


def _bytes(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(text) from error


def _same(actual: str, value: str) -> bool:
    return actual == value


def _same_letters(actual: str, value: str) -> bool:
    return actual.lower() == value.lower()


def _compared(read: Callable[[str], Any], relation: Callable[[Any, Any], bool]) -> Test:
    def test(actual: str, value: str) -> bool:
        try:
            return relation(read(actual), read(value))
        except ValueError:
            return False  # What a call carries may be anything.

    return test


def _is_in_network(actual: str, value: str) -> bool:
    try:
        return ipaddress.ip_address(actual) in _network(value)
    except ValueError:
        return False


def _family(
    name: str, relations: Mapping[str, Callable[[Any, Any], bool]], read: Callable[[str], Any]
) -> dict[str, _Operator]:
    found = {
        f"{name}{suffix}": _Operator(_compared(read, relation), read)
        for suffix, relation in relations.items()
    }
    found[f"{name}notequals"] = _Operator(_compared(read, eq), read, negated=True)
    return found


_RELATIONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "equals": eq,
    "lessthan": lt,
    "lessthanequals": le,
    "greaterthan": gt,
    "greaterthanequals": ge,
}

OPERATORS: Mapping[str, _Operator] = {
    "stringequals": _Operator(_same, str),
    "stringnotequals": _Operator(_same, str, negated=True),
    "stringequalsignorecase": _Operator(_same_letters, str),
    "stringnotequalsignorecase": _Operator(_same_letters, str, negated=True),
    "stringlike": _Operator(matches, str),
    "stringnotlike": _Operator(matches, str, negated=True),
    # ArnEquals and ArnLike do the same, says AWS.
    "arnequals": _Operator(arn_matches, str),
    "arnlike": _Operator(arn_matches, str),
    "arnnotequals": _Operator(arn_matches, str, negated=True),
    "arnnotlike": _Operator(arn_matches, str, negated=True),
    **_family("numeric", _RELATIONS, _number),
    **_family("date", _RELATIONS, _date),
    "bool": _Operator(_compared(_bool, eq), _bool),
    "binaryequals": _Operator(_compared(_bytes, eq), _bytes),
    "ipaddress": _Operator(_is_in_network, _network),
    "notipaddress": _Operator(_is_in_network, _network, negated=True),
}
