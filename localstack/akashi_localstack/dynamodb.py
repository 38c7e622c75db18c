"""DynamoDB on moto, in LocalStack's own process: the default provider downloads a Java program.

moto keeps its tables in dictionaries without any locking, so one lock makes every call atomic. That
is what gives `TransactWriteItems` and conditional writes the isolation they have on AWS. What moto
leaves out of transactions is added here: client request tokens, and an undo that costs as much as
the items touched and not as much as all tables together.
"""

from __future__ import annotations

import copy
import hashlib
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
