#!/usr/bin/env python3
"""The sizes of what is uploaded to AWS: the release builds, zipped as `infra/deploy.py` does."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "infra"))

import packages  # noqa: E402 - it stands in another folder.

MIB = 1_048_576


def main() -> int:
    """Returns the exit code."""
    limit = packages.ARCHIVE_SIZE_BYTES_MAX / MIB
    target = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")
    print(f"zipped packages (limit {limit:.1f} MiB each)")
    with tempfile.TemporaryDirectory() as folder:
        for package in packages.collect(target / "release"):
            size = package.archive(Path(folder)).stat().st_size / MIB
            print(f"  {package.name:<20} {size:>6.1f} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
