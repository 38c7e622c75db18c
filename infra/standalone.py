#!/usr/bin/env python3
"""Checks that a program runs on any Linux of its processor, alone, and says its size and digest.

`make release` asks it about `akashi-verify`, which people download who have nothing else of ours.
Standard library only.
"""

from __future__ import annotations

import hashlib
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from packages import DeployError

_INTERPRETER = 3
"""`PT_INTERP`: the program is loaded by another, which must be there."""
_DYNAMIC = 2
"""`PT_DYNAMIC`; a static program that may be loaded anywhere has one as well."""
_NEEDED = 1
"""`DT_NEEDED`: a library that must be there."""

_OF_NAME_LOOKUPS = b"/etc/nsswitch.conf"
"""What a C library reads before it looks up users and hosts. Linked into a program it still loads
libraries of its own version for that, and they are not there. (The name of `/etc/resolv.conf` is in
every static program of glibc: it belongs to the state that it keeps for each thread.)"""


def main() -> int:
    """Returns the exit code."""
    try:
        for path in map(Path, sys.argv[1:]):
            require_standalone(path)
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            print(f"{path}: {path.stat().st_size:,} bytes, needs nothing else, SHA-256 {digest}")
    except (DeployError, OSError) as error:
        print(f"standalone: {error}", file=sys.stderr)
        return 1
    return 0


def require_standalone(program: Path) -> None:
    """Checks that no loader, no library and no configuration of names is needed.

    Raises:
        DeployError: it needs one, or is no program.
    """
    image = program.read_bytes()
    if image[:6] != b"\x7fELF\x02\x01":
        raise DeployError(f"{program} is not a program for 64-bit Linux")
    segments = list(_segments(image))
    if any(kind == _INTERPRETER for kind, _, _ in segments):
        raise DeployError(f"{program} is loaded by an interpreter: link it with crt-static")
    if any(tag == _NEEDED for tag in _dynamic_tags(image, segments)):
        raise DeployError(f"{program} needs a library beside it: link it with crt-static")
    if _OF_NAME_LOOKUPS in image:
        raise DeployError(f"{program} looks up names, which takes libraries beside it")


def _segments(image: bytes) -> Iterator[tuple[int, int, int]]:
    """Type, place and size of each (ELF-64, program header)."""
    table = struct.unpack_from("<Q", image, 32)[0]
    size, count = struct.unpack_from("<HH", image, 54)
    for number in range(count):
        entry = struct.unpack_from("<IIQQQQ", image, table + number * size)
        yield entry[0], entry[2], entry[5]


def _dynamic_tags(image: bytes, segments: list[tuple[int, int, int]]) -> Iterator[int]:
    for kind, offset, size in segments:
        if kind == _DYNAMIC:
            for at in range(offset, offset + size, 16):
                yield struct.unpack_from("<q", image, at)[0]


if __name__ == "__main__":
    sys.exit(main())
