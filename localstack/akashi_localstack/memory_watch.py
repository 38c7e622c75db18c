"""Ends the functions that take more memory than they may have.

One thread looks at all processes that work on an event, by one read of each: a thread for each and
the long text of `/proc/<pid>/status` took half of LocalStack's time when many worked at once.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

LOG = logging.getLogger(__name__)

LOOK_SECONDS = 0.02
"""Between two looks; see the README on what that misses."""
MIB = 1 << 20
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
READ_BYTES = 65_536
"""More than either file holds: eleven digits for each of thousands of children."""


class Watched(Protocol):
    """A process that works on an event."""

    memory_seen_bytes: int

    @property
    def pid(self) -> int:
        """Its id."""

    def end_for_memory(self) -> None:
        """Kills it because it holds too much."""


class MemoryWatch:
    """Looks at every process that is limited just now, and rests while there is none."""

    def __init__(self) -> None:
        self._places: list[_Place] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @contextlib.contextmanager
    def limited(self, process: Watched, limit_mib: int) -> Iterator[None]:
        """Kills the process when it holds more than `limit_mib` inside the `with` block."""
        place = _Place(process, limit_mib * MIB)
        with self._changed:
            self._places.append(place)
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="lambda-memory", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            # Closed by the one who reads, so that nobody reads a descriptor that was given again.
            place.is_over = True

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._places:
                    self._changed.wait()
            time.sleep(LOOK_SECONDS)
            with self._changed:
                # Asked once of each: what ends from now on is closed the next time.
                over = [place for place in self._places if place.is_over]
                self._places = [place for place in self._places if place not in over]
                working = list(self._places)
            for place in over:
                place.close()
            for place in working:
                place.look()


class _Place:
    """Where the memory of one process can be read."""

    def __init__(self, process: Watched, limit_bytes: int) -> None:
        self.is_over = False
        self._process = process
        self._limit_bytes = limit_bytes
        self._pages = _open(f"/proc/{process.pid}/statm")
        self._children = _open(f"/proc/{process.pid}/task/{process.pid}/children")

    def close(self) -> None:
        """Forgets the files; safe to call twice: the same number may be another file by then."""
        for descriptor in (self._pages, self._children):
            if descriptor is not None:
                os.close(descriptor)
        self._pages = self._children = None

    def look(self) -> None:
        """Ends the process if it holds too much."""
        process = self._process
        pages = [int(word) for word in _read(self._pages).split()[1:3]]
        if not pages:
            return  # It has ended.
        resident_bytes, shared_bytes = (count * PAGE_BYTES for count in pages)
        children_bytes = sum(_held_bytes(pid) for pid in self._descendants())
        seen_bytes = resident_bytes - shared_bytes + children_bytes
        if resident_bytes + children_bytes > self._limit_bytes:
            # Of what is shared, only what is no file counts; this takes the longer text to know.
            seen_bytes = _held_bytes(process.pid) + children_bytes
        process.memory_seen_bytes = max(process.memory_seen_bytes, seen_bytes)
        if seen_bytes > self._limit_bytes and not self.is_over:
            try:
                process.end_for_memory()
            except Exception:
                LOG.exception("process %d holds too much and could not be ended", process.pid)

    def _descendants(self) -> Iterator[int]:
        found = [int(word) for word in _read(self._children).split()]
        for pid in found:
            yield pid
            with contextlib.suppress(OSError):
                words = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
                found.extend(int(word) for word in words)


def peak_bytes(pid: int) -> int:
    """The most memory that a process had in RAM at one time, files included; 0 if it is gone."""
    return _status_bytes(pid, ("VmHWM:",))


def _held_bytes(pid: int) -> int:
    return _status_bytes(pid, ("RssAnon:", "RssShmem:"))


def _status_bytes(pid: int, fields: tuple[str, ...]) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    lines = (line.split() for line in status.splitlines() if line.startswith(fields))
    return sum(int(words[1]) * 1024 for words in lines)


def _open(path: str) -> int | None:
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None  # It has ended.


def _read(descriptor: int | None) -> bytes:
    try:
        return b"" if descriptor is None else os.pread(descriptor, READ_BYTES, 0)
    except OSError:
        return b""
