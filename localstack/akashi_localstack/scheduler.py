"""Runs things a little later and off the caller's thread: events come after the API's answer."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

LOG = logging.getLogger(__name__)

WORKERS = 8


class Scheduler:
    """A clock thread and a few workers. `stop` drops what is not due yet."""

    def __init__(self, name: str) -> None:
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._stopped = False
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix=f"akashi-{name}")
        threading.Thread(target=self._run, name=f"akashi-{name}-clock", daemon=True).start()

    def later(self, delay: timedelta, work: Callable[[], None]) -> None:
        """Runs `work` after `delay`; what it raises is logged."""
        with self._changed:
            due = time.monotonic() + delay.total_seconds()
            heapq.heappush(self._due, (due, next(self._order), work))
            self._changed.notify()

    def stop(self) -> None:
        """Starts nothing more and waits for nothing."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        while (work := self._next()) is not None:
            self._workers.submit(_logged, work)

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            while not self._stopped:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(wait)
        return None


def _logged(work: Callable[[], None]) -> None:
    try:
        work()
    except Exception:
        LOG.exception("a step of sending failed")
