"""What a read sees that does not ask for consistency: each table as it was a moment ago.

On AWS a global secondary index follows its table within a fraction of a second, and a read without
`ConsistentRead` may show what was before the last write. Here both always lag behind, so that code
that relies on anything else fails at once.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Hashable
from typing import Any

LAG_SECONDS = 0.1
"""Unless a test asks for another one."""

Item = Any
"""moto's; None where there was none."""


class Lag:
    """The former versions of what was written lately. Hold the lock of all calls."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.seconds = LAG_SECONDS
        self._clock = clock
        self._versions: dict[str, dict[Hashable, deque[tuple[float, Item]]]] = {}
        self._order: deque[tuple[float, str, Hashable]] = deque()

    def written(self, table: str, key: Hashable, before: Item) -> None:
        """Notes what stood under a key until now."""
        self._forget()
        now = self._clock()
        self._versions.setdefault(table, {}).setdefault(key, deque()).append((now, before))
        self._order.append((now, table, key))

    def differing(self, table: str) -> dict[Hashable, Item]:
        """By key, what a read sees in place of the newest version; None: nothing yet, or still."""
        self._forget()
        kept = self._versions.get(table, {})
        return {key: versions[0][1] for key, versions in kept.items()}

    def _forget(self) -> None:
        seen_until = self._clock() - self.seconds
        while self._order and self._order[0][0] <= seen_until:
            _, table, key = self._order.popleft()
            versions = self._versions[table][key]
            versions.popleft()
            if not versions:
                del self._versions[table][key]


LAG = Lag(time.monotonic)
"""Of this world."""


def add_routes() -> None:
    """`PUT /_akashi/dynamodb/lag` with `{"seconds": 2.5}`; `null`: as it is by default."""
    from rolo import Request, Response
    from werkzeug.exceptions import BadRequest

    from akashi_localstack import routes

    def change(request: Request) -> Response:
        try:
            seconds = json.loads(request.get_data())["seconds"]
            LAG.seconds = LAG_SECONDS if seconds is None else float(seconds)
        except (ValueError, TypeError, KeyError) as error:
            raise BadRequest('send {"seconds": 2.5} or {"seconds": null}') from error
        return routes.empty_response()

    routes.add("/_akashi/dynamodb/lag", change, ("PUT",))
