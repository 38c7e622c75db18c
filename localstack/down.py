#!/usr/bin/env python3
"""Stops the local world: LocalStack and every process that it or a function started.

Standard library only, run by any Python 3. Does nothing when the world is down already.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from akashi_localstack import settings  # noqa: E402 - it stands beside this script.

ORDERLY_SECONDS_MAX = 10.0
"""How long LocalStack may take to stop by itself."""
POLL_SECONDS = 0.05


def main() -> int:
    """Returns the exit code."""
    world = settings.load()
    if not world.run.is_dir():
        print("down")
        return 0
    with (world.run / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        leader = recorded(world)
        if leader is not None:
            stop(leader)
        (world.run / "pid").unlink(missing_ok=True)
    print("down")
    return 0


def recorded(world: settings.Settings) -> int | None:
    """The process that leads the world's session, if anything of it still runs."""
    try:
        pid_text, _, started = (world.run / "pid").read_text().partition(" ")
        leader = int(pid_text)
    except (OSError, ValueError):
        return None
    # A process id is given again one day: the time of its start tells strangers apart.
    if started_at(leader) not in ("", started):
        return None
    return leader


def started_at(pid: int) -> str:
    """When a process started, in the kernel's words; empty when there is no such process."""
    fields = _stat(pid)
    return fields[19] if fields else ""


def members(session: int) -> list[int]:
    """The live processes of a session."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            state, session_id = fields[0], int(fields[3])
            if session_id == session and state != "Z":
                found.append(int(entry.name))
    return found


def stop(leader: int) -> None:
    """Asks the leader to stop, then ends whatever is left of its session."""
    _signal(leader, signal.SIGTERM)
    deadline = time.monotonic() + ORDERLY_SECONDS_MAX
    while leader in members(leader) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    while left := members(leader):
        for pid in left:
            _signal(pid, signal.SIGKILL)
        time.sleep(POLL_SECONDS)


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat after the name, which may hold anything."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return  # It was faster.


if __name__ == "__main__":
    sys.exit(main())
