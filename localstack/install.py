#!/usr/bin/env python3
"""Makes the Python environments of the local world from their lock files. Standard library only.

`python install.py` installs what is missing and does nothing, in milliseconds, when nothing
changed. `python install.py --lock` resolves the lock files again.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOCAL = HERE.parent / ".local"
UV_VERSION = "0.9.5"
PYTHON = (3, 11)


@dataclass(frozen=True)
class Environment:
    """One virtual environment and what it is made from."""

    name: str
    requirements: str
    newest: str
    """Packages published after this day are not considered when resolving."""
    extension: bool
    """Whether the extension itself is installed into it."""

    @property
    def folder(self) -> Path:
        """Where it lives."""
        return LOCAL / self.name

    @property
    def lock(self) -> Path:
        """The resolved versions with their hashes."""
        return HERE / f"{self.requirements}.lock"

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    def packages_digest(self) -> str:
        """Changes whenever the locked packages have to be installed again."""
        return hashlib.sha256(self.lock.read_bytes() + UV_VERSION.encode()).hexdigest()

    def extension_digest(self) -> str:
        """Changes whenever the extension has to be registered again."""
        if not self.extension:
            return ""
        project = (HERE / "pyproject.toml").read_text(encoding="utf-8")
        # What follows are settings of tools; LocalStack finds plugins by what stands before.
        registered = project.partition("[tool.ruff]")[0]
        return hashlib.sha256(f"{HERE}\0{registered}".encode()).hexdigest()

    def has_packages(self) -> bool:
        """Whether it holds the packages as they are locked now."""
        return self.python.exists() and _read(self.folder / "stamp") == self.packages_digest()

    def is_current(self) -> bool:
        """Whether nothing has to be done."""
        extension = _read(self.folder / "stamp-extension")
        return self.has_packages() and extension == self.extension_digest()


ENVIRONMENTS = (
    # Dependencies published after this release break LocalStack 4.9.2.
    Environment("venv", "requirements", newest="2025-10-20", extension=True),
    Environment("pki", "requirements-pki", newest="2026-11-20", extension=False),
)


def main() -> int:
    """Installs, or resolves with `--lock`; returns the exit code."""
    is_to_lock = "--lock" in sys.argv[1:]
    if not is_to_lock and all(environment.is_current() for environment in ENVIRONMENTS):
        return 0
    if sys.version_info[:2] != PYTHON:
        return _run_with_the_right_python()
    if is_to_lock:
        for environment in ENVIRONMENTS:
            _resolve(environment)
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / "install.lock").open("w") as lock:
        # Two installations at once would spoil each other's folders.
        fcntl.flock(lock, fcntl.LOCK_EX)
        for environment in ENVIRONMENTS:
            if not environment.is_current():
                _install(environment)
    return 0


def _run_with_the_right_python() -> int:
    version = ".".join(map(str, PYTHON))
    python = shutil.which(f"python{version}")
    if python is None:
        print(
            f"LocalStack 4.9 needs Python {version}, this is {platform.python_version()}."
            f" Install it (Debian: apt-get install python{version} python{version}-venv).",
            file=sys.stderr,
        )
        return 1
    return subprocess.call([python, __file__, *sys.argv[1:]])


def _install(environment: Environment) -> None:
    uv = _uv()
    stamp = environment.folder / "stamp"
    extension_stamp = environment.folder / "stamp-extension"
    target = ("--quiet", "--python", environment.python)
    if not environment.has_packages():
        print(f"installing .local/{environment.name} from {environment.lock.name}", flush=True)
        stamp.unlink(missing_ok=True)
        extension_stamp.unlink(missing_ok=True)
        if not environment.python.exists():
            _call(uv, "venv", "--quiet", "--clear", "--python", sys.executable, environment.folder)
        _call(uv, "pip", "sync", *target, "--require-hashes", environment.lock)
        stamp.write_text(environment.packages_digest())
    if environment.extension:
        _call(uv, "pip", "install", *target, "--no-deps", "--editable", HERE)
        # LocalStack caches the list of plugins and compares times only to about two minutes.
        shutil.rmtree(LOCAL / "cache" / "plux", ignore_errors=True)
    extension_stamp.write_text(environment.extension_digest())


def _resolve(environment: Environment) -> None:
    source = HERE / f"{environment.requirements}.in"
    _call(
        _uv(), "pip", "compile", "--quiet", "--upgrade", "--generate-hashes", "--no-emit-index-url",
        "--python-version", ".".join(map(str, PYTHON)), "--exclude-newer", environment.newest,
        "--custom-compile-command", "python install.py --lock",
        source, "--output-file", environment.lock,
    )  # fmt: skip


def _uv() -> Path:
    """Installs uv into an environment of its own: it makes all the others, ten times as fast."""
    folder = LOCAL / "uv"
    uv = folder / "bin" / "uv"
    stamp = folder / "stamp"
    if uv.exists() and _read(stamp) == UV_VERSION:
        return uv
    _call(sys.executable, "-m", "venv", "--clear", folder)
    pip = (folder / "bin" / "python", "-m", "pip")
    _call(*pip, "install", "--quiet", "--disable-pip-version-check", f"uv=={UV_VERSION}")
    stamp.write_text(UV_VERSION)
    return uv


def _read(file: Path) -> str | None:
    return file.read_text() if file.is_file() else None


def _call(*command: str | Path) -> None:
    # An activated environment of the caller must not be mistaken for the target.
    environment = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    subprocess.run(list(map(str, command)), check=True, cwd=HERE, env=environment)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        print(f"{' '.join(error.cmd)} failed with status {error.returncode}", file=sys.stderr)
        sys.exit(1)
