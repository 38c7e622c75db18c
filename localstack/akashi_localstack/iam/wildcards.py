"""`*`, `?` and policy variables in the elements of a policy. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

PATTERNS_MAX = 10_000
"""Compiled at a time; a stack has a few hundred."""

ARN_PARTS = 6

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
# A character that means itself is marked, so that what a variable puts in is no wildcard.
_LITERALS = {"*": "\ue000", "?": "\ue001", "$": "$"}
_MARKED = {mark: literal for literal, mark in _LITERALS.items() if mark != literal}


def matches(text: str, pattern: str) -> bool:
    """Whether the whole text fits the pattern, upper and lower case being different."""
    return bool(_compiled(pattern).fullmatch(text))


def action_matches(action: str, pattern: str) -> bool:
    """Whether an action fits: `s3:Get*`, in any case."""
    return matches(action.lower(), pattern.lower())


def arn_matches(arn: str, pattern: str) -> bool:
    """Whether an ARN fits in each of its six parts, as condition operators compare it."""
    parts, patterns = arn.split(":", ARN_PARTS - 1), pattern.split(":", ARN_PARTS - 1)
    if len(parts) != ARN_PARTS or len(patterns) != ARN_PARTS:
        return matches(arn, pattern)
    return all(map(matches, parts, patterns))


def fill(pattern: str, context: Mapping[str, tuple[str, ...]]) -> str | None:
    """Puts the values of a call in place of `${key}`, or nothing where a call has no such value."""
    if "${" not in pattern:
        return pattern
    missing = False

    def value(found: re.Match[str]) -> str:
        nonlocal missing
        name, comma, default = found[1].partition(",")
        if name in _LITERALS:
            return _LITERALS[name]
        values = context.get(name.strip().lower(), ())
        if len(values) == 1:
            return "".join(_LITERALS.get(character, character) for character in values[0])
        if comma:
            return default.strip().strip("'")
        missing = True
        return ""

    filled = _VARIABLE.sub(value, pattern)
    return None if missing else filled


@functools.lru_cache(PATTERNS_MAX)
def _compiled(pattern: str) -> re.Pattern[str]:
    pieces = {"*": ".*", "?": "."}
    return re.compile(
        "".join(pieces.get(each) or re.escape(_MARKED.get(each, each)) for each in pattern),
        re.DOTALL,
    )
