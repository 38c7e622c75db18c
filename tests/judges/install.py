#!/usr/bin/env python3
"""Makes .local/judges, the environment of pyHanko, from the lock file. Standard library only.

`--lock` resolves the lock file again. When nothing changed it ends at once.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOCAL = HERE.parents[1] / ".local"
FOLDER = LOCAL / "judges"
LOCK = HERE / "requirements.lock"
NEWEST = "2026-11-20"


def main() -> int:
    """Installs, or resolves with `--lock`; returns the exit code."""
    if "--lock" in sys.argv[1:]:
        subprocess.run(
            [
                LOCAL / "uv" / "bin" / "uv", "pip", "compile", "--quiet", "--upgrade",
                "--generate-hashes", "--no-emit-index-url", "--python-version", "3.11",
                "--exclude-newer", NEWEST,
                "--custom-compile-command", "python install.py --lock",
                HERE / "requirements.in", "--output-file", LOCK,
            ],
            check=True,
        )  # fmt: skip
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    stamp = FOLDER / "stamp"
    if stamp.is_file() and stamp.read_text() == wanted:
        return 0
    print(f"installing .local/judges from {LOCK.name}", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", FOLDER], check=True)
    pip = (FOLDER / "bin" / "python", "-m", "pip", "install", "--quiet")
    quiet = ("--disable-pip-version-check", "--no-deps", "--require-hashes")
    subprocess.run([*pip, *quiet, "--requirement", LOCK], check=True)
    stamp.write_text(wanted)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        print(f"{error.cmd[0]} failed with status {error.returncode}", file=sys.stderr)
        sys.exit(1)
