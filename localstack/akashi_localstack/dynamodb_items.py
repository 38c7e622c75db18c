"""What DynamoDB says about an item before it keeps it: sizes, and keys of tables and indexes. Pure.

moto counts roughly and does not look at the keys of indexes. The rules:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html and
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

ITEM_BYTES_MAX = 400 * 1024
"""Names and values together."""
TRANSACTION_BYTES_MAX = 4 << 20
"""Of all items of one transaction together."""
HASH_KEY_BYTES_MAX = 2048
RANGE_KEY_BYTES_MAX = 1024
CONTAINER_BYTES = 3
"""What a list or a map costs by itself; each member costs one byte more."""

INVALID = "One or more parameter values were invalid"

Json = Mapping[str, Any]
"""A value or an item in DynamoDB's notation, e.g. `{"S": "text"}`."""
Kind = Literal["HASH", "RANGE"]


@dataclass(frozen=True)
class Key:
    """A part of the key of a table, or of an index."""

    attribute: str
    type: str
    kind: Kind
    index: str | None = None
    """None for the table's own key."""


def item_bytes(item: Mapping[str, Json]) -> int:
    """The size of an item as DynamoDB counts it."""
    return sum(len(name.encode()) + value_bytes(value) for name, value in item.items())


def value_bytes(value: Json) -> int:
    """The size of a value, without the name of its attribute."""
    (kind, content), *_ = value.items()
    match kind:
        case "S":
            size = len(content.encode())
        case "N":
            size = _number_bytes(content)
        case "B":
            size = len(content) if isinstance(content, bytes) else len(base64.b64decode(content))
        case "BOOL" | "NULL":
            size = 1
        case "SS" | "NS" | "BS":
            size = sum(value_bytes({kind[0]: each}) for each in content)
        case "L":
            size = CONTAINER_BYTES + sum(1 + value_bytes(each) for each in content)
        case "M":
            size = CONTAINER_BYTES + len(content) + item_bytes(content)
        case _:
            raise ValueError(f"not a type of DynamoDB: {kind}")
    return size


def problem(item: Mapping[str, Json], keys: Sequence[Key], *, is_update: bool) -> str | None:
    """Why an item cannot be kept, in DynamoDB's words; None when it can."""
    for key in keys:
        if key.attribute in item:
            found = _key_problem(item[key.attribute], key)
            if found is not None:
                return found
    if item_bytes(item) > ITEM_BYTES_MAX:
        what = "Item size to update" if is_update else "Item size"
        return f"{what} has exceeded the maximum allowed size"
    return None


def _key_problem(value: Json, key: Key) -> str | None:
    (actual, content), *_ = value.items()
    if actual != key.type:
        return _mismatch(actual, key)
    if not content:
        return _empty(key)
    limit = HASH_KEY_BYTES_MAX if key.kind == "HASH" else RANGE_KEY_BYTES_MAX
    if value_bytes(value) <= limit:
        return None
    if key.kind == "HASH":
        # DynamoDB's own words lack this space, too.
        return f"{INVALID}: Size of hashkey has exceeded the maximum size limit of{limit} bytes"
    what = "Aggregated size of all range keys has exceeded the size limit"
    return f"{INVALID}: {what} of {limit} bytes"


def _mismatch(actual: str, key: Key) -> str:
    if key.index is None:
        mismatch = f"Type mismatch for key {key.attribute} expected: {key.type}"
        return f"{INVALID}: {mismatch} actual: {actual}"
    mismatch = f"Type mismatch for Index Key {key.attribute} Expected: {key.type}"
    return f"{INVALID}: {mismatch} Actual: {actual} IndexName: {key.index}"


def _empty(key: Key) -> str:
    empty = "The AttributeValue for a key attribute cannot contain an empty string value."
    if key.index is None:
        return f"One or more parameter values are not valid. {empty} Key: {key.attribute}"
    return (
        "One or more parameter values are not valid. A value specified for a secondary index key "
        f"is not supported. {empty} IndexName: {key.index}, IndexKey: {key.attribute}"
    )


def _number_bytes(digits: str) -> int:
    """About one byte for two digits, and one more; zeros at either end are not stored."""
    mantissa = digits.lower().partition("e")[0].lstrip("+-").replace(".", "").strip("0")
    return (len(mantissa) + 1) // 2 + 1 + (1 if digits.startswith("-") else 0)
