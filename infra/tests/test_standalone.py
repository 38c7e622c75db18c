"""Whether a program needs anything beside it."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import packages
import pytest
import standalone

LOAD, DYNAMIC, INTERPRETER = 1, 2, 3
NEEDED, FLAGS = 1, 0x6FFFFFFB


def elf(*segments: int, tags: tuple[int, ...] = (), content: bytes = b"") -> bytes:
    """The least of an ELF file with these segments, and these tags in the dynamic one."""
    dynamic = b"".join(struct.pack("<qQ", tag, 0) for tag in (*tags, 0))
    at = 64 + 56 * len(segments)
    header = b"\x7fELF\x02\x01" + bytes(26) + struct.pack("<Q", 64)
    header += bytes(54 - len(header)) + struct.pack("<HH", 56, len(segments)) + bytes(6)
    table = b"".join(
        struct.pack("<IIQQQQQQ", kind, 0, at, 0, 0, len(dynamic), 0, 0) for kind in segments
    )
    return header + table + dynamic + content


@pytest.mark.parametrize(
    ("program", "refused"),
    [
        (elf(LOAD), None),
        (elf(LOAD, DYNAMIC, tags=(FLAGS,)), None),
        (elf(LOAD, INTERPRETER), "an interpreter"),
        (elf(LOAD, DYNAMIC, tags=(FLAGS, NEEDED)), "a library beside it"),
        (elf(LOAD, content=b"/etc/nsswitch.conf\0"), "looks up names"),
        (b"#!/bin/sh\n", "not a program"),
    ],
)
def test_what_needs_something_beside_it_is_refused(
    program: bytes, refused: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "program"
    path.write_bytes(program)
    if refused is None:
        standalone.require_standalone(path)
        return
    with pytest.raises(packages.DeployError, match=refused):
        standalone.require_standalone(path)


def test_the_script_says_size_and_digest_or_why_not(tmp_path: Path) -> None:
    path = tmp_path / "program"
    path.write_bytes(elf(LOAD))
    script = [sys.executable, str(Path(standalone.__file__))]
    good = subprocess.run([*script, str(path)], check=False, capture_output=True, text=True)
    assert good.returncode == 0
    assert f"{path.stat().st_size} bytes" in good.stdout
    assert "SHA-256" in good.stdout
    # What runs this test is loaded by an interpreter, as nearly everything is.
    python = str(Path(sys.executable).resolve())
    bad = subprocess.run([*script, python], check=False, capture_output=True, text=True)
    assert bad.returncode == 1
    assert "crt-static" in bad.stderr
