"""DynamoDB on moto, in LocalStack's own process: the default provider downloads a Java program.

moto keeps its tables in dictionaries without any locking, so one lock makes every call atomic. That
is what gives `TransactWriteItems` and conditional writes the isolation they have on AWS. What moto
leaves out of transactions is added here: client request tokens, and an undo that costs as much as
the items touched and not as much as all tables together. And a query looks at the items that have
its key: moto sorts the whole table for each, so that it costs more the more was stored before.

What moto does not refuse and AWS does stands in modules of its own: `dynamodb_items` (sizes, keys),
`dynamodb_conflicts` (transactions that meet), `dynamodb_lag` (reads that are not consistent).
"""

from __future__ import annotations

import copy
import hashlib
import inspect
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext, ServiceResponse
from localstack.aws.api.dynamodb import (
    TransactionCanceledException,
    TransactionConflictException,
    TransactionInProgressException,
)
from localstack.aws.skeleton import Skeleton
from localstack.aws.spec import load_service
from localstack.services.plugins import Service, aws_provider
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends

from akashi_localstack import dynamodb_conflicts, dynamodb_items
from akashi_localstack.dynamodb_conflicts import CONFLICTS, Conflict
from akashi_localstack.dynamodb_lag import LAG

TOKEN_SECONDS = 600.0
"""A token protects from a second execution for ten minutes, as `TransactWriteItems` documents."""
TOKENS_MAX = 10_000
"""The oldest are forgotten first; a test run stays far below."""

TRANSACTION_BYTES_MAX = dynamodb_items.TRANSACTION_BYTES_MAX
TRANSACTION_TOO_LARGE = (
    "Member must satisfy constraint: the aggregate size of the items in the transaction cannot"
    " exceed 4 MB"
)

Transaction = list[dict[str, dict[str, Any]]]


@aws_provider(api="dynamodb", name="moto")
def dynamodb() -> Service:
    """The service as LocalStack registers it under `PROVIDER_OVERRIDE_DYNAMODB=moto`."""
    _check_what_is_written()
    _undo_only_what_was_touched()
    _query_only_what_has_the_key()
    _copy_values_directly()
    model = load_service("dynamodb")
    calls = Calls()
    table = {
        **dict.fromkeys(model.operation_names, calls.any),
        **dict.fromkeys(("GetItem", "Query", "Scan", "BatchGetItem"), calls.read),
        **dict.fromkeys(("PutItem", "UpdateItem", "DeleteItem"), calls.write),
        "TransactWriteItems": calls.transact_write_items,
    }
    return Service("dynamodb", skeleton=Skeleton(model, table))


@dataclass
class _State:
    """What the call under way asks for. Hold the lock of all calls."""

    is_transaction: bool = False
    is_consistent: bool = True


_STATE = _State()


class Calls:
    """Every operation, one at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens = Tokens(time.monotonic)
        self._begun: set[str] = set()

    def any(self, context: RequestContext, _request: object = None) -> ServiceResponse:
        """Hands the call to moto."""
        with self._lock:
            return _call_moto(context)

    def read(self, context: RequestContext, request: Mapping[str, Any]) -> ServiceResponse:
        """A read that shows the newest version only when it asks for that."""
        asked = [request, *(request.get("RequestItems") or {}).values()]
        with self._lock:
            _STATE.is_consistent = any(each.get("ConsistentRead") for each in asked)
            try:
                return _call_moto(context)
            finally:
                _STATE.is_consistent = True

    def write(self, context: RequestContext, request: Mapping[str, Any]) -> ServiceResponse:
        """A write of one item.

        Raises:
            TransactionConflictException: a transaction is at the item.
        """
        for item in _items_of(context, [{"": request}]):
            try:
                CONFLICTS.write(item)
            except Conflict as conflict:
                raise TransactionConflictException(str(conflict)) from conflict
        return self.any(context)

    def transact_write_items(
        self, context: RequestContext, request: Mapping[str, Any]
    ) -> ServiceResponse:
        """Executes a transaction, or confirms the one that its token already executed.

        Raises:
            CommonServiceException: `IdempotentParameterMismatchException`, for another transaction
                under the same token.
            TransactionInProgressException: the one under this token has not ended.
            TransactionCanceledException: another transaction is at one of the items, or a
                condition does not hold, or an item cannot be kept.
        """
        token = request.get("ClientRequestToken")
        if not token:
            return self._transaction(context, request)
        name = f"{context.account_id}/{context.region}/{token}"
        digest = hashlib.sha256(
            json.dumps(request["TransactItems"], sort_keys=True, default=repr).encode()
        ).hexdigest()
        with self._begin(name):
            with self._lock:
                known = self._tokens.digest(name)
            if known is None:
                response = self._transaction(context, request)
                with self._lock:
                    self._tokens.remember(name, digest)
                return response
        if known == digest:
            return {}
        raise CommonServiceException(
            "IdempotentParameterMismatchException",
            "A request with the same client token was made with other parameters",
        )

    def _transaction(self, context: RequestContext, request: Mapping[str, Any]) -> ServiceResponse:
        try:
            with CONFLICTS.transaction(_items_of(context, request["TransactItems"])):
                return self.any(context)
        except Conflict as conflict:
            raise _canceled(conflict.places) from conflict

    @contextmanager
    def _begin(self, name: str) -> Iterator[None]:
        with self._lock:
            if name in self._begun:
                raise TransactionInProgressException("The transaction is in progress")
            self._begun.add(name)
        try:
            yield
        finally:
            with self._lock:
                self._begun.discard(name)


def _canceled(conflicting: Sequence[bool]) -> TransactionCanceledException:
    codes = [dynamodb_conflicts.CODE if place else "None" for place in conflicting]
    reasons = [
        {"Code": code} if code == "None" else {"Code": code, "Message": dynamodb_conflicts.MESSAGE}
        for code in codes
    ]
    shown = ", ".join(codes)
    return TransactionCanceledException(
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{shown}]",
        CancellationReasons=reasons,
    )


def _items_of(
    context: RequestContext, operations: Sequence[Mapping[str, Any]]
) -> list[dynamodb_conflicts.Item]:
    """The items that operations are about; moto refuses by itself what names no table or key."""
    tables = dynamodb_backends[context.account_id][context.region].tables
    items: list[dynamodb_conflicts.Item] = []
    for operation in operations:
        body: Mapping[str, Any] = next(iter(operation.values()), {})
        table = tables.get(str(body.get("TableName", "")).rsplit("/", 1)[-1])
        if table is not None:
            names = [name for name in (table.hash_key_attr, table.range_key_attr) if name]
            given = body.get("Key") or body.get("Item") or {}
            items.append((table.name, dynamodb_conflicts.key_of(given, names)))
    return items


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


class ValidationError(Exception):
    """An item of a transaction cannot be kept: moto makes a cancellation reason of the name."""


def _check_what_is_written() -> None:
    """Refuses items that AWS would not keep, and remembers what stood in their place."""
    from moto.core.exceptions import JsonRESTError
    from moto.dynamodb.exceptions import MockValidationException
    from moto.dynamodb.models.dynamo_type import LimitedSizeDict

    if getattr(DynamoDBBackend.put_item, "is_replaced", False):
        return
    # moto counts names and values in another way, again for each attribute that is added.
    LimitedSizeDict.__setitem__ = dict.__setitem__

    def checked(original: Callable[..., Any], *, is_update: bool) -> Callable[..., Any]:
        signature = inspect.signature(original)

        def write(self: DynamoDBBackend, *given: Any, **named: Any) -> Any:
            asked = signature.bind(self, *given, **named).arguments
            key = asked.get("key") or asked.get("item_attrs")
            before = _Place.of(self.tables, asked["table_name"], key)
            try:
                written = original(self, *given, **named)
                found = before.problem(is_update=is_update) if before else None
                if found is not None:
                    # Outside of a transaction it is an answer by itself.
                    kind = ValidationError if _STATE.is_transaction else MockValidationException
                    raise kind(found)
            except (JsonRESTError, ValidationError):
                if before:
                    before.restore()
                raise
            if before:
                LAG.written(before.table.name, before.key, before.item)
            return written

        write.is_replaced = True  # type: ignore[attr-defined]
        return write

    DynamoDBBackend.put_item = checked(DynamoDBBackend.put_item, is_update=False)
    DynamoDBBackend.update_item = checked(DynamoDBBackend.update_item, is_update=True)
    DynamoDBBackend.delete_item = checked(DynamoDBBackend.delete_item, is_update=True)


def _undo_only_what_was_touched() -> None:
    from moto.dynamodb.exceptions import MockValidationException

    original = DynamoDBBackend.transact_write_items
    if getattr(original, "is_replaced", False):
        return

    def transact_write_items(self: DynamoDBBackend, transact_items: Transaction) -> None:
        tables = self.tables
        places = [_Place.of_operation(tables, operation) for operation in transact_items]
        self.tables = _Tables(tables)
        _STATE.is_transaction = True
        try:
            original(self, transact_items)
            if sum(place.size_bytes() for place in places if place) > TRANSACTION_BYTES_MAX:
                raise MockValidationException(TRANSACTION_TOO_LARGE)
        except BaseException:
            for place in places:
                if place:
                    place.restore()
            raise
        finally:
            _STATE.is_transaction = False
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
    newest, all_items = Table.get_item, Table.all_items

    def get_item(self: Any, hash_key: Any, range_key: Any = None, projection: Any = None) -> Any:
        differing = {} if _STATE.is_consistent else LAG.differing(self.name)
        if (hash_key, range_key) not in differing:
            return newest(self, hash_key, range_key, projection)
        item = differing[hash_key, range_key]
        return item.project(projection) if item and projection else item

    Table.get_item = get_item
    Table.all_items = lambda self: _in_order(self, _as_seen(self, all_items(self), None))


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
    items = _as_seen(table, items, index_name)
    if index_name is None:
        items = [item for item in items if item.hash_key == hash_key]
    else:
        schema = table.get_index(index_name).schema
        name = next(key["AttributeName"] for key in schema if key["KeyType"] == "HASH")
        items = [item for item in items if _is(item.attrs.get(name), hash_key)]
    return _in_order(table, items)


def _in_order(table: Any, items: list[Any]) -> list[Any]:
    if table.range_key_attr:
        return sorted(items, key=lambda item: (item.hash_key, item.range_key))
    return sorted(items, key=lambda item: item.hash_key)


def _as_seen(table: Any, newest: list[Any], index_name: str | None) -> list[Any]:
    """The items as a read sees them: an index always lags behind."""
    if _STATE.is_consistent and index_name is None:
        return newest
    differing = LAG.differing(table.name)
    same = [item for item in newest if (item.hash_key, item.range_key) not in differing]
    return same + [item for item in differing.values() if item is not None]


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


@dataclass
class _Place:
    """Where an item stands, and a copy of what stands there now."""

    table: Any
    holder: dict[Any, Any]
    place: Any
    key: tuple[Any, Any]
    item: Any

    @classmethod
    def of_operation(
        cls, tables: Mapping[str, Any], operation: dict[str, dict[str, Any]]
    ) -> _Place | None:
        """Of one operation of a transaction."""
        body = next(iter(operation.values()), {})
        return cls.of(tables, body.get("TableName", ""), body.get("Key") or body.get("Item") or {})

    @classmethod
    def of(cls, tables: Mapping[str, Any], table_name: str, key: Any) -> _Place | None:
        """None where no table or no key is named: moto refuses that by itself."""
        table = tables.get(str(table_name).rsplit("/", 1)[-1])
        if table is None:
            return None
        names = [name for name in (table.hash_key_attr, table.range_key_attr) if name]
        if not all(name in key for name in names):
            return None
        hash_value, *range_value = (_dynamo_type(key[name]) for name in names)
        holder = table.items if not range_value else table.items[hash_value]
        place = range_value[0] if range_value else hash_value
        whole = (hash_value, range_value[0] if range_value else None)
        return cls(table, holder, place, whole, copy.deepcopy(holder.get(place)))

    def restore(self) -> None:
        """Puts the item back as it was."""
        if self.item is None:
            self.holder.pop(self.place, None)
        else:
            self.holder[self.place] = self.item

    def problem(self, *, is_update: bool) -> str | None:
        """Why what stands there now cannot be kept."""
        item = self.holder.get(self.place)
        if item is None:
            return None
        return dynamodb_items.problem(_plain(item), _keys(self.table), is_update=is_update)

    def size_bytes(self) -> int:
        """The size of what stands there now."""
        item = self.holder.get(self.place)
        return dynamodb_items.item_bytes(_plain(item)) if item is not None else 0


def _keys(table: Any) -> list[dynamodb_items.Key]:
    types = {each["AttributeName"]: each["AttributeType"] for each in table.attr}
    schemas = [(None, table.schema), *((index.name, index.schema) for index in table.all_indexes())]
    return [
        dynamodb_items.Key(
            part["AttributeName"], types[part["AttributeName"]], part["KeyType"], name
        )
        for name, schema in schemas
        for part in schema
    ]


def _plain(item: Any) -> dict[str, Any]:
    return {name: value.to_regular_json() for name, value in item.attrs.items()}


def _dynamo_type(value: dict[str, Any]) -> Any:
    from moto.dynamodb.models.dynamo_type import DynamoType

    return DynamoType(value)


def _call_moto(context: RequestContext) -> ServiceResponse:
    from localstack.services.moto import call_moto

    return call_moto(context)
