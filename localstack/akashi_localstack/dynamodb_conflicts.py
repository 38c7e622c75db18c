"""Transactions that meet: two writes at the same item at the same time conflict, as on AWS.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html ("Transaction
conflict handling"): a transaction is canceled when an item of it is part of another one that is
under way, and a single write is refused with `TransactionConflictException`. Here a transaction is
under way from its arrival to its answer. A test that needs a conflict for sure asks for it.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

MESSAGE = "Transaction is ongoing for the item"
CODE = "TransactionConflict"

Item = tuple[str, Hashable]
"""A table's name and an item's key."""


class Conflict(Exception):
    """Some items are part of another transaction; `places` says which of those asked for."""

    def __init__(self, places: Sequence[bool]) -> None:
        super().__init__(MESSAGE)
        self.places = tuple(places)


@dataclass
class _Ordered:
    table: str
    text_in_key: str
    left: int


class Conflicts:
    """The items of the transactions that are under way. Thread safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._busy: Counter[Item] = Counter()
        self._ordered: list[_Ordered] = []

    def order(self, table: str, text_in_key: str, count: int) -> None:
        """Lets the next `count` writes conflict that touch such an item of this table."""
        with self._lock:
            self._ordered.append(_Ordered(table, text_in_key, count))

    @contextmanager
    def transaction(self, items: Sequence[Item]) -> Iterator[None]:
        """While it is under way.

        Raises:
            Conflict: an item is part of another one.
        """
        with self._lock:
            self._refuse(items)
            self._busy.update(items)
        try:
            yield
        finally:
            with self._lock:
                self._busy.subtract(items)
                self._busy += Counter()

    def write(self, item: Item) -> None:
        """Asks whether a single write may begin.

        Raises:
            Conflict: the item is part of a transaction.
        """
        with self._lock:
            self._refuse([item])

    def _refuse(self, items: Sequence[Item]) -> None:
        places = [item in self._busy or self._is_ordered(item) for item in items]
        if any(places):
            raise Conflict(places)

    def _is_ordered(self, item: Item) -> bool:
        table, key = item
        for order in self._ordered:
            if order.table == table and order.text_in_key in str(key):
                order.left -= 1
                if order.left <= 0:
                    self._ordered.remove(order)
                return True
        return False


CONFLICTS = Conflicts()
"""Of this world."""


def key_of(values: Mapping[str, Any], names: Sequence[str]) -> Hashable:
    """An item's key in a form that can be compared: of all attributes, those of the key."""
    return json.dumps([values.get(name) for name in names], sort_keys=True, default=repr)


def add_routes() -> None:
    """`POST /_akashi/dynamodb/conflicts` with `{"table", "text_in_key", "count"}`."""
    from rolo import Request, Response
    from werkzeug.exceptions import BadRequest

    from akashi_localstack import routes

    def order(request: Request) -> Response:
        try:
            given = json.loads(request.get_data())
            table, text, count = given["table"], given["text_in_key"], int(given["count"])
        except (ValueError, TypeError, KeyError) as error:
            raise BadRequest('send {"table": ..., "text_in_key": ..., "count": 1}') from error
        CONFLICTS.order(str(table), str(text), count)
        return routes.empty_response()

    routes.add("/_akashi/dynamodb/conflicts", order, ("POST",))
