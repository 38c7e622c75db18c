"""DynamoDB on moto, in LocalStack's own process: the default provider downloads a Java program.

moto keeps its tables in dictionaries without any locking, so one lock makes every call atomic. That
is what gives `TransactWriteItems` and conditional writes the isolation they have on AWS. What moto
leaves out of transactions is added here: client request tokens, and an undo that costs as much as
the items touched and not as much as all tables together. And a query looks at the items that have
its key: moto sorts the whole table for each, so that it costs more the more was stored before.
"""

from __future__ import annotations

import copy
import hashlib
import inspect
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext, ServiceResponse
from localstack.aws.skeleton import Skeleton
from localstack.aws.spec import load_service
from localstack.services.plugins import Service, aws_provider
from moto.dynamodb.models import DynamoDBBackend

TOKEN_SECONDS = 600.0
"""A token protects from a second execution for ten minutes, as `TransactWriteItems` documents."""
TOKENS_MAX = 10_000
"""The oldest are forgotten first; a test run stays far below."""

Transaction = list[dict[str, dict[str, Any]]]


@aws_provider(api="dynamodb", name="moto")
def dynamodb() -> Service:
    """The service as LocalStack registers it under `PROVIDER_OVERRIDE_DYNAMODB=moto`."""
    _undo_only_what_was_touched()
    _query_only_what_has_the_key()
    _copy_values_directly()
    model = load_service("dynamodb")
    calls = Calls()
    table = {
        **dict.fromkeys(model.operation_names, calls.any),
        "TransactWriteItems": calls.transact_write_items,
    }
    return Service("dynamodb", skeleton=Skeleton(model, table))


class Calls:
    """Every operation, one at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens = Tokens(time.monotonic)

    def any(self, context: RequestContext, _request: object = None) -> ServiceResponse:
        """Hands the call to moto."""
        with self._lock:
            return _call_moto(context)

    def transact_write_items(
        self, context: RequestContext, request: Mapping[str, Any]
    ) -> ServiceResponse:
        """Executes a transaction, or confirms the one that its token already executed.

        Raises:
            CommonServiceException: `IdempotentParameterMismatchException`, for another transaction
                under the same token.
        """
        token = request.get("ClientRequestToken")
        if not token:
            return self.any(context)
        name = f"{context.account_id}/{context.region}/{token}"
        digest = hashlib.sha256(
            json.dumps(request["TransactItems"], sort_keys=True, default=repr).encode()
        ).hexdigest()
        with self._lock:
            known = self._tokens.digest(name)
            if known is None:
                response = _call_moto(context)
                self._tokens.remember(name, digest)
                return response
        if known == digest:
            return {}
        raise CommonServiceException(
            "IdempotentParameterMismatchException",
            "A request with the same client token was made with other parameters",
        )


class Tokens:
    """Which transactions were executed lately."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._known: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def digest(self, name: str) -> str | None:
        """The digest of the transaction executed under this name, unless that was long ago."""
        digest, executed = self._known.get(name, (None, 0.0))
        return digest if self._clock() - executed < TOKEN_SECONDS else None

    def remember(self, name: str, digest: str) -> None:
        """Notes an executed transaction."""
        self._known[name] = (digest, self._clock())
        self._known.move_to_end(name)
        while len(self._known) > TOKENS_MAX:
            self._known.popitem(last=False)


class _Tables(OrderedDict[str, Any]):
    """moto's tables during a transaction, for which moto's own full copy is switched off."""

    def __deepcopy__(self, _memo: object) -> _Tables:
        return self


def _undo_only_what_was_touched() -> None:
    original = DynamoDBBackend.transact_write_items
    if getattr(original, "is_replaced", False):
        return

    def transact_write_items(self: DynamoDBBackend, transact_items: Transaction) -> None:
        tables = self.tables
        before = [_snapshot(tables, operation) for operation in transact_items]
        self.tables = _Tables(tables)
        try:
            original(self, transact_items)
        except BaseException:
            for restore in before:
                restore()
            raise
        finally:
            self.tables = tables

    transact_write_items.is_replaced = True  # type: ignore[attr-defined]
    DynamoDBBackend.transact_write_items = transact_write_items


def _query_only_what_has_the_key() -> None:
    from moto.dynamodb.models.table import Table

    original = Table.query
    if getattr(original, "is_replaced", False):
        return

    signature = inspect.signature(original)

    def query(self: Any, *given: Any, **named: Any) -> Any:
        asked = signature.bind(self, *given, **named).arguments
        key, index_name = asked["hash_key"], asked.get("index_name")
        # Under the lock of all calls: nobody else asks this table for all its items meanwhile.
        self.all_items = lambda: _items_with(self, key, index_name)
        try:
            return original(self, *given, **named)
        finally:
            del self.all_items

    query.is_replaced = True  # type: ignore[attr-defined]
    Table.query = query


def _items_with(table: Any, hash_key: Any, index_name: str | None) -> list[Any]:
    """The items of a table, or of an index of it, under one hash key, in the table's order."""
    from moto.dynamodb.models.dynamo_type import Item

    # Not by `[]`, which would make an entry.
    holders = table.items.values() if index_name else [table.items.get(hash_key, {})]
    # Of a table without a range key, each holder is an item itself, or nothing.
    items = [
        item
        for holder in holders
        for item in ([holder] if isinstance(holder, Item) else holder.values())
    ]
    if index_name is not None:
        schema = table.get_index(index_name).schema
        name = next(key["AttributeName"] for key in schema if key["KeyType"] == "HASH")
        items = [item for item in items if _is(item.attrs.get(name), hash_key)]
    if table.range_key_attr:
        return sorted(items, key=lambda item: (item.hash_key, item.range_key))
    return sorted(items, key=lambda item: item.hash_key)


def _is(value: Any, wanted: Any) -> bool:
    return value is not None and bool(value == wanted)


def _copy_values_directly() -> None:
    """Copies the tree of a value as what it is; the general way of `copy` takes five times as long.

    moto copies every item that it answers with and every item that it changes.
    """
    from moto.dynamodb.models.dynamo_type import DynamoType

    def deep_copy(self: Any, memo: dict[int, Any]) -> Any:
        made = DynamoType.__new__(DynamoType)
        made.type = self.type
        value = self.value
        if isinstance(value, dict):
            made.value = {name: copy.deepcopy(inner, memo) for name, inner in value.items()}
        elif isinstance(value, list):
            made.value = [copy.deepcopy(inner, memo) for inner in value]
        else:
            made.value = value if isinstance(value, str | bytes) else copy.deepcopy(value, memo)
        return made

    DynamoType.__deepcopy__ = deep_copy


def _snapshot(
    tables: Mapping[str, Any], operation: dict[str, dict[str, Any]]
) -> Callable[[], None]:
    """Returns what puts the operation's item back as it is now."""

    def nothing() -> None:
        """moto refuses an operation that names no table or no key by itself."""

    body = next(iter(operation.values()), {})
    table = tables.get(body.get("TableName", "").rsplit("/", 1)[-1])
    if table is None:
        return nothing
    names = [name for name in (table.hash_key_attr, table.range_key_attr) if name]
    key = body.get("Key") or body.get("Item") or {}
    if not all(name in key for name in names):
        return nothing
    hash_value, *range_value = (_dynamo_type(key[name]) for name in names)
    holder = table.items if not range_value else table.items[hash_value]
    place = range_value[0] if range_value else hash_value
    item = copy.deepcopy(holder.get(place))

    def restore() -> None:
        if item is None:
            holder.pop(place, None)
        else:
            holder[place] = item

    return restore


def _dynamo_type(value: dict[str, Any]) -> Any:
    from moto.dynamodb.models.dynamo_type import DynamoType

    return DynamoType(value)


def _call_moto(context: RequestContext) -> ServiceResponse:
    from localstack.services.moto import call_moto

    return call_moto(context)
